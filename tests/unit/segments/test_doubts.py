"""What may not be meant in a question: each doubt to the letter, and the queries behind it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from crm.db.documents import BY_ID, Query, Set
from crm.events.event import Event, event_path
from crm.events.finding import MOST_NAMESAKES
from crm.segments.asking import Question, understand
from crm.segments.language.ast import Not
from crm.segments.language.json_form import parse_json
from crm.segments.language.text import parse_text
from crm.segments.names import MOST_ALIKE, Doubt, Settled, settle, to_data, unknown
from testing.memory import MemoryStore
from testing.world import World

SEEN: Final = datetime(2024, 3, 1, tzinfo=UTC)


class Watched(MemoryStore):
    """Keeps what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Query] = []
        self.paths: list[list[str]] = []

    def find(self, query: Query) -> list[Any]:
        self.found.append(query)
        return super().find(query)

    def read(self, paths: Any) -> dict[str, Any]:
        self.paths.append([*paths])
        return super().read(self.paths[-1])


@pytest.fixture
def store() -> Watched:
    return Watched()


def put_events(store: MemoryStore, **names: str) -> None:
    store.commit(
        [Set(event_path(key), Event(key, SEEN, name).to_data()) for key, name in names.items()]
    )


def put_tags(store: MemoryStore, *tags: str) -> None:
    for tag in tags:
        store.put(f"crmTags/{tag}", {"label": tag})


def doubts(store: MemoryStore, text: str) -> list[Doubt]:
    node = parse_text(text)
    settled = settle(store, node)
    return [*settled.doubts, *unknown(store, settled.node, settled)]


UNKNOWN: Final = "`list_events` finds events."
NO_TAGS: Final = "`list_tags` names them all."


@pytest.mark.parametrize(
    ("text", "reason", "name", "message"),
    [
        ("attended:x", "unknown-event", "x",
         f"No event has the id “x”; in text, a name stands in double quotes. {UNKNOWN}"),
        ("has_ticket:x", "unknown-event", "x",
         f"No event has the id “x”; in text, a name stands in double quotes. {UNKNOWN}"),
        ('no_show:"Wine"', "unknown-event", "Wine",
         f"No event has the id or the name “Wine”. {UNKNOWN}"),
        ('attended:"Jazz nights"', "unknown-event", "Jazz nights",
         "No event has the id or the name “Jazz nights”. Did you mean “Jazz Night”?"),
        ('attended:"spring fair 23"', "unknown-event", "spring fair 23",
         "No event has the id or the name “spring fair 23”."
         " Did you mean “Spring fair 25” or “Spring Fair 24”?"),
        ("tag:speaker", "unknown-tag", "speaker",
         "There is no tag “speaker”. Did you mean “speakers” or “speakers-24”?"),
        ("tag:speakrs-24", "unknown-tag", "speakrs-24",
         "There is no tag “speakrs-24”. Did you mean “speakers-24” or “speakers”?"),
        ("tag:vip", "unknown-tag", "vip", f"There is no tag “vip”. {NO_TAGS}"),
        # An address is not repeated, nor what is long.
        ({"attended": "a@b.org"}, "unknown-event", "a@b.org",
         "No event has the id that you wrote; in text, a name stands in double quotes."
         f" {UNKNOWN}"),
        ({"attended": "x" * 100}, "unknown-event", "x" * 100,
         f"No event has the id “{'x' * 100}”; in text, a name stands in double quotes. {UNKNOWN}"),
        ({"attended": "x" * 101}, "unknown-event", "x" * 101,
         "No event has the id that you wrote; in text, a name stands in double quotes."
         f" {UNKNOWN}"),
        ('attended:"a@b.org"', "unknown-event", "a@b.org",
         f"No event has the id or the name that you wrote. {UNKNOWN}"),
    ],
)  # fmt: skip
def test_what_is_nowhere(store: Watched, text: Any, reason: Any, name: str, message: str) -> None:
    put_events(store, jazz="Jazz Night", s24="Spring Fair 24", s25="Spring fair 25")
    put_tags(store, "speakers", "speakers-24", "staff")
    node = parse_text(text) if isinstance(text, str) else parse_json(text)
    settled = settle(store, node)
    assert settled.doubts == ()
    assert unknown(store, settled.node, settled) == [Doubt(reason, name, message)]


def test_what_may_have_been_meant_is_no_address_and_short(store: Watched) -> None:
    put_events(
        store,
        mail="Party a@b.org x",
        long=f"Party {'x' * 95}",
        just=f"Party {'x' * 94}",
    )
    (told,) = doubts(store, f'attended:"Party {"x" * 93}"')
    assert told.message.endswith(f". Did you mean “Party {'x' * 94}”?")
    (told,) = doubts(store, 'attended:"Party a b org x"')
    assert told.message.endswith(f" {UNKNOWN}")


def like(word: str) -> Query:
    return Query(
        "crmEvents",
        (("nameKey", ">=", word), ("nameKey", "<", f"{word}\uf8ff")),
        ("nameKey", "asc"),
        MOST_ALIKE,
    )


def beside(start: str | None) -> Query:
    return Query(
        "crmTags", order=BY_ID, limit=MOST_ALIKE, after=None if start is None else (None, start)
    )


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ('attended:"Jázz"', like("jazz")),
        ('attended:"Jázz  nights"', like("jazz")),
        ('no_show:"Jazz nights out"', like("jazz")),
        ("tag:vip", beside("vi")),
        ("tag:v", beside("v")),
        ("tag:.v", beside(".v")),
        ("tag:..v", beside(None)),  # dots alone are no id
    ],
)
def test_where_others_are_looked_for(store: Watched, text: str, query: Query) -> None:
    """Events whose names begin with the same word; tags from the same two letters on."""
    put_tags(store, "speakers")
    assert len(doubts(store, text)) == 1
    assert store.found[-1] == query


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (2, "2 events are called “weekly”: any of them counts here."),
        (MOST_NAMESAKES - 1, "29 events are called “weekly”: any of them counts here."),
        (MOST_NAMESAKES, "30 events or more are called “weekly”: any of the 30 that are listed"
         " counts here. Name others by their ids."),
        (MOST_NAMESAKES + 1, "30 events or more are called “weekly”: any of the 30 that are listed"
         " counts here. Name others by their ids."),
    ],
)  # fmt: skip
def test_a_name_of_several_events(store: Watched, number: int, message: str) -> None:
    put_events(store, **{f"w{one:02}": "Weekly" for one in range(number)})
    (told,) = doubts(store, 'attended:"weekly"')
    assert (told.reason, told.name, told.message) == ("several-events", "weekly", message)
    assert len(told.event_ids) == min(number, MOST_NAMESAKES)
    assert list(told.event_ids) == sorted(told.event_ids)
    assert set(told.event_ids) <= {f"w{one:02}" for one in range(number)}


def test_a_question_is_settled_by_ids_then_by_names(store: Watched) -> None:
    put_events(store, yoga="Pilates", p2="Yoga", w1="Weekly", w2="weekly")
    node = parse_text(
        'attended:"yoga" and not (has_ticket:"Pilates" or no_show:"Weekly") and attended:w9'
        ' and attended:"None" and tag:x'
    )
    settled = settle(store, node)
    assert settled == Settled(
        parse_json(
            {
                "all": [
                    {"attended": "yoga"},
                    {
                        "not": {
                            "any": [
                                {"hasTicket": "yoga"},
                                {"any": [{"noShow": "w1"}, {"noShow": "w2"}]},
                            ]
                        }
                    },
                    {"attended": "w9"},
                    {"attended": "None"},
                    {"tag": "x"},
                ]
            }
        ),
        frozenset({"yoga", "w1", "w2"}),
        frozenset({"None"}),
        (
            Doubt(
                "several-events",
                "Weekly",
                "2 events are called “Weekly”: any of them counts here.",
                ("w1", "w2"),
            ),
        ),
    )
    assert store.paths == [[event_path(one) for one in ("None", "Pilates", "Weekly", "yoga")]]
    assert [query.where[0][2] for query in store.found] == ["none", "pilates", "weekly"]


def test_what_is_not_quoted_is_not_looked_up_to_settle(store: Watched) -> None:
    node = parse_text("attended:a and tag:x")
    assert settle(store, node) == Settled(node, frozenset(), frozenset(), ())
    assert (store.paths, store.found) == ([], [])


def test_once_settled_nothing_is_quoted_any_more(store: Watched) -> None:
    put_events(store, a="Yoga", b="Yoga")
    for text in ('attended:"a"', 'not has_ticket:"yoga"', 'tag:x and no_show:"none"'):
        node = settle(store, parse_text(text)).node
        left = [node]
        while left:
            one = left.pop()
            left += [*getattr(one, "items", ()), *([one.item] if isinstance(one, Not) else [])]
            assert not getattr(one, "quoted", False)


def test_what_was_looked_up_to_settle_is_not_looked_up_again(store: Watched) -> None:
    put_events(store, yoga="Yoga", jazz="Jazz")
    put_tags(store, "a")
    node = parse_text(
        'attended:"yoga" and has_ticket:"none" and no_show:jazz and attended:gone'
        " and attended:gone and tag:a and tag:b and tag:a"
    )
    settled = settle(store, node)
    del store.paths[:]
    told = unknown(store, settled.node, settled)
    assert store.paths == [
        [event_path("jazz"), event_path("gone")],
        ["crmTags/a", "crmTags/b"],
    ]
    assert [(one.reason, one.name) for one in told] == [
        ("unknown-event", "none"),
        ("unknown-event", "gone"),
        ("unknown-tag", "b"),
    ]


def test_of_what_names_nothing_nothing_is_read(store: Watched) -> None:
    assert doubts(store, "registered and order_count >= 2") == []
    assert (store.paths, store.found) == ([], [])


def test_doubts_as_answers_show_them() -> None:
    several = Doubt("several-events", "yoga", "Two.", ("y1", "y2"))
    assert to_data([several, Doubt("unknown-tag", "vip", "None.")]) == [
        {
            "reason": "several-events",
            "message": "Two.",
            "name": "yoga",
            "eventIds": ["y1", "y2"],
        },
        {"reason": "unknown-tag", "message": "None.", "name": "vip"},
    ]


def test_a_question_is_understood_as_it_was_asked_and_whole() -> None:
    world = World()
    put_events(world.store, yoga="Yoga")
    node = parse_text('attended:"Yoga" or has_ticket:x or last_order_at >= 2024-01-01')
    asked = parse_text("attended:yoga or has_ticket:x or last_order_at >= 2024-01-01")
    whole = parse_text("attended:yoga or has_ticket:x or last_order_at >= 2024-01-01T00:00:00Z")
    message = f"No event has the id “x”; in text, a name stands in double quotes. {UNKNOWN}"
    told = (Doubt("unknown-event", "x", message),)
    assert understand(world.runner, node) == Question(asked, whole, told)
    assert understand(world.runner, node, doubting=False) == Question(asked, whole)
    before = world.store.reads
    understand(world.runner, parse_text("attended:x and tag:y"), doubting=False)
    assert world.store.reads == before
