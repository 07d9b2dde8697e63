"""Checking and mending the catalogue of events: it says what the newest orders say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from crm.db.collections import EVENTS
from crm.db.documents import Delete, Path, Snapshot, Update
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.events.event import Event, Word, event_path
from crm.sync.catalogue import newest_query, words_of
from crm.sync.seen_events import SeenEvents

_NOWHERE: Word = (None, None)


def check_event(tx: Transaction, event: Snapshot) -> Iterator[str]:
    """Say what is wrong with an event; one that no order describes any more is right."""
    held = Event.from_data(event.fields)
    if event.path != event_path(held.event_id):
        yield "is not where its id is kept"
    elif _newest(tx, held) != held.word:
        yield "does not say what the newest order says of it"


def plan_event(tx: Transaction, name: str) -> Plan[None]:
    """Plan to have an event say what the newest order says of it."""
    found = tx.document(f"{EVENTS}/{name}")
    if found.data is None:
        return Plan([], None)
    held = Event.from_data(found.data)
    if found.path != event_path(held.event_id):
        return Plan([Delete(found.path, found.version)], None)
    word = _newest(tx, held)
    if word == held.word:
        return Plan([], None)
    return Plan([Update(found.path, held.told(word).to_data(), found.version)], None)


def mend_event(runner: Runner, name: str) -> bool:
    """Have an event say what the newest order says of it.

    Returns:
        Whether anything was written.

    Raises:
        Conflict, Transient: Not done before the deadline.
    """
    # Again, for an order that came meanwhile (see `crm.sync.catalogue`).
    done = [runner.run(lambda tx: plan_event(tx, name))[0] for _ in range(2)]
    return any(plan.writes for plan in done)


def _newest(tx: Transaction, held: Event) -> Word:
    rows = tx.find(newest_query([held.event_id]))
    return words_of(rows, [held.event_id]).get(held.event_id, held.word)


def missing_events(runner: Runner, rows: Iterable[Snapshot], there: SeenEvents) -> list[Path]:
    """Return the paths of events that counted rows of the ledger name and the catalogue lacks.

    Args:
        runner: Reads.
        rows: Rows of the ledger.
        there: Those that were there; each is read once, as long as it is remembered.

    Raises:
        Transient: Not read before the deadline.
    """
    now = runner.now()
    named = dict.fromkeys(one for row in rows for one in _named(row))
    unknown = {event_path(one): one for one in named if there.get(one, now) is None}
    found = runner.retry.call(partial(runner.store.read, unknown))
    for path, one in unknown.items():
        if found[path].exists:
            there.put(one, _NOWHERE, now)
    return [path for path in unknown if not found[path].exists]


def _named(row: Snapshot) -> Sequence[str]:
    """Return the events that a row names and that count; none of a damaged row."""
    with suppress(KeyError, TypeError, AttributeError):
        if row.fields["counted"] is True:
            over = set(row.fields["overLimit"])
            return [one for one in row.fields["events"] if one not in over]
    return ()
