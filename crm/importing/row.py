"""What a file says of one address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crm.customers.part import FieldValue
from crm.db.codec import Stored

Status = Literal["subscribed", "unsubscribed", "contradiction"]
"""What is to come of consent. `contradiction`: one row says subscribed, and another one of the same
address says something else, or nothing that is understood."""


@dataclass(frozen=True, slots=True)
class Row(Stored):
    """What a file says of one address, in however many rows.

    Attributes:
        email: The canonical address.
        key: Its identity key; empty as long as nobody needs it.
        name: The person's name.
        tags: Labels.
        status: What is to come of consent; None for nothing.
        consented_at: When the person agreed (UTC); None where the file does not say.
        fields: Own fields by name.
    """

    email: str
    key: str = ""
    name: str | None = None
    tags: tuple[str, ...] = ()
    status: Status | None = None
    consented_at: datetime | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowError(Stored):
    """Why a row of a file was left out.

    Attributes:
        row: Its number as a spreadsheet has it: the header is row 1.
        reason: A stable code.
        column: The column that is wrong; None for the row as a whole.
    """

    row: int
    reason: str
    column: str | None = None
