"""Mutants tried in forks of one process, which has looked up the tests once for all of them."""

import gc
import json
import os
import resource
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from mutmut.configuration import config
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.utils.file_utils import change_cwd
from mutmut.utils.format_utils import mangled_name_from_mutant_name

from mutation.runner import nearest_first

# A mutant that takes so much more of the processor than its tests do otherwise runs for ever.
_PATIENCE: Final = 5
_BESIDE: Final = 10  # seconds
# One that takes so much longer by the clock, on a machine with other work, waits for ever.
_WAITING: Final = 20


def try_all(
    work: Path, mutants: Collection[str], jobs: int, tried: Callable[[str, bool], None]
) -> None:
    """Try mutants, each with the tests that reach it, the nearest and quickest first.

    Args:
        work: Where mutmut has put the mutants, and a copy of the tests.
        mutants: Their names.
        jobs: How many at once.
        tried: Told of each one as soon as it is known, and whether it was killed.

    Raises:
        RuntimeError: A test fails without any fault, or none could be looked up.
    """
    tests = _Tests(work / "reached.json", mutants, jobs, tried)
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
        mutants: Collection[str],
        jobs: int,
        tried: Callable[[str, bool], None],
    ) -> None:
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
        # In a fork too: what it leaves in caches must not hide a fault.
        pid = _fork("stats", None, partial(self._look, session.items))
        if os.waitpid(pid, 0)[1]:
            raise pytest.UsageError("a test fails without any fault")
        seen = json.loads(self._reached.read_text(encoding="utf-8"))
        took: dict[str, float] = seen["took"]
        running: dict[int, str] = {}
        for mutant in sorted(self._mutants):
            tests = seen["tests"].get(mangled_name_from_mutant_name(mutant), [])
            nearest = nearest_first(mutant, sorted(tests, key=took.__getitem__))
            usual = sum(took[test] for test in tests)
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

    def _look(self, items: Sequence[pytest.Item]) -> bool:
        """Run all tests without any fault; write down what they reach and how long they take."""
        tests, took = defaultdict(list), {}
        for item, following in zip(items, [*items[1:], None], strict=True):
            began = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            took[item.nodeid] = time.process_time() - began
            if self._failed:
                os.write(1, f"fails without any fault: {item.nodeid}\n".encode())
                return True
            for function in state()._stats:
                tests[function].append(item.nodeid)
            state()._stats.clear()
        self._reached.write_text(json.dumps({"tests": tests, "took": took}), encoding="utf-8")
        return False

    def _fails(self, items: Sequence[pytest.Item]) -> bool:
        for item, following in zip(items, [*items[1:], None], strict=bool(items)):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                return True
        return False


def _fork(mutant: str, usual: float | None, fails: Callable[[], bool]) -> int:
    """Run tests in a process of their own, which ends with 0 if all pass; return its id."""
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
        failed = fails()
    except BaseException:  # whatever a fault brings about
        failed = True
    os._exit(failed)
