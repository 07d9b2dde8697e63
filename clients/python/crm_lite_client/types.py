"""Types of what CRM-Lite answers, and of what it takes.

Made from clients/openapi.json by `python -m clients`: change nothing here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Day = str
"""A day of the organiser's calendar, such as 2024-01-31."""

Fields = dict[str, str | int | float | bool]
"""Own fields by name; a date is a text such as 1990-01-02."""

Moment = str
"""A moment in UTC in ISO 8601: parse it, do not compare it as text."""

Money = dict[str, int]
"""Integer minor units by currency."""

RefusalReason = str
"""A stable code of why a call was refused. A later version may have more."""

SegmentJson = dict[str, Any]
"""A segment in the JSON form of the language."""


class AfterEvent(TypedDict):
    """So many days after an event's, at a time as the organiser's clock shows it."""

    days: int
    at: str


class Archive(TypedDict):
    """All that is kept of a person, or a part of it: docs/privacy.md says what each key holds."""

    format: str
    version: int
    exportedAt: Moment
    part: int
    complete: bool
    information: NotRequired[dict[str, Any]]
    """This and what follows up to `ordersOfOthers`: in the first part alone."""
    profile: NotRequired[dict[str, Any]]
    identities: NotRequired[list[dict[str, Any]]]
    accounts: NotRequired[list[dict[str, Any]]]
    users: NotRequired[list[dict[str, Any]]]
    tags: NotRequired[list[dict[str, Any]]]
    fields: NotRequired[list[dict[str, Any]]]
    merges: NotRequired[list[dict[str, Any]]]
    signUps: NotRequired[list[dict[str, Any]]]
    ordersOfOthers: NotRequired[int]
    orders: list[dict[str, Any]]
    unreadOrders: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    audit: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    rules: list[dict[str, Any]]


class ArchivePart(TypedDict):
    """`export_customer`, `export_my_data`."""

    nextPageToken: str | None
    """A text, or `null` on the last part."""
    archive: Archive
    """One part of the archive. With few orders it is the whole."""


class Audience(TypedDict):
    """Whom a mail would reach."""

    matched: int
    reachable: int
    excluded: dict[str, int]
    """How many get none, by reason."""


class AuditEntry(TypedDict):
    """Who changed what, and when."""

    entryId: str
    at: Moment
    actor: str
    action: str
    customers: list[str]
    facts: dict[str, Any]


class AuditPage(TypedDict):
    """`list_audit`."""

    nextPageToken: str | None
    """A text, or `null` on the last page."""
    entries: list[AuditEntry]
    """Newest first, each with `entryId`, `at`, `actor`, `action`, `customers` (the ids it was done
    to) and `facts` (ids, counts and codes that say more; of a change of tags `added` and `removed`,
    how many, and `addedTags` and `removedTags`, the ids of up to 20 of each: `null` of one that is
    deleted). `actor` is `operator` (`python -m crm`), `system`, or the key of a uid: ask with
    `userId` whether it is somebody's. Of an unsubscribe by link it is the key of the address.
    """


class Body(TypedDict):
    """What a mail says, with placeholders."""

    format: Literal["markdown", "mjml"]
    source: str


class BodyRequest(TypedDict):
    """What a mail says."""

    format: Literal["markdown", "mjml"]
    source: str


_Campaign = TypedDict("_Campaign", {
    "from": "str",
})


class Campaign(_Campaign):
    """A campaign."""

    campaignId: str
    revision: int
    name: str
    subject: str
    preview: str
    body: Body
    segment: SegmentJson
    replyTo: str | None
    state: Literal["draft", "scheduled", "preparing", "sending", "paused", "done", "cancelled", "missed", "halted"]
    """`draft`, `scheduled`, `preparing`, `sending`, `paused`, `done`, `cancelled`, `missed` or
    `halted` (states); `reason` and `message`: why, where it needs saying.
    """
    reason: str | None
    message: str | None
    scheduledAt: Moment | None
    scheduledLocal: str | None
    """The same, as the clock in `time_zone` shows it then."""
    latestBy: Moment | None
    startedAt: Moment | None
    preparedAt: Moment | None
    finishedAt: Moment | None
    createdAt: Moment
    updatedAt: Moment
    expected: int | None
    """How many were to be reached, as who sent it was told; `jobId`: the job that sends it."""
    jobId: str | None
    rule: str | None
    """The rule that sends it, and the event that it is about; null where staff do, and where it is
    about none.
    """
    scope: str | None
    """The event that its rule acted for."""
    counts: CampaignCounts
    """Counted now: `audience` = `waiting` + `accepted` + `refused` + `excluded` + `uncertain`,
    always; beside them `bounced`, `complained`, `unsubscribed`.
    """


class CampaignCounts(TypedDict):
    """A campaign's people: `audience` is the sum of the five states."""

    audience: int
    waiting: int
    accepted: int
    refused: int
    excluded: int
    uncertain: int
    bounced: int
    complained: int
    unsubscribed: int


class CampaignDeleted(TypedDict):
    """`delete_campaign`."""

    campaignId: str


class CampaignPreview(TypedDict):
    """`preview_campaign`."""

    customerId: str | None
    """Whose mail it is; `null` for the example. `subject`, `html`, `text`: empty where the text
    cannot be read.
    """
    subject: str
    html: str
    text: str
    problems: list[Problem]
    """As of `save_campaign`, and those that only people show: `missing-value` says how many of the
    first 10,000 who get the mail have nothing in the place of a placeholder, and what they would
    read.
    """
    audience: Audience
    """`matched` (in the segment), `reachable`, and `excluded` (how many get none, by reason)."""
    estimate: Estimate
    """`seconds` that it takes about, by the limits of `[mail]`, or at 50 mails a second without
    any.
    """


class CampaignResults(TypedDict):
    """`get_campaign_results`."""

    results: Results


class CampaignSaved(TypedDict):
    """`save_campaign`."""

    campaign: Campaign
    problems: list[Problem]
    """What is wrong with it, what stops it first, each `{reason, message, at, blocking}`; `at` is
    `subject`, `preview`, `from`, or `body` with a line (`body:12`). Campaigns lists them. A draft
    is saved all the same; a campaign that is on its way is refused (`campaign-has-problems`) where
    something is `blocking`.
    """
    warnings: list[Doubt]
    """What the segment names and is nowhere, as of `save_segment`."""


class CampaignShown(TypedDict):
    """`get_campaign`, and what sends, pauses, resumes or cancels one."""

    campaign: Campaign


class CampaignTested(TypedDict):
    """`test_campaign`."""

    sent: int
    results: list[TestResult]


class CampaignsPage(TypedDict):
    """`list_campaigns`."""

    nextPageToken: str | None
    campaigns: list[Campaign]


class ChangesTags(TypedDict):
    """The rule adds and removes tags: labels of those to add, ids of those to remove."""

    addTags: list[str]
    removeTags: list[str]


class Claimed(TypedDict):
    """`claim_my_orders`."""

    linked: int


class Cohort(TypedDict):
    """Who ordered first in a month, and how many of them in each month from that one on."""

    month: str
    """Such as `"2026-01"`."""
    customers: int
    """Those whose first counted order was in it."""
    active: list[int]
    """How many of these ordered in it (all of them), in the month after it, and so on up to the
    month of `to`.
    """


class Cohorts(TypedDict):
    """`get_cohorts`."""

    cohorts: list[Cohort]
    """One for each month, the oldest first, also where nobody was new."""
    timeZone: str
    """Whose months these are."""
    erasedOrdersLeftOut: int
    """As in `get_figures`."""
    documentsRead: int
    """What Firestore bills, at least: a read for each month and each later one that it is followed
    to, 80 for twelve months and 302 for 24 (fewer where nobody was new), one more for each 1,000
    customers in a number, and one for each order of an erased person.
    """


class ComparedEvent(TypedDict):
    """One of the events that are compared."""

    eventId: str
    name: str | None
    startsAt: Moment | None
    attended: int


class Consent(TypedDict):
    """A record of what a person decided."""

    consentId: str
    address: str | None
    userId: str | None
    status: Literal["subscribed", "unsubscribed"]
    at: Moment
    source: str
    evidence: str | dict[str, str] | None


class ConsentsPage(TypedDict):
    """`list_consents`."""

    nextPageToken: str | None
    """A text, or `null` on the last page."""
    consents: list[Consent]
    """Newest first (equal times by id, descending), each with `consentId`; the `address` or the
    `userId` that decided, the other `null`; `status`, `at` and `source`, as in `marketing`; and
    `evidence`, as `set_consent` took it, of an order `{"orderId": …}`, or `null`. Each address and
    user that a decision was for has its own record. Where an address was another customer's before,
    `evidence` is `null`: it may be the other's.
    """


class Counted(TypedDict):
    """`count_segment`."""

    count: int
    """How many customers are in it, at one moment, exactly."""
    how: Literal["indexes", "indexes and documents", "documents"]
    """`indexes`, `indexes and documents` (only customers at the edges of ranges were read), or
    `documents` (the segment was read).
    """
    documentsRead: int
    """What Firestore bills, at least."""
    segment: SegmentJson
    """The question as it was understood, in both forms: with ids in the place of names."""
    text: str
    """The question as it was understood, in both forms: with ids in the place of names."""
    warnings: list[Doubt]
    """What it names and is nowhere, or is several (names); a list, mostly empty."""
    reach: NotRequired[Reach]
    """Where it is asked for: `subscribed`, `unsubscribed` and `notSubscribed` (also who has yet to
    confirm an opt-in), which add up to `count`; `reachable`, how many of the subscribed get mail,
    and `excluded`, how many do not, by reason: `no-address`, `unreachable`, `same-address` (of
    somebody else, who gets it). To tell these the subscribed are read, one read each: where there
    are more than 250, both are `null`.
    """


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


class CustomerFound(TypedDict):
    """`get_customer`."""

    customer: Customer
    """The document `customers/{customerId}` without its internal fields, and `customerId`."""
    matchedBy: Literal["customerId", "email", "userId", "contact"]
    """`customerId`, `email`, `userId`, or `contact`: nobody has proven the address, so it may be
    anybody's. Several customers with one such address are `ambiguous`, with `details.customerIds`.
    """
    likelySame: list[LikelySame]
    """Customers that are likely the same person, each `{customerId, reason}`, sorted by id. Worked
    out from the present state at every call; at most 50 claims on a customer's addresses are looked
    at. `reason` is.
    """


class DayCount(TypedDict):
    """How many were in a segment on a day on which somebody counted it."""

    day: Day
    count: int
    changed: bool
    """Whether it is the first one after a change of the question."""


class Days(TypedDict):
    """A number of days."""

    days: int


class Doubt(TypedDict):
    """A name in a segment that is nowhere, or stands for several things."""

    reason: str
    message: str
    name: str
    eventIds: NotRequired[list[str]]


class Drift(TypedDict):
    """A customer that a rebuild would change, and in which fields."""

    customerId: str
    fields: list[str]


class Enters(TypedDict):
    """When somebody enters a segment."""

    enters: SegmentJson


class Erased(TypedDict):
    """`delete_customer`, `delete_my_data`."""

    erasureId: str
    status: Literal["done", "running"]
    """`done`, or `running` where the task queue goes on: call again to see how far it is. The
    person is found by nobody any more from the first answer on.
    """
    report: ErasureReport
    """`removed` and `retained`, each with `what`, `text` and `count`; what is retained also with
    `basis` and `until` (`null`: for good). `open`: what is left to do by hand, each with `reason`,
    `text` and `count`.
    """


class ErasureReport(TypedDict):
    """What came of an erasure."""

    removed: list[Removed]
    retained: list[Retained]
    open: list[LeftOpen]


class Estimate(TypedDict):
    """How long sending takes, about."""

    seconds: int


class EventEnded(TypedDict):
    """When an event is over."""

    eventEnded: AfterEvent


class EventRow(TypedDict):
    """An event of the catalogue, how many customers it had, and perhaps what it sold."""

    eventId: str
    """As the newest order that describes it says; `name` and `startsAt` may be `null`."""
    name: str | None
    """As the newest order that describes it says; `name` and `startsAt` may be `null`."""
    startsAt: Moment | None
    """As the newest order that describes it says; `name` and `startsAt` may be `null`."""
    holders: int
    """Customers with a valid ticket."""
    attended: int
    """Those who were there: checked in, or with no check-in recorded for an event that has begun.
    """
    checkedIn: int
    """Those with a ticket that was recorded as used."""
    noShows: int
    """Those of whose tickets none was used, though that was recorded, at an event that has begun.
    """
    newcomers: int | None
    """Holders for whom no earlier event is known; null where it has no known start."""
    returning: int | None
    """Holders of a ticket of an earlier event. Both are `null` where the event has no known start.
    """
    orders: NotRequired[int]
    """With `sales` alone: counted orders that hold the event, those of erased people too."""
    revenue: NotRequired[Money]
    """Likewise: currency → integer minor units, net of refunds. An order that holds several events
    is counted whole with each of them: nothing says which of them its money is for.
    """


class EventShown(TypedDict):
    """`get_event`."""

    event: EventRow
    """As in `list_events` with `sales`."""
    documentsRead: int
    """As above; some ten."""


class EventsCompared(TypedDict):
    """`compare_events`."""

    events: list[ComparedEvent]
    """In that order: `eventId`, `name`, `startsAt`, and `attended` as in `list_events`."""
    both: list[list[int]]
    """How many were at both, by the places of the two in `events`."""
    documentsRead: int
    """What Firestore bills, at least: a read for each event and each two of them, 91 for twelve."""


class EventsPage(TypedDict):
    """`list_events`."""

    nextPageToken: str | None
    """A text, or `null` on the last page. A page can hold fewer events than `pageSize` and have a
    next one.
    """
    events: list[EventRow]
    documentsRead: int
    """What Firestore bills, at least: one, one for each event looked at, and five for each that is
    answered, with one more for every further 1,000 people in a number. A page of 50 costs some 300;
    a search of several words looks at up to 2,000 events for a page. `sales` cost one read more for
    each of the page's orders, up to 2,000; where they are more, they are added up for two reads for
    each event and currency (any of the shop's).
    """


class Explained(TypedDict):
    """How a page of a segment was found."""

    plan: str
    queries: list[list[list[str]]]
    checked: bool
    documentsRead: int
    counts: NotRequired[int]


class FieldsSet(TypedDict):
    """`set_fields`."""

    fields: Fields


class Figure(TypedDict):
    """The figures of a day, a week or a month."""

    start: Day
    """The first day. What `from` and `to` cut off a week or a month is not in its figures, and a
    first one that is cut starts at `from`.
    """
    orders: int
    """Counted orders that were placed in it, by their `createdAt`."""
    revenue: Money
    """Currency → integer minor units, net of what was refunded since."""
    newCustomers: int
    """Customers whose first counted order it was."""
    returningCustomers: int
    """Customers who had ordered before it and did again."""


class Figures(TypedDict):
    """`get_figures`."""

    figures: list[Figure]
    """The oldest first, also where nothing was sold. At most 400, else the call is refused."""
    timeZone: str
    """Whose days these are."""
    erasedOrdersLeftOut: int
    """0, or how many orders of erased persons were too many to look at (below)."""
    documentsRead: int
    """What Firestore bills, at least."""


class Finding(TypedDict):
    """What was found of one demand of mailbox providers."""

    check: str
    verdict: Literal["ok", "warn", "fail"]
    message: str


class Growing(TypedDict):
    """Decisions for news and against them, of a day, a week or a month."""

    start: Day
    """The first day."""
    subscribed: int
    """Decisions of that kind in it. One decision counts once, however many addresses and accounts
    it is recorded for.
    """
    unsubscribed: int
    """Decisions of that kind in it. One decision counts once, however many addresses and accounts
    it is recorded for.
    """


class Growth(TypedDict):
    """`get_growth`."""

    growth: list[Growing]
    """The oldest first, also where nothing was decided. At most 400, else the call is refused."""
    subscribers: int
    """Customers who are subscribed now."""
    timeZone: str
    """Whose days these are."""
    truncated: bool
    """`true` where more than 20,000 records are in the stretch. Then `growth` begins with the first
    bucket of which all are known: what it tells is exact, and what is before it can be asked for
    with `to`.
    """
    documentsRead: int
    """What Firestore bills, at least: two, and one for each record."""


class Import(TypedDict):
    """A list that was taken in."""

    importId: str
    at: Moment
    source: str
    evidence: str | None
    state: Literal["running", "done", "failed", "undoing", "undone"]
    error: str | None
    jobId: str
    report: ImportReport
    finishedAt: Moment | None
    undoJobId: str | None
    undoneAt: Moment | None
    undone: dict[str, int]
    undoable: bool


class ImportReport(TypedDict):
    """What came of an import, by now."""

    rows: int
    added: int
    changed: int
    unchanged: int
    keptOut: dict[str, int]
    duplicates: int
    errors: list[RowError]
    errorCount: int
    evidenceNeeded: NotRequired[bool]
    """Of a dry run: whether a row says that somebody is subscribed."""


class Imported(TypedDict):
    """`import_contacts`."""

    report: ImportReport
    importId: str | None
    jobId: str | None


class ImportsPage(TypedDict):
    """`list_imports`."""

    nextPageToken: str | None
    imports: list[Import]


class Job(TypedDict):
    """Long work, and how far it is."""

    jobId: str
    kind: str
    state: Literal["queued", "running", "done", "failed"]
    """`queued` (waiting for a worker), `running`, `done`, or `failed`."""
    done: int
    """Pieces of work, such as customers, that are done and that there are in all; `total` is `null`
    where nobody knows yet, and an estimate where others change things meanwhile.
    """
    total: int | None
    """Pieces of work, such as customers, that are done and that there are in all; `total` is `null`
    where nobody knows yet, and an estimate where others change things meanwhile.
    """
    error: str | None
    """A stable code of why it failed, else `null`. What was done until then stays done."""
    startedAt: Moment
    updatedAt: Moment
    result: dict[str, int]
    """What came of it so far, in numbers; the call that began it says which."""
    drift: list[Drift]


class JobBegun(TypedDict):
    """`rebuild_customers`, `undo_import`."""

    jobId: str


class JobShown(TypedDict):
    """`get_job`, `cancel_job`, `retry_job`."""

    job: Job


class LeftOpen(TypedDict):
    """What an erasure leaves to do by hand."""

    reason: str
    text: str
    count: int | None


class LikelySame(TypedDict):
    """Another customer that is likely the same person."""

    customerId: str
    reason: Literal["unproven-address", "address-conflict"]


_MailSettings = TypedDict("_MailSettings", {
    "from": "str | None",
})


class MailSettings(_MailSettings):
    """How campaigns are sent."""

    ready: bool
    replyTo: str | None
    undoSeconds: int
    latestHours: int


class MailsPage(TypedDict):
    """`list_mails`."""

    nextPageToken: str | None
    mails: list[SentMail]


class Marketing(TypedDict):
    """What a person decided about marketing, as it holds now."""

    status: Literal["subscribed", "unsubscribed", "none"]
    at: Moment | None
    source: str | None
    pending: NotRequired[bool]
    """There where an opt-in waits for its confirmation."""
    unreachable: NotRequired[Moment]
    """Since when mail to the address comes back; absent where it arrives, as far as is known."""


class MarketingHeld(TypedDict):
    """`set_consent`, `set_reachable`."""

    marketing: Marketing


class Merged(TypedDict):
    """`merge_customers`."""

    mergeId: str | None
    """For `unmerge_customers`; `null` for a preview. If the two are one customer already, the id of
    the merge that made them so.
    """
    customer: Customer
    """The survivor."""
    moves: NotRequired[Moves]
    stops: NotRequired[list[Reason]]
    warnings: NotRequired[list[Reason]]


class Moves(TypedDict):
    """What a merge would bring to the survivor."""

    identities: int
    orders: int
    events: int
    tags: list[str]


class News(TypedDict):
    """`get_news`."""

    since: Moment
    orders: int
    """Counted ones that were placed since then. What was only taken over from before is not new."""
    people: int
    """Customers whose first order was placed since then, so that a segment `first_order >= …` finds
    as many.
    """
    subscribed: int
    """Decisions, each once, whatever came of them later. The newest 5,000 records are read;
    `truncated` says whether there are more.
    """
    unsubscribed: int
    """Decisions, each once, whatever came of them later. The newest 5,000 records are read;
    `truncated` says whether there are more.
    """
    truncated: bool
    documentsRead: int


class Note(TypedDict):
    """A note about a customer."""

    noteId: str
    text: str
    at: Moment
    author: str
    own: bool
    """Whether the caller wrote it."""


class NoteKept(TypedDict):
    """`add_note`, `delete_note`."""

    noteId: str


class NotesPage(TypedDict):
    """`list_notes`."""

    nextPageToken: str | None
    """A text, or `null` on the last page."""
    notes: list[Note]
    """Newest first (equal times by id, descending), each with `noteId`, `text`, `at`, `author` (as
    `actor` in `list_audit`) and whether it is the caller's `own`.
    """


class OddItem(TypedDict):
    """What could not be counted of an order: an item of it, or an event there was no room for."""

    index: NotRequired[int]
    eventId: NotRequired[str]
    reason: str


class OnSubscribed(TypedDict):
    """When somebody subscribes."""

    subscribed: Literal[True]


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
    """What could not be counted while the order was, at most 20 of them: `{index, reason}` for an
    item of the order, `{eventId, reason: "customer-full"}` for an event that the customer's
    document has no room for.
    """
    oddCount: NotRequired[int]
    """How many there are in all."""


class OrdersPage(TypedDict):
    """`list_orders`."""

    nextPageToken: str | None
    """A text, or `null` on the last page."""
    orders: list[Order]
    """Newest first (equal times by id, descending), each with `orderId` (`u1#o1` of an order below
    a user), `status`, `currency`, `total`, `refunded`, `net`, `counted` (whether it is in the
    customer's sums), `createdAt`, `eventIds` (all events on the order); and, where there is
    something to say,.
    """


class OwnField(TypedDict):
    """An own field, as crm.toml declares it."""

    name: str
    type: Literal["text", "number", "date", "bool", "choice"]
    label: str
    purpose: str
    choices: list[str]
    writable: bool


class OwnFields(TypedDict):
    """`list_fields`."""

    fields: list[OwnField]


class PrivacyRequest(TypedDict):
    """What was asked for of a person's data; what does not apply is null."""

    requestId: str
    kind: Literal["export", "erasure"]
    state: Literal["open", "running", "done"]
    """`open` waits for staff, `running` goes on by itself, `done`."""
    at: Moment
    dueAt: Moment | None
    """Of what a person could not have alone: why (`merged-by-staff`, `held`), and until when it is
    to be answered: a month after it was first asked for (GDPR art. 12(3)). It is done once the
    person is erased, by whomever.
    """
    by: Literal["person", "staff", "operator"]
    """`person` (signed in), `staff` or `operator`; `actor`, as in `list_audit`."""
    actor: str
    customerIds: list[str]
    """Whom it was about."""
    reason: str | None
    stoppedBy: str | None
    """Of what a person could not have alone: why (`merged-by-staff`, `held`), and until when it is
    to be answered: a month after it was first asked for (GDPR art. 12(3)). It is done once the
    person is erased, by whomever.
    """
    erasureId: str | None
    report: ErasureReport | None


class Problem(TypedDict):
    """What is wrong with a campaign."""

    reason: str
    message: str
    at: str
    """`subject`, `preview`, `from`, or `body` with a line (`body:12`)."""
    blocking: bool


class ProcessingRecord(TypedDict):
    """The record of processing (GDPR art. 30)."""

    controller: str
    contact: str
    officer: str
    purposes: list[str]
    recipients: list[str]
    transfers: str
    retention: str
    source: str
    complaint: str
    automatedDecisions: str
    erasure: RecordErasure
    """`orders`, `basis` and `keepYears`, as `[erasure]` says."""
    data: list[RecordData]
    """For each collection with personal data `name`, `what` it holds, `where` that is, `why`, and
    `until` when.
    """
    fields: list[RecordField]
    """The own fields, each with `label` and `purpose`."""
    missing: list[str]
    """Settings that are empty and must not be."""


class ProcessingRecordShown(TypedDict):
    """`get_processing_record`."""

    record: ProcessingRecord


class QuarantineExplained(TypedDict):
    """`explain_quarantine`."""

    field: str | None
    """Where in the document; null where it is no single field."""
    value: str | None
    """What is there, as text."""
    message: str
    """A sentence that says what to change."""
    documentPath: str
    """The document's path."""


class QuarantinePage(TypedDict):
    """`list_quarantine`."""

    nextPageToken: str | None
    items: list[QuarantineRow]
    """The latest first, each with `id`, `collection` and `documentId` (the host's document),
    `reason` (a code of mapping) and `at`.
    """


class QuarantineRow(TypedDict):
    """A document of the host that cannot be understood."""

    id: str
    collection: str
    documentId: str
    reason: str
    at: Moment


class Reach(TypedDict):
    """How many of a segment news can be mailed to; null where they are too many to look at each."""

    subscribed: int
    unsubscribed: int
    notSubscribed: int
    reachable: int | None
    excluded: dict[str, int] | None
    """Of the subscribed, who get no mail, by reason."""


class Reason(TypedDict):
    """Why something is so: a stable code, and the same for people."""

    reason: str
    message: str


class Recipient(TypedDict):
    """A person of a campaign."""

    customerId: str | None
    email: str | None
    state: Literal["waiting", "accepted", "refused", "excluded", "uncertain"]
    reason: str | None
    at: Moment | None


class RecipientsPage(TypedDict):
    """`list_recipients`."""

    nextPageToken: str | None
    """A text, or `null` after the last page. A page can hold fewer people than `pageSize`, even
    none, and have a next one.
    """
    recipients: list[Recipient]
    """Each with `customerId` (as it was then; `null` of somebody who was erased), `email` (that the
    customer has now; `null` where there is none any more), `state`, `reason` (why it is refused,
    excluded or uncertain), and `at` (when that was settled; `null` of who waits, and of who was
    left out from the beginning).
    """


class RecipientsResolved(TypedDict):
    """`resolve_recipients`."""

    resolved: int


class RecordData(TypedDict):
    """Data that is kept in one place."""

    name: str
    what: str
    where: str
    why: str
    until: str


class RecordErasure(TypedDict):
    """What an erasure leaves of orders, and why."""

    orders: Literal["pseudonymise", "delete", "keep"]
    basis: str
    keepYears: int


class RecordField(TypedDict):
    """An own field, and what it is for."""

    label: str
    purpose: str


class Removed(TypedDict):
    """What an erasure removed."""

    what: str
    text: str
    count: int


class RequestsPage(TypedDict):
    """`list_requests`."""

    nextPageToken: str | None
    """A text, or `null` on the last page."""
    requests: list[PrivacyRequest]
    """Newest first, each with."""


class Results(TypedDict):
    """What a campaign's recipients ordered after their mail, and where they came."""

    recipients: int
    ordered: int
    orders: int
    revenue: Money
    booked: dict[str, int]
    attended: dict[str, int]
    since: Moment | None
    until: Moment | None
    truncated: bool
    documentsRead: int


class Retained(TypedDict):
    """What an erasure kept, and why."""

    what: str
    text: str
    count: int
    basis: str
    until: Moment | None
    """Null: for good."""


class Retried(TypedDict):
    """`retry_quarantine`."""

    resolved: bool


class RoleChanged(TypedDict):
    """`grant_role`, `revoke_role`."""

    staff: StaffMember


class RowError(TypedDict):
    """What is wrong with a row of a list."""

    row: int
    reason: str
    column: str | None


class Rule(TypedDict):
    """A rule."""

    ruleId: str
    revision: int
    name: str
    on: bool
    when: Enters | EventEnded | SinceLastOrder | OnSubscribed
    only: SegmentJson | None
    once: Literal["ever", "event"] | Days
    then: ChangesTags | SendsCampaign
    most: int
    since: Moment | None
    paused: str | None
    waiting: int | None
    createdAt: Moment
    updatedAt: Moment
    acted: NotRequired[int]


class RuleDeleted(TypedDict):
    """`delete_rule`."""

    ruleId: str


class RuleEvent(TypedDict):
    """An event that a rule is about."""

    eventId: str
    name: str | None
    startsAt: Moment
    dueAt: Moment
    dueLocal: str
    people: int
    begun: bool


class RulePerson(TypedDict):
    """Somebody whom a rule is about."""

    customerId: str
    name: str | None
    email: str | None
    excluded: str | None
    """Why it would not act on the person."""
    dueAt: Moment | None


class RulePreview(TypedDict):
    """`preview_rule`."""

    matching: int
    """Of `enters` and `subscribed`, how many belong already. The rule acts on nobody of them."""
    people: list[RulePerson]
    """At most 50, each `{customerId, name, email, excluded, dueAt}`: who belongs already; of
    `eventEnded` those of the event that began last, or of the next one where none has; of
    `sinceLastOrder` who becomes due within 30 days. `excluded` is why it would not act on the
    person, or null: `belongs-already`, `rule-already`, or why no mail goes out.
    """
    events: list[RuleEvent]
    """Of `eventEnded` the five that begin next and the five that began last, the latest first, each
    `{eventId, name, startsAt, dueAt, dueLocal, people, begun}`: when it is due, as the clock in
    `time_zone` shows it then, for how many, and whether the rule has looked at it.
    """
    audience: Audience | None
    """Of a rule that sends, of these people, as `preview_campaign` answers it; else null."""
    most: int
    pauses: bool
    problems: list[Problem]
    """`rules-loop`, `template-gone`, and what is wrong with the draft; `warnings`: what its
    segments name and is nowhere.
    """
    warnings: list[Doubt]


class RuleRun(TypedDict):
    """What a rule did, once."""

    ruleId: str
    rule: str | None
    """Its name; null where it was deleted."""
    customerId: str | None
    did: Literal["tags", "send"]
    eventId: str | None
    campaignId: str | None
    at: Moment


class RuleRunsPage(TypedDict):
    """`list_rule_runs`."""

    nextPageToken: str | None
    runs: list[RuleRun]


class RuleSaved(TypedDict):
    """`save_rule`."""

    rule: Rule
    warnings: list[Doubt]


class RulesPage(TypedDict):
    """`list_rules`."""

    nextPageToken: str | None
    rules: list[Rule]


class Sales(TypedDict):
    """What an event sold."""

    orders: int
    """Counted orders that hold the event."""
    tickets: int
    """Valid tickets of it in them."""
    people: int
    """Who holds them; somebody who was erased stays one person."""
    revenue: Money
    """Currency → integer minor units, net of refunds."""
    sharedOrders: int
    """How many of the orders hold other events, too."""
    days: list[SalesDay]
    """`day`, `orders` and `tickets` of each day on which any was ordered, the oldest first, by the
    `createdAt` of the orders, in days of `timeZone`.
    """
    timeZone: str
    truncated: bool
    """`true` where there are more than 10,000 orders. Then `tickets`, `sharedOrders` and `days` are
    those of the newest 10,000, as are the erased persons among `people`; `orders` and `revenue` are
    whole.
    """
    documentsRead: int
    """What Firestore bills, at least: three, and one for each order."""


class SalesDay(TypedDict):
    """What was ordered on a day."""

    day: Day
    orders: int
    tickets: int


class SalesShown(TypedDict):
    """`get_event_sales`."""

    sales: Sales


class SearchPage(TypedDict):
    """`search_customers`."""

    nextPageToken: str | None
    """A text, or `null` after the last page. A page can hold fewer customers than `pageSize`, even
    none, and have a next one: go on until it is `null`.
    """
    customers: list[Customer]
    """The best match first: whose whole address it is, whose order, whose whole name (in any order
    of its words), then the others; each of these in the order of their ids. Nobody is there twice.
    """
    warnings: NotRequired[list[Doubt]]
    """There where a segment was given."""


class Segment(TypedDict):
    """A saved segment."""

    segmentId: str
    revision: int
    name: str
    description: str | None
    segment: SegmentJson
    text: str
    usedBy: list[str]
    lastCount: int | None
    lastCountAt: Moment | None
    counts: list[DayCount]
    """Its history, the oldest day first."""
    createdAt: Moment
    updatedAt: Moment


class SegmentDeleted(TypedDict):
    """`delete_segment`."""

    segmentId: str


class SegmentPage(TypedDict):
    """`query_segment`."""

    nextPageToken: str | None
    """A text, or `null` after the last page. A page can hold fewer customers than `pageSize`, even
    none, and have a next one: go on until it is `null`.
    """
    customers: list[Customer]
    """In that order: who has no date comes last in either direction, who spent nothing in the
    currency spent 0, and who is equal comes in the order of ids in either direction.
    """
    warnings: list[Doubt]
    """On the first page: what the question names and is nowhere, or is several (names); a list,
    mostly empty.
    """
    explain: NotRequired[Explained]
    """Where it was asked for: `plan` in words, `queries` (each a list of alternatives, each a list
    of facets that hold together), `checked` (whether who came back was checked by the predicate
    too), `documentsRead`; of a sorted page also `counts`, each of which is one of these reads.
    """


class SegmentSaved(TypedDict):
    """`save_segment`."""

    segmentId: str
    revision: int
    warnings: list[Doubt]


class SegmentsPage(TypedDict):
    """`list_segments`."""

    nextPageToken: str | None
    """A text, or `null` on the last page."""
    segments: list[Segment]
    """Sorted by name, each with `segmentId`, `name`, `description`, `segment` (JSON), `text`,
    `usedBy` (ids of saved segments that use it), `lastCount` and `lastCountAt` (of the last
    `count_segment` of this segment alone; `null` before, and after a change of the question),
    `counts` (its history: `day`, `count` and `changed` of each day on which `count_segment` counted
    this segment alone, the oldest first, the last count of a day, at most 366 days; `changed` is
    `true` for the first count after a change of its question, and what is before it answered
    another one. A change of another segment that it uses is not marked), `revision` (which
    `save_segment` takes), `createdAt`, `updatedAt`.
    """


class SenderJudged(TypedDict):
    """`check_sender`."""

    ready: bool
    """Whether nothing fails."""
    judgedBy: str | None
    """The receiving server whose word was taken, or `null`."""
    findings: list[Finding]
    """Each `{check, verdict, message}`, the verdict `ok`, `warn` or `fail`; the message says what
    to mend, and where.
    """


class SendsCampaign(TypedDict):
    """The rule sends what a draft says."""

    send: str


class SentMail(TypedDict):
    """What a campaign sent to a customer."""

    campaignId: str
    subject: str | None
    state: Literal["waiting", "accepted", "refused", "excluded", "uncertain"]
    reason: str | None
    at: Moment
    bounced: Moment | None
    softBounced: Moment | None
    complained: Moment | None
    unsubscribed: Moment | None


class Settings(TypedDict):
    """What of `crm.toml` explains a screen."""

    version: str
    timeZone: str
    orderUrl: str | None
    """With `{orderId}` in it."""
    documentUrl: str | None
    """With `{path}` in it."""
    optIn: Literal["single", "double"]
    """`single` or `double`; `doubleOptInDays`: so long a confirmation mail can be answered."""
    doubleOptInDays: int
    holdFutureEvents: bool
    """Whether a ticket for an event to come stops an erasure."""
    mail: MailSettings
    """`ready` (whether mails can be sent), `from`, `replyTo`, `undoSeconds`, `latestHours`."""
    forms: list[SignUpForm]
    """Each with `name`, `languages` (the first one is its own), `text` by language, `tags`, `url`.
    """


class SettingsShown(TypedDict):
    """`get_settings`."""

    settings: Settings


class SetupCheck(TypedDict):
    """One thing that is set up, or is to be."""

    check: str
    verdict: Literal["ok", "warn", "fail"]
    message: str
    """A sentence that says what there is, or what to do."""
    to: str | None
    """The console's page for it."""


class SetupShown(TypedDict):
    """`get_setup`."""

    checks: list[SetupCheck]


class SignUpForm(TypedDict):
    """A form for news."""

    name: str
    languages: list[str]
    text: dict[str, str]
    """By language."""
    tags: list[str]
    url: str


class SinceLastOrder(TypedDict):
    """When somebody has not ordered for so many days."""

    sinceLastOrder: Days


class SortRequest(TypedDict):
    """An order of customers."""

    by: Literal["lastOrderAt", "firstOrderAt", "orderCount", "totalSpend"]
    """`lastOrderAt`, `firstOrderAt`, `orderCount` or `totalSpend`."""
    currency: NotRequired[str | None]
    """Of what was spent; with `totalSpend`, and with that alone."""
    direction: NotRequired[Literal["asc", "desc"] | None]
    """`asc` or `desc`; `desc` if absent."""


class StaffMember(TypedDict):
    """An account that has, or had, a role."""

    uid: str
    email: str | None
    name: str | None
    role: Literal["viewer", "editor", "admin"] | None
    verified: bool
    """Whether the address is; else the role opens nothing."""
    secondFactor: bool
    """Whether signing in takes more than a password; `lastSignInAt`, or `null`."""
    lastSignInAt: Moment | None
    disabled: bool
    you: bool
    """Whether it is the caller's own."""
    actors: list[str]
    """What stands for the account in the audit trail, the latest last."""


class StaffPage(TypedDict):
    """`list_staff`."""

    nextPageToken: str | None
    """A text, or `null` where all accounts were looked through. A page can be without anybody."""
    staff: list[StaffMember]
    """Of the accounts of this call, the highest role first, each with."""


class Tag(TypedDict):
    """A tag of the catalogue."""

    tag: str
    label: str
    customers: int


class TagEnded(TypedDict):
    """`rename_tag`, `delete_tag`: how many had it, or the job that sees to it."""

    updated: NotRequired[int]
    jobId: NotRequired[str]


class Tagged(TypedDict):
    """`tag_customers`: what was done, or the job that does it."""

    updated: NotRequired[int]
    """How many customers were changed, and how many were so already."""
    unchanged: NotRequired[int]
    """How many customers were changed, and how many were so already."""
    full: NotRequired[int]
    """How many of a segment were left as they are, because they would have more than 100 tags.
    Where customers are named one by one, such a one stops the call (`too-many-tags`) before
    anything is changed; `full` counts those that others filled up while a very long call went on.
    """
    notFound: NotRequired[list[str]]
    """The ids that nobody has."""
    jobId: NotRequired[str]
    warnings: list[Doubt]
    """What the segment names and is nowhere, or is several (names); a list, mostly empty."""


class TagsPage(TypedDict):
    """`list_tags`."""

    nextPageToken: str | None
    """A text, or `null` on the last page."""
    tags: list[Tag]
    """Sorted by id, each with `tag` (its id), `label`, and `customers`: how many have it, counted
    when you ask, all tags of a page at one moment.
    """


class TestResult(TypedDict):
    """What became of one mail of a test."""

    to: str
    state: Literal["accepted", "refused", "later", "uncertain", "halted"]
    reason: str | None
    message: NotRequired[str]


class TicketedEvent(TypedDict):
    """An event that a customer has tickets for."""

    name: str | None
    startsAt: Moment | None
    tickets: int
    checkedIn: int | None
    """Null: nobody recorded who came."""


class Unmerged(TypedDict):
    """`unmerge_customers`."""

    customers: list[Customer]


_UnsubscribeHeaders = TypedDict("_UnsubscribeHeaders", {
    "List-Unsubscribe": "str",
    "List-Unsubscribe-Post": "str",
})


class UnsubscribeHeaders(_UnsubscribeHeaders):
    """An object."""


class UnsubscribeLink(TypedDict):
    """`get_unsubscribe_headers`."""

    url: str
    """The customer's unsubscribe link."""
    headers: UnsubscribeHeaders
    """`List-Unsubscribe` and `List-Unsubscribe-Post`, for the message to the customer's
    `primaryEmail`.
    """
