"""What is typed is read as words, domains and an address; all that a customer is found by."""

from __future__ import annotations

from typing import Any

import pytest

from crm.customers.search_terms import Asked, name_key, read, terms, value_key


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Ada", Asked(("ada",), value="ada")),
        ("Lovelace, Ada", Asked(("lovelace", "ada"), value="lovelace ada")),
        (
            "Ada <ADA@Example.com>",
            Asked(("ada", "ada@example.com"), (), "ada@example.com", "ada ada@example.com"),
        ),
        (
            "a@example.com b@example.com",
            Asked(
                ("a@example.com", "b@example.com"),
                (),
                "a@example.com",  # the first of them
                "a@example.com b@example.com",
            ),
        ),
        ("ada @Example.com", Asked(("ada",), ("example.com",), None, "ada @example.com")),
        (
            "@a.example ada @b.example",
            Asked(("ada",), ("a.example", "b.example"), None, "@a.example ada @b.example"),
        ),
        ("@bücher.example", Asked((), ("xn--bcher-kva.example",), None, "@bucher.example")),
        ("@ada", Asked(("@ada",), value="@ada")),  # no domain yet
        ("ada@", Asked(("ada@",), value="ada@")),  # no address yet
        (
            "x@bücher.example",
            Asked(("x@bucher.example",), (), "x@xn--bcher-kva.example", "x@bucher.example"),
        ),
        (
            "x@xn--bcher-kva.example",
            Asked(
                ("x@xn--bcher-kva.example",),
                (),
                "x@xn--bcher-kva.example",
                "x@xn--bcher-kva.example",
            ),
        ),
        ("J. K.", Asked(("j.", "k."), value="j. k.")),
        ("é", None),
        ("a", None),
        ("<a>", None),
        ("a b", Asked(("a", "b"), value="a b")),
        ("ab", Asked(("ab",), value="ab")),
        ("\u200b\u200b", None),
    ],
)
def test_what_is_typed_is_read(typed: str, asked: Asked | None) -> None:
    assert read(typed) == asked


@pytest.mark.parametrize(
    ("asked", "name", "term"),
    [
        (Asked(("ada", "lovelace")), "ada lovelace", "lovelace"),
        (Asked(("zoe", "ada")), "ada zoe", "zoe"),  # of equal length the first
        (Asked(("b", "a")), "a b", "b"),
        (Asked(("x" * 17,)), "x" * 17, "x" * 16),
        (Asked(("ada",), ("example.com",)), None, "ada"),
        (Asked(("ada@b.example",), (), "ada@b.example"), None, "ada@b.example"),
        (Asked((), ("example.com",)), None, ""),
    ],
)
def test_words_are_looked_up_as_a_name_and_by_the_longest(
    asked: Asked, name: str | None, term: str
) -> None:
    assert (asked.name, asked.term) == (name, term)


def customer(name: str | None = None, *emails: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "emails": list(emails), "contactEmail": None, **more}


def beginnings(word: str) -> set[str]:
    return {word[:length] for length in range(2, min(len(word), 16) + 1)}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (customer(), set()),
        (customer("Zoë"), {"zo", "zoe", " zoe"}),
        (customer("Jo B."), {"jo", "b.", "b", " b. jo"}),
        (customer("王 芳"), {"王", "芳", " 王 芳"}),
        (
            customer("Anne-Marie"),
            {*beginnings("anne-marie"), *beginnings("marie"), " anne-marie"},
        ),
        (customer("x" * 20), {*beginnings("x" * 20), " " + "x" * 20}),
        (customer("x" * 120), {*beginnings("x" * 20), " " + "x" * 100}),
        (customer(None, "ab@c.example"), {*beginnings("ab@c.example"), "@c.example"}),
        (
            customer(None, "a@xn--bcher-kva.example"),
            {
                *beginnings("a@xn--bcher-kva.example"),
                *beginnings("a@bucher.example"),
                "@xn--bcher-kva.example",
            },
        ),
        (
            customer(None, contactEmail="ab@c.example"),
            {*beginnings("ab@c.example"), "@c.example"},
        ),
        (customer(fields={"company": "Café & Co", "size": "M"}), {"  cafe & co", "  m"}),
        (customer(fields={"company": "é" * 101}), {"  " + "e" * 100}),
        (
            customer(
                fields={"born": "1990-01-02", "vegan": True, "seats": 3, "x": "", "y": " <> "}
            ),
            set(),
        ),
    ],
)
def test_a_customer_has_the_terms_of_its_addresses_its_name_and_its_values(
    data: dict[str, Any], found: set[str]
) -> None:
    assert terms(data) == sorted(found)


def test_a_document_without_own_fields_or_a_contact_has_the_same_terms() -> None:
    bare: dict[str, Any] = {"name": "Zoë", "emails": []}
    assert terms(bare) == terms(customer("Zoë", fields={}))


@pytest.mark.parametrize(
    ("asked", "data", "fits"),
    [
        (Asked((), ("b.example",)), customer(None, "a@b.example"), True),
        (Asked((), ("b.example",)), customer(None, "a@b.example", "a@c.example"), True),
        (Asked((), ("b.example", "c.example")), customer(None, "a@b.example"), False),
        (Asked((), ("c.example",)), customer(None, '"a@b"@c.example'), True),
        (Asked(("zo",), ("b.example",)), customer("Zoë", "a@b.example"), True),
        (Asked(("zo",), ("c.example",)), customer("Zoë", "a@b.example"), False),
        (Asked(("ad",), ("b.example",)), customer("Zoë", "x@b.example"), False),
        (Asked(("z",)), customer("Zoë"), False),  # of one sign a whole word
        (Asked(("zo",)), customer("Zoë"), True),
        (Asked(("z", "e")), customer("Z E"), True),
        (Asked(("z", "e")), customer("Z Ex"), False),
        (Asked(("z", "ex")), customer("Zoë Exeter"), True),
    ],
)
def test_whoever_is_meant_fits_all_that_was_typed(
    asked: Asked, data: dict[str, Any], fits: bool
) -> None:
    assert asked.fits(data) is fits


def test_an_address_a_name_and_a_value_are_somebodys_as_a_whole() -> None:
    ada = customer("Ada Lovelace", "ada@b.example", fields={"company": "ACME", "seats": 3})
    assert Asked(("ada@b.example",), (), "ada@b.example").is_address_of(ada)
    assert not Asked(("ada@b.exampl",), (), "ada@b.exampl").is_address_of(ada)
    assert not Asked(("bob", "ada@b.example"), (), "ada@b.example").is_address_of(ada)
    assert Asked(("lovelace", "ada")).is_name_of(ada)
    assert not Asked(("ada",)).is_name_of(ada)
    assert not Asked(("ada", "lovelace"), ("b.example",)).is_name_of(ada)
    assert not Asked((), ("b.example",)).is_name_of(customer())
    assert Asked((), value="acme").is_value_of(ada, ["company"])
    assert not Asked((), value="acm").is_value_of(ada, ["company"])
    assert not Asked((), value="acme").is_value_of(ada, ["seats", "other"])
    assert not Asked((), value="acme").is_value_of({"name": None}, ["company"])


def test_names_and_values_are_compared_without_case_accents_and_what_stands_around() -> None:
    assert name_key("Lovelace, ADA") == name_key("ada  lovelace") == "ada lovelace"
    assert name_key("") is name_key(None) is name_key("<>") is None
    assert value_key("  Café  & (Co) ") == "cafe & co"
