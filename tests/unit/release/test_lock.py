"""The locks answer `pyproject.toml`: each package, one version, and the hashes of its files."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from release.lock import EVERYTHING, HEADS, LOCKS, ROOT, command, names_in, plain
from release.lock import lock as write_locks
from release.pythons import supported

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
BASE = PROJECT["project"]["dependencies"]
INPUT = {
    "requirements-dev.txt": [
        *(*BASE, *EXTRAS["mail"], *EXTRAS["anymail"]),
        *PROJECT["dependency-groups"]["dev"],
    ],
    "requirements.txt": [*BASE, *EXTRAS["mail"]],
    "requirements-without-mail.txt": BASE,
    "requirements-anymail.txt": EXTRAS["anymail"],
}


@dataclass(frozen=True)
class Entry:
    version: Version
    marker: Marker | None
    hashes: tuple[str, ...]


def entries(text: str) -> Iterator[tuple[str, Entry]]:
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    for whole in re.split(r"\n(?! )", "\n".join(lines)):
        first, *hashes = re.split(r" \\\n +", whole)
        one = Requirement(first)
        (pin,) = one.specifier
        assert pin.operator == "==", whole
        yield canonicalize_name(one.name), Entry(Version(pin.version), one.marker, tuple(hashes))


def locked(name: str) -> dict[str, Entry]:
    every = list(entries((ROOT / name).read_text(encoding="utf-8")))
    found = dict(every)
    assert len(found) == len(every), "a package has two versions"
    return found


@pytest.fixture(params=LOCKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def holds(entry: Entry) -> bool:
    """Whether it is for this Python, on this system."""
    return entry.marker is None or entry.marker.evaluate()


def unanswered(required: list[str], lock: dict[str, Entry]) -> list[str]:
    """What is required and not locked, or at a version that is not what is required."""
    wrong = []
    for text in required:
        one = Requirement(text)
        entry = lock.get(canonicalize_name(one.name))
        if entry is None or not one.specifier.contains(entry.version, prereleases=True):
            wrong.append(text)
    return wrong


def test_the_lock_answers_what_is_needed(name: str) -> None:
    """`make lock` writes it anew."""
    assert unanswered(INPUT[name], locked(name)) == []
    assert set(INPUT) == set(LOCKS) == set(HEADS)


def test_an_answer_that_is_old_would_be_seen() -> None:
    lock = dict(entries("lark==1.3.1 \\\n    --hash=sha256:x\n    # via crm\n"))
    assert unanswered(["lark>=1.3.1,<2"], lock) == []
    assert unanswered(["lark>=1.4", "click"], lock) == ["lark>=1.4", "click"]


def test_every_file_is_known_by_its_hash(name: str) -> None:
    """pip then asks for a hash of everything that it installs."""
    for package, entry in locked(name).items():
        assert entry.hashes, package
        for one in entry.hashes:
            assert re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one), package


def test_all_locks_are_of_one_resolution(name: str) -> None:
    everything = locked(EVERYTHING)
    for package, entry in locked(name).items():
        assert everything[package] == entry


def test_production_is_what_the_tests_run_on() -> None:
    """`make setup` brings an environment to it."""
    others = {}
    for package, entry in (locked("requirements.txt") | locked("requirements-anymail.txt")).items():
        installed = distribution(package).version if holds(entry) else str(entry.version)
        if Version(installed) != entry.version:
            others[package] = f"{installed} is installed, {entry.version} is locked"
    assert others == {}


def test_what_a_package_needs_is_locked_too() -> None:
    """Otherwise pip, which takes nothing without a hash, would refuse all of it."""
    for name in ("requirements.txt", "requirements-without-mail.txt"):
        lock = locked(name)
        for package, entry in lock.items():
            if not holds(entry):
                continue
            needs = [Requirement(text) for text in distribution(package).requires or ()]
            now = [one for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
            assert unanswered([str(one) for one in now], lock) == [], package


def test_who_sends_no_campaigns_installs_less() -> None:
    with_mail, without = locked("requirements.txt"), locked("requirements-without-mail.txt")
    assert without.items() < with_mail.items()
    assert {"mrml", "nh3", "python-liquid", "babel"} <= with_mail.keys() - without.keys()
    assert not locked("requirements-anymail.txt").keys() & with_mail.keys()


def test_a_lock_is_for_every_python_that_a_host_may_choose(name: str) -> None:
    """Wheels for some of them alone would have others compile, or fail."""
    asked = command(name, [])
    assert asked[asked.index("--python-version") + 1] == supported()[0]
    assert {"--universal", "--generate-hashes"} <= {*asked}


def test_the_build_is_of_a_version_that_is_locked() -> None:
    (backend,) = PROJECT["build-system"]["requires"]
    assert backend in PROJECT["dependency-groups"]["dev"]


def test_developing_takes_versions_to_the_letter() -> None:
    """pyproject.toml says which; a range is for hosts alone, and theirs ends at the lock."""
    for text in PROJECT["dependency-groups"]["dev"]:
        assert re.fullmatch(r"[\w-]+==[\w.]+", text), text
    for text in (*BASE, *EXTRAS["mail"]):
        assert re.match(r"[\w-]+>=", text), text


UV_SAYS = """\
asgiref==3.13.0 \\
    --hash=sha256:00
    # via
    #   -c requirements-dev.txt
    #   django
click==8.5.1 \\
    --hash=sha256:11
    # via
    #   -c requirements-dev.txt
    #   crm-lite (pyproject.toml)
    #   flask

# The following packages were excluded from the output:
# anyio
"""


def test_a_lock_says_why_a_package_is_there() -> None:
    text = plain("requirements.txt", UV_SAYS)
    assert names_in(text) == ["asgiref", "click"]
    head, body = text.split("pyproject.toml.\n", 1)
    assert head.startswith(f"# {HEADS['requirements.txt']}\n")
    assert body == (
        "asgiref==3.13.0 \\\n    --hash=sha256:00\n    # via django\n"
        "click==8.5.1 \\\n    --hash=sha256:11\n"
        "    # via\n    #   crm-lite (pyproject.toml)\n    #   flask\n"
    )
    (ROOT / "requirements.txt").read_text(encoding="utf-8").index(f"# {HEADS['requirements.txt']}")


def test_no_other_file_says_a_version() -> None:
    """Every requirements*.txt is a lock."""
    assert {path.name for path in Path(ROOT).glob("requirements*")} == set(LOCKS)
    with pytest.raises(PackageNotFoundError):
        distribution("crm-lite")  # the source is tested, not an installed copy of it


def test_all_locks_are_written_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And uv is told of each what the others hold."""
    asked: dict[str, list[str]] = {}
    failing = ""

    def stand_in(file: str, more: list[str]) -> list[str]:
        asked[file] = list(more)
        write = f"open({file!r}, 'w').write({UV_SAYS!r}); exit({file == failing:d})"
        return [sys.executable, "-c", write]

    monkeypatch.setattr("release.lock.command", stand_in)
    for file in ("pyproject.toml", *LOCKS):
        tmp_path.joinpath(file).write_text("as it was")
    failing = [*LOCKS][2]
    with pytest.raises(subprocess.CalledProcessError):
        write_locks(tmp_path)
    assert {path.read_text() for path in tmp_path.iterdir()} == {"as it was"}
    failing = ""
    write_locks(tmp_path, ["--upgrade-package", "click"])
    for file in LOCKS:
        assert tmp_path.joinpath(file).read_text() == plain(file, UV_SAYS)
    constraint = ["--constraint", EVERYTHING]
    assert asked[EVERYTHING] == ["--upgrade-package", "click"]
    assert asked["requirements.txt"] == asked["requirements-without-mail.txt"] == constraint
    left_out = [*("--no-emit-package", "asgiref"), *("--no-emit-package", "click")]
    assert asked["requirements-anymail.txt"] == [*constraint, *left_out]
