"""Exports and erasures, requests for them, and who did what."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Moment, Page


class Archive(TypedDict):
    """All that is kept of a person, or a part of it: docs/privacy.md says what each key holds."""

    format: str
    version: int
    exportedAt: Moment
    part: int
    complete: bool
    information: NotRequired[dict[str, object]]
    """This and what follows up to `ordersOfOthers`: in the first part alone."""
    profile: NotRequired[dict[str, object]]
    identities: NotRequired[list[dict[str, object]]]
    accounts: NotRequired[list[dict[str, object]]]
    users: NotRequired[list[dict[str, object]]]
    tags: NotRequired[list[dict[str, object]]]
    fields: NotRequired[list[dict[str, object]]]
    merges: NotRequired[list[dict[str, object]]]
    signUps: NotRequired[list[dict[str, object]]]
    ordersOfOthers: NotRequired[int]
    orders: list[dict[str, object]]
    unreadOrders: list[dict[str, object]]
    consents: list[dict[str, object]]
    audit: list[dict[str, object]]
    mails: list[dict[str, object]]
    notes: list[dict[str, object]]
    rules: list[dict[str, object]]


class ArchivePart(Page):
    """`export_customer`, `export_my_data`."""

    archive: Archive


class Removed(TypedDict):
    """What an erasure removed."""

    what: str
    text: str
    count: int


class Retained(Removed):
    """What an erasure kept, and why."""

    basis: str
    until: Moment | None
    """Null: for good."""


class LeftOpen(TypedDict):
    """What an erasure leaves to do by hand."""

    reason: str
    text: str
    count: int | None


class ErasureReport(TypedDict):
    """What came of an erasure."""

    removed: list[Removed]
    retained: list[Retained]
    open: list[LeftOpen]


class Erased(TypedDict):
    """`delete_customer`, `delete_my_data`."""

    erasureId: str
    status: Literal["done", "running"]
    report: ErasureReport


class PrivacyRequest(TypedDict):
    """What was asked for of a person's data; what does not apply is null."""

    requestId: str
    kind: Literal["export", "erasure"]
    state: Literal["open", "running", "done"]
    at: Moment
    dueAt: Moment | None
    by: Literal["person", "staff", "operator"]
    actor: str
    customerIds: list[str]
    reason: str | None
    stoppedBy: str | None
    erasureId: str | None
    report: ErasureReport | None


class RequestsPage(Page):
    """`list_requests`."""

    requests: list[PrivacyRequest]


class AuditEntry(TypedDict):
    """Who changed what, and when."""

    entryId: str
    at: Moment
    actor: str
    action: str
    customers: list[str]
    facts: dict[str, object]


class AuditPage(Page):
    """`list_audit`."""

    entries: list[AuditEntry]
