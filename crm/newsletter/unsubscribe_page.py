"""The pages behind an unsubscribe link, in English and German. Pure: texts in, HTML out."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from crm.newsletter.unsubscribe_link import FIELD, ONE_CLICK

Language = Literal["en", "de"]

LANGUAGES: Final[tuple[Language, ...]] = ("en", "de")

PageKind = Literal["ask", "done", "bad-link", "try-again"]


@dataclass(frozen=True)
class _Text:
    title: str
    body: str
    button: str | None = None


_TEXTS: Final[dict[Language, dict[PageKind, _Text]]] = {
    "en": {
        "ask": _Text(
            "Unsubscribe from the newsletter?",
            "You will get no more newsletters at this address. Messages about your orders are not"
            " affected.",
            "Unsubscribe",
        ),
        "done": _Text(
            "You are unsubscribed",
            "You will get no more newsletters at this address. You may close this page.",
        ),
        "bad-link": _Text(
            "This link is not complete",
            "Nothing was changed. Open the link in the e-mail again, or copy all of it. If that"
            " does not help, answer the e-mail and ask to be unsubscribed.",
        ),
        "try-again": _Text(
            "That did not work",
            "Nothing was changed. Please try again in a minute.",
            "Try again",
        ),
    },
    "de": {
        "ask": _Text(
            "Newsletter abbestellen?",
            "Sie erhalten dann keine Newsletter mehr an diese Adresse. Nachrichten zu Ihren"
            " Bestellungen kommen weiterhin.",
            "Abbestellen",
        ),
        "done": _Text(
            "Sie sind abgemeldet",
            "Sie erhalten keine Newsletter mehr an diese Adresse. Sie können diese Seite"
            " schließen.",
        ),
        "bad-link": _Text(
            "Dieser Link ist nicht vollständig",
            "Es wurde nichts geändert. Öffnen Sie den Link in der E-Mail noch einmal, oder"
            " kopieren Sie ihn ganz. Hilft das nicht, antworten Sie auf die E-Mail und bitten Sie"
            " um Abmeldung.",
        ),
        "try-again": _Text(
            "Das hat nicht geklappt",
            "Es wurde nichts geändert. Bitte versuchen Sie es in einer Minute noch einmal.",
            "Noch einmal versuchen",
        ),
    },
}

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;"
    "font:1.0625rem/1.5 system-ui,sans-serif}"
    "main{max-width:28rem;padding:2rem}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}"
    "button{font:inherit;font-weight:600;margin-top:.75rem;padding:.7rem 1.4rem;border:0;"
    "border-radius:.4rem;background:#0b57d0;color:#fff;cursor:pointer}"
    "button:focus-visible{outline:3px solid;outline-offset:3px}"
)

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

SECURITY: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the link's token stays here
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
"""Headers of every answer."""


def page(kind: PageKind, language: Language) -> str:
    """Return a page. Its form posts to the address that it was shown at."""
    text = _TEXTS[language][kind]
    form = (
        f'<form method="post"><input type="hidden" name="{FIELD}" value="{ONE_CLICK}">'
        f"<button>{text.button}</button></form>"
        if text.button
        else ""
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text.title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{text.title}</h1><p>{text.body}</p>{form}</main></body></html>"
    )
