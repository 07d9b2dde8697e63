"""What this installation is set to."""

from typing import Literal

from typing_extensions import TypedDict

Sender = TypedDict("Sender", {"from": str | None})


class MailSettings(Sender):
    """How campaigns are sent."""

    ready: bool
    replyTo: str | None
    undoSeconds: int
    latestHours: int


class SignUpForm(TypedDict):
    """A form for news."""

    name: str
    languages: list[str]
    text: dict[str, str]
    """By language."""
    tags: list[str]
    url: str


class Settings(TypedDict):
    """What of `crm.toml` explains a screen."""

    version: str
    timeZone: str
    orderUrl: str | None
    """With `{orderId}` in it."""
    documentUrl: str | None
    """With `{path}` in it."""
    optIn: Literal["single", "double"]
    doubleOptInDays: int
    holdFutureEvents: bool
    mail: MailSettings
    forms: list[SignUpForm]


class SettingsShown(TypedDict):
    """`get_settings`."""

    settings: Settings


class SetupCheck(TypedDict):
    """One thing that is set up, or is to be."""

    check: str
    verdict: Literal["ok", "warn", "fail"]
    message: str
    to: str | None
    """The console's page for it."""


class SetupShown(TypedDict):
    """`get_setup`."""

    checks: list[SetupCheck]


class RecordErasure(TypedDict):
    """What an erasure leaves of orders, and why."""

    orders: Literal["pseudonymise", "delete", "keep"]
    basis: str
    keepYears: int


class RecordData(TypedDict):
    """Data that is kept in one place."""

    name: str
    what: str
    where: str
    why: str
    until: str


class RecordField(TypedDict):
    """An own field, and what it is for."""

    label: str
    purpose: str


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
    data: list[RecordData]
    fields: list[RecordField]
    missing: list[str]
    """Settings that are empty and must not be."""


class ProcessingRecordShown(TypedDict):
    """`get_processing_record`."""

    record: ProcessingRecord
