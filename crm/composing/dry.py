"""Rendering a mail for everybody before one is sent: who would get a gap, and whether it fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from crm.composing.asked import gap
from crm.composing.checks import LARGE, in_body
from crm.composing.people import Person
from crm.composing.problems import CannotRender, Finding, Problem
from crm.composing.template import Template


@dataclass(frozen=True, slots=True)
class Gap:
    """A placeholder that has no value for some people.

    Attributes:
        name: What it asks for.
        people: How many have none.
        shown: Its line as they would read it: `Hi ,`.
    """

    name: str
    people: int
    shown: str


@dataclass(frozen=True, slots=True)
class DryReport:
    """What a mail would be for everybody.

    Attributes:
        rendered: For how many people it was rendered.
        failed: For how many it cannot be.
        gaps: Placeholders without a value, those that most people lack first.
        largest: Bytes of the largest HTML part.
        large: How many are so large that Gmail would cut them off soon.
        problems: What is wrong, for whomever.
    """

    rendered: int
    failed: int
    gaps: tuple[Gap, ...]
    largest: int
    large: int
    problems: tuple[Problem, ...]


def dry_run(template: Template, people: Iterable[Person]) -> DryReport:
    """Render a mail for everybody, and keep none of it."""
    rendered = failed = largest = large = 0
    missing: Counter[str] = Counter()
    problems: dict[Problem, None] = {}
    found: dict[Finding, None] = {}
    for person in people:
        try:
            mail = template.render(person)
        except CannotRender as error:
            failed += 1
            problems[error.problem] = None
            continue
        rendered += 1
        missing.update(mail.missing)
        size = len(mail.html.encode())
        largest, large = max(largest, size), large + (size > LARGE)
        found |= dict.fromkeys(mail.found)
    problems |= dict.fromkeys(in_body(template, one) for one in found)
    parts = (template.subject, template.preview, template.body)
    gaps = [
        Gap(name, people, next(filter(None, (gap(part, name) for part in parts)), ""))
        for name, people in missing.most_common()
    ]
    return DryReport(rendered, failed, tuple(gaps), largest, large, tuple(problems))
