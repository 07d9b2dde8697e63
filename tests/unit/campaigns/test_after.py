"""A record as each event leaves it, and all that an event writes beside the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from crm.campaigns.came_back import EARLY, WITHIN, after, apply, plan_left
from crm.campaigns.counts import PersonState
from crm.campaigns.mails import MailRecord, mail_key, record_id, record_path
from crm.campaigns.resolving import CLOSED
from crm.consent.plan import plan_consent
from crm.core.keyring import Former, Keyring
from crm.db.collections import AUDIT, CONSENTS, MAILS
from crm.db.documents import Query, Snapshot
from crm.mail.events import KINDS, EventKind, MailEvent
from testing.world import KEYS, World
from tests.support.mailed import (
    SENT,
    campaign_id,
    counts_of,
    event,
    mail_id,
    mailed,
    put_campaign,
    record_of,
    shard_counts,
    two_mailed,
)

ADA = KEYS.address("ada@example.com")


@pytest.fixture
def world() -> World:
    return two_mailed()


def record(state: PersonState, reason: str | None = None, **more: Any) -> MailRecord:
    return MailRecord(mail_id(), "c", "p", ADA, ADA, "s", state, SENT, reason, **more)


def at(hours: float) -> datetime:
    return SENT + timedelta(hours=hours)


# One record, one event

UNCERTAIN, CLOSED_ONE = ("uncertain", "worker-lost"), ("refused", CLOSED)


@pytest.mark.parametrize(
    ("before", "kind", "state", "reason", "noted"),
    [
        (UNCERTAIN, "delivered", "accepted", None, None),
        (UNCERTAIN, "soft_bounce", "refused", "soft-bounced", "soft_bounced"),
        (UNCERTAIN, "hard_bounce", "refused", "bounced", "bounced"),
        (UNCERTAIN, "rejected", "refused", "rejected", "bounced"),
        (UNCERTAIN, "complaint", "accepted", None, "complained"),
        (UNCERTAIN, "unsubscribed", "accepted", None, "unsubscribed"),
        (UNCERTAIN, "deferred", "uncertain", "worker-lost", None),
        (CLOSED_ONE, "delivered", "accepted", None, None),
        (CLOSED_ONE, "soft_bounce", "refused", "soft-bounced", "soft_bounced"),
        (CLOSED_ONE, "hard_bounce", "refused", "bounced", "bounced"),
        (CLOSED_ONE, "deferred", "refused", CLOSED, None),
        (("accepted", None), "delivered", "accepted", None, None),
        (("accepted", None), "soft_bounce", "accepted", "soft-bounced", "soft_bounced"),
        (("accepted", "bounced"), "soft_bounce", "accepted", "bounced", "soft_bounced"),
        (("accepted", "rejected"), "soft_bounce", "accepted", "rejected", "soft_bounced"),
        (("accepted", "bounced"), "rejected", "accepted", "bounced", "bounced"),
        (("accepted", "rejected"), "hard_bounce", "accepted", "bounced", "bounced"),
        (("accepted", "soft-bounced"), "rejected", "accepted", "rejected", "bounced"),
        (("accepted", "bounced"), "delivered", "accepted", "bounced", None),
        (("refused", "bounced"), "delivered", "accepted", "bounced", None),
        (("refused", "rejected"), "complaint", "accepted", "rejected", "complained"),
        (("refused", "soft-bounced"), "hard_bounce", "refused", "bounced", "bounced"),
        *((("refused", "550 5.1.1"), one, "refused", "550 5.1.1", None) for one in sorted(KINDS)),
        *((("refused", None), one, "refused", None, None) for one in sorted(KINDS)),
        *((("excluded", "merged"), one, "excluded", "merged", None) for one in sorted(KINDS)),
        *((("waiting", None), one, "waiting", None, None) for one in sorted(KINDS)),
    ],
)
def test_a_record_as_an_event_leaves_it(
    before: tuple[PersonState, str | None],
    kind: EventKind,
    state: PersonState,
    reason: str | None,
    noted: str | None,
) -> None:
    found = after(record(*before), event(kind))
    times: dict[str, Any] = {} if noted is None else {noted: at(1)}
    assert found == record(state, reason, **times)


@pytest.mark.parametrize(
    ("kind", "name", "kept"),
    [
        ("soft_bounce", "soft_bounced", max),
        ("hard_bounce", "bounced", max),
        ("rejected", "bounced", max),
        ("complaint", "complained", min),
        ("unsubscribed", "unsubscribed", min),
    ],
)
def test_of_two_events_the_last_return_and_the_first_word_of_the_person_are_kept(
    kind: EventKind, name: str, kept: Any
) -> None:
    for hours in ((1, 2), (2, 1)):
        found = record("accepted")
        for one in hours:
            found = after(found, event(kind, hours=one))
        assert getattr(found, name) == at(kept(hours))


# What is written beside it


def told(world: World) -> list[tuple[str, Any, Any]]:
    entries = sorted(world.store.all(AUDIT).values(), key=lambda one: one["at"])
    return [(one["action"], one["customers"], one["facts"]) for one in entries]


@pytest.mark.parametrize("named", [True, False])
def test_a_complaint_is_shown_by_its_mail_its_time_and_the_event_where_it_has_a_name(
    world: World, named: bool
) -> None:
    event_id = "evt_1" if named else None
    assert apply(world.runner, event("complaint", event_id=event_id)) == "changed"
    (proof,) = [one for one in world.store.all(CONSENTS).values() if one["source"] == "complaint"]
    shown = {"mailId": mail_id(), "reportedAt": at(1).isoformat()}
    assert proof["evidence"] == (shown | {"eventId": "evt_1"} if named else shown)


def test_who_left_by_the_provider_is_withdrawn_once_and_the_complaint_too(world: World) -> None:
    for kind in ("unsubscribed", "unsubscribed", "complaint", "complaint"):
        apply(world.runner, event(kind, hours=1))
    withdrawn = [one for one in world.store.all(CONSENTS).values() if one["identity"] == ADA]
    sources = sorted(one["source"] for one in withdrawn if one["status"] == "unsubscribed")
    assert sources == ["complaint", "unsubscribe"]
    assert (record_of(world).complained, record_of(world).unsubscribed) == (at(1), at(1))


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("delivered", ["accepted", "accepted"]),
        ("hard_bounce", ["accepted", "refused"]),
        ("complaint", ["accepted", "accepted"]),
        ("deferred", ["accepted", "uncertain"]),
    ],
)
def test_the_shard_counts_the_person_where_it_is_now(
    world: World, kind: EventKind, counts: list[PersonState]
) -> None:
    apply(world.runner, event(kind, "bob"))
    assert shard_counts(world) == counts_of(counts)


def test_where_the_shard_is_gone_the_record_is_written_all_the_same(world: World) -> None:
    world.store.delete(f"crmAudiences/{campaign_id()}-000001")
    assert apply(world.runner, event("delivered", "bob")) == "changed"
    assert record_of(world, "bob").state == "accepted"


@pytest.mark.parametrize("kind", ["hard_bounce", "complaint", "unsubscribed", "soft_bounce"])
def test_of_a_mail_that_is_nobodys_any_more_the_record_alone_is_written(
    world: World, kind: EventKind
) -> None:
    blank = replace(record_of(world), customer_id=None, identity=None, address=None, erased="x")
    world.store.put(blank.path, blank.to_data())
    world.store.put(f"{MAILS}/other", replace(blank, id="other").to_data())
    before = {name: world.store.all(name) for name in ("crmIdentities", CONSENTS, AUDIT)}
    assert apply(world.runner, event(kind)) == "changed"
    assert {name: world.store.all(name) for name in before} == before
    assert record_of(world) == after(blank, event(kind))


# Rows of returns


def unreachable(world: World) -> datetime | None:
    found: datetime | None = world.with_email("ada@example.com")["marketing"].get("unreachable")
    return found


@pytest.mark.parametrize(
    ("late", "row"), [(timedelta(0), True), (timedelta(microseconds=1), False)]
)
def test_three_within_so_many_days_are_a_row(world: World, late: timedelta, row: bool) -> None:
    for number in (2, 3):
        mailed(world, {"ada": "accepted"}, number, SENT + timedelta(minutes=number))
    moments = [SENT, SENT + timedelta(days=1), SENT + WITHIN + late]
    for number, moment in enumerate(moments, 1):
        apply(world.runner, MailEvent("soft_bounce", moment, mail_id("ada", number)))
    assert unreachable(world) == (moments[-1] if row else None)


def test_the_newest_three_mails_are_looked_at_whatever_was_before(world: World) -> None:
    for number in (2, 3, 4):
        mailed(world, {"ada": "accepted"}, number, SENT + timedelta(minutes=number))
    for number in (4, 3):
        apply(world.runner, event("soft_bounce", number=number, hours=number))
        assert unreachable(world) is None
    apply(world.runner, event("soft_bounce", number=1))
    assert unreachable(world) is None
    apply(world.runner, event("soft_bounce", number=2, hours=1))
    assert unreachable(world) == at(4)  # the last one of them


def test_a_row_is_the_addresss_own(world: World) -> None:
    for number in (2, 3):
        mailed(
            world, {"ada": "accepted", "bob": "accepted"}, number, SENT + timedelta(hours=number)
        )
    for name, number in (("ada", 1), ("bob", 2), ("ada", 3)):
        apply(world.runner, event("soft_bounce", name, number, hours=number))
    assert unreachable(world) is None
    apply(world.runner, event("soft_bounce", "ada", 2, hours=9))
    assert unreachable(world) == at(9)


def asked_for(world: World, told_of: MailEvent) -> list[Query]:
    """Apply an event; give the queries for mails that it took."""
    find, seen = world.store.find, list[Query]()

    def watched(query: Query) -> list[Snapshot]:
        seen.append(query)
        return find(query)

    world.store.find = watched  # type: ignore[method-assign]
    apply(world.runner, told_of)
    world.store.find = find  # type: ignore[method-assign]
    return [one for one in seen if one.collection == MAILS]


def test_of_many_records_no_more_are_read_than_it_takes(world: World) -> None:
    (row,) = asked_for(world, event("soft_bounce"))
    assert row == Query(MAILS, (("address", "==", ADA),), limit=1_000)
    nameless = MailEvent("delivered", at(1), None, provider_id="pm-1")
    (known,) = asked_for(world, nameless)
    assert known == Query(MAILS, (("providerId", "==", "pm-1"),), limit=2)


# Ahead of its record


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        *((one, "early") for one in ("sending", "paused", "halted", "cancelled", "done")),
        *((one, "unknown") for one in ("draft", "scheduled", "preparing", "missed")),
    ],
)
def test_a_mail_may_be_on_its_way_where_its_campaign_has_begun(
    world: World, state: str, outcome: str
) -> None:
    put_campaign(world, 2, state)
    told_now = MailEvent("delivered", world.store.now(), mail_id("ada", 2))
    assert apply(world.runner, told_now) == outcome


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_only_what_says_something_is_worth_telling_again(world: World, kind: EventKind) -> None:
    put_campaign(world, 2)
    told_now = MailEvent(kind, world.store.now(), mail_id("ada", 2))
    assert apply(world.runner, told_now) == ("unknown" if kind == "deferred" else "early")


@pytest.mark.parametrize(
    ("late", "outcome"), [(timedelta(0), "early"), (timedelta(microseconds=1), "unknown")]
)
def test_an_event_may_be_ahead_for_its_time(world: World, late: timedelta, outcome: str) -> None:
    put_campaign(world, 2)
    now = world.store.now() + timedelta(hours=5)
    world.runner = replace(world.runner, now=lambda: now)
    told_late = MailEvent("delivered", now - EARLY - late, mail_id("ada", 2))
    assert apply(world.runner, told_late) == outcome
    nameless = MailEvent("delivered", now, None, provider_id="p-1")
    assert apply(world.runner, nameless) == "unknown"


# The link


def test_the_link_notes_when_and_the_first_click_stays(world: World) -> None:
    before = record_of(world)
    moments = [world.store.now() + timedelta(hours=one) for one in (1, 2)]
    for moment in moments:
        runner = replace(world.runner, now=lambda moment=moment: moment)  # type: ignore[misc]
        runner.run(partial(plan_left, key=ADA, mail_id=mail_id()))
    assert record_of(world) == replace(before, unsubscribed=moments[0])
    assert world.with_email("ada@example.com")["marketing"]["source"] == "unsubscribe"


def test_the_link_counts_again_for_who_has_agreed_since(world: World) -> None:
    world.runner.run(partial(plan_left, key=ADA, mail_id=mail_id()))
    noted = record_of(world)
    ada = world.with_email("ada@example.com")["id"]
    world.runner.run(lambda tx: plan_consent(tx, "call", ada, "subscribed", "desk"))
    world.runner.run(partial(plan_left, key=ADA, mail_id=mail_id()))
    assert world.with_email("ada@example.com")["marketing"]["status"] == "unsubscribed"
    assert record_of(world) == noted


# What a mail is known by


def test_a_mail_is_known_by_letters_that_only_the_installation_can_make_and_always_makes() -> None:
    key = mail_key(KEYS, "c1", "ada@example.com")
    assert key == "jyrhtfezng4swwpec24hu"  # mails that are out have it: it must never be another
    since = datetime(2026, 1, 1, tzinfo=UTC)
    renewed = Keyring(b"a new secret for tests only", (Former(KEYS.secret, since),))
    assert mail_key(renewed, "c1", "ada@example.com") == key
    others = [
        mail_key(KEYS, "c2", "ada@example.com"),
        mail_key(KEYS, "c1", "bob@example.com"),
        mail_key(Keyring(b"another secret for tests only"), "c1", "ada@example.com"),
    ]
    assert len({key, *others}) == 4
    assert record_id("c1", key) == f"c1-{key}"
    assert record_path("c1-x") == "crmMails/c1-x"
