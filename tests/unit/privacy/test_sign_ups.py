"""Sign-ups that wait: what an archive tells of them, and which go with a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from crm.customers.part import Contact, Part
from crm.db.documents import Delete
from crm.privacy.erasure.sign_ups import plan_sign_ups
from crm.privacy.sign_ups import sign_ups
from crm.signup.record import Asked, SignUp
from testing.hosts import DAY
from testing.world import KEYS, World

OWN, TYPED, CLAIMED = (KEYS.address(f"{name}@example.com") for name in ("ada", "typed", "claimed"))
USER = KEYS.user("u1")


def put(world: World, key: str, *forms: str | None, **more: Any) -> int:
    """Put a sign-up that was asked for by some forms, None for an order; give its version."""
    asked = tuple(
        Asked(
            DAY + timedelta(days=number), form, f"v{number}" if form else None, "en", f"m{number}"
        )
        for number, form in enumerate(forms)
    )
    known = {"address": "a@b.c", "sent_at": DAY + timedelta(hours=1), **more}
    expire = DAY + timedelta(days=7)
    state = known.pop("state", "pending")
    one = SignUp(key, state, DAY, expire, asked=asked, form=forms[-1], network="n", **known)
    world.store.put(f"crmSignups/{key}", one.to_data())
    return world.store.read([f"crmSignups/{key}"])[f"crmSignups/{key}"].version


def text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


# --- In an archive -------------------------------------------------------------------------------


def test_what_is_known_of_each_address_is_told_whole_and_no_key() -> None:
    world = World()
    put(world, OWN, "newsletter", None)
    put(world, TYPED, "press", state="refused", sent_at=None)
    put(world, CLAIMED, "press")
    mails = {OWN: "ada@example.com", TYPED: "typed@example.com", KEYS.address("x@y.zz"): "x@y.zz"}
    told = {
        OWN: {
            "address": "ada@example.com",
            "state": "pending",
            "requestedAt": text(DAY),
            "sentAt": text(DAY + timedelta(hours=1)),
            "expireAt": text(DAY + timedelta(days=7)),
            "asked": [
                {
                    "at": text(DAY),
                    "form": "newsletter",
                    "version": "v0",
                    "language": "en",
                    "confirmedAt": None,
                },
                {
                    "at": text(DAY + timedelta(days=1)),
                    "form": None,
                    "version": None,
                    "language": "en",
                    "confirmedAt": None,
                },
            ],
        },
        TYPED: {
            "address": "typed@example.com",
            "state": "refused",
            "requestedAt": text(DAY),
            "sentAt": None,
            "expireAt": text(DAY + timedelta(days=7)),
            "asked": [
                {
                    "at": text(DAY),
                    "form": "press",
                    "version": "v0",
                    "language": "en",
                    "confirmedAt": None,
                }
            ],
        },
    }
    assert sign_ups(world.store, mails) == [told[key] for key in sorted(told)]


def test_who_has_no_address_costs_no_call() -> None:
    world = World()
    calls: list[None] = []
    world.store.pause = lambda: calls.append(None)
    assert sign_ups(world.store, {}) == []
    assert calls == []


# --- With an erasure -----------------------------------------------------------------------------

GUEST = Part(OWN, address="ada@example.com")
BUYER = Part(
    USER,
    uid="u1",
    typed=Contact("typed@example.com", DAY, "o1"),
    claimed=Contact("claimed@example.com"),
)


@pytest.mark.parametrize(
    ("part", "key", "forms", "state", "goes"),
    [
        (GUEST, OWN, ["newsletter"], "pending", True),
        (GUEST, OWN, [None], "pending", True),
        (GUEST, OWN, ["newsletter"], "confirmed", True),
        (GUEST, OWN, ["newsletter"], "refused", False),
        (GUEST, TYPED, [None], "pending", False),
        (BUYER, TYPED, [None], "pending", True),
        (BUYER, TYPED, [None, None], "confirmed", True),
        (BUYER, TYPED, [None], "refused", False),
        (BUYER, TYPED, ["newsletter"], "pending", False),
        (BUYER, TYPED, [None, "newsletter", None], "pending", False),
        (BUYER, CLAIMED, [None], "pending", True),
        (BUYER, CLAIMED, ["newsletter"], "pending", False),
        (BUYER, USER, [None], "pending", False),
        (BUYER, OWN, [None], "pending", False),
    ],
)
def test_a_sign_up_goes_with_whom_it_is_of(
    part: Part, key: str, forms: list[str | None], state: str, goes: bool
) -> None:
    """By a form it is of whoever has the mailbox; by an order of whoever typed the address."""
    world = World()
    version = put(world, key, *forms, state=state)
    planned = world.runner.evaluate(lambda tx: plan_sign_ups(tx, [part]))
    assert planned == ([Delete(f"crmSignups/{key}", version)] if goes else [])


def test_an_address_that_is_ones_own_and_typed_as_well_is_ones_own() -> None:
    world = World()
    version = put(world, TYPED, "newsletter")
    parts = [BUYER, Part(TYPED, address="typed@example.com")]
    for some in (parts, parts[::-1]):
        planned = world.runner.evaluate(partial(plan_sign_ups, parts=some))
        assert planned == [Delete(f"crmSignups/{TYPED}", version)]


def test_of_nobody_nothing_goes() -> None:
    world = World()
    put(world, OWN, None)
    assert world.runner.evaluate(lambda tx: plan_sign_ups(tx, [])) == []
