"""Customers and their orders: found, searched, merged, claimed."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from crm.customers.lookup import LikelyReason, MatchedBy
from crm.entrypoints.answers.shared import Doubt, Fields, Moment, Money, Page, Reason


class TicketedEvent(TypedDict):
    """An event that a customer has tickets for."""

    name: str | None
    startsAt: Moment | None
    tickets: int
    checkedIn: int | None
    """Null: nobody recorded who came."""


class Marketing(TypedDict):
    """What a person decided about marketing, as it holds now."""

    status: Literal["subscribed", "unsubscribed", "none"]
    at: Moment | None
    source: str | None
    pending: NotRequired[bool]
    """There where an opt-in waits for its confirmation."""
    unreachable: NotRequired[Moment]
    """Since when mail to the address comes back; absent where it arrives, as far as is known."""


class Customer(TypedDict):
    """A customer: the public fields of its document, and its id."""

    customerId: str
    primaryEmail: str | None
    contactEmail: str | None
    """How to reach who has no address of its own, by one that nobody has proven."""
    emails: list[str]
    userIds: list[str]
    name: str | None
    registered: bool
    tags: list[str]
    fields: Fields
    totalSpend: Money
    orderCount: int
    firstOrderAt: Moment | None
    lastOrderAt: Moment | None
    events: dict[str, TicketedEvent]
    eventIds: list[str]
    attendedEventIds: list[str]
    marketing: Marketing
    createdAt: Moment
    updatedAt: Moment
    schemaVersion: int


class LikelySame(TypedDict):
    """Another customer that is likely the same person."""

    customerId: str
    reason: LikelyReason


class CustomerFound(TypedDict):
    """`get_customer`."""

    customer: Customer
    matchedBy: MatchedBy
    likelySame: list[LikelySame]


class OddItem(TypedDict):
    """What could not be counted of an order: an item of it, or an event there was no room for."""

    index: NotRequired[int]
    eventId: NotRequired[str]
    reason: str


class Order(TypedDict):
    """An order of a customer."""

    orderId: str
    status: str
    currency: str | None
    total: int | None
    refunded: int | None
    net: int | None
    counted: bool
    """Whether it is in the customer's sums."""
    createdAt: Moment | None
    eventIds: list[str]
    oddItems: NotRequired[list[OddItem]]
    oddCount: NotRequired[int]
    """How many there are in all."""


class OrdersPage(Page):
    """`list_orders`."""

    orders: list[Order]


class CustomersPage(Page):
    """A page of customers."""

    customers: list[Customer]


class SearchPage(CustomersPage):
    """`search_customers`."""

    warnings: NotRequired[list[Doubt]]
    """There where a segment was given."""


class Explained(TypedDict):
    """How a page of a segment was found."""

    plan: str
    queries: list[list[list[str]]]
    checked: bool
    documentsRead: int
    counts: NotRequired[int]


class SegmentPage(CustomersPage):
    """`query_segment`."""

    warnings: list[Doubt]
    explain: NotRequired[Explained]


class Moves(TypedDict):
    """What a merge would bring to the survivor."""

    identities: int
    orders: int
    events: int
    tags: list[str]


class Merged(TypedDict):
    """`merge_customers`."""

    mergeId: str | None
    customer: Customer
    moves: NotRequired[Moves]
    stops: NotRequired[list[Reason]]
    warnings: NotRequired[list[Reason]]


class Unmerged(TypedDict):
    """`unmerge_customers`."""

    customers: list[Customer]


class Claimed(TypedDict):
    """`claim_my_orders`."""

    linked: int
