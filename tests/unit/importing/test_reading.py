"""What a file says, by tables: nothing is guessed, and a refusal names what to change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.settings import Settings
from crm.core.errors import Refusal
from crm.customers.limits import MAX_TAGS
from crm.importing import reading
from crm.importing.reading import Contacts, moment_of, read
from crm.importing.row import Row, RowError
from tests.support.importing import FIELDS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

SETTINGS = Settings.model_validate({"fields": FIELDS, "time_zone": "Europe/Berlin"})


def told(text: str) -> Contacts:
    return read(text, SETTINGS, NOW)


def people(text: str) -> list[Row]:
    return [*told(text).people]


def refused(text: str) -> str:
    with pytest.raises(Refusal) as caught:
        told(text)
    assert caught.value.code == "invalid-argument"
    return caught.value.reason


ADA = Row("ada@example.com", name="Ada", tags=("VIP", "Press"))


@pytest.mark.parametrize(
    "text",
    [
        "email,name,tags\nada@example.com,Ada,VIP;Press\n",
        'email;name;tags\nada@example.com;Ada;"VIP;Press"\n',
        "email\tname\ttags\nada@example.com\tAda\tVIP;Press",
        "\ufeffemail,name,tags\r\nada@example.com,Ada,VIP;Press\r\n",
        "email,name,tags\rada@example.com,Ada,VIP;Press\r",
        'sep=;\r\nemail;name;tags\r\nada@example.com;Ada;"VIP;Press"',
        '"sep=,"\nemail,name,tags\nada@example.com,Ada,VIP;Press',
        '"email","name","tags"\n"Ada@Example.com"," Ada ","VIP; Press ;"\n',
        "tags,email,name,,\nVIP;Press,ada@example.com,Ada,,\n,,,,\n\n",
        " email , name , tags \nada@example.com,Ada,VIP;Press;vip",
    ],
)
def test_a_file_is_read_as_spreadsheets_write_it(text: str) -> None:
    found = told(text)
    assert ([*found.people], found.rows, found.error_count) == ([ADA], 1, 0)


def test_a_cell_may_hold_delimiters_quotes_and_line_ends() -> None:
    (row,) = people('email,name,company\na@b.example,"Ada ""A""\r\nLovelace","ACME, Inc."')
    assert (row.name, row.fields) == ('Ada "A" Lovelace', {"company": "ACME, Inc."})


def test_a_formula_stays_text() -> None:
    (row,) = people("email,name,company\na@b.example,=1+1,@SUM(A1)")
    assert (row.name, row.fields) == ("=1+1", {"company": "@SUM(A1)"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "email-column-missing"),
        ("name\nAda", "email-column-missing"),
        ("Email\nada@example.com", "email-column-missing"),
        ("ada@example.com\nbob@example.com", "email-column-missing"),
        ("email,phone\na@b.example,1", "column-unknown"),
        ("email,Name\na@b.example,1", "column-unknown"),
        ("email,,name\na@b.example,,1", "column-unknown"),
        ("email,name,name\na@b.example,1,2", "column-twice"),
        ("email,city\na@b.example,Berlin", "field-from-host"),
        ("email\n", "file-empty"),
        ("email,name\n,\n\n", "file-empty"),
        ('email\n"ada@example.com', "csv-invalid"),
        ('email,name\na@b.example,"Ada" B', "csv-invalid"),
        ("sep=|\nemail|name\n", "delimiter-unknown"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, reason: str) -> None:
    assert refused(text) == reason


def test_a_refusal_names_the_column_but_no_person() -> None:
    with pytest.raises(Refusal, match="`phone`"):
        told("email,phone\na@b.example,1")
    with pytest.raises(Refusal) as caught:
        told("email,bob@example.com\na@b.example,x")
    assert "bob" not in caught.value.message
    assert caught.value.more == {"column": 2}


def test_a_cell_has_a_size() -> None:
    (row,) = people(f"email,name\na@b.example,{'x' * reading.MAX_CELL}")
    assert row.email == "a@b.example"
    with pytest.raises(
        Refusal, match=r"Row 2 .* no cell is longer than 131,072 characters"
    ) as caught:
        told(f"email,name\na@b.example,{'x' * (reading.MAX_CELL + 1)}")
    assert (caught.value.reason, caught.value.more) == ("csv-invalid", {"row": 2})


def test_a_file_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 20)
    assert people("email\nada@example.co")
    assert refused("email\nada@éxample.com") == "file-too-large"


def test_a_file_has_few_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILE_TAGS", 2)
    assert people("email,tags\na@b.example,x;y\nc@b.example,X;y")
    assert refused("email,tags\na@b.example,x;y\nc@b.example,z") == "file-tags"


ERRORS: list[tuple[str, str, str | None]] = [
    ("nobody,,,,,", "email-invalid", "email"),
    (",Ada,,,,", "email-missing", "email"),
    ("a@b.example,,,inactive,,", "status-unknown", "status"),
    ("a@b.example,,,Unsubscribed,,", "status-unknown", "status"),
    ("a@b.example,,,SUBSCRIBED,,", "status-unknown", "status"),
    ("a@b.example,,,yes,,", "status-unknown", "status"),
    ("a@b.example,,,1,,", "status-unknown", "status"),
    ("a@b.example,,a/b,,,", "tag-invalid", "tags"),
    (f"a@b.example,,{';'.join(map(str, range(MAX_TAGS + 1)))},,,", "too-many-tags", "tags"),
    ("a@b.example,,,,yesterday,", "consented-at-invalid", "consentedAt"),
    ("a@b.example,,,,2026-03-02,", "consented-at-future", "consentedAt"),
    ("a@b.example,,,,,many", "field-invalid", "seats"),
    ("a@b.example,,,,,1,more", "too-many-cells", None),
]


@pytest.mark.parametrize(("cells", "reason", "column"), ERRORS)
def test_a_row_that_is_wrong_is_left_out_and_told(
    cells: str, reason: str, column: str | None
) -> None:
    found = told(f"email,name,tags,status,consentedAt,seats\nz@b.example,,,,,\n{cells}\n")
    assert [one.email for one in found.people] == ["z@b.example"]
    assert [*found.errors] == [RowError(3, reason, column)]
    assert (found.rows, found.error_count) == (2, 1)


def test_rows_have_the_numbers_of_the_spreadsheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ERRORS", 2)
    found = told('email,name\n\na@b.example,"two\nlines"\nx,\ny,\nz,')
    assert ([one.row for one in found.errors], found.error_count, found.rows) == ([4, 5], 3, 4)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["subscribed", ""], "subscribed"),
        (["subscribed", "unsubscribed"], "unsubscribed"),
        (["unsubscribed", "subscribed"], "unsubscribed"),
        (["subscribed", "none"], "contradiction"),
        (["none", "subscribed"], "contradiction"),
        (["subscribed", "inactive"], "contradiction"),
        (["Unsubscribed", "subscribed"], "contradiction"),
        (["none", ""], None),
        (["inactive", "unsubscribed"], "unsubscribed"),
        (["inactive", "none"], None),
        (["unsubscribed", "inactive", "subscribed"], "unsubscribed"),
    ],
)
def test_of_several_words_for_one_address_the_strictest_counts(
    words: list[str], status: str | None
) -> None:
    (row,) = people("email,status\n" + "\n".join(f"Ada@example.com,{one}" for one in words))
    assert row.status == status


def test_an_address_twice_is_one_person() -> None:
    found = told(
        "email,name,tags,seats\nada@example.com,,x,1\nADA@example.com,Ada,y;X,2\n"
        "ada@example.com,Bob,,\n"
    )
    assert [*found.people] == [
        Row("ada@example.com", name="Ada", tags=("x", "y"), fields={"seats": 1})
    ]
    assert (found.rows, found.duplicates) == (3, 2)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2025-07-01", "2025-06-30T22:00:00+00:00"),
        ("2025-07-01T10:00", "2025-07-01T08:00:00+00:00"),
        ("2025-07-01 10:00:30.5", "2025-07-01T08:00:30.500000+00:00"),
        ("2025-07-01T10:00:00Z", "2025-07-01T10:00:00+00:00"),
        ("2025-01-01T10:00:00-05:00", "2025-01-01T15:00:00+00:00"),
        ("2025-13-01", None),
        ("01.07.2025", None),
        ("2025-W09-5", None),
        ("20250701", None),
        ("1925-07-01", None),
        ("0001-01-01", None),
        ("9999-12-31", "9999-12-30T23:00:00+00:00"),
        ("2025-07-01T25:00", None),
        ("1751328000", None),
    ],
)
def test_a_time_is_iso_8601_or_a_day_of_the_organisers(cell: str, moment: str | None) -> None:
    found = moment_of(cell, SETTINGS)
    assert (found.isoformat() if found else None) == moment


def test_own_fields_are_read_by_their_types() -> None:
    (row,) = people("email,company,seats,vegan,size\na@b.example, ACME ,12.50,TRUE,M")
    assert row.fields == {"company": "ACME", "seats": 12.5, "vegan": True, "size": "M"}


@pytest.mark.parametrize(
    ("text", "reason", "more", "said"),
    [
        ("name\nAda", "email-column-missing", {}, "Known are email, name, tags, status,"),
        ("email,name,name\nx", "column-twice", {"column": 3}, "The column `name` is"),
        ("email,tags,a@b.example,a@b.example\nx", "column-unknown", {"column": 3}, "number 3"),
        ("email,phone,name\nx", "column-unknown", {"column": 2}, "The column `phone` is not"),
        ("email,name,city\nx", "field-from-host", {"column": 3}, "The field `city` is read"),
        ("email,\n", "file-empty", {}, "no row"),
        ('email\na@b.example\n"x', "csv-invalid", {"row": 3}, "Row 3 is not CSV"),
        ("sep=|\nemail|name\n", "delimiter-unknown", {}, "commas, semicolons or tabs"),
    ],
)
def test_all_of_a_refusal(text: str, reason: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal) as caught:
        told(text)
    refusal = caught.value
    assert (refusal.code, refusal.reason, refusal.more) == ("invalid-argument", reason, more)
    assert said in refusal.message


def test_a_refusal_names_the_columns_that_there_may_be() -> None:
    known = "Known are email, name, tags, status, consentedAt, company, seats, vegan, size"
    for text in ("name\nAda", "email,phone\nx"):
        with pytest.raises(Refusal, match=known) as caught:
            told(text)
        assert "city" not in caught.value.message  # users write it


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x" * 64, True),
        ("x" * 65, False),
        ("Größe (cm) #1/2-3.", True),
        ("a@b", False),
        ("+49", False),
        ("", False),
    ],
)
def test_a_name_that_may_be_a_persons_is_shown_by_its_place(name: str, shown: bool) -> None:
    with pytest.raises(Refusal) as caught:
        told(f"email,{name},status\nx,,")
    assert (f"The column `{name}` is" in caught.value.message) is shown
    assert ("The column number 2 is" in caught.value.message) is not shown


def test_all_that_a_file_says() -> None:
    found = told(
        "email,name,tags,status,consentedAt,company,seats\n"
        "ada@example.com,Ada,VIP;Press,subscribed,2025-06-01,ACME,3\n"
        "\n"
        "bob@example.com,,vip,none,,,\n"
        "ADA@example.com,Countess,New;PRESS,,2025-07-01,Other,\n"
        "cyd@example.com,,,inactive,,,\n"
        "dan@example.com,,,unsubscribed,,,x\n"
        "eve@example.com,,,unsubscribed,,,\n"
    )
    assert found == Contacts(
        people=[
            Row(
                "ada@example.com",
                name="Ada",
                tags=("VIP", "Press", "New"),
                status="subscribed",
                consented_at=datetime.fromisoformat("2025-05-31T22:00+00:00"),
                fields={"company": "ACME", "seats": 3},
            ),
            Row("bob@example.com", tags=("VIP",)),
            Row("eve@example.com", status="unsubscribed"),
        ],
        rows=6,
        duplicates=1,
        errors=[RowError(6, "status-unknown", "status"), RowError(7, "field-invalid", "seats")],
        error_count=2,
        claims=True,
        tags={"vip": "VIP", "press": "Press", "new": "New"},
    )


@pytest.mark.parametrize(
    ("first", "second", "row"),
    [
        (",2025-06-01,", "Ada,,1", Row("a@b.example", name="Ada", fields={"seats": 1})),
        ("Ada,,1", "Bob,2025-06-01,2", Row("a@b.example", name="Ada", fields={"seats": 1})),
        ("Ada,2025-06-01,", ",2024-06-01,", Row("a@b.example", name="Ada")),
    ],
)
def test_of_two_rows_the_first_one_counts_and_the_second_adds(
    first: str, second: str, row: Row
) -> None:
    (found,) = people(f"email,name,consentedAt,seats\na@b.example,{first}\nA@b.example,{second}")
    agreed = datetime.fromisoformat("2025-05-31T22:00+00:00")
    assert found == replace(row, consented_at=agreed)


@pytest.mark.parametrize(
    ("status", "claims"),
    [("subscribed", True), ("unsubscribed", False), ("none", False), ("", False)],
)
def test_a_file_claims_that_somebody_agreed_by_that_word_alone(status: str, claims: bool) -> None:
    assert told(f"email,status\nz@b.example,none\na@b.example,{status}\n").claims is claims
    # Also where another row says otherwise: somebody has to show what was agreed to.
    both = f"email,status\na@b.example,{status}\na@b.example,unsubscribed\n"
    assert told(both).claims is claims


@pytest.mark.parametrize(("number", "wrong"), [(MAX_TAGS, False), (MAX_TAGS + 1, True)])
def test_a_row_has_so_many_tags_at_most(number: int, wrong: bool) -> None:
    found = told(f"email,tags\na@b.example,{';'.join(map(str, range(number)))};0\n")
    assert (found.error_count, len(found.people)) == ((1, 0) if wrong else (0, 1))


@pytest.mark.parametrize(
    ("cell", "good"), [("2026-03-01T12:00Z", True), ("2026-03-01T12:00:00.000001Z", False)]
)
def test_nobody_has_agreed_later_than_now(cell: str, good: bool) -> None:
    found = told(f"email,consentedAt\na@b.example,{cell}\n")
    errors = [] if good else [RowError(2, "consented-at-future", "consentedAt")]
    assert [*found.errors] == errors


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("1990-01-01", "1989-12-31T23:00:00+00:00"),
        ("1989-12-31", None),
        ("1990-01-01T00:00Z", "1990-01-01T00:00:00+00:00"),
        ("1989-12-31T23:59:59Z", None),
        ("9999-12-31T23:00-05:00", None),
        ("2025-02-30T10:00", None),
    ],
)
def test_no_time_is_before_there_were_newsletters(cell: str, moment: str | None) -> None:
    found = moment_of(cell, SETTINGS)
    assert (found.isoformat() if found else None) == moment


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        # Of several delimiters in a header, the one that makes `email` a column; else most columns.
        ("name;email;tags\nAda, Countess;ada@example.com;x", ["ada@example.com"]),
        ("email\tname\nada@example.com\tx,y", ["ada@example.com"]),
        ("email\nada@example.com", ["ada@example.com"]),
        ("SEP=;\nemail;tags\nada@example.com;x", ["ada@example.com"]),
        ("sep=\t\nemail\ttags\nada@example.com\tx", ["ada@example.com"]),
        ("sep=;\remail;tags\rada@example.com;x", ["ada@example.com"]),
        ("\ufeffsep=,\nemail\nada@example.com", ["ada@example.com"]),
    ],
)
def test_what_stands_between_cells_is_seen_by_the_header(text: str, emails: list[str]) -> None:
    assert [one.email for one in people(text)] == emails


def test_rows_have_the_numbers_behind_a_line_for_excel() -> None:
    """It is no row, nor is it one where a mistake is told."""
    assert [*told("sep=,\nemail\nx\n").errors] == [RowError(2, "email-invalid", "email")]


CELLS: st.SearchStrategy[Any] = st.text(
    st.sampled_from('ab@.,;\t"\r\n=é \ufeff\x00') | st.characters(), max_size=12
)


@given(st.lists(st.lists(CELLS, max_size=4), max_size=6), st.sampled_from([",", ";", "\t", "|"]))
def test_whatever_a_file_holds_it_is_read_or_refused(rows: list[list[str]], by: str) -> None:
    text = "\n".join(["email,status,name,tags".replace(",", by), *(by.join(one) for one in rows)])
    try:
        found = told(text)
    except Refusal as refusal:
        assert refusal.code == "invalid-argument"
        return
    assert found.rows == len(found.people) + found.duplicates + found.error_count
    assert all(one.status is None or one.status == "contradiction" for one in found.people) or any(
        word in text for word in ("subscribed", "unsubscribed")
    )
