"""Mutants tried in forks of one process, which has looked up the tests once for all of them."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import accumulate, chain, groupby, zip_longest
from pathlib import Path
from typing import Final, Self

import pytest
from mutmut.configuration import config
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.utils.file_utils import change_cwd
from mutmut.utils.format_utils import mangled_name_from_mutant_name

from mutation.runner import nearest_first

# A mutant that takes so much more of the processor than its tests do otherwise runs for ever.
_PATIENCE: Final = 3
_BESIDE: Final = 5  # seconds
# One that takes so much longer by the clock, on a machine with other work, waits for ever.
_WAITING: Final = 20


def try_all(
    work: Path,
    mutants: Sequence[str],
    jobs: int,
    seconds: float,
    tried: Callable[[str, bool], None],
) -> None:
    """Try mutants, each with the tests that reach it, the nearest and quickest first.

    Args:
        work: Where mutmut has put the mutants, and a copy of the tests.
        mutants: Their names, in the order in which they are tried.
        jobs: How many at once.
        seconds: Of the processor, for the tests of one mutant; those behind are left out.
        tried: Told of each one as soon as it is known, and whether it was killed.

    Raises:
        RuntimeError: No tests could be looked up.
    """
    tests = _Tests(work / "reached.json", mutants, jobs, seconds, tried)
    with change_cwd(work):
        chosen = config().pytest_add_cli_args_test_selection
        code = PytestRunner().execute_pytest(["-q", "--capture=no", *chosen], plugins=[tests])
    if code:
        raise RuntimeError(f"The tests could not be run (pytest says {code}): see above.")


class _Tests:
    """A plugin of pytest that runs its tests in forks, in the order that suits each mutant."""

    def __init__(
        self,
        reached: Path,
        mutants: Sequence[str],
        jobs: int,
        seconds: float,
        tried: Callable[[str, bool], None],
    ) -> None:
        self._seconds = seconds
        self._reached = reached
        self._mutants = mutants
        self._jobs = jobs
        self._tried = tried
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed = self._failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.freeze()
        items = {item.nodeid: item for item in session.items}
        known = _Known.read(self._reached)
        new = [item for item in session.items if not known.has(item)]
        self._look_up(new, known)
        took = known.took
        running: dict[int, str] = {}
        for mutant in self._mutants:
            reach = known.tests.get(mangled_name_from_mutant_name(mutant), [])
            tests = items.keys() & set(reach)
            nearest = nearest_first(mutant, sorted(tests, key=took.__getitem__))
            until = accumulate(took[test] for test in nearest)
            nearest = [
                test for test, end in zip(nearest, until, strict=True) if end < self._seconds
            ]
            usual = sum(took[test] for test in nearest)
            if len(running) == self._jobs:
                self._await_one(running)
            fails = partial(self._fails, [items[test] for test in nearest])
            running[_fork(mutant, usual, fails)] = mutant
        while running:
            self._await_one(running)
        return True

    def _await_one(self, running: dict[int, str]) -> None:
        pid, status = os.wait()
        self._tried(running.pop(pid), status != 0)

    def _look_up(self, items: Sequence[pytest.Item], known: _Known) -> None:
        """Learn what tests reach, in forks too: what they leave in caches must not hide a fault."""
        files = [list(found) for _, found in groupby(items, key=lambda item: item.path)]
        parts = [self._reached.with_suffix(f".{number}") for number in range(self._jobs)]
        looking = [
            _fork("stats", None, partial(self._look, [*chain(*files[number :: self._jobs])], part))
            for number, part in enumerate(parts)
        ]
        ended = [os.waitpid(pid, 0)[1] for pid in looking]
        if any(ended):
            raise pytest.UsageError("the tests could not be looked up")
        for part in parts:
            known.add(_Known(**json.loads(part.read_text(encoding="utf-8"))))
            part.unlink()
        self._reached.write_text(json.dumps(asdict(known)), encoding="utf-8")

    def _look(self, items: Sequence[pytest.Item], part: Path) -> None:
        """Run tests without any fault; write down what they reach and how long they take."""
        known = _Known("", {}, {}, {})
        for item, following in _in_turn(items):
            began = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            known.took[item.nodeid] = time.process_time() - began
            known.files[item.nodeid] = _digest([item.path])
            if self._failed:  # it says nothing about a mutant: one reason less to find it killed
                os.write(1, f"left out, fails without any fault: {item.nodeid}\n".encode())
            else:
                for function in state()._stats:
                    known.tests.setdefault(function, []).append(item.nodeid)
            state()._stats.clear()
            self._failed = False
        part.write_text(json.dumps(asdict(known)), encoding="utf-8")

    def _fails(self, items: Sequence[pytest.Item]) -> bool:
        for item, following in _in_turn(items):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                return True
        return False


@dataclass(frozen=True)
class _Known:
    """What tests reach: kept, for it takes longer to find than most mutants do.

    Attributes:
        code: The state of the code and of what tests share; when that changes, nothing is known.
        files: Of each test, the state of its file.
        took: Of each test, how many seconds of the processor.
        tests: Of each function, by mutmut's name for it, the tests that reach it.
    """

    code: str
    files: dict[str, str]
    took: dict[str, float]
    tests: dict[str, list[str]]

    @classmethod
    def read(cls, file: Path) -> Self:
        code = _digest(path for name in ("crm", "testing") for path in Path(name).rglob("*.py"))
        found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return cls(**found) if found.get("code") == code else cls(code, {}, {}, {})

    def add(self, other: _Known) -> None:
        """Take over what another process has found; the state of the code is the same."""
        self.files.update(other.files)
        self.took.update(other.took)
        for function, tests in other.tests.items():
            self.tests.setdefault(function, []).extend(tests)

    def has(self, item: pytest.Item) -> bool:
        return self.files.get(item.nodeid) == _digest([item.path])


def _in_turn(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Yield tests, each with the one behind it: what they share is kept for that one."""
    return zip_longest(items, items[1:])


def _digest(paths: Iterable[Path]) -> str:
    together = hashlib.sha256()
    for path in sorted(paths):
        together.update(path.read_bytes())
    return together.hexdigest()


def _fork(mutant: str, usual: float | None, fails: Callable[[], bool | None]) -> int:
    """Run tests in a process of their own, which ends with 0 unless they fail; return its id."""
    if pid := os.fork():
        return pid
    try:
        set_mutant_under_test(mutant)
        if usual is not None:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            limit = int((usual + _BESIDE) * _PATIENCE)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
            signal.alarm(limit * _WAITING)
        failed = bool(fails())
    except BaseException:  # whatever a fault brings about
        traceback.print_exc()
        failed = True
    os._exit(failed)
