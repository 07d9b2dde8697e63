"""The orders that a segment can be sorted in, and where customers stand in them. Pure.

A customer stands by a value, then by id. Ids rise in either direction, because facets are indexed
in that one direction alone: customers who are equal in value are found by facets, in their order.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, get_args

from crm.customers import facets
from crm.customers.facets import FacetField, micros
from crm.customers.scales import CEILING
from crm.segments.engine.formula import Formula, In, Lacks
from crm.segments.engine.ranges import Span, Values

By = Literal["lastOrderAt", "firstOrderAt", "orderCount", "totalSpend"]

Direction = Literal["asc", "desc"]

SORTS: Final = get_args(By)

_TIMES: Final = {"lastOrderAt": facets.LAST_ORDER, "firstOrderAt": facets.FIRST_ORDER}

_FIRST_MOMENT: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Position:
    """How far an answer has got.

    Attributes:
        value: Of who came last; None among those who have none.
        id: Of who came last among customers of this value; None where they all have come, or, of
            those without a value, none has.
    """

    value: int | None
    id: str | None


@dataclass(frozen=True)
class Sort:
    """An order of customers.

    Who has no date comes last in either direction; no spend is a spend of 0, in its place.

    Attributes:
        by: The field.
        currency: Of what was spent; None with another field.
        direction: Of the values.
    """

    by: By
    currency: str | None = None
    direction: Direction = "desc"

    @property
    def rising(self) -> bool:
        """Whether values rise."""
        return self.direction == "asc"

    @functools.cached_property
    def field(self) -> FacetField:
        """The facets of the field."""
        if self.by == "totalSpend":
            return facets.spend(self.currency or "")
        return _TIMES.get(self.by, facets.ORDER_COUNT)

    @property
    def path(self) -> str:
        """The path of the field in a document, which has an automatic index."""
        return f"{self.by}.{self.currency}" if self.by == "totalSpend" else self.by

    def value(self, data: Mapping[str, Any]) -> int | None:
        """Return a customer's value; None for none, which an amount of 0 is too."""
        held = data[self.by]
        if self.by in _TIMES:
            return None if held is None else micros(held)
        return (held.get(self.currency, 0) if self.by == "totalSpend" else held) or None

    def stored(self, value: int) -> Any:
        """Return a value, or a limit of values, as a document would hold it."""
        if self.by not in _TIMES:
            return min(value, CEILING - 1)
        least, most = map(micros, (_FIRST_MOMENT, datetime.max.replace(tzinfo=UTC)))
        return _FIRST_MOMENT + timedelta(microseconds=min(max(value, least), most) - least)

    # --- Where an answer begins and goes on -------------------------------------------------------

    @property
    def start(self) -> Position:
        """Before everybody."""
        return Position(None, None) if self.nothing_first else self.before_values

    @property
    def before_values(self) -> Position:
        """Before everybody who has a value."""
        return Position(self.field.scale.floor - 1 if self.rising else CEILING, None)

    def behind_values(self) -> Position | None:
        """Return where to go on behind all who have a value; None where nobody is left."""
        return None if self.nothing_first else Position(None, None)

    def behind_nothing(self) -> Position | None:
        """Return where to go on behind all who have no value; None where nobody is left."""
        return self.before_values if self.nothing_first else None

    @property
    def nothing_first(self) -> bool:
        """Whether those without a value come before all others."""
        return self.rising and self.by not in _TIMES

    def next_value(self, position: Position) -> int | None:
        """Return the first value that may be to come; None where there is none."""
        if position.value is None:
            raise ValueError("nobody here has a value")
        step = 0 if position.id is not None else 1 if self.rising else -1
        value = position.value + step
        return value if self.field.scale.floor <= value < CEILING else None

    def all_of(self, span: Span) -> Position:
        """Return the position behind everybody with one of these values."""
        return Position(span[1] - 1 if self.rising else span[0], None)

    def key(self, value: int, customer_id: str) -> tuple[int, str]:
        """Return what customers with values are sorted by."""
        return value if self.rising else -value, customer_id

    def is_behind(self, value: int, customer_id: str, position: Position) -> bool:
        """Whether a customer is still to come."""
        if position.value is None:
            raise ValueError("nobody here has a value")
        if value != position.value:
            return (value > position.value) is self.rising
        return position.id is not None and customer_id > position.id

    # --- Values by their codes, in this order -----------------------------------------------------

    @property
    def all_values(self) -> Span:
        """Return all values that there can be."""
        return self.field.scale.floor, CEILING

    @property
    def places(self) -> int:
        """How many codes there are."""
        return 1 << self.field.scale.bits

    def place(self, value: int) -> int:
        """Return where a value's code stands among all."""
        code = self.field.scale.code(value)
        return code if self.rising else self.places - 1 - code

    def span(self, first: int, beyond: int) -> Span:
        """Return the values whose codes stand from one place to before another; may be empty."""
        if not self.rising:
            first, beyond = self.places - beyond, self.places - first
        return self._least(first), self._least(beyond)

    def _least(self, code: int) -> int:
        scale = self.field.scale
        if code == 0:
            return scale.floor
        return CEILING if code == self.places else scale.low(code)

    # --- Who has these values, as a formula -------------------------------------------------------

    def within(self, span: Span) -> Formula:
        """Return the formula of having one of these values."""
        return In(self.field, Values(False, (span,)))

    @property
    def nothing(self) -> Formula:
        """The formula of having no value."""
        none = Values(True, ())
        if self.field.sure:
            return In(self.field, none)
        return Lacks(In(self.field, none.without(self.field)))
