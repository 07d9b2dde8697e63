"""All facts that `doctor` judges: asked side by side, and each source for a while only."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import crm
from crm.config import settings as config
from crm.config.settings import Settings
from crm.core.codebase import CODEBASE
from crm.core.errors import ConfigError, Paused, Refusal
from crm.core.keyring import Keyring, weakness_of
from crm.db.accounts import StaffAccounts
from crm.db.documents import Store
from crm.db.installed import DatabasePlace, Function
from crm.db.retry import RetryPolicy
from crm.entrypoints.doctor import folder as folders
from crm.entrypoints.doctor import own_files, sending
from crm.entrypoints.doctor.asking import Asked
from crm.entrypoints.names import FUNCTIONS
from crm.entrypoints.samples import Sample, sample
from crm.firebase import app as firebase_app
from crm.firebase import emulated as emulators
from crm.firebase import management as google
from crm.firebase import staff as staff_accounts
from crm.firebase import store as firestore
from crm.mapping.propose import try_orders
from crm.runtime import mailing
from crm.runtime.key_fingerprint import check_key
from crm.runtime.services import EMULATOR_KEY, function_url
from crm.setup import looking
from crm.setup.check import Silent
from crm.setup.facts import Facts, Folder, Here, Mark, Secret, Understood

T = TypeVar("T")

FIRST: Final = 6.0
"""Seconds for the first answer of the database, without which nothing else is asked of it."""

MOST: Final = 40.0
"""Seconds for whatever is asked after that."""

NEWEST: Final = 200
"""Orders that are held against the mapping."""

PAGES: Final = 20
"""Of 1,000 accounts, that are looked through for roles."""


def _database() -> Store:
    return firestore.FirestoreStore(firestore.client(firebase_app.project()))


def _management(project: str) -> google.Management:
    return google.Management(project, google.session())


@dataclass(frozen=True)
class Sources:
    """Where facts come from, but for what lies on this machine.

    Attributes:
        database: Gives Firestore.
        accounts: Firebase Auth.
        management: Gives Google's management APIs for a project.
        now: The clock (UTC).
    """

    database: Callable[[], Store] = _database
    accounts: StaffAccounts = staff_accounts
    management: Callable[[str], google.Management] = _management
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def gather(
    folder_name: str,
    *,
    send_order: bool = False,
    findings: Sequence[tuple[str, str, str]] = (),
    sources: Sources = Sources(),
) -> Facts:
    """Return everything that can be found out.

    Args:
        folder_name: The folder of the functions.
        send_order: Whether to write an order and take it away; on emulators only.
        findings: What a test mail's headers say.
        sources: Where facts come from.
    """
    cli = Asked("The Firebase CLI", folders.firebase_version)
    folder = folders.found(folder_name)
    facts = _on_the_machine(folder_name, folder, sources.now(), findings)
    if facts.settings is not None and not facts.wrong:
        facts = _installed(facts, facts.settings, sources, send_order)
    elif not facts.wrong:
        facts = _reached(facts, sources)[0]
    here = replace(facts.here, firebase=cli.within(MOST))
    return replace(facts, here=here)


def _on_the_machine(
    folder_name: str,
    folder: Folder | None,
    now: datetime,
    findings: Sequence[tuple[str, str, str]],
) -> Facts:
    """Return what is known without asking anybody."""
    emulated = bool(os.environ.get("FIRESTORE_EMULATOR_HOST"))
    settings, settings_wrong = _settings(folders.settings_file(folder, folder_name))
    wrong = _wrong(emulated)
    secret = os.environ.get("CRM_KEY", "").strip()
    return Facts(
        Here(crm.__version__, platform.python_version()),
        now,
        folder_name=folder_name,
        folder=folder,
        emulated=emulated,
        where=None if wrong else _where(),
        wrong=wrong,
        settings=settings,
        settings_wrong=settings_wrong,
        secret=Secret(bool(secret), weakness_of(secret) if secret else None),
        own_rules=own_files.rules(),
        wanted=own_files.indexes(settings),
        expected=FUNCTIONS,
        mail=_why_no_mail(settings) if settings else None,
        unsubscribe="" if settings is None or wrong else _unsubscribe(settings),
        findings=findings,
    )


def _settings(file: Path | None) -> tuple[Settings | None, tuple[str, ...]]:
    try:
        return config.on_emulators(config.load(file)), ()
    except ConfigError as error:
        return None, tuple(str(error).splitlines())


def _wrong(emulated: bool) -> tuple[str, ...]:
    """Return all that is missing or wrong in the environment."""
    wrong = []
    for check in (firebase_app.project, firebase_app.check_environment):
        try:
            check()
        except ConfigError as error:
            wrong.append(str(error))
    if emulated and not os.environ.get("FIREBASE_AUTH_EMULATOR_HOST"):
        wrong.append(
            "FIRESTORE_EMULATOR_HOST is set and FIREBASE_AUTH_EMULATOR_HOST is not: set both, or"
            " roles would be asked of production."
        )
    return tuple(wrong)


def _where() -> str:
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    place = f"on the emulators at {host}" if host else "in production"
    return f"Project {firebase_app.project()}, {place}"


def _why_no_mail(settings: Settings) -> str | None:
    try:
        mailing.check(settings)
    except Refusal as refused:
        return refused.message
    return None


def _unsubscribe(settings: Settings) -> str:
    return function_url(settings.region, "unsubscribe")


def _reached(facts: Facts, sources: Sources) -> tuple[Facts, Store | None]:
    """Ask the database whether it is there, and what it says of the secret."""
    place: Asked[DatabasePlace] | None = None
    if not facts.emulated:
        management = Asked("Google's APIs", lambda: sources.management(firebase_app.project()))
        found = management.within(FIRST)
        if isinstance(found, Silent):  # no credentials: nobody else need be asked
            return replace(facts, wrong=(found.why,), where=None), None
        place = Asked("Firestore", found.database)
    opened = Asked("Firestore", sources.database)
    store = opened.within(MOST)  # loads libraries, which says nothing of the database's haste
    if isinstance(store, Silent):
        return replace(facts, database=store), None
    mark = Asked(f"Firestore at {_host()}", lambda: _mark(store)).within(FIRST)
    if isinstance(mark, Silent):
        return replace(facts, database=mark), None
    secret = replace(facts.secret, mark=mark)
    told = DatabasePlace() if place is None else place.within(FIRST)
    if isinstance(told, Silent):  # the database itself has answered
        told = DatabasePlace()
    return replace(facts, database=told, secret=secret), store


def _host() -> str:
    return os.environ.get("FIRESTORE_EMULATOR_HOST") or "firestore.googleapis.com"


def _mark(store: Store) -> Mark | None:
    """Return what the database says of the secret; None where none is to be held against it."""
    retry = RetryPolicy(seconds=FIRST / 2)
    secret = EMULATOR_KEY
    if not os.environ.get("FIRESTORE_EMULATOR_HOST"):
        secret = os.environ.get("CRM_KEY", "").strip().encode()
    usable = len(secret) >= 16  # fewer make no keyring
    keys = Keyring(secret if usable else EMULATOR_KEY)
    try:
        made = retry.call(lambda: check_key(store, keys))
    except Paused:
        return "rotating"
    except ConfigError as error:
        if "CRM_KEY" not in str(error):
            raise
        return "other" if usable else None
    return ("same" if made else "none") if usable else None


def _installed(facts: Facts, settings: Settings, sources: Sources, send_order: bool) -> Facts:
    """Ask everybody, side by side; the database more, once it has answered at all."""
    asked: dict[str, Asked[Any]] = {
        "staff": Asked(
            "Firebase Auth",
            lambda: looking.staffed(sources.accounts, RetryPolicy(seconds=FIRST / 2), PAGES),
        ),
        "functions": Asked("The list of functions", lambda: _functions(facts, sources)),
    }
    if facts.emulated:
        asked["probes"] = Asked("The Firestore emulator", emulators.probes)
    else:
        asked |= _in_production(settings, sources)
    facts, store = _reached(facts, sources)
    if facts.wrong:
        return facts
    if store is not None:
        asked |= _of_the_database(store, settings, sources)
    # Where the database is silent, so may be the others: nobody is waited for any longer.
    most = FIRST if store is None else MOST
    found: dict[str, Any] = {name: one.within(most) for name, one in asked.items()}
    facts = replace(facts, **found)
    facts = replace(facts, mail=_mail_of(facts, settings))
    if send_order and store is not None:
        sent = Asked("Firestore", lambda: sending.send(store, settings))
        facts = replace(facts, sent=sent.within(MOST + 2 * sending.SECONDS))
    return facts


def _in_production(settings: Settings, sources: Sources) -> dict[str, Asked[Any]]:
    def google_apis() -> google.Management:
        return sources.management(firebase_app.project())

    def schedule() -> object:
        return google_apis().schedule("sweep", settings.region) or "absent"

    return {
        "released": Asked("The list of rules", lambda: google_apis().rules()),
        "indexes": Asked("The list of indexes", lambda: google_apis().indexes()),
        "schedule": Asked("Cloud Scheduler", schedule),
    }


def _of_the_database(store: Store, settings: Settings, sources: Sources) -> dict[str, Asked[Any]]:
    source = looking.Source(
        store, settings.orders.path, RetryPolicy(seconds=2 * FIRST), sources.now
    )
    newest = Asked(
        "Firestore",
        lambda: sample(store, settings.orders.path, NEWEST, settings, share=1),
    )

    def arrived() -> looking.Arrivals:
        seen = newest.within(MOST)
        return looking.arrivals(source, () if isinstance(seen, Silent) else seen.newest)

    def understood() -> Understood | Silent:
        seen = newest.within(MOST)
        return seen if isinstance(seen, Silent) else _understood(seen, settings)

    return {
        "arrivals": Asked("Firestore", arrived),
        "understood": Asked("Firestore", understood),
        "quarantined": Asked("Firestore", lambda: looking.quarantined(source, why=True)),
        "work": Asked("Firestore", lambda: looking.work(source)),
    }


def _understood(seen: Sample, settings: Settings) -> Understood:
    trial = try_orders(seen.documents, settings)
    return Understood(seen.path, trial.total, trial.understood, Counter(trial.reasons))


def _functions(facts: Facts, sources: Sources) -> list[Function]:
    """Return the functions of ours, and those with a name of ours."""
    if facts.emulated:
        port = facts.folder.functions_port if facts.folder else Folder.functions_port
        found = emulators.functions(port)
    else:
        found = sources.management(firebase_app.project()).functions()
    return [one for one in found if one.codebase == CODEBASE or one.name in facts.expected]


def _mail_of(facts: Facts, settings: Settings) -> str | None:
    """Return why no mail can be sent; the functions may have the secret that is not here."""
    functions = () if isinstance(facts.functions, Silent) else facts.functions or ()
    bound = any(mailing.VARIABLE in one.secrets for one in functions)
    return None if settings.mail.on and bound else facts.mail
