"""Who writes to the live suite waits for its turn: by `testing.client`."""

import ast
from pathlib import Path

import pytest

from testing.client import PatientClient, client_of

ROOT = Path(__file__).parents[3]

MODULES = sorted(
    path
    for folder in ("demo", "tests/browser", "tests/suite", "tests/support")
    for path in (ROOT / folder).rglob("*.py")
)

IMPATIENT = {
    "tests/suite/test_client.py",  # has a write refused that does not wait
    "tests/suite/test_store.py",  # asks where nobody answers
}
"""Modules that make a client of Google's own."""


def makes_impatient_clients(source: str) -> bool:
    """Whether a module calls Google's `Client`, or the product's `client`, by any name."""
    tree = ast.parse(source)
    names = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if (node.module, name.name)
        in {("google.cloud.firestore", "Client"), ("crm.firebase.store", "client")}
    }
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(one, ast.Name) and one.id in names for one in calls)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_write_of_the_host_waits_for_its_turn(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    assert makes_impatient_clients(path.read_text(encoding="utf-8")) == (name in IMPATIENT)


@pytest.mark.parametrize(
    ("source", "impatient"),
    [
        ("from google.cloud.firestore import Client\nClient(project='a')", True),
        ("from google.cloud.firestore import Client as C\nC()", True),
        ("def f():\n    from crm.firebase.store import client\n    client('a').batch()", True),
        ("from google.cloud.firestore import Client\ndef f(client: Client): client.batch()", False),
        ("from testing.client import client_of\nclient_of('a')", False),
    ],
)
def test_what_is_called_impatient(source: str, impatient: bool) -> None:
    assert makes_impatient_clients(source) == impatient


def test_a_project_has_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    one = client_of("demo-one")
    assert isinstance(one, PatientClient)
    assert (client_of("demo-one"), one.project) == (one, "demo-one")
    assert client_of("demo-other") is not one
