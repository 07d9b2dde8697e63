"""How mutmut runs the tests of a mutant: this is its plugin of pytest too."""

from collections.abc import Iterable
from typing import Any, Final

import hypothesis
import pytest
from mutmut.runners.harness import BadTestExecutionCommandsException, PytestRunner

# Most mutants fall to a quick test of their package: to look up all the others costs more.
FIRST: Final = 100
# Of a random test. Most faults show in the first few examples, and thousands of faults are tried.
EXAMPLES: Final = 20

_run_by_mutmut = PytestRunner.run_tests


def pytest_configure() -> None:
    """Have random tests try few examples, whatever they ask for."""
    make = hypothesis.settings.__init__

    def few(
        self: hypothesis.settings, parent: hypothesis.settings | None = None, **asked: Any
    ) -> None:
        make(self, parent, **{**asked, "max_examples": EXAMPLES})

    hypothesis.settings.__init__ = few  # type: ignore[method-assign]


def prepare() -> None:
    """Let mutmut run tests in this way."""
    PytestRunner.run_tests = _run_tests  # type: ignore[method-assign]


def nearest_first(mutant_name: str | None, tests: Iterable[str]) -> list[str]:
    """Return the tests of the mutant's package, those of the whole product, the others.

    In each group they keep their order: mutmut has the quickest first.
    """
    if mutant_name is None:
        return list(tests)
    groups = (f"tests/unit/{mutant_name.split('.')[1]}/", "tests/unit/product/", "")
    return sorted(
        tests,
        key=lambda test: next(at for at, group in enumerate(groups) if test.startswith(group)),
    )


def _run_tests(self: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
    ordered = nearest_first(mutant_name, tests)
    try:
        code = _run_by_mutmut(self, mutant_name=mutant_name, tests=ordered[:FIRST])
        if code or not ordered[FIRST:]:
            return code
        return _run_by_mutmut(self, mutant_name=mutant_name, tests=ordered[FIRST:])
    except BadTestExecutionCommandsException:
        # mutmut would let its process die of that, and take the mutant for killed.
        return int(pytest.ExitCode.INTERRUPTED)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let the names of tests be the same at every collection in one process.

    pytest keeps the ones that it made of `ids=`, and would escape their backslashes once more.
    """
    for mark in metafunc.definition.iter_markers("parametrize"):
        if mark._param_ids_from:
            object.__setattr__(mark._param_ids_from, "_param_ids_generated", None)
