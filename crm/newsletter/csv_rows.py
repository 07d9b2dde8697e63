"""The newsletter list as CSV (RFC 4180), for mail tools and spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from crm.config.fields import FieldValue, written_number
from crm.core.money import written
from crm.core.text import INVISIBLE
from crm.customers.customer import mail_address
from crm.db.documents import Data

COLUMNS: Final = ("email", "name", "tags", "spend", "orders", "last_order", "unsubscribe")

BOM: Final = b"\xef\xbb\xbf"
"""The mark by which Excel takes a file for UTF-8.

Mail tools take it for a part of the first column's name, so it is there only where it is asked for.
"""


@dataclass(frozen=True)
class Form:
    """How a file is written.

    Attributes:
        separator: What stands between two cells.
        encoding: Python's name of it.
        mark: What the file begins with.
        charset: The encoding's name in a header of HTTP.
    """

    separator: str
    encoding: str
    mark: bytes
    charset: str


PLAIN: Final = Form(",", "utf-8", b"", "utf-8")
MARKED: Final = Form(",", "utf-8", BOM, "utf-8")

EXCEL: Final = Form("\t", "utf-16-le", b"\xff\xfe", "utf-16")
"""What Excel opens in columns by a double click, in every country and with every letter right.

It splits UTF-8 at the list separator of the computer, which is a comma in some countries only, and
where a line `sep=,` says otherwise it does not look at the mark any more. Tabs in UTF-16 it always
understands.
"""

_FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")

_BREAKS: Final = frozenset("\t\r\n\0")

# Where one program or another ends a cell: Excel at the list separator of the computer, whatever
# quotes stand around it.
_ENDS: Final = re.compile("\r\n|[,;|\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def columns(own: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the columns of a list: `COLUMNS`, then own fields, which are called otherwise."""
    return (*COLUMNS, *own)


def row(customer: Data, link: Callable[[str], str], own: Iterable[str] = ()) -> tuple[str, ...]:
    """Return a customer's cells, in the order of `columns`."""
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
        *(_field(customer.get("fields", {}).get(name)) for name in own),
    )


def _field(value: FieldValue | None) -> str:
    """Write a value of an own field as an import reads it, but for a text that is a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str):
        return neutral(value or "")
    return written_number(value)


def lines(cells: Iterable[tuple[str, ...]], form: Form = PLAIN) -> bytes:
    """Write rows as CSV: CRLF, quotes where they are needed, the rest as `form` says."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=form.separator, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode(form.encoding)


def neutral(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula, by an apostrophe before it.

    A formula begins with `= + - @` or one of their twins (full-width, small, superscript), also
    behind blanks, quotes and what is not seen; tabs and line breaks can open a cell of their own
    (OWASP, "CSV Injection"). A program may begin a cell behind each comma, semicolon, tab, bar and
    line break of a text, quotes or not, so the apostrophe stands there, too. It also stands behind
    one that ends the text: such a program would take the quote that closes our cell for one that
    opens its own, and find cells where quotes of ours protect nothing.
    """
    return _guarded(cell, "'", quote_follows=True)


def address(email: str) -> str:
    """Write an address so that it is no formula, and still the same address.

    An apostrophe would make another address of it, which may be somebody's. The local part in
    quotes is the same mailbox (RFC 5321, section 4.1.2), and no formula; nor is a sign in them
    behind a backslash, where a program takes the bar before it for the end of a cell.
    """
    if _guarded(email, "'") == email:
        return email
    local, _, domain = email.rpartition("@")
    quoted = _guarded(local, "\\").removeprefix("\\")  # the quote guards the first sign
    return f'"{quoted}"@{domain}'


def _guarded(cell: str, guard: str, *, quote_follows: bool = False) -> str:
    """Put `guard` before each piece of a cell that would be a formula in a cell of its own.

    Args:
        cell: The text.
        guard: What to put there.
        quote_follows: Whether a last piece with nothing in it gets one as well.
    """
    starts = [0, *(end.end() for end in _ENDS.finditer(cell))]
    guarded = ""
    for start, end in itertools.pairwise([*starts, len(cell)]):
        opens = quote_follows and start > 0 and not _first_seen(cell[start:])
        guarded += (guard if opens or _is_formula(cell[start:]) else "") + cell[start:end]
    return guarded


def _is_formula(cell: str) -> bool:
    first = unicodedata.normalize("NFKC", _first_seen(cell))[:1]
    return cell.lstrip('"')[:1] in _BREAKS or first in _FORMULA


def _first_seen(cell: str) -> str:
    return next((char for char in cell if not _is_passed_over(char)), "")


def _is_passed_over(char: str) -> bool:
    category = unicodedata.category(char)
    return char == '"' or category[0] in "CZ" or INVISIBLE.match(char) is not None
