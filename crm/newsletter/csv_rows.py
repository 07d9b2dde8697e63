"""The newsletter list as CSV (RFC 4180), for mail tools and spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from crm.core.money import written
from crm.core.text import INVISIBLE
from crm.customers.customer import mail_address
from crm.db.documents import Data

COLUMNS: Final = ("email", "name", "tags", "spend", "orders", "last_order", "unsubscribe")

BOM: Final = b"\xef\xbb\xbf"
"""The mark by which Excel takes a file for UTF-8.

Mail tools take it for a part of the first column's name, so it is there only where it is asked for.
"""

_FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")

_BREAKS: Final = frozenset("\t\r\n\0")


def row(customer: Data, link: Callable[[str], str]) -> tuple[str, ...]:
    """Return a customer's cells, in the order of `COLUMNS`."""
    last, mail = customer["lastOrderAt"], mail_address(customer) or ""
    spend = (written(minor, code) for code, minor in sorted(customer["totalSpend"].items()))
    return (
        address(mail),
        neutral(customer["name"] or ""),
        neutral("; ".join(customer["tags"])),
        "; ".join(spend),
        str(customer["orderCount"]),
        last.date().isoformat() if last else "",
        link(mail),
    )


def lines(cells: Iterable[tuple[str, ...]]) -> bytes:
    """Write rows as CSV: commas, CRLF, quotes where they are needed, UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()


def neutral(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula, by an apostrophe before it.

    A formula begins with `= + - @` or one of their twins (full-width, small, superscript), also
    behind blanks, quotes and what is not seen; tabs and line breaks can open a cell of their own
    (OWASP, "CSV Injection").
    """
    return f"'{cell}" if _is_formula(cell) else cell


def address(email: str) -> str:
    """Write an address so that it is no formula, and still the same address.

    An apostrophe would make another address of it, which may be somebody's. The local part in
    quotes is the same mailbox (RFC 5321, section 4.1.2), and no formula.
    """
    if not _is_formula(email):
        return email
    local, _, domain = email.rpartition("@")
    return f'"{local}"@{domain}'


def _is_formula(cell: str) -> bool:
    seen = next((char for char in cell if not _is_passed_over(char)), "")
    return cell[:1] in _BREAKS or unicodedata.normalize("NFKC", seen)[:1] in _FORMULA


def _is_passed_over(char: str) -> bool:
    category = unicodedata.category(char)
    return char == '"' or category[0] in "CZ" or INVISIBLE.match(char) is not None
