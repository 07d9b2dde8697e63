"""Where a process finds its project, and where it finds what comes with CRM-Lite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from crm.config.places import (
    HOST_FILES,
    PACKAGE,
    HostFile,
    console_files,
    host_file,
    project_file,
    shown,
)
from testing.patience import PATIENCE

ROOT = Path(__file__).parents[3]
PLACES = ["served", "working", "clone", "host"]
"""Folders that may have a `crm.toml`, the first that counts first."""


@pytest.fixture
def found(tmp_path: Path) -> Path:
    for name in (*PLACES, "clone/crm", "host/venv"):
        tmp_path.joinpath(name).mkdir(exist_ok=True)
    return tmp_path


def project(folder: Path, source: str = "") -> str:
    """The folder whose `crm.toml` is the project's."""
    file = project_file(
        working=folder / "working",
        source=source,
        package=folder / "clone" / "crm",
        environment=folder / "host" / "venv",
    )
    assert file.name == "crm.toml"
    return file.parent.name


@pytest.mark.parametrize("first", range(len(PLACES)))
def test_the_first_file_that_is_there_is_the_project_s(found: Path, first: int) -> None:
    for name in PLACES[first:]:
        found.joinpath(name, "crm.toml").touch()
    assert project(found, str(found / "served")) == PLACES[first]


@pytest.mark.parametrize("source", ["{}/main.py", "{}", "../served/main.py", "../served"])
def test_functions_are_served_from_a_file_or_a_folder(found: Path, source: str) -> None:
    for name in PLACES:
        found.joinpath(name, "crm.toml").touch()
    assert project(found, source.format(found / "served")) == "served"


def test_where_there_is_none_it_would_be_beside_the_functions(found: Path) -> None:
    """So `languages/` of a host that is content with the defaults is found there."""
    assert project(found) == "working"
    assert project(found, "main.py") == "working"
    assert project(found, str(found / "served" / "main.py")) == "served"


def test_a_folder_of_that_name_is_no_file(found: Path) -> None:
    found.joinpath("working", "crm.toml").mkdir()
    found.joinpath("host", "crm.toml").touch()
    assert project(found) == "host"


@pytest.mark.parametrize("source", [None, "main.py", "host/main.py"])
def test_a_process_finds_it_by_where_it_is_started(tmp_path: Path, source: str | None) -> None:
    folder = tmp_path / "host"
    folder.mkdir()
    folder.joinpath("crm.toml").write_text('region = "europe-west3"\n')
    env = {key: value for key, value in os.environ.items() if key != "FUNCTION_SOURCE"}
    env |= {"FUNCTION_SOURCE": source} if source else {}
    done = subprocess.run(
        [sys.executable, "-c", "from crm.config.settings import load; print(load().region)"],
        cwd=tmp_path if source and "/" in source else folder,
        env=env | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout == "europe-west3\n", done.stderr


def test_the_organiser_s_languages_are_beside_it(tmp_path: Path) -> None:
    tmp_path.joinpath("crm.toml").touch()
    code = "from crm.signup.texts import OWN; print(OWN)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "FUNCTION_SOURCE": str(tmp_path / "main.py")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout == f"{tmp_path / 'languages'}\n", done.stderr


def test_a_clone_has_every_file_that_hosts_get() -> None:
    assert set(get_args(HostFile)) == set(HOST_FILES)
    for name, there in HOST_FILES.items():
        assert host_file(name) == ROOT / there
        assert host_file(name).is_file()
    assert console_files() == ROOT / "web" / "dist"


def test_the_package_s_own_come_first(tmp_path: Path) -> None:
    package = tmp_path / "crm"
    for file in (package / "host_files" / "env", tmp_path / ".env", tmp_path / "firestore.rules"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert host_file("env", package) == package / "host_files" / "env"
    assert host_file("firestore.rules", package) == tmp_path / "firestore.rules"
    package.joinpath("console_files").mkdir()
    assert console_files(package) == package / "console_files"


def test_a_file_is_called_as_one_would_type_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "crm.toml") == "crm.toml"
    assert shown(tmp_path / "crm-lite" / "crm.toml") == str(Path("crm-lite", "crm.toml"))
    assert shown(PACKAGE / "crm.toml") == str(PACKAGE / "crm.toml")
