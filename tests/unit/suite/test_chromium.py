"""Which Chromium the tests take, and how one comes where there is none."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Error

from suite import chromium
from suite.chromium import Chromium
from suite.errors import SuiteError


def executable(path: Path, does: str = "exit 1") -> Path:
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any Chromium, npm, Node.js and Playwright; the folder its PATH names."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    package = tmp_path / "package"
    package.mkdir()
    (package / "package-lock.json").write_text("one", encoding="utf-8")
    monkeypatch.setattr(chromium, "PACKAGE", package)
    monkeypatch.setattr(chromium, "UNPACKED", package / "unpacked")
    there = tmp_path / "bin"
    there.mkdir()
    monkeypatch.setenv("PATH", str(there))
    monkeypatch.setattr(sys, "executable", str(executable(there / "python")))
    return there


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "_npm_has_one", lambda: True)


Unpacks = Callable[..., None]


@pytest.fixture
def unpacks(bare: Path) -> Unpacks:
    """Let this machine have an npm and a Node.js that unpack, and count how often."""

    def ready(*, unless: str = "") -> None:
        fails = {name: "exit 1" if name == unless else "" for name in ("npm", "node")}
        folder = chromium.UNPACKED
        executable(bare / "npm", f"{fails['npm']}\n/bin/rm -rf {folder}\necho >> {bare}/fetched")
        executable(bare / "node", f'echo > "$TMPDIR/chromium"\n{fails["node"]}')

    return ready


def launch() -> None:
    """Start one and end it, where tests may have a browser open: a thread can have one alone."""

    def started() -> None:
        with chromium.launched():
            pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(started).result()


def fetched(bare: Path) -> int:
    return len((bare / "fetched").read_text(encoding="utf-8").splitlines())


def test_a_shell_is_better_than_a_whole_one_and_one_of_this_machine_than_one_that_was_fetched(
    bare: Path, tmp_path: Path
) -> None:
    assert chromium.installed() == []
    build = tmp_path / "playwright" / "chromium-1"
    build.mkdir(parents=True)
    (build / "INSTALLATION_COMPLETE").touch()
    assert chromium.installed() == [Chromium(None, fetched=True)]
    whole = executable(bare / "google-chrome")
    chromium.UNPACKED.mkdir()
    of_npm = executable(chromium.UNPACKED / "chromium")
    shell = executable(bare / "chromium-headless-shell")
    assert [one.path for one in chromium.installed()] == [
        str(shell),
        str(of_npm),
        str(whole),
        None,
    ]


def test_who_names_one_gets_that_one_or_an_error(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(bare / "chromium")
    monkeypatch.setenv("CHROMIUM", str(executable(bare / "mine")))
    assert [one.path for one in chromium.installed()] == [str(bare / "mine")]
    assert chromium.main() == 0  # fetches nothing: there is neither npm nor Playwright here
    with pytest.raises(Error):
        launch()


@pytest.mark.usefixtures("linux")
def test_npms_is_fetched_once_for_each_version(bare: Path, unpacks: Unpacks) -> None:
    executable(bare / "chromium")
    unpacks()
    for _ in range(2):
        assert chromium.main() == 0
        assert fetched(bare) == 1
    best = chromium.installed()[0]
    assert best.path == str(chromium.UNPACKED / "chromium")
    assert "LD_LIBRARY_PATH" in best.env
    (chromium.PACKAGE / "package-lock.json").write_text("another", encoding="utf-8")
    assert chromium.main() == 0
    assert fetched(bare) == 2


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("missing", ["npm", "node"])
def test_where_npms_does_not_come_the_machines_own_is_taken(
    missing: str, bare: Path, unpacks: Unpacks, capsys: pytest.CaptureFixture[str]
) -> None:
    unpacks(unless=missing)
    own = executable(bare / "chromium")
    assert chromium.main() == 0
    assert chromium.installed() == [Chromium(str(own))]
    assert capsys.readouterr().out == ""


def test_elsewhere_the_machines_own_is_enough(
    bare: Path, unpacks: Unpacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "_npm_has_one", lambda: False)
    unpacks()
    executable(bare / "chromium")
    assert chromium.main() == 0
    assert not (bare / "fetched").exists()


@pytest.mark.usefixtures("bare", "linux")
def test_where_none_can_be_fetched_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert chromium.main() == 0  # the other tests run all the same
    assert "install Debian's package chromium" in capsys.readouterr().out
    with pytest.raises(SuiteError, match="CHROMIUM"):
        launch()


def test_one_that_was_fetched_and_does_not_run_here_is_passed_over(bare: Path) -> None:
    chromium.UNPACKED.mkdir()
    executable(chromium.UNPACKED / "chromium")
    with pytest.raises(SuiteError, match="fetched does not run here"):
        launch()
    executable(bare / "chromium")
    # A broken one of this machine is no reason to skip tests: the error says what is wrong with it.
    with pytest.raises(Error):
        launch()
