"""The doors that lead straight to data: Firestore under rules, and every function."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from testing.hosts import user as user_document
from tests.support.attacking import Answer, Client
from tests.support.scene import OURS, Scene, Victim

Act = Callable[[Client, str, str], Answer]

READS: dict[str, Act] = {
    "get": lambda client, path, _: client.get(path),
    "list": lambda client, _, collection: client.get(collection),
    "query": lambda client, _, collection: client.query(collection),
    "collection group": lambda client, _, collection: client.query(collection, everywhere=True),
}
WRITTEN: dict[str, object] = {"tags": ["mine"]}
WRITES: dict[str, Act] = {
    "set": lambda client, path, _: client.set(path, WRITTEN),
    "create": lambda client, _, collection: client.create(f"{collection}/mine", {"at": 1}),
    "create below": lambda client, path, _: client.create(f"{path}/mine/mine", {"at": 1}),
    "delete": lambda client, path, _: client.delete(path),
}


@pytest.fixture(scope="module")
def clients(scene: Scene) -> dict[str, Client]:
    """Everybody without a role, one of whom has written one into the own document."""
    boaster = scene.stranger()
    told = {
        **user_document(boaster.email),
        "crm": "admin",
        "role": "admin",
        "claims": {"crm": "admin"},
    }
    scene.attack(boaster, f"users/{boaster.uid}", told)
    return {
        "guest": scene.client(),
        "anonymous": scene.client().anonymous(),
        "unverified": scene.client().sign_up(),
        "with a role in the own document": boaster,
    }


@pytest.mark.parametrize("collection", OURS)
def test_no_client_reads_or_writes_what_is_ours(
    scene: Scene, clients: dict[str, Client], collection: str
) -> None:
    path, before = scene.one_of(collection), scene.state(scene.guest)
    for who, client in clients.items():
        for name, act in {**READS, **WRITES}.items():
            assert act(client, path, collection).status == 403, (who, name)
        assert scene.guest.found_in(client.heard) == []
    assert scene.documents.document(path).get().to_dict() != WRITTEN
    assert not scene.documents.document(f"{collection}/mine").get().exists
    assert scene.state(scene.guest) == before


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
@pytest.mark.parametrize("collection", OURS)
def test_no_staff_writes_what_is_ours_from_a_client(
    scene: Scene, collection: str, role: str
) -> None:
    client = scene.hired(role)
    path, before = scene.one_of(collection), scene.state(scene.guest)
    for name, act in WRITES.items():
        assert act(client, path, collection).status == 403, name
    assert scene.documents.document(path).get().to_dict() != WRITTEN
    assert not scene.documents.document(f"{collection}/mine").get().exists
    assert scene.state(scene.guest) == before


# --- The host's documents ------------------------------------------------------------------------

Try = Callable[[Client, Victim], Answer]
MINE = {"email": "me@attacker.example", "status": "paid", "total": 0, "currency": "USD"}

HOSTS: dict[str, Try] = {
    "read the order": lambda client, who: client.get(f"orders/{who.order_id}"),
    "list orders": lambda client, _: client.get("orders"),
    "query orders by address": lambda client, who: client.query(
        "orders", ("email", "EQUAL", who.email)
    ),
    "query orders by uid": lambda client, who: client.query("orders", ("userId", "EQUAL", who.uid)),
    "all collections of orders": lambda client, _: client.query("orders", everywhere=True),
    "overwrite the order": lambda client, who: client.set(f"orders/{who.order_id}", MINE),
    "overwrite it as one's own": lambda client, who: client.set(
        f"orders/{who.order_id}", {**MINE, "userId": client.uid or None}
    ),
    "create an order of that id": lambda client, who: client.create(f"orders/{who.order_id}", MINE),
    "delete the order": lambda client, who: client.delete(f"orders/{who.order_id}"),
    "an order for the uid": lambda client, who: client.create(
        f"orders/for-{who.mark}", {**MINE, "userId": who.uid}
    ),
    "read the user": lambda client, who: client.get(f"users/{who.uid}"),
    "list users": lambda client, _: client.get("users"),
    "query users": lambda client, who: client.query("users", ("email", "EQUAL", who.email)),
    "overwrite the user": lambda client, who: client.set(
        f"users/{who.uid}", {"email": client.email}
    ),
    "delete the user": lambda client, who: client.delete(f"users/{who.uid}"),
}


@pytest.mark.parametrize("attempt", HOSTS.values(), ids=HOSTS)
def test_a_hosts_document_of_somebody_else_is_theirs(
    scene: Scene, clients: dict[str, Client], attempt: Try
) -> None:
    before = scene.state(scene.verified)
    for who, client in clients.items():
        answer = attempt(client, scene.verified)
        assert answer.status in {403, 409}, (who, answer.text)
        assert scene.verified.name not in answer.text
    assert scene.state(scene.verified) == before


# --- Functions -----------------------------------------------------------------------------------

# A function is a process of its own here, and its start most of what the kit takes: these are those
# that give away or destroy. `tests/unit/entrypoints/test_dispatch.py` does the same to all.
GIVES_AWAY = [
    "delete_customer",
    "export_customer",
    "get_customer",
    "list_audit",
    "merge_customers",
    "rebuild_customers",
    "search_customers",
    "set_consent",
]


def about(name: str, victim: Victim) -> dict[str, object]:
    """Arguments that would be good ones."""
    told: dict[str, dict[str, object]] = {
        "delete_customer": {"customerId": victim.customer_id, "reason": "by letter", "force": True},
        "list_audit": {},
        "merge_customers": {"sourceId": victim.customer_id, "targetId": victim.customer_id[::-1]},
        "rebuild_customers": {},
        "search_customers": {"q": victim.email},
        "set_consent": {"customerId": victim.customer_id, "status": "unsubscribed"},
    }
    return told.get(name, {"email": victim.email})


@pytest.mark.parametrize("name", GIVES_AWAY)
def test_no_function_of_staff_answers_a_client(
    scene: Scene, clients: dict[str, Client], name: str
) -> None:
    victim = scene.verified
    before = scene.state(victim)
    for who, client in clients.items():
        answer = client.call(name, **about(name, victim))
        assert (answer.status, answer.reason) == (
            (401, "sign-in") if who == "guest" else (403, "role")
        )
        assert victim.found_in([answer.text]) == []
    assert scene.state(victim) == before


def test_the_list_is_for_editors(scene: Scene, clients: dict[str, Client]) -> None:
    for who, client in {**clients, "viewer": scene.hired("viewer")}.items():
        answer = client.csv(segment="everyone")
        assert answer.status == (401 if who == "guest" else 403)
        assert "@" not in answer.text


ABOVE: dict[str, list[str]] = {
    "viewer": [
        "set_consent",
        "merge_customers",
        "export_customer",
        "delete_customer",
        "list_audit",
    ],
    "editor": ["export_customer", "delete_customer", "list_audit", "rebuild_customers"],
}


@pytest.mark.parametrize(
    ("role", "name"), [(role, name) for role, names in ABOVE.items() for name in names]
)
def test_staff_do_no_more_than_their_role(scene: Scene, role: str, name: str) -> None:
    before = scene.state(scene.verified)
    answer = scene.hired(role).call(name, **about(name, scene.verified))
    assert (answer.status, answer.reason) == (403, "role")
    assert scene.state(scene.verified) == before


BODIES: dict[str, object] = {
    "100 kB": {"q": "x" * 100_000},
    "a question 40 deep": {"q": json.loads("[" * 40 + "]" * 40)},
    "an address that is none": {"q": "a@@b"},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_nobody_without_a_role_learns_what_is_wrong_with_a_body(
    scene: Scene, clients: dict[str, Client], body: dict[str, object]
) -> None:
    for who, client in clients.items():
        answer = client.call("search_customers", **body)
        expected = (401, "sign-in") if who == "guest" else (403, "role")
        assert (answer.status, answer.reason) == expected, answer.text


def test_an_id_with_a_slash_leads_nowhere(scene: Scene) -> None:
    """By somebody who may ask: no id reaches another collection's document."""
    viewer = scene.hired("viewer")
    for bad in (f"x/../{scene.guest.customer_id}", "../crmOrders/x", "a/b/c", ".", "__x__", "\0"):
        answer = viewer.call("get_customer", customerId=bad)
        assert answer.reason == "id-invalid", bad


ENDLESS: dict[str, str] = {
    "60 levels of JSON": '{"not": ' * 60 + "{}" + "}" * 60,
    "500 levels that are never closed": '{"not": ' * 500,
    "60 levels of text": "not (" * 60 + "tag:vip" + ")" * 60,
    "200 conditions": " and ".join(f"tag:t{number}" for number in range(200)),
    "an operator of another database": '{"$where": "1"}',
    "a field of its own": '{"primaryEmail": "a@example.com"}',
}


@pytest.mark.parametrize("segment", ENDLESS.values(), ids=ENDLESS)
def test_no_question_of_staff_is_without_end(scene: Scene, segment: str) -> None:
    answer = scene.staff("editor").csv(segment=segment)
    assert answer.status == 400, answer.text[:200]
    assert (answer.reason or "").startswith("segment-")
