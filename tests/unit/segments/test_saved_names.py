"""What a saved segment may be called, what is said of it, and which names are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from crm.core.errors import Refusal
from crm.core.keyring import Keyring
from crm.segments.saved_plan import (
    MAX_DESCRIPTION,
    MAX_NAME,
    description_of,
    folded,
    name_of,
    name_path,
)
from testing.world import KEYS

NAME_RULE: Final = "`name` must be one line of 1 to 100 visible characters"
NO_NAME: Final = "`name` must be a name, not an e-mail address"
LONG: Final = "`description` must have at most 500 visible characters"
NO_ADDRESS: Final = "`description` must not hold an e-mail address"


@pytest.mark.parametrize(
    ("make", "text", "rule"),
    [
        (name_of, "", NAME_RULE),
        (name_of, " \t", NAME_RULE),
        (name_of, "x" * (MAX_NAME + 1), NAME_RULE),
        (name_of, "a\x00b", NAME_RULE),
        (name_of, "\u3164", NO_NAME),
        (name_of, "a@b", NO_NAME),
        (name_of, "call ada@example.com first", NO_NAME),
        (description_of, "x" * (MAX_DESCRIPTION + 1), LONG),
        (description_of, "a\x00b", LONG),
        (description_of, "by ada@example.com", NO_ADDRESS),
    ],
)
def test_why_a_text_is_none(make: Callable[[str], object], text: str, rule: str) -> None:
    message = f"The request was refused: {rule}."
    with pytest.raises(Refusal) as error:
        make(text)
    found = error.value
    assert (found.code, found.reason, found.message, found.more) == (
        "invalid-argument",
        "name-invalid",
        message,
        {},
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x", "x"),
        ("x" * MAX_NAME, "x" * MAX_NAME),
        (" a \t\n b ", "a b"),
        ("Cafe\u0301", "Café"),
        ("ﬁ ½", "ﬁ ½"),  # what only looks alike is kept as it was written
        ("e\u0301" * MAX_NAME, "é" * MAX_NAME),  # a hundred characters once they are composed
        ("at @ home", "at @ home"),
        ("@home", "@home"),
        ("home@", "home@"),
        (" " * 10 * MAX_NAME, None),
        (" " * (10 * MAX_NAME - 1) + "x", "x"),
        (" " * 10 * MAX_NAME + "x", None),  # looked at no further
    ],
)
def test_what_a_name_is(text: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(Refusal, match="one line of 1 to 100 visible characters"):
            name_of(text)
    else:
        assert name_of(text) == name


@pytest.mark.parametrize(
    ("text", "description"),
    [
        (None, None),
        ("", None),
        (" \n\t ", None),
        (" x ", "x"),
        ("x" * MAX_DESCRIPTION, "x" * MAX_DESCRIPTION),
        (" " + "x" * MAX_DESCRIPTION + " ", "x" * MAX_DESCRIPTION),
        ("Two\n  lines\tand more", "Two\n  lines\tand more"),
        ("Cafe\u0301", "Café"),
        ("at @ home", "at @ home"),
        (" " * (10 * MAX_DESCRIPTION - 1) + "x", "x"),
        (" " * 10 * MAX_DESCRIPTION + "x", None),  # looked at no further
    ],
)
def test_what_a_description_is(text: str | None, description: str | None) -> None:
    assert description_of(text) == description


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("VIPs", "vips"),
        ("Straße", "strasse"),
        ("ＶＩＰ ①", "vip 1"),
        ("V\u3164ip", "vip"),
        ("ﬁne", "fine"),
        ("\u3164", ""),
        ("Ⓐ", "a"),
    ],
)
def test_what_two_names_share(name: str, key: str) -> None:
    assert folded(name) == key
    assert name_path(KEYS, name) == name_path(KEYS, key)


def test_names_of_their_own_have_paths_of_their_own_and_keyed_ones() -> None:
    path = name_path(KEYS, "VIPs")
    assert path.startswith("crmSegmentNames/")
    assert len(path.partition("/")[2]) == 64
    assert path != name_path(KEYS, "VIP")
    assert path != name_path(Keyring(b"another secret, for this test"), "VIPs")


def test_the_path_of_a_name_stays_what_it_is() -> None:
    """Names are held there already."""
    assert name_path(KEYS, "VIPs") == (
        "crmSegmentNames/345874182b82f84a23fe1dc76a8f7c9b844b37eb8c67f3a67b3afa3d8a046a41"
    )
