"""What there is of an installation outside of its documents: functions, rules, indexes, schedule.

Plain facts, as `crm/firebase` brings them and `crm/setup` judges them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crm.core.codebase import CODEBASE

VERSION_LABEL: Final = "crm-version"
"""The label of every function that says which version of CRM-Lite it is of."""


def as_label(version: str) -> str:
    """Return a version as the value of a label, which has no dots (Google Cloud's rule)."""
    return "".join(sign if sign.isalnum() else "-" for sign in version.lower())


@dataclass(frozen=True, slots=True)
class Function:
    """One function, deployed or emulated.

    Attributes:
        name: Its name.
        region: Where it runs.
        state: `ACTIVE`, `DEPLOYING`, `FAILED` …; of an emulated one always `ACTIVE`.
        runtime: Such as `python311`; "" where that is not told.
        codebase: The codebase that it was deployed from.
        version: The value of its `VERSION_LABEL`; "" where it has none.
        secrets: The names of secrets that are bound to it.
    """

    name: str
    region: str
    state: str = "ACTIVE"
    runtime: str = ""
    codebase: str = CODEBASE
    version: str = ""
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DatabasePlace:
    """Where the database is, and of which kind.

    Attributes:
        location: A region or a multi-region; "" of an emulator's.
        mode: `FIRESTORE_NATIVE` or another.
    """

    location: str = ""
    mode: str = "FIRESTORE_NATIVE"


@dataclass(frozen=True, slots=True)
class IndexLists:
    """Indexes as the Firestore Admin API lists them.

    Attributes:
        composite: Resources `Index`, with their `state`.
        fields: Resources `Field` whose settings are their own.
    """

    composite: Sequence[Mapping[str, Any]]
    fields: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The scheduler's job that calls `sweep`.

    Attributes:
        state: `ENABLED`, `PAUSED` …
        last: When it called last; None where it never did.
        code: What came of it, a code of gRPC; 0 where it went well.
    """

    state: str
    last: datetime | None = None
    code: int = 0


@dataclass(frozen=True, slots=True)
class Probes:
    """What Firestore's rules let clients do: HTTP's status of reading `customers`.

    Attributes:
        stranger: Who is not signed in.
        nobody: Who is signed in and has no role.
        staff: A viewer.
    """

    stranger: int
    nobody: int
    staff: int
