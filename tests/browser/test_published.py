"""The console where it is published: a site of its own, below a path of the host's, at home."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from crm.console.hosting import hosting_entry, path_entries
from crm.console.policy import headers
from suite import Suite, start_suite
from suite.launch import ROOT
from testing.auth import Person, sign_up
from testing.console import Contexts, Desk
from testing.patience import PATIENCE

PAGES = {"index.html": "the shop", "about.html": "about it", "404.html": "not at the shop's"}

EMULATORS = (
    "FIREBASE_AUTH_EMULATOR_HOST",
    "FIRESTORE_EMULATOR_HOST",
    "FUNCTIONS_EMULATOR_ORIGIN",
    "FIREBASE_EMULATOR_HUB",
)


SIGNED_IN = """async () => {
    const done = asked => new Promise(then => { asked.onsuccess = () => then(asked.result); });
    const db = await done(indexedDB.open("firebaseLocalStorageDb"));
    const store = db.transaction("firebaseLocalStorage").objectStore("firebaseLocalStorage");
    const keys = await done(store.getAllKeys());
    db.close();
    return keys.filter(key => key.startsWith("firebase:authUser:"));
}"""
"""Who is signed in on this origin, by the names of Firebase apps."""


def host(folder: Path, *sites: dict[str, Any]) -> Path:
    """Lay out an app with pages of its own and CRM-Lite beside it; return its configuration."""
    for name, text in PAGES.items():
        folder.joinpath("public").mkdir(exist_ok=True)
        folder.joinpath("public", name).write_text(text)
    ours = folder / "crm-lite"
    ours.mkdir()
    shutil.copytree(ROOT / "crm", ours / "crm", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("main.py", "requirements.txt", "crm.toml", ".env", ".secret.local"):
        shutil.copy(ROOT / name, ours / name)
    ours.joinpath("venv").symlink_to(ROOT / "venv")
    for name in ("firestore.rules", "firestore.indexes.json"):
        shutil.copy(ROOT / name, folder / name)
    own = json.loads(ROOT.joinpath("firebase.json").read_text())
    config = {
        "functions": [{**own["functions"][0], "source": "crm-lite"}],
        "firestore": own["firestore"],
        "hosting": sites[0] if len(sites) == 1 else list(sites),
    }
    file = folder / "firebase.json"
    file.write_text(json.dumps(config))
    return file


@contextmanager
def running(config: Path) -> Iterator[Suite]:
    """Run a suite of a host's; its variables are those of this process meanwhile."""
    project = f"demo-published-{uuid.uuid4().hex[:8]}"
    with start_suite(project, config=config) as suite, pytest.MonkeyPatch.context() as patch:
        for name, value in suite.env.items():
            patch.setenv(name, value)
        yield suite


def get(url: str) -> tuple[int, str, dict[str, str]]:
    """Return status, text and headers of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


@contextmanager
def at_work(chromium: Browser, suite: Suite, origin: str, person: Person) -> Iterator[Page]:
    """Sign somebody in at a deep address of the console; at the end nothing went wrong there."""
    desk = Desk(Contexts(chromium), replace(suite, hosting_origin=origin), spoilt=True)
    try:
        desk.sign_in(person, f"{origin}/people")
        desk.page.get_by_role("heading", level=1, name="People").wait_for()
        yield desk.page
    finally:
        desk.leave()
    assert desk.problems == []


def wander(page: Page, origin: str) -> None:
    """Go about the console: by its links, by an address, back, and by loading it again."""
    assert page.url == f"{origin}/people"
    page.get_by_role("link", name="Events").first.click()
    page.get_by_role("heading", level=1, name="Events").wait_for()
    assert page.url.partition("?")[0] == f"{origin}/events"
    page.go_back()
    page.get_by_role("heading", level=1, name="People").wait_for()
    page.reload()
    page.get_by_role("heading", level=1, name="People").wait_for()
    page.goto(f"{origin}/customers?q=x")  # an address of an earlier version
    page.get_by_role("heading", level=1, name="People").wait_for()
    assert page.url.startswith(f"{origin}/people")
    page.goto(f"{origin}/")
    page.get_by_role("heading", level=1, name="Home").wait_for()


def staff() -> Person:
    return sign_up(claims={"crm": "admin"})


def test_below_a_path_of_the_hosts_site(chromium: Browser, tmp_path: Path) -> None:
    added = path_entries("/crm", "public", "crm-lite")
    config = host(tmp_path, {"public": "public", **added})
    with running(config) as suite:
        site = suite.hosting_origin.removesuffix("/crm")
        assert suite.hosting_origin == f"{site}/crm"
        for path, name in (("/", "index.html"), ("/about.html", "about.html"), ("/x", "404.html")):
            status, text, theirs = get(site + path)
            assert (status, text) == (404 if path == "/x" else 200, PAGES[name])
            assert "Content-Security-Policy" not in theirs
        _, _, ours = get(f"{site}/crm/people")
        policy = ours["Content-Security-Policy"].replace(" http://127.0.0.1:*", "")
        assert policy == headers()["Content-Security-Policy"]
        with at_work(chromium, suite, suite.hosting_origin, staff()) as page:
            wander(page, suite.hosting_origin)
            # The host's app on the same origin has `[DEFAULT]` here: nobody leaves it with us.
            kept = page.evaluate(SIGNED_IN)
            assert [one.rpartition(":")[2] for one in kept] == ["crm-lite"]
        assert not tmp_path.joinpath("public", "crm").exists()

        # On the same emulators, which are found by the file that they leave.
        env = {key: value for key, value in os.environ.items() if key not in EMULATORS}
        with (
            served(env, "--project", suite.project) as origin,
            at_work(chromium, suite, origin, staff()) as page,
        ):
            wander(page, origin)


def test_a_site_of_its_own_beside_the_hosts(chromium: Browser, tmp_path: Path) -> None:
    shop = {"target": "shop", "public": "public"}
    config = host(tmp_path, shop, hosting_entry("crm-lite", "crm"))
    with running(config) as suite:
        served_at = dict(re.findall(r"hosting\[(\w+)\]: Local server: (http://\S+)", plain(suite)))
        assert served_at["crm"] == suite.hosting_origin
        assert get(f"{served_at['shop']}/")[:2] == (200, PAGES["index.html"])
        status, text, theirs = get(f"{served_at['shop']}/people")
        assert (status, text) == (404, PAGES["404.html"])
        assert "Content-Security-Policy" not in theirs
        with at_work(chromium, suite, suite.hosting_origin, staff()) as page:
            wander(page, suite.hosting_origin)


def plain(suite: Suite) -> str:
    """What the emulators said, without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", suite.logs())


@contextmanager
def served(env: dict[str, str], *words: str) -> Iterator[str]:
    """Serve the console on this machine, as somebody at a terminal does; gives its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crm", "console", "--no-open", *words],
        cwd=ROOT,
        env=env | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        said = process.stdout.readline()
        found = re.search(r"http://localhost:\d+", said)
        assert found, said + (process.stderr.read() if process.stderr else "")
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def test_on_ones_own_machine(chromium: Browser, suite: Suite) -> None:
    with served(dict(os.environ)) as origin:
        status, text, ours = get(f"{origin}/__/firebase/init.json")
        assert (status, json.loads(text)["projectId"]) == (200, suite.project)
        assert "http://*" not in ours["Content-Security-Policy"]
        with at_work(chromium, suite, origin, staff()) as page:
            wander(page, origin)


UNSET = """new MutationObserver((_, seeing) => {
    if (!document.getElementById("root")) return;
    seeing.disconnect();
    document.getElementById("crm-settings").textContent = "";
}).observe(document, { childList: true, subtree: true });"""


def test_a_page_without_settings_says_so(chromium: Browser, suite: Suite) -> None:
    """As it is where what was built is deployed, and not what was written."""
    desk = Desk(Contexts(chromium), suite, spoilt=True)
    try:
        page = desk.page
        page.add_init_script(UNSET)
        page.goto("/")
        page.get_by_text("This page does not say what it is set to.").wait_for()
        assert page.locator("input").count() == 0
    finally:
        desk.leave()
    assert desk.problems == []
