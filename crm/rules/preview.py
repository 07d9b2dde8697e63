"""What a rule would do, before it does it: on whom, when, and on whom not. It changes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from crm.campaigns.by_rule import template_in
from crm.campaigns.composed import problems_of, told
from crm.campaigns.moments import local_of
from crm.campaigns.reach import Audience, reason_against
from crm.composing.problems import Problem
from crm.core.errors import Refusal
from crm.customers.customer import Customer, mail_address
from crm.db.collections import CUSTOMERS, EVENTS
from crm.db.documents import Data, Query
from crm.db.runner import Runner
from crm.db.transaction import Transaction
from crm.events.event import Event
from crm.rules.book import Book
from crm.rules.due import EventEnded, since_last_order
from crm.rules.ended import audience
from crm.rules.gate import ALREADY, only_of
from crm.rules.loops import refuse_loop
from crm.rules.occurrence import occurrence_path
from crm.rules.once import acted, run_paths
from crm.rules.rule import Rule
from crm.segments.engine.count import count
from crm.segments.engine.pages import FoundCustomer, page, pages
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import Node
from crm.segments.language.json_form import parse_json

SHOWN: Final = 50
"""People that are named."""

EVENTS_SHOWN: Final = 5
"""Events to come that are named, and as many that are past."""

AHEAD: Final = timedelta(days=30)
"""How far it is looked ahead for people who have not ordered for long."""

MOST_LOOKED_AT: Final = 5_000
"""People who become due, of whom it is looked at whether they are meant."""

BELONGS: Final = "belongs-already"
"""Why a rule does not act on somebody: to belong is not to enter."""

Way = Literal["asc", "desc"]


class _Named(NamedTuple):
    """Somebody whom a preview names: why a rule would not act on the person, and when it would."""

    person: FoundCustomer
    why: str | None
    at: datetime | None


@dataclass
class _Found:
    """What a preview says of people.

    Attributes:
        matching: How many belong already.
        people: Some of those whom it is about.
        events: Events that the rule is about.
        reached: Of a rule that sends: who would get the mail, and why others would not.
        most: How many it would act on at once, as far as that is known.
        scope: The event whose people are named.
    """

    matching: int = 0
    people: Sequence[_Named] = ()
    events: Sequence[dict[str, Any]] = ()
    reached: Audience | None = None
    most: int = 0
    scope: str | None = None


def preview(runner: Runner, rule: Rule, book: Book, *, saved: bool) -> dict[str, object]:
    """Return what a rule would do.

    Args:
        runner: Reads.
        rule: The rule, which need not be saved or on.
        book: All that are saved.
        saved: Whether it is: then it may have acted on people.

    Raises:
        Conflict, Transient: Not settled before the deadline.
    """
    looks = {"eventEnded": _of_events, "sinceLastOrder": _of_orders}
    found = looks.get(rule.kind, _of_entering)(runner, rule)
    before = _acted(runner, rule, found) if saved else frozenset[str]()
    return {
        "matching": found.matching,
        "people": [
            {
                "customerId": name,
                "name": data["name"],
                "email": mail_address(data),
                "excluded": ALREADY if why is None and name in before else why,
                "dueAt": at,
            }
            for (name, data), why, at in found.people
        ],
        "events": found.events,
        "audience": _told(found.reached),
        "most": rule.most,
        "pauses": found.most > rule.most,
        "problems": told(_problems(runner, rule, book)),
    }


def _told(reached: Audience | None) -> dict[str, object] | None:
    if reached is None:
        return None
    excluded = dict(sorted(reached.excluded.items()))
    return {"matched": reached.matched, "reachable": reached.reachable, "excluded": excluded}


def _of_entering(runner: Runner, rule: Rule) -> _Found:
    """Look at who belongs already: nobody of them has entered."""
    node, now = parse_json(rule.entered), runner.now()
    call = runner.retry.call
    matching = call(lambda: count(runner.store, node, now)).value
    some = call(lambda: page(runner.store, node, now, size=SHOWN)).customers
    return _Found(matching, [_Named(one, BELONGS, None) for one in some])


def _of_events(runner: Runner, rule: Rule) -> _Found:
    """Look at the events that were due last and that are due next, and at the newest's people."""
    asked, now, zone = EventEnded.of(rule), runner.now(), runner.settings.time_zone
    assert asked is not None
    past = _events(runner, (("startsAt", "<", now),), "desc")
    coming = _events(runner, (("startsAt", ">=", now),), "asc")
    found, events = _Found(), list[dict[str, Any]]()
    for event in (*reversed(coming), *past):
        due = asked.due(event.starts_at, zone)
        node = audience(rule, event.event_id)
        people = runner.retry.call(partial(count, runner.store, node, now)).value
        path = occurrence_path(rule.id, event.event_id)
        row = {
            "eventId": event.event_id,
            "name": event.name,
            "startsAt": event.starts_at,
            "dueAt": due,
            "dueLocal": local_of(due, zone),
            "people": people,
            "begun": runner.read_one(path).exists,
        }
        events.append(row)
        if due is not None and due > now:
            found.most = max(found.most, people)
    found.events = events
    newest = next(iter(past or coming), None)
    if newest is not None:
        found.scope, at = newest.event_id, asked.due(newest.starts_at, zone)
        holders = _everybody(runner, audience(rule, newest.event_id))
        found.people, found.reached = _walked(rule, holders, lambda _: at)
    return found


def _events(runner: Runner, where: object, way: Way) -> list[Event]:
    query = Query(EVENTS, where, ("startsAt", way), EVENTS_SHOWN)  # type: ignore[arg-type]
    found = runner.retry.call(lambda: runner.store.find(query))
    return [Event.from_data(one.fields) for one in found]


def _everybody(runner: Runner, node: Node) -> Iterator[FoundCustomer]:
    for one in pages(runner.store, node, runner.now()):
        yield from one.customers


def _of_orders(runner: Runner, rule: Rule) -> _Found:
    """Look at who becomes due within the next weeks, those first who become due first."""
    after, now, only = since_last_order(rule), runner.now(), only_of(rule, None)
    assert after is not None

    def due(data: Data) -> datetime:
        last: datetime = data["lastOrderAt"]
        return last + after

    found = (
        one
        for one in _overdue(runner, now - after, now - after + AHEAD)
        if only is None or matches(only, one[1], now)
    )
    people, reached = _walked(rule, itertools.islice(found, MOST_LOOKED_AT), due)
    soon = (("lastOrderAt", ">=", now - after), ("lastOrderAt", "<", now - after + timedelta(1)))
    at_once = runner.retry.call(lambda: runner.store.count(Query(CUSTOMERS, soon)))  # type: ignore[arg-type]
    return _Found(people=people, reached=reached, most=at_once)


def _overdue(runner: Runner, low: datetime, high: datetime) -> Iterator[FoundCustomer]:
    where = (("lastOrderAt", ">=", low), ("lastOrderAt", "<", high))
    after = None
    while True:
        query = Query(CUSTOMERS, where, ("lastOrderAt", "asc"), SHOWN, after)  # type: ignore[arg-type]
        found = runner.retry.call(partial(runner.store.find, query))
        yield from ((one.id, one.fields) for one in found)
        if len(found) < SHOWN:
            return
        after = (found[-1].fields["lastOrderAt"], found[-1].id)


def _walked(
    rule: Rule, found: Iterable[FoundCustomer], due: Callable[[Data], datetime | None]
) -> tuple[list[_Named], Audience | None]:
    """Walk through people; name the first of them, and count who is reached where a rule sends."""
    sends = rule.campaign_id is not None
    reached = Audience()
    people: list[_Named] = []
    for one in found:
        if len(people) < SHOWN:
            why = reason_against(one[1]) if sends else None
            people.append(_Named(one, why, due(one[1])))
        elif not sends:
            break
        for _ in reached.look([one]):
            pass
    return people, reached if sends else None


def _acted(runner: Runner, rule: Rule, found: _Found) -> frozenset[str]:
    """Return on whom of those who are named a rule has acted, as often as it is to."""
    named = [Customer.from_data(*one) for one, why, _ in found.people if why is None]

    def plan(tx: Transaction) -> frozenset[str]:
        tx.documents(p for one in named for p in run_paths(tx.keys, rule, one, found.scope))
        return frozenset(one.id for one in named if acted(tx, rule, one, found.scope))

    return runner.retry.call(lambda: runner.evaluate(plan))


def _problems(runner: Runner, rule: Rule, book: Book) -> Iterator[Problem]:
    """Yield what stands in a rule's way."""
    try:
        refuse_loop({**book.rules, rule.id: rule}, rule.id)
    except Refusal as refusal:
        yield Problem(refusal.reason, refusal.message, "then", blocking=True)
    campaign_id = rule.campaign_id
    if campaign_id is None:
        return
    template = runner.retry.call(lambda: runner.evaluate(lambda tx: template_in(tx, campaign_id)))
    if template is None:
        text = "The draft that the rule sends is gone, or is no draft any more: name another one."
        yield Problem("template-gone", text, "then.send", blocking=True)
        return
    yield from problems_of(runner.settings, template)
