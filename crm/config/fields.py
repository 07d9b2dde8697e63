"""`[fields.NAME]` in `crm.toml`: own fields of customers, declared with type, label and purpose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    model_validator,
)

from crm.core.errors import Refusal

MAX_FIELDS: Final = 30
"""Own fields of an installation: each has facets on every customer that has it."""

MAX_TEXT: Final = 200
"""Characters of a text."""

FieldValue = str | int | float | bool

FieldType = Literal["text", "number", "date", "bool", "choice"]

_NAME: Final = re.compile(r"[a-z][A-Za-z0-9_]{0,39}")

TAKEN: Final = frozenset({"email", "name", "tags", "status", "consentedAt"}) | frozenset(
    {"spend", "orders", "last_order", "unsubscribe"}
)
"""Columns of an import, and of a newsletter list, that are none of an own field."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?")

MOST: Final = 10**15
"""Above every number."""


def _path(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*", value):
        return value
    raise ValueError('write a path into the user\'s document such as "profile.company"')


def is_name(text: str) -> bool:
    """Return whether a text can be the name of an own field."""
    return bool(_NAME.fullmatch(text))


class OwnField(BaseModel):
    """One own field.

    Attributes:
        type: What its values are. A number has at most 15 digits before the point and 6 behind.
        label: What staff call it.
        purpose: What it is for, for the record of processing (GDPR art. 30(1)(b)).
        from_: A path in the user's document that it is read from; empty where staff write it.
        choices: Of a `choice`: its values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    type: FieldType
    label: Annotated[str, Field(min_length=1, max_length=80)]
    purpose: Annotated[str, Field(min_length=1, max_length=500)]
    from_: Annotated[str, PlainValidator(_path)] | None = Field(default=None, alias="from")
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _choices(self) -> OwnField:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError('choices belong to type = "choice": write choices = ["a", "b"]')
        if any(not 0 < len(one) <= MAX_TEXT or one != _composed(one) for one in self.choices):
            raise ValueError(f"choices are texts of 1 to {MAX_TEXT} characters in one line (NFC)")
        return self

    @property
    def example(self) -> FieldValue:
        """A value to try things with."""
        examples: dict[str, FieldValue] = {"number": 3, "date": "2024-03-05", "bool": True}
        return self.choices[0] if self.choices else examples.get(self.type, "Example")

    def value(self, given: object) -> FieldValue:
        """Return a value as it is kept.

        Args:
            given: As JSON, or the user's document, has it.

        Raises:
            ValueError: It is none of this type; says what to write.
        """
        if self.type == "bool":
            if isinstance(given, bool):
                return given
            raise ValueError("write true or false")
        if self.type == "number":
            return plain_number(given)
        text = _composed(given) if isinstance(given, str) else ""
        if self.type == "date":
            return plain_day(text)
        if self.type == "choice":
            if text in self.choices:
                return text
            raise ValueError(f"write one of {', '.join(self.choices)}")
        return plain_text(text)

    def read(self, text: str) -> FieldValue:
        """Return the value that a text stands for, such as a column of a file.

        Raises:
            ValueError: As `value`.
        """
        text = text.strip()
        if self.type == "bool":
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
            raise ValueError("write true or false")
        if self.type == "number":
            if not _NUMBER.fullmatch(text):
                raise ValueError("write a number such as 12 or 12.5")
            return self.value(float(text) if "." in text else int(text))
        return self.value(text)


def plain_text(given: str) -> str:
    """Return a text as a field keeps it: letters in one form (NFC), no blanks around it.

    Raises:
        ValueError: It is too long, empty or of several lines; says what to write.
    """
    text = _composed(given)
    if 0 < len(text) <= MAX_TEXT and text.isprintable():
        return text
    raise ValueError(f"write a text of 1 to {MAX_TEXT} characters in one line")


def plain_number(given: object) -> int | float:
    """Return a number as a field keeps it: a whole one without a point.

    Raises:
        ValueError: It is none, or has too many digits; says what to write.
    """
    if isinstance(given, int | float) and not isinstance(given, bool) and -MOST < given < MOST:
        number = round(given, 6)  # neither infinite nor NaN
        if abs(number) < MOST:
            return int(number) if number == int(number) else number
    raise ValueError("write a number of at most 15 digits, and 6 behind the point")


def written_number(number: float) -> str:
    """Return a number of a field as people write it: `12.5`, never `1e-06`."""
    if isinstance(number, int):
        return str(number)
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def plain_day(text: str) -> str:
    """Return a day as a field keeps it.

    Raises:
        ValueError: It is none; says what to write.
    """
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise ValueError("write a day such as 2026-11-29")


def _named(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError("write a table for each field: [fields.company]")
    if len(value) > MAX_FIELDS:
        raise ValueError(f"there are at most {MAX_FIELDS} own fields")
    for name in value:
        if not is_name(name) or name in TAKEN:
            raise ValueError(f'"{name}": choose another name: a small letter, then letters, digits')
    return value


OwnFields = Annotated[Mapping[str, OwnField], BeforeValidator(_named)]


def no_such_field(name: str) -> Refusal:
    """Make the refusal of a field that is not declared."""
    return Refusal(
        "invalid-argument",
        "no-such-field",
        f'There is no own field "{name}": declare it in crm.toml as [fields.{name}].',
    )
