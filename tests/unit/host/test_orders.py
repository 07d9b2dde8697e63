"""Orders: whose, when, how much; or the reason why the document waits in quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from crm.config.settings import Settings, load
from crm.core.errors import InvalidDocument
from crm.host.order import Order
from crm.host.reader import MAX_AHEAD, read_order
from testing.systems import Reference

CREATED = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ORDER: Mapping[str, Any] = {
    "email": "Alice@Example.com",
    "userId": None,
    "name": "Alice",
    "status": "paid",
    "total": 49.9,
    "currency": "EUR",
    "createdAt": CREATED,
}


ABSENT = object()


def read(changes: Mapping[str, object], settings: Settings | None = None) -> Order:
    data = {key: value for key, value in {**ORDER, **changes}.items() if value is not ABSENT}
    return read_order(data, CREATED, settings or Settings())


def reason(changes: Mapping[str, object], settings: Settings | None = None) -> str:
    with pytest.raises(InvalidDocument) as error:
        read(changes, settings)
    return error.value.reason


def configured(tmp_path: Path, toml: str) -> Settings:
    file = tmp_path / "crm.toml"
    file.write_text(toml, encoding="utf-8")
    return load(file)


def test_an_order() -> None:
    assert read({"refunded": "9.90"}) == Order(
        email="alice@example.com",
        user_id=None,
        name="Alice",
        status="paid",
        counted=True,
        currency="EUR",
        total=4990,
        refunded=990,
        created_at=CREATED,
        opted_in=False,
    )
    assert read({"refunded": "9.90"}).net == 4000


@pytest.mark.parametrize(
    ("refunded", "expected"),
    [(ABSENT, 0), (None, 0), (0, 0), ("0.00", 0), (10, 1000), ("49.90", 4990)],
)
def test_refunded(refunded: object, expected: int) -> None:
    assert read({"refunded": refunded}).refunded == expected


@pytest.mark.parametrize("status", ["paid", "completed", "fulfilled", "partially_refunded"])
def test_counted(status: str) -> None:
    assert read({"status": status}).counted
    assert read({"status": status}).status == status


@pytest.mark.parametrize(
    "status", ["pending", "cancelled", "canceled", "failed", "expired", "refunded"]
)
def test_not_counted(status: str) -> None:
    assert not read({"status": status}).counted


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"email": ABSENT}, "email-missing"),
        ({"email": None}, "email-missing"),
        ({"email": " "}, "email-missing"),
        ({"email": ["a@x.com"]}, "email-invalid"),
        ({"email": "alice@"}, "email-invalid"),
        ({"email": "alice@", "userId": "u1"}, "email-invalid"),
        ({"email": None, "userId": "anonymous"}, "email-missing"),
        ({"userId": 7}, "user-invalid"),
        ({"userId": -7}, "user-invalid"),
        ({"userId": float("inf")}, "user-invalid"),
        ({"userId": Reference("organizers/u1")}, "user-invalid"),
        ({"userId": Reference("users/u1/private/u1")}, "user-invalid"),
        ({"userId": True}, "user-invalid"),
        ({"userId": ["u1"]}, "user-invalid"),
        ({"userId": "u" * 129}, "user-invalid"),
        ({"userId": "users/u1"}, "user-invalid"),
        ({"userId": "."}, "user-invalid"),
        ({"userId": ".."}, "user-invalid"),
        ({"userId": "__u1__"}, "user-invalid"),
        ({"userId": "u\ud800"}, "user-invalid"),
        ({"userId": "u\x00"}, "user-invalid"),
        ({"status": ABSENT}, "status-missing"),
        ({"status": None}, "status-missing"),
        ({"status": ""}, "status-missing"),
        ({"status": "Paid"}, "status-unknown"),
        ({"status": "paid "}, "status-unknown"),
        ({"status": "payed"}, "status-unknown"),
        ({"status": True}, "status-unknown"),
        ({"status": ["paid"]}, "status-unknown"),
        ({"status": {"$ne": None}}, "status-unknown"),
        ({"total": ABSENT}, "amount-missing"),
        ({"total": None}, "amount-missing"),
        ({"total": "12,50"}, "amount-invalid"),
        ({"total": 12.505}, "amount-invalid"),
        ({"total": -1}, "amount-invalid"),
        ({"total": 2**63}, "amount-invalid"),
        ({"total": True}, "amount-invalid"),
        ({"refunded": 49.91}, "refund-above-total"),
        ({"refunded": "all"}, "amount-invalid"),
        ({"refunded": -1}, "amount-invalid"),
        ({"refunded": ""}, "amount-invalid"),
        ({"currency": ABSENT}, "currency-missing"),
        ({"currency": "XYZ"}, "currency-unknown"),
        ({"createdAt": "2026-03-01T12:00:00Z"}, "time-invalid"),
        ({"createdAt": 1772366400}, "time-invalid"),
        ({"createdAt": ""}, "time-invalid"),
        ({"createdAt": True}, "time-invalid"),
        ({"createdAt": {"seconds": 1}}, "time-invalid"),
        ({"createdAt": datetime(1, 1, 1, tzinfo=UTC)}, "time-invalid"),
        ({"createdAt": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))}, "time-invalid"),
        ({"createdAt": datetime(1969, 12, 31, 23, 59, tzinfo=UTC)}, "time-invalid"),
        ({"createdAt": datetime(2026, 3, 1)}, "time-invalid"),  # noqa: DTZ001
        ({"createdAt": CREATED + MAX_AHEAD + timedelta(microseconds=1)}, "time-invalid"),
        ({"createdAt": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)}, "time-invalid"),
    ],
)
def test_quarantine(changes: Mapping[str, object], expected: str) -> None:
    assert reason(changes) == expected


@pytest.mark.parametrize("data", [None, [], "order", 7])
def test_a_document_that_is_no_map(data: Any) -> None:
    with pytest.raises(InvalidDocument) as error:
        read_order(data, CREATED, Settings())
    assert error.value.reason == "document-invalid"


def test_an_order_that_does_not_count_must_be_readable_too() -> None:
    assert reason({"status": "pending", "total": None}) == "amount-missing"


def test_messages_hold_none_of_the_documents_values() -> None:
    for field in ("email", "userId", "status", "total", "currency", "createdAt"):
        with pytest.raises(InvalidDocument) as error:
            read({field: "se/cret"})
        assert "se/cret" not in error.value.message
        assert "se/cret" not in str(error.value)


@pytest.mark.parametrize(
    ("user_id", "expected"),
    [
        ("kVtq0Wm1sYbT3rBqX2d9LhO6u4e2", "kVtq0Wm1sYbT3rBqX2d9LhO6u4e2"),
        ("u" * 128, "u" * 128),
        ("U1", "U1"),
        ("custom:uid|x", "custom:uid|x"),
        (None, None),
        (ABSENT, None),
        ("", None),
        (" ", None),
        ("0", None),
        ("-1", None),
        ("null", None),
        ("NULL", None),
        ("undefined", None),
        ("Anonymous", None),
        (" none ", None),
        (0, None),
        (-1, None),
        (0.0, None),
        (-0.0, None),
        (-1.0, None),
        (False, None),
        (float("nan"), None),
        (Reference("users/u1"), "u1"),
    ],
)
def test_user_id(user_id: object, expected: str | None) -> None:
    assert read({"userId": user_id}).user_id == expected


@pytest.mark.parametrize("email", [ABSENT, None, "", " "])
def test_an_order_without_an_address_is_its_users(email: object) -> None:
    order = read({"email": email, "userId": "u1"})
    assert (order.email, order.user_id) == (None, "u1")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("  Ada  Lovelace ", "Ada  Lovelace"),
        ("Ada\r\nLovelace", "Ada Lovelace"),
        ("A\u202eda\x00\ud800\u200b", "Ada"),
        ("Rene\u0301", "Ren\u00e9"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),  # a joiner that Persian needs
        ("x" * 201, "x" * 200),
        ("x" * 199 + " y", "x" * 199),
        ("", None),
        (" \u202e", None),
        (None, None),
        (7, None),
        (["Ada"], None),
    ],
)
def test_name(name: object, expected: str | None) -> None:
    assert read({"name": name}).name == expected


@pytest.mark.parametrize(
    ("ticked", "expected"),
    [(True, True), (False, False), (ABSENT, False), (None, False), (1, False), ("true", False)],
)
def test_only_the_literal_true_is_an_opt_in(ticked: object, expected: bool) -> None:
    assert read({"marketingOptIn": ticked}).opted_in is expected


class FirestoreTime(datetime):
    """Like the client library's own class: a datetime with more to it."""

    nanosecond = 123456789


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (ABSENT, CREATED),
        (None, CREATED),
        (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)),
        (CREATED + MAX_AHEAD, CREATED + MAX_AHEAD),
        (
            datetime(2026, 3, 1, 14, 0, 0, 5, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC),
        ),
        (
            FirestoreTime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC),
            datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC),
        ),
    ],
)
def test_created_at(written: object, expected: datetime) -> None:
    found = read({"createdAt": written}).created_at
    assert found == expected
    assert type(found) is datetime
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("times", "written", "expected"),
    [
        ("iso", "2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("iso", "2026-03-01T14:00:00.5+02:00", datetime(2026, 3, 1, 12, 0, 0, 500_000, UTC)),
        ("iso", CREATED, CREATED),
        ("unix", 1772366400, datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("unix", 1772366400.5, datetime(2026, 3, 1, 12, 0, 0, 500_000, UTC)),
        ("unix", CREATED, CREATED),
    ],
)
def test_other_ways_to_write_times(
    times: str, written: object, expected: datetime, tmp_path: Path
) -> None:
    settings = configured(tmp_path, f'times = "{times}"')
    assert read({"createdAt": written}, settings).created_at == expected


@pytest.mark.parametrize(
    ("times", "written"),
    [
        ("iso", "2026-03-01T12:00:00"),  # whose noon?
        ("iso", "2026-03-01"),
        ("iso", "yesterday"),
        ("iso", 1772366400),
        ("unix", 1772366400000),  # milliseconds
        ("unix", float("nan")),
        ("unix", float("inf")),
        ("unix", 10**30),
        ("unix", -1),
        ("unix", True),
        ("unix", "1772366400"),
    ],
)
def test_other_times_refused(times: str, written: object, tmp_path: Path) -> None:
    assert reason({"createdAt": written}, configured(tmp_path, f'times = "{times}"')) == (
        "time-invalid"
    )


def test_sources_reach_into_maps_in_order_of_preference(tmp_path: Path) -> None:
    settings = configured(
        tmp_path,
        """
        amounts = "minor"
        [orders.fields]
        email = ["buyer.contact.email", "email"]
        currency = { const = "CZK" }
        status = [{ path = "test", is = true, const = "sandbox" }, "state"]
        [orders.status]
        counted = ["ok"]
        not_counted = ["sandbox"]
        """,
    )
    order = {"state": "ok", "total": 4990, "email": "b@x.com"}

    def mapped(changes: Mapping[str, object]) -> Order:
        return read_order({**order, **changes}, CREATED, settings)

    assert mapped({"buyer": {"contact": {"email": "a@x.com"}}}).email == "a@x.com"
    buyers: list[object] = [None, "x", [], {}, {"contact": None}, {"contact": {"email": None}}]
    for buyer in buyers:
        assert mapped({"buyer": buyer}).email == "b@x.com"
    assert mapped({}).currency == "CZK"
    assert mapped({}).total == 4990
    assert mapped({}).counted
    assert mapped({"test": False}).counted
    assert mapped({"test": 1}).counted  # to Python 1 is True; to crm.toml it is not
    assert not mapped({"test": True}).counted


def test_the_same_document_reads_the_same_on_every_day() -> None:
    order = {**ORDER, "createdAt": CREATED + timedelta(days=200)}
    assert read_order(order, CREATED, Settings()) == read_order(order, CREATED, Settings())
    with pytest.raises(InvalidDocument):
        read_order(order, CREATED - timedelta(days=200), Settings())
