"""A segment as a tree: what can be asked of a customer, and its JSON form.

Pure. Every node checks itself when it is made, so a tree cannot hold an unknown currency or a
malformed id, however it came about; `check_size` holds the limits of a whole tree.
`docs/segments.md` describes the language for staff.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from crm.config.fields import FieldValue
from crm.core.errors import Refusal
from crm.core.ids import Id
from crm.segments.language.values import (
    Currency,
    Days,
    Domain,
    EventId,
    FieldEqual,
    FieldLimit,
    FieldName,
    Number,
    TagId,
    Time,
)

MAX_LEVELS: Final = 8
"""Nodes on the way from the whole segment to a leaf, both counted."""

MAX_LEAVES: Final = 50

_CONFIG: Final = ConfigDict(strict=True)


def _one_at_least(values: Mapping[str, object]) -> None:
    if all(value is None for value in values.values()):
        raise PydanticCustomError("segment-invalid", "write at least one comparison")


@dataclass(frozen=True, config=_CONFIG)
class Bounds:
    """Comparisons of an integer; those that are given hold together. At least one is given."""

    eq: Number | None = None
    gt: Number | None = None
    gte: Number | None = None
    lt: Number | None = None
    lte: Number | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Bounds:
        _one_at_least(vars(self))
        return self


@dataclass(frozen=True, config=_CONFIG)
class When:
    """Comparisons of a time; those that are given hold together. At least one is given.

    The first five hold a moment in UTC, or a day: all of it, in the organiser's zone, which
    `expansion.expand` looks up. The last two are about moments.

    Attributes:
        eq: This very moment, or any on this day.
        gt: Later than this; behind this day.
        gte: Then or later; on this day or later.
        lt: Earlier than this; before this day.
        lte: Then or earlier; on this day or earlier.
        within_days: At or after the moment so many times 24 hours ago.
        older_than_days: Before that moment.
    """

    eq: Time | None = None
    gt: Time | None = None
    gte: Time | None = None
    lt: Time | None = None
    lte: Time | None = None
    within_days: Days | None = None
    older_than_days: Days | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> When:
        _one_at_least(vars(self))
        return self


@dataclass(frozen=True, config=_CONFIG)
class Everyone:
    """`{}`: every customer."""


@dataclass(frozen=True, config=_CONFIG)
class Tag:
    """Has a tag, by its id; a label given here becomes its id."""

    id: TagId


@dataclass(frozen=True, config=_CONFIG)
class Tagged:
    """Whether there is any tag."""

    value: bool


@dataclass(frozen=True, config=_CONFIG)
class Attended:
    """Was at an event, as far as is known (`attendedEventIds`).

    Attributes:
        event_id: The event's id.
        quoted: Whether the id can also be the event's name (see `names.settle`). How something was
            written makes no other question of it.
    """

    event_id: EventId
    quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True, config=_CONFIG)
class HasTicket:
    """Holds a valid ticket of an event (`eventIds`).

    Attributes:
        event_id: The event's id.
        quoted: As of `Attended`.
    """

    event_id: EventId
    quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True, config=_CONFIG)
class NoShow:
    """Held a valid ticket of an event, whose check-in is recorded, and did not come.

    Attributes:
        event_id: The event's id.
        quoted: As of `Attended`.
    """

    event_id: EventId
    quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True, config=_CONFIG)
class TotalSpend:
    """What the customer spent in one currency, in minor units; nothing is 0."""

    currency: Currency
    bounds: Bounds


@dataclass(frozen=True, config=_CONFIG)
class OrderCount:
    """How many counted orders there are."""

    bounds: Bounds


@dataclass(frozen=True, config=_CONFIG)
class FirstOrderAt:
    """When the first counted order was made; without one nothing matches."""

    when: When


@dataclass(frozen=True, config=_CONFIG)
class LastOrderAt:
    """When the last counted order was made; without one nothing matches."""

    when: When


@dataclass(frozen=True, config=_CONFIG)
class Marketing:
    """What the customer decided about marketing."""

    status: Literal["subscribed", "unsubscribed", "none"]


@dataclass(frozen=True, config=_CONFIG)
class Registered:
    """Whether one of the customer's users is live."""

    value: bool


@dataclass(frozen=True, config=_CONFIG)
class EmailDomain:
    """Has an address of exactly this domain (lower-case A-labels)."""

    domain: Domain


@dataclass(frozen=True, config=_CONFIG)
class Own:
    """Holds a value of an own field; who has none matches no comparison.

    Comparisons that are given hold together. That they fit the field's type `asking` sees to, which
    knows `crm.toml`; a value of another type matches none.

    Attributes:
        name: The field's name.
        eq: The very value; texts as they are kept, in these very letters.
        gt: A number above this, or a day behind it.
        gte: Likewise, or the same.
        lt: A number below this, or a day before it.
        lte: Likewise, or the same.
        known: Whether there is any value; then nothing is compared.
    """

    name: FieldName
    eq: FieldEqual | None = None
    gt: FieldLimit | None = None
    gte: FieldLimit | None = None
    lt: FieldLimit | None = None
    lte: FieldLimit | None = None
    known: bool | None = None

    @model_validator(mode="after")
    def _one_question(self) -> Own:
        if bool(self.compared) == (self.known is not None):
            rule = "write `known`, or at least one comparison, and not both"
            raise PydanticCustomError("segment-invalid", "{rule}", {"rule": rule})
        return self

    @property
    def compared(self) -> dict[str, FieldValue]:
        """The comparisons that are given, by their names."""
        given = {name: getattr(self, name) for name in ("eq", "gt", "gte", "lt", "lte")}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def ranged(self) -> dict[str, FieldValue]:
        """The comparisons but `eq`: of numbers, or of days."""
        return {name: value for name, value in self.compared.items() if name != "eq"}


@dataclass(frozen=True, config=_CONFIG)
class Saved:
    """Belongs to a saved segment; `saved.expand` puts that in this leaf's place."""

    segment_id: Id


@dataclass(frozen=True, config=_CONFIG)
class All:
    """Each one of several holds."""

    items: Annotated[tuple[Node, ...], Field(min_length=1)]


@dataclass(frozen=True, config=_CONFIG)
class AnyOf:
    """At least one of several holds."""

    items: Annotated[tuple[Node, ...], Field(min_length=1)]


@dataclass(frozen=True, config=_CONFIG)
class Not:
    """The one below does not hold."""

    item: Node


Leaf = (
    Everyone
    | Tag
    | Tagged
    | Attended
    | HasTicket
    | NoShow
    | TotalSpend
    | OrderCount
    | FirstOrderAt
    | LastOrderAt
    | Marketing
    | Registered
    | EmailDomain
    | Own
    | Saved
)

Node = All | AnyOf | Not | Leaf

EventLeaf = Attended | HasTicket | NoShow
"""What is asked of one event."""


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node."""
    match node:
        case All(items) | AnyOf(items):
            return items
        case Not(item):
            return (item,)
    return ()


def leaves(node: Node) -> Iterator[Leaf]:
    """Return the leaves of a tree, from left to right."""
    left = [node]
    while left:
        one = left.pop()
        if isinstance(one, All | AnyOf | Not):
            left.extend(reversed(children(one)))
        else:
            yield one


def check_size(node: Node) -> Node:
    """Return the tree, unless it is too large. Does not recurse.

    Raises:
        Refusal: `invalid-argument`, `segment-too-deep` or `segment-too-wide`.
    """
    row: tuple[Node, ...] = (node,)
    for _ in range(MAX_LEVELS):
        row = tuple(child for one in row for child in children(one))
        if not row:
            break
    else:
        raise too_deep()
    if sum(1 for _ in leaves(node)) > MAX_LEAVES:
        raise too_wide()
    return node


def too_deep() -> Refusal:
    """Make the refusal of a tree of too many levels."""
    return Refusal(
        "invalid-argument",
        "segment-too-deep",
        f"The segment has more than {MAX_LEVELS} levels, saved segments in it counted: nest less.",
    )


def too_wide() -> Refusal:
    """Make the refusal of a tree of too many leaves."""
    return Refusal(
        "invalid-argument",
        "segment-too-wide",
        f"The segment has more than {MAX_LEAVES} conditions, saved segments in it counted: ask for"
        " fewer, such as one tag in the place of many events.",
    )
