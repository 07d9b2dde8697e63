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
