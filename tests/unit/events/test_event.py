"""An event of the catalogue: its document, its key, and how it is found."""

from datetime import UTC, datetime

import pytest

from crm.events import finding
from crm.events.event import Event, event_path, name_key
from testing.memory import MemoryStore

SEEN = datetime(2024, 3, 1, 12, tzinfo=UTC)


def test_an_event_comes_back_from_its_document() -> None:
    event = Event("gala-1", SEEN, "Gala  Été", datetime(2024, 5, 1, 18, tzinfo=UTC))
    data = event.to_data()
    assert Event.from_data(data) == event
    assert (data["nameKey"], data["startKey"]) == ("gala ete", event.starts_at)


def test_one_without_a_name_and_a_start_is_listed_before_all_others() -> None:
    data = Event("gala-1", SEEN).to_data()
    assert (data["nameKey"], data["startKey"]) == (None, datetime(1, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("event_id", ["a/b", ".", "x" * 256, "é"])
def test_any_id_of_a_host_has_a_document(event_id: str) -> None:
    name = event_path(event_id).removeprefix("crmEvents/")
    assert name.isalnum()
    assert len(name) == 40


def test_names_are_the_same_whatever_their_case_accents_and_blanks() -> None:
    assert name_key(" Gala  ÉTÉ ") == name_key("gala été")
    assert name_key("gala") != name_key("gala 2")


def test_events_are_found_by_id_and_by_name() -> None:
    store = MemoryStore()
    spring, autumn = Event("g-1", SEEN, "Gala"), Event("g-2", SEEN, "GALA")
    for one in (spring, autumn, Event("w", SEEN, "Workshop")):
        store.put(event_path(one.event_id), one.to_data())
    assert finding.known(store, ["g-1", "nowhere"]) == {"g-1": spring}
    assert {one.event_id for one in finding.named(store, "gala")} == {"g-1", "g-2"}
    assert finding.named(store, "Ball") == []
