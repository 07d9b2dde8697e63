"""Handing mails to a provider's API by way of django-anymail, without a Django project.

It is installed by who names such a DSN alone, and loaded at the first mail: Django is large.

An HTTP request has one moment of doubt: from its first byte to the answer. What was refused, was
refused; who did not answer, or answered that something broke, may have sent the mail. Providers
that know a request again by its key are asked once more.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from crm.core.errors import ConfigError
from crm.mail import answers
from crm.mail.answers import one_after_the_other
from crm.mail.dsn import ProviderDsn
from crm.mail.message import address_of, check, feedback_id
from crm.mail.port import Accepted, Answer, Halt, Later, Mail, Refused, Uncertain
from crm.mail.providers import PROVIDERS

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives

INSTALL: Final = (
    "CRM_MAIL names a provider that django-anymail sends through, and it is not installed: add"
    " the line `-r requirements-anymail.txt` to requirements.txt and deploy."
)

_ID: Final = re.compile(r"<?[A-Za-z0-9._+=-]{1,200}(@[A-Za-z0-9.-]{1,200}>?)?")

_SAID_OTHERWISE: Final[Mapping[str, Sequence[tuple[int, str, int]]]] = {
    "mandrill": (
        (500, "invalid_key|unknown_subaccount", 401),
        (500, "paymentrequired", 402),
        (500, "validationerror|unknown_template", 400),
    ),
    "postal": (
        (200, "invalidserverapikey|accessdenied", 401),
        (200, "serversuspended", 402),
        (200, "unauthenticatedfromaddress", 403),
        (200, "parameter-error|nocontent|norecipients|validationerror", 400),
    ),
}
"""Providers that do not go by HTTP's statuses: theirs, words in the text, and what is meant."""

_ASKED_BEFORE: Final = re.compile("duplicate_parameter|idempoten", re.IGNORECASE)
"""What Brevo (400) and Resend (409) say of a key that they know: not what became of it."""

_BREVO_KEYS: Final = uuid.UUID("6d0c1f4e-3b0e-4a8b-9d53-6b1f0c7e2a41")
"""Brevo wants keys that are UUIDs; this one is ours alone, and must stay as it is."""

_KEEPS_MESSAGE_ID: Final[Mapping[str, Mapping[str, str]]] = {
    "mailgun": {},
    "postmark": {"X-PM-KeepID": "true"},
}
"""Providers that leave our `Message-ID` as it is, and what they want for it. Others make their own,
and some refuse a mail that has one."""

_SURPRISES: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What anymail comes upon in an answer that is not of the form that it knows."""

_LONGEST_WAIT: Final = 3600.0


class AnymailMailer:
    """A `port.Mailer` that speaks a provider's API.

    Args:
        dsn: Which provider, and its keys.

    Raises:
        ConfigError: django-anymail is not installed.
    """

    def __init__(self, dsn: ProviderDsn) -> None:
        installed()
        self._dsn = dsn
        self._provider = PROVIDERS[dsn.name]
        self._backend: Any = None

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        """Hand mails over; see `port.Mailer.send`."""
        return one_after_the_other(mails, self._one)

    def close(self) -> None:
        """End the connection."""
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

    def _one(self, mail: Mail) -> Answer:
        if refused := check(mail):
            return refused
        if not mail.to.rpartition("@")[0].isascii():
            return Refused("no-smtputf8")
        answer = self._tried(mail)
        if isinstance(answer, Uncertain) and self._provider.idempotent:
            # It knows the request again, and answers as it would have.
            self.close()
            answer = self._tried(mail)
        return answer

    def _tried(self, mail: Mail) -> Answer:
        import requests
        from anymail.exceptions import (
            AnymailAPIError,
            AnymailConfigurationError,
            AnymailError,
            AnymailRecipientsRefused,
        )

        try:
            backend = self._opened()
            message = self._message(mail)
            backend.session.headers.update(self._http_headers(mail))
            backend.send_messages([message])
        except AnymailRecipientsRefused:
            said = _statuses(message)
            if not said:
                return Uncertain("bad-answer")  # nobody was named, which anymail takes for a no
            return Refused("rejected", unreachable=said == {"invalid"})
        except AnymailAPIError as error:
            return self._failed(error)
        except AnymailConfigurationError:
            return Halt("not-configured", answers.LOGIN)
        except AnymailError:
            # What it cannot say to this provider: nothing has left.
            return Refused("unsupported")
        except (requests.RequestException, *_SURPRISES):
            return self._lost("bad-answer")
        return self._taken(message)

    def _opened(self) -> Any:
        """Return anymail's backend with a connection that is kept."""
        if self._backend is None:
            self._backend = _backend_class(self._dsn.name)(
                **self._dsn.settings,
                timeout=self._dsn.timeout,
                # Not all know metadata; what they say of a mail is found by their own id then.
                ignore_unsupported_features=True,
            )
            self._backend.open()
        return self._backend

    def _message(self, mail: Mail) -> EmailMultiAlternatives:
        from anymail.message import AnymailMessage

        sender = address_of(mail.sender, "invalid-sender")
        headers = dict(mail.headers)
        if self._dsn.name in _KEEPS_MESSAGE_ID:
            headers |= _KEEPS_MESSAGE_ID[self._dsn.name]
            headers["Message-ID"] = f"<{mail.key}@{sender.domain}>"
        if mail.campaign is not None:
            headers["Feedback-ID"] = feedback_id(mail.campaign)
        if self._dsn.name == "brevo":
            headers["idempotencyKey"] = str(uuid.uuid5(_BREVO_KEYS, mail.key))
        message: EmailMultiAlternatives = AnymailMessage(
            subject=mail.subject,
            body=mail.text,
            from_email=mail.sender,
            to=[mail.to],
            reply_to=[mail.reply_to] if mail.reply_to is not None else [],
            headers=headers,
            metadata={"key": mail.key},
            # Nobody is watched: no pixel, no links that lead by way of somebody else.
            track_opens=False,
            track_clicks=False,
        )
        if mail.html is not None:
            message.attach_alternative(mail.html, "text/html")
        return message

    def _http_headers(self, mail: Mail) -> dict[str, str]:
        return {"Idempotency-Key": mail.key} if self._dsn.name == "resend" else {}

    def _taken(self, message: Any) -> Answer:
        found = message.anymail_status
        if _statuses(message) <= {"sent", "queued"}:
            return Accepted(_id(found.message_id))
        if "failed" in _statuses(message):
            return Later("failed")
        return Uncertain("bad-answer")

    def _failed(self, error: Any) -> Answer:
        """Return what an error of the API means."""
        import requests

        status = error.status_code
        if status is None:
            cause = error.__cause__
            if isinstance(cause, requests.ConnectTimeout) or _never_connected(cause):
                return Later("cannot-connect", whole=True)
            return self._lost("timeout" if isinstance(cause, requests.Timeout) else None)
        text = error.response.text
        for said, words, meant in _SAID_OTHERWISE.get(self._dsn.name, ()):
            if status == said and re.search(words, text, re.IGNORECASE):
                status = meant
                break
        if self._provider.idempotent and status in (400, 409) and _ASKED_BEFORE.search(text):
            return Uncertain("asked-before")
        if 200 <= status < 300:
            # Taken, in words that anymail does not know.
            return Uncertain("bad-answer")
        if 400 <= status < 500 or status == 503:
            return answers.of_http(status, text, _retry_after(error.response))
        return Uncertain(str(status))

    def _lost(self, code: str | None = None) -> Answer:
        self.close()
        return Uncertain(code or "connection-lost")


def installed() -> None:
    """Look whether django-anymail is there, and have Django do without a project.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        import anymail.backends  # noqa: F401
        from django.conf import settings
    except ImportError:
        raise ConfigError(INSTALL) from None
    if not settings.configured:
        settings.configure()


def _backend_class(name: str) -> Any:
    from django.utils.module_loading import import_string

    return import_string(f"anymail.backends.{name}.EmailBackend")


def _statuses(message: Any) -> set[str]:
    return set(message.anymail_status.status or ())


def _id(found: object) -> str | None:
    """Return a provider's id of a mail; Mailgun writes its own in angles, as a `Message-ID`."""
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def _never_connected(error: BaseException | None) -> bool:
    """Whether a request failed before a byte of it left: nobody is there, or somebody else."""
    import requests
    from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

    if not isinstance(error, requests.ConnectionError) or not error.args:
        return False
    failed = error.args[0]
    reason = failed.reason if isinstance(failed, MaxRetryError) else failed
    if isinstance(reason, SSLError) and reason.args:
        return type(reason.args[0]).__name__ == "SSLCertVerificationError"
    return isinstance(reason, NewConnectionError)


def _retry_after(response: Any) -> float | None:
    """Return what `Retry-After` says in seconds; None for nothing, or a date."""
    said = response.headers.get("Retry-After", "")
    return min(float(said), _LONGEST_WAIT) if re.fullmatch("[0-9]{1,9}", said) else None
