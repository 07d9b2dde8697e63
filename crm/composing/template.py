"""A mail to many: read once, rendered for each person.

Liquid comes first, then Markdown or MJML. What does not depend on the person is made once for all
who take the same way through the template (see `marks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crm.composing import layout, markdown, mjml
from crm.composing.marks import Marks, Pieces, cut, in_html, in_text, one_line
from crm.composing.markup import Markup
from crm.composing.people import Link, Own, Person
from crm.composing.placeholders import Placeholders, zoned
from crm.composing.plain import Plain, plain
from crm.composing.problems import MOST, Broken, Finding, Problem
from crm.config.fields import FieldValue

Format = Literal["markdown", "mjml"]

LONGEST_SOURCE: Final = 100_000
"""Characters of a body."""

LONGEST_LINE: Final = 1_000
"""Characters of a subject or a preview, as written."""

WAYS: Final = 256
"""Ways through a template whose HTML is kept."""

FEWEST_WORDS: Final = 20
"""Characters of text that a mail with images has at least."""

_SUBJECT, _PREVIEW, _SENDER, _ADDRESS, _UNSUBSCRIBE = range(5)
"""Numbers of the values that are around what the template says."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is the same in all mails of an organiser.

    Attributes:
        sender_name: Whom mails are from.
        postal_address: The organiser's.
        language: The mail's language (BCP 47).
        time_zone: The organiser's: times are shown in it.
        fields: The organiser's own fields, each with an example of a value.
    """

    sender_name: str
    postal_address: str
    language: str = "en"
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    fields: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail to one person.

    Attributes:
        subject: One line.
        html: The HTML part.
        text: The text part, which says the same.
        missing: Placeholders that had no value, and no `default`.
        found: What is wrong with it.
    """

    subject: str = field(repr=False)
    html: str = field(repr=False)
    text: str = field(repr=False)
    missing: frozenset[str] = frozenset()
    found: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    """What a mail is for all who take the same way through the template."""

    html: Pieces
    text: Pieces
    found: tuple[Finding, ...]


class Template:
    """A mail to many. Made by `parse`; used by any number of threads.

    Attributes:
        subject: Its subject.
        preview: What mailboxes show beside the subject.
        body: What it says.
        format: What the body is written in.
        frame: What is around it.
    """

    def __init__(
        self,
        subject: Placeholders,
        preview: Placeholders,
        body: Placeholders,
        form: Format,
        frame: Frame,
    ) -> None:
        self.subject, self.preview, self.body = subject, preview, body
        self.format, self.frame = form, frame
        self._used = subject.used | preview.used | body.used
        self._own = {
            "sender": Own(one_line(frame.sender_name)),
            "postal_address": Own(one_line(frame.postal_address)),
        }
        self._marks = Marks.of(body.source)
        self._markup = Markup(self._marks)
        self._way = lru_cache(maxsize=WAYS)(self._made)

    @classmethod
    def parse(cls, subject: str, preview: str, body: Mapping[str, str], frame: Frame) -> Template:
        """Read a mail.

        Args:
            subject: With Liquid placeholders, as all of it.
            preview: What mailboxes show beside the subject; "" for nothing.
            body: `format` (`markdown` or `mjml`) and `source`.
            frame: What is around it.

        Raises:
            Broken: It cannot be read; `problems` says where and why.
        """
        form, source = body.get("format"), body.get("source", "")
        problems: list[Problem] = []
        if form not in ("markdown", "mjml"):
            told = "Write `markdown` or `mjml` as the format of the body."
            problems.append(Problem("unknown-format", told, "body", blocking=True))
        read: list[Placeholders] = []
        for part, text, most in (
            ("subject", subject, LONGEST_LINE),
            ("preview", preview, LONGEST_LINE),
            ("body", source, LONGEST_SOURCE),
        ):
            if len(text) > most:
                told = f"At most {most} characters fit here."
                problems.append(Problem("too-long", told, part, blocking=True))
                continue
            try:
                read.append(Placeholders.read(text, part))
            except Broken as error:
                problems += error.problems
        if problems:
            raise Broken(problems)
        of_subject, of_preview, of_body = read
        return cls(of_subject, of_preview, of_body, "mjml" if form == "mjml" else "markdown", frame)

    def render(self, person: Person) -> Rendered:
        """Return the mail to a person (see `people.person_of`).

        Raises:
            CannotRender: The template fails with the person's values. No template does whose
                `checks.check` has nothing blocking, but for one that writes without end.
        """
        values = {**zoned(person, self.frame.time_zone, self._used), **self._own}
        subject = self.subject.plain(values)
        preview = self.preview.plain(values)
        link = person.get("unsubscribe_link")
        around = (
            one_line(subject.text).strip(),
            one_line(preview.text).strip(),
            self._own["sender"],
            self._own["postal_address"],
            link if isinstance(link, Link) else Link(""),
        )
        body = self.body.marked(values, self._marks, around)
        way = self._way(body.text, bool(around[_PREVIEW]))
        return Rendered(
            around[_SUBJECT],
            in_html(way.html, body.values),
            in_text(way.text, body.values),
            subject.missing | preview.missing | body.missing,
            way.found,
        )

    def shown(self, text: str) -> str:
        """Return a text with `{{ … }}` instead of marks, as for a problem's sentence."""
        return self._marks.pattern.sub("{{ … }}", text)

    def _made(self, source: str, has_preview: bool) -> _Way:
        """Return what a marked source is, whoever it is for: it depends on nothing else."""
        preview = self._marks.mark("t", _PREVIEW) if has_preview else ""
        title = self._marks.mark("t", _SUBJECT)
        if self.format == "markdown":
            written = markdown.to_html(source)
            fragment = self._markup.clean(written)
            found = self._markup.findings(written) + markdown.findings(source, self._marks)
            said = plain(fragment)
            foot = self._foot(said)
            html = layout.document(
                fragment, foot, language=self.frame.language, title=title, preview=preview
            )
        else:
            laid = mjml.lay_out(source, self._marks, self._markup)
            fragment, found = laid.said, laid.found
            said = plain(fragment)
            foot = self._foot(said)
            html = laid.document(
                foot or None, language=self.frame.language, title=title, preview=preview
            )
        found += _findings(said)
        text = f"{said.text}\n---\n\n{plain(foot).text}" if foot else said.text
        return _Way(cut(self._marks, html), cut(self._marks, text), tuple(found[:MOST]))

    def _foot(self, said: Plain) -> str:
        """Return what is missing under a mail: the address, and a link that can be seen."""
        linked = any(
            found is not None and found[1] == "u"
            for found in map(self._marks.pattern.match, said.links)
        )
        address = self._own["postal_address"]
        addressed = "postal_address" in self.body.used or address in self.body.source
        return layout.foot(
            self.frame.language,
            "" if addressed else self._marks.mark("t", _SENDER),
            "" if addressed or not address else self._marks.mark("t", _ADDRESS),
            None if linked else self._marks.mark("u", _UNSUBSCRIBE),
        )


def _findings(said: Plain) -> list[Finding]:
    """Return what is wrong with what a mail says as a whole."""
    found = []
    if said.images and len(said.words) < FEWEST_WORDS:
        message = "The mail is images only: many people see none. Write what it says as text."
        found.append(Finding("image-only", message, blocking=True))
    elif not said.words:
        found.append(Finding("empty-body", "The mail says nothing.", blocking=True))
    elif not said.headings:
        message = "The mail has no first heading, by which a screen reader finds its beginning."
        found.append(Finding("no-heading", message))
    if said.headings > 1:
        message = "The mail has several first headings: make one of them the first, others second."
        found.append(Finding("several-headings", message))
    return found
