"""The entries of `firebase.json` for the console, by the server of the Hosting emulator.

It is asked without the rest of a suite, so that every way in which a host may set its slashes and
its own rewrites can be tried.
"""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from crm.config.settings import Settings
from crm.console.files import write
from crm.console.hosting import hosting_entry, path_entries
from crm.console.page import place_of, said_in, settings_of_page
from crm.console.policy import headers
from suite.launch import ROOT
from suite.node import find_node
from testing.patience import PATIENCE
from tests.support.built import build

SERVER = """
const { server } = require("superstatic");
const [cwd, config] = process.argv.slice(1);
const options = { port: 0, hostname: "127.0.0.1", cwd, stack: "strict" };
const listening = server({ ...options, config: JSON.parse(config) }).listen(() => {
  console.log(listening.address().port);
});
"""

POLICY = "Content-Security-Policy"

THEIRS = "default-src 'none'"
"""What the host's own pages have."""

PAGES = {"index.html": "the shop", "about.html": "about it", "404.html": "not at the shop's"}


class Answer:
    """An answer of Hosting."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = dict(response.getheaders())
        self.text = response.read().decode()

    @property
    def place(self) -> str | None:
        """Where the console thinks it is; None for another page."""
        return said_in(self.text)["place"] if "crm-settings" in self.text else None


Get = Callable[[str], Answer]


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Callable[[Mapping[str, Any]], Get]]:
    """Serve a site of an app's folder as `firebase.json` says; its commands are not run."""
    with ExitStack() as held:

        def serve(entry: Mapping[str, Any]) -> Get:
            config = {key: value for key, value in entry.items() if key != "predeploy"}
            command = [str(find_node()), "-e", SERVER, str(tmp_path), json.dumps(config)]
            process = subprocess.Popen(
                command, cwd=ROOT / "suite", stdout=subprocess.PIPE, text=True
            )
            held.callback(process.wait)
            held.callback(process.kill)
            assert process.stdout
            held.callback(process.stdout.close)
            port = int(process.stdout.readline())

            def get(path: str) -> Answer:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                connection.request("GET", path)
                answer = Answer(connection.getresponse())
                connection.close()
                return answer

            return get

        yield serve


def shop(folder: Path) -> dict[str, Any]:
    """Lay a host's site out; return its entry, with headers and a rewrite of its own."""
    public = folder / "public"
    public.mkdir()
    for name, text in PAGES.items():
        public.joinpath(name).write_text(text)
    return {
        "public": "public",
        "rewrites": [{"source": "/shop/**", "destination": "/index.html"}],
        "headers": [
            {"source": "**", "headers": [{"key": POLICY, "value": THEIRS}]},
            {"source": "**", "headers": [{"key": "Cache-Control", "value": "max-age=60"}]},
        ],
    }


def with_console(folder: Path, entry: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the host's entry with the console below a path, written there."""
    added = path_entries(path, "public", "crm-lite")
    place = place_of(path)
    source = build(folder / "built")
    write(folder / "public" / place.strip("/"), settings_of_page(Settings(), place), source)
    return {
        **entry,
        "rewrites": added["rewrites"] + entry["rewrites"],
        "headers": entry["headers"] + added["headers"],
    }


def is_the_consoles(answer: Answer) -> bool:
    """Whether all headers of an answer are the console's, and none is the host's."""
    return headers().items() <= answer.headers.items()


def theirs(get: Get) -> list[tuple[int, str, str | None]]:
    """What a browser gets of the host's pages."""
    paths = ("/", "/about.html", "/nowhere", "/shop/cart", "/crmx", "/assets/x.js", "/people")
    answers = [get(path) for path in paths]
    return [(one.status, one.text, one.headers.get(POLICY)) for one in answers]


Slashes = dict[str, bool]


@pytest.mark.parametrize(
    "slashes",
    [{}, {"trailingSlash": False}, {"trailingSlash": True}, {"cleanUrls": True}]
    + [{"cleanUrls": True, "trailingSlash": one} for one in (True, False)],
    ids=str,
)
@pytest.mark.parametrize("path", ["/crm", "/staff/crm"])
def test_below_a_path_the_hosts_pages_stay_theirs(
    tmp_path: Path,
    hosted: Callable[[Mapping[str, Any]], Get],
    slashes: Slashes,
    path: str,
) -> None:
    entry = {**shop(tmp_path), **slashes}
    before = theirs(hosted(entry))
    get = hosted(with_console(tmp_path, entry, path))
    assert theirs(get) == before
    assert {one[0] for one in before} >= {200, 404}
    for deep in ("/people", "/people/a1?tab=orders", "/events/event"):
        answer = get(f"{path}{deep}")
        assert (answer.status, answer.place) == (200, f"{path}/")
        assert is_the_consoles(answer)
    # Its own address, with a slash or without: the page, or a way to it.
    for begun in (path, f"{path}/"):
        answer = get(begun)
        if answer.status == 301:
            answer = get(answer.headers["Location"])
        assert (answer.status, answer.place) == (200, f"{path}/")
        assert is_the_consoles(answer)
    script = get(f"{path}/assets/index-1a2b.js")
    assert (script.status, script.headers["Cache-Control"]) == (
        200,
        "public, max-age=31536000, immutable",
    )
    assert script.headers[POLICY] == headers()[POLICY]


def test_a_host_of_one_page_keeps_its_addresses(
    tmp_path: Path, hosted: Callable[[Mapping[str, Any]], Get]
) -> None:
    """As `firebase init` writes it for an app of a single page: everything is that page."""
    entry = shop(tmp_path) | {"rewrites": [{"source": "**", "destination": "/index.html"}]}
    before = theirs(hosted(entry))
    get = hosted(with_console(tmp_path, entry, "/crm"))
    assert theirs(get) == before
    answer = get("/crm/people")
    assert (answer.place, is_the_consoles(answer)) == ("/crm/", True)


def test_a_site_of_its_own_is_the_console_everywhere(
    tmp_path: Path, hosted: Callable[[Mapping[str, Any]], Get]
) -> None:
    entry = hosting_entry("crm-lite", "crm")
    source = build(tmp_path / "built")
    write(tmp_path / entry["public"], settings_of_page(Settings()), source)
    get = hosted(entry)
    for path in ("/", "/people", "/people/a%2Fb", "/nowhere.html"):
        answer = get(path)
        assert (answer.status, answer.place) == (200, "/")
        assert is_the_consoles(answer)
    assert "immutable" in get("/assets/index-3c4d.css").headers["Cache-Control"]
