"""Checking the audit trail: each chain from its first entry to its head, and an earlier tip.

Whoever can write the database but has not the key can neither write nor change an entry without
being found: the seals are wrong then, numbers are missing, or the head says another end. What the
database alone cannot show is that entries and their heads were taken back together, to an earlier
state that was true once. A tip, kept outside the database, shows that too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from crm.audit.trail import CHAINS, START, seal
from crm.core.errors import Refusal
from crm.core.keyring import Keyring
from crm.db.collections import AUDIT, AUDIT_HEADS
from crm.db.documents import Data, Query, Store
from crm.db.retry import RetryPolicy
from crm.db.scan import PAGE, scan

MOST_FAULTS: Final = 1_000
"""That are listed; the others are counted."""

Reason = Literal[
    "edited", "missing", "stray", "cut-off", "beyond-head", "head-edited", "rolled-back"
]

_ID: Final = re.compile(r"(\d{2})-(\d{12})")

_SEAL: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Something that is not as it was written.

    Attributes:
        place: The chain, or the id of a document.
        reason: What kind of fault it is.
        message: A sentence for people.
    """

    place: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class End:
    """The end of a chain: how many entries it has, and the last one's seal."""

    count: int
    seal: str


@dataclass(frozen=True)
class Tip:
    """The ends of all chains at one moment, by chain (`00` to `15`); empty chains are left out."""

    ends: Mapping[str, End] = field(default_factory=dict)

    @property
    def entries(self) -> int:
        """How many entries there are."""
        return sum(end.count for end in self.ends.values())

    @property
    def digest(self) -> str:
        """SHA-256 over all ends, in hexadecimal: one line that stands for the whole trail."""
        text = json.dumps(self._plain(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_data(self) -> dict[str, object]:
        """Return the tip as JSON, to be kept."""
        return {"chains": self._plain(), "digest": self.digest}

    def _plain(self) -> dict[str, object]:
        return {
            chain: {"count": end.count, "seal": end.seal}
            for chain, end in sorted(self.ends.items())
        }

    @classmethod
    def from_data(cls, data: Any) -> Tip:
        """Read a tip that was kept.

        Raises:
            Refusal: `invalid-argument` (`tip`): it is none, or not as it was written.
        """
        try:
            ends = {str(key): End(one["count"], one["seal"]) for key, one in data["chains"].items()}
            tip = cls(ends)
            if all(map(_is_end, ends.values())) and tip.digest == data["digest"]:
                return tip
        except (AttributeError, KeyError, TypeError):
            pass
        raise Refusal(
            "invalid-argument",
            "tip",
            "This is no tip of the audit trail, or it has been changed: give a file that"
            " verify-audit wrote.",
        )


def _is_end(end: End) -> bool:
    whole = isinstance(end.count, int) and not isinstance(end.count, bool) and end.count > 0
    return whole and isinstance(end.seal, str) and bool(_SEAL.fullmatch(end.seal))


@dataclass
class AuditReport:
    """What a check found.

    Attributes:
        faults: The first `MOST_FAULTS`; none where all is as it was written.
        more: How many there are besides.
        tip: The ends of the chains as they are.
    """

    faults: list[AuditFault] = field(default_factory=list)
    more: int = 0
    tip: Tip = field(default_factory=Tip)

    def add(self, place: str, reason: Reason, message: str) -> None:
        """Note a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(AuditFault(place, reason, message))
        else:
            self.more += 1


class _Chain:
    """One chain as far as it has been walked."""

    def __init__(
        self, name: str, secrets: Sequence[bytes], since: End | None, report: AuditReport
    ) -> None:
        self._name, self._secrets, self._since, self._report = name, secrets, since, report
        self.end = End(0, START)

    def scan(self, number: int, place: str, entry: Data) -> None:
        """Take the next entry, in the order of numbers."""
        expected = self.end.count + 1
        if number > expected:
            text = f"{_entries(expected, number - 1)} missing"
            self._report.add(self._name, "missing", text)
        sealed = str(entry.get("seal"))
        own = (entry.get("chain"), entry.get("number")) == (int(self._name), number)
        # Behind a gap the seal before is not known, and so is not whether this one is right.
        known = number > expected or self._is_sealed(entry, sealed)
        if not own or not known:
            self._report.add(place, "edited", "the entry is not as it was written here")
        if self._since and number == self._since.count and sealed != self._since.seal:
            self._report.add(place, "rolled-back", "the entry is another than the tip says")
        self.end = End(number, sealed)

    def _is_sealed(self, entry: Data, sealed: str) -> bool:
        """Whether an entry has its seal, of the secret of the one before or of a later secret."""
        for place, secret in enumerate(self._secrets):
            if _is_sealed(secret, self.end.seal, entry, sealed):
                self._secrets = self._secrets[place:]  # who has an earlier one can add nothing
                return True
        return False

    def finish(self, head: Data | None) -> None:
        """Compare the end with what the head and the earlier tip say."""
        count, found = self.end.count, self._report
        said = head.get("count") if head else 0
        if not isinstance(said, int) or isinstance(said, bool):
            found.add(self._name, "head-edited", "the head's count is no number")
        elif said > count:
            found.add(self._name, "cut-off", f"{_entries(count + 1, said)} missing at the end")
        elif said < count:
            found.add(self._name, "beyond-head", f"{_entries(said + 1, count)} beyond the head")
        elif head and head.get("seal") != self.end.seal:
            found.add(self._name, "head-edited", "the head's seal is not the last entry's")
        if self._since and count < self._since.count:
            text = f"{_entries(count + 1, self._since.count)} in the tip, and here no more"
            found.add(self._name, "rolled-back", text)


def check(
    secret: bytes,
    entries: Iterable[tuple[str, Data]],
    heads: Mapping[str, Data],
    since: Tip | None = None,
    former: Sequence[bytes] = (),
) -> AuditReport:
    """Check a whole trail.

    Args:
        secret: `Keyring.derive("audit")`.
        entries: Every document of `crmAudit`, id and fields, in the order of ids; read once.
        heads: Every document of `crmAuditHeads`, by id.
        since: An earlier tip that the trail must still hold.
        former: `Keyring.derive_former("audit")`.
    """
    report = AuditReport()
    earlier = since.ends if since else {}
    names = [f"{number:02}" for number in range(CHAINS)]
    secrets = (*former, secret)
    chains = {name: _Chain(name, secrets, earlier.get(name), report) for name in names}
    for entry_id, entry in entries:
        place = _ID.fullmatch(entry_id)
        if place is None or place[1] not in chains or not int(place[2]):
            report.add(entry_id, "stray", "the document is no entry of any chain")
        else:
            chains[place[1]].scan(int(place[2]), entry_id, entry)
    for name in sorted({*heads} - {*chains}):
        report.add(name, "stray", "the document is no head of any chain")
    for name, chain in chains.items():
        chain.finish(heads.get(name))
    report.tip = Tip({name: chain.end for name, chain in chains.items() if chain.end.count})
    return report


def verify(
    store: Store,
    keys: Keyring,
    retry: RetryPolicy,
    since: Tip | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> AuditReport:
    """Check the trail of a database as it is at one moment, beside live changes.

    Args:
        store: The database.
        keys: The installation's keyring.
        retry: How long to try a page.
        since: An earlier tip.
        progress: Told after each page how many entries were looked at, and how many the heads
            count.

    Raises:
        Conflict, Transient: A page could not be read before the deadline.
    """
    view = retry.call(store.at)
    heads = {head.id: head.fields for head in scan(view, retry, Query(AUDIT_HEADS))}
    counts = [head.get("count") for head in heads.values()]
    total = sum(count for count in counts if isinstance(count, int))

    def told() -> Iterator[tuple[str, Data]]:
        number = 0
        for number, entry in enumerate(scan(view, retry, Query(AUDIT)), start=1):
            yield entry.id, entry.fields
            if number % PAGE == 0:
                progress(number, total)
        progress(number, total)

    return check(keys.derive("audit"), told(), heads, since, keys.derive_former("audit"))


def _is_sealed(secret: bytes, before: str, entry: Data, sealed: str) -> bool:
    if not isinstance(entry.get("at"), datetime):
        return False  # a time and its text have one seal
    try:
        return hmac.compare_digest(seal(secret, before, entry).encode(), sealed.encode())
    except (TypeError, ValueError):  # a value that no entry ever had
        return False


def _entries(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
