"""What is looked at before a mail may be sent, with the line where it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.composing.checks import REASONS, check
from crm.composing.filters import FILTERS
from crm.composing.mjml_names import ELEMENTS, INSTEAD
from crm.composing.people import EVENT, VARIABLES, person_of, samples
from crm.composing.placeholders import TAGS
from crm.composing.problems import Broken, Problem
from crm.composing.template import Template
from tests.support.mails import FRAME, LINK, MARKDOWN, MJML, in_column

CLEAN = {
    "markdown": "# Hi {{ first_name | default: 'friend' }}\n\nCome [again](https://example.com/).",
    "mjml": in_column('<mj-text><h1>Hi</h1><p>Come again</p></mj-text><mj-spacer height="9px" />'),
}


def problems(
    source: str, form: str = "markdown", subject: str = "Hi", preview: str = ""
) -> tuple[Problem, ...]:
    return check(subject, preview, {"format": form, "source": source}, FRAME)


@pytest.mark.parametrize("form", CLEAN)
def test_nothing_is_said_of_a_mail_that_has_all(form: str) -> None:
    assert problems(CLEAN[form], form) == ()


FOUND = [
    # In Markdown: the reason, where it is, whether it stops the mail, and the source
    ("liquid", "body:3", True, "# Hi\n\n{{ name"),
    ("liquid", "body", True, "# Hi\n\n{% if name %}"),
    ("liquid", "body:3", True, "# Hi\n\n{% if order_count > 'x' %}{% endif %}"),
    ("unknown-tag", "body:2", True, "# Hi\n{% includes 'x' %}"),
    ("unknown-tag", "body:2", True, "# Hi\n{% raw %}{{ name }}{% endraw %}"),
    ("unknown-variable", "body:1", True, "# Hi {{ [name] }}"),
    ("unknown-variable", "body:1", True, "# Hi {{ name[0] }}"),
    ("liquid", "body:1", True, "# Hi {{" + " " * 300 + "}}"),
    ("unknown-filter", "body:3", True, "# Hi\n\n{{ tags | uppercase }}"),
    ("unknown-variable", "body:3", True, "# Hi\n\n{{ fistname | default: 'x' }}"),
    ("unknown-variable", "body:3", True, "# Hi\n\n{% if custmer %}{% endif %}"),
    ("unknown-variable", "body:3", True, "# Hi\n\n{{ events.first.place | default: 'x' }}"),
    ("unknown-variable", "body:1", True, "# Hi {% for e in events %}{{ e.place }}{% endfor %}"),
    ("unknown-variable", "body:1", True, "# Hi {{ events.newest }}"),
    ("unknown-variable", "body:1", True, "# Hi {{ now }}"),
    ("no-default", "body:1", False, "# Hi {{ name }}"),
    ("no-default", "body:1", False, "# Hi {{ events.first.starts_at | date: '%Y' }}"),
    ("no-default", "body:1", False, "# Hi {% for e in events %}{{ e.name }}{% endfor %}"),
    ("foreign-placeholder", "body:2", True, "# Hi\n*|FNAME|*"),
    ("html-in-markdown", "body:3", False, "# Hi\n\nA <b>word</b>"),
    ("broken-link", "body:3", True, "# Hi\n\n[x](ftp://example.com/)"),
    ("broken-link", "body:3", True, "# Hi\n\n[x](https://example.com@evil.example/)"),
    ("relative-link", "body:3", True, "# Hi\n\n[x](/tickets)"),
    ("relative-link", "body:3", True, "# Hi\n\n[x](www.example.com)"),
    ("empty-link", "body", True, "# Hi\n\n[x]()"),
    ("insecure-link", "body:3", False, "# Hi\n\n[x](http://example.com/)"),
    ("value-in-link", "body:3", True, "# Hi\n\n[x](https://{{ email }}/)"),
    ("link-without-text", "body:3", False, "# Hi\n\n[](https://example.com/)"),
    ("image-without-alt", "body:3", False, '<mj-image src="https://a.example/x.png" />'),
    (
        "tracking-image",
        "body:4",
        True,
        "# Hi\n\nLong enough a text\n![x](https://a.example/{{ email }})",
    ),
    ("image-only", "body", True, "![x](https://a.example/x.png)"),
    ("empty-body", "body", True, ""),
    ("no-heading", "body", False, "Hi"),
    ("several-headings", "body", False, "# Hi\n\n# Again"),
    ("left-over", "body", True, "# Hi }} you"),
    ("large", "body", False, "# Hi\n\n" + "word " * 18_500),
    ("too-long", "body", True, "# Hi\n\n" + "word " * 30_000),
    # In MJML, in a column that begins in the third line
    ("unsafe-markup", "body:3", True, "<mj-text><script>alert(1)</script></mj-text>"),
    ("unsafe-markup", "body:3", True, "<mj-text><form action='x'></form></mj-text>"),
    ("unsafe-markup", "body:3", True, "<mj-text><p onclick='x'>x</p></mj-text>"),
    ("unsafe-markup", "body:3", True, "<mj-text><iframe src='x'></iframe></mj-text>"),
    ("unsafe-markup", "body:3", False, "<mj-text><p id='x'>x</p></mj-text>"),
    ("unsafe-style", "body:3", True, "<mj-text><p style='background:url(x)'>x</p></mj-text>"),
    ("unsafe-style", "body:3", True, "<mj-text color='{{ email }}'>x</mj-text>"),
    ("unknown-element", "body:3", True, "<mj-txt>x</mj-txt>"),
    ("unknown-element", "body:3", True, "<mj-raw>x</mj-raw>"),
    ("unknown-element", "body:3", True, "<mj-include path='x' />"),
    ("unknown-attribute", "body:3", False, "<mj-text colour='red'>x</mj-text>"),
    ("unknown-attribute", "body:3", True, "<mj-text onclick='x'>x</mj-text>"),
    ("misplaced", "body:3", True, "<mj-section></mj-section>"),
    ("unclosed", "body:3", True, "<mj-text>x"),
    ("unclosed", "body:3", True, "</mj-text>"),
    ("unclosed", "body:3", True, "<mj-image src='https://a.example/x.png' alt=''>"),
    ("stray-text", "body:3", True, "loose"),
    ("stray-text", "body", True, "{{ email }}"),
    ("broken-image", "body:3", True, "<mj-image alt='x' />"),
    (
        "tracking-image",
        "body:3",
        True,
        "<mj-image alt='' width='1px' src='https://a.example/x.png' />",
    ),
    ("empty-link", "body:3", True, "<mj-button>x</mj-button>"),
    ("link-without-text", "body:3", False, "<mj-button href='https://a.example/'></mj-button>"),
    ("broken-link", "body:3", True, "<mj-button href='javascript:x'>x</mj-button>"),
    ("no-mjml", "body", True, "<p>no MJML</p>"),
    ("no-mjml", "body:1", True, "<mjml></mjml>"),
    (
        "hidden-unsubscribe",
        "body:1",
        True,
        "<mjml><mj-head><mj-style>a{display:none}</mj-style></mj-head></mjml>",
    ),
    (
        "hidden-unsubscribe",
        "body:1",
        True,
        "<mjml><mj-head><mj-style>.mj-column-x p { font-size : 0 }</mj-style></mj-head></mjml>",
    ),
    (
        "unsafe-style",
        "body:1",
        True,
        "<mjml><mj-head><mj-style>@import 'x';</mj-style></mj-head></mjml>",
    ),
]


@pytest.mark.parametrize(("reason", "at", "blocking", "source"), FOUND)
def test_it_is_found(reason: str, at: str, blocking: bool, source: str) -> None:
    said = problems(*whole(source))
    found = [one for one in said if one.reason == reason]
    assert found, said
    assert (found[0].at, found[0].blocking) == (at, blocking)
    assert found[0].message.endswith((".", "?"))
    assert not re.search("zq[0-9a-f]{16}v", found[0].message)


def whole(source: str) -> tuple[str, str]:
    """A source as it is, or in a column that begins in its third line."""
    if source.startswith(("<mjml", "<p>")):
        return source, "mjml"
    if source.startswith(("<mj-", "</mj-")) or source in ("loose", "{{ email }}"):
        return in_column(f"\n\n{source}\n"), "mjml"
    return source, "markdown"


@pytest.mark.parametrize(
    ("reason", "at", "blocking", "subject"),
    [
        ("empty-subject", "subject", True, ""),
        ("empty-subject", "subject", True, "{{ name }}"),
        ("empty-subject", "subject", True, " {% if registered %}x{% endif %} "),
        ("long-subject", "subject", False, "word " * 40),
        ("too-long", "subject", True, "word " * 300),
        ("left-over", "subject", True, "Hi }}"),
        ("no-default", "subject", False, "Hi {{ name }}"),
        ("unknown-variable", "subject", True, "Hi {{ nam }}"),
        ("liquid", "subject:1", True, "Hi {{ name"),
    ],
)
def test_it_is_found_in_the_subject(reason: str, at: str, blocking: bool, subject: str) -> None:
    said = problems(CLEAN["markdown"], subject=subject)
    found = [one for one in said if one.reason == reason]
    assert found, said
    assert (found[0].at, found[0].blocking) == (at, blocking)


def test_every_reason_is_found_by_a_test_and_none_is_made_up() -> None:
    tried = {one[0] for one in FOUND} | {"empty-subject", "long-subject", "unknown-format"}
    assert tried | {"no-postal-address"} == set(REASONS)


def test_a_frame_without_an_address_stops_every_mail() -> None:
    body = {"format": "markdown", "source": CLEAN["markdown"]}
    (problem,) = check("Hi", "", body, replace(FRAME, postal_address=" "))
    assert (problem.reason, problem.blocking) == ("no-postal-address", True)


def test_another_format_is_none() -> None:
    (problem,) = problems("# Hi", "html")
    assert (problem.reason, problem.blocking) == ("unknown-format", True)


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("# {{ nmae | default: 'x' }}", "name"),
        ("# {{ fist_name | default: 'x' }}", "first_name"),
        ("# {{ tags | jion: ' ' }}", "join"),
        ("# {% unles registered %}", "unless"),
        ("# {% for e in events %}{{ e.nam | default: 'x' }}{% endfor %}", "name"),
        (in_column("<mj-buton href='x'>x</mj-buton>"), "mj-button"),
        (in_column("<mj-text colr='red'>x</mj-text>"), "color"),
    ],
)
def test_it_says_what_was_meant(source: str, meant: str) -> None:
    form = "mjml" if source.startswith("<mjml") else "markdown"
    assert any(f"Did you mean `{meant}`?" in one.message for one in problems(source, form))


@pytest.mark.parametrize(
    "source",
    [
        "# Hi {% if name %}{{ name }}{% else %}you{% endif %}",
        "# Hi {{ name | default: 'you' | upcase }}",
        "# Hi {{ email }} {{ order_count }} {{ tags | size }} {{ sender }}",
        "# Hi {% for e in events %}{% if e.name %}{{ e.name }}{{ forloop.index }}{% endif %}"
        "{% endfor %}",
        "# Hi {% assign one = events | first %}{{ one.name | default: 'x' }}",
        "# Hi [off]({{ unsubscribe_link }}) [x](https://example.com/?n={{ email }})"
        " [m](mailto:a@b.example)",
    ],
)
def test_it_says_nothing_of(source: str) -> None:
    assert problems(source) == ()


def test_a_style_of_a_class_of_ones_own_may_hide() -> None:
    head = "<mj-head><mj-style>@media (max-width:480px){.wide{display:none}}</mj-style></mj-head>"
    source = f"<mjml>{head}{CLEAN['mjml'].removeprefix('<mjml>')}"
    assert problems(source, "mjml") == ()


def test_what_stops_a_mail_comes_first_and_once() -> None:
    said = problems("Hi {{ name }} {{ name }}\n\n[x](/a) {{ nothing }}")
    assert [one.blocking for one in said] == sorted((one.blocking for one in said), reverse=True)
    assert len(said) == len(set(said))


PERSON = st.builds(
    person_of,
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.none() | st.text(),
            "tags": st.lists(st.text()),
            "orderCount": st.integers(),
            "lastOrderAt": st.none() | st.datetimes(timezones=st.timezones()),
            "events": st.dictionaries(
                st.text(),
                st.fixed_dictionaries(
                    {"name": st.none() | st.text(), "startsAt": st.none()},
                ),
            ),
            "attendedEventIds": st.lists(st.text()),
        },
    ),
    unsubscribe=st.just(LINK),
    email=st.just("ann@example.com"),
)

USUAL = [
    ("markdown", MARKDOWN.replace("{{ x }}", "{{ name }}")),
    ("mjml", MJML.replace("{{ x }}", "{{ name }}")),
    (
        "markdown",
        "# {{ first_name | default: 'x' | upcase | truncate: 5 }}\n{% for e in events %}"
        "- {{ e.name }} {{ e.starts_at | date: '%d.%m.%Y' }}{% if e.attended %}!{% endif %}\n"
        "{% for tag in tags %}{{ tag }}{% endfor %}{% endfor %}\n{{ last_order_at | date: '%B' }}"
        "{% if last_order_at > '2024-01-01' and order_count >= 2 %}"
        "{{ tags | sort | join: ', ' }}{% endif %}{{ order_count | minus: 1 }}"
        "{{ events | where: 'attended', true | map: 'name' | reverse | last }}",
    ),
]


@pytest.mark.parametrize(("form", "source"), USUAL, ids=["markdown", "mjml", "all"])
@given(person=PERSON)
def test_what_passes_the_checks_is_rendered_for_everybody(
    form: str, source: str, person: dict[str, object]
) -> None:
    body = {"format": form, "source": source}
    assert not [one for one in check("Hi", "", body, FRAME) if one.blocking]
    mail = Template.parse("Hi {{ name }}", "", body, FRAME).render(person)
    assert LINK in mail.html
    assert LINK in mail.text


def test_the_samples_have_all_that_placeholders_can_ask_for() -> None:
    for person in samples():
        assert set(person) | {"sender", "postal_address"} == set(VARIABLES)
    full, _ = samples({"company": "ACME"})
    assert all(full[name] for name in full)


@given(source=st.text(alphabet=st.sampled_from("{}%| abc'\"\n-#:.name[](/)<>=")))
def test_whatever_is_written_is_checked(source: str) -> None:
    for form in ("markdown", "mjml"):
        problems(source, form)
        try:
            Template.parse(source, source, {"format": form, "source": source}, FRAME)
        except Broken as error:
            assert error.problems


# The documents

PAGE = (Path(__file__).parents[3] / "docs/campaigns.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, list[str]]:
    """The rows of a table of the page by what stands in their first column, its signs aside."""
    _, _, after = PAGE.partition(f"| {heading} |")
    rows = after.split("\n\n")[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\) \| ", row.strip("| ")) for row in rows]
    return {one[0].strip("`{} "): [cell.replace("\\|", "|") for cell in one[1:]] for one in cells}


def test_the_page_has_every_placeholder() -> None:
    for heading, known in (("placeholder", VARIABLES), ("of an event", EVENT)):
        said = table(heading)
        assert list(said) == list(known)
        for name, variable in known.items():
            assert said[name][0] == f"{variable.meaning} ({variable.kind})"
            assert (said[name][1:] == ["yes"]) is variable.optional


def test_the_page_has_every_tag_filter_and_element() -> None:
    assert {name: cells[0] for name, cells in table("tag").items()} == dict(TAGS)
    assert {name: cells[0] for name, cells in table("filter").items()} == dict(FILTERS)
    assert {name: cells[0] for name, cells in table("not there").items()} == dict(INSTEAD)
    assert ", ".join(f"`{name}`" for name in ELEMENTS) in PAGE


def test_the_page_has_every_reason_and_whether_it_stops_a_mail() -> None:
    stops = {reason: {one[2] for one in FOUND if one[0] == reason} for reason in REASONS}
    stops |= {name: {True} for name in ("empty-subject", "no-postal-address", "unknown-format")}
    stops["long-subject"] = {False}
    said = table("reason")
    assert {name: cells[0] for name, cells in said.items()} == dict(REASONS)
    written = {"yes": {True}, "where it would run or load": {True, False}}
    assert {name: written.get("".join(cells[1:]), {False}) for name, cells in said.items()} == stops


@pytest.mark.parametrize(
    "source",
    ["{{" * 40_000, "{% raw %}" * 10_000, "{{" + " " * 90_000 + "}}", in_column("<f>" * 20_000)]
    + [in_column(f"<mj-text>{one}</mj-text>") for one in ("<a" * 40_000, "<!--" * 20_000)],
    ids=["placeholders", "raw", "blanks", "elements", "tags", "comments"],
)
def test_what_would_be_looked_through_again_and_again_is_refused_at_once(source: str) -> None:
    """Each of these took minutes; a test that hangs is stopped by whoever runs it."""
    form = "mjml" if source.startswith("<mjml") else "markdown"
    assert any(one.blocking for one in problems(source, form))
