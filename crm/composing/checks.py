"""What is looked at before a mail may be sent: what stops it, and what is only said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from crm.composing.asked import asked
from crm.composing.people import Person, samples
from crm.composing.placeholders import Placeholders
from crm.composing.problems import Broken, CannotRender, Finding, Problem, line_of, meant
from crm.composing.template import Frame, Rendered, Template

LARGE: Final = 90_000
"""Bytes of HTML from which on it is said: Gmail cuts a mail off near 102 kB."""

LONG_SUBJECT: Final = 150

_LEFT: Final = re.compile(r"\{\{|\}\}|\{%|%\}")

_OF_OTHERS: Final = re.compile(
    r"\*\|[A-Z][A-Z0-9_:]*\|\*|%%[\w ]+%%|\[\[ *[\w.]+ *\]\]|%recipient\.\w+%"
)

REASONS: Final[Mapping[str, str]] = {
    "broken-image": "an image without an address",
    "broken-link": "a link such as `javascript:`, or with a user's name in it",
    "empty-body": "the mail says nothing",
    "empty-link": "a link or a button without an address",
    "empty-subject": "there is no subject, or none for some people",
    "foreign-placeholder": "another program's, such as `*|FNAME|*`",
    "hidden-unsubscribe": "a style that hides more than classes of your own",
    "html-in-markdown": "HTML in a Markdown mail: people see the tags",
    "image-only": "images and hardly a word",
    "image-without-alt": "an image that says nothing to who does not see it",
    "insecure-link": "a link or image with `http:`",
    "large": "more than 90 kB: Gmail cuts off near 102 kB",
    "left-over": "`{{`, `}}`, `{%` or `%}` would be sent as they are",
    "link-without-text": "a link or button that nobody can read",
    "liquid": "Liquid cannot read it, or fails with it",
    "long-subject": "more than 150 characters",
    "misplaced": "an element of MJML where it cannot stand: it is left out",
    "no-default": "a value that some people lack, without a `default`",
    "no-heading": "no first heading (`# …`, `<h1>`)",
    "no-mjml": "no `<mjml>` with an `<mj-body>`",
    "no-postal-address": "`[mail]` of `crm.toml` has no `postal_address`",
    "relative-link": "a link or image without `https://` and a site",
    "several-headings": "more than one first heading",
    "stray-text": "text of MJML outside `<mj-text>` and its like: it is left out",
    "too-long": "a body over 100,000 characters, a subject or preview over 1,000",
    "tracking-image": "an image of one pixel, or with a value in its address",
    "unclosed": "an element of MJML that is not closed, or closes nothing",
    "unknown-attribute": "an attribute of MJML that is not there: it is left out",
    "unknown-element": "an element of MJML that is not there: it is left out",
    "unknown-filter": "a filter that is not there",
    "unknown-format": "a format that is neither `markdown` nor `mjml`",
    "unknown-tag": "a tag of Liquid that is not there",
    "unknown-variable": "a placeholder that is not there",
    "unsafe-markup": "`<script>`, `<form>`, `onclick` and their like: left out",
    "unsafe-style": "a style with `url(…)`, `@import` or a value in it: left out",
    "value-in-link": "a value where a link says which site it leads to",
}
"""Each reason that there is, and what it says."""


def check(subject: str, preview: str, body: Mapping[str, str], frame: Frame) -> tuple[Problem, ...]:
    """Return what is wrong with a mail, given as to `Template.parse`: what stops it first."""
    try:
        template = Template.parse(subject, preview, body, frame)
    except Broken as error:
        return error.problems
    return problems_of(template)


def problems_of(template: Template) -> tuple[Problem, ...]:
    """Return what is wrong with a template: as it stands, and as two people would get it."""
    found = [
        *(one for part in _parts(template) for one in asked(part, template.frame.fields)),
        *_foreign(template),
        *_framed(template.frame),
        *(one for person in samples(template.frame.fields) for one in _rendered(template, person)),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: not one.blocking))


def in_body(template: Template, finding: Finding) -> Problem:
    """Return something found in a body as a problem, with its line."""
    problem = finding.found_in(template.body.source)
    shown = template.shown(problem.message)
    return Problem(problem.reason, shown, problem.at, problem.blocking)


def _parts(template: Template) -> tuple[Placeholders, ...]:
    return template.subject, template.preview, template.body


def _foreign(template: Template) -> Iterator[Problem]:
    for part in _parts(template):
        for found in _OF_OTHERS.finditer(part.source):
            likely = meant(found[0].strip("*|%[] ").lower(), ("name", "first_name", "email"))
            message = (
                f"`{found[0]}` is a placeholder of another program: write `{{{{ name }}}}`.{likely}"
            )
            line = line_of(part.source, found.start())
            at = f"body:{line}" if part.part == "body" else part.part
            yield Problem("foreign-placeholder", message, at, blocking=True)


def _framed(frame: Frame) -> Iterator[Problem]:
    if not frame.postal_address.strip():
        message = "Every mail has to show your postal address: set `postal_address` in `[mail]`."
        yield Problem("no-postal-address", message, "body", blocking=True)


def _rendered(template: Template, person: Person) -> Iterator[Problem]:
    try:
        mail = template.render(person)
    except CannotRender as error:
        yield error.problem
        return
    for finding in mail.found:
        yield in_body(template, finding)
    yield from _as_a_whole(mail)


def _as_a_whole(mail: Rendered) -> Iterator[Problem]:
    if not mail.subject:
        told = "Write a subject, and a `default` where it is a value alone."
        yield Problem("empty-subject", told, "subject", blocking=True)
    if len(mail.subject) > LONG_SUBJECT:
        told = f"At most {LONG_SUBJECT} characters are read of a subject; most programs show 50."
        yield Problem("long-subject", told, "subject")
    for part, text in (("subject", mail.subject), ("body", mail.text)):
        left = _LEFT.search(text)
        if left is not None:
            told = f"`{left[0]}` would be sent as it is: close the placeholder, or leave it out."
            yield Problem("left-over", told, part, blocking=True)
    size = len(mail.html.encode())
    if size > LARGE:
        told = f"The mail has {size // 1000} kB: Gmail cuts it off near 102 kB. Say less, or link."
        yield Problem("large", told, "body")
