"""What the mutants say about the tests: a score for each package, and what is wrong with it."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

FLOOR: Final = 90.0


class Outcome(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    REFUSED = "refused"  # by the types: it never gets as far as a test
    UNTRIED = "untried"


class Place(NamedTuple):
    """Where a mutant is and what it changes: the same after lines have moved."""

    file: str
    function: str
    change: str


@dataclass(frozen=True)
class Mutant:
    """One fault put into the code."""

    place: Place
    outcome: Outcome

    @property
    def package(self) -> str:
        """Return the name of its package: the folder below crm/, or the module right there."""
        return PurePosixPath(self.place.file).parts[1].removesuffix(".py")


@dataclass(frozen=True)
class Row:
    """The figures of one package."""

    package: str
    killed: int
    survived: int

    @property
    def score(self) -> float:
        """Return how many of a hundred mutants are killed."""
        mutants = self.killed + self.survived
        return 100 * self.killed / mutants if mutants else 100.0


def change_of(diff: str) -> str:
    """Return the lines that a diff takes and adds, however deep they stand."""
    lines = diff.splitlines()
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in changed if line)


def rows_of(mutants: Iterable[Mutant]) -> list[Row]:
    """Return the figures of each package. What the types refuse does not count."""
    counts: dict[str, dict[Outcome, int]] = defaultdict(lambda: dict.fromkeys(Outcome, 0))
    for mutant in mutants:
        counts[mutant.package][mutant.outcome] += 1
    return [
        Row(package, count[Outcome.KILLED], count[Outcome.SURVIVED])
        for package, count in sorted(counts.items())
    ]


def reasons_in(folder: Path) -> dict[Place, str]:
    """Return the known survivors, each with why it is left; some changes share a reason."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml")))
    entries = [entry for text in texts for entry in tomllib.loads(text).get("survivor", [])]
    return {
        Place(entry["file"], entry["function"], change.strip()): entry["why"].strip()
        for entry in entries
        for change in entry["changes"]
    }


def entry_of(place: Place) -> str:
    """Return the entry of a survivor for the list, its reason yet to be written."""
    return (
        f'[[survivor]]\nfile = "{place.file}"\nfunction = "{place.function}"\nwhy = ""\n'
        f"changes = [\n'''\n{place.change}\n''',\n]\n"
    )


def problems(
    mutants: Sequence[Mutant], reasons: dict[Place, str], *, whole: bool = True
) -> list[str]:
    """Return what is wrong: a score too low, a survivor without a reason, a reason without one.

    Of a sample, not the whole, nobody knows whether the others that are listed survive.
    """
    found = [
        f"{row.package}: {row.score:.1f} % killed, below {FLOOR:.0f} %"
        for row in rows_of(mutants)
        if row.score < FLOOR
    ]
    left = {mutant.place for mutant in mutants if mutant.outcome is Outcome.SURVIVED}
    untried = sum(mutant.outcome is Outcome.UNTRIED for mutant in mutants)
    looked_at = {mutant.place.file for mutant in mutants}
    if untried:
        found.append(f"{untried} mutants were not tried")
    found += [
        f"a survivor without a reason:\n{entry_of(place)}"
        for place in sorted(left)
        if not reasons.get(place)
    ]
    found += [
        f"listed, but it does not survive:\n{entry_of(place)}"
        for place in sorted(reasons.keys() - left)
        if whole and place.file in looked_at and not untried
    ]
    return found


def table_of(rows: Iterable[Row]) -> str:
    """Return the figures as lines to read."""
    lines = [f"{'package':<14}{'mutants':>9}{'killed':>9}{'survived':>10}{'score':>9}"]
    lines += [
        f"{row.package:<14}{row.killed + row.survived:>9}{row.killed:>9}{row.survived:>10}"
        f"{row.score:>7.1f} %"
        for row in rows
    ]
    return "\n".join(lines)
