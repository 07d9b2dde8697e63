"""Exports of who signed up, was on a list, has notes and own fields, and on whom rules acted."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from crm.fields.plan import WriteFields
from crm.merging.merge import plan_merge
from crm.notes.keeping import plan_note
from crm.privacy.export.archive import export
from crm.privacy.own import SignedIn
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.support.archive import shown, text, whole
from tests.unit.privacy.test_export import INTERNAL_KEY, SCOPE, by_id, expected
from tests.unit.privacy.test_residue import FIELDS, History

HISTORIES = 40
AT_A_TIME = 10

LISTED = ("notes", "rules", "entries", "own fields")


def told(world: World, customer_id: str) -> dict[str, Any]:
    """What an archive must say of all that, from full dumps."""
    customer = world.store.all("customers")[customer_id]
    parts = customer["parts"]
    ids = {customer_id} | {
        name
        for name, link in world.store.all("crmLinks").items()
        if link["customerId"] == customer_id
    }
    names = {KEYS.address(one): one for one in customer["emails"]}
    names |= {KEYS.user(one): one for one in customer["userIds"]}
    identities = world.store.all("crmIdentities")
    others = {
        key
        for key in names
        if identities[key]["erased"] or {*identities[key]["former"].values()} - ids
    }
    return {
        "notes": sorted(
            (text(one["at"]), one["text"])
            for one in world.store.all("crmNotes").values()
            if one["partId"] in parts
        ),
        "rules": sorted(
            (text(one["at"]), one["did"], names[one["identity"]])
            for one in world.store.all("crmRuleRuns").values()
            if one["identity"] in names
            if one["identity"] not in others or one["customerId"] in ids
        ),
        "entries": sorted(
            (part["address"], part["entry"]["source"], part["entry"]["by"])
            for part in parts.values()
            if part["address"] and part["entry"]
        ),
        "own fields": customer["fields"],
    }


def said(archive: dict[str, Any]) -> dict[str, Any]:
    return {
        "notes": sorted((one["at"], one["text"]) for one in archive["notes"]),
        "rules": sorted(
            (one["at"], one["did"], one["address"] or one["userId"]) for one in archive["rules"]
        ),
        "entries": sorted(
            (one["address"], one["entry"]["source"], one["entry"]["by"])
            for one in archive["identities"]
            if one.get("entry") and one["kind"] == "address"
        ),
        "own fields": archive["profile"]["fields"],
    }


@pytest.mark.parametrize("first", range(0, HISTORIES, AT_A_TIME))
def test_an_export_is_what_the_oracle_says_of_contacts_too(first: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(first, first + AT_A_TIME):
        history = History(seed)
        history.live()
        history.deliver()
        world = history.world
        for customer_id in world.store.all("customers"):
            archive = by_id(world, customer_id)
            assert said(archive) == told(world, customer_id), (seed, customer_id)
            for name in ("addresses", "userIds", "consents", "signUps", "merges", "profile"):
                wanted = expected(world, customer_id)[name]
                assert shown(archive)[name] == wanted, (seed, customer_id, name)
            assert not INTERNAL_KEY.search(str({**archive, "orders": [], "users": []}))
            met.update({name: len(said(archive)[name]) for name in LISTED})
            met["signUps"] += len(archive["signUps"])
    assert all(met[name] > 3 for name in (*LISTED, "signUps")), met


def two_in_one() -> tuple[World, str]:
    """Ada and Bob, whom staff took for one; both have notes and fields."""
    world = World(trust="auth", settings={"fields": FIELDS})
    ids = {}
    for name in ("ada", "bob"):
        email, uid = f"{name}@example.com", f"u-{name}"
        world.accounts.of[uid] = email
        world.put_user(uid, user(email, profile={"city": f"City of {name}"}))
        world.put_order(f"o-{name}", order(email))
        ids[name] = world.with_uid(uid)["id"]
        note = f"{name} called."
        world.runner.run(partial(plan_note, customer_id=ids[name], text=note))
        world.runner.run(WriteFields(ids[name], {"contact": f"Friend of {name}"}))
    world.runner.run(lambda tx: plan_merge(tx, ids["bob"], ids["ada"], allow_two_users=True))
    return world, ids["ada"]


@pytest.mark.parametrize(("name", "other"), [("ada", "bob"), ("bob", "ada")])
def test_whoever_signs_in_gets_own_notes_and_fields_and_none_of_another(
    name: str, other: str
) -> None:
    world, _ = two_in_one()
    who = SignedIn(f"u-{name}", f"{name}@example.com")
    archive = whole(lambda token: export(world.runner, SCOPE, who, token))
    assert [one["text"] for one in archive["notes"]] == [f"{name} called."]
    own = {"city": f"City of {name}", "contact": f"Friend of {name}"}
    assert archive["profile"]["fields"] == own
    others = f"{other}@example.com", f"u-{other}", f"of {other}", f"{other} called"
    assert not [one for one in others if one in str(archive)]


def test_staff_give_out_the_notes_of_both() -> None:
    world, ada = two_in_one()
    archive = by_id(world, ada)
    assert {one["text"] for one in archive["notes"]} == {"ada called.", "bob called."}
    assert archive["profile"]["fields"]["contact"] == "Friend of ada"
