"""The newsletter list: its cells, its rows, who is on it, and what the audit trail tells of it."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.consent.plan import plan_consent
from crm.core import email as addresses
from crm.core.errors import Transient, Unfinished
from crm.core.money import DIGITS, written
from crm.db.retry import RetryPolicy
from crm.fields.plan import WriteFields
from crm.newsletter.csv_rows import (
    BOM,
    COLUMNS,
    EXCEL,
    MARKED,
    Form,
    address,
    columns,
    lines,
    neutral,
    row,
)
from crm.newsletter.csv_rows import PLAIN as PLAIN_FORM
from crm.newsletter.export import PAGE, ListExport, digest, export
from crm.segments.language.ast import Everyone, Node, Not, Own, Tag
from crm.segments.language.text import parse_text
from testing.hosts import DAY, order
from testing.world import KEYS, World
from tests.support.faults import Clock

# The console writes tables by code of its own, which is held to the same cells.
CELLS = json.loads((Path(__file__).parent / "cells.json").read_text(encoding="utf-8"))
NASTY, PLAIN = CELLS["formulas"], CELLS["texts"]

cells = st.text() | st.builds("".join, st.lists(st.sampled_from([*NASTY, *PLAIN, ",", ";", "'"])))


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


# --- Cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", NASTY)
def test_a_formula_is_neutralised(cell: str) -> None:
    assert neutral(cell)[0] == "'"
    assert neutral(cell).replace("'", "") == cell.replace("'", "")


@pytest.mark.parametrize(
    ("cell", "safe"),
    CELLS["behindSeparators"],
)
def test_a_formula_behind_a_separator_is_neutralised(cell: str, safe: str) -> None:
    assert neutral(cell) == safe


SEPARATORS = ",;\t|"

hostile = st.builds(
    "".join,
    st.lists(st.sampled_from([*NASTY, *PLAIN, *SEPARATORS, "=", "+", '"', '";', ' "', "Zoe"])),
)

local_parts = st.text("a|=+-'", min_size=1, max_size=8)


def cells_of(text: str, separator: str) -> Iterator[str]:
    """The cells that a program finds: one that knows quotes, and one that does not."""
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        yield from cells
    for line in text.split("\r\n"):
        yield from line.split(separator)
        for part in line.splitlines():
            yield from part.split(separator)


@given(
    st.lists(st.tuples(hostile, hostile, local_parts), min_size=1),
    st.sampled_from([PLAIN_FORM, EXCEL]),
)
@example([("", "\r=1|", "="), ("", "", "|")], PLAIN_FORM)  # a bar before a closing quote opens one
@example([("", ';"\tAda', "=")], PLAIN_FORM)  # of a cell of its own the quotes go
def test_no_cell_is_a_formula_in_any_program(
    people: list[tuple[str, str, str]], form: Form
) -> None:
    rows = [
        row(customer(name=name, tags=[tag], primaryEmail=f"{local}@example.com"), lambda _: "link")
        for name, tag, local in people
    ]
    text = lines(rows, form).decode(form.encoding)
    for separator in SEPARATORS:
        for cell in cells_of(text, separator):
            assert cell[:1] not in {"\t", "\r", "\0"} - {form.separator}
            assert unicodedata.normalize("NFKC", cell.lstrip()[:1])[:1] not in set("=+-@")


@pytest.mark.parametrize("cell", PLAIN)
def test_a_plain_cell_stays(cell: str) -> None:
    assert neutral(cell) == cell


@given(cells)
def test_what_is_neutral_stays(cell: str) -> None:
    done = neutral(cell)
    assert done.replace("'", "") == cell.replace("'", "")
    assert neutral(done) == done
    start = unicodedata.normalize("NFKC", done.lstrip()[:1])
    assert start[:1] not in set("=+-@")
    assert done[:1] not in set("\t\r\n\0")


@given(st.lists(st.tuples(cells, cells, cells), min_size=1))
def test_rows_come_back_as_they_were_written(table: list[tuple[str, str, str]]) -> None:
    """RFC 4180: a reader that knows nothing but it reads the same cells, in as many records."""
    data = lines(table)
    assert read(data) == [list(cells) for cells in table]
    assert data.endswith(b"\r\n")
    assert records(data.decode()) == len(table)


def records(text: str) -> int:
    """Count line ends outside quotes, by the grammar of RFC 4180, section 2."""
    quoted, ends = False, 0
    for place, char in enumerate(text):
        quoted ^= char == '"'
        ends += not quoted and text[place : place + 2] == "\r\n"
    return ends


@pytest.mark.parametrize("local", ["=1+1", "+tag", "-dash", "=cmd|'/c'!a0"])
def test_an_address_that_is_a_formula_stays_the_same_address(local: str) -> None:
    email = addresses.canonical(f"{local}@example.com")
    shown = address(email)
    assert shown == f'"{local}"@example.com'
    # What a mail tool reads from it: a quoted string's content is the local part.
    assert shown[1:].replace('"@', "@") == email


def test_a_formula_behind_a_bar_of_an_address_is_none_and_the_address_the_same() -> None:
    assert address("x|=1|+2@example.com") == '"x|\\=1|\\+2"@example.com'
    assert address("=1|-2@example.com") == '"=1|\\-2"@example.com'
    assert address("x|y@example.com") == "x|y@example.com"


def test_an_address_is_written_as_it_is() -> None:
    assert address("ada+news@example.com") == "ada+news@example.com"


@pytest.mark.parametrize(
    ("minor", "code", "text"),
    [
        (12990, "USD", "129.90 USD"),
        (0, "EUR", "0.00 EUR"),
        (5, "EUR", "0.05 EUR"),
        (500, "JPY", "500 JPY"),
        (1234, "KWD", "1.234 KWD"),
        (10**18, "USD", "10000000000000000.00 USD"),
        (9007199254740993, "CLF", "900719925474.0993 CLF"),
    ],
)
def test_money_is_written_for_people(minor: int, code: str, text: str) -> None:
    assert written(minor, code) == text


@given(st.integers(0, 2**63 - 1), st.sampled_from(sorted(DIGITS)))
def test_written_money_is_exact(minor: int, code: str) -> None:
    amount, shown = written(minor, code).split()
    assert (int(amount.replace(".", "")), shown) == (minor, code)
    assert len(amount.partition(".")[2]) == DIGITS[code]


def customer(**fields: Any) -> dict[str, Any]:
    return {
        "primaryEmail": "ada@example.com",
        "name": "=Ada, Countess",
        "tags": ["-old", "vip", "+new"],
        "totalSpend": {"USD": 12990, "EUR": 2000},
        "orderCount": 3,
        "lastOrderAt": DAY,
        **fields,
    }


def test_a_row() -> None:
    cells = row(customer(), lambda email: f"https://example.com/?{email}")
    assert dict(zip(COLUMNS, cells, strict=True)) == {
        "email": "ada@example.com",
        "name": "'=Ada, Countess",
        "tags": "'-old; vip;' +new",
        "spend": "20.00 EUR; 129.90 USD",
        "orders": "3",
        "last_order": "2024-03-01",
        "unsubscribe": "https://example.com/?ada@example.com",
    }
    never = customer(name=None, tags=[], totalSpend={}, lastOrderAt=None)
    assert row(never, lambda _: "")[1:] == ("", "", "", "3", "", "")


def test_own_fields_stand_behind_the_other_columns() -> None:
    names = ("company", "seats", "share", "vegan", "born", "nowhere")
    fields = {"company": "=ACME", "seats": -3, "share": 0.5, "vegan": False, "born": "1990-01-02"}
    cells = row(customer(fields=fields), lambda _: "", names)
    assert columns(names) == (*COLUMNS, *names)
    assert cells[len(COLUMNS) :] == ("'=ACME", "-3", "0.5", "false", "1990-01-02", "")


# --- Who is on it --------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    world = World()
    clock = Clock()  # only waiting takes time
    world.runner = replace(world.runner, retry=RetryPolicy(sleep=clock.wait, clock=clock))
    return world


def asked(world: World, node: Node, form: Form = PLAIN_FORM) -> Iterator[bytes]:
    named = {"question": digest(KEYS, node)}
    wanted = ListExport(
        world.runner.new_id(), node, named, lambda email: f"https://x/{email}", form
    )
    return export(world.runner, wanted)


def listed(world: World, node: Node) -> list[str]:
    head, *rows = read(b"".join(asked(world, node)))
    assert tuple(head) == COLUMNS
    return [cells[0] for cells in rows]


def test_a_list_has_the_declared_fields() -> None:
    own = {"company": {"type": "text", "label": "Company", "purpose": "x"}}
    world = World(settings={"fields": own})
    (email,) = buyers(world, 1)
    fields = {"company": "ACME"}
    world.runner.run(WriteFields(world.the_customer()["id"], fields))
    head, first = read(b"".join(asked(world, Own("company", eq="ACME"))))
    assert (head[-2:], first[0], first[-1]) == (["unsubscribe", "company"], email, "ACME")
    assert len(read(b"".join(asked(world, Own("company", eq="Other"))))) == 1


def trail(world: World) -> list[tuple[str, dict[str, Any]]]:
    entries = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    return [
        (one["action"], one["facts"]) for one in entries if one["action"].startswith("newsletter.")
    ]


def buyers(world: World, number: int, **fields: Any) -> list[str]:
    """Customers who opted in."""
    emails = [f"buyer{index}@example.com" for index in range(number)]
    for email in emails:
        world.put_order(email, order(email, **{"marketingOptIn": True, **fields}))
    return emails


def test_only_who_subscribed_is_listed_whatever_is_asked(world: World) -> None:
    (subscribed,) = buyers(world, 1)
    world.put_order("none", order("none@example.com"))
    world.put_order("no", order("no@example.com", marketingOptIn=False))
    world.put_user("u1", {"name": "No Address"})
    for text in (
        "everyone",
        "not subscribed",
        "marketing:none",
        "unsubscribed or everyone",
        "not (subscribed and registered)",
    ):
        assert set(listed(world, parse_text(text))) <= {subscribed}
    assert listed(world, Everyone()) == [subscribed]
    assert listed(world, Not(Tag("vip"))) == [subscribed]


def test_a_withdrawal_between_two_lists_takes_effect(world: World) -> None:
    one, two = buyers(world, 2)
    assert sorted(listed(world, Everyone())) == [one, two]
    (left,) = (
        key for key, data in world.store.all("customers").items() if data["primaryEmail"] == one
    )
    world.runner.run(lambda tx: plan_consent(tx, "call", left, "unsubscribed", "by letter"))
    assert listed(world, Everyone()) == [two]


def test_who_withdraws_while_the_list_is_made_is_left_out(world: World) -> None:
    """Whatever an index still says, a row is written for what the document says."""
    buyers(world, 1)
    ((key, data),) = world.store.all("customers").items()
    withdrawn = {**data["marketing"], "status": "unsubscribed"}
    world.store.put(f"customers/{key}", {**data, "marketing": withdrawn})
    assert data["facets"]["m:subscribed"]
    assert listed(world, Everyone()) == []


def test_a_long_list_comes_in_pages(world: World) -> None:
    emails = buyers(world, PAGE + 3)
    pieces = list(asked(world, Everyone()))
    assert len(pieces) == 2
    assert sorted(cells[0] for cells in read(b"".join(pieces))[1:]) == sorted(emails)
    (_, begun), (_, ended) = trail(world)
    assert ended == {"export": begun["export"], "rows": PAGE + 3, "complete": True}


def test_an_empty_list_is_its_head(world: World) -> None:
    assert b"".join(asked(world, Everyone())) == (",".join(COLUMNS) + "\r\n").encode()


def test_the_mark_is_once_in_front(world: World) -> None:
    buyers(world, 1)
    data = b"".join(asked(world, Everyone(), MARKED))
    assert data.startswith(BOM + b"email,")
    assert data.count(BOM) == 1


def test_a_list_for_excel_is_in_tabs_which_it_always_splits_at(world: World) -> None:
    buyers(world, PAGE + 1, name="Zoë; =1")
    text = b"".join(asked(world, Everyone(), EXCEL)).decode("utf-16")
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    assert tuple(head) == COLUMNS
    assert {cells[1] for cells in rows} == {"Zoë;' =1"}
    assert len(rows) == PAGE + 1
    assert text.count("\ufeff") == 0


# --- The audit trail -----------------------------------------------------------------------------


def test_an_export_is_recorded_before_the_first_byte(world: World) -> None:
    buyers(world, 1)
    node = parse_text("tag:ada-lovelace")
    lines = asked(world, node)
    ((action, facts),) = trail(world)
    assert (action, facts["question"]) == ("newsletter.export", digest(KEYS, node))
    assert "ada" not in str(world.store.all("crmAudit"))
    list(lines)
    assert trail(world)[1][0] == "newsletter.exported"


def test_the_digest_is_of_the_question() -> None:
    assert digest(KEYS, parse_text("tag:VIP")) == digest(KEYS, Tag("vip"))
    assert digest(KEYS, Tag("vip")) != digest(KEYS, Tag("press"))


def test_a_dropped_connection_leaves_nothing_but_its_entry(world: World) -> None:
    buyers(world, PAGE + 3)
    lines: Any = asked(world, Everyone())
    next(lines)
    reads = world.store.reads
    lines.close()
    (_, begun), (_, ended) = trail(world)
    assert ended == {"export": begun["export"], "rows": PAGE, "complete": False}
    assert world.store.reads - reads <= 1  # the chain's head
    with pytest.raises(StopIteration):
        next(lines)


def down(world: World, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let queries fail from one on."""
    find, calls = world.store.find, iter(range(10**6))

    def failing(query: Any) -> Any:
        if query.collection == "customers" and next(calls) >= after:
            raise Transient("ada@example.com")
        return find(query)

    monkeypatch.setattr(world.store, "find", failing)


def test_a_failure_before_the_first_byte_is_an_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    down(world, monkeypatch, 0)
    with pytest.raises(Transient):
        asked(world, Everyone())


def test_a_failure_behind_it_cuts_the_list(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    buyers(world, PAGE + 3)
    down(world, monkeypatch, 1)
    lines = asked(world, Everyone())
    assert len(read(next(lines))) == PAGE + 1
    with pytest.raises(Unfinished) as error:
        next(lines)
    assert error.value.__suppress_context__
    assert "ada" not in str(error.value) + caplog.text
    assert trail(world)[1][1]["complete"] is False


def test_a_page_that_fails_now_and_then_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    emails = buyers(world, PAGE + 3)
    find, calls = world.store.find, iter(range(10**6))

    def flaky(query: Any) -> Any:
        if query.collection == "customers" and next(calls) % 5 == 0:
            raise Transient("away")
        return find(query)

    monkeypatch.setattr(world.store, "find", flaky)
    assert sorted(listed(world, Everyone())) == sorted(emails)


def test_an_end_that_cannot_be_recorded_is_logged(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lines = asked(world, Everyone())

    def away(_: Any) -> None:
        raise Transient("away")

    monkeypatch.setattr(world.store, "commit", away)
    assert b"".join(lines)
    assert "its end is not recorded" in caplog.text
