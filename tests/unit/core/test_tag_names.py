"""What a tag may be called, and which spellings are one tag."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.core.tag_names import MAX_TAG_LENGTH, label, tag_id


@pytest.mark.parametrize(
    ("text", "shown", "key"),
    [
        ("vip", "vip", "vip"),
        ("VIP", "VIP", "vip"),
        ("  VIP\n", "VIP", "vip"),
        ("2023 attendee", "2023 attendee", "2023-attendee"),
        ("2023-attendee", "2023-attendee", "2023-attendee"),
        ("a  b", "a  b", "a--b"),
        ("Region:EU", "Region:EU", "region:eu"),
        ("c++", "c++", "c++"),
        ("R&D #1_v.2", "R&D #1_v.2", "r&d-#1_v.2"),
        ("x" * 64, "x" * 64, "x" * 64),
        (" " * 900 + "x", "x", "x"),
        ("Größe", "Größe", "größe"),
        ("STRASSE", "STRASSE", "strasse"),
        ("straße", "straße", "straße"),
        ("e\u0301te\u0301", "été", "été"),
        ("\u212a", "K", "k"),  # NFC writes the Kelvin sign as K
        ("ΟΔΟΣ", "ΟΔΟΣ", "οδος"),
        ("İ", "İ", "i\u0307"),
        ("हिन्दी", "हिन्दी", "हिन्दी"),
        ("日本", "日本", "日本"),
        ("٣", "٣", "٣"),
        ("...", "...", "..."),
        ("_x_", "_x_", "_x_"),
    ],
)
def test_a_label_and_its_id(text: str, shown: str, key: str) -> None:
    assert label(text) == shown
    assert tag_id(text) == key
    assert tag_id(key) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t",
        "x" * 65,
        "x" * 1_000_000,
        "İ" * 33,  # 66 characters in lower case
        "a/b",
        "/",
        "a*b",
        "$where",
        "a,b",
        'a"b',
        "a'b",
        "(a)",
        "a@b",
        "a=b",
        "a\\b",
        "a\tb",
        "a\nb",
        "a\x00b",
        "a\u00a0b",  # no-break space
        "a\u2003b",  # em space
        "a\u200bb",  # zero-width space
        "a\u200db",  # zero-width joiner
        "a\u202eb",  # bidi override
        "a\ufeffb",
        "\u3164",  # a letter that is drawn as nothing
        "a\ufe0f",
        "\u0301",  # a mark without its letter
        "1\u0301",
        "-\u0301a",
        "a\ud800",
        "🎟",
        "½",
        "²",
        "Ⅷ",
        ".",
        "..",
        "__x__",
        "____",
        "__ x __",
        "__X__",
    ],
)
def test_what_is_no_tag(text: str) -> None:
    for read in (label, tag_id):
        with pytest.raises(Refusal) as refused:
            read(text)
        assert (refused.value.code, refused.value.reason) == ("invalid-argument", "tag-invalid")
        assert len(refused.value.message) < 150


@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aA -_.#Σ\u0301İ")), max_size=70)
)
def test_an_id_is_its_own_id_and_needs_no_second_reading(text: str) -> None:
    try:
        key = tag_id(text)
    except Refusal:
        return
    assert tag_id(key) == key == label(key)
    assert tag_id(label(text)) == key
    assert 0 < len(key) <= MAX_TAG_LENGTH
    assert len(key.encode()) <= 1_500
    assert "/" not in key
    assert unicodedata.is_normalized("NFC", key)
