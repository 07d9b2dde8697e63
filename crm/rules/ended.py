"""Rules about events that are over: found by each sweep, and begun once for each event.

An event is due at one moment (`due`). It is found while that moment is not longer over than rules
act late, and what begins its work, and that it has begun, is one commit (`occurrence`). So a sweep
that dies, comes twice or beside another one begins it once. A date that moves before counts, and
one that moves afterwards does not.

Where nobody is there to act on, nothing is noted: check-ins come late, and the next sweep looks
again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from crm.audit import trail as audit
from crm.campaigns.by_rule import Sending, fit_template, plan_sending
from crm.campaigns.control import hand_over
from crm.campaigns.control import read as read_campaign
from crm.core.errors import Refusal
from crm.customers.decision import SUBSCRIBED
from crm.db.collections import EVENTS
from crm.db.diff import replaced
from crm.db.documents import Create, Query, Write
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.events.event import Event, event_path
from crm.jobs import run as jobs
from crm.jobs.job import Enqueue, Later
from crm.rules.acting import LATE, floor_of
from crm.rules.book import read_book
from crm.rules.due import EventEnded
from crm.rules.gate import only_of
from crm.rules.occurrence import Occurrence, occurrence_path, waiting_of
from crm.rules.pausing import plan_pause
from crm.rules.rule import Rule
from crm.segments.engine.count import count
from crm.segments.language.ast import All, HasTicket, Marketing, Node, check_size
from crm.segments.language.json_form import to_json

log = logging.getLogger(__name__)

JOB: Final = "rule"
"""The kind of job that gives an event's people their tags (`rule_job`)."""

PAGE: Final = 200
"""Events that are read at a time."""

MOST_WAITING: Final = 500
"""Events of one rule that one answer of staff is for."""

NAME: Final = 100  # characters of a campaign's name


@dataclass(frozen=True)
class DueEvent:
    """An event on whose people a rule is to act now.

    Attributes:
        event: The event.
        at: When it was due (UTC).
        people: How many they are; of a rule that sends, those who have subscribed.
        noted: What is known of it already; None where it is new.
    """

    event: Event
    at: datetime
    people: int
    noted: Occurrence | None = None


def audience(rule: Rule, event_id: str) -> Node:
    """Return the people of an event on whom a rule acts: who holds a ticket, and is meant.

    A question that would be too large is asked without `only`: each person is asked about it
    again when the rule acts.
    """
    holders, only = HasTicket(event_id), only_of(rule, event_id)
    if only is None:
        return holders
    node = All((holders, *only.items)) if isinstance(only, All) else All((holders, only))
    try:
        return check_size(node)
    except Refusal:
        return holders


def act_on_ended(runner: Runner, enqueue: Enqueue, rule: Rule, later: Later) -> int:
    """Have a rule act on the people of each event that is due.

    Args:
        runner: Reads and writes.
        enqueue: Has a worker look at a job.
        rule: A rule with `eventEnded`, as it is in the book; it is read again.
        later: As `enqueue`, after a time.

    Returns:
        For how many events it begins.

    Raises:
        Conflict, Transient: Not now; the next sweep goes on.
    """
    answered = [one for one in _waiting(runner, rule) if one.people]
    begun = sum(_begin(runner, enqueue, rule, one, later) for one in answered)
    if begun:
        return begun  # the others in the next sweep: to ask about them would stop these again
    new = [one for one in due_events(runner, rule) if one.people]
    if sum(one.people for one in new) > rule.most:
        runner.run(lambda tx: _plan_asking(tx, rule, new))
        return 0
    return sum(_begin(runner, enqueue, rule, one, later) for one in new)


def due_events(runner: Runner, rule: Rule) -> Iterator[DueEvent]:
    """Yield the events that are due for a rule and that it has not looked at yet.

    Raises:
        Conflict, Transient: Not answered before the deadline.
    """
    asked = EventEnded.of(rule)
    if asked is None or not rule.active:
        return
    zone, now = runner.settings.time_zone, runner.now()
    floor = max(rule.since or now, now - LATE)
    for low, high in asked.starts(floor, now, zone):
        for event in _events(runner, low, high):
            at = asked.due(event.starts_at, zone)
            if at is None or not floor < at <= now:
                continue
            path = occurrence_path(rule.id, event.event_id)
            if not runner.read_one(path).exists:
                yield DueEvent(event, at, people_of(runner, rule, event.event_id))


def _events(runner: Runner, low: datetime, high: datetime) -> Iterator[Event]:
    """Yield the events that begin in a range."""
    where = (("startsAt", ">=", low), ("startsAt", "<", high))
    query = Query(EVENTS, where, ("startsAt", "asc"), PAGE)  # type: ignore[arg-type]
    while True:
        found = runner.retry.call(partial(runner.store.find, query))
        yield from (Event.from_data(one.fields) for one in found)
        if len(found) < PAGE:
            return
        query = replace(query, after=(found[-1].fields["startsAt"], found[-1].id))


def _waiting(runner: Runner, rule: Rule) -> Iterator[DueEvent]:
    """Yield the events that waited for staff, who have said that the rule is to act on them."""
    if not rule.active or rule.allowed is None or runner.now() - rule.allowed >= LATE:
        return
    query = waiting_of(rule.id, MOST_WAITING)
    for found in runner.retry.call(lambda: runner.store.find(query)):
        noted = Occurrence.from_data(found.id, found.fields)
        if noted.since != rule.since or noted.at > rule.allowed:
            continue
        event = runner.read_one(event_path(noted.event_id))
        if event.data is not None:
            people = people_of(runner, rule, noted.event_id)
            yield DueEvent(Event.from_data(event.data), noted.due_at, people, noted)


def people_of(runner: Runner, rule: Rule, event_id: str) -> int:
    """Count the people of an event on whom a rule would act.

    Raises:
        Conflict, Transient: Not answered before the deadline.
    """
    node, now = audience(rule, event_id), runner.now()
    if rule.campaign_id is not None:
        node = All((Marketing(SUBSCRIBED), node))
    return runner.retry.call(lambda: count(runner.store, node, now)).value


def _begin(runner: Runner, enqueue: Enqueue, rule: Rule, one: DueEvent, later: Later) -> bool:
    # Chosen once: where a commit's answer is lost, the next try finds its own work.
    campaign_id = runner.new_id() if rule.campaign_id is not None else None
    job_id = runner.new_id()
    planned, _ = runner.run(lambda tx: _plan_begin(tx, rule, one, campaign_id, job_id))
    if not planned.result:
        return False
    if campaign_id is None:
        jobs.enqueue_job(enqueue, job_id)
    else:
        hand_over(runner, enqueue, later, read_campaign(runner, campaign_id))
    return True


def _plan_begin(
    tx: Transaction, seen: Rule, one: DueEvent, campaign_id: str | None, job_id: str
) -> Plan[bool]:
    """Plan to begin a rule's work on an event; the result says whether this did."""
    event_id = one.event.event_id
    found = tx.document(occurrence_path(seen.id, event_id))
    noted = Occurrence.from_data(found.id, found.data) if found.data is not None else None
    if noted is not None and noted.state == "begun":
        return Plan([], noted.job_id == job_id)  # by another sweep, or by a try of this one
    rule = read_book(tx).rules.get(seen.id)
    if rule is None or not rule.active or rule.since != seen.since or rule.then != seen.then:
        return Plan([], False)
    if noted != one.noted or (noted is None and not _still_due(tx, rule, one)):
        return Plan([], False)
    fresh = _occurrence(tx, rule, one, campaign_id, job_id)
    if rule.campaign_id is None or campaign_id is None:
        arguments = {
            "ruleId": rule.id,
            "eventId": event_id,
            "since": rule.since,
            "dueAt": tx.now if noted is not None else one.at,
            "now": tx.now,
        }
        _, create = jobs.new(tx, job_id, JOB, arguments, one.people)
        entry = audit.record(tx, "rule.act", rule=rule.id, job=job_id)
        return Plan([fresh, create, *entry], True)
    template, why_not = fit_template(tx, rule.campaign_id)
    if template is None:
        return Plan(_asking(tx, rule, [one], why_not), False)
    by = tx.now if noted is not None else one.at
    sending = Sending(
        campaign_id,
        job_id,
        rule.id,
        named(rule, one.event.name or event_id),
        one.people,
        segment=to_json(audience(rule, event_id)),  # type: ignore[arg-type]
        scope=event_id,
        latest_by=by + timedelta(hours=tx.settings.mail.latest_hours),
    )
    return Plan([fresh, *plan_sending(tx, template, sending)], True)


def _still_due(tx: Transaction, rule: Rule, one: DueEvent) -> bool:
    """Return whether an event has not moved since it was found."""
    asked, data = EventEnded.of(rule), tx.document(event_path(one.event.event_id)).data
    if asked is None or data is None:
        return False
    at = asked.due(Event.from_data(data).starts_at, tx.settings.time_zone)
    return at is not None and floor_of(rule, tx.now) < at <= tx.now


def _occurrence(
    tx: Transaction,
    rule: Rule,
    one: DueEvent,
    campaign_id: str | None = None,
    job_id: str | None = None,
) -> Write:
    """Return the write that notes an event; without a job it waits for staff."""
    event_id = one.event.event_id
    found = tx.document(occurrence_path(rule.id, event_id))
    noted = Occurrence(
        found.id,
        rule.id,
        event_id,
        one.at,
        tx.now,
        rule.since,
        "waiting" if job_id is None else "begun",
        one.people,
        campaign_id,
        job_id,
    )
    data = noted.to_data()
    return replaced(found, data) if found.exists else Create(found.path, data)


def _plan_asking(tx: Transaction, rule: Rule, events: Sequence[DueEvent]) -> Plan[None]:
    new = [
        one
        for one in events
        if not tx.document(occurrence_path(rule.id, one.event.event_id)).exists
    ]
    return Plan(_asking(tx, rule, new, "too-many") if new else [], None)


def _asking(tx: Transaction, rule: Rule, events: Sequence[DueEvent], reason: str) -> list[Write]:
    """Return the writes by which a rule pauses, and asks what becomes of the people of events."""
    people = sum(one.people for one in events)
    pause = plan_pause(tx, rule.id, rule.since, reason, people)
    if not pause.writes:
        return []  # staff have switched it meanwhile
    return [*pause.writes, *(_occurrence(tx, rule, one) for one in events)]


def named(rule: Rule, about: str) -> str:
    """Return the name of a campaign that a rule sends: short, one line, without an address."""
    line = " ".join(f"{rule.name}: {about}".split()).replace("@", " ")
    return "".join(char for char in line if char.isprintable())[:NAME]
