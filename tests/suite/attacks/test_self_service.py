"""Self-service as a door to other people: tokens that are good no more, mailboxes, mistypings."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from testing.hosts import order, user
from tests.support.attacking import Answer, Client
from tests.support.scene import Scene


def test_what_the_tries_are_measured_by(scene: Scene) -> None:
    """A client that means well has its own, all of it, by the same requests."""
    client = scene.stranger()
    scene.attack(client, f"users/{client.uid}", user(client.email))
    scene.attack(client, f"orders/{client.uid}", order(client.email))
    assert client.call("claim_my_orders").data == {"linked": 1}
    archive = client.call("export_my_data").data["archive"]
    assert [one["orderId"] for one in archive["orders"]] == [client.uid]
    assert client.call("delete_my_data").data["status"] == "done"
    assert scene.account(client.uid) is None
    assert scene.customers_with("userIds", client.uid) == []


# --- Tokens that are good no more ----------------------------------------------------------------


def deleted(scene: Scene, client: Client) -> None:
    client.delete_account()


def disabled(scene: Scene, client: Client) -> None:
    scene.change_account(client.uid, disableUser=True)


def revoked(scene: Scene, client: Client) -> None:
    scene.end_sessions(client.uid)


def unverified_again(scene: Scene, client: Client) -> None:
    scene.change_account(client.uid, emailVerified=False)


def role_taken(scene: Scene, client: Client) -> None:
    scene.change_account(client.uid, customAttributes="{}")


def of_a_tenant(scene: Scene, client: Client) -> None:
    """The same claims, as a tenant of Identity Platform would give them to the same uid."""
    claims = _claims(client)
    claims["firebase"] = {"sign_in_provider": "password", "tenant": "t-1"}
    _take_claims(client, claims)


def signed_in_long_ago(scene: Scene, client: Client) -> None:
    """A fresh token of a session that began an hour ago: a browser that was left open."""
    scene.change_account(client.uid, validSince="1")  # the account is as old
    _take_claims(client, {**_claims(client), "auth_time": int(time.time()) - 3_600})


def _claims(client: Client) -> dict[str, object]:
    body = (client.token or "").split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def _take_claims(client: Client, claims: dict[str, object]) -> None:
    """Have another token; those of the Auth emulator are not signed."""
    head, _, signature = (client.token or "").split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    client.token = f"{head}.{body}.{signature}"


Spoil = Callable[[Scene, Client], None]
Ask = Callable[[Client, str], Answer]

SPOILT: list[Spoil] = [deleted, disabled, revoked, unverified_again, of_a_tenant]
OWN: dict[str, Ask] = {
    "claim_my_orders": lambda client, _: client.call("claim_my_orders"),
    "export_my_data": lambda client, _: client.call("export_my_data"),
    "delete_my_data": lambda client, _: client.call("delete_my_data"),
}
ADMINS: dict[str, Ask] = {
    "export_customer": lambda client, who: client.call("export_customer", customerId=who),
    "delete_customer": lambda client, who: client.call(
        "delete_customer", customerId=who, reason="asked by letter", force=True
    ),
    "list_audit": lambda client, who: client.call("list_audit", customerId=who),
    "rebuild_customers": lambda client, _: client.call("rebuild_customers"),
    "export_segment_csv": lambda client, _: client.csv(segment="everyone"),
}


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("ask", OWN.values(), ids=OWN)
def test_a_stolen_token_of_a_buyer_is_good_no_more(scene: Scene, ask: Ask, spoil: Spoil) -> None:
    refuses(scene, ask, spoil, None)


@pytest.mark.parametrize("name", ["export_my_data", "delete_my_data"])
def test_a_browser_that_was_left_open_opens_nothing(scene: Scene, name: str) -> None:
    refuses(scene, OWN[name], signed_in_long_ago, None)


@pytest.mark.parametrize("spoil", [*SPOILT, role_taken], ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("ask", ADMINS.values(), ids=ADMINS)
def test_a_stolen_token_of_an_admin_is_good_no_more(scene: Scene, ask: Ask, spoil: Spoil) -> None:
    refuses(scene, ask, spoil, "admin")


def refuses(scene: Scene, ask: Ask, spoil: Spoil, role: str | None) -> None:
    client = scene.staff(role) if role else scene.stranger()
    scene.attack(client, f"users/{client.uid}", user(client.email))
    scene.attack(client, f"orders/{client.uid}", order(client.email))
    (own,) = scene.customers_with("userIds", client.uid)
    before = scene.state(scene.guest)
    spoil(scene, client)
    account = scene.account(client.uid)
    answer = ask(client, scene.guest.customer_id)
    assert answer.status in {401, 403}, answer.text
    assert scene.guest.found_in(client.heard) == []
    assert client.uid not in answer.text
    assert scene.state(scene.guest) == before
    assert scene.customers_with("userIds", client.uid) == [own]
    assert scene.account(client.uid) == account
    assert scene.jobs_of(client.uid) == []


# --- Other people's mailboxes and orders ---------------------------------------------------------


def test_whoever_has_a_former_mailbox_keeps_the_account(scene: Scene) -> None:
    """A leaves a mailbox, B gets it and signs up, and has no users document; A erases."""
    attacker = scene.stranger()
    former = attacker.email
    scene.attack(attacker, f"users/{attacker.uid}", user(former))
    scene.attack(attacker, f"orders/{attacker.uid}", order(former, userId=attacker.uid))
    assert attacker.change_address(f"new.{former}").status == 200
    attacker.verify()
    scene.attack(attacker, f"users/{attacker.uid}", user(attacker.email))
    owner = scene.client().sign_up(former).verify()
    account = scene.account(owner.uid)
    assert attacker.call("delete_my_data").data["status"] == "done"
    assert account is not None
    assert scene.account(owner.uid) == account
    assert owner.sign_in().token


@pytest.mark.parametrize("known", [False, True], ids=["no users document", "a users document"])
def test_a_buyer_who_mistyped_the_address_is_not_shown_and_not_taken(
    scene: Scene, known: bool
) -> None:
    attacker, buyer = scene.stranger(), scene.stranger()
    scene.attack(attacker, f"users/{attacker.uid}", user(attacker.email))
    if known:
        scene.attack(buyer, f"users/{buyer.uid}", user(buyer.email))
    path = f"orders/mistyped-{buyer.uid}"
    bought = order(attacker.email, userId=buyer.uid, name=f"Grace {buyer.uid}")
    scene.attack(buyer, path, bought)
    attacker.call("claim_my_orders")
    archive = attacker.call("export_my_data")
    assert buyer.uid not in archive.text
    assert attacker.call("delete_my_data").status == 200
    kept = scene.documents.document(path).get().to_dict()
    assert (kept["userId"], kept["name"]) == (buyer.uid, f"Grace {buyer.uid}")
    assert scene.account(buyer.uid) is not None


def test_an_order_of_ones_own_under_the_address_of_somebody_else_opens_nothing(
    scene: Scene,
) -> None:
    """Signed in and without a document: the order is beside the victim's, and stays there."""
    victim = scene.a_guest()
    before = scene.customer(victim.customer_id)
    attacker = scene.stranger()
    scene.attack(attacker, f"orders/{attacker.uid}", order(victim.email, userId=attacker.uid))
    scene.attack(attacker, f"users/{attacker.uid}", user(victim.email))
    for name in ("claim_my_orders", "export_my_data", "delete_my_data"):
        attacker.call(name)
    assert victim.found_in(attacker.heard) == []
    after = scene.customer(victim.customer_id)
    for name in ("emails", "userIds", "name", "totalSpend", "orderCount", "eventIds", "marketing"):
        assert after[name] == before[name], name
    assert scene.account(attacker.uid) is None, "the own account goes with the own data"


def test_a_second_erasure_takes_nobody_along(scene: Scene) -> None:
    """The address was erased and is somebody else's now: the first token asks again."""
    attacker = scene.stranger()
    scene.attack(attacker, f"users/{attacker.uid}", user(attacker.email))
    scene.attack(attacker, f"orders/{attacker.uid}", order(attacker.email))
    stolen = replace(attacker, heard=[])
    assert attacker.call("delete_my_data", confirm=True).data["status"] == "done"
    later = scene.a_guest()
    path = f"orders/later-{attacker.uid}"
    bought = order(attacker.email, name=f"Grace {later.mark}")
    del bought["createdAt"]
    scene.documents.document(path).set(bought)
    scene.settle(path)
    (customer,) = scene.customers_with("emails", attacker.email)
    for name in ("delete_my_data", "export_my_data", "claim_my_orders"):
        assert stolen.call(name, **({"confirm": True} if name == "delete_my_data" else {})).reason
    assert later.mark not in "".join(stolen.heard)
    assert scene.customers_with("emails", attacker.email) == [customer]


@pytest.mark.parametrize(
    "said",
    [
        {"userId": "uid"},
        {"customerId": "customer"},
        {"email": "email"},
        {"who": {"email": "email"}},
        {"confirm": "true"},
        {"force": True},
        {"reason": "asked by letter"},
    ],
    ids=lambda said: ", ".join(said),
)
@pytest.mark.parametrize("name", ["export_my_data", "delete_my_data", "claim_my_orders"])
def test_self_service_takes_no_word_of_whom(
    scene: Scene, name: str, said: dict[str, object]
) -> None:
    victim = scene.verified
    before = scene.state(victim)
    attacker = scene.client().sign_up().verify()
    values = {"uid": victim.uid, "customer": victim.customer_id, "email": victim.email}
    told = json.loads(
        json.dumps(said), object_hook=lambda one: {k: _filled(v, values) for k, v in one.items()}
    )
    answer = attacker.call(name, **told)
    assert answer.status == 400, answer.text
    assert victim.found_in([answer.text]) == []
    assert scene.state(victim) == before
    assert scene.account(attacker.uid) is not None


def _filled(word: object, values: dict[str, str]) -> object:
    return values.get(word, word) if isinstance(word, str) else word
