"""What is around a mail: one table that every program shows, light and dark, and the foot."""

from __future__ import annotations

from html import escape
from typing import Final

from crm.composing.words import direction, words

FONT: Final = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

FILLER: Final = "&#847;&zwnj;&nbsp;" * 60
"""So that no program shows the beginning of the mail behind the preview."""

_HIDDEN: Final = "display:none;max-height:0;max-width:0;opacity:0;overflow:hidden;font-size:1px"

_DARK: Final = (
    "@media (prefers-color-scheme:dark){"
    ".crm-page,.crm-card{background-color:#16181c!important}"
    ".crm-card,.crm-card h1,.crm-card h2,.crm-card h3{color:#e8eaed!important}"
    ".crm-card a{color:#8ab4f8!important}.crm-card a.crm-button{color:#ffffff!important}"
    ".crm-foot,.crm-foot a{color:#a3a9b1!important}}"
)

FOOT_STYLE: Final = f"font-family:{FONT};font-size:13px;line-height:1.5;color:#5f6670"

_FOOT_LINK: Final = (
    "color:#5f6670!important;text-decoration:underline!important;display:inline!important;"
    "visibility:visible!important;font-size:13px!important"
)


def document(fragment: str, foot: str, *, language: str, title: str, preview: str) -> str:
    """Return a whole mail around what it says, all of it HTML.

    Args:
        fragment: What it says.
        foot: Its foot (`foot`).
        language: Its language (BCP 47).
        title: Its subject.
        preview: What mailboxes show beside the subject; "" for nothing.
    """
    way = direction(language)
    hidden = f'<div style="{_HIDDEN}">{preview}{FILLER}</div>' if preview else ""
    return (
        f'<!doctype html><html lang="{escape(language)}" dir="{way}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"<title>{title}</title><style>:root{{color-scheme:light dark}}{_DARK}</style></head>"
        f'<body class="crm-page" style="margin:0;padding:0;background-color:#f3f4f6">{hidden}'
        f'<div role="article" aria-roledescription="email" lang="{escape(language)}" dir="{way}">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">'
        '<tr><td align="center" style="padding:24px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
        ' style="max-width:600px">'
        '<tr><td class="crm-card" style="padding:32px 28px;background-color:#ffffff;color:#1f2328;'
        f'font-family:{FONT};font-size:16px;line-height:1.6;text-align:start">{fragment}</td></tr>'
        f'<tr><td class="crm-foot" align="center" style="padding:20px 28px;{FOOT_STYLE}">{foot}'
        "</td></tr></table></td></tr></table></div></body></html>"
    )


def foot(language: str, sender: str, address: str, unsubscribe: str | None) -> str:
    """Return the foot of a mail as HTML.

    Args:
        language: The mail's language.
        sender: Whom it is from, as HTML.
        address: The postal address, as HTML.
        unsubscribe: The address of the link; None where the mail has one already.
    """
    said = words(language)
    lines = [f"{sender} · {address}" if sender and address else sender or address]
    if unsubscribe is not None:
        link = f'<a href="{unsubscribe}" style="{_FOOT_LINK}">{escape(said.unsubscribe)}</a>'
        lines.append(f"{escape(said.why)} {link}")
    return "".join(f'<p style="margin:0 0 8px">{line}</p>' for line in lines if line)
