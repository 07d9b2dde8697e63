"""What mutmut has found, read from the files it keeps."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

from mutation.report import Mutant, Outcome, Place, change_of

_OUTCOMES: Final = {
    "survived": Outcome.SURVIVED,
    "no tests": Outcome.SURVIVED,
    "caught by type check": Outcome.REFUSED,
    "not checked": Outcome.UNTRIED,
    "check was interrupted by user": Outcome.UNTRIED,
}


def read(work: Path) -> Iterator[Mutant]:
    """Yield every mutant below mutmut's folder. One that hangs or breaks the tests is killed."""
    for path, found in _files(work):
        file = path.relative_to(work).with_suffix("")
        for name, code in found["exit_code_by_key"].items():
            outcome = _OUTCOMES.get(status_by_exit_code[code], Outcome.KILLED)
            yield _mutant(file, name, outcome)


def read_sample(work: Path, killed: Mapping[str, bool]) -> Iterator[Mutant]:
    """Yield the mutants of a sample, given whether each was killed."""
    for path, found in _files(work):
        file = path.relative_to(work).with_suffix("")
        for name in killed.keys() & found["exit_code_by_key"].keys():
            yield _mutant(file, name, Outcome.KILLED if killed[name] else Outcome.SURVIVED)


def _mutant(file: Path, name: str, outcome: Outcome) -> Mutant:
    # Only what is listed is worth the time its diff takes.
    diff = get_diff_for_mutant(name, path=file) if outcome is Outcome.SURVIVED else ""
    # Of `crm.part.xǁPartǁadd__mutmut_3` and `crm.part.x__spend__mutmut_1`.
    mangled = name.rpartition(".")[2].rpartition("__mutmut_")[0]
    function = mangled[2:].replace("ǁ", ".")
    return Mutant(Place(file.as_posix(), function, change_of(diff)), outcome)


def forget_survivors(work: Path) -> None:
    """Let mutmut try again what survived: it knows of changed code, but not of changed tests."""
    for path, found in _files(work):
        codes = found["exit_code_by_key"]
        for name, code in codes.items():
            if _OUTCOMES.get(status_by_exit_code[code]) is Outcome.SURVIVED:
                codes[name] = None
        path.write_text(json.dumps(found), encoding="utf-8")


def _files(work: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted((work / "crm").rglob("*.py.meta")):
        if not (work.parent / path.relative_to(work).with_suffix("")).exists():
            continue  # moved away since
        yield path, json.loads(path.read_text(encoding="utf-8"))
