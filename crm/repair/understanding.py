"""How many of the host's documents were understood, and why the others were not.

A mapping that understands nothing leaves nothing wrong behind: every document is in quarantine, as
it must be. So whoever rebuilds or verifies is told these numbers, and that they are bad.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crm.db.documents import Delete, Path, Snapshot, Store, Update, Version, Write

FEWEST: Final = 4
"""Of so many documents at least one is understood where the mapping is right. Shops that keep every
checkout somebody began have about 7 in 10 without a buyer (docs/decisions/035)."""

NOT_SEEN: Final = "not-seen"
"""Instead of a quarantine reason: nothing is known of the document as yet."""

FAILED: Final = "failed"
"""Instead of a quarantine reason: an error kept it from being looked at."""


@dataclass
class Understanding:
    """What was understood of one collection.

    Attributes:
        understood: How many documents.
        reasons: Quarantine reason, `NOT_SEEN` or `FAILED`, to how many documents it kept out.
    """

    understood: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def missed(self) -> int:
        """How many documents were not understood."""
        return self.reasons.total()

    @property
    def hardly_any(self) -> bool:
        """Whether there are documents and (nearly) none was understood: the mapping is wrong."""
        return self.understood * FEWEST < self.understood + self.missed

    def add(self, reason: str | None) -> None:
        """Count a document, by the reason why it was not understood; None where it was."""
        if reason is None:
            self.understood += 1
        else:
            self.reasons[reason] += 1

    def to_data(self) -> dict[str, object]:
        """Return it for programs."""
        reasons = dict(sorted(self.reasons.items()))
        return {"understood": self.understood, "notUnderstood": self.missed, "reasons": reasons}


def reason_of(row: Mapping[str, object]) -> str | None:
    """Return why the document of a row was not understood; of a damaged row that it failed."""
    reason = row.get("quarantined")
    return reason if reason is None or isinstance(reason, str) else FAILED


Understood = dict[str, Understanding]
"""A collection of the host to what was understood of it."""


def has_documents(found: Mapping[str, Understanding]) -> bool:
    """Return whether the host has any document at all."""
    return any(one.understood or one.missed for one in found.values())


class Watched:
    """A store that notes, of what passes through it, which documents are there and in quarantine.

    Args:
        store: Reads and commits.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reasons: dict[Path, str | None] = {}
        self.find, self.count, self.at, self.sum = store.find, store.count, store.at, store.sum

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        """Read as ever."""
        found = self._store.read(paths)
        for path, snapshot in found.items():
            self._note(path, snapshot.data)
        return found

    @property
    def moment(self) -> datetime | None:
        """As the store's own."""
        return self._store.moment

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        """Commit as ever."""
        versions = self._store.commit(writes)
        for write in writes:
            if isinstance(write, Delete):
                self._note(write.path, None)
            elif not isinstance(write, Update) or "quarantined" in write.data:
                self._note(write.path, write.data)
        return versions

    def is_there(self, path: Path) -> bool:
        """Return whether a document was there when it passed last."""
        return path in self._reasons

    def reason(self, path: Path) -> str | None:
        """Return why the document that a row is about was not understood; None where it was."""
        return self._reasons.get(path, NOT_SEEN)

    def _note(self, path: Path, data: Mapping[str, object] | None) -> None:
        if data is None:
            self._reasons.pop(path, None)
        else:
            self._reasons[path] = reason_of(data)
