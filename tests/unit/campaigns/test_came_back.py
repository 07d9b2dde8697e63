"""What providers tell later of mails: what it changes, told once, again, late or in any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.campaigns.came_back import (
    EARLY,
    SOFT_BOUNCES,
    WITHIN,
    after,
    apply,
    mark_unreachable,
    plan_left,
)
from crm.campaigns.counts import PersonState
from crm.campaigns.mails import MailRecord
from crm.campaigns.resolving import CLOSED
from crm.consent.plan import plan_consent
from crm.consent.reach import plan_reachable
from crm.customers.reference import CustomerRef
from crm.db.documents import Write
from crm.mail.events import KINDS, EventKind, MailEvent
from crm.privacy.erasure.erase import erase
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.memory import MemoryStore
from testing.world import KEYS, World
from tests.support.mailed import (
    SENT,
    counts_of,
    event,
    mail_id,
    mailed,
    put_campaign,
    record_of,
    shard_counts,
    subscribed,
    two_mailed,
)

ADA = KEYS.address("ada@example.com")


@pytest.fixture
def world() -> World:
    return two_mailed()


def marketing(world: World, name: str = "ada") -> Any:
    return world.with_email(f"{name}@example.com")["marketing"]


def identity(world: World, key: str = ADA) -> Any:
    return world.store.all("crmIdentities")[key]


def everything(world: World) -> Any:
    return {name: world.store.all(name) for name in world.store.collections()}


def soft(world: World, numbers: list[int], **more: Any) -> None:
    for number in numbers:
        apply(world.runner, event("soft_bounce", number=number, **more))


# One event


def test_an_uncertain_mail_that_was_delivered_is_accepted_in_the_sums_too(world: World) -> None:
    assert apply(world.runner, event("delivered", "bob")) == "changed"
    assert record_of(world, "bob").state == "accepted"
    assert shard_counts(world) == counts_of(["accepted", "accepted"])
    assert shard_counts(world).whole


def test_who_was_given_up_is_settled_by_what_is_known_after_all(world: World) -> None:
    for number, (kind, state) in enumerate(
        [("delivered", "accepted"), ("complaint", "accepted"), ("hard_bounce", "refused")], 2
    ):
        mailed(world, {"ada": "refused"}, number, reason=CLOSED)
        apply(world.runner, event(cast("EventKind", kind), number=number))
        record = record_of(world, number=number)
        reason = "bounced" if kind == "hard_bounce" else None
        assert (record.state, record.reason) == (state, reason)
        assert shard_counts(world, number).whole


@pytest.mark.parametrize("kind", ["hard_bounce", "soft_bounce", "rejected"])
def test_an_uncertain_mail_that_came_back_is_refused_in_the_sums_too(
    world: World, kind: EventKind
) -> None:
    apply(world.runner, event(kind, "bob"))
    assert record_of(world, "bob").state == "refused"
    assert shard_counts(world) == counts_of(["accepted", "refused"])


def test_an_accepted_mail_that_came_back_stays_accepted_and_says_so(world: World) -> None:
    apply(world.runner, event("hard_bounce"))
    record = record_of(world)
    assert (record.state, record.reason, record.bounced) == (
        "accepted",
        "bounced",
        event("hard_bounce").at,
    )
    assert shard_counts(world) == counts_of(["accepted", "uncertain"])


def test_a_hard_bounce_is_unreachable_and_shown_on_the_customer(world: World) -> None:
    before = marketing(world)
    apply(world.runner, event("hard_bounce"))
    assert marketing(world) == {**before, "unreachable": event("hard_bounce").at}
    assert identity(world)["unreachable"] == event("hard_bounce").at
    assert world.wrong() == []


@pytest.mark.parametrize("kind", ["delivered", "deferred", "soft_bounce", "rejected"])
def test_nothing_less_than_a_hard_bounce_is_unreachable_by_itself(
    world: World, kind: EventKind
) -> None:
    apply(world.runner, event(kind))
    assert "unreachable" not in marketing(world)
    assert identity(world)["unreachable"] is None


@pytest.mark.parametrize("kind", ["complaint", "unsubscribed"])
def test_a_complaint_is_a_withdrawal_with_proof(world: World, kind: EventKind) -> None:
    apply(world.runner, event(kind, event_id="evt_1"))
    source = "complaint" if kind == "complaint" else "unsubscribe"
    assert (marketing(world)["status"], marketing(world)["source"]) == ("unsubscribed", source)
    assert identity(world)["suppressed"] is not None
    (record,) = [
        one for one in world.store.all("crmConsents").values() if one["status"] == "unsubscribed"
    ]
    assert (record["identity"], record["source"]) == (ADA, source)
    if kind == "complaint":
        told = event(kind).at.isoformat()
        assert record["evidence"] == {"mailId": mail_id(), "reportedAt": told, "eventId": "evt_1"}
    audited = [one["facts"] for one in world.store.all("crmAudit").values()]
    assert {"source": source} in audited
    assert world.wrong() == []


def test_a_complaint_says_that_an_uncertain_mail_has_arrived(world: World) -> None:
    apply(world.runner, event("complaint", "bob"))
    record = record_of(world, "bob")
    assert (record.state, record.complained) == ("accepted", event("complaint").at)
    assert shard_counts(world).uncertain == 0


def test_a_complaint_after_another_withdrawal_is_recorded_and_told_once(world: World) -> None:
    apply(world.runner, event("unsubscribed"))
    apply(world.runner, event("complaint", hours=2))
    assert marketing(world)["source"] == "complaint"
    mailed(world, {"ada": "accepted"}, number=2)
    kept = world.store.all("crmConsents")
    apply(world.runner, event("complaint", number=2))
    assert world.store.all("crmConsents") == kept


# Soft bounces


def test_so_many_soft_bounces_in_a_row_are_unreachable(world: World) -> None:
    numbers = list(range(1, SOFT_BOUNCES + 1))
    for number in numbers[1:]:
        mailed(world, {"ada": "accepted"}, number, SENT + timedelta(minutes=number))
    soft(world, numbers[:-1])
    assert "unreachable" not in marketing(world)
    soft(world, numbers[-1:], hours=5)
    assert marketing(world)["unreachable"] == event("soft_bounce", hours=5).at


def test_whom_staff_know_to_be_reached_again_no_other_event_makes_unreachable(world: World) -> None:
    numbers = list(range(1, SOFT_BOUNCES + 1))
    for number in numbers[1:]:
        mailed(world, {"ada": "accepted"}, number, SENT + timedelta(minutes=number))
    soft(world, numbers)
    ada = world.with_email("ada@example.com")["id"]
    world.runner.run(lambda tx: plan_reachable(tx, ada, "person"))
    assert apply(world.runner, event("unsubscribed", number=1, hours=9)) == "changed"
    assert marketing(world)["status"] == "unsubscribed"
    assert "unreachable" not in marketing(world)


def test_a_mail_that_arrived_in_between_begins_a_row_anew(world: World) -> None:
    for number in (2, 3, 4):
        mailed(world, {"ada": "accepted"}, number, SENT + timedelta(minutes=number))
    soft(world, [1, 2, 4])
    assert "unreachable" not in marketing(world)


def test_a_soft_bounce_told_again_is_one(world: World) -> None:
    for number in (2, 3):
        mailed(world, {"ada": "accepted"}, number, SENT + timedelta(minutes=number))
    soft(world, [1, 3] * 5)
    assert "unreachable" not in marketing(world)


def test_soft_bounces_far_from_each_other_are_no_row(world: World) -> None:
    for number in (2, 3):
        mailed(world, {"ada": "accepted"}, number, SENT + timedelta(minutes=number))
    soft(world, [1, 2])
    soft(world, [3], hours=WITHIN.total_seconds() / 3600 + 2)
    assert "unreachable" not in marketing(world)


def test_a_mail_that_was_not_sent_is_in_no_row(world: World) -> None:
    for number, state in ((2, "accepted"), (3, "excluded"), (4, "accepted")):
        states: dict[str, PersonState] = {"ada": state}  # type: ignore[dict-item]
        mailed(world, states, number, SENT + timedelta(minutes=number))
    soft(world, [1, 2, 4])
    assert "unreachable" in marketing(world)


# Told again, late, of nobody


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("name", ["ada", "bob"])
def test_what_is_told_again_changes_nothing(world: World, kind: EventKind, name: str) -> None:
    apply(world.runner, event(kind, name))
    before = everything(world)
    assert apply(world.runner, event(kind, name)) == "unchanged"
    assert apply(world.runner, event(kind, name, event_id="another")) == "unchanged"
    assert everything(world) == before


def test_a_replay_does_not_undo_what_staff_said_since(world: World) -> None:
    told = [event("hard_bounce"), event("complaint", event_id="evt_1")]
    for one in told:
        apply(world.runner, one)
    ada = world.with_email("ada@example.com")["id"]
    world.runner.run(lambda tx: plan_reachable(tx, ada, "person"))
    world.runner.run(lambda tx: plan_consent(tx, "call", ada, "subscribed", "by phone"))
    for one in [*told, event("hard_bounce", hours=9)]:  # the same mail, by another clock
        apply(world.runner, one)
    assert marketing(world)["status"] == "subscribed"
    assert "unreachable" not in marketing(world)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_unknown_mail_changes_nothing(world: World, kind: EventKind) -> None:
    before = everything(world)
    strange = mail_id("ada", 7)
    for one in (
        event(kind, mail_id=strange),
        event(kind, mail_id=None, provider_id="strange"),
        event(kind, mail_id=None),
        # The key of one campaign under another: no such mail was ever sent.
        event(kind, mail_id=f"{strange.split('-')[0]}-{mail_id().split('-')[1]}"),
    ):
        assert apply(world.runner, one) == "unknown"
    assert everything(world) == before


def test_an_event_ahead_of_its_record_is_to_be_told_again(world: World) -> None:
    put_campaign(world, 2)
    now = world.store.now()
    for late, outcome in ((timedelta(0), "early"), (EARLY + timedelta(seconds=1), "unknown")):
        told = MailEvent("hard_bounce", now - late, mail_id("ada", 2))
        assert apply(world.runner, told) == outcome
    put_campaign(world, 2, "draft")
    assert apply(world.runner, MailEvent("hard_bounce", now, mail_id("ada", 2))) == "unknown"


def test_a_mail_is_found_by_the_providers_id_where_that_is_one_mails(world: World) -> None:
    mailed(world, {"ada": "accepted"}, 2, provider_id="pm-1")
    assert apply(world.runner, event("hard_bounce", mail_id=None, provider_id="pm-1")) == "changed"
    assert record_of(world, number=2).bounced is not None
    mailed(world, {"ada": "accepted", "bob": "accepted"}, 3, provider_id="pm-2")
    told = event("hard_bounce", mail_id=None, provider_id="pm-2")
    assert apply(world.runner, told) == "unknown"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_becomes_of_a_mail_that_was_never_sent(world: World, kind: EventKind) -> None:
    mailed(world, {"ada": "excluded"}, 2)
    mailed(world, {"ada": "refused"}, 3, reason="550 5.1.1")
    before = everything(world)
    for number in (2, 3):
        assert apply(world.runner, event(kind, number=number)) == "unchanged"
    assert everything(world) == before


KIND = st.sampled_from(sorted(KINDS))
TOLD = st.builds(
    lambda kind, name, number, hours: event(kind, name, number, hours),
    KIND,
    st.sampled_from(["ada", "bob"]),
    st.integers(1, 3),
    st.integers(1, 12),
)


def end_state(told: list[MailEvent]) -> Any:
    """Return what holds at the end, without the times at which it was heard."""
    world = World()
    subscribed(world, "ada", "bob")
    for number in (1, 2, 3):
        at = SENT + timedelta(minutes=number)
        mailed(world, {"ada": "accepted", "bob": "uncertain"}, number, at)
    for one in told:
        apply(world.runner, one)
        assert all(shard_counts(world, number).whole for number in (1, 2, 3))
    assert world.wrong() == []
    people = [marketing(world, name) for name in ("ada", "bob")]
    return (
        world.store.all("crmMails"),
        [shard_counts(world, number) for number in (1, 2, 3)],
        [(one["status"], one["source"], one.get("unreachable")) for one in people],
    )


@pytest.mark.parametrize("hours", [(1, 1), (1, 2), (2, 1)])
def test_a_mail_that_bounced_was_rejected_too(hours: tuple[int, int]) -> None:
    told = [event("hard_bounce", "ada", 3, hours[0]), event("rejected", "ada", 3, hours[1])]
    first, second = end_state(told), end_state(told[::-1])
    assert first == second
    (_, _, unreachable), _ = first[2]
    assert unreachable == SENT + timedelta(hours=max(hours))


@settings(max_examples=200)
@given(st.lists(TOLD, max_size=8), st.randoms(use_true_random=False))
def test_the_same_events_in_any_order_and_number_come_to_the_same(
    told: list[MailEvent], random: Any
) -> None:
    again = [*told, *random.choices(told, k=3)] if told else []
    random.shuffle(again)
    assert end_state(again) == end_state(told)


@given(
    st.sampled_from(["accepted", "uncertain", "refused", "excluded"]),
    st.lists(KIND, max_size=6),
)
def test_no_event_makes_a_settled_mail_uncertain_or_waiting(
    state: PersonState, kinds: list[EventKind]
) -> None:
    record = MailRecord(mail_id(), "c", "p", ADA, ADA, "s", state, SENT)
    for kind in kinds:
        record = after(record, event(kind))
        assert record.state in {state, "accepted", "refused"}
    if state != "uncertain":
        assert record.state == state


# The link


def test_the_link_of_a_mail_withdraws_and_notes_the_mail(world: World) -> None:
    world.runner.run(lambda tx: plan_left(tx, ADA, mail_id()))
    assert marketing(world)["status"] == "unsubscribed"
    assert record_of(world).unsubscribed is not None


def test_the_link_withdraws_also_where_its_mail_is_gone_or_somebody_elses(world: World) -> None:
    for held in (mail_id("bob"), mail_id("ada", 7)):
        world.runner.run(partial(plan_left, key=ADA, mail_id=held))
    assert marketing(world)["status"] == "unsubscribed"
    assert marketing(world, "bob")["status"] == "subscribed"
    assert record_of(world, "bob").unsubscribed is None


# Whose address it is


def test_what_is_told_after_an_erasure_finds_nobody(world: World) -> None:
    apply(world.runner, event("hard_bounce"))
    who = CustomerRef("email", "ada@example.com")
    erase(world.runner, world.queue.append, who, reason="asked by letter", force=True)
    world.work()
    assert identity(world)["unreachable"] is not None
    assert identity(world)["erasedAt"] is not None
    kept = world.store.all("crmConsents"), identity(world)
    for kind in ("complaint", "unsubscribed", "soft_bounce", "hard_bounce"):
        apply(world.runner, event(kind, hours=9))
    assert (world.store.all("crmConsents"), identity(world)) == kept
    assert record_of(world).address is None
    assert shard_counts(world).whole
    assert world.wrong() == []


def test_a_new_customer_of_an_unreachable_address_begins_with_it(world: World) -> None:
    apply(world.runner, event("hard_bounce"))
    world.delete_order("order-ada")
    world.put_order("again", order("ada@example.com", marketingOptIn=True))
    assert marketing(world)["unreachable"] == event("hard_bounce").at
    assert world.wrong() == []


def test_who_is_only_to_be_reached_by_the_address_hears_of_it() -> None:
    world = World(trust="auth")
    world.put_user("u1", user("cyd@example.com"))
    world.put_order("o1", order("cyd@example.com", userId="u1"))
    cyd = KEYS.address("cyd@example.com")
    assert world.with_uid("u1")["contactEmail"] == "cyd@example.com"
    mark_unreachable(world.runner, cyd, SENT)
    assert world.with_uid("u1")["marketing"]["unreachable"] == SENT
    assert list(verify(world.runner)) == []
    world.runner.run(lambda tx: plan_reachable(tx, world.with_uid("u1")["id"], "arrived"))
    assert "unreachable" not in world.with_uid("u1")["marketing"]
    assert world.wrong() == []


def test_a_refusal_while_sending_is_a_hard_bounce(world: World) -> None:
    mark_unreachable(world.runner, ADA, SENT)
    mark_unreachable(world.runner, ADA, SENT)
    assert marketing(world)["unreachable"] == SENT


# At once


class Meanwhile(MemoryStore):
    """A store in which something is done right before the first commit of something else."""

    def __init__(self) -> None:
        super().__init__()
        self.work: list[Callable[[], object]] = []

    def commit(self, writes: Sequence[Write]) -> list[int]:
        if self.work:
            self.work.pop()()
        return super().commit(writes)


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_two_soft_bounces_at_once_are_both_in_the_row(name: str) -> None:
    world = World(Meanwhile())
    subscribed(world, "ada", "bob")
    for number in (1, 2, 3):
        at = SENT + timedelta(minutes=number)
        mailed(world, {"ada": "accepted", "bob": "uncertain"}, number, at)
    soft(world, [1], name=name)
    store = cast("Meanwhile", world.store)
    store.work.append(lambda: soft(world, [2], name=name))
    soft(world, [3], name=name)
    assert "unreachable" in marketing(world, name)


def test_a_turn_that_sends_meanwhile_keeps_the_sums() -> None:
    world = World(Meanwhile())
    subscribed(world, "ada", "bob")
    mailed(world, {"ada": "uncertain", "bob": "uncertain"})
    store = cast("Meanwhile", world.store)
    store.work.append(lambda: apply(world.runner, event("delivered", "ada")))
    apply(world.runner, event("hard_bounce", "bob"))
    assert shard_counts(world) == counts_of(["accepted", "refused"])
