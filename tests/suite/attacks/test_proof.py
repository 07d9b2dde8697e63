"""A client that says it is somebody else, in every way that rules and Firebase Auth let it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from testing.hosts import order
from tests.support.attacking import Client
from tests.support.scene import Scene, Victim

Way = Callable[[Scene, Victim], Client]


def claiming(**said: object) -> Way:
    """A verified account of one's own, and a document that claims what is said."""

    def way(scene: Scene, victim: Victim) -> Client:
        client = scene.stranger()
        told = {name: one(victim.email) if callable(one) else one for name, one in said.items()}
        scene.attack(client, f"users/{client.uid}", told)
        return client

    return way


def deleted_then_document(scene: Scene, victim: Victim) -> Client:
    client = scene.stranger().delete_account()
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def document_then_deleted(scene: Scene, victim: Victim) -> Client:
    client = scene.stranger()
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    client.delete_account()
    scene.attack(client, f"users/{client.uid}", {"email": victim.email, "name": "again"})
    return client


def no_address_first(scene: Scene, victim: Victim) -> Client:
    client = scene.stranger()
    scene.attack(client, f"users/{client.uid}", {"name": "nobody"})
    client.delete_account()
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def own_address_first(scene: Scene, victim: Victim) -> Client:
    client = scene.stranger()
    scene.attack(client, f"users/{client.uid}", {"email": client.email})
    client.delete_account()
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def anonymous(scene: Scene, victim: Victim) -> Client:
    client = scene.client().anonymous()
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def anonymous_then_deleted(scene: Scene, victim: Victim) -> Client:
    client = scene.client().anonymous().delete_account()
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def changed_address(scene: Scene, victim: Victim) -> Client:
    """The address of the account is the victim's then, and nobody has verified it."""
    client = scene.stranger()
    answer = client.change_address(victim.email)
    assert answer.status == (400 if victim.person else 200)  # EMAIL_EXISTS
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def token_from_before_the_change(scene: Scene, victim: Victim) -> Client:
    client = scene.stranger()
    good = client.token
    client.change_address(victim.email)
    client.token = good
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def of_a_tenant(scene: Scene, victim: Victim) -> Client:
    """Whoever runs a tenant says there whose address is verified."""
    client = scene.client()
    client.tenant = scene.tenant()
    client.sign_up(victim.email)
    changes = {"localId": client.uid, "emailVerified": True}
    scene.host_auth(f"tenants/{client.tenant}/accounts:update", changes)
    client.sign_in()
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def own_orders_under_the_address(scene: Scene, victim: Victim) -> Client:
    client = scene.stranger()
    scene.attack(client, f"users/{client.uid}", {"email": client.email})
    bought = order(victim.email, userId=client.uid)
    scene.attack(client, f"orders/{client.uid}", bought)
    return client


def unverified_account_of_the_address(scene: Scene, victim: Victim) -> Client:
    client = scene.client().sign_up(victim.email)
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


def provider_that_verifies_nothing(scene: Scene, victim: Victim) -> Client:
    client = scene.client().by_provider("facebook.com", email=victim.email)
    scene.attack(client, f"users/{client.uid}", {"email": victim.email})
    return client


WAYS: dict[str, Way] = {
    "account deleted, then the document": deleted_then_document,
    "document, then the account deleted, then again": document_then_deleted,
    "document without address first": no_address_first,
    "own address first, account deleted": own_address_first,
    "anonymous": anonymous,
    "anonymous, then deleted": anonymous_then_deleted,
    "account changed to the address": changed_address,
    "token from before the change": token_from_before_the_change,
    "verified by a tenant": of_a_tenant,
    "own orders under the address": own_orders_under_the_address,
    "document with the address": claiming(email=str),
    "document that says it is verified": claiming(
        email=str, emailVerified=True, email_verified=True, account="person", verified=True
    ),
}
SPELT: dict[str, Way] = {
    "document in capitals": claiming(email=str.upper),
    "document with blanks around": claiming(email=lambda email: f"  {email}\t"),
    "document with a plus tag": claiming(email=lambda email: email.replace("@", "+x@")),
    "document in full-width letters": claiming(email=lambda email: email.replace("e", "\uff45")),
    "document with a Kelvin sign": claiming(email=lambda email: f"\u212a{email}"),
    "document with a line break": claiming(email=lambda email: f"me@attacker.example\r\n{email}"),
    "document with two addresses": claiming(email=lambda email: f"me@attacker.example,{email}"),
    "document with a display name": claiming(email=lambda email: f"Me <{email}>"),
    "document with a list": claiming(email=lambda email: [email]),
}
ONLY_A_GUEST: dict[str, Way] = {  # where the victim has an account, Firebase Auth refuses a second
    "unverified account of the address": unverified_account_of_the_address,
    "a provider that verifies nothing": provider_that_verifies_nothing,
}


def gains_nothing(scene: Scene, victim: Victim, way: Way) -> None:
    before = scene.state(victim)
    client = way(scene, victim)
    is_not_linked(scene, client, victim)
    for name in ("claim_my_orders", "export_my_data", "delete_my_data"):
        client.call(name)
    is_not_linked(scene, client, victim)
    assert victim.found_in(client.heard) == []
    assert scene.state(victim) == before


def is_not_linked(scene: Scene, client: Client, victim: Victim) -> None:
    for customer in scene.customers_with("userIds", client.uid):
        assert victim.email not in [*customer["emails"], customer["primaryEmail"]]
    if victim is not scene.unverified:  # whom mail reaches there, as anybody who claims the address
        assert scene.customers_with("contactEmail", victim.email) == []


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("whose", ["guest", "verified user", "unverified user"])
def test_nobody_becomes_somebody_else(scene: Scene, whose: str, way: Way) -> None:
    gains_nothing(scene, scene.victims[whose], way)


@pytest.mark.parametrize("way", SPELT.values(), ids=SPELT)
def test_no_spelling_of_an_address_leads_to_its_owner(scene: Scene, way: Way) -> None:
    gains_nothing(scene, scene.guest, way)


@pytest.mark.parametrize("way", ONLY_A_GUEST.values(), ids=ONLY_A_GUEST)
def test_nobody_becomes_a_guest_by_signing_up_as_them(scene: Scene, way: Way) -> None:
    gains_nothing(scene, scene.a_guest(), way)
