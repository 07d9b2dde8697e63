"""Apps as `firebase init` itself makes them, in every shape of their files; and what hosts do to
these by hand.
"""

from __future__ import annotations

import functools
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from suite.node import find_firebase_tools, find_node
from testing.patience import PATIENCE

SCRIPT: Final = Path(__file__).with_suffix(".cjs")

Files = dict[str, str]
"""The files of an app, by name."""

_NO_PACKAGES = ["install dependencies", False]
_EMULATORS = ["Which Firebase emulators", ["auth", "functions", "firestore"]]
_FIRESTORE_ONLY = ["Which Firebase emulators", ["firestore"]]


def _run(*features: str, answers: Any = ()) -> dict[str, Any]:
    given = [*answers, _NO_PACKAGES, ["download", False], ["automatic builds", False]]
    return {"features": list(features), "answers": given}


def _language(name: str) -> list[str]:
    return ["What language", name]


_SECOND = [["name of this codebase", "second"], ["sub-directory", "second"], _language("python")]

RUNS: Final[Mapping[str, list[dict[str, Any]]]] = {
    "nothing but emulators": [_run("emulators", answers=[_EMULATORS])],
    "functions in JavaScript": [_run("functions", answers=[_language("javascript")])],
    "functions in TypeScript": [
        _run("firestore", "functions", answers=[_language("typescript")]),
    ],
    "functions in Python": [_run("firestore", "functions", answers=[_language("python")])],
    "two codebases": [
        _run("firestore", "functions", answers=[_language("typescript")]),
        _run("functions", answers=_SECOND),
    ],
    "Firestore alone": [_run("firestore")],
    "files called otherwise": [
        _run(
            "firestore",
            answers=[["Firestore Rules", "rules/main.rules"], ["Firestore indexes", "idx.json"]],
        )
    ],
    "a page": [_run("hosting")],
    "a single-page app": [
        _run("functions", "hosting", answers=[["single-page app", True], _language("javascript")]),
    ],
    "everything": [
        _run(
            *("firestore", "functions", "hosting", "emulators"),
            answers=[_language("typescript"), _EMULATORS],
        )
    ],
    "one emulator": [_run("firestore", "emulators", answers=[_FIRESTORE_ONLY])],
}


@functools.cache
def made() -> Mapping[str, Files]:
    """Return the files that `firebase init` writes, by what was answered; run once."""
    with tempfile.TemporaryDirectory() as folder:
        named = {name: Path(folder, str(number)) for number, name in enumerate(RUNS)}
        jobs = [{"folder": str(named[name]), "runs": runs} for name, runs in RUNS.items()]
        file = Path(folder, "jobs.json")
        file.write_text(json.dumps(jobs), encoding="utf-8")
        tools = find_firebase_tools().parents[2]
        command = [str(find_node()), str(SCRIPT), str(tools), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE * 4)
        assert done.returncode == 0, done.stderr
        return {name: dict(_read(path)) for name, path in named.items()}


def _read(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes().decode()


def by_hand(files: Files, change: Callable[[dict[str, Any]], None]) -> Files:
    """Return files with another `firebase.json`, as somebody writes it who edits it."""
    config = json.loads(files["firebase.json"])
    change(config)
    return {**files, "firebase.json": json.dumps(config, indent=2) + "\n"}


def _single_functions(config: dict[str, Any]) -> None:
    (config["functions"],) = config["functions"]


def _old_functions(config: dict[str, Any]) -> None:
    config["functions"] = {"source": "functions"}


def _two_sites(config: dict[str, Any]) -> None:
    config["hosting"] = [
        {"target": "shop", **config["hosting"]},
        {"site": "my-blog", "public": "blog", "predeploy": "npm run blog", "headers": []},
    ]


def _two_databases(config: dict[str, Any]) -> None:
    config["firestore"] = [
        {"database": "logs", "rules": "logs.rules"},
        {"database": "(default)", "rules": "firestore.rules", "indexes": "firestore.indexes.json"},
    ]


def _another_database(config: dict[str, Any]) -> None:
    config["firestore"] = {"database": "logs", "rules": "logs.rules"}


def _rules_alone(config: dict[str, Any]) -> None:
    config["firestore"] = {"rules": "firestore.rules"}


def _empty_lists(config: dict[str, Any]) -> None:
    config["hosting"] = []
    config["emulators"] = {}


HANDS: Final = {
    "functions single": ("everything", _single_functions),
    "functions as of old": ("everything", _old_functions),
    "two sites": ("everything", _two_sites),
    "two databases": ("everything", _two_databases),
    "a database of another name": ("everything", _another_database),
    "rules without indexes": ("everything", _rules_alone),
    "empty lists": ("everything", _empty_lists),
}


def _commented(text: str) -> str:
    first, _, rest = text.partition("\n")
    return f'{first}\n  // what is where: {{ [ "\n  /* in\n     two lines */\n{rest}'


STYLES: Final[Mapping[str, Callable[[str], str]]] = {
    "as it is": lambda text: text,
    "with tabs": lambda text: text.replace("  ", "\t"),
    "with CRLF": lambda text: text.replace("\n", "\r\n"),
    "with comments": _commented,
    "without a line end": lambda text: text.rstrip("\n"),
    "with a byte order mark": lambda text: f"\ufeff{text}",
}


def shapes() -> dict[str, Files]:
    """Return all apps, by what they are."""
    found = dict(made())
    for name, (base, change) in HANDS.items():
        found[name] = by_hand(made()[base], change)
    return found


NAMES: Final = (*RUNS, *HANDS)


def styled(files: Files, style: str) -> Files:
    """Return files whose configuration is written in another style."""
    ours = ("firebase.json", "firestore.indexes.json", "firestore.rules", "idx.json")
    change = STYLES[style]
    return {
        name: change(text) if name in ours and not (_is_rules(name) and style == "with comments")
        else text
        for name, text in files.items()
    }  # fmt: skip


def _is_rules(name: str) -> bool:
    return name.endswith(".rules")
