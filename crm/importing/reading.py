"""Reading a list of contacts: CSV as spreadsheets write it (RFC 4180), strictly. Pure.

Nothing is guessed: a word for the status that is not one of three, a time that is none, a column
that nobody declared. Products that took `inactive` for `active` mailed people who had withdrawn.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from crm.config.fields import OwnField
from crm.config.settings import Settings
from crm.core.days import start_of
from crm.core.email import canonical_or_none
from crm.core.errors import Refusal
from crm.core.tag_names import label, tag_id
from crm.customers.limits import MAX_TAGS
from crm.customers.part import FieldValue
from crm.host.text import one_line
from crm.importing.row import Row, RowError, Status

MAX_BYTES: Final = 8_000_000
"""Of a file in UTF-8."""

MAX_CELL: Final = csv.field_size_limit()
"""Characters of a cell: where a quote is open, the rest of the file would be one."""

MAX_ERRORS: Final = 200
"""Rows that are named with what is wrong with them; all are counted."""

MAX_FILE_TAGS: Final = 500
"""Different tags of a file: more are no words of staff, but a column of something else."""

STATUSES: Final = ("subscribed", "unsubscribed", "none")

_OWN: Final = ("email", "name", "tags", "status", "consentedAt")

_DELIMITERS: Final = (",", ";", "\t")

_SEP: Final = re.compile(r"\A\"?sep=(.)\"?(?:\r\n|\n|\r)", re.IGNORECASE)
"""The line by which Excel is told the delimiter. It is no row."""

_NAMEABLE: Final = re.compile(r"[\w .()/#-]{1,64}")
"""A column's name that a message may repeat: without a header it may be a person's data."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

_MOMENT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}:\d{2})?", re.ASCII
)

_FIRST_YEAR: Final = 1990
"""No newsletter is older; a typing error is."""


@dataclass(frozen=True)
class Contacts:
    """What a file says.

    Attributes:
        people: One for each address that is understood, in the order of the file.
        rows: Rows of the file but for the header and blank ones.
        duplicates: Rows whose address another row before has.
        errors: Rows that were left out; the first `MAX_ERRORS`.
        error_count: How many were left out.
        claims: Whether any row says that somebody is subscribed.
        tags: Labels of all tags, by id.
    """

    people: Sequence[Row]
    rows: int
    duplicates: int
    errors: Sequence[RowError]
    error_count: int
    claims: bool
    tags: Mapping[str, str]


def read(text: str, settings: Settings, now: datetime) -> Contacts:
    """Read a file.

    Args:
        text: The file: with a header, cells apart by commas, semicolons or tabs.
        settings: Declares own fields, and the organiser's time zone.
        now: The time (UTC): nobody has consented later.

    Raises:
        Refusal: `invalid-argument`: `file-too-large`, `file-empty`, `csv-invalid`,
            `delimiter-unknown`, `email-column-missing`, `column-unknown`, `column-twice`,
            `field-from-host`, `file-tags`.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise _refusal("file-too-large", f"A file has at most {MAX_BYTES:,} bytes: split it.")
    rows, header = _opened(text.removeprefix("\ufeff"))
    reader = _Reader(_columns(header, settings), settings, now)
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            reader.take(number, cells)
    if not reader.rows:
        raise _refusal("file-empty", "The file has no row besides its header.")
    return reader.contacts()


def _opened(text: str) -> tuple[Iterator[tuple[int, list[str]]], list[str]]:
    """Return the numbered rows behind the header, and the header."""
    told = _SEP.match(text)
    if told and told[1] not in _DELIMITERS:
        raise _refusal("delimiter-unknown", "Separate cells by commas, semicolons or tabs.")
    rest = text[told.end() :] if told else text
    headers = {one: _header(rest, one) for one in ([told[1]] if told else _DELIMITERS)}
    # Of a header in which several delimiters stand, the one that makes `email` a column.
    chosen = max(headers, key=lambda one: ("email" in headers[one], len(headers[one])))
    rows = _rows(rest, chosen)
    next(rows, None)
    return rows, headers[chosen]


def _header(text: str, delimiter: str) -> list[str]:
    # Not strictly: by a delimiter that is not the file's, quotes stand at odd places.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        cells = next(reader, [])
    except csv.Error:
        return []
    while cells and not cells[-1].strip():
        cells.pop()
    return [cell.strip() for cell in cells]


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error:
            raise _refusal(
                "csv-invalid",
                f"Row {number:,} is not CSV: see that every quote is closed, that a quote within a"
                f' cell is doubled (""), and that no cell is longer than {MAX_CELL:,} characters.',
                row=number,
            ) from None
        if cells is None:
            return
        yield number, cells


def _columns(header: Sequence[str], settings: Settings) -> Sequence[str]:
    known = ", ".join([*_OWN, *(n for n, one in settings.fields.items() if one.from_ is None)])
    if "email" not in header:
        raise _refusal(
            "email-column-missing",
            f"The first row names the columns, and one of them is `email`. Known are {known}.",
        )
    for place, name in enumerate(header, 1):
        shown = f"`{name}`" if _NAMEABLE.fullmatch(name) else f"number {place}"
        if header.index(name) != place - 1:
            raise _refusal("column-twice", f"The column {shown} is there twice.", column=place)
        if name in _OWN:
            continue
        if name not in settings.fields:
            raise _refusal(
                "column-unknown",
                f"The column {shown} is not known: leave it out, or declare an own field of this"
                f" name in crm.toml. Known are {known}, spelt just so.",
                column=place,
            )
        if settings.fields[name].from_ is not None:
            raise _refusal(
                "field-from-host",
                f"The field {shown} is read from the user's document (`from` in crm.toml): leave"
                " the column out.",
                column=place,
            )
    return header


class _Wrong(Exception):
    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


@dataclass(slots=True)
class _Person:
    """What the rows of one address say so far."""

    name: str | None
    tags: dict[str, str]
    words: set[str]
    consented_at: datetime | None
    fields: dict[str, FieldValue]

    def joined(self, other: _Person) -> None:
        """Take another row in: what the first one says counts, and what the second adds."""
        self.name = self.name or other.name
        self.tags = {**self.tags, **other.tags}
        self.words |= other.words
        self.consented_at = self.consented_at or other.consented_at
        self.fields = {**other.fields, **self.fields}


@dataclass
class _Reader:
    columns: Sequence[str]
    settings: Settings
    now: datetime
    rows: int = 0
    duplicates: int = 0
    error_count: int = 0
    errors: list[RowError] = field(default_factory=list)
    people: dict[str, _Person] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Read a row; one that is wrong is left out as a whole."""
        self.rows += 1
        email: str | None = None
        try:
            said = self._said(cells)
            email = self._email(said)
            person = self._person(said)
        except _Wrong as wrong:
            self.error_count += 1
            if len(self.errors) < MAX_ERRORS:
                self.errors.append(RowError(number, wrong.reason, wrong.column))
            if email is not None:  # it may have said that the person withdrew
                self.unclear.add(email)
            return
        if email in self.people:
            self.duplicates += 1
            self.people[email].joined(person)
        else:
            self.people[email] = person

    def contacts(self) -> Contacts:
        """Return what all rows say together."""
        people = [
            Row(
                email,
                "",
                one.name,
                tuple(one.tags.values()),
                _status(one.words | ({"unclear"} if email in self.unclear else set())),
                one.consented_at,
                one.fields,
            )
            for email, one in self.people.items()
        ]
        return Contacts(
            people,
            self.rows,
            self.duplicates,
            self.errors,
            self.error_count,
            any("subscribed" in one.words for one in self.people.values()),
            self.tags,
        )

    def _said(self, cells: Sequence[str]) -> dict[str, str]:
        if any(cell.strip() for cell in cells[len(self.columns) :]):
            raise _Wrong("too-many-cells")
        return {name: cell.strip() for name, cell in zip(self.columns, cells, strict=False)}

    def _email(self, said: Mapping[str, str]) -> str:
        if not said["email"]:
            raise _Wrong("email-missing", "email")
        email = canonical_or_none(said["email"])
        if email is None:
            raise _Wrong("email-invalid", "email")
        return email

    def _person(self, said: Mapping[str, str]) -> _Person:
        status = said.get("status", "")
        if status and status not in STATUSES:
            raise _Wrong("status-unknown", "status")
        return _Person(
            one_line(said.get("name")),
            self._tags(said.get("tags", "")),
            {status} - {""},
            self._moment(said.get("consentedAt", "")),
            self._fields(said),
        )

    def _tags(self, cell: str) -> dict[str, str]:
        tags: dict[str, str] = {}
        for text in cell.split(";"):
            if text.strip():
                try:
                    tags.setdefault(tag_id(text), label(text))
                except Refusal:
                    raise _Wrong("tag-invalid", "tags") from None
        if len(tags) > MAX_TAGS:
            raise _Wrong("too-many-tags", "tags")
        # One text for a tag, however many rows have it.
        tags = {tag: self.tags.setdefault(tag, text) for tag, text in tags.items()}
        if len(self.tags) > MAX_FILE_TAGS:
            raise _refusal(
                "file-tags",
                f"A file gives at most {MAX_FILE_TAGS} different tags: is `tags` another column?",
            )
        return tags

    def _moment(self, cell: str) -> datetime | None:
        if not cell:
            return None
        moment = moment_of(cell, self.settings)
        if moment is None:
            raise _Wrong("consented-at-invalid", "consentedAt")
        if moment > self.now:
            raise _Wrong("consented-at-future", "consentedAt")
        return moment

    def _fields(self, said: Mapping[str, str]) -> dict[str, FieldValue]:
        return {
            name: _value(self.settings.fields[name], name, cell)
            for name, cell in said.items()
            if cell and name not in _OWN
        }


def moment_of(cell: str, settings: Settings) -> datetime | None:
    """Return the moment (UTC) that a cell names; None where it names none.

    Args:
        cell: A day, which stands for its begin, or a time (ISO 8601), without an offset that of the
            organiser's time zone.
        settings: Says which zone that is.
    """
    found = _MOMENT.fullmatch(cell)
    try:
        if _DAY.fullmatch(cell):
            day = date.fromisoformat(cell)
            moment = start_of(day, settings.time_zone) if day.year >= _FIRST_YEAR else None
        elif found:
            read = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ''}")
            local = read if read.tzinfo else read.replace(tzinfo=settings.time_zone)
            moment = local.astimezone(UTC) if read.year >= _FIRST_YEAR else None
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return moment


def _value(own: OwnField, name: str, cell: str) -> FieldValue:
    try:
        return own.read(cell)
    except ValueError:
        raise _Wrong("field-invalid", name) from None


def _status(words: set[str]) -> Status | None:
    """Return what several words for one address come to: the strictest counts."""
    if "unsubscribed" in words:
        return "unsubscribed"
    if "subscribed" not in words:
        return None
    return "subscribed" if words == {"subscribed"} else "contradiction"


def _refusal(reason: str, message: str, **more: object) -> Refusal:
    return Refusal("invalid-argument", reason, message, more)
