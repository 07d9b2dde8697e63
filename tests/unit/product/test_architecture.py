"""The house stands as testing/architecture.py says: floors, doors, libraries, and its picture."""

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from testing.architecture import (
    CRM,
    FLOORS,
    LIBRARIES,
    PICTURE,
    REACHES_OUT,
    ROOT,
    arrows,
    circles,
    depth,
    drawn,
    faults,
    imports,
    module_of,
    whole_house,
)

MAX_LINES = 400

MODULES = sorted(CRM.rglob("*.py"))
SOURCES = {path: path.read_text(encoding="utf-8") for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_what_it_may(path: Path) -> None:
    assert faults(module_of(path), SOURCES[path]) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert SOURCES[path].count("\n") < MAX_LINES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_left_out_of_a_deployment(path: Path) -> None:
    """The guide of 0.1 told hosts to ignore `firestore.*`, which names files in every folder."""
    assert not fnmatch(path.name, "firestore.*")


def test_every_package_has_its_floor() -> None:
    assert {path.parent.name for path in CRM.glob("*/__init__.py")} == FLOORS.keys()
    assert {path.name for path in CRM.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_the_table_names_what_is_there() -> None:
    """A line about a module that has moved would forbid nothing, or allow for ever."""
    modules = {module_of(path) for path in MODULES}
    assert {*LIBRARIES, *REACHES_OUT} <= modules
    used = {module: {one for path in MODULES for one in _names(path, module)} for module in modules}
    for module, libraries in LIBRARIES.items():
        for library in libraries:
            assert any(name == library or name.startswith(f"{library}.") for name in used[module])


def _names(path: Path, module: str) -> set[str]:
    own = module_of(path)
    if own == module or own.startswith(f"{module}."):
        return {one.name for one in imports(SOURCES[path], own)}
    return set()


@pytest.mark.parametrize("package", FLOORS)
def test_a_door_says_what_it_is_for_and_loads_nothing(package: str) -> None:
    """Re-exports would load the whole package at a cold start."""
    for path in sorted((CRM / package).rglob("__init__.py")):
        (only,) = ast.parse(SOURCES[path]).body
        assert isinstance(only, ast.Expr), path
        assert isinstance(only.value, ast.Constant), path
    text = str(ast.get_docstring(ast.parse(SOURCES[CRM / package / "__init__.py"])))
    assert text[0].isupper() or text[0] == "`"
    assert text.split("\n\n")[0].endswith(".")
    assert "Import " in text, "a door says what to import"


def test_packages_form_no_circle() -> None:
    """Imports for types alone count too: what needs a type depends on its module."""
    assert circles(whole_house()) == []
    assert depth(arrows()) <= max(FLOORS.values())
    assert depth(whole_house()) <= 12  # the ten of crm, main, and what reads its declarations


def test_a_circle_would_be_seen() -> None:
    assert set(circles({"a": {"b"}, "b": {"a"}})) == {"a", "b"}


def test_the_picture_is_of_this_house() -> None:
    """`make architecture` draws it anew."""
    text = PICTURE.read_text(encoding="utf-8")
    assert text.count("<!-- drawn: ") == 2
    assert drawn(text) == text


@pytest.mark.parametrize("name", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_documents_count_this_house(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    counted = re.findall(r"(\d+) packages (?:by topic, )?on (\d+) floors", text)
    assert counted == [(str(len(FLOORS)), str(max(FLOORS.values())))]


def test_main_declares_and_nothing_more() -> None:
    """Its functions hand over to entry points; it knows neither the store nor a use case."""
    source = (ROOT / "main.py").read_text(encoding="utf-8")
    known = {one.package or one.name.partition(".")[0] for one in imports(source)}
    allowed = {"config", "firebase", "runtime", "entrypoints"}
    assert known <= {"typing", "firebase_functions", "flask"} | allowed
    assert {"entrypoints", "config"} <= known
    assert not any(one.within("crm.firebase.store") for one in imports(source))


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("sync.sync", "import main", "main is imported by nothing of crm"),
        ("sync.sync", "from testing.world import World", "testing is imported by nothing of crm"),
        ("firebase.store", "from main import on_order_written", "main is imported by nothing"),
        (
            "customers.part",
            "from google.cloud import firestore",
            "customers.part must not use google.cloud.firestore",
        ),
        (
            "entrypoints.callables.dispatch",
            "import google.cloud.firestore",
            "entrypoints.callables.dispatch must not use google.cloud.firestore",
        ),
        (
            "firebase.auth",
            "from google.cloud import firestore",
            "firebase.auth must not use google.cloud.firestore",
        ),
        (
            "customers.lookup",
            "def f():\n  import firebase_admin",
            "customers.lookup must not use firebase_admin",
        ),
        (
            "firebase.store",
            "from firebase_admin import auth",
            "firebase.store must not use firebase_admin.auth",
        ),
        ("host.reader", "import babel", "host.reader must not use babel"),
        (
            "sync.sync",
            "from crm.repair.sweep import sweep",
            "sync must not import repair: it is not on a lower floor",
        ),
        ("merging.join", "from crm import jobs", "merging must not import jobs"),
        ("merging.join", "import crm.sync.sync as s", "merging must not import sync"),
        ("merging.join", "from ..sync.sync import Sync", "merging must not import sync"),
        ("db.scan", "from crm.host import order", "db must not import host"),
        ("core.ids", "from crm.customers.part import Part", "core must not import customers"),
        (
            "sync.order_plan",
            "import os.path",
            "sync.order_plan must not use os.path: it reaches outside",
        ),
        ("sync.sync", "import threading", "sync.sync must not use threading"),
        (
            "entrypoints.triggers.events",
            "from firebase_functions import firestore_fn",
            "events knows the SDK's types",
        ),
    ],
)
def test_the_walker_sees_what_must_not_be(module: str, source: str, fault: str) -> None:
    (found,) = faults(module, source)
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "entrypoints.triggers.events",
            "if TYPE_CHECKING:\n  from firebase_functions.firestore_fn import Event",
        ),
        ("host.reader", "from crm.core import email, money\nimport re\nfrom crm.host import order"),
        ("firebase.store", "def f():\n  from google.cloud.firestore import Client"),
        ("entrypoints.callables.dispatch", "from crm.runtime.services import Services"),
        ("sync.striped_locks", "import threading"),
    ],
)
def test_the_walker_lets_be_what_may_be(module: str, source: str) -> None:
    assert faults(module, source) == []
