"""Writing the console: whole, again, and never over anything else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crm.config.settings import Settings
from crm.console import files
from crm.console.files import built, write
from crm.console.page import said_in, settings_of_page
from crm.core.errors import ConfigError
from tests.support.built import SCRIPT, build

SAID = settings_of_page(Settings(), "/crm/")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return build(tmp_path / "built", Home=SCRIPT)


def test_all_files_are_written_and_the_page_is_told(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "site" / "crm"
    before = tree(source)
    assert write(target, SAID, source) == 5
    written = tree(target)
    assert written.keys() == before.keys()
    assert said_in(written.pop("index.html").decode()) == SAID
    before.pop("index.html")
    assert written == before
    assert tree(source)["index.html"].count(b"region") == 0


def test_a_second_time_changes_nothing_and_a_new_build_replaces_it(
    tmp_path: Path, source: Path
) -> None:
    target = tmp_path / "console"
    write(target, SAID, source)
    target.joinpath("robots.txt").write_text("theirs")  # beside it, and not ours to remove
    first = tree(target)
    times = {path: path.stat().st_mtime_ns for path in target.glob("assets/*")}
    assert write(target, SAID, source) == 5
    assert tree(target) == first
    assert {path: path.stat().st_mtime_ns for path in times} == times
    newer = build(tmp_path / "newer", Away="x")
    write(target, SAID, newer)
    assert tree(target).keys() == tree(newer).keys() | {"robots.txt"}


def test_a_damaged_file_is_written_again(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "console"
    write(target, SAID, source)
    whole = tree(target)
    target.joinpath("assets", "index-1a2b.js").write_text("half")
    write(target, SAID, source)
    assert tree(target) == whole


@pytest.mark.parametrize(
    "theirs", [{"index.html": "<html>shop</html>"}, {"about.html": "x"}, {"img/logo.svg": "x"}]
)
def test_nothing_of_the_hosts_is_written_over(
    tmp_path: Path, source: Path, theirs: dict[str, str]
) -> None:
    target = tmp_path / "public"
    for name, text in theirs.items():
        target.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        target.joinpath(name).write_text(text)
    before = tree(target)
    with pytest.raises(ConfigError, match="nothing was written: name a folder"):
        write(target, SAID, source)
    assert tree(target) == before
    assert write(target / "crm", SAID, source) == 5  # beside it there is room
    assert tree(target).items() >= before.items()


def test_a_folder_that_cannot_be_is_said(tmp_path: Path, source: Path) -> None:
    with pytest.raises(ConfigError, match="is what was built"):
        write(source / "assets" / "..", SAID, source)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(ConfigError, match="is no folder"):
        write(file, SAID, source)
    assert file.read_text() == "x"


def test_what_is_not_built_or_of_an_earlier_version_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "dist"
    monkeypatch.setattr(files, "console_files", lambda: place)
    with pytest.raises(ConfigError, match="make setup"):
        built()
    build(place).joinpath("index.html").write_text("of an earlier version")
    with pytest.raises(ConfigError, match="make setup"):
        built()
    shutil.rmtree(place)
    build(place)
    assert built() == place


@pytest.mark.parametrize(
    ("state", "after"),
    # Of an earlier one only the page and one file are not there yet.
    [(state, after) for state in ("missing", "empty") for after in range(5)]
    + [("earlier", 0), ("earlier", 1)],
)
def test_what_is_broken_off_leaves_nothing_half(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, state: str, after: int
) -> None:
    target = tmp_path / "public" / "crm"
    earlier = build(tmp_path / "earlier", Gone="x")
    if state == "empty":
        target.mkdir(parents=True)
    elif state == "earlier":
        write(target, SAID, earlier)
    page = target.joinpath("index.html").read_bytes() if state == "earlier" else None
    steps = []

    def breaking(file: Path, content: bytes) -> int:
        steps.append(file)
        if len(steps) > after:
            raise OSError(28, "No space left on device")
        return len(content) * bool(written(file, content))

    written = Path.write_bytes
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", breaking)
        patch.setattr(Path, "write_text", lambda file, text, **_: breaking(file, text.encode()))
        with pytest.raises(OSError, match="No space"):
            write(target, SAID, source)
    if page is None:
        assert not target.exists() or not any(target.iterdir())
    else:
        assert target.joinpath("index.html").read_bytes() == page
        assert tree(target).keys() >= tree(earlier).keys()
    write(target, SAID, source)
    assert tree(target).keys() == tree(source).keys()
    assert [path.name for path in target.parent.iterdir()] == ["crm"]
