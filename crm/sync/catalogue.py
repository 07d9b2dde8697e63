"""The catalogue of events, kept by the orders that name them (docs/decisions/036).

An event's name and start are those of the newest row of the ledger that describes it, so nothing
has to be remembered of who said so: whoever may have changed the answer asks again. That comes
after an order's own commit. As long as orders say what the catalogue says, it costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from crm.core.batches import batches
from crm.customers.ledger import Contribution, event_term
from crm.db.collections import ORDERS
from crm.db.documents import IN_QUERY, Clause, Create, Query, Snapshot, Store, Update, Write
from crm.db.runner import Runner
from crm.events.event import Event, Word, event_path
from crm.sync.seen_events import SeenEvents

ROWS_ASKED: Final = 10
"""Rows that are read at once where the newest one does not describe all events asked for."""

WRITTEN_AT_ONCE: Final = 50
"""Events in one commit: with all terms of a search that one can have they fit into 10 MiB."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an order says of an event.

    Attributes:
        named: Whether it names the event, and counts.
        word: What it says; None where it says nothing.
        left: What it said before, as another order, or another day, may say it no more.
        doubted: Whether the newest order is asked, whatever it says.
    """

    named: bool
    word: Word | None = None
    left: frozenset[Word] = frozenset()
    doubted: bool = False

    def agrees(self, held: Word) -> bool:
        """Return whether the catalogue stays right, if it was right and says `held`."""
        fits = self.word is None or self.word == held
        return fits and held not in self.left and not self.doubted


def said(
    past: Sequence[Contribution | None], now: Contribution | None, *, wrote: bool
) -> dict[str, Said]:
    """Return what an order says of events that may be news to the catalogue, by event.

    Args:
        past: What it contributed before, by each attempt to commit: one that seemed to have failed
            may have been carried out.
        now: What it contributes.
        wrote: Whether anything was to be written. Where nothing was, who wrote it may have died
            before the catalogue heard of it, so all its events are looked at.
    """
    before = [_words(one) for one in past]
    after = _words(now)
    found = {}
    for event_id in dict.fromkeys(key for one in (*before, after) for key in one):
        mine = after.get(event_id)
        if wrote and all(one.get(event_id) == mine for one in before):
            continue
        was = {one[event_id] for one in before if event_id in one} - {mine}
        left = frozenset(word for _, word in was if word is not None)
        found[event_id] = Said(mine is not None, None if mine is None else mine[1], left)
    return found


def _words(one: Contribution | None) -> dict[str, tuple[datetime, Word | None]]:
    """Return what an order says of each event that counts, and when."""
    if one is None:
        return {}
    words = {key: (value.name, value.starts_at) for key, value in one.applied.items()}
    return {key: (one.created_at, word if any(word) else None) for key, word in words.items()}


def newest_query(event_ids: Iterable[str], limit: int = 1) -> Query:
    """Return the query for the newest rows of the ledger that describe any of some events."""
    terms = tuple(event_term(one) for one in event_ids)
    described: Clause = ("marks", "array_contains_any", terms)
    return Query(ORDERS, (described,), ("createdAt", "desc"), limit)


def words_of(rows: Iterable[Snapshot], event_ids: Collection[str]) -> dict[str, Word]:
    """Return what the first of some rows that describes it says of each event."""
    found: dict[str, Word] = {}
    for row in rows:
        marks = set(row.fields["marks"])
        for event_id, tickets in row.fields["events"].items():
            if event_id in event_ids and event_term(event_id) in marks:
                found.setdefault(event_id, (tickets["name"], tickets["startsAt"]))
    return found


def newest_words(store: Store, event_ids: Iterable[str]) -> dict[str, Word]:
    """Return what the newest order that describes it says of each event; nothing where none does.

    An order of many events is one row, so mostly one query tells thirty of them.

    Raises:
        Transient: The database did not answer.
    """
    found: dict[str, Word] = {}
    for waiting in batches([*event_ids], IN_QUERY):
        limit = 1
        while waiting:
            rows = store.find(newest_query(waiting, limit))
            found |= words_of(rows, waiting)
            if len(rows) < limit:
                break  # nobody describes the rest
            waiting = [one for one in waiting if one not in found]
            limit = min(len(waiting), ROWS_ASKED)
    return found


@dataclass(frozen=True)
class Catalogue:
    """Keeps the catalogue right after each order.

    Attributes:
        seen: What this process last saw of events.
        words: Whether names and starts are looked after; else only that the events are there, for
            whoever looks at all names afterwards.
    """

    seen: SeenEvents = field(default_factory=SeenEvents)
    words: bool = True

    def follow(
        self,
        runner: Runner,
        past: Sequence[Contribution | None],
        now: Contribution | None,
        *,
        wrote: bool,
    ) -> bool:
        """Bring the catalogue up to an order that was committed.

        Args:
            runner: Reads and commits.
            past: As of `said`.
            now: As of `said`.
            wrote: As of `said`.

        Returns:
            Whether anything was written.

        Raises:
            Conflict, Transient: Not done before the deadline; safe to call again.
        """
        news = said(past, now, wrote=wrote)
        asked = {key: one for key, one in news.items() if not self._is_known(runner, key, one)}
        for event_id in self._still_right(runner, asked):
            del asked[event_id]
        if not asked:
            return False
        look = _Look(self, runner, asked)
        runner.retry.call(look.settle)
        return look.wrote

    def _is_known(self, runner: Runner, event_id: str, one: Said) -> bool:
        held = self.seen.get(event_id, runner.now())
        return held is not None and (not self.words or one.agrees(held))

    def _still_right(self, runner: Runner, asked: Mapping[str, Said]) -> list[str]:
        """Return the events whose word an order says no more, and another one does."""
        held = {key: self.seen.get(key, runner.now()) for key in asked}
        left = [key for key, one in asked.items() if held[key] and one.word in (None, held[key])]
        newest = runner.retry.call(partial(newest_words, runner.store, left))
        return [key for key in left if newest.get(key) == held[key]]


@dataclass
class _Look:
    """One look at events of the catalogue, which goes on until each is as it should be.

    Attributes:
        catalogue: Whose memory is filled.
        runner: Reads and commits.
        asked: What is still to be looked at.
        wrote: Whether anything was written.
    """

    catalogue: Catalogue
    runner: Runner
    asked: dict[str, Said]
    wrote: bool = False

    def settle(self) -> None:
        """Look, and write what differs, until nothing does.

        Whoever has changed a name looks once more. Between the question for the newest order and
        the commit, a newer one can have found the document as it says itself, and left it alone.
        """
        while self.asked:
            at, store = self.runner.now(), self.runner.store
            found = store.read(map(event_path, self.asked))
            there = {key: found[event_path(key)] for key in self.asked}
            for event_id, document in there.items():
                self._pass(event_id, document, at)
            newest = newest_words(store, self.asked)
            writes: dict[str, Write] = {}
            made: dict[str, Event] = {}
            for event_id, one in [*self.asked.items()]:
                document, word = there[event_id], newest.get(event_id)
                if document.data is None and word is None and not one.named:
                    del self.asked[event_id]
                elif document.data is None:
                    event = Event(event_id, at).told(word or one.word or (None, None))
                    writes[event_id] = Create(document.path, event.to_data())
                    made[event_id] = event
                else:
                    event = Event.from_data(document.data)
                    if word is None or word == event.word:
                        self._done(event_id, event.word, at)
                        continue
                    data = event.told(word).to_data()
                    writes[event_id] = Update(document.path, data, document.version)
            self._commit(writes, made, at)

    def _pass(self, event_id: str, document: Snapshot, at: datetime) -> None:
        """Have done with an event of which the order says nothing new."""
        if document.data is None:
            return
        word = Event.from_data(document.data).word
        if not self.catalogue.words or self.asked[event_id].agrees(word):
            self._done(event_id, word, at)

    def _done(self, event_id: str, word: Word, at: datetime) -> None:
        self.catalogue.seen.put(event_id, word, at)
        del self.asked[event_id]

    def _commit(self, writes: Mapping[str, Write], made: Mapping[str, Event], at: datetime) -> None:
        for some in batches([*writes], WRITTEN_AT_ONCE):
            self.runner.store.commit([writes[event_id] for event_id in some])
            self.wrote = True
            for event_id in some:
                if event_id in made:
                    # Who has other words finds no document, or this one: never its own words.
                    self._done(event_id, made[event_id].word, at)
                else:
                    self.asked[event_id] = Said(named=True, doubted=True)
