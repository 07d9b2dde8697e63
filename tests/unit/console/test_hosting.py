"""What `firebase.json` is given, for a site of the console's own and below a path of the host's."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from crm.console.hosting import Written, hosting_entry, path_entries, write_command, written_by
from crm.console.policy import headers, policy
from crm.core.errors import ConfigError
from crm.entrypoints.commands.console import console

ROOT = Path(__file__).parents[3]


def given(command: str) -> dict[str, Any]:
    """What the command of a `predeploy` says, as it is read when it is run."""
    words = shlex.split(command)
    assert words[1:4] == ["-m", "crm", "console"]
    params = console.make_context("console", words[4:]).params
    return {key: str(value) for key, value in params.items() if value is not None}


def test_a_site_of_its_own() -> None:
    entry = hosting_entry("crm-lite", "crm")
    assert (entry["target"], entry["public"]) == ("crm", "crm-lite/console")
    (command,) = entry["predeploy"]
    assert command.startswith("crm-lite/venv/bin/python ")
    assert given(command) == {"folder": "crm-lite/console", "config": "crm-lite/crm.toml"}
    assert entry["rewrites"] == [{"source": "**", "destination": "/index.html"}]
    assert [one["source"] for one in entry["headers"]] == ["**", "/assets/**"]


@pytest.mark.parametrize("path", ["/crm", "crm/", "/staff/crm"])
def test_below_a_path_nothing_else_is_touched(path: str) -> None:
    added = path_entries(path, "public", "vendor/crm lite")
    place = f"/{path.strip('/')}"
    assert added["rewrites"] == [
        {"source": f"{place}{{,/**}}", "destination": f"{place}/index.html"}
    ]
    sources = [one["source"] for one in added["headers"]]
    assert sources == [f"{place}{{,/**}}", f"{place}/assets/**"]
    (command,) = added["predeploy"]
    assert given(command) == {
        "folder": f"public{place}",
        "path": place,
        "config": "vendor/crm lite/crm.toml",
    }


@pytest.mark.parametrize("path", ["/", "", "/**", "/a b"])
def test_a_path_that_is_none_or_all_of_it_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="such as /crm"):
        path_entries(path, "public", "crm-lite")


def test_both_have_the_headers_and_the_repository_the_same() -> None:
    own, below = hosting_entry("crm-lite", "crm"), path_entries("/crm", "public", "crm-lite")
    for entry in (own, below):
        everywhere, assets = (one["headers"] for one in entry["headers"])
        assert {one["key"]: one["value"] for one in everywhere} == headers()
        assert [one["key"] for one in assets] == ["Cache-Control"]
    repository = json.loads(ROOT.joinpath("firebase.json").read_text())["hosting"]
    for key in ("rewrites", "headers"):
        assert repository[key] == own[key]
    written = given(repository["predeploy"][-1])
    assert written == {"folder": repository["public"], "config": "crm.toml"}


def test_emulators_are_reached_and_framed_where_they_are_named() -> None:
    local = policy(["http://127.0.0.1:9099"])
    assert local.replace("http://127.0.0.1:9099 ", "") == policy()
    parts = {part.split()[0]: part for part in local.split("; ")}
    changed = [name for name, part in parts.items() if "127.0.0.1" in part]
    assert changed == ["frame-src", "connect-src"]


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (write_command("crm-lite", "a/b"), Written("a/b", "/", "crm-lite/crm.toml")),
        (write_command("c d", "p/crm", "/crm/"), Written("p/crm", "/crm/", "c d/crm.toml")),
        ("crm console --path=crm --write=out --project x", Written("out", "/crm/", None)),
        ("crm console --port 80", None),
        ("crm console --write", None),
        ("npm run build --write console", None),
        ("npm run build", None),
        ("", None),
    ],
)
def test_what_a_command_writes_is_read_back(command: str, written: Written | None) -> None:
    assert written_by(command) == written


def test_a_command_with_a_path_that_is_none_is_said() -> None:
    with pytest.raises(ConfigError, match="such as /crm"):
        written_by("crm console --write out --path '/a b'")
