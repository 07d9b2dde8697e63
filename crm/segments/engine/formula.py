"""A segment as a formula over facets: what the planner and the counts work with. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from crm.customers import facets
from crm.customers.facets import FacetField
from crm.customers.scales import CEILING, day_number, place_of
from crm.segments.engine.ranges import Disjunct, Values, between
from crm.segments.language import ast
from crm.segments.language.values import is_day


@dataclass(frozen=True)
class Has:
    """Has a facet."""

    key: str


@dataclass(frozen=True)
class In:
    """Has one of some values of a field."""

    field: FacetField
    values: Values


@dataclass(frozen=True)
class OneOf:
    """One of several sets of facets holds; nobody has two of them."""

    items: tuple[Disjunct, ...]


@dataclass(frozen=True)
class Lacks:
    """What is below does not hold, and no facet says so."""

    item: Formula


@dataclass(frozen=True)
class And:
    """Everything holds; without any, everyone."""

    items: tuple[Formula, ...]


@dataclass(frozen=True)
class Or:
    """Something holds; without any, nobody."""

    items: tuple[Formula, ...]


_COMPARED: Final = ("eq", "gt", "gte", "lt", "lte")

Formula = Has | In | OneOf | Lacks | And | Or

EVERYONE = And(())

NOBODY = Or(())


def both(items: Iterable[Formula]) -> Formula:
    """Return the formula of everything holding, simplified."""
    return _merged(items, And, Or)


def either(items: Iterable[Formula]) -> Formula:
    """Return the formula of something holding, simplified."""
    return _merged(items, Or, And)


def _merged(items: Iterable[Formula], kind: type[And | Or], other: type[And | Or]) -> Formula:
    """Flatten, merge ranges of one field, and drop what says nothing.

    `kind(())` says nothing in a `kind`, and `other(())` says all.
    """
    plain: dict[Formula, None] = {}
    ranges: dict[FacetField, Values] = {}
    for item in items:
        for one in item.items if isinstance(item, kind) else (item,):
            if one == other(()):
                return other(())
            if not isinstance(one, In):
                plain[one] = None
            elif one.field not in ranges:
                ranges[one.field] = one.values
            elif kind is Or:
                ranges[one.field] |= one.values
            else:
                outside = ranges[one.field].without(one.field) | one.values.without(one.field)
                ranges[one.field] = outside.without(one.field)
    for field, values in ranges.items():
        shown = _in(field, values)
        if shown == other(()):
            return other(())
        if shown != kind(()):
            plain[shown] = None
    return next(iter(plain)) if len(plain) == 1 else kind(tuple(plain))


def _in(field: FacetField, values: Values) -> Formula:
    if values == Values(False, ()):
        return NOBODY
    if values == Values(False, ()).without(field):
        return EVERYONE
    return In(field, values)


def formula(node: ast.Node, now: datetime) -> Formula:
    """Translate a segment: NOT is pushed down to facets that have no opposite.

    Args:
        node: The segment, its saved ones and days expanded.
        now: What days are counted back from.

    Raises:
        ValueError: A saved segment or a day was not expanded.
    """
    return _settled(_translated(node, now, holds=True))


def _translated(node: ast.Node, now: datetime, *, holds: bool) -> Formula:
    match node:
        case ast.Not(item):
            return _translated(item, now, holds=not holds)
        case ast.All(items) | ast.AnyOf(items):
            join = both if isinstance(node, ast.All) is holds else either
            return join(_translated(item, now, holds=holds) for item in items)
        case ast.Everyone():
            return EVERYONE if holds else NOBODY
        case ast.Marketing(status):
            statuses = [one for one in facets.STATUSES if (one == status) is holds]
            return either(Has(facets.marketing(one)) for one in statuses)
        case ast.Registered(value):
            return Has(facets.registered(value is holds))
        case ast.Tagged(value):
            return Has(facets.tagged(value is holds))
        case ast.Tag(tag):
            found: Formula = Has(facets.tag(tag))
        case ast.Attended(event_id):
            found = Has(facets.attended(event_id))
        case ast.HasTicket(event_id):
            found = Has(facets.has_ticket(event_id))
        case ast.NoShow(event_id):
            found = Has(facets.no_show(event_id))
        case ast.EmailDomain(domain):
            found = Has(facets.email_domain(domain))
        case ast.TotalSpend(currency, bounds):
            return _range(facets.spend(currency), _limits(bounds, 0), holds=holds)
        case ast.OrderCount(bounds):
            return _range(facets.ORDER_COUNT, _limits(bounds, 0), holds=holds)
        case ast.FirstOrderAt(when):
            return _range(facets.FIRST_ORDER, _moments(when, now), holds=holds)
        case ast.LastOrderAt(when):
            return _range(facets.LAST_ORDER, _moments(when, now), holds=holds)
        case ast.Own():
            join = both if holds else either
            return join(_own(node, holds=holds))
        case ast.Saved():
            raise ValueError("expand saved segments first")
    return found if holds else Lacks(found)


def _range(field: FacetField, limits: tuple[int, int], *, holds: bool) -> Formula:
    values = between(field, *limits)
    return _in(field, values if holds else values.without(field))


def _own(own: ast.Own, *, holds: bool) -> Iterator[Formula]:
    """Yield what must hold of an own field, or what each of it lacks: the value, and the range."""
    if own.known is not None:
        found = Has(facets.field_known(own.name))
        yield found if own.known is holds else Lacks(found)
    if own.eq is not None:
        found = Has(facets.field_value(own.name, own.eq))
        yield found if holds else Lacks(found)
    days = {name: day_number(one) for name, one in own.ranged.items() if isinstance(one, str)}
    numbers = {name: place_of(one) for name, one in own.ranged.items() if not isinstance(one, str)}
    for field, given in ((facets.field_day, days), (facets.field_number, numbers)):
        if given:
            limits = _from_to([given.get(name) for name in _COMPARED], -CEILING)
            yield _range(field(own.name), limits, holds=holds)


def _limits(bounds: ast.Bounds, floor: int) -> tuple[int, int]:
    """Return the values that match: from the first to below the second."""
    given = bounds.eq, bounds.gt, bounds.gte, bounds.lt, bounds.lte
    return _from_to(given, floor)


def _moments(when: ast.When, now: datetime) -> tuple[int, int]:
    given = [_micros(one) for one in (when.eq, when.gt, when.gte, when.lt, when.lte)]
    low, high = _from_to(given, -CEILING)
    if when.within_days is not None:
        low = max(low, facets.micros(now - timedelta(when.within_days)))
    if when.older_than_days is not None:
        high = min(high, facets.micros(now - timedelta(when.older_than_days)))
    return low, high


def _micros(time: date | None) -> int | None:
    if is_day(time):
        raise ValueError("expand days first")
    return facets.micros(time) if isinstance(time, datetime) else None


def _from_to(given: Sequence[int | None], floor: int) -> tuple[int, int]:
    eq, gt, gte, lt, lte = given
    lows = [one for one in (eq, gte, None if gt is None else gt + 1) if one is not None]
    highs = [one + 1 for one in (eq, lte) if one is not None]
    return max([floor, *lows]), min([CEILING, *highs, *([] if lt is None else [lt])])


def _settled(formula: Formula) -> Formula:
    """Where having nothing has no facet, say a range that includes it by what it leaves out."""
    match formula:
        case In(field, values) if values.nothing and not field.sure:
            return Lacks(In(field, values.without(field)))
        case And(items):
            return And(tuple(map(_settled, items)))
        case Or(items):
            return Or(tuple(map(_settled, items)))
    return formula
