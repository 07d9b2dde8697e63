import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.text import fold
from crm.customers.search_terms import MAX_TERM_LENGTH, found, lookup, terms, words


def customer(name: str | None = None, *emails: str) -> dict[str, object]:
    return {"name": name, "emails": list(emails)}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ada", "ada"),
        ("ÅNGSTRÖM", "angstrom"),
        ("Angstro\u0308m", "angstrom"),
        ("Straße", "strasse"),
        ("Łukasz Ørsted Đặng", "lukasz orsted dang"),
        ("İlker ılık", "ilker ilik"),
        ("ﬁn", "fin"),
        ("Ｆｕｌｌ", "full"),
        ("Σίσυφος", "σισυφοσ"),
    ],
)
def test_case_and_accents_are_folded_away(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=30))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("typed", "hit"),
    [
        ("ad", True),
        ("ADA", True),
        ("lóve", True),
        ("ada love", True),
        ("love ada", True),
        ("ada@ex", True),
        ("ada.lovelace@a-long-domain.example.co", True),
        ("byron", True),  # the second half of a double name
        ("king-by", True),
        ("o'con", True),
        ("o’con", True),
        ("con", True),
        ("ada babbage", False),
        ("da", False),  # not at the start
        ("example", False),  # the domain is not the start of the address
        ("ada.lovelace@a-long-domain.example.org", False),
    ],
)
def test_what_finds_ada(typed: str, hit: bool) -> None:
    data = customer(
        "Ada King-Byron Lovelace O'Connor",
        "ada@example.com",
        "ada.lovelace@a-long-domain.example.com",
    )
    asked = words(typed)
    term = lookup(asked)
    assert term is not None
    assert (term in terms(data) and found(data, asked)) is hit


def test_one_letter_is_not_looked_up() -> None:
    assert lookup(words("a")) is None
    assert lookup(words(" a b ")) is None
    assert lookup(words("")) is None
    assert lookup(words("a bc")) == "bc"


names = st.text(st.sampled_from("abÀéß .-'中한\u0301"), max_size=20)


@given(names, st.lists(st.sampled_from(["a@b.example", "ab-a@c.example"]), max_size=2), names)
def test_the_index_never_hides_who_is_found(name: str, emails: list[str], typed: str) -> None:
    data = customer(name, *emails)
    asked = words(typed)
    term = lookup(asked)
    if term is not None and found(data, asked):
        assert term in terms(data)


def test_terms_are_few_and_short() -> None:
    fullest = customer("ab " * 66, *(f"{number:02}{'x' * 60}@example.com" for number in range(30)))
    held = terms(fullest)
    assert len(held) <= 900
    assert max(map(len, held)) == MAX_TERM_LENGTH
    assert held == sorted(set(held))
    assert terms(customer(None)) == []
