"""An archive from its first key to its last: each part of it is held to what it says, whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.customers.reference import CustomerRef
from crm.db.transaction import OPERATOR
from crm.fields.plan import WriteFields
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.notes.keeping import plan_note
from crm.privacy.erasure.erase import erase
from crm.privacy.export.archive import export
from crm.privacy.own import SignedIn
from crm.tags.plan import change_of
from crm.tags.tagging import tag_customers
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World
from tests.support.archive import as_json, text
from tests.support.sent import put_sent
from tests.unit.privacy.test_export import SCOPE
from tests.unit.privacy.test_residue import FIELDS

UID = CustomerRef("userId", "u1")
MAIL = "campaignabcdefghijklmnopqr"


@pytest.fixture
def world() -> World:
    """Ada: a user with two addresses, who has ordered, decided, and been written about."""
    made = World(trust="auth", settings={"fields": FIELDS})
    made.put_order("o1", order(marketingOptIn=True))
    made.put_order("o2", order("second@example.com", day=1))
    made.put_order("odd", order(status="odd", day=2))
    made.put_order("bob", order("bob@example.com", name="Bob"))
    made.accounts.of = {"u1": "ada@example.com", "u9": "bob@example.com"}
    made.put_user("u1", user(profile={"city": "Zwickau"}))
    made.put_order("o3", order(userId="u1", total=0, day=3))
    pair = (made.with_email("second@example.com")["id"], made.with_uid("u1")["id"])
    made.runner.run(lambda tx: plan_merge(tx, *pair))
    return made


def ids(world: World) -> tuple[str, str]:
    """Ada's, and Bob's."""
    return world.with_uid("u1")["id"], world.with_email("bob@example.com")["id"]


def archive(world: World, who: CustomerRef | SignedIn = UID) -> dict[str, Any]:
    answer: Any = export(world.runner, SCOPE, who)
    assert answer["nextPageToken"] is None
    return dict(answer["archive"])


def test_an_archive_says_what_it_is_and_of_when(world: World) -> None:
    began = world.store.now()
    told = archive(world)
    at = datetime.fromisoformat(told["exportedAt"])
    assert began <= at <= world.store.now()
    assert [*told.items()][:5] == [
        ("format", "crm-lite-export"),
        ("version", 1),
        ("exportedAt", text(at)),
        ("part", 1),
        ("complete", True),
    ]
    assert [*told][5:] == [
        "information", "profile", "identities", "accounts", "users", "tags", "fields", "merges",
        "signUps", "ordersOfOthers", "orders", "unreadOrders", "consents", "audit", "mails",
        "notes", "rules",
    ]  # fmt: skip


def test_each_uid_and_address_is_told_whole(world: World) -> None:
    told = archive(world)
    assert told["identities"] == [
        {
            "kind": "user",
            "userId": "u1",
            "name": "Ada L.",
            "live": True,
            "conflict": False,
            "quarantined": None,
            "account": True,
            "fields": {"city": "Zwickau"},
            "entry": None,
            "askedAt": None,
            "orders": 1,
            "marketing": None,
        },
        {
            "kind": "address",
            "address": "ada@example.com",
            "proven": True,
            "suppressed": None,
            "unreachable": None,
            "entry": None,
            "askedAt": None,
            "orders": 1,
            "marketing": {"status": "subscribed", "at": text(DAY), "source": "order"},
        },
        {
            "kind": "address",
            "address": "second@example.com",
            "proven": False,
            "suppressed": None,
            "unreachable": None,
            "entry": None,
            "askedAt": None,
            "orders": 1,
            "marketing": None,
        },
    ]
    assert told["accounts"] == [{"userId": "u1", "email": "ada@example.com", "emailVerified": True}]
    document = {"email": "ada@example.com", "name": "Ada L.", "profile": {"city": "Zwickau"}}
    assert told["users"] == [{"userId": "u1", "document": document}]


def test_an_address_says_since_when_no_news_and_no_mail_go_there(world: World) -> None:
    key = KEYS.address("second@example.com")
    identity = world.store.all("crmIdentities")[key]
    known = {"suppressed": DAY + timedelta(days=1), "unreachable": DAY}
    world.store.put(f"crmIdentities/{key}", {**identity, **known})
    told = {one["address"]: one for one in archive(world)["identities"] if "address" in one}
    second, first = told["second@example.com"], told["ada@example.com"]
    assert second["suppressed"] == text(DAY + timedelta(days=1))
    assert second["unreachable"] == text(DAY)
    assert (first["suppressed"], first["unreachable"]) == (None, None)


def test_orders_are_told_whole_with_what_the_ledger_makes_of_them(world: World) -> None:
    told = archive(world)
    documents = {name: as_json(data) for name, data in world.store.all("orders").items()}
    assert told["orders"] == [
        {"orderId": "o1", "counted": True, "optedIn": True, "document": documents["o1"]},
        {"orderId": "o2", "counted": True, "optedIn": False, "document": documents["o2"]},
        {"orderId": "o3", "counted": True, "optedIn": False, "document": documents["o3"]},
    ]
    assert told["unreadOrders"] == [
        {"orderId": "odd", "reason": "status-unknown", "document": documents["odd"]}
    ]
    assert told["ordersOfOthers"] == 0


def test_an_order_that_does_not_count_says_so(world: World) -> None:
    world.put_order("o2", order("second@example.com", status="cancelled", day=1))
    told = {one["orderId"]: one["counted"] for one in archive(world)["orders"]}
    assert told == {"o1": True, "o2": False, "o3": True}


def test_orders_of_others_that_name_an_address_are_counted_and_nobodys_are_not(
    world: World,
) -> None:
    """Bob typed both addresses of hers; one of his orders nobody can read, so it is nobody's."""
    world.put_user("u9", user("bob@example.com", name="Bob"))
    for number, address in enumerate(["ada@example.com", "second@example.com"]):
        world.put_order(f"typed{number}", order(address, userId="u9", name="Bob"))
    world.put_order("unread", order("ada@example.com", userId="u9", status="odd", name="Bob"))
    world.put_order("own", order("bob@example.com", userId="u9", name="Bob"))
    told = archive(world)
    assert told["ordersOfOthers"] == 2
    assert [one["orderId"] for one in told["orders"]] == ["o1", "o2", "o3"]
    assert [one["orderId"] for one in told["unreadOrders"]] == ["odd"]
    assert archive(world, CustomerRef("userId", "u9"))["ordersOfOthers"] == 0


def test_tags_fields_and_notes_are_told_with_their_labels_and_purposes(world: World) -> None:
    ada, bob = ids(world)
    world.runner.run(WriteFields(ada, {"contact": "Aunt Bea"}))
    tag_customers(world.runner, [ada, bob], change_of(["VIP", "Regular guest"], ()))
    for customer_id, said in ((ada, "Called."), (bob, "Another's.")):
        world.runner.run(partial(plan_note, customer_id=customer_id, text=said))
    world.store.delete("crmTags/vip")  # of a tag that is deleted meanwhile its id is shown
    told = archive(world)
    assert told["tags"] == [
        {"tag": "regular-guest", "label": "Regular guest"},
        {"tag": "vip", "label": "vip"},
    ]
    assert told["fields"] == [
        {"name": "city", "label": "City", "value": "Zwickau", "purpose": "nearby"},
        {"name": "contact", "label": "Contact", "value": "Aunt Bea", "purpose": "calls"},
    ]
    (note,) = [one for one in world.store.all("crmNotes").values() if one["text"] == "Called."]
    assert told["notes"] == [{"text": "Called.", "at": text(note["at"])}]


def test_merges_are_told_on_both_sides_and_in_their_order(world: World) -> None:
    """Of the survivor and of an undone one's source, with whether a proof or staff made them."""
    ada, bob = ids(world)
    undone = world.runner.run(lambda tx: plan_merge(tx, ada, bob))[0].merge_id or ""
    world.runner.run(lambda tx: plan_unmerge(tx, undone))
    merges = world.store.all("crmMerges")
    told = archive(world)["merges"]
    assert [(one["by"], one["state"]) for one in told] == [
        ("verified address", "open"),
        ("staff", "open"),
        ("staff", "undone"),
    ]
    assert [(one["mergeId"], one["at"]) for one in told] == [
        (name, text(merges[name]["at"])) for name in sorted(merges)
    ]
    assert merges[undone]["sourceId"] == ada
    theirs = archive(world, CustomerRef("customerId", bob))["merges"]
    assert theirs == [{"mergeId": undone, "at": told[2]["at"], "state": "undone", "by": "staff"}]


def test_consents_are_told_whole_with_who_wrote_them(world: World) -> None:
    ada, _ = ids(world)
    evidence = {"source": "a form on paper"}
    world.runner.run(lambda tx: plan_consent(tx, "call", ada, "subscribed", evidence))
    as_ada = replace(world.runner, actor=KEYS.user("u1"))
    as_ada.run(lambda tx: plan_unsubscribe(tx, KEYS.address("second@example.com")))
    told = archive(world)["consents"]
    wrote = world.store.all("crmConsents").items()
    by_source = {"order": "system", "staff": "system", "unsubscribe": "you"}
    assert {(one["source"], one["by"]) for one in told} == {*by_source.items()}
    named = {
        KEYS.address("ada@example.com"): ("ada@example.com", None),
        KEYS.address("second@example.com"): ("second@example.com", None),
        KEYS.user("u1"): (None, "u1"),
    }
    assert told == [
        {
            "address": named[one["identity"]][0],
            "userId": named[one["identity"]][1],
            "status": one["status"],
            "at": text(one["at"]),
            "source": one["source"],
            "evidence": as_json(one["evidence"]),
            "by": by_source[one["source"]],
        }
        for _, one in sorted(wrote)
    ]


def test_the_audit_trail_tells_when_what_and_whether_oneself_or_staff(world: World) -> None:
    ada, bob = ids(world)
    for number, actor in enumerate((KEYS.user("u1"), KEYS.user("boss"), OPERATOR)):
        who = replace(world.runner, actor=actor)
        tag_customers(who, [ada, bob], change_of([f"Tag {number}"], ()))
    tag_customers(world.runner, [bob], change_of(["his alone"], ()))
    told = archive(world)["audit"]
    kept = [one for one in world.store.all("crmAudit").values() if ada in one["customers"]]
    names = {KEYS.user("u1"): "you", KEYS.user("boss"): "staff"}
    written = [
        {
            "at": text(one["at"]),
            "action": one["action"],
            "by": names.get(one["actor"], one["actor"]),
        }
        for one in kept
        if one["action"] != "customer.export"
    ]
    assert sorted(told, key=str) == sorted(written, key=str)
    assert [one["by"] for one in told if one["action"] == "customer.tag"].count("you") == 1
    assert {one["by"] for one in told} == {"you", "staff", "system", "operator"}


def test_mails_are_told_whole_by_the_address_that_they_went_to(world: World) -> None:
    ada, bob = ids(world)
    put_sent(world, {ada: "accepted", bob: "refused"})
    (name,) = [k for k, v in world.store.all("crmMails").items() if v["customerId"] == ada]
    kept = world.store.all("crmMails")[name]
    later = {
        "bounced": DAY,
        "softBounced": DAY + timedelta(days=1),
        "complained": DAY + timedelta(days=2),
        "unsubscribed": DAY + timedelta(days=3),
    }
    world.store.put(f"crmMails/{name}", {**kept, **later, "reason": "full"})
    assert archive(world)["mails"] == [
        {
            "address": "ada@example.com",
            "userId": None,
            "campaignId": MAIL,
            "subject": "Thank you, {{ name }}",
            "state": "accepted",
            "reason": "full",
            "at": text(kept["at"]),
            **{when: text(at) for when, at in later.items()},
        }
    ]


def test_a_mail_to_an_address_that_is_not_proven_says_the_uid_alone(world: World) -> None:
    ada, _ = ids(world)
    put_sent(world, {ada: "accepted"})
    ((name, kept),) = world.store.all("crmMails").items()
    asked = {"identity": KEYS.user("u1"), "address": KEYS.address("typed@example.com")}
    world.store.put(f"crmMails/{name}", {**kept, **asked})
    (mail,) = archive(world)["mails"]
    assert (mail["address"], mail["userId"]) == (None, "u1")
    world.store.delete(f"crmCampaigns/{MAIL}")
    (mail,) = archive(world)["mails"]
    assert (mail["campaignId"], mail["subject"]) == (MAIL, None)


def test_an_export_is_entered_in_the_audit_trail_with_whose_it_is(world: World) -> None:
    ada, _ = ids(world)
    before = {*world.store.all("crmAudit")}
    archive(world)
    archive(world, SignedIn("u1", "ada@example.com"))
    entries = [v for k, v in world.store.all("crmAudit").items() if k not in before]
    told = sorted((one["at"], one["action"], one["customers"], one["facts"]) for one in entries)
    assert [one[1:] for one in told] == [
        ("customer.export", [ada], {"part": 1, "own": False}),
        ("customer.export", [ada], {"part": 1, "own": True}),
    ]


def test_of_a_uid_that_has_gone_nothing_of_the_present_is_told(world: World) -> None:
    world.delete_user("u1")
    del world.accounts.of["u1"]
    told = archive(world)
    assert (told["accounts"], told["users"]) == ([], [])
    assert told["identities"][0] == {
        "kind": "user",
        "userId": "u1",
        "name": None,
        "live": False,
        "conflict": False,
        "quarantined": None,
        "account": True,
        "fields": {},
        "entry": None,
        "askedAt": None,
        "orders": 1,
        "marketing": None,
    }


def test_several_users_are_told_in_the_order_of_their_uids(world: World) -> None:
    world.put_user("u9", user("bob@example.com", name="Bob"))
    ada, bob = ids(world)
    world.runner.run(lambda tx: plan_merge(tx, ada, bob, allow_two_users=True))
    told = archive(world)
    assert [one["userId"] for one in told["accounts"]] == ["u1", "u9"]
    assert [(one["userId"], one["document"]["name"]) for one in told["users"]] == [
        ("u1", "Ada L."),
        ("u9", "Bob"),
    ]


def test_what_was_somebodys_who_is_erased_is_not_among_the_orders(world: World) -> None:
    world.put_order("o4", order("bob@example.com", name="Bob", items=[item("e")], day=4))
    who = CustomerRef("email", "bob@example.com")
    erase(world.runner, world.queue.append, who, reason="asked by letter")
    world.work()
    told = archive(world)
    assert [one["orderId"] for one in told["orders"]] == ["o1", "o2", "o3"]
