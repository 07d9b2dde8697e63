"""A sign-up that waits for its confirmation: one document for each address, and what it may do.

Pure. The document holds the address only as long as a mail may have to go there, and somebody may
still confirm. Nothing of it is a customer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from crm.db.codec import Stored, StoredById
from crm.db.collections import SIGNUPS

LIFE: Final = timedelta(days=7)
"""A link is good for so long, and what nobody confirmed is kept for so long."""

ONE_DAY: Final = timedelta(hours=24)
"""An address gets one mail in so long, whoever asks for it, by whatever form."""

REFUSED_FOR: Final = timedelta(days=365)
"""Whoever says "this was not me" gets no further mail that asks for a confirmation for so long."""

HANDING_OVER: Final = timedelta(minutes=5)
"""So long a request has to hand its mail over, before the sweep does it."""

State = Literal["pending", "confirmed", "refused"]


@dataclass(frozen=True, slots=True)
class Asked(Stored):
    """One mail that asked somebody to confirm.

    Attributes:
        at: When the news were asked for (UTC); the mail's link holds it.
        form: The name of the form; None where it was a box that was ticked in an order.
        version: The version of the text that the mail showed (`Form.version`); None for an order.
        language: Of the text and of the mail.
        message: What the mail is known by (`Mail.key`).
        confirmed_at: When it was confirmed; None while it is not.
    """

    at: datetime
    form: str | None
    version: str | None
    language: str
    message: str
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignUp(StoredById):
    """What is known of one address that news were asked for.

    Attributes:
        id: The identity key of the address.
        state: `pending` while a link can be confirmed; `refused` after "this was not me".
        requested_at: When news were last asked for.
        expire_at: When the document is deleted.
        address: Canonical; None once it was confirmed or refused.
        asked: The mails of the last seven days, the newest last.
        form: The form of the newest mail; None for an order's.
        network: A keyed hash of the network that the newest request came from.
        worked: Whether that request brought a proof of work.
        sent_at: When the newest mail was handed over; None while it was not.
        due: When the sweep is to hand it over; None where that is done, or given up.
        tries: How often it was tried.
    """

    id: str
    state: State
    requested_at: datetime
    expire_at: datetime
    address: str | None = None
    asked: tuple[Asked, ...] = ()
    form: str | None = None
    network: str | None = None
    worked: bool = False
    sent_at: datetime | None = None
    due: datetime | None = None
    tries: int = field(default=0)

    @property
    def path(self) -> str:
        """Where it is stored."""
        return path_of(self.id)

    def is_quiet(self, now: datetime) -> bool:
        """Return whether the address gets no further mail now: it got one today, or refused."""
        if self.state == "refused" and now < self.expire_at:
            return True
        under_way = self.due is not None or self.sent_at is not None
        return under_way and now - (self.sent_at or self.requested_at) < ONE_DAY

    def asks(self, one: Asked, address: str, *, network: str | None, worked: bool) -> SignUp:
        """Return it as a new request leaves it: its mail is to be handed over."""
        kept = tuple(before for before in self.asked if one.at - before.at < LIFE)
        return replace(
            self,
            state="pending",
            requested_at=one.at,
            expire_at=one.at + LIFE,
            address=address,
            asked=(*kept, one),
            form=one.form,
            network=network,
            worked=worked,
            sent_at=None,
            due=one.at + HANDING_OVER,
            tries=0,
        )

    def request(self, at: datetime) -> Asked | None:
        """Return the request that a link is of."""
        return next((one for one in self.asked if one.at == at), None)

    def confirmed(self, at: datetime, now: datetime) -> SignUp:
        """Return it as a confirmation leaves it: without the address."""
        asked = tuple(replace(o, confirmed_at=now) if o.at == at else o for o in self.asked)
        newest = self.asked[-1].at == at
        return replace(
            self,
            state="confirmed" if newest else self.state,
            expire_at=now + LIFE,
            address=None if newest else self.address,
            asked=asked,
            due=None if newest else self.due,
        )

    def refused(self, now: datetime) -> SignUp:
        """Return it as "this was not me" leaves it: without the address, and whence it came."""
        return replace(
            self,
            state="refused",
            expire_at=now + REFUSED_FOR,
            address=None,
            asked=(),
            network=None,
            due=None,
        )


def path_of(key: str) -> str:
    """Return the path of an address's sign-up."""
    return f"{SIGNUPS}/{key}"
