"""Events and figures."""

from typing import NotRequired

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Day, Moment, Money, Page


class EventRow(TypedDict):
    """An event of the catalogue, how many customers it had, and perhaps what it sold."""

    eventId: str
    name: str | None
    startsAt: Moment | None
    holders: int
    attended: int
    checkedIn: int
    noShows: int
    newcomers: int | None
    """Holders for whom no earlier event is known; null where it has no known start."""
    returning: int | None
    orders: NotRequired[int]
    revenue: NotRequired[Money]


class EventsPage(Page):
    """`list_events`."""

    events: list[EventRow]
    documentsRead: int


class EventShown(TypedDict):
    """`get_event`."""

    event: EventRow
    documentsRead: int


class SalesDay(TypedDict):
    """What was ordered on a day."""

    day: Day
    orders: int
    tickets: int


class Sales(TypedDict):
    """What an event sold."""

    orders: int
    tickets: int
    people: int
    revenue: Money
    sharedOrders: int
    """How many of the orders hold other events, too."""
    days: list[SalesDay]
    timeZone: str
    truncated: bool
    documentsRead: int


class SalesShown(TypedDict):
    """`get_event_sales`."""

    sales: Sales


class ComparedEvent(TypedDict):
    """One of the events that are compared."""

    eventId: str
    name: str | None
    startsAt: Moment | None
    attended: int


class EventsCompared(TypedDict):
    """`compare_events`."""

    events: list[ComparedEvent]
    both: list[list[int]]
    """How many were at both, by the places of the two in `events`."""
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


class Cohort(TypedDict):
    """Who ordered first in a month, and how many of them in each month from that one on."""

    month: str
    customers: int
    active: list[int]


class Cohorts(TypedDict):
    """`get_cohorts`."""

    cohorts: list[Cohort]
    timeZone: str
    erasedOrdersLeftOut: int
    documentsRead: int


class Growing(TypedDict):
    """Decisions for news and against them, of a day, a week or a month."""

    start: Day
    subscribed: int
    unsubscribed: int


class Growth(TypedDict):
    """`get_growth`."""

    growth: list[Growing]
    subscribers: int
    timeZone: str
    truncated: bool
    documentsRead: int


class News(TypedDict):
    """`get_news`."""

    since: Moment
    orders: int
    people: int
    subscribed: int
    unsubscribed: int
    truncated: bool
    documentsRead: int
