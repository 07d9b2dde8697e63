import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.email import as_written, canonical_or_none
from crm.core.text import fold, signs, visible
from crm.customers.search_terms import (
    MAX_TERM_LENGTH,
    Asked,
    domain_term,
    name_term,
    read,
    terms,
)


def customer(
    name: str | None = None, *emails: str, contact: str | None = None
) -> dict[str, object]:
    return {"name": name, "emails": list(emails), "contactEmail": contact}


def looked_up(asked: Asked) -> str:
    return domain_term(asked.domains[0]) if asked.domains else asked.term


def finds(typed: str, data: dict[str, object]) -> bool:
    """Whether a customer is found, by the index and by what is checked then."""
    asked = read(typed)
    assert asked is not None
    fits = asked.fits(data)
    if fits:
        assert looked_up(asked) in terms(data)
    return fits


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
        ("a love", True),
        ("ada babbage", False),
        ("da", False),  # not at the start
        ("example", False),  # the domain is not the start of the address
        ("ada.lovelace@a-long-domain.example.org", False),
        ("@example.com", True),
        ("@EXAMPLE.com;", True),
        ("ada @example.com", True),
        ("@example.com @a-long-domain.example.com", True),
        ("@example.com @example.org", False),
        ("bob @example.com", False),
        ("@example.co", False),  # a whole domain, not the start of one
        ("@domain.example.com", False),
    ],
)
def test_what_finds_ada(typed: str, hit: bool) -> None:
    data = customer(
        "Ada King-Byron Lovelace O'Connor",
        "ada@example.com",
        "ada.lovelace@a-long-domain.example.com",
    )
    assert finds(typed, data) is hit


@pytest.mark.parametrize(
    ("name", "typed", "hit"),
    [
        ("王 芳", "王 芳", True),
        ("王 芳", "芳 王", True),
        ("王芳", "王芳", True),
        ("王芳", "王 芳", False),
        ("王 伟", "王 芳", False),
        ("Ó Briain", "ó br", True),
        ("J. Ó", "j ó", True),
        ("Jane Ó", "j ó", False),  # of signs alone each is a whole word
        ("김 철수", "김 철", True),
        ("A. B. Smith", "a b", True),
        ("A. B. Smith", "a b s", False),
        ("A. B. Smith", "a b sm", True),
        ("\u202aAda\u202c", "ada", True),  # as some phones copy a name
        ("Ada", "\u200fada", True),
        ("Anne\u00adMarie", "annemarie", True),
        ("می\u200cخواهم", "میخو", True),
        ("👩‍👩‍👧 Co", "👩‍👩‍👧 c", True),
        ("!!!", "!!", True),
        ("Lovelace, Ada", "ada lovelace", True),
    ],
)
def test_names_as_people_have_them(name: str, typed: str, hit: bool) -> None:
    assert finds(typed, customer(name)) is hit


@pytest.mark.parametrize(
    "typed",
    [
        "info@bücher.example",
        "INFO@BÜCHER.EXAMPLE",
        "info@xn--bcher-kva.example",
        "info@xn--bch",
        "info@bü",
        "info@büc",
        "info@bücher.ex",
        "info@bucher.example",
        "info@bücher。example",
        "info @bücher.example",
        "@bücher.example",
        "@Bücher.Example",
        "@xn--bcher-kva.example",
    ],
)
@pytest.mark.parametrize("contact", [False, True])
def test_an_address_with_an_umlaut_is_found_in_both_forms(typed: str, contact: bool) -> None:
    held = "info@xn--bcher-kva.example"
    data = customer(None, contact=held) if contact else customer(None, held)
    assert finds(typed, data)
    assert not finds(typed, customer("Bücher", "info@baecker.example", "x@xn--bcher-kva.test"))


def test_a_part_of_a_domain_with_an_umlaut_is_found_below_another() -> None:
    data = customer(None, "info@mail.xn--bcher-kva.example")
    for typed in ("info@mail.büc", "info@mail.bücher.example", "info@mail.xn--bcher-kva.e"):
        assert finds(typed, data)


def test_an_address_as_it_is_written() -> None:
    for address in ("info@bücher.example", "a@straße.example", "ada@example.com", "x@日本.example"):
        held = canonical_or_none(address)
        assert held is not None
        assert as_written(held) == address
        assert canonical_or_none(as_written(held)) == held
    for odd in ("a@xn--.example", "a@xn--zzzzzzzz99999.example", "no address", "xn--@x"):
        assert as_written(odd) == odd


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "a", " a\t", "@", "á", "a\u0301", "a\u0301\u0301", "\u0301\u0301", '"<>"', "ß"),
        *(
            "王",
            "김",
            "कि",
            "👩‍👩‍👧",
            "👍🏽",
            "\u200f\u200f",
            "\u200fa\u200f",
            "\x07a",
            "<a>",
            "\u3164a",
        ),
    ],
)
def test_less_than_two_signs_are_nothing_to_look_for(typed: str) -> None:
    assert read(typed) is None


@pytest.mark.parametrize(("text", "count"), [("ab", 2), ("\u1112\u1161\u11ab", 1), ("é́é", 2)])
def test_signs_are_what_people_count(text: str, count: int) -> None:
    assert signs(text) == count


@given(st.text(max_size=256))
def test_whatever_is_typed_is_something_or_nothing(typed: str) -> None:
    asked = read(typed)
    if asked is not None:
        asked.fits(customer("Ada Lovelace", "ada@example.com"))
        assert asked.words or asked.domains
        assert visible(typed) == "" or signs(typed) >= 2


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ('"Lovelace, Ada" <Ada@Example.com>', ["lovelace", "ada", "ada@example.com"]),
        ("info@bücher.de;", ["info@bucher.de"]),
        ("ada@", ["ada@"]),
        ("@home", ["@home"]),
        ("@.", ["@."]),
        ("a@b@c", ["a@b@c"]),
        ("zoë@example.com", ["zoe@example.com"]),
        ("ﷺ!", ["صلى", "الله", "عليه", "وسلم!"]),
        ("o'con", ["o'con"]),
    ],
)
def test_what_was_typed(typed: str, found: list[str]) -> None:
    asked = read(typed)
    assert asked is not None
    assert list(asked.words) == found


def test_a_whole_address_and_a_whole_name_are_known() -> None:
    data = customer("Ada Lovelace", "ada@example.com", contact="zoe@example.com")
    for typed in ("ADA@example.com", "Ada <ada@example.com>", "zoe@example.com"):
        asked = read(typed)
        assert asked is not None
        assert asked.is_address_of(data)
        assert not asked.is_name_of(data)
    for typed in ("ada lovelace", "Lovelace, Ada", "ÁDA  LOVELACE"):
        asked = read(typed)
        assert asked is not None
        assert asked.name is not None
        assert asked.is_name_of(data)
        assert name_term(asked.name) in terms(data)
    for typed in ("ada@example.co", "bob <ada@example.com>", "ada", "ada love", "ada ada lovelace"):
        asked = read(typed)
        assert asked is not None
        assert not asked.is_address_of(data)
        assert not asked.is_name_of(data)


names = st.text(st.sampled_from("abÀéß .-'中한\u0301\u200d@"), max_size=20)


@given(
    names,
    st.lists(st.sampled_from(["a@b.example", "ab-a@c.example", "b@xn--bcher-kva.de"]), max_size=2),
    names | st.sampled_from(["@b.example", "a @c.example", "b@büc", "b@bücher.de"]),
)
def test_the_index_never_hides_who_is_found(name: str, emails: list[str], typed: str) -> None:
    data = customer(name, *emails)
    asked = read(typed)
    if asked is None:
        return
    if asked.fits(data):
        assert looked_up(asked) in terms(data)
    if asked.is_name_of(data):
        assert name_term(asked.name or "") in terms(data)
        assert asked.fits(data)


def test_terms_are_few_and_short() -> None:
    fullest = customer("ab " * 66, *(f"{number:02}{'x' * 60}@example.com" for number in range(30)))
    held = terms(fullest)
    assert len(held) <= 900
    assert max(len(one) for one in held if one[0] not in " @") == MAX_TERM_LENGTH
    assert len(max(held, key=len)) == 101
    assert held == sorted(set(held))
    assert terms(customer(None)) == []
    assert terms(customer("王 芳")) == [" 王 芳", "王", "芳"]
