"""The pages of a sign-up: the form, what its post is answered, and behind the mail's links. Pure.

Nothing is loaded from elsewhere, and no page can be shown within another. The form works without
JavaScript; with it, the browser does the work that a form asks for (`proof`).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import Final

from crm.composing.words import direction
from crm.signup.letter import NOT_ME
from crm.signup.proof import BITS, LEAST
from crm.signup.texts import Texts

TRAP: Final = "website"
"""A field that no person sees and programs fill in."""

WORK: Final = (
    "async function crmWork(challenge,email){"
    "const text=new TextEncoder();"
    "for(let n=0;;n++){"
    'const found=await crypto.subtle.digest("SHA-256",text.encode(`${challenge}:${email}:${n}`));'
    f"if(new DataView(found).getUint32(0)>>>{32 - BITS}===0)return String(n)"
    "}}"
)
"""What finds the number of `proof`; the snippet of docs/sign-up.md has the same."""

_SCRIPT: Final = (
    WORK + "const form=document.forms[0],ready=Date.now()+"
    f"{int(LEAST.total_seconds() * 1000) + 300};"
    'form.addEventListener("submit",async event=>{'
    "event.preventDefault();"
    "if(form.button.disabled)return;"
    "form.button.disabled=true;"
    "form.nextElementSibling.hidden=false;"
    "try{"
    "form.work.value=await crmWork(form.challenge.value,form.email.value);"
    "await new Promise(done=>setTimeout(done,Math.max(0,ready-Date.now())))"
    "}catch{}"
    "form.submit()"
    "})"
)

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;"
    "font:1.0625rem/1.5 system-ui,sans-serif}"
    "main{max-width:30rem;padding:2rem}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}"
    "blockquote{margin:1rem 0;padding-inline-start:1rem;border-inline-start:3px solid}"
    "label{display:block;font-weight:600;margin-top:1rem}"
    "input{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;margin-top:.25rem}"
    "button{font:inherit;font-weight:600;margin-top:1rem;padding:.7rem 1.4rem;border:0;"
    "border-radius:.4rem;background:#0b57d0;color:#fff;cursor:pointer}"
    "button.other{background:none;color:inherit;text-decoration:underline;font-weight:400}"
    "button:focus-visible,input:focus-visible{outline:3px solid;outline-offset:3px}"
    ".trap{position:absolute;left:-100vw}"
    ".problem{font-weight:600}"
    "body{overflow-x:hidden}"
)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


SECURITY: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # a link's token stays here
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
"""Headers of every answer."""


@dataclass(frozen=True)
class Asking:
    """What the page with the form shows.

    Attributes:
        name: The form's name.
        text: What people agree to.
        language: The page's language.
        challenge: What the browser works on.
        email: What was written before; it is shown again where something is wrong.
        problem: What is wrong; "" for nothing.
    """

    name: str
    text: str
    language: str
    challenge: str
    email: str = ""
    problem: str = ""


def form_page(texts: Texts, asking: Asking) -> str:
    """Return the page with the form. It posts to the address that it was shown at."""
    said = texts.form
    problem, described = "", ""
    if asking.problem:
        problem = f'<p class="problem" role="alert">{escape(asking.problem)}</p>'
        described = ' aria-invalid="true"'

    def hidden(name: str, value: str) -> str:
        return f'<input type="hidden" name="{name}" value="{escape(value)}">'

    body = (
        f"<h1>{escape(said.title)}</h1><blockquote>{escape(asking.text)}</blockquote>{problem}"
        f'<form method="post">{hidden("form", asking.name)}{hidden("language", asking.language)}'
        f"{hidden('challenge', asking.challenge)}{hidden('work', '')}"
        f'<label for="email">{escape(said.email)}</label>'
        f'<input id="email" name="email" type="email" required autocomplete="email"{described}'
        f' maxlength="320" aria-describedby="note" value="{escape(asking.email)}">'
        f'<div class="trap" aria-hidden="true"><label for="{TRAP}">{escape(said.trap)}</label>'
        f'<input id="{TRAP}" name="{TRAP}" tabindex="-1" autocomplete="off"></div>'
        f'<p id="note">{escape(said.note)}</p><button name="button">{escape(said.button)}</button>'
        f'</form><p role="status" hidden>{escape(said.working)}</p><script>{_SCRIPT}</script>'
    )
    return _page(asking.language, said.title, body)


def said_page(language: str, title: str, text: str) -> str:
    """Return a page that says something and asks for nothing."""
    return _page(language, title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>")


def ask_page(texts: Texts, language: str, opening: str, agreed: str | None, *, refuse: bool) -> str:
    """Return the page behind a link that can be confirmed or refused. It posts to its address.

    Args:
        texts: The texts.
        language: Their language.
        opening: What is asked.
        agreed: The text of the form; None where there is none to show.
        refuse: Whether the link was that of "this was not me".
    """
    said = texts.confirm
    if refuse:
        return _page(
            language,
            said.refuse_title,
            f"<h1>{escape(said.refuse_title)}</h1><p>{escape(said.refuse)}</p>"
            f'<form method="post"><button name="action" value="{NOT_ME}">'
            f"{escape(said.not_me)}</button></form>",
        )
    quoted = f"<blockquote>{escape(agreed)}</blockquote>" if agreed is not None else ""
    return _page(
        language,
        said.title,
        f"<h1>{escape(said.title)}</h1><p>{escape(opening)}</p>{quoted}"
        f'<form method="post"><button name="action" value="confirm">{escape(said.button)}</button>'
        f' <button class="other" name="action" value="{NOT_ME}">{escape(said.not_me)}</button>'
        "</form>",
    )


def again_page(texts: Texts, language: str) -> str:
    """Return the page of what did not work, and may be posted again."""
    said = texts.confirm
    return _page(
        language,
        said.again_title,
        f"<h1>{escape(said.again_title)}</h1><p>{escape(said.again)}</p>",
    )


def _page(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{escape(language)}" dir="{direction(language)}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
