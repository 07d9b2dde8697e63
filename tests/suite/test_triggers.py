"""The real triggers on the real suite: nobody calls a handler here, documents are written."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from google.cloud.firestore import DELETE_FIELD, FieldFilter, GeoPoint

from crm.core.keyring import Keyring
from crm.runtime.services import EMULATOR_KEY
from suite import Suite
from testing.auth import sign_up
from testing.client import PatientClient
from testing.hosts import DAY, item, order, user
from testing.patience import eventually

KEYS = Keyring(EMULATOR_KEY)


class Deployed:
    """The suite's own project, where the functions listen; every test uses ids of its own."""

    def __init__(self, suite: Suite) -> None:
        self.client = PatientClient(project=suite.project)
        self.mark = uuid.uuid4().hex[:10]

    def address(self, name: str = "ada") -> str:
        return f"{name}-{self.mark}@example.com"

    def put_order(self, name: str, data: dict[str, Any]) -> str:
        order_id = f"{name}-{self.mark}"
        self.client.document(f"orders/{order_id}").set(data)
        return order_id

    def customers(self, email: str) -> list[dict[str, Any]]:
        holds = FieldFilter("emails", "array_contains", email)
        return [
            found.to_dict() or {}
            for found in self.client.collection("customers").where(filter=holds).get()
        ]

    def customer(self, email: str) -> dict[str, Any]:
        (found,) = self.customers(email)
        return found

    def quarantined(self, order_id: str) -> str | None:
        path = f"crmQuarantine/{KEYS.quarantine('orders', order_id)}"
        return (self.client.document(path).get().to_dict() or {}).get("reason")


@pytest.fixture
def deployed(suite: Suite) -> Deployed:
    return Deployed(suite)


def test_an_orders_life(deployed: Deployed) -> None:
    email = deployed.address()
    order_id = deployed.put_order("o", order(email))

    def spends(amount: int) -> None:
        assert deployed.customer(email)["totalSpend"] == {"USD": amount}

    eventually(lambda: spends(4990))
    reference = deployed.client.document(f"orders/{order_id}")
    reference.update({"refunded": "9.90", "status": "partially_refunded"})
    eventually(lambda: spends(4000))
    reference.update({"refunded": DELETE_FIELD, "status": "paid"})
    eventually(lambda: spends(4990))
    corrected = deployed.address("corrected")
    reference.update({"email": corrected})
    assert eventually(lambda: deployed.customer(corrected))["orderCount"] == 1
    assert deployed.customers(email) == []
    reference.delete()

    def is_gone() -> None:
        assert deployed.customers(corrected) == []

    eventually(is_gone)
    row = deployed.client.document(f"crmOrders/{order_id}").get().to_dict() or {}
    assert row["deleted"] is True


def test_a_user_takes_over_guest_orders(deployed: Deployed) -> None:
    email = deployed.address()
    deployed.put_order("o", order(email))
    eventually(lambda: deployed.customer(email))
    uid = sign_up(email=email).uid
    deployed.client.document(f"users/{uid}").set(user(email))

    def is_registered() -> None:
        customer = deployed.customer(email)
        assert customer["registered"] is True
        assert customer["userIds"] == [uid]
        assert customer["orderCount"] == 1

    eventually(is_registered)


def test_ids_outside_ascii_arrive(deployed: Deployed) -> None:
    """The framework hands them over as latin-1."""
    email = deployed.address()
    deployed.put_order("bestellung-größe-日本", order(email))
    assert eventually(lambda: deployed.customer(email))["orderCount"] == 1


def test_an_order_leaves_quarantine_when_it_is_mended_or_deleted(deployed: Deployed) -> None:
    mended = deployed.put_order("mended", order(deployed.address(), total="12,50"))
    deleted = deployed.put_order("deleted", order(deployed.address(), status="who knows"))

    def reasons(first: str | None, second: str | None) -> None:
        assert (deployed.quarantined(mended), deployed.quarantined(deleted)) == (first, second)

    eventually(lambda: reasons("amount-invalid", "status-unknown"))
    deployed.put_order("mended", order(deployed.address()))
    deployed.client.document(f"orders/{deleted}").delete()
    eventually(lambda: reasons(None, None))
    assert deployed.customer(deployed.address())["orderCount"] == 1


deep: dict[str, Any] = {}
for _ in range(18):
    deep = {"deeper": deep}

EMAILS: dict[str, Any] = {
    "missing": DELETE_FIELD,
    "null": None,
    "empty": "",
    "blank": "  ",
    "a list": ["a@x.com"],
    "a number": 7,
    "a map": {"email": "a@x.com"},
    "no domain": "alice@",
    "no local part": "@x.com",
    "two at signs": "a@@x.com",
    "a display name": "Alice <a@x.com>",
    "two in one": "a@x.com, b@x.com",
    "two by semicolon": "a@x.com;b@x.com",
    "a line break": "a@x.com\r\nBcc: b@x.com",
    "a zero-width space": "a\u200b@x.com",
    "bidi override": "a\u202e@x.com",
    "300 characters": "a" * 290 + "@x.com",
    "a space inside": "a b@x.com",
    "NUL": "a\x00@x.com",
    "no dot": "a@localhost",
}
TOTALS: dict[str, Any] = {
    "missing": DELETE_FIELD,
    "null": None,
    "comma": "12,50",
    "exponent": "1e3",
    "true": True,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "negative": -1,
    "negative text": "-0.01",
    "2^63 as text": str(2**63),
    "2^63 - 1": 2**63 - 1,
    "too many digits": 12.505,
    "too many digits, text": "12.505",
    "a list": [1],
    "a map": {"amount": 1},
    "empty": "",
    "currency sign": "$5",
    "spaces": " 5 ",
    "full-width digits": "\uff15",
    "underscores": "1_000",
    "bytes": b"5",
}
OTHERS: dict[str, dict[str, Any]] = {
    "refund above total": {"refunded": 50},
    "refund negative": {"refunded": -1},
    "refund a text": {"refunded": "ten"},
    "currency unknown": {"currency": "XYZ"},
    "currency missing": {"currency": DELETE_FIELD},
    "currency a number": {"currency": 840},
    "currency lira sign": {"currency": "\u20ba"},
    "yen with digits": {"currency": "JPY", "total": "10.5"},
    "status missing": {"status": DELETE_FIELD},
    "status null": {"status": None},
    "status a number": {"status": 1},
    "status mistyped": {"status": "payed"},
    "status a list": {"status": ["paid"]},
    "time a text": {"createdAt": "2024-03-01T12:00:00Z"},
    "time a number": {"createdAt": 1709294400},
    "time in year 1": {"createdAt": datetime(1, 1, 1, tzinfo=UTC)},
    "time far ahead": {"createdAt": datetime(2999, 1, 1, tzinfo=UTC)},
    "time a map": {"createdAt": {"seconds": 1}},
    "user a number": {"userId": 42},
    "user a list": {"userId": ["u1"]},
}
UNREADABLE = {
    **{f"email {name}": {"email": value} for name, value in EMAILS.items()},
    **{f"total {name}": {"total": value} for name, value in TOTALS.items()},
    **OTHERS,
}
ODD_ITEMS: dict[str, Any] = {
    "absent": DELETE_FIELD,
    "null": None,
    "a text": "two tickets",
    "a map": {"eventId": "e"},
    "10,000 long": [{}] * 10_000,
    "20 deep": [deep],
    "odd types": [None, 1, "x", True, 0.5, GeoPoint(1, 2)],
    "no event": [{"eventName": "Nameless"}],
    "event a part of a number": [item(5.5)],  # type: ignore[arg-type]
    "event reserved": [item("__name__")],
    "event empty": [item("")],
    "quantity negative": [item(quantity=-1)],
    "quantity a text": [item(quantity="2")],
    "quantity NaN": [item(quantity=float("nan"))],
}


def broken(email: str, changes: dict[str, Any]) -> dict[str, Any]:
    data = {**order(email), **changes}
    return {key: value for key, value in data.items() if value is not DELETE_FIELD}


def test_no_bad_order_is_lost_or_counted(deployed: Deployed) -> None:
    """Every class of bad input, through the live trigger, among good orders."""
    assert len(UNREADABLE) >= 60
    email = deployed.address()
    ids = {
        name: deployed.put_order(f"bad{number}", broken(email, changes))
        for number, (name, changes) in enumerate(UNREADABLE.items())
    }
    for number in range(3):
        deployed.put_order(f"good{number}", order(email, total="1.00"))

    def reasons() -> dict[str, str | None]:
        found = {name: deployed.quarantined(order_id) for name, order_id in ids.items()}
        assert all(found.values()), [name for name, reason in found.items() if reason is None]
        return found

    stable = eventually(reasons, seconds=120)
    for name, reason in stable.items():
        kind = name.split()[0]
        expected = {"total": ("amount",), "refund": ("refund", "amount"), "yen": ("amount",)}
        assert reason is not None
        assert reason.startswith(expected.get(kind, (kind,))), name

    def counted() -> None:
        assert deployed.customer(email)["totalSpend"] == {"USD": 300}

    eventually(counted)


def test_an_order_that_firestore_has_no_room_for_is_listed(deployed: Deployed) -> None:
    """Its document fits; its row of the ledger, with every event twice, would not."""
    email = deployed.address()
    ticket = "\U0001f39f"  # four bytes
    long = [item("e" * 250 + str(n), eventName=ticket * 200) for n in range(900)]
    huge = deployed.put_order("huge", order(email, items=long))
    deployed.put_order("small", order(email))

    def is_listed() -> None:
        assert deployed.quarantined(huge) == "too-large"
        assert deployed.customer(email)["orderCount"] == 1

    eventually(is_listed)


def test_orders_with_odd_items_count(deployed: Deployed) -> None:
    email = deployed.address()
    for number, value in enumerate(ODD_ITEMS.values()):
        deployed.put_order(f"odd{number}", broken(email, {"items": value, "total": "1.00"}))

    def counted() -> None:
        customer = deployed.customer(email)
        assert customer["orderCount"] == len(ODD_ITEMS)
        assert customer["totalSpend"] == {"USD": 100 * len(ODD_ITEMS)}
        assert customer["eventIds"] == []

    eventually(counted)
    row = deployed.client.document(f"crmOrders/odd2-{deployed.mark}").get().to_dict() or {}
    assert row["oddCount"] == 1


def test_a_time_that_is_absent_is_the_documents_own(deployed: Deployed) -> None:
    email = deployed.address()
    order_id = deployed.put_order("o", broken(email, {"createdAt": DELETE_FIELD}))
    created = deployed.client.document(f"orders/{order_id}").get().create_time
    assert eventually(lambda: deployed.customer(email))["firstOrderAt"] == created
    assert created != DAY
