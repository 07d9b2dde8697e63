"""What a mail says, in both parts, from Markdown and from MJML."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.composing.mjml_names import ELEMENTS
from crm.composing.people import person_of
from crm.composing.problems import Broken, CannotRender
from crm.composing.template import Frame, Template
from crm.composing.words import WORDS
from tests.support.mails import FRAME, LINK, in_column, mail_of, markdown, mjml, somebody

ATTENDED = {
    "name": "Ada Lovelace",
    "tags": ["speaker", "vip"],
    "orderCount": 3,
    "firstOrderAt": datetime(2023, 1, 2, 9, tzinfo=UTC),
    "lastOrderAt": datetime(2024, 3, 5, 22, 30, tzinfo=UTC),
    "registered": True,
    "events": {
        "old": {"name": "Old Days", "startsAt": datetime(2023, 2, 1, tzinfo=UTC)},
        "new": {"name": "DevOps Workshop", "startsAt": datetime(2024, 3, 31, 17, tzinfo=UTC)},
        "when": {"name": None, "startsAt": None},
    },
    "attendedEventIds": ["old"],
}


def ada(source: str, frame: Frame = FRAME) -> str:
    """Return the first lines of a text part to Ada: what a source says."""
    person = person_of(ATTENDED, unsubscribe=LINK, email="ada@example.com")
    return markdown(source, frame=frame).render(person).text.partition("\n---\n")[0].strip()


# Placeholders


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ name }}, {{ first_name }}", "Ada Lovelace, Ada"),
        ("{{ email }}", "ada@example.com"),
        ("{{ tags | join: ' and ' }}", "speaker and vip"),
        ("{{ tags }}", "speaker, vip"),
        ("{{ order_count | plus: 1 }}", "4"),
        ("{{ last_order_at }}", "2024-03-05 22:30"),
        ("{{ last_order_at | date: '%-d.%m.%Y' }}", "5.03.2024"),
        ("{{ registered }}", "true"),
        ("{{ events.first.name }}", "DevOps Workshop"),
        ("{{ events | map: 'id' | join: ' ' }}", "new old when"),
        ("{% for e in events %}{% if e.attended %}{{ e.id }}{% endif %}{% endfor %}", "old"),
        ("{% assign w = events | where: 'attended', true %}{{ w.size }}", "1"),
        ("{% if last_order_at > '2024-03-01' %}lately{% endif %}", "lately"),
        ("{% if tags contains 'vip' %}very{% endif %}", "very"),
        ("{{ sender }}, {{ postal_address }}", "Example Events, 1 Main Street, Springfield"),
        ("{{ name | upcase | truncate: 6 }}", "ADA..."),
        ("{% case order_count %}{% when 3 %}three{% else %}other{% endcase %}", "three"),
        ("{% unless registered %}x{% else %}known{% endunless %}", "known"),
        ("{% # nobody sees this %}{% comment %}nor this{% endcomment %}.", "."),
        ("{% for i in (1..9) %}{% if i > 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "12"),
    ],
)
def test_placeholders_say(source: str, said: str) -> None:
    assert ada(source) == said


def test_times_are_the_organisers() -> None:
    frame = Frame("E", "A", time_zone=ZoneInfo("Europe/Berlin"))
    assert ada("{{ last_order_at }}", frame) == "2024-03-05 23:30"
    assert ada("{{ events.first.starts_at | date: '%H:%M' }}", frame) == "19:00"  # in summer


@pytest.mark.parametrize(
    "source",
    [
        "{{ name.__class__ }}",
        "{{ name.__class__.__mro__ }}",
        "{{ events.append }}",
        "{{ events.first.__getitem__ }}",
        "{{ tags | map: '__class__' }}",
        "{{ last_order_at.at }}",
        "{{ email.__str__ }}",
        "{{ last_order_at | date: '%s%Z%z%c' | truncate: 0, '' }}",
    ],
)
def test_nothing_of_python_can_be_reached(source: str) -> None:
    assert ada(f"x{source}") == "x"


@pytest.mark.parametrize(
    "source",
    [
        "{{ name | date: '%Y' }}{{ events | upcase }}{{ tags | plus: 1 }}{{ name | where: 1 }}",
        "{{ order_count | truncate: 'x' }}{{ name | truncate: -5 }}{{ nothing | first | last }}",
        "{{ events | sort: 'name' | size }}{{ events | sort | size }}{{ 1 | map: 'x' }}",
        "{{ name | default }}{{ tags | append: events }}{{ last_order_at | date: events }}",
    ],
)
def test_no_filter_fails(source: str) -> None:
    ada(source)
    mail_of(markdown(source))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{% for i in (1..100000000) %}x{% endfor %}", "liquid"),
        (
            "{% for i in (1..9999) %}{{ sender | append: sender | append: sender }}{% endfor %}",
            "liquid",
        ),
        ("{% assign x = 'abcdefghij' %}" + "{% assign x = x | append: x %}" * 40 + "{{ x }}", None),
        ("{% if name > 3 %}x{% endif %}", "liquid"),
    ],
)
def test_what_has_no_end_is_stopped(source: str, reason: str | None) -> None:
    person = person_of(ATTENDED, unsubscribe=LINK, email="ada@example.com")
    template = markdown(source)
    if reason is None:
        assert len(template.render(person).html) < 20_000
    else:
        with pytest.raises(CannotRender) as raised:
            template.render(person)
        assert raised.value.problem.reason == reason
        assert "Lovelace" not in str(raised.value)


@pytest.mark.parametrize(
    "tag", ["include 'x'", "render 'x'", "capture x", "tablerow x in y", "liquid x", "echo x"]
)
def test_there_is_no_other_tag(tag: str) -> None:
    with pytest.raises(Broken) as raised:
        markdown(f"line\n\n{{% {tag} %}}")
    (problem,) = raised.value.problems
    assert (problem.reason, problem.at, problem.blocking) == ("unknown-tag", "body:3", True)


# What every mail has

BOTH = pytest.mark.parametrize("made", [markdown, mjml], ids=["markdown", "mjml"])

SOURCES = {markdown: "# Hello\n\nText", mjml: "<mj-text><h1>Hello</h1><p>Text</p></mj-text>"}


@BOTH
def test_every_mail_shows_the_address_and_a_link_to_unsubscribe(made: object) -> None:
    template = made(SOURCES[made])  # type: ignore[operator,index]
    mail = mail_of(template)
    assert mail.html.count(f'href="{LINK}"') == 1
    assert f"Unsubscribe ({LINK})" in mail.text
    for part in (mail.html, mail.text):
        assert "Example Events · 1 Main Street, Springfield" in part


@BOTH
def test_a_link_and_an_address_of_ones_own_are_not_doubled(made: object) -> None:
    source = SOURCES[made].replace(  # type: ignore[index]
        "Text", "[Leave]({{ unsubscribe_link }}) {{ postal_address }}"
    )
    if made is mjml:
        source = source.replace(
            "[Leave]({{ unsubscribe_link }})", '<a href="{{ unsubscribe_link }}">Leave</a>'
        )
    mail = mail_of(made(source))  # type: ignore[operator]
    assert mail.html.count(LINK) == 1
    assert "Unsubscribe" not in mail.html + mail.text
    assert f"Leave ({LINK}) 1 Main Street, Springfield" in mail.text
    assert mail.text.count("1 Main Street") == 1


@pytest.mark.parametrize(
    "hidden",
    [
        '<mj-text><h1>Hi</h1><a href="{{ unsubscribe_link }}" style="display:none">x</a></mj-text>',
        '<mj-text><p style="opacity:0"><a href="{{ unsubscribe_link }}">x</a></p></mj-text>',
        '<mj-text font-size="1px"><h1>Hi</h1><a href="{{ unsubscribe_link }}">x</a></mj-text>',
        '<mj-text><h1>Hi</h1><a href="{{ unsubscribe_link }}"></a></mj-text>',
        "<mj-text><h1>Hi</h1><!-- <a href='{{ unsubscribe_link }}'>x</a> --></mj-text>",
        '<mj-text><a href="https://a.example/?to={{ unsubscribe_link }}">x</a></mj-text>',
    ],
)
def test_a_link_that_nobody_sees_is_none(hidden: str) -> None:
    mail = mail_of(mjml(hidden))
    assert f"Unsubscribe ({LINK})" in mail.text
    assert ">Unsubscribe</a>" in mail.html


@BOTH
@pytest.mark.parametrize(
    ("language", "way"), [("en", "ltr"), ("de-AT", "ltr"), ("ar", "rtl"), ("he", "rtl")]
)
def test_a_mail_says_its_language_and_direction(made: object, language: str, way: str) -> None:
    frame = Frame("E", "Somewhere 1", language)
    html = mail_of(made(SOURCES[made], frame=frame)).html  # type: ignore[operator,index]
    assert re.search(rf'<html[^>]* lang="{language}" dir="{way}"', html)
    unsubscribe = WORDS.get(language[:2], WORDS["en"]).unsubscribe
    assert f">{unsubscribe}</a>" in html


@BOTH
def test_the_preview_is_said_once_and_hidden(made: object) -> None:
    body = {"format": made.__name__, "source": SOURCES[made]}  # type: ignore[attr-defined,index]
    if made is mjml:
        body["source"] = in_column(body["source"])
    template = Template.parse("Subject", "See you, {{ x }}", body, FRAME)
    mail = template.render(somebody(x="Ada"))
    assert mail.html.count("See you, Ada") == 1
    assert re.search(r'<div style="display:none;[^"]*">See you, Ada', mail.html)
    assert "See you" not in mail.text
    assert "<title>Subject</title>" in mail.html


def test_mjml_has_a_preview_of_its_own_where_the_campaign_has_none() -> None:
    whole = (
        "<mjml><mj-head><mj-preview>Own &amp; {{ x }}</mj-preview></mj-head>"
        "<mj-body></mj-body></mjml>"
    )
    assert "Own &amp; &lt;b&gt;" in mail_of(mjml(whole), x="<b>").html


def test_a_mail_of_markdown_is_readable_in_the_dark() -> None:
    html = mail_of(markdown("# Hello")).html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "prefers-color-scheme:dark" in html


@pytest.mark.parametrize(
    ("source", "buttons"),
    [
        ("**[Tickets](https://example.com/t)**", 1),
        ("**[{{ first_name }}, your *tickets*](https://example.com/t)**", 1),
        ("**[One](https://example.com/1)** **[two](https://example.com/2)**", 0),
        ("**[Tickets](https://example.com/t) here**", 0),
        ("Now: **[Tickets](https://example.com/t)**", 0),
        ("[Tickets](https://example.com/t)", 0),
        ("**Tickets**", 0),
    ],
)
def test_a_bold_link_alone_is_a_button(source: str, buttons: int) -> None:
    html = markdown(source).render(somebody()).html
    assert html.count('class="crm-button"') == buttons
    assert html.count("background-color:#0b57d0") == buttons
    assert "a.crm-button{color:#ffffff!important}" in html  # also in the dark


@BOTH
def test_a_mail_loads_nothing_but_the_images_that_it_shows(made: object) -> None:
    html = mail_of(made(SOURCES[made])).html  # type: ignore[operator,index]
    for other in ("<script", "<link", "@import", "url(", "fonts.g", "<iframe", "<form", "<img"):
        assert other not in html


# The text part


def test_the_text_of_markdown() -> None:
    source = """# Title

A *line*
and [a link](https://example.com/a?b=1&c=2), https://example.com or <https://example.com>.

1. one
2. two
   - within
   - more

> quoted

```
code  as  it is
```

| a | b |
|---|---|
| 1 | 2 |

![A dog](https://example.com/dog.png)

---

End\\
of it
"""
    assert mail_of(markdown(source)).text == (
        "Title\n\nA line and a link (https://example.com/a?b=1&c=2), https://example.com or"
        " https://example.com.\n\n1. one\n2. two\n  - within\n  - more\n\nquoted\n\n"
        "code  as  it is\n\na  b\n1  2\n\nA dog\n\n---\n\nEnd\nof it\n\n---\n\n"
        "Example Events · 1 Main Street, Springfield\n\n"
        f"You get this mail because you agreed to it. Unsubscribe ({LINK})\n"
    )


def test_the_text_of_mjml() -> None:
    source = """
    <mj-text><h1>Title</h1><p>One<br>two &amp; three</p></mj-text>
    <mj-image src="https://example.com/a.png" alt="A dog" />
    <mj-divider />
    <mj-button href="https://example.com/go">Go there</mj-button>
    <mj-table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></mj-table>
    """
    assert mail_of(mjml(source)).text.startswith(
        "Title\n\nOne\ntwo & three\n\nA dog\n\n---\n\nGo there (https://example.com/go)\n\n"
        "a  b\n1  2\n\n---\n"
    )


WORDS_OF = st.lists(
    st.text(st.characters(categories=("Lu", "Ll"), max_codepoint=0x24F), min_size=1, max_size=9),
    min_size=1,
    max_size=5,
).map(" ".join)

MARKED = st.sampled_from(
    ["{}\n\n", "## {}\n\n", "- {}\n", "> {}\n\n", "**{}** ", "*{}*\n", "`{}` "]
)


@BOTH
@given(parts=st.lists(st.tuples(MARKED, WORDS_OF), max_size=8), value=st.text(max_size=30))
def test_both_parts_say_the_same_words(
    made: object, parts: list[tuple[str, str]], value: str
) -> None:
    if made is markdown:
        source = "".join(mark.format(said) for mark, said in parts)
    else:
        source = "".join(f"<mj-text><p>{said}</p></mj-text>" for _, said in parts)
        source += '<mj-text><a href="https://example.com/">{{ x }}</a></mj-text>'
    mail = mail_of(made(source), x=value)  # type: ignore[operator]
    assert words(re.sub(r" \(https://[^)]*\)", "", mail.text)) == words(seen(mail.html))


def seen(html: str) -> str:
    body = html[html.index("<body") :]
    return unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<!--.*?-->", " ", body)))


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


# Whatever is written


@given(source=st.text(alphabet=st.sampled_from("#*_-`[]()<>!|\\\n a1:/{}%&;\"'=~")))
def test_whatever_is_written_as_markdown_is_a_mail(source: str) -> None:
    try:
        template = markdown(source)
    except Broken:
        return
    try:
        html = mail_of(template).html
    except CannotRender:
        return
    assert html.count("<html") == html.count("</html>") == 1


@given(
    source=st.lists(
        st.sampled_from(
            [
                *("<mjml>", "</mjml>", "<mj-body>", "</mj-body>", "<mj-section>", "</mj-section>"),
                *("<mj-column>", "</mj-column>", "<mj-text>", "</mj-text>", "<mj-raw>", "<p>", "x"),
                *(
                    "<script>alert(1)</script>",
                    "<",
                    ">",
                    '"',
                    "<!--",
                    "-->",
                    "&amp;",
                    "<br>",
                    "</p>",
                ),
                *(
                    "<mj-image src='x' onerror='y'/>",
                    "<mj-image>",
                    '<mj-button href="javascript:1">',
                ),
                *(
                    "</mj-button>",
                    "<mj-style>a{}</mj-style>",
                    "<mj-head>",
                    "</mj-head>",
                    "<![CDATA[",
                ),
                *(
                    "<mj-attributes>",
                    "<mj-all color='red'/>",
                    "<mj-all>",
                    "<mj-class name='x'>",
                    "</mj-attributes>",
                    "<?xml ?>",
                    "<b",
                    "/>",
                ),
            ]
        )
    ).map("".join)
)
def test_whatever_is_written_as_mjml_is_a_mail_without_what_is_unsafe(source: str) -> None:
    for one in (source, in_column(source)):
        template = Template.parse("Hi", "", {"format": "mjml", "source": one}, FRAME)
        html = mail_of(template).html
        assert html.count("<html") == html.count("</html>") == 1
        assert "<script" not in html
        assert not re.search(r"<[^>]*(onerror|javascript:|<mj-)", html)
        assert f'href="{LINK}"' in html


ODD = [
    "",
    "abc",
    "-5px",
    "999999999999999999999px",
    "%",
    "1 2 3 4 5",
    "é",
    "\x00\x0b",
    "&#11;&quot;",
    "'",
]


@pytest.mark.parametrize("name", sorted(ELEMENTS.keys() - {"mjml", "mj-head", "mj-preview"}))
def test_whatever_an_attribute_holds_is_laid_out(name: str) -> None:
    for attribute, value in itertools.product(sorted(ELEMENTS[name].attributes), ODD):
        tag = f'<{name} {attribute}="{value}">'
        around = in_column(f"<mj-text>x</mj-text>{tag}</{name}>")
        if f"<{name}>" in around:
            around = around.replace(f"<{name}>", tag)
        elif name in ELEMENTS["mj-body"].children:
            around = f"<mjml><mj-body>{tag}</{name}></mj-body></mjml>"
        elif name in ELEMENTS["mj-head"].children:
            around = f"<mjml><mj-head>{tag}</{name}></mj-head></mjml>"
        assert LINK in mail_of(mjml(around)).html
