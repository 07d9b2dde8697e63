"""Arrows between rooms point one way: main → entry points → use cases → pure rooms and the store.

A room is a module of `crm`, or a package of it. One that is not named here is pure: it knows no
Google code, does no input or output of its own, and imports pure rooms alone.
"""

import ast
import graphlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CRM = ROOT / "crm"
MAX_LINES = 400

PURE = {"pydantic", "pydantic_core", "email_validator", "itsdangerous", "lark"}
EDGES: Mapping[str, set[str]] = {
    "store": {
        "google.api_core",
        "google.auth",
        "google.cloud.firestore",
        "google.protobuf",
        "grpc",
    },
    "accounts": {"firebase_admin", "google.auth.exceptions"},
    "runtime": set(),
    "turns": set(),
    "calls": {"firebase_functions"},
    "serving": {"firebase_functions", "flask", "flask_cors"},
    "logs": {"flask"},
    "handlers": set(),
    "throttle": {"limits"},
    "one_click": {"flask", "werkzeug"},
    "download": {"flask"},
    "events": {"firebase_functions"},
    "queue": {"firebase_admin", "google.auth.exceptions"},
    "worker": set(),
    "scheduled": set(),
    "cli": {"click", "rich"},
    "__main__": set(),
}
"""Rooms at the edge, each with what it alone may import."""

INWARD: Mapping[str, set[str]] = {
    "runtime": {"store", "accounts", "queue", "turns"},
    "queue": {"accounts"},
    "worker": {"runtime"},
    "scheduled": {"runtime"},
    "calls": {"runtime", "handlers", "throttle"},
    "handlers": {"runtime"},
    "one_click": {"runtime"},
    "download": {"runtime", "accounts", "throttle"},
    "cli": {"runtime", "accounts", "store"},
    "__main__": {"cli"},
}
"""Which rooms at the edge another room at the edge may import."""

OUTSIDE_WORLD = {
    "asyncio", "ftplib", "http", "importlib", "multiprocessing", "os", "smtplib", "socket",
    "sqlite3", "ssl", "subprocess", "threading", "urllib",
}  # fmt: skip
"""Of the standard library; pure rooms read the world through what they are given."""


@dataclass(frozen=True)
class Import:
    """A dotted name that a room imports, with `from a import b` as `a.b`."""

    name: str
    for_types: bool = False

    def within(self, *names: str) -> bool:
        return any(self.name == name or self.name.startswith(f"{name}.") for name in names)

    @property
    def room(self) -> str | None:
        parts = self.name.split(".")
        return parts[1] if parts[0] == "crm" and len(parts) > 1 else None


def imports(source: str) -> Iterator[Import]:
    """Every import of a module, those inside functions too."""
    tree = ast.parse(source)
    typed = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for branch in node.body
        for inner in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node in typed)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = f"crm.{base}".rstrip(".")
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node in typed)


def faults(room: str, source: str) -> list[str]:
    """What a room imports and should not."""
    edge = room in EDGES
    allowed = PURE | EDGES.get(room, set())
    wrong = []
    for one in imports(source):
        if one.within("main"):
            wrong.append("main is imported by nobody")
        elif one.within("crm"):
            if one.room in EDGES and one.room != room and one.room not in INWARD.get(room, set()):
                wrong.append(f"{room} must not know {one.room}")
        elif one.name.partition(".")[0] in sys.stdlib_module_names:
            if not edge and one.within(*OUTSIDE_WORLD):
                wrong.append(f"{room} is pure and must not use {one.name}")
        elif not one.within(*allowed):
            wrong.append(f"{room} must not use {one.name}")
        elif room == "events" and not one.for_types:
            wrong.append("events knows the SDK's types only")
    return wrong


def room_of(path: Path) -> str:
    return path.relative_to(CRM).parts[0].removesuffix(".py")


MODULES = sorted(CRM.rglob("*.py"))
SOURCES = {path: path.read_text(encoding="utf-8") for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_what_it_may(path: Path) -> None:
    assert faults(room_of(path), SOURCES[path]) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert SOURCES[path].count("\n") < MAX_LINES


def test_rooms_form_no_circle() -> None:
    """Imports for types alone count too: what needs a type depends on its room."""
    arrows: dict[str, set[str]] = {}
    for path, source in SOURCES.items():
        room = room_of(path)
        targets = {one.room for one in imports(source) if one.room}
        arrows.setdefault(room, set()).update(targets - {room})
    graphlib.TopologicalSorter(arrows).prepare()


def test_main_declares_and_nothing_more() -> None:
    """Its functions hand over to entry points; it knows neither the store nor a use case."""
    source = (ROOT / "main.py").read_text(encoding="utf-8")
    known = {one.room or one.name.partition(".")[0] for one in imports(source)}
    assert known <= {"typing", "firebase_functions", "flask", "config"} | set(EDGES) - {"store"}
    assert {"events", "calls"} <= known


@pytest.mark.parametrize(
    ("room", "source", "fault"),
    [
        ("sync", "import main", "main is imported by nobody"),
        ("store", "from main import on_order_written", "main is imported by nobody"),
        ("part", "from google.cloud import firestore", "part must not use google.cloud.firestore"),
        ("calls", "import google.cloud.firestore", "calls must not use google.cloud.firestore"),
        ("lookup", "def f():\n  import firebase_admin", "lookup must not use firebase_admin"),
        ("store", "from firebase_admin import auth", "store must not use firebase_admin.auth"),
        ("host", "from firebase_functions import x", "host must not use firebase_functions.x"),
        ("host", "import babel", "host must not use babel"),
        ("sync", "from crm.store import client", "sync must not know store"),
        ("sync", "from crm import store as s", "sync must not know store"),
        ("sync", "from .store import client", "sync must not know store"),
        ("store", "from crm.runtime import services", "store must not know runtime"),
        ("runtime", "from crm import calls", "runtime must not know calls"),
        ("plan", "import os.path", "plan is pure and must not use os.path"),
        ("events", "from firebase_functions import firestore_fn", "events knows the SDK's types"),
    ],
)
def test_the_walker_sees_what_must_not_be(room: str, source: str, fault: str) -> None:
    (found,) = faults(room, source)
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("events", "if TYPE_CHECKING:\n  from firebase_functions.firestore_fn import Event"),
        ("host", "from crm import addresses, money\nimport re\nfrom pydantic import BaseModel"),
        ("store", "def f():\n  from google.cloud.firestore import Client"),
        ("calls", "from crm.runtime import Services"),
    ],
)
def test_the_walker_lets_be_what_may_be(room: str, source: str) -> None:
    assert faults(room, source) == []
