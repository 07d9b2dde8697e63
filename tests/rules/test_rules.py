"""`firestore.rules` as clients meet them: real ID tokens, the Firestore emulator's REST API."""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm.db.collections import ALL
from suite.running import Suite
from testing.auth import id_token, sign_up
from testing.patience import PATIENCE

RULES = Path(__file__).parents[2] / "firestore.rules"
OWNER = "owner"  # the emulator's token for what rules do not bind

READ_BY_STAFF = [
    *("customers", "crmJobs", "crmTags", "crmSegments", "crmCampaigns", "crmQuarantine"),
]
CLOSED = [
    *sorted(ALL - {*READ_BY_STAFF}),
    "crmWhateverComes",
    "orders",
    "users",
    "customersOfTheHost",
    "customers/existing/notes",
    "crmJobs/existing/steps",
]
CLAIMS: dict[str, object] = {
    "no role": {},
    "true": {"crm": True},
    "number": {"crm": 1},
    "list": {"crm": ["admin"]},
    "map": {"crm": {"admin": True}},
    "null": {"crm": None},
    "empty": {"crm": ""},
    "another word": {"crm": "owner"},
    "capital": {"crm": "Admin"},
    "another claim": {"role": "admin", "admin": True},
    "viewer": {"crm": "viewer"},
    "editor": {"crm": "editor"},
    "admin": {"crm": "admin"},
}
STAFF = {"viewer", "editor", "admin"}
READS = ["get", "get missing", "list", "query"]
WRITES = ["create", "update", "update a field", "delete", "delete missing"]


class Database:
    """The documents of one project, as a client with a given token sees them."""

    def __init__(self, host: str, project: str) -> None:
        self.project = project
        self._origin = f"http://{host}"
        self._documents = f"v1/projects/{project}/databases/(default)/documents"
        rules = {"rules": {"files": [{"content": RULES.read_text(encoding="utf-8")}]}}
        put = self.request(OWNER, "PUT", f"emulator/v1/projects/{project}:securityRules", rules)
        assert put == 200

    def request(self, token: str | None, method: str, path: str, body: object = None) -> int:
        request = urllib.request.Request(f"{self._origin}/{path}", method=method)
        request.add_header("Content-Type", "application/json")
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urllib.request.urlopen(request, data, timeout=PATIENCE) as response:
                self.answered = json.load(response)
                status: int = response.status
                return status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def try_to(self, act: str, token: str | None, collection: str) -> int:
        """Return the HTTP status of one act on a collection."""
        base = f"{self._documents}/{collection}"
        fields = {"fields": {"tags": {"stringValue": "changed"}}}
        parent, _, last = base.rpartition("/")
        source: dict[str, object] = {"collectionId": last}
        query = {"structuredQuery": {"from": [source], "limit": 5}}
        match act:
            case "get":
                return self.request(token, "GET", f"{base}/existing")
            case "get missing":
                return self.request(token, "GET", f"{base}/missing")
            case "list":
                return self.request(token, "GET", base)
            case "query":
                return self.request(token, "POST", f"{parent}:runQuery", query)
            case "collection group":
                source["allDescendants"] = True
                return self.request(token, "POST", f"{self._documents}:runQuery", query)
            case "create":
                return self.request(token, "POST", f"{base}?documentId=new", fields)
            case "update":
                return self.request(token, "PATCH", f"{base}/existing", fields)
            case "update a field":
                mask = "updateMask.fieldPaths=tags&currentDocument.exists=true"
                return self.request(token, "PATCH", f"{base}/existing?{mask}", fields)
            case "delete":
                return self.request(token, "DELETE", f"{base}/existing")
            case "delete missing":
                return self.request(token, "DELETE", f"{base}/missing")
        raise ValueError(act)

    def put(self, collection: str) -> None:
        fields = {"fields": {"tags": {"stringValue": "as it was"}}}
        path = f"{self._documents}/{collection}/existing"
        assert self.request(OWNER, "PATCH", path, fields) == 200

    def is_as_it_was(self, collection: str) -> bool:
        assert self.request(OWNER, "GET", f"{self._documents}/{collection}") == 200
        (document,) = self.answered["documents"]
        return bool(document["fields"] == {"tags": {"stringValue": "as it was"}})

    def coverage(self) -> Any:
        path = f"emulator/v1/projects/{self.project}:ruleCoverage"
        assert self.request(OWNER, "GET", path) == 200
        return self.answered


@pytest.fixture(scope="module")
def tokens(suite: Suite) -> dict[str, str | None]:
    """An ID token for each kind of caller, signed in as a client would."""
    signed_in: dict[str, str | None] = {
        name: id_token(sign_up(claims)) for name, claims in CLAIMS.items()
    }
    signed_in["admin unverified"] = id_token(sign_up({"crm": "admin"}, verified=False))
    signed_in["admin of a tenant"] = _of_a_tenant(id_token(sign_up({"crm": "admin"})))
    return {"no token": None, **signed_in}


def _of_a_tenant(token: str) -> str:
    """Return an ID token as Identity Platform would give it to an account of a tenant."""
    head, body, _ = token.split(".")  # the emulators' tokens have no signature
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["firebase"]["tenant"] = "t-1"
    told = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{told}."


@pytest.fixture
def database(suite: Suite, project_id: str) -> Database:
    return Database(os.environ["FIRESTORE_EMULATOR_HOST"], project_id)


@pytest.mark.parametrize("collection", READ_BY_STAFF)
def test_any_role_reads_and_nobody_else(
    collection: str, database: Database, tokens: dict[str, str | None]
) -> None:
    database.put(collection)
    for name, token in tokens.items():
        for act in READS:
            allowed = 404 if act == "get missing" else 200
            expected = allowed if name in STAFF else 403
            assert database.try_to(act, token, collection) == expected, (name, act)


@pytest.mark.parametrize("collection", CLOSED)
def test_everything_else_is_read_by_nobody(
    collection: str, database: Database, tokens: dict[str, str | None]
) -> None:
    database.put(collection)
    for name, token in tokens.items():
        for act in READS:
            assert database.try_to(act, token, collection) == 403, (name, act)


@pytest.mark.parametrize("collection", [*READ_BY_STAFF, *CLOSED])
def test_nobody_writes(collection: str, database: Database, tokens: dict[str, str | None]) -> None:
    database.put(collection)
    for name, token in tokens.items():
        for act in WRITES:
            assert database.try_to(act, token, collection) == 403, (name, act)
    assert database.is_as_it_was(collection)


@pytest.mark.parametrize("collection", ["customers", "crmOrders", "orders"])
def test_a_query_over_all_collections_of_a_name_is_denied(
    collection: str, database: Database, tokens: dict[str, str | None]
) -> None:
    database.put(collection)
    for name, token in tokens.items():
        assert database.try_to("collection group", token, collection) == 403, name


def test_the_writes_tried_here_are_ones_that_would_work(database: Database) -> None:
    for act in [*READS, *WRITES, "collection group"]:
        database.put("customers")
        expected = 404 if act == "get missing" else 200
        assert database.try_to(act, OWNER, "customers") == expected, act


def test_every_allow_was_seen_true_and_false(
    database: Database, tokens: dict[str, str | None]
) -> None:
    for collection in READ_BY_STAFF:
        for name in ("no token", "true", "viewer"):
            for act in READS:
                database.try_to(act, tokens[name], collection)
    coverage = database.coverage()
    (file,) = coverage["rules"]["files"]
    lines = file["content"].splitlines()
    allows = {number for number, line in enumerate(lines, 1) if line.strip().startswith("allow ")}
    seen = dict(_conditions(coverage["report"], allows))
    assert len(allows) == len(READ_BY_STAFF)
    assert [seen.get(number) for number in allows] == [{True, False}] * len(allows)


def _conditions(reports: list[Any], lines: set[int]) -> Iterator[tuple[int, set[bool]]]:
    """Return what the whole condition of each allow has come to; the report nests its parts."""
    for report in reports:
        line = report.get("sourcePosition", {}).get("line")
        if line in lines:
            values = [value["value"] for value in report.get("values", [])]
            yield line, {value["boolValue"] for value in values if "boolValue" in value}
