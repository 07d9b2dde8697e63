"""Whose an order is: each case, with what its row, its document and its commit come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.core.errors import InvalidDocument, Transient
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import Contribution, LedgerEntry
from crm.db.accounts import Account
from crm.db.documents import Delete, Update, read_one
from crm.host import reader
from crm.host.redaction import pseudonym
from crm.sync.order_route import Target, route
from testing.hosts import DAY, order
from testing.world import KEYS, World

ADA, BOB = KEYS.address("ada@example.com"), KEYS.address("bob@example.com")
U1, U9 = KEYS.user("u1"), KEYS.user("u9")
TICK = timedelta(microseconds=1)
ERASURE = "e" * 26
OTHER = "o" * 26
MARK = pseudonym(ERASURE)


def world_of(trust: str = "auth", path: str = "orders", **settings: Any) -> World:
    return World(trust=trust, settings={"orders": {"path": path}, **settings})


@pytest.fixture
def world() -> World:
    return world_of()


def identities(world: World, **known: AddressIdentity | UserIdentity) -> None:
    keys = {"ada": ADA, "bob": BOB, "u1": U1, "u9": U9}
    for name, identity in known.items():
        world.store.put(f"crmIdentities/{keys[name]}", identity.to_data())


def erased(world: World, at: datetime = DAY) -> None:
    """The record of an erasure, as far as a pseudonym is judged by it."""
    world.store.put(f"crmErasures/{ERASURE}", {"at": at})


def routed(
    world: World,
    data: dict[str, Any],
    before: LedgerEntry | None = None,
    unfit: InvalidDocument | None = None,
    path: str = "orders/o1",
) -> Target:
    world.store.put(path, data)
    document = read_one(world.store, path)
    return world.runner.evaluate(lambda tx: route(tx, document, before, unfit))


def entry(world: World, path: str = "orders/o1", **more: Any) -> LedgerEntry:
    return LedgerEntry(read_one(world.store, path).version, **more)


def counted(world: World, data: dict[str, Any], **changed: Any) -> Contribution:
    settings = world.runner.settings
    read = reader.read_order(data, world.store.now(), settings)
    made = Contribution.of(read, settings.time_zone)
    return replace(made, **changed)


def sums(world: World, data: dict[str, Any]) -> Contribution:
    """What an erasure leaves of a contribution."""
    return counted(world, data, name=None, opted_in=False)


def write(world: World, **fields: object) -> Update:
    """What takes somebody out of the order's document."""
    version = read_one(world.store, "orders/o1").version
    return Update("orders/o1", {f"`{name}`": value for name, value in fields.items()}, version)


# Living people's


def test_an_order_of_a_known_user_is_that_users(world: World) -> None:
    identities(world, u1=UserIdentity("c", "p", uid="u1", known=True, live=True))
    data = order(userId="u1")
    target = routed(world, data)
    contribution = counted(world, data, typed="ada@example.com")
    own = entry(world, address_key=ADA, user_key=U1, identity=U1, part_id="p")
    assert target == Target(replace(own, contribution=contribution), "c")


@pytest.mark.parametrize("uid", [None, "u9"])
def test_any_other_order_is_its_addresss(world: World, uid: str | None) -> None:
    data = order(userId=uid)
    key = U9 if uid else None
    own = entry(world, address_key=ADA, user_key=key, awaiting=key, identity=ADA)
    target = routed(world, data)
    own = replace(own, version=target.entry.version, contribution=counted(world, data))
    assert target == Target(own, None, "ada@example.com")
    identities(world, ada=AddressIdentity("c", "p"))
    target = routed(world, data)
    own = replace(own, version=target.entry.version, part_id="p")
    assert target == Target(own, "c", "ada@example.com")


@pytest.mark.parametrize(
    ("identity", "part_id", "customer_id"),
    [
        (AddressIdentity("c", "p"), "p", "c"),
        (AddressIdentity("d", "q", {"p": "c"}), "p", "c"),  # it stays where it is counted
        (AddressIdentity("d", "q", erased={"p": ERASURE}), "q", "d"),
    ],
)
def test_an_order_stays_in_its_part_while_that_is_somebodys(
    world: World, identity: AddressIdentity, part_id: str, customer_id: str
) -> None:
    erased(world)
    if identity.erased:
        identity = replace(identity, erased_at=DAY - TICK, erased_by=ERASURE)
    identities(world, ada=identity)
    before = LedgerEntry(1, identity=ADA, part_id="p", address_key=ADA)
    target = routed(world, order(), before)
    assert (target.entry.part_id, target.customer_id) == (part_id, customer_id)
    elsewhere = replace(before, identity=BOB)
    target = routed(world, order(), elsewhere)
    assert (target.entry.part_id, target.customer_id) == (identity.part_id, identity.customer_id)


@pytest.mark.parametrize(
    ("changed", "over", "day_over"),
    [
        ({}, ("x",), True),
        ({"total": "1"}, ("x",), True),
        ({"items": [{"eventId": "y"}]}, (), True),
        ({"day": 1}, ("x",), False),
    ],
)
def test_what_found_no_room_is_kept_while_the_order_wants_the_same(
    world: World, changed: dict[str, Any], over: tuple[str, ...], day_over: bool
) -> None:
    identities(world, ada=AddressIdentity("c", "p"))
    items = [{"eventId": "x"}]
    was = counted(world, order(items=items), over_limit=("x",), day_over_limit=True)
    before = LedgerEntry(1, identity=ADA, part_id="p", address_key=ADA, contribution=was)
    data = order(**{"items": items, **changed})
    contribution = routed(world, data, before).entry.contribution
    assert contribution is not None
    assert (contribution.over_limit, contribution.day_over_limit) == (over, day_over)
    elsewhere = routed(world, data, replace(before, identity=BOB)).entry.contribution
    assert elsewhere == counted(world, data)


def test_an_order_of_the_future_was_said_when_it_was_written(world: World) -> None:
    written = world.store.now()
    data = order(createdAt=written + timedelta(minutes=5), marketingOptIn=True)
    contribution = routed(world, data).entry.contribution
    assert contribution is not None
    ahead = contribution.ahead
    assert ahead is not None
    assert written <= ahead < written + timedelta(seconds=1)
    assert contribution == counted(world, data, ahead=ahead)


# Quarantine


def test_an_order_that_is_not_understood_relies_on_whose_it_would_be(world: World) -> None:
    data = order(userId="u1", total="much")
    own: dict[str, Any] = {"address_key": ADA, "user_key": U1, "quarantined": "amount-invalid"}
    target = routed(world, data)
    assert target == Target(entry(world, **own))
    identities(world, ada=AddressIdentity("c", "p"))
    target = routed(world, data)
    assert target == Target(entry(world, **own), relied_on=(ADA,))
    identities(world, u1=UserIdentity("c", "p", uid="u1", known=True))
    target = routed(world, data)
    assert target == Target(entry(world, **own), relied_on=(U1, ADA))


def test_an_order_that_can_be_understood_may_be_unfit(world: World) -> None:
    identities(world, ada=AddressIdentity("c", "p"))
    target = routed(world, order(), unfit=InvalidDocument("too-large", "x"))
    expected = entry(world, address_key=ADA, quarantined="too-large")
    assert target == Target(expected, relied_on=(ADA,))


@pytest.mark.parametrize("uid", [None, "u9"])
def test_an_order_without_an_address_waits_for_its_user(world: World, uid: str | None) -> None:
    key = U9 if uid else None
    target = routed(world, order(None, userId=uid))
    expected = entry(world, user_key=key, awaiting=key, quarantined="email-missing")
    assert target == Target(expected)


# Pseudonyms


@pytest.mark.parametrize(("ahead", "marked"), [(-TICK, True), (0 * TICK, True), (TICK, False)])
def test_a_pseudonym_counts_in_orders_that_were_there_at_its_erasure(
    world: World, ahead: timedelta, marked: bool
) -> None:
    erased(world)
    data = order(MARK, createdAt=DAY + ahead)
    target = routed(world, data)
    if marked:
        assert target.entry == entry(world, erased=ERASURE, contribution=sums(world, data))
    else:
        assert target == Target(entry(world, quarantined="email-invalid"))


@pytest.mark.parametrize("before", [None, LedgerEntry(1), LedgerEntry(1, address_key=ADA)])
def test_a_pseudonym_that_no_erasure_wrote_is_forged(
    world: World, before: LedgerEntry | None
) -> None:
    target = routed(world, order(MARK), before)
    assert target == Target(entry(world, quarantined="email-invalid"))


@pytest.mark.parametrize("of", [ERASURE, OTHER])
def test_an_erased_order_is_so_without_the_record(world: World, of: str) -> None:
    """Whatever pseudonym is in it, it stays under the erasure that its row names."""
    data = order(MARK)
    target = routed(world, data, LedgerEntry(2**62, erased=of))
    expected = sums(world, data) if of == ERASURE else None
    assert target.entry == entry(world, erased=of, contribution=expected)


@pytest.mark.parametrize("field", [None, "u2"])
def test_a_pseudonym_below_a_uid_counts_where_the_path_alone_names_it(
    field: str | None,
) -> None:
    world = world_of(path="users/{uid}/orders")
    world.accounts.anonymous.add("u9")
    erased(world)
    target = routed(world, order(MARK, userId=field), path="users/u9/orders/o1")
    assert target.entry.erased == (None if field else ERASURE)
    if field:
        assert (target.entry.quarantined, target.entry.awaiting) == ("email-missing", U9)


@pytest.mark.parametrize("visitor", [True, False])
def test_a_pseudonym_does_not_count_where_the_document_names_a_uid(
    world: World, visitor: bool
) -> None:
    world.accounts.anonymous |= {"u9"} if visitor else set()
    erased(world)
    target = routed(world, order(MARK, userId="u9"))
    expected = entry(world, user_key=U9, awaiting=U9, quarantined="email-missing")
    assert target == Target(expected)


# After an erasure

TOMB = AddressIdentity(erased_at=DAY, erased_by=ERASURE)


@pytest.mark.parametrize(
    ("mode", "whole"),
    [
        ("pseudonymise", {"email": MARK, "name": None}),
        ("keep", None),
        ("delete", None),
    ],
)
def test_an_order_of_an_erased_address_keeps_its_sums(
    mode: str, whole: dict[str, object] | None
) -> None:
    world = world_of(erasure={"orders": mode})
    identities(world, ada=TOMB)
    data = order(marketingOptIn=True)
    target = routed(world, data)
    if mode == "delete":
        gone = Delete("orders/o1", target.entry.version)
        assert target == Target(entry(world, erased=ERASURE, deleted=True), redaction=(gone,))
        return
    expected = entry(world, erased=ERASURE, contribution=sums(world, data))
    assert target == Target(expected, redaction=(write(world, **whole),) if whole else ())


def test_an_order_from_which_everything_was_taken_is_not_written_again(world: World) -> None:
    erased(world)
    target = routed(world, order(MARK, name=None))
    assert target.entry.erased == ERASURE
    assert target.redaction == ()


@pytest.mark.parametrize("mode", ["pseudonymise", "keep", "delete"])
def test_a_known_users_order_loses_an_erased_address_alone(mode: str) -> None:
    """Whatever becomes of orders of those who are erased: this one is somebody else's."""
    world = world_of(erasure={"orders": mode})
    user = UserIdentity("c", "p", uid="u1", known=True, live=True)
    identities(world, ada=TOMB, u1=user)
    data = order(userId="u1")
    target = routed(world, data)
    expected = entry(
        world, user_key=U1, identity=U1, part_id="p", contribution=counted(world, data)
    )
    redaction = () if mode == "keep" else (write(world, email=MARK),)
    assert target == Target(expected, "c", redaction=redaction)


def test_an_order_that_is_not_understood_loses_an_erased_address_too(world: World) -> None:
    user = UserIdentity("c", "p", uid="u1", known=True, live=True)
    identities(world, ada=TOMB, u1=user)
    target = routed(world, order(userId="u1", total="much"))
    expected = entry(world, user_key=U1, quarantined="amount-invalid")
    assert target == Target(expected, redaction=(write(world, email=MARK),), relied_on=(U1,))


@pytest.mark.parametrize(
    ("trust", "standing", "known", "kept"),
    [
        ("auth", "person", None, True),
        ("auth", "gone", None, True),
        ("auth", "visitor", None, False),
        ("auth", "silent", None, None),
        ("auth", "gone", UserIdentity(uid="u9", live=True), False),  # a visitor once
        ("auth", "silent", UserIdentity(uid="u9", live=True), False),
        ("auth", "person", UserIdentity(uid="u9"), True),
        ("auth", "visitor", UserIdentity(uid="u9"), False),
        ("document", "visitor", None, True),
        ("document", "silent", None, True),
    ],
)
def test_who_typed_an_erased_address_keeps_the_order_unless_it_is_a_visitors(
    trust: str, standing: str, known: UserIdentity | None, kept: bool | None
) -> None:
    world = world_of(trust)
    identities(world, ada=TOMB, **({"u9": known} if known else {}))
    if standing == "person":
        world.verified["u9"] = None
    elif standing == "visitor":
        world.accounts.anonymous.add("u9")
    elif standing == "silent":

        def silent(uid: str) -> Account:
            raise Transient("away")

        world.accounts.find = silent  # type: ignore[method-assign]
    data = order(userId="u9")
    if kept is None:
        with pytest.raises(Transient, match="Firebase Auth could not be asked whose an order is"):
            routed(world, data)
        return
    target = routed(world, data)
    if kept:
        expected = entry(world, user_key=U9, awaiting=U9, quarantined="email-missing")
        assert target == Target(expected, redaction=(write(world, email=MARK),))
    else:
        assert target.entry == entry(world, erased=ERASURE, contribution=sums(world, data))


@pytest.mark.parametrize(
    ("row", "home", "email", "stays"),
    [
        # Its address fell to an erasure; the part in which it is counted is somebody's.
        ({}, {}, "ada@example.com", True),
        ({"part_id": "q"}, {"former": {"q": "d"}}, "ada@example.com", True),
        ({}, {}, None, True),
        ({"part_id": "z"}, {}, None, False),  # nobody's any more
        ({"part_id": None}, {}, None, False),
        ({}, {}, "bob@example.com", False),  # it names somebody else by now
    ],
)
def test_an_order_that_lost_its_address_stays_where_it_is_counted(
    world: World, row: dict[str, Any], home: dict[str, Any], email: str | None, stays: bool
) -> None:
    """Where its uid is somebody's who is not known yet, and no visitor's."""
    world.verified["u9"] = None
    held = replace(AddressIdentity("c", "p", erased_at=DAY, erased_by=ERASURE), **home)
    identities(world, ada=held, bob=TOMB)
    before = replace(LedgerEntry(1, identity=ADA, part_id="p", address_key=ADA), **row)
    data = order(email, userId="u9")
    target = routed(world, data, before)
    own = entry(world, user_key=U9)
    redaction = (write(world, email=MARK),) if email else ()
    if stays:
        part_id = before.part_id
        assert part_id is not None
        kept = replace(own, identity=ADA, part_id=part_id, contribution=counted(world, data))
        assert target == Target(kept, held.customer_of(part_id), redaction=redaction)
    else:
        waits = replace(own, awaiting=U9, quarantined="email-missing")
        assert target == Target(waits, redaction=redaction)
