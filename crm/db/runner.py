"""Carrying plans out: read what they demand, commit what they answer, begin again if need be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from crm.config.settings import Settings
from crm.core.errors import Transient
from crm.core.keyring import Keyring, random_id
from crm.db.accounts import Accounts, AuthSays
from crm.db.documents import Path, Store, Write
from crm.db.retry import Patience
from crm.db.transaction import SYSTEM, Context, Need, Reading


class Plan(Protocol):
    """What every plan answers: at least the writes of one atomic commit."""

    @property
    def writes(self) -> list[Write]:
        """The writes; none where nothing is to change."""


P = TypeVar("P", bound=Plan)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runner:
    """Carries plans out against a database.

    Attributes:
        store: The database.
        settings: `crm.toml`.
        keys: The installation's keyring.
        proof: Says whether Firebase Auth knows an address as a uid's own, or has no such account;
            `Transient` where it does not answer.
        patience: How long to try.
        now: The clock (UTC).
        new_id: Makes a random id.
        actor: In whose name (see `planning.Context`).
        accounts: Firebase Auth; None where nobody is exported or erased.
    """

    store: Store
    settings: Settings
    keys: Keyring
    proof: Callable[[str, str], AuthSays]
    patience: Patience = field(default_factory=Patience)
    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = random_id
    actor: str = SYSTEM
    accounts: Accounts | None = None

    def carry_out(
        self, plan: Callable[[Reading, Context], P], ahead: Sequence[Path] = ()
    ) -> tuple[P, Reading]:
        """Run a plan and commit its writes, from the reading again on every collision.

        Args:
            plan: The plan.
            ahead: Documents that it will probably demand later: they are read with the first ones.

        Returns:
            The plan that was committed, and what it had read.

        Errors:
            Conflict, Transient: Not done before the deadline; safe to call again.
        """
        return self.patience.insist(lambda: self._once(plan, ahead))

    def work_out(self, plan: Callable[[Reading, Context], P], reading: Reading) -> P:
        """Run a plan without committing its writes.

        Args:
            plan: The plan.
            reading: What was read already; what the plan demands is added.
        """
        context = Context(self.settings, self.keys, self.now(), self.new_id, self.actor)
        while True:
            try:
                return plan(reading, context)
            except Need as need:
                self._fetch(reading, need)

    def _once(
        self, plan: Callable[[Reading, Context], P], ahead: Sequence[Path]
    ) -> tuple[P, Reading]:
        reading = Reading(ahead=tuple(ahead))
        answer = self.work_out(plan, reading)
        self.store.commit(answer.writes)
        return answer, reading

    def _fetch(self, reading: Reading, need: Need) -> None:
        if need.paths:
            reading.snapshots.update(self.store.read(need.paths))
        for query in need.queries:
            reading.found[query] = self.store.find(query)
        if need.absent:
            found = self.store.frozen().read(need.absent).values()
            reading.absences[need.absent] = not any(snapshot.exists for snapshot in found)
        if need.proof:
            try:
                reading.proofs[need.proof] = self.proof(*need.proof)
            except Transient:
                reading.proofs[need.proof] = AuthSays.NOTHING
