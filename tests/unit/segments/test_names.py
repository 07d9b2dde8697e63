"""Events and tags by name, and what a question names that is nowhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from crm.db.documents import Set
from crm.events.event import Event, event_path
from crm.events.finding import MOST_NAMESAKES
from crm.segments.asking import understand
from crm.segments.language.expansion import expand
from crm.segments.language.json_form import to_json
from crm.segments.language.text import parse_text
from crm.segments.names import MOST_ALIKE
from testing.hosts import item, order
from testing.world import World
from tests.support.segments import ZONE
from tests.unit.entrypoints.test_dispatch import call, refused

SEEN: Final = datetime(2024, 3, 1, tzinfo=UTC)
EDITOR: Final[dict[str, object]] = {"crm": "editor", "email_verified": True}

NAMES: Final = {
    "berlin-25": "DevOps Days Berlin 2025",
    "yoga-1": "Yoga",
    "yoga-2": "YÓGA",
    "Yoga evening": "Another thing",  # an id that reads like a name
    "x1": "Yoga evening",
}


def put_events(world: World, names: dict[str, str]) -> None:
    world.store.commit(
        [Set(event_path(key), Event(key, SEEN, name).to_data()) for key, name in names.items()]
    )


@pytest.fixture
def world() -> World:
    """One guest for each event, who came; the tag `Gäste 2023` is on the first."""
    made = World()
    for number, event in enumerate(NAMES):
        items = [item(event, eventName=NAMES[event], checkedIn=number != 4)]
        made.put_order(f"o{number}", order(f"p{number}@example.com", items=items))
    put_events(made, NAMES)
    (first,) = call("query_segment", {"segment": "attended:berlin-25"}, made)["customers"]
    tagging = {"customerIds": [first["customerId"]], "add": ["Gäste 2023"]}
    assert call("tag_customers", tagging, made, EDITOR)["warnings"] == []
    return made


def people(answer: Any) -> list[int]:
    return sorted(int(one["primaryEmail"][1]) for one in answer["customers"])


@pytest.mark.parametrize(
    ("segment", "found", "reasons"),
    [
        ('attended:"DevOps Days Berlin 2025"', [0], []),
        ("attended:“devops days  BERLIN 2025”", [0], []),
        ('has_ticket:"DevOps Days Berlin 2025" and attended:berlin-25', [0], []),
        ('not attended:"DevOps Days Berlin 2025"', [1, 2, 3, 4], []),
        ('attended:"yoga-1"', [1], []),
        ('attended:"Yoga evening"', [3], []),  # an id goes before a name
        ('no_show:"yoga evening"', [4], []),  # which is exact
        ('attended:"yoga"', [1, 2], ["several-events"]),
        ("not has_ticket:“Yoga”", [0, 3, 4], ["several-events"]),
        ('attended:"DevOps Days"', [], ["unknown-event"]),
        ('not attended:"DevOps Days"', [0, 1, 2, 3, 4], ["unknown-event"]),
        ("attended:Yoga", [], ["unknown-event"]),
        ({"attended": "Yoga"}, [], ["unknown-event"]),
        ({"attended": "DevOps Days Berlin 2025"}, [], ["unknown-event"]),
        ({"noShow": "x1"}, [4], []),
        ('tag:"Gäste 2023"', [0], []),
        ("tag:«GÄSTE 2023»", [0], []),
        ({"tag": "gäste-2023"}, [0], []),
        ("tag:gaste-2023", [], ["unknown-tag"]),
        ("tag:vip or tag:vip or attended:a", [], ["unknown-event", "unknown-tag"]),
        ("everyone", [0, 1, 2, 3, 4], []),
    ],
)
def test_what_a_name_finds(
    world: World, segment: object, found: list[int], reasons: list[str]
) -> None:
    page = call("query_segment", {"segment": segment}, world)
    assert people(page) == found
    assert [one["reason"] for one in page["warnings"]] == reasons
    counted = call("count_segment", {"segment": segment}, world)
    assert counted["count"] == len(found)
    assert counted["warnings"] == page["warnings"]


def test_a_warning_says_what_is_not_there_and_what_to_do(world: World) -> None:
    asked = 'attended:"Nowhere" or attended:Yoga or tag:vip or has_ticket:"yoga"'
    warnings = call("count_segment", {"segment": asked}, world)["warnings"]
    assert warnings == [
        {
            "reason": "several-events",
            "name": "yoga",
            "message": "2 events are called “yoga”: any of them counts here.",
            "eventIds": ["yoga-1", "yoga-2"],
        },
        {
            "reason": "unknown-event",
            "name": "Nowhere",
            "message": "No event has the id or the name “Nowhere”. `list_events` finds events.",
        },
        {
            "reason": "unknown-event",
            "name": "Yoga",
            "message": "No event has the id “Yoga”; in text, a name stands in double quotes."
            " `list_events` finds events.",
        },
        {
            "reason": "unknown-tag",
            "name": "vip",
            "message": "There is no tag “vip”. `list_tags` names them all.",
        },
    ]


@pytest.mark.parametrize(
    ("segment", "hint"),
    [
        ('attended:"DevOps Days Berlin"', "Did you mean “DevOps Days Berlin 2025”?"),
        ("attended:“devops days  BERLÍN 2024”", "Did you mean “DevOps Days Berlin 2025”?"),
        ('attended:"yoga evenin"', "Did you mean “Yoga evening”?"),
        ('attended:"yoga for two hundred people"', "`list_events` finds events."),
        ('attended:"Berlin"', "`list_events` finds events."),
        ("tag:gäste-2024", "Did you mean “gäste-2023”?"),
        ("tag:gäste", "Did you mean “gäste-2023”?"),
        ("tag:press", "`list_tags` names them all."),
        ("tag:..a", "`list_tags` names them all."),
    ],
)
def test_a_warning_says_what_may_have_been_meant(world: World, segment: str, hint: str) -> None:
    (told,) = call("count_segment", {"segment": segment}, world)["warnings"]
    assert told["message"].endswith(f" {hint}")


def test_what_may_have_been_meant_costs_few_reads(world: World) -> None:
    put_events(world, {f"gala-{number}": f"Gala {number}" for number in range(40)})
    before = world.store.reads
    understand(world.runner, parse_text('attended:"Gala of all"'))
    assert world.store.reads - before <= 2 + MOST_ALIKE


@pytest.mark.parametrize("name", ["Gala of ann@example.com", f"Gala of a{'h' * 100}"])
def test_what_may_have_been_meant_is_no_address_and_short(world: World, name: str) -> None:
    put_events(world, {"gala": name})
    (told,) = understand(world.runner, parse_text(f'attended:"{name[:-1]}"')).doubts
    assert told.message.endswith(" `list_events` finds events.")


@pytest.mark.parametrize("name", ["ann@example.com", "x" * 200])
def test_a_message_holds_no_address_and_is_short(world: World, name: str) -> None:
    (told,) = call("count_segment", {"segment": {"attended": name}}, world)["warnings"]
    assert name not in told["message"]
    assert told["name"] == name
    assert len(told["message"]) < 200


def test_an_answer_shows_the_ids_that_a_name_stood_for(world: World) -> None:
    counted = call("count_segment", {"segment": 'tagged and not attended:"yoga"'}, world)
    assert counted["text"] == "tagged and not (attended:yoga-1 or attended:yoga-2)"
    assert call("count_segment", {"segment": counted["segment"]}, world)["count"] == 1


def test_a_saved_segment_keeps_the_ids_that_were_found(world: World) -> None:
    saved = {"name": "Yogis", "segment": 'attended:"yoga" or tag:vip'}
    answer = call("save_segment", saved, world, EDITOR)
    assert [one["reason"] for one in answer["warnings"]] == ["several-events", "unknown-tag"]
    put_events(world, {"yoga-1": "Pilates", "yoga-3": "Yoga"})
    page = call("query_segment", {"segment": {"segment": answer["segmentId"]}}, world)
    assert people(page) == [1, 2]
    (listed,) = call("list_segments", {}, world)["segments"]
    assert listed["text"] == "(attended:yoga-1 or attended:yoga-2) or tag:vip"


def test_what_a_saved_segment_names_is_looked_up_too(world: World) -> None:
    inner = {"name": "Inner", "segment": "attended:gone and not tag:vip"}
    call("save_segment", inner, world, EDITOR)
    outer = {"name": "Outer", "segment": "registered or segment:Inner"}
    for warnings in (
        call("save_segment", outer, world, EDITOR)["warnings"],
        call("query_segment", {"segment": "segment:Outer"}, world)["warnings"],
        call("count_segment", {"segment": {"segment": "Outer"}}, world)["warnings"],
        call("tag_customers", {"segment": "segment:Outer", "add": ["x"]}, world, EDITOR)[
            "warnings"
        ],
    ):
        assert [(one["reason"], one["name"]) for one in warnings] == [
            ("unknown-event", "gone"),
            ("unknown-tag", "vip"),
        ]


def test_whom_a_name_finds_is_tagged(world: World) -> None:
    tagging = {"segment": 'attended:"yoga"', "add": ["Yogi"]}
    answer = call("tag_customers", tagging, world, EDITOR)
    assert answer["updated"] == 2
    assert [one["reason"] for one in answer["warnings"]] == ["several-events"]
    assert people(call("query_segment", {"segment": "tag:yogi"}, world)) == [1, 2]


# --- Pages ---------------------------------------------------------------------------------------


def test_a_page_that_goes_on_warns_no_more(world: World) -> None:
    arguments: dict[str, Any] = {"segment": 'not attended:"nowhere"', "pageSize": 2}
    first = call("query_segment", arguments, world)
    second = call("query_segment", {**arguments, "pageToken": first["nextPageToken"]}, world)
    assert [len(one["warnings"]) for one in (first, second)] == [1, 0]
    assert not set(people(first)) & set(people(second))


def test_a_token_never_means_another_question_than_its_first_page(world: World) -> None:
    saved = {"name": "Loyal", "segment": "order_count >= 1"}
    loyal = call("save_segment", saved, world, EDITOR)["segmentId"]

    def walk(segment: str) -> dict[str, Any]:
        asked = {"segment": segment, "pageSize": 1}
        return {**asked, "pageToken": call("query_segment", asked, world)["nextPageToken"]}

    by_name, by_saved, plain = walk('attended:"yoga"'), walk("segment:Loyal"), walk("everyone")
    for asked in (by_name, by_saved, plain):
        call("query_segment", asked, world)
    put_events(world, {"yoga-3": "Yoga"})
    call("save_segment", {**saved, "segment": "everyone", "segmentId": loyal}, world, EDITOR)
    for asked in (by_name, by_saved):
        assert refused("query_segment", asked, world=world)[:2] == (
            "invalid-argument",
            "page-token",
        )
    call("query_segment", plain, world)


def test_a_token_does_not_go_over_to_another_zone(world: World) -> None:
    asked: dict[str, Any] = {"segment": "not last_order_at = 2030-01-01", "pageSize": 1}
    asked["pageToken"] = call("query_segment", asked, world)["nextPageToken"]
    call("query_segment", asked, world)
    moved = World(world.store, settings={"time_zone": "Asia/Tokyo"})
    assert refused("query_segment", asked, world=moved)[1] == "page-token"


# --- What it costs, and what it may not do -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("everyone", 0),
        ("tag:gäste-2023 and tag:gäste-2023", 1),
        ("attended:a and has_ticket:a and tag:gäste-2023", 2),
        ('attended:"yoga-1" and no_show:"yoga-1"', 1),
        ('attended:"yoga"', 3),  # no such id; two events of the name
        # No such id, and two queries that find none: of the name, and of others like it.
        ('attended:"nowhere" and has_ticket:"nowhere"', 3),
        (" and ".join(f"attended:e{number}" for number in range(50)), 50),
    ],
)
def test_one_read_for_each_event_and_tag(world: World, text: str, reads: int) -> None:
    before = world.store.reads
    understand(world.runner, parse_text(text))
    assert world.store.reads - before == reads


def test_events_of_one_name_count_towards_the_limits(world: World) -> None:
    put_events(world, {f"weekly-{number}": "Weekly" for number in range(MOST_NAMESAKES + 5)})
    (told,) = call("count_segment", {"segment": 'attended:"weekly"'}, world)["warnings"]
    assert len(told["eventIds"]) == MOST_NAMESAKES
    assert "or more" in told["message"]
    twice = {"segment": 'attended:"weekly" or has_ticket:"weekly"'}
    assert refused("count_segment", twice, world=world)[:2] == (
        "invalid-argument",
        "segment-too-wide",
    )


def test_a_name_is_no_name_until_it_was_looked_up() -> None:
    """Whoever forgets to gets no confident zero."""
    with pytest.raises(ValueError, match="settle names first"):
        expand(parse_text('not attended:"yoga"'), lambda _: None, ZONE)


def test_json_is_never_a_name(world: World) -> None:
    node = parse_text('attended:"yoga" or has_ticket:"DevOps Days Berlin 2025"')
    settled = understand(world.runner, node).asked
    assert to_json(settled) == {
        "any": [
            {"any": [{"attended": "yoga-1"}, {"attended": "yoga-2"}]},
            {"hasTicket": "berlin-25"},
        ]
    }
