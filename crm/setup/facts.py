"""Everything that `doctor` looks at, before it is judged.

A fact is what was found, `Silent` where its source gave no answer, and None where it was not asked
for: what it needs is missing already, or there is none here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from crm.config.settings import Settings
from crm.core.codebase import PORTS
from crm.db.installed import DatabasePlace, Function, IndexLists, Probes, Schedule
from crm.setup.check import Silent
from crm.setup.looking import Arrivals, Quarantined, Staffed, Work

Mark = Literal["same", "none", "other", "rotating"]
"""What a database says of the secret: it was made with it, it has no mark yet, it was made with
another one, or another one is being brought in."""


@dataclass(frozen=True)
class Here:
    """The machine on which the command runs.

    Attributes:
        version: Of the package.
        python: Of the interpreter, such as `3.11.9`.
        firebase: Of the Firebase CLI; None where there is none.
    """

    version: str
    python: str
    firebase: str | Silent | None = None


@dataclass(frozen=True)
class Folder:
    """The folder of the functions in the host's app.

    Attributes:
        name: As it was given.
        locked: The version of CRM-Lite in its requirements.txt; None where that names none.
        missing: Files that it needs and has not.
        venv: The Python of its virtual environment, such as `3.11`; None where there is none.
        runtime: The runtime that firebase.json names for it, such as `python311`; "" where it names
            none.
        listed: Whether firebase.json has the folder among its functions; None where no such file
            was found.
        rules: The text of the rules that firebase.json names; None where there is none.
        rules_name: The name of their file.
        functions_port: Where firebase.json has the Functions emulator listen.
    """

    name: str
    locked: str | None = None
    missing: tuple[str, ...] = ()
    venv: str | None = None
    runtime: str = ""
    listed: bool | None = None
    rules: str | None = None
    rules_name: str = "firestore.rules"
    functions_port: int = PORTS["functions"]


@dataclass(frozen=True)
class Secret:
    """The secret CRM_KEY, without itself.

    Attributes:
        given: Whether the environment has one.
        weakness: Why it protects nobody; goes on after "CRM_KEY".
        mark: What the database says of it; None where it was not asked.
    """

    given: bool
    weakness: str | None = None
    mark: Mark | Silent | None = None


@dataclass(frozen=True)
class Understood:
    """What the mapping makes of a sample.

    Attributes:
        path: The collection.
        total: Orders that were looked at.
        understood: How many of them are.
        reasons: Why the others are not.
    """

    path: str
    total: int = 0
    understood: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Sent:
    """An order that was written to see whether it arrives.

    Attributes:
        seconds: After how many it was known; None where it was not, for as long as was waited.
        waited: For how many seconds that was.
    """

    seconds: float | None
    waited: float


@dataclass(frozen=True)
class Facts:
    """All of it.

    Attributes:
        here: The machine.
        folder: The folder; None where there is none of that name.
        folder_name: How it was looked for.
        emulated: Whether emulators are meant.
        where: Project and host, for people; None where no project is named.
        wrong: What is missing or wrong of project, emulators and credentials.
        settings: `crm.toml`.
        settings_wrong: What is wrong in it.
        secret: The secret.
        database: Whether it answers, and where it is.
        staff: Who has a role.
        released: The rules that are in force, as text; "" where there are none.
        own_rules: CRM-Lite's part, as this version has it.
        probes: What rules let clients do, on emulators.
        indexes: Those that there are, in production.
        wanted: `firestore.indexes.json` of this version, and what the mapping needs besides.
        functions: Those of CRM-Lite, or with a name of theirs.
        expected: The names of all functions.
        arrivals: How far orders are known.
        sent: An order that was sent.
        quarantined: What could not be read.
        understood: What is understood of the newest orders.
        mail: Why no mail can be sent; None where it can.
        unsubscribe: Where the links out of the list lead.
        findings: What a test mail's headers say: check, verdict and message of each.
        schedule: The scheduler's job, in production; `absent` where there is none.
        work: Long work that does not get on.
        now: The time (UTC).
    """

    here: Here
    now: datetime
    folder_name: str = "crm-lite"
    folder: Folder | None = None
    emulated: bool = False
    where: str | None = None
    wrong: tuple[str, ...] = ()
    settings: Settings | None = None
    settings_wrong: tuple[str, ...] = ()
    secret: Secret = Secret(given=False)
    database: DatabasePlace | Silent | None = None
    staff: Staffed | Silent | None = None
    released: str | Silent | None = None
    own_rules: str = ""
    probes: Probes | Silent | None = None
    indexes: IndexLists | Silent | None = None
    wanted: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    functions: Sequence[Function] | Silent | None = None
    expected: frozenset[str] = frozenset()
    arrivals: Arrivals | Silent | None = None
    sent: Sent | Silent | None = None
    quarantined: Quarantined | Silent | None = None
    understood: Understood | Silent | None = None
    mail: str | None = None
    unsubscribe: str = ""
    findings: Sequence[tuple[str, str, str]] = ()
    schedule: Schedule | Silent | Literal["absent"] | None = None
    work: Work | Silent | None = None
