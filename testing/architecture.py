"""The house: its packages, their floors, and what each may import.

`make architecture` prints the figures and draws the picture of docs/architecture.md anew;
tests/unit/product/test_architecture.py holds code, table and picture together.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
CRM: Final = ROOT / "crm"
PICTURE: Final = ROOT / "docs" / "architecture.md"

FLOORS: Final[Mapping[str, int]] = {
    "entrypoints": 10,
    "repair": 9,
    "rules": 8,
    "setup": 8,
    "campaigns": 7,
    "importing": 7,
    "privacy": 7,
    "runtime": 7,
    "signup": 7,
    "contacts": 6,
    "newsletter": 6,
    "sync": 6,
    "tags": 6,
    "consent": 5,
    "jobs": 5,
    "merging": 5,
    "notes": 5,
    "reports": 5,
    "segments": 5,
    "staff": 5,
    "audit": 4,
    "composing": 4,
    "customers": 4,
    "events": 4,
    "fields": 5,
    "firebase": 4,
    "mail": 4,
    "mapping": 4,
    "console": 3,
    "db": 3,
    "host": 3,
    "config": 2,
    "installing": 2,
    "core": 1,
}
"""The rule is one sentence: a package imports packages of lower floors, never beside or above."""

LIBRARIES: Final[Mapping[str, frozenset[str]]] = {
    "core": frozenset({"pydantic", "pydantic_core", "email_validator"}),
    "config": frozenset({"pydantic", "pydantic_core"}),
    "db": frozenset({"itsdangerous", "pydantic.alias_generators"}),
    "db.memory": frozenset({"cachetools"}),
    "segments": frozenset({"pydantic", "pydantic_core", "lark"}),
    "installing": frozenset({"lark"}),
    "newsletter": frozenset({"itsdangerous"}),
    "signup": frozenset({"itsdangerous", "pydantic"}),
    "composing": frozenset({"liquid", "markdown_it", "mrml", "nh3"}),
    "mail.anymail": frozenset({"anymail", "django", "requests", "urllib3"}),
    "mail.anymail_events": frozenset({"anymail", "django"}),
    "firebase": frozenset({"firebase_admin"}),
    "firebase.errors": frozenset(
        {
            *("firebase_admin.exceptions", "google.api_core.exceptions", "google.auth.exceptions"),
            *("grpc", "requests"),
        }
    ),
    "firebase.management": frozenset({"google.auth", "google.auth.transport.requests"}),
    "firebase.coding": frozenset({"google.cloud.firestore_v1"}),
    "firebase.decoding": frozenset({"google.api_core", "google.cloud.firestore_v1"}),
    "firebase.references": frozenset({"google.cloud.firestore", "google.cloud.firestore_v1"}),
    "firebase.web_apps": frozenset({"google.auth"}),
    "firebase.store": frozenset({"google.cloud.firestore", "google.protobuf"}),
    "runtime": frozenset({"flask"}),
    "runtime.key_fingerprint": frozenset({"cryptography.fernet"}),
    "entrypoints": frozenset(
        {
            *("firebase_functions", "flask", "flask_cors", "werkzeug"),
            *("pydantic", "pydantic_core", "typing_extensions", "click", "rich", "limits"),
        }
    ),
}
"""What a package, or a module of it, may import that is neither ours nor the standard library's."""

WORLD: Final = frozenset(
    {
        *("asyncio", "ftplib", "http", "importlib", "multiprocessing", "os", "smtplib"),
        *("socket", "sqlite3", "ssl", "subprocess", "threading", "urllib"),
    }
)
"""Modules of the standard library that reach outside; the rest is given what it needs."""

REACHES_OUT: Final[Mapping[str, frozenset[str]]] = {
    "firebase": WORLD,
    "runtime": WORLD,
    "entrypoints": WORLD,
    "config.emulators": frozenset({"os"}),
    "config.places": frozenset({"os"}),
    "db.memory": frozenset({"threading"}),
    "rules.watch": frozenset({"threading"}),
    "mail.smtp": frozenset({"smtplib", "socket", "ssl"}),
    "mail.anymail": frozenset({"socket"}),
    "mail.webhooks": frozenset({"urllib"}),
    "sync.striped_locks": frozenset({"threading"}),
}

BESIDE: Final = ("main", "bench", "clients", "demo", "suite")
"""What stands beside `crm`, counted in the figures of the whole house; tests stand on it all."""


@dataclass(frozen=True)
class Import:
    """A dotted name that a module imports, with `from a import b` as `a.b`."""

    name: str
    for_types: bool = False

    def within(self, *names: str) -> bool:
        """Return whether it is one of these names, or below one."""
        return any(self.name == name or self.name.startswith(f"{name}.") for name in names)

    @property
    def package(self) -> str | None:
        """The package of `crm` that it is in; None for anything else."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == "crm" and len(parts) > 1 else None


def imports(source: str, module: str = "") -> Iterator[Import]:
    """Return every import of a module, those inside functions too.

    Args:
        source: Its text.
        module: Its dotted name below `crm`, from which relative imports count.
    """
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
                above = f"crm.{module}".split(".")[: -node.level]
                base = ".".join([*above, base]).rstrip(".")
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node in typed)


def module_of(path: Path) -> str:
    """Return a file's dotted name below `crm`; empty for `crm/__init__.py`."""
    parts = path.relative_to(CRM).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def faults(module: str, source: str) -> list[str]:
    """Return what a module imports and should not, one sentence each."""
    package = module.split(".")[0]
    libraries, outside = _most_specific(LIBRARIES, module), _most_specific(REACHES_OUT, module)
    wrong = []
    for one in imports(source, module):
        if one.within("main", "tests", "testing", "bench", "clients", "demo", "suite"):
            wrong.append(f"{one.name.split('.')[0]} is imported by nothing of crm")
        elif one.within("crm"):
            other = one.package
            if other and other != package and FLOORS.get(other, 10) >= FLOORS.get(package, 11):
                wrong.append(f"{package} must not import {other}: it is not on a lower floor")
        elif one.name.partition(".")[0] in sys.stdlib_module_names:
            if one.within(*WORLD - outside):
                wrong.append(f"{module} must not use {one.name}: it reaches outside")
        elif not one.within(*libraries):
            wrong.append(f"{module} must not use {one.name}")
        elif module == "entrypoints.triggers.events" and not one.for_types:
            wrong.append("events knows the SDK's types only")
    return wrong


def _most_specific(table: Mapping[str, frozenset[str]], module: str) -> frozenset[str]:
    """Return a module's entry: its own, or that of the nearest package above it."""
    while module not in table and "." in module:
        module = module.rpartition(".")[0]
    return table.get(module, frozenset())


def arrows() -> dict[str, set[str]]:
    """Return which packages of `crm` each imports; imports for types alone count too."""
    found: dict[str, set[str]] = {name: set() for name in FLOORS}
    for path in CRM.rglob("*.py"):
        module = module_of(path)
        package = module.split(".")[0]
        if package in found:
            source = path.read_text(encoding="utf-8")
            targets = {one.package for one in imports(source, module)}
            found[package] |= {name for name in targets if name in found} - {package}
    return found


def whole_house() -> dict[str, set[str]]:
    """Return the arrows of everything: packages and loose files of `crm`, and what is beside it."""
    files = [
        path
        for place in ("crm", *BESIDE)
        for path in [*(ROOT / place).rglob("*.py"), ROOT / f"{place}.py"]
        if path.exists() and "node_modules" not in path.parts
    ]
    rooms = {path: _room(path) for path in files}
    found: dict[str, set[str]] = {room: set() for room in rooms.values()}
    for path, room in rooms.items():
        module = module_of(path) if path.is_relative_to(CRM) else ""
        for one in imports(path.read_text(encoding="utf-8"), module):
            parts = one.name.split(".")
            targets = {".".join(parts[:2]) if parts[0] == "crm" else parts[0]} & found.keys()
            found[room] |= targets - {room}
    return found


def _room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return f"crm.{parts[1]}" if parts[0] == "crm" else parts[0]


def depth(graph: Mapping[str, set[str]]) -> int:
    """Return the number of floors: the length of the longest chain of imports.

    Raises:
        CycleError: There is a circle.
    """
    floor: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        floor[name] = 1 + max((floor[below] for below in graph.get(name, ())), default=0)
    return max(floor.values())


def circles(graph: Mapping[str, set[str]]) -> list[str]:
    """Return a circle of imports, if there is one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names: list[str] = error.args[1]
        return names
    return []


def figures() -> dict[str, int]:
    """Return the figures of the house, by what they count."""
    house, inner = whole_house(), arrows()
    flat = list(CRM.glob("*.py"))
    wrong = [
        fault
        for path in CRM.rglob("*.py")
        for fault in faults(module_of(path), path.read_text(encoding="utf-8"))
    ]
    return {
        "packages or loose files": len(house),
        "arrows between them": sum(map(len, house.values())),
        "floors of the whole house": depth(house),
        "floors of crm": depth(inner),
        "circles": len(circles(house)),
        "imports that the table forbids": len(wrong),
        "packages of crm, each with a door": len(FLOORS),
        "files flat in crm": len(flat),
        "files of crm": len(list(CRM.rglob("*.py"))),
    }


def picture() -> str:
    """Return the packages and their arrows as a Mermaid diagram, the highest floor on top.

    An arrow that follows from two others is left out, so that the picture can be read.
    """
    graph = arrows()
    lines = ["```mermaid", "flowchart TB"]
    for floor in sorted(set(FLOORS.values()), reverse=True):
        names = sorted(name for name, at in FLOORS.items() if at == floor)
        lines.append(f'  subgraph f{floor}["floor {floor}"]')
        lines += [f"    {name}" for name in names]
        lines.append("  end")
    for name in FLOORS:
        lines += [f"  {name} --> {below}" for below in sorted(_direct(graph, name))]
    return "\n".join([*lines, "```"])


def table() -> str:
    """Return the packages as a Markdown table: floor, name, what it is for, what it imports."""
    graph = arrows()
    rows = ["| floor | package | what it is for | imports |", "|---:|---|---|---|"]
    for name, floor in FLOORS.items():
        below = ", ".join(sorted(graph[name])) or "nothing"
        rows.append(f"| {floor} | `{name}` | {door(name)} | {below} |")
    return "\n".join(rows)


def door(name: str) -> str:
    """Return the first sentence of a package's docstring."""
    tree = ast.parse((CRM / name / "__init__.py").read_text(encoding="utf-8"))
    text = (ast.get_docstring(tree) or "").split("\n\n")[0]
    return " ".join(text.split())


def _direct(graph: Mapping[str, set[str]], name: str) -> set[str]:
    """Return the packages that are imported and not also reached by way of another one."""

    def reached(start: str) -> set[str]:
        return set().union(*({below} | reached(below) for below in graph[start]), set())

    return {
        below
        for below in graph[name]
        if not any(below in reached(other) for other in graph[name] if other != below)
    }


DRAWN: Final = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


def drawn(document: str) -> str:
    """Return a document with its drawings made anew from the code."""
    drawings = {"picture": picture, "table": table}
    return DRAWN.sub(lambda found: f"{found[1]}{drawings[found[2]]()}{found[3]}", document)


def main() -> None:
    """Print the figures, and draw the picture anew."""
    for name, figure in figures().items():
        print(f"{figure:>5}  {name}")
    PICTURE.write_text(drawn(PICTURE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"drawn: {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
