"""How many mails may leave now: limits of a second, an hour and a day, over all instances. Pure.

A provider counts in windows that slide, and so does this: a second is counted in slots of an
eighth, an hour in slots of three minutes, a day in slots of an hour. What was taken in the slots
that a window can touch is never more than the limit.

What is taken is a grant, good for a while and used mail by mail, so that one commit does for many
mails. Of a second, moments of the next few seconds are taken, as far apart as the worker can use
them: a slow one leaves room between them for others. Grants that a dead worker did not use count as
used: a budget errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
"""Mails in a grant where no second has a limit, if not more are asked for."""


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

    def has_room(self, taken: Mapping[int, int], slot: int, limit: int) -> bool:
        """Return whether one more can be taken in a slot, whatever windows touch it."""
        row = [taken.get(slot + step, 0) for step in range(-self.slots, self.slots + 1)]
        inside = sum(row[: self.slots + 1])
        for place in range(self.slots):
            if inside >= limit:
                return False
            inside += row[self.slots + 1 + place] - row[place]
        return inside < limit

    def less(self, taken: Mapping[str, int], at: int, count: int) -> dict[str, int]:
        """Return the slots with so many given back that were taken at a time."""
        slot = str(at // self.slot)
        return {one: was - count if one == slot else was for one, was in taken.items()}


MOMENTS: Final = Window(SECOND // 8, 8)
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

    def batch(self, asked: int, pace: int | None) -> int:
        """Return how many to take at once where somebody has so many at hand.

        Enough for a few seconds, and little of an hour's or a day's: what a dead worker did not use
        is lost.

        Args:
            asked: How many are at hand.
            pace: How long the worker takes for one; None where that is not known yet.
        """
        if self.second is not None:
            if pace is None:
                return asked
            return max(1, AHEAD // max(pace, SECOND // self.second))
        more = MOST
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
        second: Mails by slot of `MOMENTS`, the number of slots since 1970.
        hour: Mails by slot of `HOUR`.
        day: Mails by slot of `DAY`.
    """

    id: str = "sender"
    latest: int = 0
    second: Mapping[str, int] = field(default_factory=dict)
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
        moments: When each may leave; empty where no second has a limit.
        late: So much later than its moment one may still leave.
    """

    count: int
    at: int
    moments: tuple[int, ...] = ()
    late: int = 0

    def due(self, place: int) -> int:
        """Return when one may leave, counted from 0."""
        return self.moments[place] if self.moments else self.at

    def place(self, used: int, now: int) -> int | None:
        """Return which one is next after so many; None where none can be used any more.

        A moment that is over is lost: who is late would send within those of others.
        """
        while used < len(self.moments) and self.moments[used] + self.late <= now:
            used += 1
        return used if used < self.count and now < self.at + LIFE else None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may leave for so long."""

    span: int

    @property
    def seconds(self) -> float:
        """In seconds."""
        return self.span / SECOND


def take(
    limits: Limits, spent: Spent, now: int, count: int, *, pace: int = 0, first: bool = False
) -> tuple[Grant | Wait, Spent]:
    """Take up to so many mails.

    Args:
        limits: How many may leave.
        spent: What was taken before.
        now: The time; one before `spent.latest` counts as that.
        count: How many are wanted, at least 1.
        pace: How long who takes them needs for one.
        first: Whether they go before campaigns.

    Returns:
        What may leave, at least one; or how long to wait. And what is to be stored.
    """
    now = max(now, spent.latest)
    hour, day = HOUR.counted(spent.hour, now), DAY.counted(spent.day, now)
    wait = 0
    for window, limit, taken in ((HOUR, limits.hour, hour), (DAY, limits.day, day)):
        if limit is not None:
            free = limit - _reserve(limit, first) - sum(taken.values())
            count = min(count, free)
            if free <= 0:
                wait = max(wait, window.wait(taken, now, free))
    if wait:
        return Wait(wait), spent
    moments: tuple[int, ...] = ()
    second, gap = spent.second, 0
    if limits.second is not None:
        gap = max(pace, SECOND // limits.second)
        most = limits.second - _reserve(limits.second, first)
        busy = {int(slot): taken for slot, taken in MOMENTS.counted(second, now).items()}
        ahead = AHEAD * 3 if first else AHEAD
        moments = tuple(_moments(most, busy, now, count, gap))
        if moments[0] >= now + ahead:
            return Wait(moments[0] - now - ahead + 1), spent
        moments = tuple(moment for moment in moments if moment < now + ahead)
        count = len(moments)
        second = MOMENTS.counted(second, now)
        for moment in moments:
            second = MOMENTS.plus(second, moment, 1)
    return Grant(count, now, moments, max(gap, MOMENTS.slot)), replace(
        spent,
        latest=now,
        second=second,
        hour=HOUR.plus(hour, now, count),
        day=DAY.plus(day, now, count),
    )


def _moments(limit: int, busy: dict[int, int], now: int, count: int, gap: int) -> Iterator[int]:
    """Give the next free moments, at least so far apart; `busy` gets them."""
    moment = now
    for _ in range(count):
        slot = moment // MOMENTS.slot
        while not MOMENTS.has_room(busy, slot, limit):
            slot += 1
        moment = max(moment, slot * MOMENTS.slot)
        busy[slot] = busy.get(slot, 0) + 1
        yield moment
        moment += gap


def _reserve(limit: int, first: bool) -> int:
    return 0 if first else limit // RESERVE


def give_back(spent: Spent, grant: Grant, unused: int) -> Spent:
    """Return what is to be stored when mails of a grant will not leave.

    Only hours and days are given back: the moments are over, or soon will be.
    """
    return replace(
        spent,
        hour=HOUR.less(spent.hour, grant.at, unused),
        day=DAY.less(spent.day, grant.at, unused),
    )
