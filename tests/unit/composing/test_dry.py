"""A mail rendered for everybody before it is sent: who would get a gap."""

from __future__ import annotations

from crm.composing.dry import Gap, dry_run
from tests.support.mails import markdown, somebody


def test_who_would_read_a_gap_is_counted_with_the_line() -> None:
    people = [somebody(name="Ann"), *(somebody() for _ in range(3))]
    source = "# Hello\n\nHi {{ name }},\n\nsee *{{ first_name | default: 'you' }}*"
    report = dry_run(markdown(source, "For {{ name }}"), people)
    assert (report.rendered, report.failed) == (4, 0)
    assert report.gaps == (Gap("name", 3, "For"),)
    body_only = dry_run(markdown(source), people)
    assert body_only.gaps == (Gap("name", 3, "Hi ,"),)


def test_what_most_people_lack_comes_first() -> None:
    people = [somebody(name="Ann"), somebody()]
    report = dry_run(markdown("# {{ name }}\n\n{{ last_order_at }}"), people)
    assert [(one.name, one.people) for one in report.gaps] == [("last_order_at", 2), ("name", 1)]


def test_for_whom_it_cannot_be_rendered_is_counted_and_said() -> None:
    people = [somebody(name="Ann"), somebody()]
    report = dry_run(markdown("# Hi\n\n{% if name > 3 %}x{% endif %}"), people)
    assert (report.rendered, report.failed) == (1, 1)
    (problem,) = report.problems
    assert (problem.reason, problem.at) == ("liquid", "body:3")


def test_what_is_wrong_for_some_people_only_is_found() -> None:
    source = "# Hi\n\n{% if order_count > 9 %}[x](/regulars){% endif %}"
    assert dry_run(markdown(source), [somebody()]).problems == ()
    (problem,) = dry_run(markdown(source), [somebody(), somebody(order_count=10)]).problems
    assert (problem.reason, problem.at, problem.blocking) == ("relative-link", "body:3", True)


def test_the_largest_mail_and_how_many_are_too_large() -> None:
    source = "# Hi\n\n{% if order_count > 9 %}" + "word " * 18_500 + "{% endif %}"
    report = dry_run(markdown(source), [somebody(), somebody(order_count=10)])
    assert report.largest > 90_000
    assert report.large == 1


def test_nobody_is_nothing() -> None:
    report = dry_run(markdown("# Hi {{ name }}"), [])
    assert (report.rendered, report.gaps, report.largest) == (0, (), 0)
