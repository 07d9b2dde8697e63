"""Mails to try things on."""

from __future__ import annotations

from crm.composing.people import Person, person_of
from crm.composing.template import Frame, Rendered, Template

FRAME = Frame("Example Events", "1 Main Street, Springfield")

LINK = "https://example.com/unsubscribe?token=sample"

MARKDOWN = """# Dear {{ x }}

Thank you, *{{ x }}*, for coming to **{{ events.first.name }}**.
It was `{{ x }}` and

- {{ x }}
- [{{ x }}](https://example.com/hello?name={{ x }} "{{ x }}")

> {{ x }}

| who | what |
|-----|------|
| {{ x }} | {{ events.first.name }} |

{{ x }}
"""

MJML = """<mjml><mj-head><mj-title>{{ x }}</mj-title></mj-head><mj-body>
<mj-section><mj-column>
<mj-text><h1>Dear {{ x }}</h1><p title="{{ x }}">Thank you, <b>{{ x }}</b></p></mj-text>
<mj-image src="https://example.com/logo.png" alt="{{ x }}"
  href="https://example.com/hello?name={{ x }}"/>
<mj-button href="https://example.com/hello?name={{ x }}" title="{{ x }}">For {{ x }}</mj-button>
<mj-table><tr><td>{{ x }}</td><td>{{ events.first.name }}</td></tr></mj-table>
</mj-column></mj-section></mj-body></mjml>
"""


def somebody(**fields: object) -> Person:
    """Return a person as placeholders see one."""
    return {**person_of({}, unsubscribe=LINK, email="ann@example.com"), **fields}


def markdown(source: str, subject: str = "Hi", preview: str = "", frame: Frame = FRAME) -> Template:
    """Return a mail of Markdown."""
    return Template.parse(subject, preview, {"format": "markdown", "source": source}, frame)


def mjml(source: str, frame: Frame = FRAME) -> Template:
    """Return a mail of MJML, from what stands in its only column."""
    whole = source if "<mjml>" in source else in_column(source)
    return Template.parse("Hi", "", {"format": "mjml", "source": whole}, frame)


def in_column(source: str) -> str:
    """Return MJML around what stands in its only column."""
    return (
        f"<mjml><mj-body><mj-section><mj-column>{source}</mj-column></mj-section></mj-body></mjml>"
    )


def mail_of(template: Template, **fields: object) -> Rendered:
    """Return a mail to somebody."""
    return template.render(somebody(**fields))
