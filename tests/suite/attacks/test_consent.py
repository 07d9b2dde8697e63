"""Strangers who subscribe somebody, or have somebody leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.newsletter.unsubscribe_link import link
from crm.runtime import services as runtime
from testing.hosts import order
from tests.support.attacking import Answer
from tests.support.scene import Scene, Victim

FREE = {"total": 0, "status": "paid", "marketingOptIn": True}
IN_2099 = datetime(2099, 1, 1, tzinfo=UTC)
TOMORROW = datetime.now(UTC) + timedelta(days=1)
ONE_CLICK = b"List-Unsubscribe=One-Click"


def marketing(scene: Scene, victim: Victim) -> str:
    status: str = scene.customer(victim.customer_id)["marketing"]["status"]
    return status


def listed(scene: Scene, victim: Victim) -> bool:
    answer = scene.staff("editor").csv(segment="everyone")  # one alone would ask too often
    assert answer.status == 200, answer.text
    return victim.email in answer.text


def leave(scene: Scene, victim: Victim) -> None:
    """The victim's own one click."""
    answer = scene.client().send(link_of(scene, victim.email), "POST", ONE_CLICK)
    assert answer.status == 200, answer.text


def link_of(scene: Scene, address: str) -> str:
    services = runtime.services()
    return link(services.keys, services.function_url("unsubscribe"), address)


NOT_AN_OPT_IN: dict[str, dict[str, Any]] = {
    "failed": {**FREE, "status": "failed"},
    "pending": {**FREE, "status": "pending"},
    "cancelled": {**FREE, "status": "cancelled"},
    "expired": {**FREE, "status": "expired"},
    "refunded": {**FREE, "status": "refunded"},
    "no status there is": {**FREE, "status": "subscribed"},
    "no price there is": {**FREE, "total": "free"},
    "an opt-in as text": {**FREE, "marketingOptIn": "true"},
    "an opt-in as a number": {**FREE, "marketingOptIn": 1},
    "pending, in 2099": {**FREE, "status": "pending", "createdAt": IN_2099},
}


@pytest.mark.parametrize("said", NOT_AN_OPT_IN.values(), ids=NOT_AN_OPT_IN)
def test_an_order_that_does_not_count_subscribes_nobody(scene: Scene, said: dict[str, Any]) -> None:
    victim = scene.a_guest()
    scene.attack(scene.client(), f"orders/a-{victim.mark}", order(victim.email, **said))
    assert marketing(scene, victim) == "none"
    assert not listed(scene, victim)


AFTER_LEAVING: dict[str, dict[str, Any]] = {
    "failed": {**FREE, "status": "failed"},
    "free": FREE,
    "with money": {**FREE, "total": 100},
    "in 2099": {**FREE, "createdAt": IN_2099},
    "tomorrow": {**FREE, "createdAt": TOMORROW},
    "without a time": {**FREE, "createdAt": None},
    "of the attacker's uid": {**FREE, "userId": "own"},
}


@pytest.mark.parametrize("said", AFTER_LEAVING.values(), ids=AFTER_LEAVING)
def test_whoever_left_stays_away_whatever_strangers_order(
    scene: Scene, said: dict[str, Any]
) -> None:
    victim = scene.a_guest(marketingOptIn=True)
    assert listed(scene, victim)
    leave(scene, victim)
    attacker = scene.stranger() if said.get("userId") else scene.client()
    told = {"createdAt": datetime.now(UTC), **said, "userId": attacker.uid or None}
    scene.attack(attacker, f"orders/a-{victim.mark}", order(victim.email, **told))
    assert marketing(scene, victim) == "unsubscribed"
    assert not listed(scene, victim)


def test_whoever_left_is_not_brought_back_by_an_account_that_claims_the_address(
    scene: Scene,
) -> None:
    """The victim's account has not verified the address; neither has the attacker's."""
    victim = scene.a_user(verified=False, marketingOptIn=True)
    assert listed(scene, victim)
    leave(scene, victim)
    assert not listed(scene, victim)
    attacker = scene.stranger()
    scene.attack(attacker, f"users/{attacker.uid}", {"email": victim.email})
    now = datetime.now(UTC)
    bought = order(victim.email, **FREE, userId=attacker.uid, createdAt=now)
    scene.attack(attacker, f"orders/a-{victim.mark}", bought)
    assert not listed(scene, victim)
    assert marketing(scene, victim) == "unsubscribed"


def test_an_opt_in_of_tomorrow_does_not_outlast_a_withdrawal(scene: Scene) -> None:
    victim = scene.a_guest()
    bought = order(victim.email, **FREE, createdAt=TOMORROW)
    scene.attack(scene.client(), f"orders/a-{victim.mark}", bought)
    assert marketing(scene, victim) == "subscribed", "nobody had ever decided"
    leave(scene, victim)
    assert marketing(scene, victim) == "unsubscribed"
    assert not listed(scene, victim)


@pytest.mark.parametrize("left", [True, False], ids=["left before", "had never left"])
@pytest.mark.parametrize(
    "said", [{**FREE, "status": "failed"}, FREE, {**FREE, "createdAt": TOMORROW}],
    ids=["failed", "free", "tomorrow"],
)  # fmt: skip
def test_whoever_was_erased_is_not_subscribed_by_a_stranger(
    scene: Scene, said: dict[str, Any], left: bool
) -> None:
    victim = scene.a_guest(marketingOptIn=left)
    if left:
        leave(scene, victim)
    asked = {"customerId": victim.customer_id, "reason": "asked by letter"}
    assert scene.hired("admin").call("delete_customer", **asked).data["status"] == "done"
    bought = order(victim.email, **{"createdAt": datetime.now(UTC), **said})
    scene.attack(scene.client(), f"orders/a-{victim.mark}", bought)
    (later,) = scene.customers_with("emails", victim.email)
    assert later["marketing"]["status"] != "subscribed"
    assert not listed(scene, victim)


# --- The link ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader(scene: Scene) -> Victim:
    return scene.a_guest(marketingOptIn=True)


def forged(scene: Scene, reader: Victim) -> dict[str, str]:
    """Tokens by somebody who has a link of the own, and knows even the victim's key."""
    own = link_of(scene, "me@attacker.example").partition("?token=")[2]
    key = runtime.services().keys.address(reader.email)
    signature = own.rpartition(".")[2]
    good = link_of(scene, reader.email).partition("?token=")[2]
    return {
        "none": "",
        "the address": reader.email,
        "the key alone": key,
        "an empty signature": f"{key}.",
        "a signature of one's own link": f"{key}.{signature}",
        "one letter changed": good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1],
        "in capitals": good.upper(),
        "own link with the key behind it": f"{own}.{key}",
    }


def test_nobody_makes_a_link_for_somebody_else(scene: Scene, reader: Victim) -> None:
    url = link_of(scene, reader.email).partition("?")[0]
    before = scene.state(reader)
    for name, token in forged(scene, reader).items():
        answer = scene.client().send(f"{url}?token={token}", "POST", ONE_CLICK)
        assert answer.status == 400, name
    assert scene.state(reader) == before
    assert marketing(scene, reader) == "subscribed"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_a_link_that_is_only_looked_at_changes_nothing(
    scene: Scene, reader: Victim, method: str
) -> None:
    before = scene.state(reader)
    answer: Answer = scene.client().send(link_of(scene, reader.email), method)
    assert reader.email not in answer.text
    assert scene.state(reader) == before


@pytest.mark.parametrize(
    "body", [b"", b"List-Unsubscribe=No", b"One-Click", b"a=List-Unsubscribe=One-Click"]
)
def test_a_link_that_is_posted_without_the_click_changes_nothing(
    scene: Scene, reader: Victim, body: bytes
) -> None:
    before = scene.state(reader)
    assert scene.client().send(link_of(scene, reader.email), "POST", body).status == 400
    assert scene.state(reader) == before
