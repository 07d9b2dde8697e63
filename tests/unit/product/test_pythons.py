"""Every Python that a host may choose as its runtime understands the code."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
from packaging.specifiers import SpecifierSet

from crm.entrypoints.commands import environment
from release import lock
from release.pythons import find, supported
from testing.architecture import CRM, ROOT, imports, module_of
from testing.patience import PATIENCE

RUNTIMES = (
    ROOT / "suite/node_modules/firebase-tools/lib/deploy/functions/runtimes/supported/types.js"
)

COMPILE = """
import sys, warnings
warnings.simplefilter("error")
for path in sys.stdin.read().split("\\n"):
    with open(path, encoding="utf-8") as file:
        compile(file.read(), path, "exec")
"""

IMPORT = """
import importlib, sys
sys.path.insert(0, ".")
sys.dont_write_bytecode = True
for name in sys.stdin.read().split():
    importlib.import_module(name)
"""


def plain_modules() -> list[str]:
    """Modules that need nothing but the standard library, however far one follows imports."""
    modules = {f"crm.{module_of(path)}".rstrip("."): path for path in CRM.rglob("*.py")}
    asked = {
        name: [
            one.name
            for one in imports(path.read_text(encoding="utf-8"), name.partition(".")[2])
            if not one.for_types
        ]
        for name, path in modules.items()
    }

    def module(name: str) -> str | None:
        while name and name not in modules:
            name = name.rpartition(".")[0]
        return name or None

    plain = set(modules)
    while True:
        out = {
            name
            for name in plain
            for one in asked[name]
            if (module(one) or "") not in plain
            and one.partition(".")[0] not in sys.stdlib_module_names
        }
        if not out:
            return sorted(plain - {"crm.__main__"})
        plain -= out


@pytest.fixture(params=supported())
def python(request: pytest.FixtureRequest) -> str:
    found = find(request.param)
    if found is None:
        pytest.skip(f"there is no Python {request.param} here")
    return str(found)


def run(python: str, code: str, told: str) -> None:
    done = subprocess.run(
        [python, "-I", "-c", code],
        input=told,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr


def test_it_compiles_all_of_it_without_a_warning(python: str) -> None:
    files = [ROOT / "main.py", *CRM.rglob("*.py")]
    run(python, COMPILE, "\n".join(str(path) for path in files))


def test_it_loads_what_needs_no_library(python: str) -> None:
    modules = plain_modules()
    assert len(modules) > 100
    run(python, IMPORT, "\n".join(modules))


def test_they_are_those_of_requires_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = SpecifierSet(project["requires-python"])
    assert supported() == [f"3.{minor}" for minor in range(30) if f"3.{minor}" in wanted]


def test_init_and_the_locks_take_the_same() -> None:
    ends = (environment.OLDEST, environment.NEWEST)
    assert [".".join(map(str, one)) for one in ends] == [supported()[0], supported()[-1]]
    assert supported()[0] == lock.OLDEST


@pytest.mark.skipif(not RUNTIMES.exists(), reason="firebase-tools is not installed")
def test_they_are_the_runtimes_that_firebase_deploys() -> None:
    """Those in use; python310 is older than what we need."""
    text = RUNTIMES.read_text(encoding="utf-8")
    ready = re.findall(r'python3(\d+): \{\s+friendly: "[^"]+",\s+status: "GA"', text)
    assert [f"3.{minor}" for minor in ready if int(minor) >= 11] == supported()
