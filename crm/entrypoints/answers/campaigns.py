"""Campaigns, their people, and what came of them."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from crm.campaigns.campaign import CampaignState
from crm.campaigns.counts import PersonState
from crm.campaigns.saving import Format
from crm.entrypoints.answers.shared import (
    Audience,
    Doubt,
    Moment,
    Money,
    Page,
    Problem,
    SegmentJson,
)


class Body(TypedDict):
    """What a mail says, with placeholders."""

    format: Format
    source: str


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


Sent = TypedDict("Sent", {"from": str})


class Campaign(Sent):
    """A campaign."""

    campaignId: str
    revision: int
    name: str
    subject: str
    preview: str
    body: Body
    segment: SegmentJson
    replyTo: str | None
    state: CampaignState
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
    jobId: str | None
    rule: str | None
    scope: str | None
    """The event that its rule acted for."""
    counts: CampaignCounts


class CampaignShown(TypedDict):
    """`get_campaign`, and what sends, pauses, resumes or cancels one."""

    campaign: Campaign


class CampaignSaved(CampaignShown):
    """`save_campaign`."""

    problems: list[Problem]
    warnings: list[Doubt]


class CampaignsPage(Page):
    """`list_campaigns`."""

    campaigns: list[Campaign]


class CampaignDeleted(TypedDict):
    """`delete_campaign`."""

    campaignId: str


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


class CampaignResults(TypedDict):
    """`get_campaign_results`."""

    results: Results


class Estimate(TypedDict):
    """How long sending takes, about."""

    seconds: int


class CampaignPreview(TypedDict):
    """`preview_campaign`."""

    customerId: str | None
    subject: str
    html: str
    text: str
    problems: list[Problem]
    audience: Audience
    estimate: Estimate


class TestResult(TypedDict):
    """What became of one mail of a test."""

    to: str
    state: Literal["accepted", "refused", "later", "uncertain", "halted"]
    reason: str | None
    message: NotRequired[str]


class CampaignTested(TypedDict):
    """`test_campaign`."""

    sent: int
    results: list[TestResult]


class Recipient(TypedDict):
    """A person of a campaign."""

    customerId: str | None
    email: str | None
    state: PersonState
    reason: str | None
    at: Moment | None


class RecipientsPage(Page):
    """`list_recipients`."""

    recipients: list[Recipient]


class RecipientsResolved(TypedDict):
    """`resolve_recipients`."""

    resolved: int


class SentMail(TypedDict):
    """What a campaign sent to a customer."""

    campaignId: str
    subject: str | None
    state: PersonState
    reason: str | None
    at: Moment
    bounced: Moment | None
    softBounced: Moment | None
    complained: Moment | None
    unsubscribed: Moment | None


class MailsPage(Page):
    """`list_mails`."""

    mails: list[SentMail]
