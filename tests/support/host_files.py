"""A host's files in memory, with CRM-Lite put in and taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from crm.installing.joining import Ours, joined
from crm.installing.parting import Plan, taken_out
from crm.installing.record import Answers
from suite.launch import ROOT
from tests.support.firebase_init import Files

FOLDER: Final = "crm-lite"

PROJECTS: Final = ("demo-my-app",)


def _site(folder: str, target: str) -> Mapping[str, Any]:
    public = f"{folder}/console"
    writing = f"{folder}/venv/bin/python -m crm console --write {public}"
    return {
        "target": target,
        "public": public,
        "predeploy": [f"{writing} --config {folder}/crm.toml"],
        "rewrites": [{"source": "**", "destination": "/index.html"}],
        "headers": [{"source": "**", "headers": [{"key": "X-Test", "value": "1"}]}],
    }


def _below(path: str, public: str, folder: str) -> Mapping[str, Sequence[Any]]:
    writing = f"{folder}/venv/bin/python -m crm console --write {public}{path} --path {path}"
    all_below = f"{path}{{,/**}}"
    return {
        "predeploy": [f"{writing} --config {folder}/crm.toml"],
        "rewrites": [{"source": all_below, "destination": f"{path}/index.html"}],
        "headers": [
            {"source": all_below, "headers": [{"key": "X-Test", "value": "1"}]},
            {"source": f"{path}/assets/**", "headers": []},
        ],
    }


OURS: Final = Ours(
    "0.1.0",
    (ROOT / "firestore.rules").read_text(encoding="utf-8"),
    (ROOT / "firestore.indexes.json").read_text(encoding="utf-8"),
    (ROOT / "crm.toml").read_text(encoding="utf-8"),
    {".env": "THREADS=16\n", "requirements.txt": "a==1\n"},
    _site,
    _below,
)

ANSWERS: Final = {
    "no console": Answers(),
    "a site of its own": Answers(site="my-app-crm"),
    "below a path": Answers(path="/crm"),
    "emulators left alone": Answers(emulators=False),
}


def few_indexes() -> Ours:
    """Return ours with hardly any indexes, for tests that read a text very often."""
    index = '{ "collectionGroup": "crmA", "queryScope": "COLLECTION", "fields": [] }'
    field = '{ "collectionGroup": "customers", "fieldPath": "parts", "indexes": [] }'
    return replace(OURS, indexes=f'{{ "indexes": [{index}], "fieldOverrides": [{field}] }}')


def plan(files: Files, answers: Answers, ours: Ours = OURS) -> Plan:
    return joined(files.get, FOLDER, answers, ours, PROJECTS)


def done(files: Files, plan: Plan) -> Files:
    """Return the files once a plan was carried out."""
    after = dict(files)
    for change in plan.changes:
        assert after.get(change.name) == change.before
        if change.after is None:
            del after[change.name]
        else:
            after[change.name] = change.after
    return after


def put_in(files: Files, answers: Answers, ours: Ours = OURS) -> Files:
    return done(files, plan(files, answers, ours))


def put_out(files: Files) -> Files:
    """Return the files without CRM-Lite, and without its folder."""
    return of_host(done(files, taken_out(files.get, FOLDER)))


def of_host(files: Files) -> Files:
    return {name: text for name, text in files.items() if not name.startswith(f"{FOLDER}/")}
