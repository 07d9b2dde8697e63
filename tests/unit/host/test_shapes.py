"""Any document under any mapping: an order in full or a reason; nobody's after an erasure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

from hypothesis import event, given, settings
from hypothesis import strategies as st

from crm.config.settings import Settings
from crm.core.errors import InvalidDocument, QuarantineReason
from crm.core.money import MAX_MINOR_UNITS
from crm.host.order import OddReason, Order
from crm.host.reader import read_contact, read_named, read_order
from crm.host.redaction import pseudonym, without_person
from testing.systems import Reference

CREATED = datetime(2024, 6, 1, tzinfo=UTC)
X1, X2 = "xa" + "a" * 24, "xb" + "b" * 24

# Few names, so that mappings and documents meet.
KEYS = st.sampled_from(["a", "b", "c", "kind", "items", "meta"])
LONG = st.sampled_from(["a.b", "a.kind", "items.a", "items.b", "meta.a", "meta.b.c", "b.c"])
PATHS = st.one_of(KEYS, LONG)
WORDS = st.sampled_from(["paid", "void", "x", "EUR", "a@x.com", "u1", "Ada", "49.90", "-5.00"])
SCALARS = st.one_of(WORDS, st.booleans(), st.integers(-2, 9))

LEAVES = st.one_of(
    SCALARS,
    st.none(),
    st.floats(),
    st.integers(),
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(["", " ", "2024-06-12T09:00:00", "2024-06-12T09:00:00Z", "\ud800", "\x00"]),
    st.sampled_from([Reference("users/u1"), Reference("events/e1"), Reference("x")]),
    st.sampled_from([1_717_232_400, 1_717_232_400_000, 10**400, b"x"]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)

WHERE = st.dictionaries(PATHS, st.one_of(SCALARS, st.lists(SCALARS, max_size=2)), min_size=1)
PATH = PATHS
CONST = st.builds(lambda value: {"const": value}, SCALARS)
IS = st.builds(
    lambda path, value, more: {"path": path, "is": value, **more},
    PATHS,
    SCALARS,
    st.one_of(st.just({}), st.builds(lambda value: {"const": value}, SCALARS)),
)
NONEMPTY = st.builds(lambda path: {"path": path, "nonempty": True}, PATHS)
CHOSEN = st.builds(lambda path, where: {"path": path, "where": where}, LONG, WHERE)
JOIN = st.builds(lambda paths: {"join": paths}, st.lists(PATHS, min_size=2, max_size=3))
SUM = st.builds(
    lambda path, more: {"sum": path, **more},
    LONG,
    st.fixed_dictionaries({}, optional={"where": WHERE, "negative": st.just(True)}),
)
UID = st.builds(lambda path: {"path": path, "uid": True}, PATHS)
DOCUMENT = st.just({"document": True})
MAP = st.builds(lambda path: {"path": path, "values": True}, PATHS)
ITEM = st.sampled_from([{"item": "key"}, {"item": "value"}])


def sources(*forms: st.SearchStrategy[Any], few: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(st.one_of(*forms), min_size=few, max_size=2)


FIELDS = st.fixed_dictionaries(
    {
        "email": st.sampled_from([["mail"], ["mail", "meta.c"], ["meta.c", "mail"]]),
        "status": sources(CONST, IS, CHOSEN).map(lambda more: [*more, "status"]),
        "total": sources(CONST, SUM, CHOSEN).map(lambda more: [*more, "total"]),
        "currency": st.sampled_from(["currency", {"const": "EUR"}]),
        "userId": sources(PATH, UID, CHOSEN),
        "name": sources(PATH, JOIN, CHOSEN),
        "phone": sources(PATH, JOIN, CHOSEN),
        "test": sources(PATH, IS, NONEMPTY),
        "refunded": sources(PATH, SUM),
        "paid": sources(PATH, SUM),
        "createdAt": sources(PATH),
        "marketingOptIn": sources(PATH, IS, NONEMPTY),
        "items": sources(PATH, DOCUMENT, MAP),
    }
)
ITEMS = st.fixed_dictionaries(
    {
        "eventId": sources(PATH, CONST, CHOSEN, ITEM),
        "eventName": sources(PATH, JOIN, ITEM),
        "eventStartsAt": sources(PATH, PATHS.map("^{}".format)),
        "quantity": sources(PATH, CONST, ITEM),
        "checkedIn": sources(PATH, IS, NONEMPTY, ITEM),
        "cancelled": sources(PATH, IS, NONEMPTY),
    }
)
SETTINGS = st.builds(
    lambda fields, items, amounts, times, zone, in_full, personal: Settings.model_validate(
        {
            "amounts": amounts,
            "times": times,
            "times_zone": zone if "iso" in times else "",
            "orders": {
                "fields": fields,
                "items": items,
                "status": {"counted": ["paid", "x"], "not_counted": ["void"], **in_full},
            },
            "erasure": {"order_fields": personal},
        }
    ),
    FIELDS,
    ITEMS,
    st.sampled_from(["major", "minor"]),
    st.sampled_from([["timestamp"], ["iso"], ["unix", "iso"], ["unix_ms"]]),
    st.sampled_from(["", "Europe/Berlin"]),
    st.sampled_from([{}, {"refunded_in_full": "void"}]),
    st.lists(PATHS, max_size=2),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], Settings]:
    """A mapping, and a document that mostly has what an order needs."""
    needed = {"mail": "a@x.com", "status": "paid", "total": "49.90", "currency": "eur"}
    data = {**draw(DOCUMENTS), **needed}
    if draw(st.booleans()):
        data |= draw(st.dictionaries(st.sampled_from(sorted(needed)), VALUES, max_size=2))
    if draw(st.booleans()):
        data["items"] = draw(st.lists(DOCUMENTS, max_size=4))
    return data, draw(SETTINGS)


@settings(max_examples=250)
@given(cases())
def test_any_document_under_any_mapping_is_an_order_in_full_or_a_reason(
    case: tuple[dict[str, Any], Settings],
) -> None:
    data, mapping = case
    named = read_named(data, CREATED, mapping)
    read_contact(data, mapping)
    try:
        order = read_order(data, CREATED, mapping)
    except InvalidDocument as error:
        event(error.reason)
        assert error.reason in get_args(QuarantineReason)
        return
    event("understood")
    assert order == read_order(data, CREATED, mapping), "twice the same"
    assert (named.email, named.user_id, named.created_at, named.erasure) == (
        order.email,
        order.user_id,
        order.created_at,
        order.erasure,
    )
    assert order.email or order.user_id or order.erasure
    assert_whole(order)


def assert_whole(order: Order) -> None:
    assert 0 <= order.refunded <= order.total <= MAX_MINOR_UNITS
    assert type(order.total) is type(order.refunded) is int
    assert order.created_at.tzinfo is UTC
    assert order.odd_count >= len(order.odd_items)
    assert {one.reason for one in order.odd_items} <= set(get_args(OddReason))
    for event_id, found in order.events.items():
        assert event_id.strip()
        assert event_id.encode()
        assert found.tickets >= 1
        assert min(found.checked_in, found.unrecorded) >= 0
        assert found.checked_in + found.unrecorded <= found.tickets


@settings(max_examples=200)
@given(cases())
def test_after_an_erasure_nothing_names_anybody(case: tuple[dict[str, Any], Settings]) -> None:
    data, mapping = case
    after = {**data, **without_person(data, mapping, X1)}
    named = read_named(after, CREATED, mapping)
    assert (named.email, named.user_id) == (None, None)
    assert set(read_contact(after, mapping)) <= {None, "", pseudonym(X1)}
    assert without_person(after, mapping, X2) == {}


@settings(max_examples=200)
@given(st.dictionaries(KEYS, VALUES, max_size=6), ITEMS, st.sampled_from(["list", "map", "self"]))
def test_every_item_counts_is_void_or_is_odd(
    items: dict[str, Any], fields: dict[str, Any], shape: str
) -> None:
    how = {"list": "items", "map": {"path": "items", "values": True}, "self": {"document": True}}
    orders = {"fields": {"items": how[shape]}, "items": {**fields, "cancelled": []}}
    mapping = Settings.model_validate({"orders": orders})
    data: dict[str, Any] = {"email": "a@x.com", "status": "paid", "total": 1, "currency": "EUR"}
    data["items"] = list(items.values()) if shape == "list" else items
    order = read_order(data, CREATED, mapping)
    many = 1 if shape == "self" else len(items)
    refused = {"item-invalid", "event-missing", "event-invalid", "quantity-invalid"}
    dropped = sum(one.reason in refused for one in order.odd_items)
    assert sum(found.tickets for found in order.events.values()) >= many - dropped
    assert order.odd_count == len(order.odd_items)
