"""A value is never markup, a link or a header, whatever somebody wrote into a checkout."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.composing.marks import Marks
from crm.composing.people import Person, person_of
from crm.composing.template import Frame, Template
from tests.support.mails import FRAME, LINK, MARKDOWN, MJML, in_column, somebody

VALUES = [
    "*Ann* <b> [x](javascript:alert(1))",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></td></table><h1>Pay now</h1>",
    "]]><!--[if mso]><p>x</p><![endif]-->",
    "[click here](https://evil.example)",
    "![x](https://evil.example/pixel.png)",
    "<https://evil.example>",
    "https://evil.example/pay?now",
    "www.evil.example",
    "pay@evil.example",
    "# Pay now\n\n- at once\n\n---",
    "| a | b |\n|---|---|",
    "`code` **bold** ~~gone~~ \\* &lt;b&gt; &#60;b&#62;",
    "\r\nBcc: everybody@example.com\r\n\r\n<p>body</p>",
    "Ann\x00\x0b\x1b[31m\u2028\u2029\u202e\u2066\ufeff",
    "{{ unsubscribe_link }} {% for x in (1..9) %}x{% endfor %}",
    "</mj-text><mj-raw><script>1</script></mj-raw>",
    "</body></html>",
    "javascript:alert(1)",
    "//evil.example",
    "..",
    "\ud800",
    "a" * 100_000,
]

ANYTHING = st.text() | st.sampled_from(VALUES) | st.lists(st.sampled_from(VALUES)).map(" ".join)

TEMPLATES = [
    Template.parse("Hi {{ x }}", "For {{ x }}", {"format": form, "source": source}, FRAME)
    for form, source in (("markdown", MARKDOWN), ("mjml", MJML))
]


class Skeleton(HTMLParser):
    """HTML without what is said in it: tags, names of attributes, where it leads, what styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[object] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        for said in ("alt", "title", "aria-label"):
            held.pop(said, None)
        if held.get("href", "").startswith("https://example.com/hello?name="):  # type: ignore[union-attr]
            held["href"] = "percent-encoded"
        self.parts.append((tag, tuple(held.items()), len(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.parts.append(("comment", data))


def with_value(value: str) -> Person:
    return {**somebody(), "x": value, "events": [{"name": value, "starts_at": None}]}


@pytest.mark.parametrize("template", TEMPLATES, ids=["markdown", "mjml"])
@given(value=ANYTHING)
def test_a_value_changes_no_tag_no_attribute_and_no_link(template: Template, value: str) -> None:
    usual = template.render(with_value("Ann"))
    mail = template.render(with_value(value))
    assert Skeleton(mail.html).parts == Skeleton(usual.html).parts


@pytest.mark.parametrize("template", TEMPLATES, ids=["markdown", "mjml"])
@given(value=ANYTHING)
def test_a_value_begins_no_line_of_the_subject_or_the_text(template: Template, value: str) -> None:
    usual = template.render(with_value("Ann"))
    mail = template.render(with_value(value))
    assert not set(mail.subject) & set("\r\n\0\x1b\u2028\u2029\u202e")
    assert len(mail.text.splitlines()) == len(usual.text.splitlines())


@pytest.mark.parametrize("template", TEMPLATES, ids=["markdown", "mjml"])
@pytest.mark.parametrize("value", VALUES)
def test_no_program_makes_a_link_of_a_value_by_itself(template: Template, value: str) -> None:
    mail = template.render(with_value(value))
    encoded = re.compile(r"https://example\.com/hello\?name=[^\s)]*")
    for said in (Skeleton(mail.html).words, encoded.sub("", mail.text)):
        assert "evil.example" not in said
        assert "https://evil" not in said


@pytest.mark.parametrize("template", TEMPLATES, ids=["markdown", "mjml"])
def test_a_value_is_read_as_it_was_written(template: Template) -> None:
    mail = template.render(with_value('Ann & "Bob" <3'))
    assert mail.subject == 'Hi Ann & "Bob" <3'
    assert 'Dear Ann & "Bob" <3' in mail.text
    assert "Dear Ann &amp; &quot;Bob&quot; &lt;3" in mail.html
    assert "hello?name=Ann%20%26%20%22Bob%22%20%3C3" in mail.html
    assert Marks.of(template.body.source).prefix not in mail.html + mail.text


@pytest.mark.parametrize("template", TEMPLATES, ids=["markdown", "mjml"])
@given(value=ANYTHING)
def test_what_one_person_is_never_reaches_another(template: Template, value: str) -> None:
    before = template.render(with_value("Ann"))
    template.render(with_value(value))
    assert template.render(with_value("Ann")) == before


NAMES = st.text(
    st.characters(categories=("Lu", "Ll", "Lo"), max_codepoint=0xFFFF), min_size=1, max_size=40
)


@pytest.mark.parametrize(("form", "source"), [("markdown", MARKDOWN), ("mjml", MJML)])
@given(name=NAMES)
def test_a_mail_made_of_marks_is_the_one_that_is_written_by_hand(
    form: str, source: str, name: str
) -> None:
    """Liquid, then marks, then markup, then values: as if each had been written for the person."""
    by_hand = re.sub(r"\{\{ (x|events\.first\.name) \}\}", name, source)
    written = Template.parse("Hi", "", {"format": form, "source": by_hand}, FRAME)
    made = Template.parse("Hi", "", {"format": form, "source": source}, FRAME)
    expected, mail = written.render(somebody()), made.render(with_value(name))
    assert mail.text == expected.text
    assert unquoted(mail.html) == unquoted(expected.html)


def unquoted(html: str) -> str:
    """HTML without the link in which a value is percent-encoded, and one by hand is not always."""
    return re.sub(r"hello\?name=[^\"]*", "", html)


@given(names=st.lists(NAMES, max_size=5), orders=st.lists(st.integers(0, 4), max_size=5))
def test_what_is_kept_of_one_way_is_what_would_be_made_anew(
    names: list[str], orders: list[int]
) -> None:
    source = (
        "# Hi {{ x }}\n{% if order_count > 2 %}\n- {{ x }} again\n{% else %}**new**{% endif %}\n"
        "{% for event in events %}\n## {{ event.name }}\n{% endfor %}"
    )
    body = {"format": "markdown", "source": source}
    shared = Template.parse("Hi {{ x }}", "{{ x }}", body, FRAME)
    for name, count in zip(names, orders, strict=False):
        person = {**with_value(name), "order_count": count}
        person["events"] = [{"name": name, "starts_at": None}] * count
        alone = Template.parse("Hi {{ x }}", "{{ x }}", body, FRAME)
        assert shared.render(person) == alone.render(person)


# Who writes a name to get something into a mail


@pytest.mark.parametrize(
    "name", ["https://evil.example win", "pay@evil.example", "Your parcel waits " * 10, " \n ", ""]
)
def test_what_is_no_name_is_none(name: str) -> None:
    body = {"format": "markdown", "source": '# Hi {{ name | default: "friend" }}'}
    mail = Template.parse("Hi", "", body, FRAME).render(
        person_of({"name": name}, unsubscribe=LINK, email="ann@example.com")
    )
    assert mail.text.startswith("Hi friend\n")


def test_a_value_says_neither_which_site_a_link_leads_to_nor_where_an_image_is() -> None:
    source = (
        "# Hi everybody who comes\n\n[a]({{ x }}) [b](https://{{ x }}/)"
        " [c](https://example.com@{{ x }}/)"
        " [d](mailto:{{ x }}) ![e](https://example.com/{{ x }}.png) [f]({{ x }}:1)"
    )
    template = Template.parse("Hi", "", {"format": "markdown", "source": source}, FRAME)
    mail = template.render(with_value("evil.example"))
    assert re.findall(r'(?:href|src)="([^"]*)"', mail.html) == [LINK]  # the one that unsubscribes
    reasons = {one.reason for one in mail.found if one.blocking}
    assert reasons == {"value-in-link", "tracking-image"}


def test_the_sender_of_a_frame_is_text_too() -> None:
    frame = Frame("<b>Events</b>\r\nBcc: x", "1 Main <i>St</i>\nSpringfield")
    template = Template.parse("Hi", "", {"format": "markdown", "source": "# Hi"}, frame)
    mail = template.render(somebody())
    assert (
        "&lt;b&gt;Events&lt;/b&gt; Bcc: x · 1 Main &lt;i&gt;St&lt;/i&gt; Springfield" in mail.html
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=["markdown", "mjml"])
def test_a_value_that_looks_like_a_mark_is_none(template: Template) -> None:
    marks = Marks.of(template.body.source)
    forged = "".join(marks.mark(key, one) for key in "tupc" for one in (0, 4, 5, 99))
    mail = template.render(with_value(forged))
    assert mail.html.count(forged) == template.render(with_value("Ann")).html.count("Ann")
    assert mail.subject == f"Hi {forged}"


@pytest.mark.parametrize("written", ["{}", "&#122;{}", "z<!-- -->{}", "z<b></b>{}", "z**q**{}"])
@pytest.mark.parametrize("form", ["markdown", "mjml"])
def test_nobody_can_write_a_mark_into_a_source(form: str, written: str) -> None:
    """Whoever puts one in has another source, which has other marks: it stays what it is."""
    mark = Marks.of(MARKDOWN).mark("c", 0)
    forged = written.format(mark[1:] if written != "{}" else mark)
    source = f'<mj-text><h1 title="{forged}">{forged}</h1></mj-text>'
    body = {"format": form, "source": f"# {forged}" if form == "markdown" else in_column(source)}
    mail = Template.parse("Hi", "", body, FRAME).render(somebody())
    assert Marks.of(body["source"]).prefix not in mail.html + mail.text
    assert mark[5:] in mail.text
