"""A host's sites as a suite serves them: the console where it is, and no page of theirs for it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from crm.console import files
from crm.console.hosting import hosting_entry, path_entries
from crm.console.page import said_in
from suite import hosting
from suite.errors import SuiteError
from suite.running import Suite
from tests.support.built import build

SHOP = {"public": "public", "site": "shop", "predeploy": "npm run build", "rewrites": []}


def host(folder: Path, *sites: Any) -> dict[str, Any]:
    """Return a host's configuration, with pages of its own in `public`."""
    public = folder / "public"
    public.joinpath("img").mkdir(parents=True)
    for name in ("index.html", "about.html", "img/logo.svg"):
        public.joinpath(name).write_text("theirs", encoding="utf-8")
    folder.joinpath("crm-lite").mkdir()
    toml = 'region = "europe-west1"\n'
    folder.joinpath("crm-lite", "crm.toml").write_text(toml, encoding="utf-8")
    return {"functions": {}, "hosting": sites[0] if len(sites) == 1 else list(sites)}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    source = build(tmp_path / "built")
    monkeypatch.setattr(files, "console_files", lambda: source)
    return source


def laid_out(folder: Path, base: dict[str, Any]) -> tuple[hosting.Console, Suite, dict[str, Any]]:
    """Lay the console's site out; return what its page is told, too."""
    console = hosting.console_of(base, folder)
    assert console
    site = folder / ".suite" / "1" / console.inside
    suite = Suite("demo-x", "h:1", "h:2", "http://h:3", "h:4", site=site)
    hosting.lay_out(console, folder, suite)
    hosting.tell(suite, [{"email": "a@example.com", "password": "p", "role": "viewer"}])
    return console, suite, said_in(site.joinpath("index.html").read_text(encoding="utf-8"))


def test_a_suite_serves_a_console_that_knows_its_emulators(tmp_path: Path, built: Path) -> None:
    folder = tmp_path / "app"
    base = host(folder, SHOP, hosting_entry("crm-lite", "crm"))
    console, suite, said = laid_out(folder, base)
    assert said["emulators"] == {
        "auth": "h:2",
        "firestore": "h:1",
        "functions": "http://h:3",
        "accounts": [{"email": "a@example.com", "password": "p", "role": "viewer"}],
    }
    assert (said["region"], said["place"]) == ("europe-west1", "/")
    own, shop = hosting.served(base, folder, console, "1")
    assert (own["site"], own["public"], shop["site"]) == ("crm", ".suite/1", "shop")
    assert shop == {key: value for key, value in SHOP.items() if key != "predeploy"}
    assert not {"target", "predeploy"} & own.keys()
    policies = [one for rule in own["headers"] for one in rule["headers"] if "-src" in one["value"]]
    assert "connect-src http://127.0.0.1:* 'self'" in policies[0]["value"]
    assert not folder.joinpath("crm-lite", "console").exists()
    assert suite.site
    hosting.clear(console, suite.site)
    assert not folder.joinpath(".suite").exists()


def test_below_a_path_the_hosts_pages_stay_theirs(tmp_path: Path, built: Path) -> None:
    folder = tmp_path / "app"
    added = path_entries("/staff/crm", "public", "crm-lite")
    entry = {"public": "public", "predeploy": ["npm run build", *added["predeploy"]]}
    entry |= {"rewrites": added["rewrites"], "headers": added["headers"]}
    base = host(folder, entry)
    console, suite, said = laid_out(folder, base)
    assert (console.place, said["place"]) == ("/staff/crm/", "/staff/crm/")
    copy = folder / ".suite" / "1"
    for name in ("index.html", "about.html", "img/logo.svg"):
        assert copy.joinpath(name).read_text(encoding="utf-8") == "theirs"
    assert suite.site == copy / "staff" / "crm"
    assert suite.site.joinpath("assets").is_dir()
    assert not folder.joinpath("public", "staff").exists()
    assert [one["site"] for one in hosting.served(base, folder, console, "1")] == ["site-0"]
    hosting.clear(console, suite.site)
    assert not folder.joinpath(".suite").exists()


def test_no_page_of_the_hosts_is_the_console(tmp_path: Path, built: Path) -> None:
    base = host(tmp_path, SHOP)
    assert hosting.console_of(base, tmp_path) is None
    assert [one["public"] for one in hosting.served(base, tmp_path, None, "1")] == ["public"]
    gone = {"hosting": [{"target": "other", "public": "nowhere"}, {"site": "a", "source": "web"}]}
    assert hosting.served(gone, tmp_path, None, "1") == []
    both = {"functions": {}, "hosting": [SHOP, hosting_entry("crm-lite", "crm")]}
    assert hosting.console_of({**both, "functions": {}}, tmp_path)
    assert hosting.console_of({"hosting": both["hosting"]}, tmp_path) is None
    shutil.rmtree(built)
    assert hosting.console_of(both, tmp_path) is None


@pytest.mark.parametrize(
    "command", ["crm console --write elsewhere", "crm console --write public --path '/a b'"]
)
def test_a_console_outside_of_its_site_is_said(tmp_path: Path, built: Path, command: str) -> None:
    base = host(tmp_path, {**SHOP, "predeploy": command})
    with pytest.raises(SuiteError, match="predeploy is not understood"):
        hosting.console_of(base, tmp_path)


def test_a_crm_toml_that_is_wrong_is_said(tmp_path: Path, built: Path) -> None:
    folder = tmp_path / "app"
    base = host(folder, hosting_entry("crm-lite", "crm"))
    folder.joinpath("crm-lite", "crm.toml").write_text('region = "here"', encoding="utf-8")
    with pytest.raises(SuiteError, match="cannot be written"):
        laid_out(folder, base)
