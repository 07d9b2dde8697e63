"""Decisions about marketing, what shows them, and whether mail arrives."""

from typing import Literal

from typing_extensions import TypedDict

from crm.consent.records import Status
from crm.entrypoints.answers.customers import Marketing
from crm.entrypoints.answers.shared import Moment, Page


class MarketingHeld(TypedDict):
    """`set_consent`, `set_reachable`."""

    marketing: Marketing


class Consent(TypedDict):
    """A record of what a person decided."""

    consentId: str
    address: str | None
    userId: str | None
    status: Status
    at: Moment
    source: str
    evidence: str | dict[str, str] | None


class ConsentsPage(Page):
    """`list_consents`."""

    consents: list[Consent]


UnsubscribeHeaders = TypedDict(
    "UnsubscribeHeaders", {"List-Unsubscribe": str, "List-Unsubscribe-Post": str}
)


class UnsubscribeLink(TypedDict):
    """`get_unsubscribe_headers`."""

    url: str
    headers: UnsubscribeHeaders


class Finding(TypedDict):
    """What was found of one demand of mailbox providers."""

    check: str
    verdict: Literal["ok", "warn", "fail"]
    message: str


class SenderJudged(TypedDict):
    """`check_sender`."""

    ready: bool
    judgedBy: str | None
    findings: list[Finding]
