"""When to try again after `Later`: for a person, for a domain, for everybody. Pure.

Waits grow, so that a server that is in trouble is left alone; and they are spread by chance, which
is given (`luck`), so that workers do not all come back at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from crm.mail.port import Later, Refused

PERSON: Final = (60.0, 300.0, 900.0, 3600.0)
"""Seconds before the second, third, fourth and every further try: greylisting ends within five
minutes as a rule, a server's trouble within hours (RFC 5321, 4.5.4.1, has half an hour)."""

WHOLE: Final = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds that everybody waits, by how often in a row there was nothing but that."""

MOST_ATTEMPTS: Final = 27
"""Tries for one person: with the waits above a day, less half an hour."""

LONGEST: Final = timedelta(hours=24)
"""After the first try; a mail about an event is of no use much later."""

SPREAD: Final = 0.25
"""So much longer than planned a wait can be, at most."""


def gave_up(attempts: int, first: datetime | None, now: datetime) -> Refused | None:
    """Return how a person's mail ends that was put off too often; None while it goes on.

    Args:
        attempts: Tries so far, at least 1.
        first: When the first was; None where nobody noted it.
        now: The time.
    """
    if attempts >= MOST_ATTEMPTS or (first is not None and now - first >= LONGEST):
        return Refused("gave-up")
    return None


def again(answer: Later, attempts: int, now: datetime, luck: float) -> datetime:
    """Return when a person's mail may be tried again.

    Args:
        answer: What was answered.
        attempts: Tries so far, at least 1.
        now: The time.
        luck: From 0 to 1, by chance.
    """
    return now + _span(PERSON, answer, attempts, luck)


def whole_again(answer: Later, times: int, now: datetime, luck: float) -> datetime:
    """Return when anybody's mail may be tried again.

    Args:
        answer: What was answered, `whole`.
        times: How often in a row, with no mail taken in between; at least 1.
        now: The time.
        luck: From 0 to 1, by chance.
    """
    return now + _span(WHOLE, answer, times, luck)


def _span(waits: Sequence[float], answer: Later, times: int, luck: float) -> timedelta:
    wait = waits[min(max(times, 1), len(waits)) - 1]
    # What the server says counts where it is longer: a shorter one has not helped so far.
    least = wait if answer.seconds is None or times > 1 else 0.0
    asked = max(answer.seconds or 0.0, least)
    return timedelta(seconds=asked * (1 + SPREAD * min(max(luck, 0.0), 1.0)))


@dataclass(slots=True)
class Domains:
    """Which domains have to wait, as one worker knows it.

    A server that puts one mail off puts off the next too, and takes it amiss.
    """

    _until: dict[str, datetime] = field(default_factory=dict)
    _times: dict[str, int] = field(default_factory=dict)

    def put_off(self, address: str, answer: Later, now: datetime, luck: float) -> datetime:
        """Note that a mail to an address was put off; return when its domain is next."""
        domain = _domain(address)
        self._times[domain] = self._times.get(domain, 0) + 1
        until = now + _span(PERSON, answer, self._times[domain], luck)
        self._until[domain] = until
        return until

    def taken(self, address: str) -> None:
        """Note that a mail to an address was taken, or refused for itself alone."""
        self._until.pop(_domain(address), None)
        self._times.pop(_domain(address), None)

    def until(self, address: str, now: datetime) -> datetime | None:
        """Return when an address may be tried; None for now."""
        until = self._until.get(_domain(address))
        return until if until is not None and until > now else None


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
