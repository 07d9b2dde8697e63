"""The console's page: told its settings, and linked to where its files are."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.settings import Settings, settings_of
from crm.console.page import (
    Emulators,
    is_console,
    place_of,
    rendered,
    said_in,
    settings_of_page,
    with_settings,
)
from crm.core.errors import ConfigError
from tests.support.built import PAGE


class Blocks(HTMLParser):
    """What a browser takes for elements: the text of each block of data, and all addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ""
        self.texts: dict[str, str] = {}
        self.links: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.open = (named.get("id") or "") if tag == "script" else ""
        self.links += [value for key, value in attrs if key in {"src", "href"} and value]

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open] = self.texts.get(self.open, "") + data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.open = ""


def read(page: str) -> Blocks:
    found = Blocks()
    found.feed(page)
    return found


def test_the_page_is_told_what_crm_toml_says() -> None:
    said = settings_of_page(
        settings_of(
            {
                "region": "europe-west1",
                "time_zone": "Europe/Berlin",
                "console": {
                    "sign_in": ["password", "google.com", {"id": "saml.acme", "label": "ACME"}],
                    "app_check_key": "key",
                    "session_hours": 8,
                },
            }
        ),
        "/crm/",
    )
    assert said == {
        "region": "europe-west1",
        "timeZone": "Europe/Berlin",
        "place": "/crm/",
        "console": {
            "signIn": [
                {"id": "password", "label": None},
                {"id": "google.com", "label": "Google"},
                {"id": "saml.acme", "label": "ACME"},
            ],
            "appCheckKey": "key",
            "sessionHours": 8,
        },
        "emulators": None,
    }


def test_emulators_are_told_with_accounts() -> None:
    account = {"email": "a@example.com", "password": "p", "role": "viewer"}
    emulators = Emulators("h:1", "h:2", "http://h:3", [account])
    said = settings_of_page(Settings(), emulators=emulators)
    assert said["emulators"] == {
        "auth": "h:1",
        "firestore": "h:2",
        "functions": "http://h:3",
        "accounts": [account],
    }
    assert emulators.origins == ["http://h:1", "http://h:2", "http://h:3"]


@pytest.mark.parametrize(("path", "place"), [("/", "/"), ("/crm", "/crm/"), ("a/b/", "/a/b/")])
def test_every_link_holds_at_any_depth(path: str, place: str) -> None:
    said = settings_of_page(Settings(), place_of(path))
    page = read(rendered(PAGE, said))
    assert page.links == [
        f"{place}icon.svg",
        "/__/firebase/init.json",  # Hosting's own, the same for every place
        f"{place}assets/index-1a2b.js",
        f"{place}assets/index-3c4d.css",
    ]
    assert json.loads(page.texts["crm-settings"])["place"] == place


@pytest.mark.parametrize(
    "path",
    ["/a b", "/**", "/crm?x", "/ü", "/a//b", "/../x", "/.hidden", "/__/x", "/a{b}", '/"', "/%41"],
)
def test_what_is_no_plain_path_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="such as /crm"):
        place_of(path)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), JSONS, max_size=4))
def test_nothing_that_is_told_leaves_its_block(said: dict[str, Any]) -> None:
    page = with_settings(PAGE, said)
    assert said_in(page) == said
    assert read(page).tags == read(PAGE).tags
    assert with_settings(with_settings(page, {"x": 1}), said) == page


def test_the_end_of_a_script_in_a_label_is_only_text() -> None:
    label = "</script><script>alert(1)</script><!--"
    page = with_settings(PAGE, {"label": label, "after": "\\u003c"})
    assert said_in(page) == {"label": label, "after": "\\u003c"}
    assert len(re.findall("<script", page)) == len(re.findall("<script", PAGE))


def test_only_the_console_is_the_console() -> None:
    assert is_console(PAGE)
    assert said_in(PAGE) == {}
    for other in ("", "<html></html>", PAGE.replace("crm-settings", "settings")):
        assert not is_console(other)
        for asked in (said_in, lambda page: rendered(page, {"place": "/"})):
            with pytest.raises(ConfigError, match="not the console's"):
                asked(other)
