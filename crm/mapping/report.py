"""What a mapping makes of a sample: which field feeds which of ours, what is missing, what to say.

Everything here is for people and programs to read, and shows nobody's data (`fields`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm.config.settings import Settings
from crm.config.sources import Source
from crm.mapping import toml
from crm.mapping.fields import ELEMENT, Path, Seen, look_at, shape
from crm.mapping.propose import Document, Proposal, Trial

_NOBODY_MISSES: Final = frozenset({"phone", "marketingOptIn", "cancelled", "test", "paid"})
"""Our fields that most hosts do not have."""


FEW: Final = 5
"""Documents from which on a field that one of them has alone is not listed: it may be no name."""


@dataclass(frozen=True)
class Report:
    """A sample of a collection under a mapping.

    Attributes:
        path: The collection.
        fields: What documents have: each field, what it holds, and which of ours it feeds.
        missing: Those of our fields that no document of the sample feeds.
        now: What is understood.
        proposal: What would be understood, and with which lines; None where there is none better.
        hints: A sentence for each line that stands out.
    """

    path: str
    fields: Sequence[tuple[Seen, str, Sequence[str]]]
    missing: Sequence[str]
    now: Trial
    proposal: Proposal | None
    hints: Sequence[str]

    @property
    def lines(self) -> list[str]:
        """The proposed lines."""
        found = self.proposal
        return toml.lines(found.document, found.notes) if found else []

    def to_data(self) -> dict[str, Any]:
        """Return it for programs."""
        found = self.proposal
        return {
            "path": self.path,
            "documents": self.now.total,
            "fields": [
                {"path": seen.name, "documents": seen.documents, "holds": holds, "feeds": [*roles]}
                for seen, holds, roles in self.fields
            ],
            "missing": [*self.missing],
            "now": _data(self.now),
            "proposed": {"toml": "\n".join(self.lines), **_data(found.trial)} if found else None,
            "hints": [*self.hints],
        }


def _data(trial: Trial) -> dict[str, Any]:
    return {
        "understood": trial.understood,
        "notUnderstood": trial.total - trial.understood,
        "reasons": dict(trial.reasons),
        "withTickets": trial.with_tickets,
        "oddItems": dict(trial.odd),
    }


def report_on(
    collection: str,
    documents: Sequence[Document],
    roles: Mapping[str, tuple[Source, ...]],
    bases: Sequence[Path],
    now: Trial,
    proposal: Proposal | None,
) -> Report:
    """Return what a mapping makes of a sample.

    Args:
        collection: The collection's path.
        documents: The sample.
        roles: Our fields (those of items with `items.` before them) to where they are read.
        bases: The lists that items are in.
        now: What is understood.
        proposal: What was found by trying; passed over where it understands no more.
    """
    found = look_at([data for data, _ in documents])
    fed = _fed(roles, bases)
    rows = [
        (seen, shape(seen), fed.get(_without_elements(path), []))
        for path, seen in sorted(found.items())
        if path[-1] != ELEMENT or seen.share("map") < 1
    ]
    rows = [row for row in rows if row[2] or row[0].documents > 1 or len(documents) < FEW]
    there = {_without_elements(path) for path, seen in found.items() if seen.documents}
    missing = [
        role
        for role, sources in roles.items()
        if role.rpartition(".")[2] not in _NOBODY_MISSES
        and not any(_is_fed(role, source, bases, there) for source in sources)
    ]
    better = (
        proposal if proposal and proposal.document and _is_better(proposal.trial, now) else None
    )
    hints = list(_hints(better, missing)) if better else []
    return Report(collection, rows, missing, now, better, hints)


def _is_better(other: Trial, now: Trial) -> bool:
    if other.understood != now.understood:
        return other.understood > now.understood
    return other.with_tickets > now.with_tickets


def order_roles(settings: Settings) -> dict[str, tuple[Source, ...]]:
    """Return where the fields of an order and of its items are read."""
    items = _table(settings.orders.items)
    return _table(settings.orders.fields) | {f"items.{role}": one for role, one in items.items()}


def user_roles(settings: Settings) -> dict[str, tuple[Source, ...]]:
    """Return where the fields of a user are read."""
    return _table(settings.users.fields)


def item_bases(settings: Settings) -> list[Path]:
    """Return where the lists of items are; the document itself is one where it is an item."""
    return [source.path for source in settings.orders.fields.items]


def _table(table: Any) -> dict[str, tuple[Source, ...]]:
    fields = type(table).model_fields
    return {field.alias or name: getattr(table, name) for name, field in fields.items()}


def _fed(roles: Mapping[str, tuple[Source, ...]], bases: Sequence[Path]) -> dict[Path, list[str]]:
    fed: dict[Path, list[str]] = {}
    for role, sources in roles.items():
        for source in sources:
            for path in _places(role, source, bases):
                if role not in fed.setdefault(path, []):
                    fed[path].append(role)
    return fed


def _places(role: str, source: Source, bases: Sequence[Path]) -> Iterator[Path]:
    joined: tuple[Path, ...] = getattr(source, "join", ())
    for path in joined or ((source.path,) if source.path else ()):
        if role.startswith("items.") and not source.from_order:
            yield from ((*base, *path) for base in bases)
        else:
            yield path


def _is_fed(role: str, source: Source, bases: Sequence[Path], there: set[Path]) -> bool:
    if not source.path and not getattr(source, "join", ()):
        return True  # a constant, or the document itself
    return any(path in there for path in _places(role, source, bases))


def _without_elements(path: Path) -> Path:
    return tuple(key for key in path if key != ELEMENT)


def _hints(proposal: Proposal, missing: Sequence[str]) -> Iterator[str]:
    document = proposal.document
    if path := document.get("orders", {}).get("path"):
        yield f'did you mean path = "{path}" under [orders]?'
    if "preset" in document:
        yield f'did you mean preset = "{document["preset"]}"?'
        return
    if "amounts" in document:
        yield f'did you mean amounts = "{document["amounts"]}"?'
    orders = document.get("orders", document.get("users", {}))
    for key, words in orders.get("status", {}).items():
        yield f"did you mean {key} = {toml.value_of(words)}?"
    fields = dict(orders.get("fields", {}))
    fields |= {f"items.{role}": one for role, one in orders.get("items", {}).items()}
    for role in missing:
        if fields.get(role):
            name = role.removeprefix("items.")
            yield (
                f"no document has what {role} is read from:"
                f" did you mean {name} = {toml.value_of(fields[role])}?"
            )
