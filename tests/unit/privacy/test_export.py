"""Exports: all that is kept of a person, in parts of one snapshot, and nothing of anybody else."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from firebase_functions import https_fn

from crm.config.settings import Settings
from crm.consent.plan import plan_unsubscribe
from crm.core.errors import Refusal, Transient
from crm.customers.reference import CustomerRef
from crm.db.documents import Query, Snapshot
from crm.db.paging import Scope
from crm.db.retry import RetryPolicy
from crm.entrypoints.callables.dispatch import answer
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.declarations import OWN
from crm.privacy.export.archive import MAX_AGE, Limits, export
from crm.tags import tagging
from crm.tags.plan import change_of
from testing.hosts import order, user
from testing.memory import MemoryStore
from testing.world import KEYS, World
from tests.support.archive import LISTS, Expected, shown, whole
from tests.support.sent import put_sent
from tests.support.storm import Storm

ROOT = Path(__file__).parents[3]
HISTORIES = 200
AT_A_TIME = 20
STEPS = 40
LARGE = Limits()
SMALL = Limits(size=3_000, items=4, page=3, chunk=2)
SCOPE = Scope("staff", "export_customer", {})
INTERNAL_KEY = re.compile(r"[equ]\d-[a-z2-7]{52}")


def exported(world: World, who: CustomerRef, limits: Limits = LARGE) -> dict[str, Any]:
    return whole(lambda token: export(world.runner, SCOPE, who, token, limits))


def by_id(world: World, customer_id: str, limits: Limits = LARGE) -> dict[str, Any]:
    return exported(world, CustomerRef("customerId", customer_id), limits)


def expected(world: World, customer_id: str) -> dict[str, Any]:
    return Expected(world.store.all, KEYS).of(customer_id)


def call(
    world: World, name: str, data: object, role: str = "admin", email: str = "ada@example.com"
) -> Any:
    claims = {"crm": role, "email": email, "email_verified": True, "auth_time": time.time()}
    auth = https_fn.AuthData("staff", claims)
    request = https_fn.CallableRequest(data=data, raw_request=cast("Any", None), auth=auth)
    return answer(name, request, lambda: world.services)


# Against the oracle


@pytest.mark.parametrize("first", range(0, HISTORIES, AT_A_TIME))
def test_an_export_is_what_the_oracle_says_over_many_histories(first: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(first, first + AT_A_TIME):
        world = World()
        storm = Storm(world.store, world.sync, random.Random(f"export {seed}"))
        for _ in range(STEPS):
            storm.step()
        world.resync()
        assert world.wrong() == []
        customers = world.store.all("customers")
        emails = {email for one in customers.values() for email in one["emails"]}
        uids = {uid for one in customers.values() for uid in one["userIds"]}
        for customer_id, customer in customers.items():
            wanted = expected(world, customer_id)
            archive = by_id(world, customer_id)
            assert shown(archive) == wanted, (seed, customer_id)
            met.update({name: len(archive[name]) for name in (*LISTS, "users", "merges")})
            met["ordersOfOthers"] += archive["ordersOfOthers"]
            written = json.dumps(archive, allow_nan=False)
            assert not INTERNAL_KEY.search(written)
            # Beside the person's own documents, in which people write what they like.
            for entry in (*archive["orders"], *archive["unreadOrders"], *archive["users"]):
                entry["document"] = None
            written = json.dumps(archive)
            for name in (emails - {*customer["emails"]}) | (uids - {*customer["userIds"]}):
                assert f'"{name}"' not in written, (seed, customer_id)
    assert {name for name, count in met.items() if count > 2} >= {
        "orders", "unreadOrders", "users", "merges", "ordersOfOthers", "audit",
    }, met  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_parts_are_the_whole(seed: int) -> None:
    world = World()
    storm = Storm(world.store, world.sync, random.Random(f"parts {seed}"))
    for _ in range(150):
        storm.step()
    several = 0
    for customer_id in world.store.all("customers"):
        at_once, in_parts = by_id(world, customer_id), by_id(world, customer_id, SMALL)
        several += in_parts.pop("part") > 1
        assert at_once.pop("part") == 1
        for one in (at_once, in_parts):
            assert one.pop("exportedAt") is not None
            assert one["complete"] is True
            one["audit"] = None  # each export adds an entry
        assert in_parts == at_once
    assert several


# Every kind of data, and nobody else's


class Canary:
    """A person whose every datum can be told from everybody else's."""

    def __init__(self, name: str) -> None:
        self.email = f"{name}.canary@example.com"
        self.other_email = f"{name}.second@example.org"
        self.name = f"{name.title()} Canaria"
        self.phone = f"+49 30 {sum(name.encode()):07}"
        self.uid = f"uid-{name}-canary"
        self.order = f"order-{name}"
        self.tag = f"tag-of-{name}"
        self.evidence = f"A form that {name} signed"
        self.index_terms = [
            self.email, self.other_email, self.name, self.phone, self.uid, self.order, self.tag,
            self.evidence,
        ]  # fmt: skip

    def lives_in(self, world: World) -> str:
        """Leave every kind of data; give the customer's id."""
        world.verified[self.uid] = None
        about = {"name": self.name, "phone": self.phone, "day": 1}
        world.put_order(f"{self.order}-guest", order(self.email, marketingOptIn=True, **about))
        world.put_order(f"{self.order}-odd", order(self.email, status="odd", odd=True, **about))
        world.put_user(self.uid, user(self.email, name=self.name, phone=self.phone))
        world.verified[self.uid] = self.email
        world.accounts.of[self.uid] = self.email
        world.sync.sync_user(self.uid)
        world.put_order(f"{self.order}-own", order(self.email, userId=self.uid, **about))
        world.put_order(f"{self.order}-second", order(self.other_email, **about))
        mine = world.with_uid(self.uid)["id"]
        second = world.with_email(self.other_email)["id"]
        call(world, "merge_customers", {"sourceId": second, "targetId": mine}, "editor")
        consent = {"customerId": mine, "status": "subscribed", "evidence": self.evidence}
        call(world, "set_consent", consent, "editor")
        staff = replace(world.runner, actor=KEYS.user("staff"))
        tagging.tag_customers(staff, [mine], change_of([self.tag], ()))
        return str(mine)


def scanned(archive: Mapping[str, Any], person: Canary) -> set[str]:
    written = json.dumps(archive, ensure_ascii=False).casefold()
    return {mark for mark in person.index_terms if mark.casefold() in written}


def test_a_person_sees_every_kind_of_data_and_nothing_of_another() -> None:
    world = World(trust="auth")
    ada, bob = Canary("ada"), Canary("bob")
    of_ada, of_bob = ada.lives_in(world), bob.lives_in(world)
    # Every way in which two people touch.
    bobs = {"userId": bob.uid, "name": bob.name, "phone": bob.phone}
    world.put_order(f"{bob.order}-to-ada", order(ada.email, **bobs))
    world.put_order(f"{bob.order}-odd-to-ada", order(ada.email, status="odd", odd=True, **bobs))
    claimer = f"{bob.uid}-2"
    world.verified[claimer] = None
    world.put_user(claimer, user(ada.email, name=bob.name))
    both = {"sourceId": of_bob, "targetId": of_ada, "allowTwoUsers": True}
    merge_id = call(world, "merge_customers", both)["mergeId"]
    assert scanned(by_id(world, of_ada), bob) == {*bob.index_terms}, "they are one"
    call(world, "unmerge_customers", {"mergeId": merge_id}, "editor")
    assert world.with_uid(bob.uid)["id"] == of_bob

    for customer_id, own, other in [(of_ada, ada, bob), (of_bob, bob, ada)]:
        archive = by_id(world, customer_id)
        assert scanned(archive, own) == {*own.index_terms}
        if other is ada:  # who typed her address into his own checkout sees his own order
            archive["orders"] = [
                one for one in archive["orders"] if one["orderId"] != f"{bob.order}-to-ada"
            ]
            archive["unreadOrders"] = [
                one for one in archive["unreadOrders"] if "to-ada" not in one["orderId"]
            ]
        assert scanned(archive, other) == set()
        assert other.order not in json.dumps(archive)
        assert not INTERNAL_KEY.search(json.dumps(archive))

    archive = by_id(world, of_ada)
    assert archive["ordersOfOthers"] == 1
    assert {one["orderId"]: one["reason"] for one in archive["unreadOrders"]} == {
        f"{ada.order}-odd": "status-unknown"
    }
    assert sorted(one["orderId"] for one in archive["orders"]) == [
        f"{ada.order}-guest", f"{ada.order}-own", f"{ada.order}-second",
    ]  # fmt: skip
    assert archive["orders"][0]["optedIn"] is True
    assert [one["userId"] for one in archive["accounts"]] == [ada.uid]
    assert archive["tags"] == [{"tag": ada.tag, "label": ada.tag}]
    assert [one["by"] for one in archive["merges"]] == ["verified address", "staff", "staff"]
    assert [one["state"] for one in archive["merges"]] == ["open", "open", "undone"]
    evidence = [one["evidence"] for one in archive["consents"] if one["source"] == "staff"]
    assert evidence
    assert {*evidence} == {ada.evidence}
    assert {one["action"] for one in archive["audit"]} >= {"customer.merge", "customer.export"}
    assert {one["by"] for one in archive["audit"]} == {"staff", "system"}
    assert archive["profile"]["marketing"]["status"] == "subscribed"


def test_each_address_says_what_was_decided_for_it() -> None:
    world = World()
    world.put_order("o1", order("ada@example.com", marketingOptIn=True))
    world.put_order("o2", order("bob@example.com"))
    ada, bob = (world.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob"))
    world.runner.run(lambda tx: plan_merge(tx, bob, ada))
    told = {one["address"]: one["marketing"] for one in by_id(world, ada)["identities"]}
    assert told["ada@example.com"]["status"] == "subscribed"
    assert told["bob@example.com"] is None


SECTIONS = {
    "customers": "profile",
    "crmIdentities": "identities",
    "crmConsents": "consents",
    "crmMerges": "merges",
    "crmAudit": "audit",
    "crmTags": "tags",
    "crmMails": "mails",
    "crmNotes": "notes",
}
"""Where an archive shows what a collection of CRM-Lite's holds."""


def test_an_archive_shows_what_the_registry_says_it_does() -> None:
    world = World(trust="auth")
    of_ada = Canary("ada").lives_in(world)
    put_sent(world, {of_ada: "accepted"})
    call(world, "add_note", {"customerId": of_ada, "text": "Called."}, "editor")
    by_id(world, of_ada)
    archive = by_id(world, of_ada)
    shown_of = {
        one.path: {
            path.split(".")[0]
            for fields in one.fields
            for path in fields.patterns
            if fields.export == "shown" and "*" not in path.split(".")[0]
        }
        for one in OWN
    }
    # What rules and sign-ups show is held to an oracle in test_export_contacts.
    shown = {path for path, names in shown_of.items() if names} - {"crmRuleRuns", "crmSignups"}
    assert shown == {*SECTIONS}
    for path, section in SECTIONS.items():
        entries = archive[section] if isinstance(archive[section], list) else [archive[section]]
        keys = {key for entry in entries for key in entry}
        renamed = {"uid": "userId"} if path == "crmIdentities" else {}
        assert {renamed.get(name, name) for name in shown_of[path]} <= keys, path


def test_what_oneself_did_says_so() -> None:
    world = World()
    world.put_user("staff", user())
    answered = call(world, "export_my_data", {})
    assert answered["archive"]["audit"] == []
    answered = call(world, "export_my_data", {})
    assert [one["by"] for one in answered["archive"]["audit"]] == ["you"]


def test_who_unsubscribed_by_link_did_so_by_themselves() -> None:
    world = World()
    world.put_order("o1", order(marketingOptIn=True))
    key = KEYS.address("ada@example.com")
    reader = replace(world.runner, actor=key)
    reader.run(lambda tx: plan_unsubscribe(tx, key))
    archive = exported(world, CustomerRef("email", "ada@example.com"))
    by = {one["source"]: one["by"] for one in archive["consents"]}
    assert by == {"order": "system", "unsubscribe": "you"}


def test_consent_of_whoever_had_the_address_before_shows_no_evidence() -> None:
    """An address that changes hands takes its records along, and they may tell of the other."""
    world = World()
    world.put_user("u1", user("ada@example.com"))
    world.put_order("o1", order("ada@example.com", marketingOptIn=True))
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user("ada@example.com"))
    archive = exported(world, CustomerRef("userId", "u2"))
    assert [one["evidence"] for one in archive["consents"]] == [None]
    assert archive["orders"] == []
    assert [one["orderId"] for one in exported(world, CustomerRef("userId", "u1"))["orders"]] == [
        "o1"
    ]


def test_an_account_is_shown_to_whoever_signs_in_to_it_and_not_for_its_address_alone() -> None:
    """The mailbox may be somebody else's by now, who never ordered."""
    world = World(trust="auth")
    world.put_order("o1", order())
    world.accounts.of["staff"] = "ada@example.com"
    assert by_id(world, world.the_customer()["id"])["accounts"] == []
    answered = call(world, "export_my_data", None)
    assert [one["userId"] for one in answered["archive"]["accounts"]] == ["staff"]
    assert [one["orderId"] for one in answered["archive"]["orders"]] == ["o1"]


def test_an_order_that_somebody_else_has_signed_in_for_is_counted_and_not_shown() -> None:
    """A buyer without a user document yet has mistyped the address."""
    world = World(trust="auth")
    world.accounts.anonymous.add("visitor")
    world.put_order("o1", order())
    world.put_order("o2", order(userId="u1", name="Bob", phone="+1 555"))
    world.put_order("o3", order(userId="visitor", day=3))
    world.put_order("o4", order(userId="u1", status="unheard of", name="Bob"))
    archive = by_id(world, world.the_customer()["id"])
    assert archive["profile"]["orderCount"] == 3
    assert [one["orderId"] for one in archive["orders"]] == ["o1", "o3"]
    assert archive["unreadOrders"] == []
    assert "+1 555" not in json.dumps(archive)


def test_an_order_that_changed_hands_a_moment_ago_is_not_shown_to_the_one_before() -> None:
    world = World()
    world.put_order("o1", order(day=1))
    world.put_order("o2", order(day=2))
    ada = world.the_customer()["id"]
    world.store.put("orders/o2", order("bob@example.com", name="Bob"))  # no event yet
    archive = by_id(world, ada)
    assert [one["document"] is None for one in archive["orders"]] == [False, True]
    assert "bob" not in json.dumps(archive).casefold()
    world.store.put("orders/o2", order(note="hello"))  # changed, and still hers
    assert by_id(world, ada)["orders"][1]["document"]["note"] == "hello"


def test_a_deleted_order_is_gone() -> None:
    world = World()
    world.put_order("o1", order())
    world.put_order("o2", order())
    world.store.delete("orders/o2")
    assert [o["orderId"] for o in by_id(world, world.the_customer()["id"])["orders"]] == ["o1"]


def test_a_document_of_any_kind_of_value_is_exported() -> None:
    world = World()
    strange = {"nan": float("nan"), "bytes": b"\0", "big": 2**60, "nested": {"a": [{"b": [None]}]}}
    world.put_order("o1", order(strange=strange))
    answered = call(world, "export_customer", {"email": "ada@example.com"})
    json.dumps(answered, allow_nan=False)
    (one,) = answered["archive"]["orders"]
    assert one["document"]["strange"] == {
        "nan": {"doubleValue": "NaN"},
        "bytes": {"bytesValue": "AA=="},
        "big": {"integerValue": str(2**60)},
        "nested": {"a": [{"b": [None]}]},
    }


# One snapshot


def test_parts_are_of_one_snapshot_whatever_happens_in_between() -> None:
    world = World()
    for number in range(12):
        world.put_order(f"o{number:02}", order(day=number))
    ada = world.the_customer()["id"]
    quiet = by_id(world, ada, SMALL)
    who = CustomerRef("customerId", ada)

    def disturbed(token: str | None) -> Mapping[str, Any]:
        answered = export(world.runner, SCOPE, who, token, SMALL)
        part = answered["archive"]["part"]  # type: ignore[index]
        world.put_order(f"n{part}", order(day=part))
        world.put_order(f"o{11 - part:02}", order("bob@example.com"))
        world.delete_order(f"o{10 - part:02}")
        return answered

    noisy = whole(disturbed)
    assert noisy["part"] >= quiet["part"] > 2  # with the entries of the quiet one
    for name in ("orders", "profile", "identities"):
        assert noisy[name] == quiet[name]


def test_a_part_holds_one_entry_at_least_and_no_more_than_its_limits() -> None:
    world = World()
    for number in range(9):
        world.put_order(f"o{number}", order(note="x" * 500))
    ada = world.the_customer()["id"]
    assert by_id(world, ada)["part"] == 1
    tiny = by_id(world, ada, Limits(size=1, items=100, page=4, chunk=3))
    assert [one["orderId"] for one in tiny["orders"]] == [f"o{number}" for number in range(9)]
    assert tiny["part"] == 9 + len(tiny["audit"]) == 10
    fours = by_id(world, ada, Limits(items=4, page=4))  # the audit trail has grown
    assert fours["part"] == -(-(9 + len(fours["audit"])) // 4)
    assert by_id(world, ada, Limits(size=4_500, page=4))["part"] > 1


class Weak(MemoryStore):
    """A store that does not answer now and then."""

    calls = 0

    def find(self, query: Query) -> list[Snapshot]:
        type(self).calls += 1
        if type(self).calls % 7 == 0:
            raise Transient("away")
        return super().find(query)


def test_a_service_that_is_away_for_a_moment_costs_no_entry() -> None:
    world = World(Weak())
    for number in range(10):
        world.store.put(f"orders/o{number}", order())
        world.sync.sync_order(f"o{number}")
    archive = by_id(world, world.the_customer()["id"], Limits(page=3, chunk=2))
    assert [one["orderId"] for one in archive["orders"]] == [f"o{n}" for n in range(10)]


# Tokens, and what is refused


def refusal(world: World, scope: Scope, token: str) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        export(world.runner, scope, CustomerRef("email", "ada@example.com"), token, SMALL)
    return refused.value.code, refused.value.reason


@pytest.fixture
def begun() -> tuple[World, str]:
    world = World()
    for number in range(9):
        world.put_order(f"o{number}", order())
    answered = export(world.runner, SCOPE, CustomerRef("email", "ada@example.com"), None, SMALL)
    token = answered["nextPageToken"]
    assert isinstance(token, str)
    return world, token


def test_a_token_is_for_its_caller_its_call_and_its_person(begun: tuple[World, str]) -> None:
    world, token = begun
    for scope in [
        Scope("another", SCOPE.function, SCOPE.query),
        Scope(SCOPE.caller, "export_my_data", SCOPE.query),
        Scope(SCOPE.caller, SCOPE.function, {"email": "bob@example.com"}),
    ]:
        assert refusal(world, scope, token) == ("invalid-argument", "page-token")
    assert refusal(world, SCOPE, token[:-1]) == ("invalid-argument", "page-token")
    assert "ada" not in token
    assert "@" not in token


def test_an_export_ends_with_the_hour_in_which_firestore_reads_the_past(
    begun: tuple[World, str],
) -> None:
    world, token = begun
    world.store._clock += (MAX_AGE - timedelta(seconds=1)) // timedelta(microseconds=1) * 1000
    export(world.runner, SCOPE, CustomerRef("email", "ada@example.com"), token, SMALL)
    world.store._clock += 2_000_000_000
    assert refusal(world, SCOPE, token) == ("failed-precondition", "export-expired")


def test_a_person_who_is_gone_since_is_not_shown_on(begun: tuple[World, str]) -> None:
    world, token = begun
    for number in range(9):
        world.delete_order(f"o{number}")
    assert refusal(world, SCOPE, token) == ("not-found", "no-such-customer")


def test_a_person_who_was_erased_since_is_not_shown_on(begun: tuple[World, str]) -> None:
    world, token = begun
    call(world, "delete_customer", {"email": "ada@example.com", "reason": "asked by letter"})
    world.work()
    assert refusal(world, SCOPE, token) == ("not-found", "no-such-customer")


def test_a_merge_in_between_lets_the_export_go_on(begun: tuple[World, str]) -> None:
    world, token = begun
    world.put_order("b1", order("bob@example.com"))
    ada, bob = world.with_email("ada@example.com")["id"], world.with_email("bob@example.com")["id"]
    plan, _ = world.runner.run(lambda tx: plan_merge(tx, ada, bob))
    answered = export(world.runner, SCOPE, CustomerRef("email", "ada@example.com"), token, SMALL)
    assert "bob@example.com" not in json.dumps(answered)
    merge_id = plan.merge_id or ""
    world.runner.run(lambda tx: plan_unmerge(tx, merge_id))


def test_every_part_leaves_one_entry_in_the_audit_trail_and_nothing_else() -> None:
    world = World()
    for number in range(9):
        world.put_order(f"o{number}", order())
    ada = world.the_customer()["id"]
    before = {name: world.store.all(name) for name in ("customers", "crmOrders", "orders")}
    archive = by_id(world, ada, SMALL)
    assert archive["part"] > 1
    entries = world.store.all("crmAudit").values()
    more = [one["facts"]["part"] for one in entries if one["action"] == "customer.export-part"]
    assert sorted(more) == list(range(2, archive["part"] + 1))
    assert {tuple(one["customers"]) for one in entries} == {(ada,)}
    parts = sorted(one["facts"]["part"] for one in entries)
    assert parts == list(range(1, archive["part"] + 1))
    assert before == {name: world.store.all(name) for name in before}
    with pytest.raises(Refusal):
        by_id(world, "none")
    assert len(world.store.all("crmAudit")) == len(parts)


def test_nothing_is_answered_that_is_not_in_the_audit_trail() -> None:
    world = World()
    world.put_order("o1", order())

    def refuse(_writes: object) -> None:
        raise Transient("away")

    world.store.commit = refuse  # type: ignore[method-assign,assignment]
    world.runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Transient):
        by_id(world, world.the_customer()["id"])


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("export_customer", None, "who"),
        ("export_customer", {"customerId": "a", "email": "a@example.com"}, "who"),
        ("export_customer", {"customerId": "a", "pageSize": 5}, "unknown-key"),
        ("export_customer", {"customerId": "a", "pageToken": 5}, "value-invalid"),
        ("export_customer", {"customerId": "a", "pageToken": "forged"}, "page-token"),
        ("export_customer", {"customerId": "a", "pageToken": "x" * 20_000}, "value-invalid"),
        ("export_customer", {"email": "no address"}, "email-invalid"),
        ("export_my_data", {"customerId": "a"}, "unknown-key"),
        ("export_my_data", {"pageToken": "forged"}, "page-token"),
        ("export_my_data", {"pageToken": "\ud800"}, "text-invalid"),
    ],
)
def test_a_bad_request_is_refused_before_anything_is_read(
    name: str, data: object, reason: str
) -> None:
    world = World()
    with pytest.raises(https_fn.HttpsError) as refused:
        call(world, name, data)
    assert refused.value.code.value == "invalid-argument"
    assert cast("Any", refused.value.details) == {"reason": reason}
    assert world.store.reads == world.store.writes == 0


def test_one_exports_what_the_token_proves_and_nobody_else() -> None:
    world = World()
    world.put_user("staff", user("ada@example.com"))
    world.put_user("u2", user("bob@example.com"))
    answered = call(world, "export_my_data", None, role="")
    assert answered["archive"]["profile"]["userIds"] == ["staff"]
    with pytest.raises(https_fn.HttpsError) as refused:
        call(world, "export_my_data", {"userId": "u2"})
    assert cast("Any", refused.value.details) == {"reason": "unknown-key"}
    world = World()
    with pytest.raises(https_fn.HttpsError) as refused:
        call(world, "export_my_data", None)
    assert cast("Any", refused.value.details) == {"reason": "no-such-customer"}


def test_who_verified_the_address_of_a_guest_exports_the_guest() -> None:
    world = World()
    world.put_order("o1", order("ada@example.com"))
    world.put_order("o2", order("bob@example.com", userId="u2"))
    world.put_user("u2", user("bob@example.com"))
    answered = call(world, "export_my_data", None, email="ada@example.com")
    assert [one["orderId"] for one in answered["archive"]["orders"]] == ["o1"]
    with pytest.raises(https_fn.HttpsError) as refused:  # a user's, whatever a token says
        call(world, "export_my_data", None, email="bob@example.com")
    assert cast("Any", refused.value.details) == {"reason": "no-such-customer"}


# What is told beside the data


def test_the_information_holds_what_art_15_asks_for() -> None:
    world = World()
    world.put_order("o1", order())
    told = by_id(world, world.the_customer()["id"])["information"]
    assert {*told} == {
        "purposes", "categories", "recipients", "retention", "afterErasure", "rights",
        "complaint", "source", "automatedDecisions", "notInThisArchive",
    }  # fmt: skip


def test_the_host_says_who_answers_for_it() -> None:
    world = World()
    world.put_order("o1", order())
    privacy = {"controller": "Example Events", "contact": "privacy@example.com", "source": ""}
    world.runner = replace(world.runner, settings=Settings.model_validate({"privacy": privacy}))
    told = by_id(world, world.the_customer()["id"])["information"]
    assert (told["controller"], told["contact"]) == ("Example Events", "privacy@example.com")
    assert "source" not in told


# What the manual says


def manual(heading: str) -> str:
    text = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    return text.partition(f"### {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]


def test_the_manual_puts_parts_together_by_what_the_live_tests_run() -> None:
    assert "<!-- sample: archive.mjs -->" in manual("Parts")


def test_the_manual_names_every_key_of_an_archive_and_no_other() -> None:
    world = World()
    world.put_order("o1", order())
    named = re.findall(r"^\| (`.+?`) \|", manual("The archive"), re.MULTILINE)
    keys = [key for cell in named for key in re.findall(r"`(\w+)`", cell)]
    assert sorted(keys) == sorted(by_id(world, world.the_customer()["id"]))


def test_the_manual_tells_the_limits() -> None:
    told = manual("Parts")
    assert f"{LARGE.size // 1_000_000} MB" in told
    assert f"{LARGE.items:,} entries" in told
    assert f"{MAX_AGE // timedelta(minutes=1)} minutes" in told
