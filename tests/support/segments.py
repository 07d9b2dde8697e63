"""Random segments and random customers over small vocabularies, so that the one finds the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from crm.config.fields import OwnField
from crm.config.settings import Settings
from crm.customers.facets import facets
from crm.segments.engine.order import Sort
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import (
    All,
    AnyOf,
    Attended,
    Bounds,
    EmailDomain,
    Everyone,
    FirstOrderAt,
    HasTicket,
    LastOrderAt,
    Leaf,
    Marketing,
    Node,
    NoShow,
    Not,
    OrderCount,
    Own,
    Registered,
    Saved,
    Tag,
    Tagged,
    TotalSpend,
    When,
)
from crm.segments.language.expansion import expand

NOW: Final = datetime(2024, 6, 1, 12, tzinfo=UTC)
"""What days are counted back from."""

TAGS: Final = ("vip", "press", "region:eu", "2023-attendee", "c++", "größe")
EVENTS: Final = ("devops-2024", "pycon", "a/b", " e ", "日本")
CURRENCIES: Final = ("USD", "EUR", "JPY", "KWD")
DOMAINS: Final = ("acme.com", "mail.acme.com", "xn--bcher-kva.de", "example.org")
STATUSES: Final[tuple[Literal["subscribed", "unsubscribed", "none"], ...]] = (
    "subscribed",
    "unsubscribed",
    "none",
)
AMOUNTS: Final = (0, 1, 99, 100, 4990, 9999, 10_000, 10_001, 250_000)
COUNTS: Final = (0, 1, 2, 3, 5, 10)
DAYS: Final = (0, 1, 30, 90, 365)
ZONE: Final = ZoneInfo("Africa/Cairo")
"""The zone of days. Its clocks went from 0:00 to 1:00 on 26 April 2024: that day has 23 hours."""

DATES: Final = tuple(map(date.fromisoformat, ("2024-01-01", "2024-04-25", "2024-04-26")))
_EDGES: Final = tuple(
    map(
        datetime.fromisoformat,
        (
            *("2023-12-31T22:00:00Z", "2024-01-01T22:00:00Z", "2024-04-24T22:00:00Z"),
            *("2024-04-25T22:00:00Z", "2024-04-26T21:00:00Z"),
        ),
    )
)
"""Where those days begin and end."""
MOMENTS: Final = tuple(
    sorted(
        {
            *_EDGES,
            *(edge - timedelta(microseconds=1) for edge in _EDGES),
            datetime(2023, 1, 1, tzinfo=UTC),
            datetime(2024, 1, 1, tzinfo=UTC),
            datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
            NOW + timedelta(days=3),
            *(NOW - timedelta(days=days) for days in DAYS),
            *(NOW - timedelta(days=days, microseconds=1) for days in DAYS),
            *(NOW - timedelta(days=days, microseconds=-1) for days in DAYS),
        }
    )
)
"""Both sides of every limit that a segment may draw, and the limits."""

OWN: Final[Mapping[str, OwnField]] = Settings.model_validate(
    {
        "fields": {
            "company": {"type": "text", "label": "Company", "purpose": "x"},
            "seats": {"type": "number", "label": "Seats", "purpose": "x"},
            "birthday": {"type": "date", "label": "Birthday", "purpose": "x"},
            "vegan": {"type": "bool", "label": "Vegan", "purpose": "x"},
            "size": {"type": "choice", "label": "Size", "purpose": "x", "choices": ["S", "M"]},
        }
    }
).fields
"""Own fields, one of each type."""

OWN_VALUES: Final[Mapping[str, tuple[Any, ...]]] = {
    "company": ("ACME", "Acme", "Café & Co", "1990-01-01", "true", "3", 'a "b" \\'),
    "seats": (-(10**15) + 1, -257, -3, -0.000001, 0, 0.1, 1, 3, 3.5, 256, 257, 1001, 10**15 - 1),
    "birthday": ("0001-01-01", "1899-12-31", "1990-01-01", "1990-01-02", "2079-06-06"),
    "vegan": (True, False),
    "size": ("S", "M"),
}
"""What customers have there, and questions ask for: also what its neighbour's code is."""

_RANGED: Final = ("seats", "birthday")

_COMPARISONS: Final = ("eq", "gt", "gte", "lt", "lte")


def _given(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """One to three of the fields."""
    names = st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({one: fields[one] for one in chosen}))


def bounds(values: st.SearchStrategy[int]) -> st.SearchStrategy[Bounds]:
    return _given(dict.fromkeys(_COMPARISONS, values)).map(lambda given: Bounds(**given))


def whole(node: Node) -> Node:
    """Return a question as the engine takes it; there is no saved segment in it."""
    return expand(node, lambda _: None, ZONE)


def whens(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[When]:
    days = st.sampled_from(DAYS)
    fields = {
        **dict.fromkeys(_COMPARISONS, st.one_of(moments, st.sampled_from(DATES))),
        "within_days": days,
        "older_than_days": days,
    }
    return _given(fields).map(lambda given: When(**given))


def owns() -> st.SearchStrategy[Own]:
    """Questions about own fields, each as its type allows."""

    def compared(name: str) -> st.SearchStrategy[Own]:
        values = st.sampled_from(OWN_VALUES[name])
        names = _COMPARISONS if name in _RANGED else ("eq",)
        given = _given(dict.fromkeys(names, values))
        known = st.booleans().map(lambda known: Own(name, known=known))
        return st.one_of(given.map(lambda given: Own(name, **given)), known)

    return st.sampled_from(sorted(OWN_VALUES)).flatmap(compared)


def leaves() -> st.SearchStrategy[Leaf]:
    """Every kind of leaf but saved segments."""
    events = st.sampled_from(EVENTS)
    times = whens(st.sampled_from(MOMENTS))
    return st.one_of(
        st.sampled_from(TAGS).map(Tag),
        events.map(Attended),
        events.map(HasTicket),
        events.map(NoShow),
        st.booleans().map(Tagged),
        st.builds(TotalSpend, st.sampled_from(CURRENCIES), bounds(st.sampled_from(AMOUNTS))),
        bounds(st.sampled_from(COUNTS)).map(OrderCount),
        times.map(FirstOrderAt),
        times.map(LastOrderAt),
        st.sampled_from(STATUSES).map(Marketing),
        st.booleans().map(Registered),
        st.sampled_from(DOMAINS).map(EmailDomain),
        owns(),
        st.just(Everyone()),
    )


def saved(ids: tuple[str, ...]) -> st.SearchStrategy[Leaf]:
    """Leaves that name one of these saved segments."""
    return st.sampled_from(ids).map(Saved)


def nodes(of: st.SearchStrategy[Leaf] | None = None, levels: int = 4) -> st.SearchStrategy[Node]:
    """Segments of at most so many levels; up to four keep within the limit of leaves."""
    leaf: st.SearchStrategy[Node] = leaves() if of is None else of
    found = leaf
    for _ in range(levels - 1):
        items = st.lists(found, min_size=1, max_size=3).map(tuple)
        found = st.one_of(leaf, items.map(All), items.map(AnyOf), found.map(Not))
    return found


def customers() -> st.SearchStrategy[dict[str, Any]]:
    """A customer's public fields, as `customers/{customerId}` holds them."""
    return st.integers(0, 2**32 - 1).map(lambda seed: customer(Random(seed)))


def customer(random: Random) -> dict[str, Any]:
    """Make one customer; drawn field by field it would take hypothesis 10 ms."""

    def some(values: Sequence[str], most: int) -> list[str]:
        return sorted(random.sample(values, random.randint(0, min(most, len(values)))))

    count = random.choice(COUNTS)
    first, last = sorted(random.choices(MOMENTS, k=2))
    held = some(EVENTS, 3) if count else []
    attended = some(held, 3)
    emails = some([f"{name}@{domain}" for name in ("ann", "bob") for domain in DOMAINS], 2)
    registered = random.random() < 0.5
    status = random.choice(STATUSES)
    return {
        "primaryEmail": emails[0] if emails else None,
        "emails": emails,
        "userIds": ["u1"] if registered else [],
        "name": random.choice(("Ann Ash", "Bob Birch", None)),
        "registered": registered,
        "tags": some(TAGS, 4),
        "fields": {
            name: random.choice(values)
            for name, values in OWN_VALUES.items()
            if random.random() < 0.6
        },
        "totalSpend": {
            currency: random.choice(AMOUNTS)
            for currency in (random.sample(CURRENCIES, random.randint(1, 3)) if count else ())
        },
        "orderCount": count,
        "firstOrderAt": first if count else None,
        "lastOrderAt": last if count else None,
        "events": {
            event_id: {
                "name": None,
                "startsAt": None,
                "tickets": 1,
                "checkedIn": int(event_id in attended),
            }
            for event_id in held
        },
        "eventIds": held,
        "attendedEventIds": attended,
        "marketing": {
            "status": status,
            "at": None if status == "none" else MOMENTS[0],
            "source": None if status == "none" else "order",
        },
        "createdAt": MOMENTS[0],
        "updatedAt": NOW,
        "schemaVersion": 1,
    }


def person(**fields: Any) -> dict[str, Any]:
    """Make the document of a customer who has nothing but these fields."""
    data: dict[str, Any] = {
        "primaryEmail": None,
        "emails": [],
        "userIds": [],
        "name": None,
        "registered": False,
        "tags": [],
        "fields": {},
        "totalSpend": {},
        "orderCount": 0,
        "firstOrderAt": None,
        "lastOrderAt": None,
        "events": {},
        "eventIds": [],
        "attendedEventIds": [],
        "marketing": {"status": "none", "at": None, "source": None},
        "createdAt": MOMENTS[0],
        "updatedAt": NOW,
        "schemaVersion": 1,
        **fields,
    }
    return {**data, "facets": facets(data)}


def sorts(*currencies: str) -> list[Sort]:
    """Every order there is, with spend in some currencies."""
    found = []
    for direction in ("asc", "desc"):
        found += [Sort(by, None, direction) for by in ("lastOrderAt", "firstOrderAt", "orderCount")]
        found += [Sort("totalSpend", currency, direction) for currency in currencies]
    return found


def by_hand(
    crowd: Mapping[str, Mapping[str, Any]], node: Node, sort: Sort, now: datetime
) -> list[str]:
    """Sort everyone in a segment as docs/calls.md says, and by nothing of the engine."""

    def value(data: Mapping[str, Any]) -> Any:
        held = data[sort.by]
        return held.get(sort.currency, 0) if sort.by == "totalSpend" else held

    found = sorted(key for key, data in crowd.items() if matches(node, data, now))
    dated = [key for key in found if value(crowd[key]) is not None]
    dated.sort(key=lambda key: value(crowd[key]), reverse=sort.direction == "desc")
    return dated + [key for key in found if value(crowd[key]) is None]
