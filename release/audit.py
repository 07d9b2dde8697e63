"""`make audit`: what is publicly known against the versions that the locks name.

pip-audit asks PyPI about every Python package, npm its registry about the console's and the
suite's. A finding fails, unless `accepted.toml` says why it may stand, and until when. A registry
that does not answer fails nothing: it is said, and the rest is looked at.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]

ACCEPTED: Final = Path(__file__).with_name("accepted.toml")

PATIENCE_SECONDS: Final = 90.0
"""For one registry, all of its packages."""

ASKED: Final[Mapping[str, Sequence[str]]] = {
    "requirements-dev.txt": (
        *(sys.executable, "-m", "pip_audit", "--requirement", "requirements-dev.txt"),
        *("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
    ),
    "web": ("npm", "audit", "--prefix", "web", "--package-lock-only", "--json"),
    "suite": ("npm", "audit", "--prefix", "suite", "--package-lock-only", "--json"),
    "suite/browser": ("npm", "audit", "--prefix", "suite/browser", "--package-lock-only", "--json"),
}
"""What is looked at, and how its registry is asked. requirements-dev.txt holds all that the others
hold."""


@dataclass(frozen=True, order=True)
class Finding:
    """Something known against a package.

    Attributes:
        where: What of ours names the package.
        package: Its name.
        ids: What the finding is called: of GitHub (GHSA), PyPI (PYSEC) or MITRE (CVE).
        mended: What to do about it.
    """

    where: str
    package: str
    ids: tuple[str, ...]
    mended: str


@dataclass(frozen=True)
class Told:
    """What a registry said.

    Attributes:
        findings: What is known.
        silent: Why it said nothing about some or all packages; None where it told all.
    """

    findings: tuple[Finding, ...] = ()
    silent: str | None = None


@dataclass(frozen=True)
class Accepted:
    """A finding that may stand for a while.

    Attributes:
        id: One of its names.
        until: The last day.
    """

    id: str
    until: date


class NoAnswer(Exception):
    """A registry did not say what is known; the message is what it said instead, if anything."""


def _object(text: str, key: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        raise NoAnswer from None
    if not isinstance(said, dict) or key not in said:
        told = said.get("message") or said.get("error") if isinstance(said, dict) else None
        raise NoAnswer(str(told or ""))
    return said


def of_pypi(where: str, text: str) -> Told:
    """Return what pip-audit found, from its JSON.

    Raises:
        NoAnswer: It is none.
    """
    packages = _object(text, "dependencies")["dependencies"]
    silent = [one["name"] for one in packages if "skip_reason" in one]
    findings = [
        Finding(
            where,
            one["name"],
            (known["id"], *known["aliases"]),
            _to_version(known["fix_versions"]),
        )
        for one in packages
        for known in one.get("vulns", ())
    ]
    unknown = f"PyPI tells nothing about {len(silent)} of {len(packages)} packages"
    return Told(tuple(findings), unknown if silent else None)


def _to_version(versions: Sequence[str]) -> str:
    return f"mended in {' and '.join(versions)}" if versions else "not mended yet"


def of_npm(where: str, text: str) -> Told:
    """Return what npm found, from its JSON.

    Raises:
        NoAnswer: It is none.
    """
    said = _object(text, "vulnerabilities")
    findings = {
        Finding(
            where,
            name,
            (cause["url"].rpartition("/")[2],),
            "mended by a newer version" if one["fixAvailable"] else "not mended yet",
        )
        for name, one in said["vulnerabilities"].items()
        for cause in one["via"]
        if isinstance(cause, dict)  # otherwise by way of a package that has its own entry
    }
    return Told(tuple(sorted(findings)))


def accepted_in(text: str) -> tuple[Accepted, ...]:
    """Return what the text of `accepted.toml` accepts.

    Raises:
        ValueError: An entry does not say which finding, why, and until when.
    """
    taken = []
    for one in tomllib.loads(text).get("accepted", ()):
        why, until = one.get("why"), one.get("until")
        if not (isinstance(why, str) and why.strip() and isinstance(one.get("id"), str)):
            raise ValueError('accepted.toml: write `id = "GHSA-…"` and `why = "…"` of each entry')
        if not isinstance(until, date) or isinstance(until, datetime):
            raise ValueError(f"accepted.toml: {one['id']}: write until when: `until = 2027-01-31`")
        taken.append(Accepted(one["id"], until))
    return tuple(taken)


def lines(
    told: Mapping[str, Told], accepted: Iterable[Accepted], today: date
) -> tuple[list[str], int]:
    """Return what to print, and how many findings stop a release.

    Args:
        told: What registries said, by what of ours was looked at.
        accepted: Findings that may stand.
        today: The day.
    """
    accepted = tuple(accepted)
    said, stopping = [], 0
    found = {name for one in told.values() for finding in one.findings for name in finding.ids}
    for where, one in told.items():
        if one.silent:
            said.append(f"{where}: skipped, in whole or in part: {one.silent}.")
        for finding in one.findings:
            until = max((a.until for a in accepted if a.id in finding.ids), default=None)
            line = f"{where}: {finding.package}: {', '.join(finding.ids)}: {finding.mended}"
            if until is not None and until >= today:
                said.append(f"{line} (accepted until {until}).")
                continue
            stopping += 1
            said.append(f"{line}{'' if until is None else f' (was accepted until {until})'}.")
        if not one.silent and not one.findings:
            said.append(f"{where}: nothing is known against any package.")
    if not any(one.silent for one in told.values()):
        over = [one.id for one in accepted if one.id not in found]
        said += [f"accepted.toml: {one} is found no more: take it out." for one in over]
    return said, stopping


def ask(where: str, command: Sequence[str]) -> Told:
    """Return what a registry says of what is locked.

    Args:
        where: What of ours is looked at.
        command: How it is asked.
    """
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        return Told(silent=f"{command[0]} is missing")
    except subprocess.TimeoutExpired:
        return Told(silent=f"nobody answered in {PATIENCE_SECONDS:.0f} seconds")
    reader = of_pypi if where.startswith("requirements") else of_npm
    try:
        return reader(where, done.stdout)
    except NoAnswer as error:
        said = [str(error), *reversed(done.stderr.strip().splitlines()), "no answer"]
        return Told(silent=next(line for line in said if line)[:200].rstrip("."))


def main(asked: Mapping[str, Sequence[str]] = ASKED, today: date | None = None) -> int:
    """Ask every registry, print what is known, and return the exit status."""
    try:
        accepted = accepted_in(ACCEPTED.read_text(encoding="utf-8"))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    told = {where: ask(where, command) for where, command in asked.items()}
    said, stopping = lines(told, accepted, today or datetime.now(UTC).date())
    print("\n".join(said))
    if stopping:
        print(
            f"{stopping} to be mended: `python -m release.lock --upgrade-package NAME`, npm, or an"
            " entry with its reason in release/accepted.toml.",
            file=sys.stderr,
        )
    return 1 if stopping else 0


if __name__ == "__main__":
    sys.exit(main())
