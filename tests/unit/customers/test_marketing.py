"""Which of many decisions holds about news, and what waits for a confirmation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.customers.decision import Decision
from crm.customers.marketing import confirm_from, fold
from crm.customers.part import Contact, Part
from testing.hosts import DAY


def on(day: int) -> Any:
    return DAY + timedelta(days=day)


def said(status: Any, day: int, source: str = "staff") -> Decision:
    return Decision(status, on(day), source)


NO, YES = "unsubscribed", "subscribed"
GUEST = Part("e1", address="a@example.com", rank=0)
OWNED = Part("e1", address="a@example.com", by_proof=True, rank=1)
USER = Part("u1", uid="u1", live=True, rank=0)
PROVEN = Part("u1", uid="u1", live=True, proven="e1", rank=0)
PROVEN_NO = Part("u1", uid="u1", proven="e1", decision=said(NO, 1))
ELSE = Part("e2", address="b@example.com", rank=1)
ELSE_NO = Part("e2", address="b@example.com", rank=1, decision=said(NO, 1))
TYPED = Contact("a@example.com", DAY, "o1")


def opted(part: Part, day: int, decision: Decision | None = None) -> Part:
    return Part(
        part.key,
        rank=part.rank,
        address=part.address,
        by_proof=part.by_proof,
        uid=part.uid,
        live=part.live,
        proven=part.proven,
        opted_in_at=on(day),
        decision=decision,
    )


def held(*parts: Part, double: bool = False, contact: Contact | None = None) -> tuple[Any, Any]:
    with_address = [part for part in parts if part.address]
    primary = min(with_address, key=lambda part: part.rank, default=None)
    folded = fold(parts, primary, contact, double=double)
    assert {*folded} - {"pending"} == {"status", "at", "source"}
    return folded["status"], folded.get("pending", False)


@pytest.mark.parametrize(
    ("parts", "single", "double"),
    [
        ((GUEST,), ("none", False), ("none", False)),
        ((opted(GUEST, 1),), (YES, False), ("none", True)),
        ((opted(GUEST, 2, said(NO, 1)),), (NO, True), (NO, True)),
        ((opted(GUEST, 1, said(NO, 2)),), (NO, False), (NO, False)),
        ((opted(GUEST, 1, said(NO, 1)),), (NO, False), (NO, False)),
        ((opted(GUEST, 1, said(YES, 2)),), (YES, False), (YES, False)),
        ((opted(USER, 1),), (YES, False), ("none", True)),
        ((opted(PROVEN, 1), OWNED), (YES, False), (YES, False)),
        ((opted(PROVEN, 2, said(NO, 1)), OWNED), (YES, False), (YES, False)),
        ((opted(PROVEN, 1, said(NO, 2)), OWNED), (NO, False), (NO, False)),
        ((PROVEN, opted(OWNED, 1)), (YES, False), ("none", True)),
        ((PROVEN_NO, opted(OWNED, 2)), (NO, True), (NO, True)),
        ((opted(PROVEN, 3, said(NO, 1)), opted(OWNED, 2)), (YES, False), (YES, False)),
        # Of another address than the one that mail goes to, which nobody proved: nobody's grant.
        ((GUEST, opted(ELSE, 1)), ("none", False), ("none", False)),
        ((GUEST, ELSE_NO), (NO, False), (NO, False)),
        ((opted(GUEST, 2), ELSE_NO), (NO, True), (NO, True)),
    ],
    ids=str,
)  # fmt: skip
def test_what_holds(parts: tuple[Part, ...], single: object, double: object) -> None:
    assert held(*parts) == single
    assert held(*reversed(parts)) == single
    assert held(*parts, double=True) == double


def test_an_objection_to_an_address_holds_for_whoever_is_to_be_reached_by_it() -> None:
    objected = Contact("a@example.com", DAY, "o1", withdrawn=on(1))
    assert held(opted(USER, 0), contact=TYPED) == (YES, False)
    assert held(opted(USER, 0), contact=objected) == (NO, False)
    assert held(opted(USER, 2), contact=objected) == (NO, True)
    assert held(opted(USER, 2, said(YES, 3)), contact=objected) == (YES, False)
    assert held(opted(PROVEN, 2), OWNED, contact=objected) == (YES, False)


def waits_from(*parts: Part, double: bool, contact: Contact | None = None) -> datetime | None:
    with_address = [part for part in parts if part.address]
    primary = min(with_address, key=lambda part: part.rank, default=None)
    pending = fold(parts, primary, contact, double=double).get("pending", False)
    found = confirm_from(parts, primary, contact, double=double)
    assert found is None or pending
    return found


OPTED = opted(GUEST, 2)


@pytest.mark.parametrize(
    ("parts", "single", "double"),
    [
        ((GUEST,), None, None),
        ((OPTED,), None, 2),  # one that is taken at its word waits for nothing
        ((opted(PROVEN, 2), OWNED), None, None),  # who has proven the address is not asked
        ((opted(PROVEN_NO, 2), OWNED), None, None),
        ((opted(GUEST, 2, said(NO, 1)),), 2, 2),
        ((opted(GUEST, 1, said(NO, 2)),), None, None),  # withdrawn since
        ((opted(GUEST, 2, said(NO, 2)),), None, None),
        ((opted(GUEST, 2, said(YES, 1)),), None, None),  # granted already
        ((opted(GUEST, 2, said(NO, 1)), ELSE), 2, 2),
        # an opt-in of an address that mail does not go to, and nobody has proven, is not hers
        ((GUEST, opted(ELSE, 3)), None, None),
        ((replace(OPTED, unreachable=DAY),), None, None),  # no mail arrives
        ((replace(OPTED, asked_at=on(1)),), None, 2),  # asked for another one
        ((replace(OPTED, asked_at=on(2)),), None, None),  # at that moment, so for this one
        ((replace(OPTED, asked_at=on(3)),), None, None),
        ((OPTED, replace(ELSE, asked_at=on(3))), None, None),  # whoever it was asked through
    ],
)
def test_who_is_to_be_asked_for_a_confirmation_and_since_when(
    parts: tuple[Part, ...], single: int | None, double: int | None
) -> None:
    for expected, both in ((single, False), (double, True)):
        found = waits_from(*parts, double=both)
        assert found == (None if expected is None else on(expected))


def test_who_is_only_to_be_reached_by_an_address_is_asked_there() -> None:
    user = opted(USER, 2)
    assert waits_from(user, double=True) is None  # nowhere to ask
    assert waits_from(user, double=True, contact=TYPED) == on(2)
    objected = replace(TYPED, withdrawn=on(1))
    assert waits_from(user, double=False, contact=objected) == on(2)
    assert waits_from(user, double=False, contact=replace(TYPED, withdrawn=on(3))) is None
    assert waits_from(user, double=True, contact=replace(TYPED, unreachable=DAY)) is None
