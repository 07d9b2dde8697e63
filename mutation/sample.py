"""Some mutants of each package, drawn at random: an estimate in minutes instead of many hours."""

import ast
import bisect
import json
import random
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Final

from mutmut.__main__ import create_mutants
from mutmut.configuration import config
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.type_checking import run_type_checker
from mutmut.utils.file_utils import (
    change_cwd,
    copy_also_copy_files,
    copy_src_dir,
    setup_source_paths,
)

from mutation import forks

LONGER: Final = 6
"""So many times as long are those tried again that have survived."""

_KEPT: Final = "sample.json"


def draw(names: Iterable[str], packages: Collection[str], size: int, seed: int) -> list[str]:
    """Return so many mutants of each of these packages, or of all: the same ones for a seed.

    One of each package in turn, so that a run which is broken off has tried as many of each.
    """
    by_package: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        package = name.split(".")[1]
        if not packages or package in packages:
            by_package[package].append(name)
    drawn = [
        random.Random(f"{seed} {package}").sample(found, min(size, len(found)))  # noqa: S311
        for package, found in sorted(by_package.items())
    ]
    return [name for turn in zip_longest(*drawn) for name in turn if name is not None]


def run(
    work: Path, packages: Collection[str], size: int, seed: int, jobs: int, seconds: float
) -> None:
    """Draw a sample of what the types do not refuse, try it, and write down what came of it.

    Most mutants fall to a test that is near and quick. Those that do not get many more tests.
    """
    set_mutant_under_test("mutant_generation")
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    create_mutants(jobs)
    with change_cwd(work):
        refused = set(_refused())
    valid = (name for name in _names(work) if name not in refused)
    drawn = draw(valid, packages, size, seed)
    print(f"{len(drawn)} mutants, seed {seed}", flush=True)
    kept: dict[str, bool] = {}

    def tried(name: str, killed: bool) -> None:
        kept[name] = killed
        print("killed  " if killed else "SURVIVED", name, flush=True)
        (work / _KEPT).write_text(json.dumps(kept), encoding="utf-8")

    forks.try_all(work, drawn, jobs, seconds, tried)
    left = [name for name, killed in kept.items() if not killed]
    if left:
        print(f"{len(left)} of them again, with more tests", flush=True)
        forks.try_all(work, left, jobs, LONGER * seconds, tried)


def outcomes(work: Path) -> dict[str, bool] | None:
    """Return the mutants of the last run, and which were killed; None if it was not a sample."""
    file = work / _KEPT
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def forget(work: Path) -> None:
    """Let the last run be no sample any more."""
    (work / _KEPT).unlink(missing_ok=True)


def mutants_in(source: str) -> list[tuple[int, int, str]]:
    """Return the mutants in a file that mutmut has made: first line, last line, name."""
    return sorted(
        (node.lineno, node.end_lineno or node.lineno, node.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.rpartition("__mutmut_")[2].isdigit()
    )


def _names(work: Path) -> Iterable[str]:
    for path in sorted((work / "crm").rglob("*.py.meta")):
        yield from json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]


def _refused() -> Iterable[str]:
    """Yield what the types refuse. Finding it as mutmut does takes minutes."""
    lines: dict[Path, list[int]] = defaultdict(list)
    for error in run_type_checker(config().type_check_command):
        lines[error.file_path.relative_to(Path.cwd())].append(error.line_number)
    for path, wrong in lines.items():
        found = mutants_in(path.read_text(encoding="utf-8"))
        module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for line in wrong:
            at = bisect.bisect_right(found, line, key=lambda one: one[0]) - 1
            if at >= 0 and line <= found[at][1]:
                yield f"{module}.{found[at][2]}"
