"""Names in a question: the events that they stand for, and what is nowhere."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from crm.db.collections import EVENTS, TAGS
from crm.db.documents import BY_ID, Query, Store
from crm.events.event import name_key
from crm.events.finding import MOST_NAMESAKES, known, named
from crm.segments.language.ast import All, AnyOf, EventLeaf, Node, Not, Tag, leaves

Reason = Literal["unknown-event", "unknown-tag", "several-events"]

MOST_ALIKE: Final = 20
"""Documents read to find what may have been meant, for each name that is nowhere."""

_SHOWN: Final = 100  # characters


@dataclass(frozen=True)
class Doubt:
    """What may not be meant as it is written.

    Attributes:
        reason: Why.
        name: What was written.
        message: For people; an address that was written is not in it.
        event_ids: Of `several-events`, which they are.
    """

    reason: Reason
    name: str
    message: str
    event_ids: tuple[str, ...] = ()

    def to_data(self) -> dict[str, object]:
        """Return it as answers show it."""
        more = {"eventIds": list(self.event_ids)} if self.event_ids else {}
        return {"reason": self.reason, "message": self.message, "name": self.name, **more}


@dataclass(frozen=True)
class Settled:
    """A question that names events by their ids alone.

    Attributes:
        node: The question.
        events: Ids that are known to be in the catalogue.
        strange: What was quoted and is neither an id nor a name there.
        doubts: Names that stand for several events.
    """

    node: Node
    events: frozenset[str]
    strange: frozenset[str]
    doubts: tuple[Doubt, ...]


def settle(store: Store, asked: Node) -> Settled:
    """Put ids in the place of names: what is quoted in text is an event's id, else its name.

    A name that several events have stands for each of them. One read for each id, one query for
    each that is none.

    Raises:
        Transient: The database did not answer.
    """
    quoted = {one.event_id for one in leaves(asked) if isinstance(one, EventLeaf) and one.quoted}
    if not quoted:
        return Settled(asked, frozenset(), frozenset(), ())
    events = set(known(store, sorted(quoted)))
    meant: dict[str, tuple[str, ...]] = {}
    for name in sorted(quoted - events):
        meant[name] = tuple(sorted(event.event_id for event in named(store, name)))
        events.update(meant[name])
    return Settled(
        _with_ids(asked, meant),
        frozenset(events),
        frozenset(name for name, ids in meant.items() if not ids),
        tuple(_several(name, ids) for name, ids in meant.items() if len(ids) > 1),
    )


def _with_ids(node: Node, meant: Mapping[str, tuple[str, ...]]) -> Node:
    match node:
        case All(items) | AnyOf(items):
            return replace(node, items=tuple(_with_ids(item, meant) for item in items))
        case Not(item):
            return Not(_with_ids(item, meant))
    if not isinstance(node, EventLeaf) or not node.quoted:
        return node
    ids = meant.get(node.event_id) or (node.event_id,)
    each = tuple(replace(node, event_id=event_id, quoted=False) for event_id in ids)
    return AnyOf(each) if len(each) > 1 else each[0]


def unknown(store: Store, whole: Node, settled: Settled) -> list[Doubt]:
    """Return what a question names and is nowhere: one read for each event and tag.

    For each quoted name and each tag that is nowhere, up to `MOST_ALIKE` more to suggest others.

    Args:
        store: The database.
        whole: The question, its saved segments expanded.
        settled: The same one as `settle` left it; what that looked up is not looked up again.

    Raises:
        Transient: The database did not answer.
    """
    named_events = dict.fromkeys(
        one.event_id for one in leaves(whole) if isinstance(one, EventLeaf)
    )
    tags = dict.fromkeys(one.id for one in leaves(whole) if isinstance(one, Tag))
    looked_up = settled.events | settled.strange
    others = [one for one in named_events if one not in looked_up]
    there = {*settled.events, *(known(store, others) if others else ())}
    rows = store.read([f"{TAGS}/{tag}" for tag in tags]) if tags else {}
    return [
        *(_no_event(store, one, settled) for one in named_events if one not in there),
        *(_no_tag(store, tag) for tag in tags if not rows[f"{TAGS}/{tag}"].exists),
    ]


def _no_event(store: Store, name: str, settled: Settled) -> Doubt:
    if name in settled.strange:
        rule = f"No event has the id or the name {_shown(name)}."
        hint = _hint(_events_like(store, name), "`list_events` finds events.")
    else:
        rule = f"No event has the id {_shown(name)}; in text, a name stands in double quotes."
        hint = "`list_events` finds events."
    return Doubt("unknown-event", name, f"{rule} {hint}")


def _events_like(store: Store, name: str) -> list[str]:
    """Return names of events that begin with the same word and are much like this one."""
    key = name_key(name)
    word = key.partition(" ")[0]
    query = Query(
        EVENTS,
        (("nameKey", ">=", word), ("nameKey", "<", f"{word}\uf8ff")),
        order=("nameKey", "asc"),
        limit=MOST_ALIKE,
    )
    found = store.find(query)
    names = {str(one.fields["nameKey"]): str(one.fields["name"]) for one in found}
    return [names[one] for one in difflib.get_close_matches(key, names)]


def _no_tag(store: Store, tag: str) -> Doubt:
    # By ids, so that rows come whose first letters are the same, if there are some.
    start = tag[:2] if tag[:2].strip(".") else None  # dots alone are no id
    query = Query(TAGS, order=BY_ID, limit=MOST_ALIKE, after=(None, start) if start else None)
    alike = difflib.get_close_matches(tag, [one.id for one in store.find(query)])
    hint = _hint(alike, "`list_tags` names them all.")
    return Doubt("unknown-tag", tag, f"There is no tag {_shown(tag)}. {hint}")


def _hint(alike: list[str], otherwise: str) -> str:
    meant = [f"“{one}”" for one in alike if "@" not in one and len(one) <= _SHOWN]
    return f"Did you mean {' or '.join(meant)}?" if meant else otherwise


def _several(name: str, event_ids: tuple[str, ...]) -> Doubt:
    if len(event_ids) < MOST_NAMESAKES:
        message = f"{len(event_ids)} events are called {_shown(name)}: any of them counts here."
    else:
        message = (
            f"{MOST_NAMESAKES} events or more are called {_shown(name)}: any of the"
            f" {MOST_NAMESAKES} that are listed counts here. Name others by their ids."
        )
    return Doubt("several-events", name, message, event_ids)


def _shown(name: str) -> str:
    """Return a name for a message, which holds nobody's address and is short."""
    return "that you wrote" if "@" in name or len(name) > _SHOWN else f"“{name}”"


def to_data(doubts: Iterable[Doubt]) -> list[dict[str, object]]:
    """Return doubts as `warnings` of an answer."""
    return [one.to_data() for one in doubts]
