"""How many mails may leave now: limits of a second, an hour and a day, over all instances. Pure.

A provider counts in windows that slide, and so does this. An hour is counted in slots of three
minutes and a day in slots of an hour; what was taken in the slots that a window can touch is never
more than the limit. The second is a queue of moments: who takes ten mails at five a second is given
two seconds that nobody else has.

What is taken is a grant, good for a while and used mail by mail, so that one commit does for many
mails. Grants that a dead worker did not use count as used: a budget errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from crm.config.mail import MailSettings
from crm.db.codec import StoredById
from crm.db.collections import BUDGETS

SECOND: Final = 1_000_000
"""In microseconds, as all times and spans here."""

LIFE: Final = 30 * SECOND
"""After so long a grant may not be used any more."""

AHEAD: Final = 3 * SECOND
"""So far ahead a campaign takes moments; mails that go first, three times as far."""

RESERVE: Final = 20
"""One in so many of an hour and of a day is kept from campaigns, for what goes first."""

MOST: Final = 50
"""Mails in a grant, if not more are asked for."""


@dataclass(frozen=True, slots=True)
class Window:
    """A limit that slides.

    Attributes:
        slot: How long a slot is.
        slots: How many make the window; one more is counted, as a window begins within a slot.
    """

    slot: int
    slots: int

    def counted(self, taken: Mapping[str, int], now: int) -> dict[str, int]:
        """Return the slots that a window ending now can touch."""
        first = now // self.slot - self.slots
        return {slot: count for slot, count in taken.items() if int(slot) >= first}

    def wait(self, taken: Mapping[str, int], now: int, free: int) -> int:
        """Return how long until one mail may leave, where `free` is none or less."""
        for slot in sorted(map(int, taken)):
            free += taken[str(slot)]
            if free > 0:
                return (slot + self.slots + 1) * self.slot - now
        return self.slot * self.slots

    def plus(self, taken: Mapping[str, int], at: int, count: int) -> dict[str, int]:
        """Return the slots with so many more taken at a time."""
        slot = str(at // self.slot)
        return {**taken, slot: taken.get(slot, 0) + count}

    def less(self, taken: Mapping[str, int], at: int, count: int) -> dict[str, int]:
        """Return the slots with so many given back that were taken at a time."""
        slot = str(at // self.slot)
        return {one: was - count if one == slot else was for one, was in taken.items()}


HOUR: Final = Window(180 * SECOND, 20)
DAY: Final = Window(3600 * SECOND, 24)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many mails may leave; None for any number."""

    second: int | None
    hour: int | None
    day: int | None

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return self.second is not None or self.hour is not None or self.day is not None

    def batch(self, asked: int) -> int:
        """Return how many to take at once where somebody has so many at hand.

        Enough for a few seconds, and little of an hour's or a day's: what a dead worker did not use
        is lost.
        """
        more = MOST
        if self.second is not None:
            more = min(more, self.second * AHEAD // SECOND)
        for limit in (self.hour, self.day):
            if limit is not None:
                more = min(more, limit // 100)
        return max(asked, more, 1)


def limits_of(settings: MailSettings) -> Limits:
    """Return the limits that `[mail]` sets."""
    return Limits(settings.per_second or None, settings.per_hour or None, settings.per_day or None)


@dataclass(frozen=True, slots=True)
class Spent(StoredById):
    """What was taken, as it is stored.

    Attributes:
        id: `sender`: an installation has one. The name holds nobody's address.
        latest: The latest time that anybody had: time does not go back.
        free_at: From when on moments are free.
        hour: Mails by slot of `HOUR`, the number of slots since 1970.
        day: Mails by slot of `DAY`.
    """

    id: str = "sender"
    latest: int = 0
    free_at: int = 0
    hour: Mapping[str, int] = field(default_factory=dict)
    day: Mapping[str, int] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where its document is."""
        return f"{BUDGETS}/{self.id}"


@dataclass(frozen=True, slots=True)
class Grant:
    """Mails that may leave.

    Attributes:
        count: How many.
        at: When it was taken.
        start: When the first may leave.
        gap: Between two of them.
    """

    count: int
    at: int
    start: int
    gap: int

    def due(self, used: int) -> int:
        """Return when the next one may leave, after so many."""
        return self.start + used * self.gap

    def place(self, used: int, now: int) -> int | None:
        """Return which one is next, counted from 0; None where none can be used any more.

        A moment that is over is lost: who is late would send within those of others.
        """
        place = used if not self.gap else max(used, (now - self.start) // self.gap)
        return place if place < self.count and now < self.at + LIFE else None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may leave for so long."""

    span: int

    @property
    def seconds(self) -> float:
        """In seconds."""
        return self.span / SECOND


def take(
    limits: Limits, spent: Spent, now: int, count: int, *, first: bool = False
) -> tuple[Grant | Wait, Spent]:
    """Take up to so many mails.

    Args:
        limits: How many may leave.
        spent: What was taken before.
        now: The time; one before `spent.latest` counts as that.
        count: How many are wanted, at least 1.
        first: Whether they go before campaigns.

    Returns:
        What may leave, at least one; or how long to wait. And what is to be stored.
    """
    now = max(now, spent.latest)
    hour, day = HOUR.counted(spent.hour, now), DAY.counted(spent.day, now)
    wait = 0
    for window, limit, taken in ((HOUR, limits.hour, hour), (DAY, limits.day, day)):
        if limit is not None:
            free = limit - (0 if first else limit // RESERVE) - sum(taken.values())
            count = min(count, free)
            if free <= 0:
                wait = max(wait, window.wait(taken, now, free))
    start, gap = now, 0
    if limits.second is not None:
        gap = -(-SECOND // limits.second)
        start = max(now, spent.free_at)
        ahead = AHEAD * 3 if first else AHEAD
        if start >= now + ahead:
            wait = max(wait, start + gap - now - ahead)
        count = min(count, max(1, (now + ahead - start) // gap))
    if wait:
        return Wait(wait), spent
    return Grant(count, now, start, gap), replace(
        spent,
        latest=now,
        free_at=start + count * gap,
        hour=HOUR.plus(hour, now, count),
        day=DAY.plus(day, now, count),
    )


def give_back(spent: Spent, grant: Grant, unused: int) -> Spent:
    """Return what is to be stored when mails of a grant will not leave.

    Only hours and days are given back: the moments are over, or soon will be.
    """
    return replace(
        spent,
        hour=HOUR.less(spent.hour, grant.at, unused),
        day=DAY.less(spent.day, grant.at, unused),
    )
