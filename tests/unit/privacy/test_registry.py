"""The registry of personal data knows every field that is ever stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crm.config.settings import Settings, settings
from crm.customers.reference import CustomerRef
from crm.db import collections
from crm.entrypoints.triggers import schedule as scheduled
from crm.privacy.declarations import OWN
from crm.privacy.erasure.erase import erase
from crm.privacy.host_declarations import host
from crm.privacy.own import SignedIn
from crm.privacy.processing_record import record
from crm.privacy.registry import Collection, Fields
from crm.privacy.requests import plan_request
from crm.repair.sweep import sweep
from crm.segments.language.ast import Tag
from crm.segments.saved import save
from crm.segments.saved_plan import Definition
from testing.hosts import item, order
from testing.world import World
from tests.unit.privacy.test_residue import EMAILS, History

ROOT = Path(__file__).parents[3]


def unknown_fields(path: str, data: Mapping[str, Any], mapping: Settings) -> list[str]:
    """Name what a stored document holds and the registry does not declare."""
    home = path.rsplit("/", 1)[0]
    for collection in (*OWN, *host(mapping)):
        if collection.path == home:
            fields = set(leaves(data))
            return sorted(".".join(one) for one in fields if not collection.knows(one))
    return ["the whole collection"]


def leaves(value: object, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    inner: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        inner = list(value.items())
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        inner = [("*", one) for one in value]
    if not inner:
        yield at
    for key, one in inner:
        yield from leaves(one, (*at, key))


def unknown(world: World) -> dict[str, list[str]]:
    kept = {path: dict(one.data) for path, one in world.store._kept.items()}
    found = {path: unknown_fields(path, data, Settings()) for path, data in kept.items()}
    return {path: fields for path, fields in found.items() if fields}


@pytest.mark.parametrize("seed", range(10))
def test_every_stored_field_is_declared(seed: int) -> None:
    history = History(seed)
    history.live()
    history.tag()
    world = history.world
    items = [item("later", eventStartsAt=world.store.now(), quantity=2), {"quantity": 1}]
    world.put_order("it", order(EMAILS[0], items=items))
    save(world.runner, Definition("VIPs", Tag("vip"), "who spent much"))
    scheduled.run(lambda: world.services)
    world.runner.run(partial(plan_request, who=SignedIn("u1", EMAILS[0]), stopped_by="held"))
    world.store.put("crmBudgets/sender", {"latest": 1, "second": {}, "hour": {"1": 1}, "day": {}})
    assert unknown(world) == {}
    history.erase()
    sweep(world.runner, world.queue.append)
    assert unknown(world) == {}
    met = {path.split("/")[0] for path in world.store._kept}
    declared = {one.path for one in OWN}
    # Links and open work come and go, and notes go with the person; everything else was there.
    work = {"crmLinks", "crmMerges", "crmQuarantine", "crmSlices", "crmOutbox", "crmNotes"}
    assert declared - met <= {"customers", "crmConsents", *work}


def test_every_collection_is_declared() -> None:
    assert {one.path for one in OWN} == collections.ALL


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("customers/c", {"name": "x", "shoeSize": 43}, ["shoeSize"]),
        ("customers/c", {"parts": {"p": {"address": "a", "shoeSize": 43}}}, ["parts.p.shoeSize"]),
        ("customers/c", {"parts": {}, "facets": {"t:vip": True}}, []),
        ("crmOrders/o", {"oddItems": [{"index": 1, "why": "x"}]}, ["oddItems.*.why"]),
        ("crmShoes/s", {"size": 43}, ["the whole collection"]),
        ("users/u", {"anything": {"at": "all"}}, []),
    ],
)
def test_an_undeclared_field_is_seen(path: str, data: dict[str, Any], expected: list[str]) -> None:
    assert unknown_fields(path, data, Settings()) == expected


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("a", True),
        ("a.x", False),
        ("b", True),  # an empty map, or null where a map can be
        ("b.x", True),
        ("b.x.y", False),
        ("c", True),
        ("c.x", True),
        ("c.x.y.z", True),
        ("d.x", True),
        ("d.x.e", True),
        ("d.x.f", False),
        ("d.x.e.f", False),
        ("**", False),
        ("e", False),
        ("x.a", False),
        ("", False),
    ],
)
def test_a_star_stands_for_one_key_and_two_at_the_end_for_whatever_is_below(
    path: str, covered: bool
) -> None:
    fields = Fields("a b.* c.** d.*.e", "some", "shown", "deleted")
    assert fields.patterns == ("a", "b.*", "c.**", "d.*.e")
    assert fields.covers(tuple(path.split("."))) is covered
    other = Fields("z", "others", "internal", "deleted")
    for some in ((fields, other), (other, fields)):
        assert Collection("c", "x", "y", some).knows(tuple(path.split("."))) is covered
    assert not Collection("c", "x", "y", ()).knows(("a",))
    assert Fields("**", "all", "shown", "deleted").covers(tuple(path.split(".")))


def test_what_is_kept_says_why() -> None:
    for collection in (*OWN, *host(Settings())):
        for fields in collection.fields:
            assert (fields.erasure == "kept") == bool(fields.why), (collection.path, fields.paths)


@pytest.mark.parametrize(
    ("rule", "named", "rest"),
    [
        ("delete", "deleted", "deleted"),
        ("pseudonymise", "redacted", "kept"),
        ("keep", "kept", "kept"),
    ],
)
def test_the_host_part_follows_the_configuration(rule: str, named: str, rest: str) -> None:
    mapped = Settings.model_validate(
        {
            "orders": {"path": "sales", "fields": {"name": ["buyer.name", "invoice.name"]}},
            "erasure": {"orders": rule, "order_fields": ["billing"]},
        }
    )
    orders = host(mapped)[0]
    assert orders.path == "sales"
    found = {path: one for one in orders.fields for path in one.patterns}
    personal = ("buyer.name", "invoice.name", "billing")
    assert {found[path].erasure for path in personal} == {named}
    assert found["**"].erasure == rest
    assert {one.erasure for one in orders.fields if one.why} == {named, rest} & {"kept"}


def test_a_uid_in_the_paths_of_orders_is_declared_as_kept() -> None:
    mapped = Settings.model_validate({"orders": {"path": "users/{uid}/orders"}})
    orders = host(mapped)[0]
    named = {path: (one.erasure, bool(one.why)) for one in orders.fields for path in one.patterns}
    assert named["{uid}"] == ("kept", True)
    assert named["userId"] == ("redacted", False)


def test_the_record_of_processing_is_the_registrys() -> None:
    """Made by `python -m crm personal-data > docs/personal-data.md`."""
    written = (ROOT / "docs/personal-data.md").read_text(encoding="utf-8")
    assert written == record(settings())


def test_no_uid_stays_among_the_cuts_of_a_sweep() -> None:
    world = World()
    world.put_user("u1", {"email": "ada@example.com"})
    world.store.put("crmSweep/crmIdentities", {"ids": ["a", "u1", "z"], "complete": True})
    erase(world.runner, world.queue.append, CustomerRef("userId", "u1"), reason="asked by letter")
    assert world.store.all("crmSweep")["crmIdentities"]["ids"] == ["a", "z"]
