"""What the suite's mailbox looks like. A mail's HTML is shown in a frame that may run nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

_SANDBOX: Final = "allow-popups allow-popups-to-escape-sandbox"

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)
PART_POLICY: Final = (
    f"sandbox {_SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:"
)
"""Of a mail's HTML: no scripts, no forms; its links open beside."""

UNNAMED: Final = "(no subject)"

_HEAD: Final = re.compile(r"<head\b[^>]*>", re.IGNORECASE)

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #1a1a1a; background: #fff }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #ddd;
  vertical-align: top; overflow-wrap: anywhere }
iframe { border: 1px solid #ddd; width: 100%; height: 36rem; background: #fff }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #ddd; padding: 1rem }
a { color: #0b57d0 }
@media (prefers-color-scheme: dark) {
  body { color: #e6e6e6; background: #16181c } a { color: #8ab4f8 }
  th, td, pre { border-color: #444 }
}
"""


def listing(mails: Iterable[Mapping[str, Any]]) -> str:
    """Return the page of all mails, which looks again every few seconds."""
    rows = "".join(
        f"<tr><td>{_text(one['at'][11:19])}</td><td>{_text(', '.join(one['to']))}</td>"
        f'<td><a href="/mails/{one["number"]}">{_text(one["subject"]) or UNNAMED}</a></td></tr>'
        for one in mails
    )
    table = f"<table><tr><th>at (UTC)</th><th>to</th><th>subject</th></tr>{rows}</table>"
    body = table if rows else "<p>Nothing has come yet. What the functions send arrives here.</p>"
    return _page("Mails", body, refresh=True)


def reading(mail: Mapping[str, Any]) -> str:
    """Return the page of one mail."""
    headers = "".join(
        f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in mail["headers"]
    )
    path = f"/mails/{mail['number']}"
    shown = (
        "<h2>HTML</h2>"
        f'<iframe title="The HTML part" sandbox="{_SANDBOX}" src="{path}/html"></iframe>'
        if mail["html"]
        else ""
    )
    body = (
        f'<p><a href="/">All mails</a> · <a href="{path}/source">as it came</a></p>'
        f"<table>{headers}</table>{shown}<h2>Text</h2><pre>{_text(mail['text'])}</pre>"
    )
    return _page(mail["subject"] or UNNAMED, body)


def framed(part: str) -> str:
    """Return a mail's HTML whose links open beside the frame."""
    base = '<base target="_blank">'
    framed, found = re.subn(
        r"<head\b[^>]*>", lambda head: head[0] + base, part, count=1, flags=re.I
    )
    return framed if found else base + part


def _page(title: str, body: str, *, refresh: bool = False) -> str:
    again = '<meta http-equiv="refresh" content="5">' if refresh else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{again}'
        f'<meta name="viewport" content="width=device-width"><title>{_text(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{_text(title)}</h1>{body}</body></html>"
    )


def _text(value: object) -> str:
    return html.escape(str(value))
