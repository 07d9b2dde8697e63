"""What one process of the functions or of the operator's command works with, made at first use."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from crm.config import settings as config
from crm.core.errors import ConfigError
from crm.core.keyring import PUBLISHED, Keyring, weakness_of
from crm.sync.seen_events import SeenEvents
from crm.sync.striped_locks import StripedLocks

if TYPE_CHECKING:  # loaded at first use: discovery and the cold start of any function import this
    from crm.config.settings import Settings
    from crm.db.accounts import StaffAccounts
    from crm.db.documents import Store
    from crm.db.paging import PageTokens
    from crm.db.runner import Runner
    from crm.mail.port import Mailer
    from crm.sync.sync import Sync


EMULATOR_KEY = PUBLISHED[0].encode()

_MAKE_ONE: Final = (
    "make one (`openssl rand -hex 32`) and store it with `firebase functions:secrets:set CRM_KEY`"
)

FIRST_ANSWER = 10.0
"""Seconds that a process waits for its database to answer at all."""


def _no_mailer() -> Mailer:
    from crm.config.mail import not_set_up

    raise not_set_up()


def _staff() -> StaffAccounts:
    from crm.firebase import staff

    return staff


@dataclass(frozen=True)
class Services:
    """Everything with a connection or a secret in it.

    Attributes:
        runner: Runs transactions.
        enqueue: Has a worker look at a job, or at a slice of one (see `jobs.Enqueue`).
        later: The same, after a time (see `jobs.Later`).
        hold: Has handlers of one customer go one after the other (see `StripedLocks`).
        seen: What this process last saw of the host's events.
        mailer: Gives what hands mails over; refuses where none are sent from here.
        staff: Gives Firebase Auth, as far as roles are concerned.
    """

    runner: Runner
    enqueue: Callable[[str], None]
    later: Callable[[str, float], bool] = lambda _task, _seconds: False
    hold: Callable[[str], AbstractContextManager[object]] = field(
        default_factory=lambda: StripedLocks().hold
    )
    seen: SeenEvents = field(default_factory=SeenEvents)
    mailer: Callable[[], Mailer] = _no_mailer
    staff: Callable[[], StaffAccounts] = _staff

    @property
    def settings(self) -> Settings:
        """What `crm.toml` says."""
        return self.runner.settings

    @property
    def keys(self) -> Keyring:
        """The installation's keyring."""
        return self.runner.keys

    @property
    def store(self) -> Store:
        """The database."""
        return self.runner.store

    @property
    def page_tokens(self) -> PageTokens:
        """Signs and reads page tokens."""
        from crm.db.paging import PageTokens

        return PageTokens(self.keys.derive("page-token"))

    def acting_for(self, uid: str) -> Services:
        """Return services whose changes are made in a caller's name."""
        return replace(self, runner=replace(self.runner, actor=self.keys.user(uid)))

    def function_url(self, name: str) -> str:
        """Return the address of a function of this installation, as it is deployed or emulated.

        Raises:
            ConfigError: Nothing says which project this is.
        """
        return function_url(self.settings.region, name)

    @property
    def sync(self) -> Sync:
        """The two calls that bring CRM-Lite up to the host's documents."""
        from crm.sync.catalogue import Catalogue
        from crm.sync.sync import Sync

        return Sync(self.runner, catalogue=Catalogue(self.seen), hold=self.hold)


def function_url(region: str, name: str) -> str:
    """Return the address of a function of this installation (see `Services.function_url`)."""
    from crm.firebase import app as firebase_app

    project = firebase_app.project()
    origin = os.environ.get("FUNCTIONS_EMULATOR_ORIGIN")
    if origin:
        return f"{origin}/{project}/{region}/{name}"
    return f"https://{region}-{project}.cloudfunctions.net/{name}"


def keyring() -> Keyring:
    """Return the installation's keyring.

    Raises:
        ConfigError: There is no secret, or it protects nobody (see `weakness_of`).
    """
    if os.environ.get("FIRESTORE_EMULATOR_HOST"):
        return Keyring(EMULATOR_KEY)
    secret = os.environ.get("CRM_KEY", "").strip()
    if not secret:
        raise ConfigError(
            "CRM_KEY is missing. Where CRM-Lite is installed already, set it to the functions' own"
            f" (`firebase functions:secrets:access CRM_KEY`); for a new installation {_MAKE_ONE}."
        )
    if weakness := weakness_of(secret):
        raise ConfigError(
            f"CRM_KEY {weakness}. For a new installation {_MAKE_ONE}. Where this secret has made a"
            " database already, rotate it: docs/operating.md, A new key."
        )
    return Keyring(secret.encode())


def secret_before() -> bytes:
    """Return the secret that is to be replaced; a weak one is no reason to keep it.

    Raises:
        ConfigError: There is none.
    """
    secret = os.environ.get("CRM_KEY_BEFORE", "").strip()
    if len(secret) < 16:
        raise ConfigError(
            "CRM_KEY_BEFORE is missing: set it to the secret that the functions had until now, and"
            " CRM_KEY to the new one."
        )
    return secret.encode()


def told_together(*checks: Callable[[], object]) -> None:
    """Look at several settings, so that whatever is missing or wrong is told at once.

    Raises:
        ConfigError: A line for each.
    """
    wrong: list[str] = []
    for check in checks:
        try:
            check()
        except ConfigError as error:
            wrong.append(str(error))
    if wrong:
        raise ConfigError("\n".join(wrong))


@functools.cache
def services() -> Services:
    """Return the process's services, at its first use of them.

    Raises:
        ConfigError: `crm.toml`, the project, the secret or the credentials are missing or wrong.
        Transient: The database did not answer.
    """
    from crm.db.memory import Memory
    from crm.db.retry import RetryPolicy
    from crm.db.runner import Runner
    from crm.firebase import app as firebase_app
    from crm.firebase import auth as accounts
    from crm.firebase import store
    from crm.firebase import tasks as queue
    from crm.runtime.key_fingerprint import full_keyring
    from crm.runtime.lease import LeasedStore

    told_together(config.settings, firebase_app.project, keyring, firebase_app.check_environment)
    settings, secret = config.settings(), keyring().secret
    database = store.FirestoreStore(store.client(firebase_app.project()))
    keys = RetryPolicy(seconds=FIRST_ANSWER).call(lambda: full_keyring(database, secret))
    leased = LeasedStore(database, keys, services.cache_clear)
    runner = Runner(leased, settings, keys, accounts, memory=Memory())

    def enqueue(task: str) -> None:
        from crm.jobs.slices import payload_of

        queue.enqueue(settings.region, payload_of(task))

    def later(task: str, seconds: float) -> bool:
        from crm.jobs.slices import payload_of

        if not queue.waits():
            return False
        queue.enqueue(settings.region, payload_of(task), min(seconds, queue.LONGEST))
        return True

    def mailer() -> Mailer:
        from crm.runtime import mailing

        return mailing.mailer(runner, first=True)

    return Services(runner, enqueue, later, mailer=mailer)
