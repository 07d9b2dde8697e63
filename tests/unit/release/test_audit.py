"""The audit: a finding fails until it is mended or reasoned; a silent registry never does."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from release import audit
from release.audit import ACCEPTED, ASKED, ROOT, Accepted, Finding, Told, accepted_in, lines

TODAY = date(2026, 12, 1)
PYPI = {
    "dependencies": [
        {"name": "click", "version": "8.5.1", "vulns": []},
        {
            "name": "jinja2",
            "version": "3.1.2",
            "vulns": [
                {"id": "PYSEC-1", "aliases": ["GHSA-a", "CVE-1"], "fix_versions": ["3.1.3"]},
                {"id": "PYSEC-2", "aliases": [], "fix_versions": []},
            ],
        },
    ]
}
NPM = {
    "vulnerabilities": {
        "tar": {
            "via": [{"url": "https://github.com/advisories/GHSA-t", "severity": "high"}],
            "fixAvailable": {"name": "tar"},
        },
        "firebase-tools": {"via": ["tar"], "fixAvailable": False},
    }
}
PYTHON = [sys.executable, "-c"]
A = Finding("web", "tar", ("GHSA-t",), "not mended yet")


def saying(text: str, code: int = 0, errors: str = "") -> list[str]:
    script = f"import sys; print({text!r}); sys.stderr.write({errors!r}); sys.exit({code})"
    return [*PYTHON, script]


def ran(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    commands: dict[str, list[str]],
    accepted: str = "",
) -> int:
    monkeypatch.setattr(audit, "ACCEPTED", tmp_path / "accepted.toml")
    tmp_path.joinpath("accepted.toml").write_text(accepted)
    return audit.main(commands, TODAY)


def test_pypi_s_findings_have_all_their_names_and_what_to_do() -> None:
    assert audit.of_pypi("lock", json.dumps(PYPI)) == Told(
        (
            Finding("lock", "jinja2", ("PYSEC-1", "GHSA-a", "CVE-1"), "mended in 3.1.3"),
            Finding("lock", "jinja2", ("PYSEC-2",), "not mended yet"),
        )
    )


def test_packages_that_pypi_does_not_know_are_counted() -> None:
    unknown = {"dependencies": [*PYPI["dependencies"], {"name": "x", "skip_reason": "not found"}]}
    told = audit.of_pypi("lock", json.dumps(unknown))
    assert told.silent == "PyPI tells nothing about 1 of 3 packages"
    assert len(told.findings) == 2


def test_npm_s_findings_are_told_once_each() -> None:
    """What has one by way of another package is not named again."""
    (one,) = audit.of_npm("web", json.dumps(NPM)).findings
    assert one == Finding("web", "tar", ("GHSA-t",), "mended by a newer version")


def test_a_finding_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = {
        "requirements-dev.txt": saying(json.dumps(PYPI), 1),
        "web": saying(json.dumps(NPM), 1),
        "suite": saying('{"vulnerabilities": {}}'),
    }
    assert ran(monkeypatch, tmp_path, commands) == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "requirements-dev.txt: jinja2: PYSEC-1, GHSA-a, CVE-1: mended in 3.1.3.",
        "requirements-dev.txt: jinja2: PYSEC-2: not mended yet.",
        "web: tar: GHSA-t: mended by a newer version.",
        "suite: nothing is known against any package.",
    ]
    assert said.err.startswith("3 to be mended: ")


@pytest.mark.parametrize(
    ("where", "command", "why"),
    [
        ("web", saying('{"message": "405 Method Not Allowed"}', 1), "405 Method Not Allowed"),
        ("web", saying('{"error": {"code": "ENOTFOUND"}}', 1), "ENOTFOUND"),
        ("web", saying("<html>", 1, "npm error audit endpoint\n"), "npm error audit endpoint"),
        ("web", saying("[]", 0), "no answer"),
        ("web", ["/no/such/npm", "audit"], "/no/such/npm is missing"),
        (
            "requirements-dev.txt",
            saying("", 1, "a trace\nBrokenPipe: x.\n"),
            "BrokenPipe",
        ),
        ("requirements-dev.txt", saying("{}", 0), "no answer"),
        ("requirements-dev.txt", [*PYTHON, "import time; time.sleep(60)"], "nobody"),
    ],
)
def test_a_registry_that_does_not_answer_fails_nothing(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    where: str,
    command: list[str],
    why: str,
) -> None:
    monkeypatch.setattr(audit, "PATIENCE_SECONDS", 1.0 if "sleep" in command[-1] else 30.0)
    assert ran(monkeypatch, tmp_path, {where: command}) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{where}: skipped, in whole or in part: ")
    assert why in line


def test_what_is_found_fails_though_another_registry_is_silent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands = {"requirements-dev.txt": saying("", 1), "web": saying(json.dumps(NPM), 1)}
    assert ran(monkeypatch, tmp_path, commands) == 1


ENTRY = '[[accepted]]\nid = "GHSA-t"\nwhy = "never called"\nuntil = {}\n'


def test_a_reason_lets_one_stand_until_its_day() -> None:
    accepted = accepted_in(ENTRY.format("2026-12-01"))
    assert accepted == (Accepted("GHSA-t", TODAY),)
    said, stopping = lines({"web": Told((A,))}, accepted, TODAY)
    assert (said, stopping) == (
        ["web: tar: GHSA-t: not mended yet (accepted until 2026-12-01)."],
        0,
    )
    said, stopping = lines({"web": Told((A,))}, accepted, date(2026, 12, 2))
    assert (said, stopping) == (
        ["web: tar: GHSA-t: not mended yet (was accepted until 2026-12-01)."],
        1,
    )
    other = Finding("web", "tar", ("GHSA-u",), "not mended yet")
    assert lines({"web": Told((other,))}, accepted, TODAY)[1] == 1


def test_an_entry_that_is_over_is_named() -> None:
    """Not where a registry was silent: it may be found again tomorrow."""
    accepted = accepted_in(ENTRY.format("2026-12-01"))
    said, stopping = lines({"web": Told()}, accepted, TODAY)
    assert said[-1] == "accepted.toml: GHSA-t is found no more: take it out."
    assert stopping == 0
    assert len(lines({"web": Told(silent="x")}, accepted, TODAY)[0]) == 1


@pytest.mark.parametrize(
    "text",
    [
        '[[accepted]]\nid = "GHSA-t"\nuntil = 2026-12-01\n',
        '[[accepted]]\nid = "GHSA-t"\nwhy = " "\nuntil = 2026-12-01\n',
        '[[accepted]]\nwhy = "x"\nuntil = 2026-12-01\n',
        '[[accepted]]\nid = "GHSA-t"\nwhy = "x"\n',
        '[[accepted]]\nid = "GHSA-t"\nwhy = "x"\nuntil = "soon"\n',
        "[[accepted\n",
    ],
)
def test_an_entry_without_a_reason_or_a_day_accepts_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    assert ran(monkeypatch, tmp_path, {}, text) == 1


def test_all_that_is_locked_is_looked_at() -> None:
    accepted_in(ACCEPTED.read_text(encoding="utf-8"))
    locks = [*ROOT.glob("*/package-lock.json"), *ROOT.glob("*/*/package-lock.json")]
    npm = {str(path.parent.relative_to(ROOT)) for path in locks}
    assert set(ASKED) == {"requirements-dev.txt", *npm}
