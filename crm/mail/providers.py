"""The providers that django-anymail sends through, and what each takes from `CRM_MAIL`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    Attributes:
        title: As it writes itself.
        login: Settings of anymail's backend that stand where a DSN has user and password.
        host: The setting that stands where a DSN has the host; None for `default` alone.
        place: What to write there, in a message.
        known: Options behind the `?`.
        needs: Settings that it cannot do without, besides the login.
        how: How they are written.
        urls: Where its API is, by region; where there is none, the host makes it of `url`.
        url: The API's address for a host, with `{host}`.
        idempotent: Whether a request sent again with the same key is one mail to it.
    """

    title: str
    login: tuple[str, ...] = ("api_key",)
    host: str | None = None
    place: str = "default"
    known: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    how: str = ""
    urls: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    idempotent: bool = False

    def options(self, given: dict[str, str]) -> dict[str, str]:
        """Take what it knows out of a DSN's options; return the settings.

        A region that it does not know stays where it is, and is told as an option that nobody
        knows.
        """
        settings: dict[str, str] = {}
        for name in sorted(self.known & given.keys()):
            if name == "region" and self.urls:
                if given[name] in self.urls:
                    settings["api_url"] = self.urls[given.pop(name)]
            else:
                settings[name] = given.pop(name)
        return settings


PROVIDERS: Final[Mapping[str, Provider]] = {
    "brevo": Provider("Brevo", idempotent=True),
    "mailersend": Provider("MailerSend", login=("api_token",)),
    "mailgun": Provider(
        "Mailgun",
        host="sender_domain",
        place="mg.example.com",
        known=frozenset({"region"}),
        urls={"us": "https://api.mailgun.net/v3", "eu": "https://api.eu.mailgun.net/v3"},
    ),
    "mailjet": Provider("Mailjet", login=("api_key", "secret_key")),
    "mailtrap": Provider("Mailtrap", login=("api_token",), known=frozenset({"sandbox_id"})),
    "mandrill": Provider("Mandrill"),
    "postal": Provider(
        "Postal",
        host="api_url",
        place="postal.example.com",
        needs=frozenset({"api_url"}),
        how="write anymail+postal://KEY@postal.example.com.",
        url="https://{host}",
    ),
    "postmark": Provider("Postmark", login=("server_token",), known=frozenset({"message_stream"})),
    "resend": Provider("Resend", idempotent=True),
    "scaleway": Provider(
        "Scaleway", login=("project_id", "secret_key"), known=frozenset({"region"})
    ),
    "sparkpost": Provider(
        "SparkPost",
        known=frozenset({"region", "subaccount"}),
        urls={
            "us": "https://api.sparkpost.com/api/v1",
            "eu": "https://api.eu.sparkpost.com/api/v1",
        },
    ),
    "unisender_go": Provider(
        "Unisender Go",
        host="api_url",
        place="go1.unisender.ru",
        needs=frozenset({"api_url"}),
        how="write anymail+unisender-go://KEY@go1.unisender.ru.",
        url="https://{host}/ru/transactional/api/v1",
    ),
}
"""By the name of anymail's backend."""

UNSUPPORTED: Final[Mapping[str, str]] = {
    "sendgrid": (
        "django-anymail no longer supports SendGrid: use its SMTP server,"
        " smtp://apikey:KEY@smtp.sendgrid.net:587."
    ),
    "amazon_ses": (
        "use the SMTP server of Amazon SES, which needs no library:"
        " smtp://USER:PASSWORD@email-smtp.REGION.amazonaws.com:587."
    ),
    "sendinblue": "Sendinblue is Brevo now: write anymail+brevo://KEY@default.",
}
"""Why a name is not taken, and what to write instead."""
