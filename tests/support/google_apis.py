"""Google's management APIs as far as `doctor` asks them, on a port of this machine.

It answers in the shapes of their public references: `projects.locations.functions` (Cloud Functions
v2), `projects.releases` and `projects.rulesets` (Firebase Rules v1), `projects.databases`,
`collectionGroups.indexes` and `collectionGroups.fields` (Firestore v1), and
`projects.locations.jobs` (Cloud Scheduler v1). Whether Google answers so, nobody has tried here.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import crm
from crm.db.installed import as_label
from crm.entrypoints.names import FUNCTIONS
from crm.firebase import management

ROOT = Path(__file__).parents[2]

DATABASE = "projects/my-shop/databases/(default)"


def as_listed(file: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what the Admin API lists where a file of indexes is deployed and ready."""
    composite = []
    for number, one in enumerate(file.get("indexes", ())):
        fields = copy.deepcopy(one["fields"])
        way = next((f["order"] for f in reversed(fields) if "order" in f), "ASCENDING")
        composite.append(
            {
                "name": f"{DATABASE}/collectionGroups/{one['collectionGroup']}/indexes/C{number}",
                "queryScope": one["queryScope"],
                "fields": [*fields, {"fieldPath": "__name__", "order": way}],
                "state": "READY",
                "density": "SPARSE_ALL",
            }
        )
    overridden = []
    for one in file.get("fieldOverrides", ()):
        path, group = one["fieldPath"], one["collectionGroup"]
        held: dict[str, Any] = {
            "name": f"{DATABASE}/collectionGroups/{group}/fields/{path}",
            "indexConfig": {},
        }
        if one["indexes"]:
            held["indexConfig"]["indexes"] = [
                {
                    "queryScope": index["queryScope"],
                    "fields": [
                        {
                            "fieldPath": path,
                            **{key: index[key] for key in index if key != "queryScope"},
                        }
                    ],
                    "state": "READY",
                }
                for index in one["indexes"]
            ]
        if one.get("ttl"):
            held["ttlConfig"] = {"state": "ACTIVE"}
        overridden.append(held)
    return composite, overridden


def function(name: str, region: str = "us-central1", **changes: Any) -> dict[str, Any]:
    """Return a function as the list has it."""
    return {
        "name": f"projects/my-shop/locations/{region}/functions/{name}",
        "buildConfig": {"runtime": "python311", "entryPoint": name},
        "serviceConfig": {
            "secretEnvironmentVariables": [
                {"key": "CRM_KEY", "projectId": "my-shop", "secret": "CRM_KEY", "version": "1"}
            ]
        },
        "state": "ACTIVE",
        "labels": {
            "deployment-tool": "cli-firebase",
            "firebase-functions-codebase": "crm",
            "crm-version": as_label(crm.__version__),
        },
        "environment": "GEN_2",
        **changes,
    }


@dataclass
class Deployed:
    """What is deployed; a test changes it.

    Attributes:
        functions: Resources.
        rules: The text in force; None for no release.
        composite: Indexes.
        fields: Fields with settings of their own.
        location: Of the database; None for no database.
        mode: Of the database.
        job: The scheduler's; None for none.
        refuses: Paths that are answered 403, by a part of them.
        page: So many of a list at once.
        asked: The paths that were asked for.
    """

    functions: list[dict[str, Any]] = field(
        default_factory=lambda: [function(name) for name in sorted(FUNCTIONS)]
    )
    rules: str | None = field(
        default_factory=lambda: (ROOT / "firestore.rules").read_text(encoding="utf-8")
    )
    composite: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    location: str | None = "us-central1"
    mode: str = "FIRESTORE_NATIVE"
    job: dict[str, Any] | None = None
    refuses: tuple[str, ...] = ()
    page: int = 50
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        file = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))
        self.composite, self.fields = as_listed(file)

    def answer(self, path: str, asked: Mapping[str, list[str]]) -> tuple[int, object]:
        """Return status and body of a GET."""
        self.asked.append(path)
        if any(part in path for part in self.refuses):
            return 403, {"error": {"code": 403, "status": "PERMISSION_DENIED"}}
        lists = {
            "/v2/projects/my-shop/locations/-/functions": ("functions", self.functions),
            f"/v1/{DATABASE}/collectionGroups/-/indexes": ("indexes", self.composite),
            f"/v1/{DATABASE}/collectionGroups/-/fields": ("fields", self.fields),
        }
        if path in lists:
            key, some = lists[path]
            start = int(asked.get("pageToken", ["0"])[0])
            more = (
                {"nextPageToken": str(start + self.page)} if start + self.page < len(some) else {}
            )
            page = some[start : start + self.page]
            return 200, ({key: page} if page else {}) | more
        resources: dict[str, object] = {}
        if self.rules is not None:
            ruleset = "projects/my-shop/rulesets/5c1a"
            release = "projects/my-shop/releases/cloud.firestore"
            resources[f"/v1/{release}"] = {"name": release, "rulesetName": ruleset}
            files = [{"name": "firestore.rules", "content": self.rules}]
            resources[f"/v1/{ruleset}"] = {"name": ruleset, "source": {"files": files}}
        if self.location is not None:
            resources[f"/v1/{DATABASE}"] = {
                "name": DATABASE,
                "locationId": self.location,
                "type": self.mode,
            }
        if self.job is not None:
            name = "projects/my-shop/locations/us-central1/jobs/firebase-schedule-sweep-us-central1"
            resources[f"/v1/{name}"] = {"name": name, **self.job}
        if path in resources:
            return 200, resources[path]
        return 404, {"error": {"code": 404, "status": "NOT_FOUND"}}


@contextmanager
def served(deployed: Deployed) -> Iterator[management.Management]:
    """Serve what is deployed, and give what asks there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, body = deployed.answer(parts.path, parse_qs(parts.query))
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    import requests

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, requests.Session() as session:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        session.trust_env = False
        here = f"http://127.0.0.1:{server.server_port}"
        apis = (management.FUNCTIONS, management.RULES, management.FIRESTORE, management.SCHEDULER)
        try:
            yield management.Management("my-shop", session, dict.fromkeys(apis, here))
        finally:
            server.shutdown()
