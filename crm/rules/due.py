"""When a rule acts on the people of an event: days after it, by the organiser's clock. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crm.campaigns.moments import first_valid
from crm.core.days import day_of, end_of, start_of
from crm.rules.rule import Rule

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventEnded:
    """When a rule acts after an event.

    The catalogue knows when events begin, and of none when it ends. So an event ends with the day
    on which it begins.

    Attributes:
        days: So many days after the event's.
        at: At that time, as the organiser's clock shows it.
    """

    days: int
    at: time

    @classmethod
    def of(cls, rule: Rule) -> EventEnded | None:
        """Return what a rule says; None of a rule that is about something else."""
        said = rule.when.get("eventEnded")
        return said and cls(int(said["days"]), time.fromisoformat(said["at"]))

    def due(self, starts_at: datetime | None, zone: ZoneInfo) -> datetime | None:
        """Return when a rule is to act (UTC): never before the event has begun.

        A time that a change of clocks leaves out is the first instant behind it, and of one that
        comes twice the earlier is meant.

        Args:
            starts_at: When the event begins; None where nobody knows, and then it is never due.
            zone: The organiser's.
        """
        if starts_at is None:
            return None
        try:
            day = day_of(starts_at, zone)
            due = self._on(day, zone)
            return due if due >= starts_at else self._on(day + _DAY, zone)
        except OverflowError:  # the end of the calendar
            return None

    def starts(
        self, after: datetime, until: datetime, zone: ZoneInfo
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield ranges of starts in which all events are that are due in (after, until].

        Others can be in them, too.

        Args:
            after: A moment (UTC).
            until: A later one.
            zone: The organiser's.

        Yields:
            The first instant of a day, and the first one behind it.
        """
        # Where a whole day is left out, what is due on it is due on the next. And at ten on the day
        # itself no event of the evening is over: that is due at ten on the next.
        day = day_of(after, zone) - timedelta(self.days) - _DAY
        last = day_of(until, zone) - timedelta(self.days)
        while day <= last:
            due = [self._on(day, zone), *([] if self.days else [self._on(day + _DAY, zone)])]
            if any(after < one <= until for one in due):
                yield start_of(day, zone), end_of(day, zone)
            day += _DAY

    def _on(self, day: date, zone: ZoneInfo) -> datetime:
        return first_valid(datetime.combine(day + timedelta(self.days), self.at), zone)


def since_last_order(rule: Rule) -> timedelta | None:
    """Return how long after a person's last order a rule acts; None of one about something else."""
    said = rule.when.get("sinceLastOrder")
    return said and timedelta(days=int(said["days"]))
