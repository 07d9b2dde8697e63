"""The codec makes documents of dataclasses as their fields say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import pytest

from crm.db.codec import Stored, StoredById, beside, decoders, encoders, kept

NOW = datetime(2024, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seat:
    """Knows nothing of documents."""

    row_name: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Gift(Stored):
    DERIVED: ClassVar = {"sizeDoubled": "doubled", "words": "words"}

    size: int
    wrapped: bool
    tags: tuple[str, ...] = ()
    left: int = 0
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def doubled(self) -> int:
        return 2 * self.size

    @property
    def words(self) -> list[str]:
        return ["some"]


@dataclass(frozen=True, slots=True)
class Visit(StoredById):
    id: str
    began_at: datetime
    seats: tuple[Seat, ...] = ()
    by_day: Mapping[str, Seat] = field(default_factory=dict)
    best_seat: Seat | None = None
    left_open: Mapping[str, int] = field(default_factory=dict, metadata=kept("open"))
    kind: Literal["visit"] = field(init=False, default="visit")
    added: tuple[str, ...] | None = field(default=("x",), metadata=kept(added_later=True))
    gift: Gift | None = field(default=None, metadata=beside(size="giftSize"))


VISIT = Visit(
    *("v", NOW, (Seat("A", 1), Seat("B"))),
    by_day={"mon_day": Seat("C")},
    best_seat=Seat("A", 1),
    left_open={"a_b": 1},
    added=("y",),
    gift=Gift(3, True, ("t",), 1, {"n": "o"}),
)
GIFT: dict[str, object] = {
    "giftSize": 3,
    "wrapped": True,
    "tags": ["t"],
    "left": 1,
    "notes": {"n": "o"},
    "sizeDoubled": 6,
    "words": ["some"],
}
NO_GIFT: dict[str, object] = {
    "giftSize": None,
    "wrapped": False,
    "tags": [],
    "left": 0,
    "notes": {},
    "sizeDoubled": None,
    "words": [],
}
DOCUMENT: dict[str, object] = {
    "beganAt": NOW,
    "seats": [{"rowName": "A", "number": 1}, {"rowName": "B", "number": None}],
    "byDay": {"mon_day": {"rowName": "C", "number": None}},
    "bestSeat": {"rowName": "A", "number": 1},
    "open": {"a_b": 1},
    "kind": "visit",
    "added": ["y"],
    **GIFT,
}
EMPTY: dict[str, object] = {
    "beganAt": NOW,
    "seats": [],
    "byDay": {},
    "bestSeat": None,
    "open": {},
    "kind": "visit",
    "added": None,
    **NO_GIFT,
}


def test_a_document_is_made_of_the_fields() -> None:
    assert VISIT.to_data() == DOCUMENT
    assert Visit.from_data("v", DOCUMENT) == VISIT


def test_what_is_not_there_leaves_its_keys() -> None:
    one = Visit("v", NOW, added=None)
    assert one.to_data() == EMPTY
    assert Visit.from_data("v", EMPTY) == one


def test_keys_stand_in_the_order_of_the_fields() -> None:
    assert list(VISIT.to_data()) == list(DOCUMENT)


def test_an_older_document_is_read_with_the_default_of_a_field_that_was_added_later() -> None:
    older = {key: value for key, value in DOCUMENT.items() if key != "added"}
    assert Visit.from_data("v", older).added == ("x",)


def test_any_other_field_must_be_there() -> None:
    less = {key: value for key, value in DOCUMENT.items() if key != "seats"}
    with pytest.raises(KeyError, match="seats"):
        Visit.from_data("v", less)


def test_what_is_derived_is_not_read() -> None:
    assert Visit.from_data("v", {**DOCUMENT, "sizeDoubled": 0, "words": []}) == VISIT


def test_a_document_shares_no_map_and_no_list_with_what_it_was_made_of() -> None:
    notes = {"n": "o"}
    one = Gift(1, True, notes=notes)
    one.to_data()["notes"].clear()  # type: ignore[attr-defined]
    Visit("v", NOW).to_data()["tags"].append("t")  # type: ignore[attr-defined]
    assert notes == {"n": "o"}
    assert Visit("v", NOW).to_data()["tags"] == []


def test_a_class_that_knows_nothing_of_documents_is_coded_too() -> None:
    assert encoders[Seat](Seat("A", 1)) == {"rowName": "A", "number": 1}
    assert decoders[Seat]({"rowName": "A", "number": 1}) == Seat("A", 1)


def test_the_functions_are_made_once() -> None:
    assert encoders[Seat] is encoders[Seat]
    assert decoders[Seat] is decoders[Seat]


@pytest.mark.parametrize(
    "kind", [set[str], tuple[int, str], Mapping[int, str], Seat | Gift, str | tuple[Seat, ...]]
)
def test_a_type_that_no_document_can_keep_is_refused(kind: Any) -> None:
    odd: Any = dataclass(type("Odd", (), {"__annotations__": {"field": kind}}))
    with pytest.raises(TypeError, match="no document can keep"):
        encoders[odd]
    with pytest.raises(TypeError, match="no document can keep"):
        decoders[odd]
