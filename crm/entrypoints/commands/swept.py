"""What the command `sweep` says of a sweep, to people and to programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from crm.db.collections import OUTBOX, RULES
from crm.entrypoints.sweeping import Acted, Failed, Told
from crm.repair.sweep_run import SweepReport
from crm.rules.drain import Drained
from crm.rules.tick import Ticked
from crm.signup.waiting import Report


@dataclass
class Swept:
    """What all steps of a sweep did.

    Attributes:
        look: What was missed.
        signed_up: What became of sign-ups.
        acted: What rules did.
        errors: Why a step was not done.
    """

    look: SweepReport = field(default_factory=SweepReport)
    signed_up: Report = field(default_factory=Report)
    acted: Acted = field(default_factory=lambda: Acted(Ticked(), Drained()))
    errors: list[Exception] = field(default_factory=list)

    @classmethod
    def of(cls, steps: Iterable[Told]) -> Self:
        """Return what steps did, once they are all done."""
        swept = cls()
        for told in steps:
            match told:
                case SweepReport():
                    swept.look = told
                case Report():
                    swept.signed_up = told
                case Acted():
                    swept.acted = told
                case Failed():
                    swept.errors.append(told.error)
        return swept

    @property
    def finished(self) -> bool:
        """Whether everything was looked at."""
        return not self.errors and self.look.finished and self.acted.drained.finished

    @property
    def failed(self) -> list[tuple[str, str, str]]:
        """What could not be done: collection, id, and why, without values."""
        rules = [(RULES, *one) for one in self.acted.ticked.failed]
        rows = [(OUTBOX, *one) for one in self.acted.drained.failed]
        return [*self.look.failed, *rules, *rows]

    def lines(self) -> Iterator[str]:
        """Yield what people are told."""
        look, ticked, drained = self.look, self.acted.ticked, self.acted.drained
        for name in self._collections:
            yield (
                f"{name}: off by {look.mismatched.get(name, 0):,},"
                f" {look.looked[name]:,} looked at, {look.mended[name]:,} brought up to date"
            )
        if look.restarted or look.deleted:
            yield f"jobs: {look.restarted:,} restarted, {look.deleted:,} old ones deleted"
        if self.signed_up != Report():
            yield (
                f"sign-ups: {self.signed_up.deleted:,} that were over deleted,"
                f" {self.signed_up.sent:,} mails sent late,"
                f" {self.signed_up.asked:,} asked about the opt-in of an order"
            )
        if ticked.events or ticked.entered:
            yield f"rules: begun for {ticked.events:,} events, {ticked.entered:,} became due"
        if drained.outcomes:
            counts = sorted(drained.outcomes.items())
            yield f"rules: {', '.join(f'{number:,} {what}' for what, number in counts)}"
        if drained.paused:
            yield f"rules that pause, and ask: {', '.join(drained.paused)}"

    def to_data(self) -> dict[str, object]:
        """Return what programs are told."""
        look, ticked, drained = self.look, self.acted.ticked, self.acted.drained
        return {
            "collections": {
                name: {
                    "offBy": look.mismatched.get(name, 0),
                    "seen": look.looked[name],
                    "changed": look.mended[name],
                }
                for name in self._collections
            },
            "jobs": {"restarted": look.restarted, "deleted": look.deleted},
            "signUps": {
                "deleted": self.signed_up.deleted,
                "sent": self.signed_up.sent,
                "asked": self.signed_up.asked,
            },
            "rules": {
                "events": ticked.events,
                "due": ticked.entered,
                "outcomes": dict(sorted(drained.outcomes.items())),
                "paused": drained.paused,
            },
            "failed": [
                {"collection": collection, "id": name, "error": why}
                for collection, name, why in self.failed
            ],
            "finished": self.finished,
        }

    @property
    def _collections(self) -> list[str]:
        return sorted({*self.look.looked, *self.look.mended})
