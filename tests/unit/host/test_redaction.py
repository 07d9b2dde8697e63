"""What an erasure takes out of a host's order, and what it leaves."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.settings import PRESETS, Settings, load
from crm.core.errors import InvalidDocument
from crm.host.reader import read_named, read_order, read_user
from crm.host.redaction import erasure_of, pseudonym, without_address, without_person
from testing.hosts import DAY, order

CREATED = datetime(2024, 6, 1, tzinfo=UTC)
SETTINGS = Settings()
X1 = "xa" + "a" * 24
X2 = "xb" + "b" * 24
PSEUDONYM = f"erased-{X1}@erased.invalid"


def redacted(data: dict[str, Any], settings: Settings = SETTINGS) -> dict[str, Any]:
    return {**data, **without_person(data, settings, X1)}


def test_the_person_goes_and_the_sums_stay() -> None:
    before = order(userId="u1", phone="+49 30 1234", note="kept")
    after = redacted(before)
    assert after["email"] == PSEUDONYM == pseudonym(X1)
    assert after["userId"] is after["name"] is after["phone"] is None
    same = set(before) - {"email", "userId", "name", "phone"}
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    was, is_now = read_order(before, CREATED, SETTINGS), read_order(after, CREATED, SETTINGS)
    assert (is_now.net, is_now.currency, is_now.counted) == (was.net, was.currency, was.counted)
    assert is_now.events == was.events
    assert (is_now.email, is_now.user_id, is_now.name, is_now.erasure) == (None, None, None, X1)


def test_only_what_changes_is_written_and_nothing_twice() -> None:
    data = order()
    assert without_person(data, SETTINGS, X1) == {"email": PSEUDONYM, "name": None}
    assert without_address(data, SETTINGS, X1) == {"email": PSEUDONYM}
    assert without_person(redacted(data), SETTINGS, X1) == {}
    assert without_person(redacted(data), SETTINGS, X2) == {}, "the first pseudonym stays"


def test_what_is_not_a_number_is_no_change() -> None:
    data = {**order(), "note": float("nan"), "items": [{"eventId": "e", "score": float("nan")}]}
    assert set(without_person(data, SETTINGS, X1)) == {"email", "name"}
    copied = {
        **redacted(data),
        "note": float("nan"),
        "items": [{"eventId": "e", "score": float("nan")}],
    }
    assert without_person(copied, SETTINGS, X1) == {}
    settings = Settings.model_validate({"erasure": {"order_fields": ["items.eventId"]}})
    assert without_person(redacted(copied, settings), settings, X1) == {}


@pytest.mark.parametrize("email", [None, "", "no address", 7, ["a@x.com"]])
def test_an_order_without_a_readable_address_gets_the_pseudonym(email: object) -> None:
    data = {**order(), "email": email}
    assert redacted(data)["email"] in (PSEUDONYM, [PSEUDONYM])


def test_every_place_that_the_mapping_names() -> None:
    settings = Settings.model_validate(
        {
            "orders": {
                "fields": {
                    "email": ["email", "buyer.contact.email"],
                    "name": ["buyer.name", "invoice.name"],
                    "phone": [],
                }
            },
            "erasure": {"order_fields": ["billing", "items.attendee.name", "notes"]},
        }
    )
    data = {
        "email": None,
        "buyer": {"name": "Ada", "contact": {"email": "ada@x.com", "locale": "de"}},
        "invoice": {"name": "Ada L.", "number": 7},
        "billing": {"street": "1 Main St"},
        "items": [{"eventId": "e", "attendee": {"name": "Ada", "seat": 4}}, {"eventId": "f"}, 3],
        "phone": "kept: not mapped",
    }
    assert redacted(data, settings) == {
        "email": None,
        "buyer": {"name": None, "contact": {"email": PSEUDONYM, "locale": "de"}},
        "invoice": {"name": None, "number": 7},
        "billing": None,
        "items": [{"eventId": "e", "attendee": {"name": None, "seat": 4}}, {"eventId": "f"}, 3],
        "phone": "kept: not mapped",
    }


def test_what_only_tests_a_path_is_not_redacted() -> None:
    source = [{"path": "newsletter", "is": "yes", "const": "Ada"}, {"const": "Nobody"}, "name"]
    settings = Settings.model_validate({"orders": {"fields": {"name": source}}})
    assert redacted({**order(), "newsletter": "yes"}, settings)["newsletter"] == "yes"


@pytest.mark.parametrize("preset", sorted(PRESETS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_preset_has_a_place_for_the_pseudonym(preset: Any) -> None:
    settings = load(preset)
    named = read_named(without_person({}, settings, X1), CREATED, settings)
    assert (named.email, named.erasure) == (None, X1)


ANYTHING = st.recursive(
    st.one_of(st.none(), st.text(max_size=5), st.integers(), st.floats(), st.just("ada@x.com")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("email", "userId", "name", "phone", "items", "x"), ANYTHING),
    )
)
def test_redaction_is_total_and_final(data: dict[str, Any]) -> None:
    after = redacted(data)
    named = read_named(after, CREATED, SETTINGS)
    assert named.email is named.user_id is None
    assert without_person(after, SETTINGS, X2) == {}
    assert after.get("x") is data.get("x")


@pytest.mark.parametrize(
    ("address", "erasure"),
    [
        (PSEUDONYM, X1),
        ("anything@erased.invalid", None),
        (f"{X1}@erased.invalid", None),
        ("erased-@erased.invalid", None),
        ("erased-a/b@erased.invalid", None),
        ("erased-aaaaaaaaaaaaaaaaaaaa@erased.invalid", None),
        (f"erased-{X1}a@erased.invalid", None),
        (f"erased-{X1[1:]}1@erased.invalid", None),
        (f"erased-{X1}@example.com", None),
        (f"erased-{X1}@sub.erased.invalid", None),
        (None, None),
    ],
)
def test_a_pseudonym_is_known_by_its_domain_and_the_form_of_its_id(
    address: str | None, erasure: str | None
) -> None:
    assert erasure_of(address) == erasure


@pytest.mark.parametrize("address", ["erased-@erased.invalid", "ada@ERASED.invalid"])
def test_what_is_under_the_domain_of_pseudonyms_and_none_is_no_address(address: str) -> None:
    with pytest.raises(InvalidDocument) as error:
        read_order(order(address, userId="u1"), CREATED, SETTINGS)
    assert error.value.reason == "email-invalid"
    assert read_named(order(address), CREATED, SETTINGS).email is None
    assert read_user({"email": address}, SETTINGS).unreadable == "email-invalid"


def test_no_user_has_a_pseudonym_for_an_address() -> None:
    read = read_user({"email": PSEUDONYM, "name": "Ada"}, SETTINGS)
    assert (read.email, read.name, read.unreadable) == (None, "Ada", "email-invalid")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (order(status="unheard of", userId="u1"), ("ada@example.com", "u1", DAY)),
        (order("no address", createdAt="never"), (None, None, CREATED)),
        (order(PSEUDONYM, total="x"), (None, None, DAY)),
        ({**order(), "userId": 7}, ("ada@example.com", None, DAY)),
        ([], (None, None, CREATED)),
    ],
)
def test_what_can_be_read_of_an_order_that_is_not_understood(
    data: Any, expected: tuple[object, ...]
) -> None:
    named = read_named(data, CREATED, SETTINGS)
    assert (named.email, named.user_id, named.created_at) == expected
