"""Events and figures."""

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Day, Moment, Money, Page


class EventRow(TypedDict):
    """An event of the catalogue, and how many customers it had."""

    eventId: str
    name: str | None
    startsAt: Moment | None
    holders: int
    attended: int
    checkedIn: int
    noShows: int


class EventsPage(Page):
    """`list_events`."""

    events: list[EventRow]
    documentsRead: int


class Event(EventRow):
    """One event; both numbers are null where it has no known start."""

    newcomers: int | None
    returning: int | None


class EventShown(TypedDict):
    """`get_event`."""

    event: Event
    documentsRead: int


class Figure(TypedDict):
    """The figures of a day, a week or a month."""

    start: Day
    orders: int
    revenue: Money
    newCustomers: int
    returningCustomers: int


class Figures(TypedDict):
    """`get_figures`."""

    figures: list[Figure]
    timeZone: str
    erasedOrdersLeftOut: int
    documentsRead: int
