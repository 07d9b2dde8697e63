"""`[mail]` in `crm.toml`: who mails are from, and how many go out at a time."""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from crm.config.privacy import NoticeText
from crm.config.values import Flag
from crm.core.email import canonical_or_none
from crm.core.errors import Refusal

NO_LIMIT: Final = 0


def _sender(value: object) -> str:
    """Check an address with a name or without, as it stands in `From`; "" for none."""
    if isinstance(value, str):
        text = value.strip()
        if not text or (not re.search(r"[\x00-\x1f\x7f]", text) and address_of(text) is not None):
            return text
    raise ValueError('write one address such as "Example Events <news@example.com>", "" for none')


def address_of(sender: str) -> str | None:
    """Return the address in `Name <address>`, as written; None where there is not one in it."""
    found = getaddresses([sender])
    if len(found) != 1 or canonical_or_none(found[0][1]) is None:
        return None
    return found[0][1]


def not_set_up() -> Refusal:
    """Make the refusal of sending where nothing says through whom."""
    return Refusal(
        "failed-precondition",
        "mail-not-set-up",
        "No mail can be sent from here: set `from` in [mail] of crm.toml, store CRM_MAIL, and"
        " deploy (docs/mail.md).",
    )


def _whole(least: int, most: int, unit: str) -> PlainValidator:
    def check(value: object) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise ValueError(f"write a whole number of {unit} from {least} to {most}")

    return PlainValidator(check)


Sender = Annotated[str, PlainValidator(_sender)]

Limit = Annotated[int, _whole(NO_LIMIT, 10_000_000, "mails")]


class MailSettings(BaseModel):
    """`[mail]`.

    Attributes:
        from_: Whom mails are from: an address of a domain that the provider may send for, with a
            name or without. Empty: nothing is sent, and no secret `CRM_MAIL` is asked for.
        reply_to: Where answers go; empty for `from`.
        postal_address: The organiser's, which every mail shows (CAN-SPAM, 15 U.S.C. 7704(a)(5)).
        per_second: Mails in a second at most, all instances together; 0 for no limit.
        per_hour: Mails in an hour at most; 0 for no limit.
        per_day: Mails in a day at most; 0 for no limit.
        undo_seconds: After `send_campaign` nothing leaves for so long.
        latest_hours: So late a campaign may begin; later it is `missed`.
        events: Whether the provider tells what became of mails: the secret `CRM_MAIL_EVENTS` says
            who that is, and is asked for where this is true.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: Sender = Field(default="", alias="from")
    reply_to: Sender = ""
    postal_address: NoticeText = ""
    per_second: Limit = NO_LIMIT
    per_hour: Limit = NO_LIMIT
    per_day: Limit = NO_LIMIT
    undo_seconds: Annotated[int, _whole(0, 3600, "seconds")] = 30
    latest_hours: Annotated[int, _whole(1, 168, "hours")] = 2
    events: Flag = False

    @property
    def on(self) -> bool:
        """Whether mails are sent at all."""
        return bool(self.from_)
