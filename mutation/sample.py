"""Some mutants of each package, drawn at random: an estimate in minutes instead of many hours."""

import json
import random
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from mutmut import __main__ as mutmut
from mutmut.mutation.file_mutation import filter_mutants_with_type_checker


def draw(names: Iterable[str], packages: Collection[str], size: int, seed: int) -> set[str]:
    """Return so many mutants of each of these packages, or of all: the same ones for a seed."""
    by_package: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        package = name.split(".")[1]
        if not packages or package in packages:
            by_package[package].append(name)
    return {
        name
        for package, found in by_package.items()
        for name in random.Random(f"{seed} {package}").sample(found, min(size, len(found)))  # noqa: S311
    }


def choose(work: Path, packages: Collection[str], size: int, seed: int) -> None:
    """Let mutmut try a sample alone, of what the types do not refuse; write down which."""
    collect = mutmut.collect_source_file_mutation_data
    refused: set[str] = set()

    def checked() -> Any:
        found = filter_mutants_with_type_checker()
        refused.update(found)
        return found

    def collected(**asked: Any) -> Any:
        mutants, files = collect(**asked)
        names = draw((name for _, name, _ in mutants if name not in refused), packages, size, seed)
        _file(work).write_text(json.dumps(sorted(names)), encoding="utf-8")
        return [mutant for mutant in mutants if mutant[1] in names], files

    mutmut.filter_mutants_with_type_checker = checked  # type: ignore[attr-defined]
    mutmut.collect_source_file_mutation_data = collected


def chosen(work: Path) -> set[str] | None:
    """Return the mutants of the last run, None if it was not a sample."""
    file = _file(work)
    return set(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def forget(work: Path) -> None:
    """Let the next run be of all mutants again."""
    _file(work).unlink(missing_ok=True)


def _file(work: Path) -> Path:
    return work / "sample.json"
