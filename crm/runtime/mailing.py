"""What this process sends mails with: `CRM_MAIL` from the environment, the rest from `[mail]`."""

from __future__ import annotations

import functools
import os
import time
from typing import TYPE_CHECKING, Final

from crm.core.errors import ConfigError, Refusal

if TYPE_CHECKING:  # loaded at first use: most processes send nothing
    from crm.config.settings import Settings
    from crm.db.runner import Runner
    from crm.mail.dsn import Dsn
    from crm.mail.port import Mailer

VARIABLE: Final = "CRM_MAIL"

NO_SENDER: Final = (
    "No mail can be sent: crm.toml does not say whom mails are from. Write from = "
    '"Example Events <news@example.com>" under [mail], an address that your mail server may send'
    " for, and deploy. docs/mail.md"
)

NO_SERVER: Final = (
    "No mail can be sent: the secret CRM_MAIL is missing, which says by which server. Store it with"
    " `firebase functions:secrets:set CRM_MAIL`, such as smtp://USER:PASSWORD@smtp.example.com:587,"
    " and deploy. docs/mail.md"
)


def secret() -> str:
    """Return `CRM_MAIL` as it is now; "" where it is not set."""
    return os.environ.get(VARIABLE, "").strip()


def check(settings: Settings) -> None:
    """Look whether mails can be sent, as far as settings tell.

    Raises:
        Refusal: `failed-precondition`, `mail-not-set-up`: what to set.
    """
    _dsn(settings)


def is_set_up(settings: Settings) -> bool:
    """Return whether mails can be sent, as far as settings tell."""
    try:
        check(settings)
    except Refusal:
        return False
    return True


def mailer(runner: Runner, *, first: bool = False) -> Mailer:
    """Return what sends mails, with a connection of its own; close it after use.

    It keeps to the limits of `[mail]` where there are any. One is used by one thread at a time.

    Args:
        runner: Keeps the budget.
        first: Whether these mails go before campaigns: confirmations, tests to staff.

    Raises:
        Refusal: As `check`.
    """
    dsn = _dsn(runner.settings)
    sends = _adapter(dsn)

    from crm.mail.budget import limits_of

    limits = limits_of(runner.settings.mail)
    if not limits.any:
        return sends

    from crm.mail.budgeted import Budget, Budgeted

    return Budgeted(sends, Budget(runner, limits, first=first), time.sleep)


def _dsn(settings: Settings) -> Dsn:
    if not settings.mail.on:
        raise _refusal(NO_SENDER)
    text = secret()
    if not text:
        raise _refusal(NO_SERVER)
    try:
        return _parsed(text)
    except ConfigError as error:
        raise _refusal(str(error)) from None


@functools.lru_cache(maxsize=1)
def _parsed(text: str) -> Dsn:
    """Return what the secret says, looked at once.

    Raises:
        ConfigError: It is wrong, or names what is not installed.
    """
    from crm.mail.dsn import ProviderDsn, parsed

    dsn = parsed(text)
    if isinstance(dsn, ProviderDsn):
        from crm.mail.anymail import installed

        installed()
    return dsn


def _adapter(dsn: Dsn) -> Mailer:
    from crm.mail.dsn import ProviderDsn

    if isinstance(dsn, ProviderDsn):
        from crm.mail.anymail import AnymailMailer

        return AnymailMailer(dsn)

    from crm.mail.smtp import SmtpMailer

    return SmtpMailer(dsn)


def _refusal(message: str) -> Refusal:
    return Refusal("failed-precondition", "mail-not-set-up", message)
