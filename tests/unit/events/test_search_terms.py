"""What an event is found by while somebody types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.events.search_terms import MOST_TERMS, found, lookup, terms, words
from crm.host.items import MAX_EVENTS_OF_ORDER
from crm.sync.catalogue import WRITTEN_AT_ONCE

SIGNS = "aB-1_/ .éß夜"


@pytest.mark.parametrize(
    ("event_id", "name", "expected"),
    [
        ("7", None, ["7"]),
        ("b-1", "Böd", ["1", "b", "b-", "b-1", "bo", "bod"]),
        ("é", "É é", ["e"]),
        ("x" * 20, None, ["x" * length for length in range(1, 17)]),
    ],
)
def test_terms(event_id: str, name: str | None, expected: list[str]) -> None:
    assert terms(event_id, name) == expected


@given(st.text(SIGNS, min_size=1, max_size=30), st.text(SIGNS, max_size=30), st.data())
def test_every_beginning_of_a_word_is_found_by_the_index_and_by_the_look(
    event_id: str, name: str, data: st.DataObject
) -> None:
    held = [*words(event_id), *words(name)]
    if not held:
        return
    word = data.draw(st.sampled_from(held))
    typed = [word[: data.draw(st.integers(1, len(word)))]]
    assert lookup(typed) in terms(event_id, name)
    assert found(event_id, name, typed)
    assert not found(event_id, name, [*typed, "q"])


def test_whatever_events_an_order_has_a_commit_takes_them() -> None:
    """Firestore takes 10 MiB, entries of indexes among them: each has the id and the term, too."""
    worst = terms("a-" * 128, "b-c" * 66)
    assert len(worst) <= MOST_TERMS
    entry = 4 * 16 + 100  # bytes
    assert WRITTEN_AT_ONCE * MOST_TERMS * 2 * entry < 10 * 2**20
    assert MAX_EVENTS_OF_ORDER / WRITTEN_AT_ONCE <= 20
