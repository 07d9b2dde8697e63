"""Own fields as placeholders: which there are, what some people lack, what a user may write."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.composing.checks import check
from crm.composing.dry import dry_run
from crm.composing.people import LONGEST_NAME, person_of
from tests.support.mails import FRAME, LINK, markdown

OWN = replace(FRAME, fields={"company": "Example", "seats": 3, "born": "2024-03-05", "vegan": True})


def reasons(source: str) -> list[tuple[str, bool]]:
    body = {"format": "markdown", "source": f"# Hi\n\n{source} and more."}
    return [(one.reason, one.blocking) for one in check("Hi", "", body, OWN)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{{ fields.company | default: 'yours' }}", []),
        ("{% if fields.company %}{{ fields.company }}{% endif %}", []),
        ("{% if fields.seats > 2 %}many{% endif %}", []),
        ("{{ fields.born | date: '%d.%m.' | default: 'some day' }}", []),
        ("{{ fields.company }}", [("no-default", False)]),
        ("{% if fields.seats %}{{ fields.company }}{% endif %}", [("no-default", False)]),
        ("{{ fields.compny | default: 'x' }}", [("unknown-variable", True)]),
        ("{{ fields | default: 'x' }}", [("unknown-variable", True)]),
        ("{{ fields.company.name | default: 'x' }}", [("unknown-variable", True)]),
        ("{{ company | default: 'x' }}", [("unknown-variable", True)]),
    ],
)
def test_what_is_asked_for_is_looked_at(source: str, found: list[tuple[str, bool]]) -> None:
    assert reasons(source) == found


def test_a_field_that_is_misspelt_says_what_was_meant() -> None:
    body = {"format": "markdown", "source": "# Hi\n\n{{ fields.compny | default: 'x' }} and more."}
    (problem,) = check("Hi", "", body, OWN)
    assert "Did you mean `company`?" in problem.message
    assert problem.at == "body:3"


def person(**fields: Any) -> Any:
    return person_of({"fields": fields}, unsubscribe=LINK, email="ann@example.com")


def test_values_are_written_and_missing_ones_counted() -> None:
    template = markdown(
        "# Hi\n\n{{ fields.company }}: {{ fields.seats }}, {{ fields.born | date: '%d.%m.%y' }},"
        " {{ fields.vegan }}",
        frame=OWN,
    )
    full = template.render(person(company="ACME", seats=2.5, born="1990-01-02", vegan=False))
    assert "ACME: 2.5, 02.01.90, false" in full.text
    assert not full.missing
    report = dry_run(template, [person(company="ACME", seats=1), person(), person(vegan=True)])
    assert {gap.name: gap.people for gap in report.gaps} == {
        "fields.born": 3,
        "fields.company": 2,
        "fields.seats": 2,
        "fields.vegan": 2,
    }


@pytest.mark.parametrize(
    "written",
    ["x" * (LONGEST_NAME + 1), "write to eve@evil.example", "see https://evil.example/login"],
)
def test_whoever_writes_a_letter_into_a_field_writes_nothing(written: str) -> None:
    """Somebody could claim another's address, and have mails to it say what they like."""
    mail = markdown("# Hi\n\nCity: {{ fields.city }}.", frame=OWN).render(person(city=written))
    assert "City: ." in mail.text
    assert mail.missing == {"fields.city"}


def test_no_value_is_markup_or_a_link() -> None:
    template = markdown("# Hi\n\n{{ fields.company }}", frame=OWN)
    mail = template.render(person(company="<b>[x](y)</b> evil.example"))
    assert "<b>" not in mail.html.split("Hi</h1>")[1]
    assert "evil.example" not in mail.html
