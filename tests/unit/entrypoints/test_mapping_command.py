"""`crm mapping`: what an engineer sees who has written nothing yet, and what is never shown."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crm.config import settings as config
from crm.config.settings import settings_of
from crm.entrypoints.cli import cli
from crm.mapping.propose import FITS
from testing.hosts import order, user
from testing.memory import MemoryStore
from testing.systems import SYSTEMS, documents


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MemoryStore:
    """A database of a host that has no crm.toml, no key and no functions."""
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "CRM_KEY"):
        monkeypatch.delenv(name, raising=False)
    store = MemoryStore()
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-mapping")
    monkeypatch.setattr("crm.entrypoints.commands.mapping._database", lambda: store)
    monkeypatch.setattr(config, "DEFAULT_FILE", tmp_path / "crm.toml")
    return store


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["mapping", *words])


def asked(*words: str) -> dict[str, Any]:
    result = run("--json", *words)
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def fill(store: MemoryStore, system: str, path: str = "orders") -> None:
    for one in documents(system):
        store.put(f"{path}/{one.id}", one.data)


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_of_seven_systems_is_told_the_lines_that_fit(store: MemoryStore, system: str) -> None:
    fill(store, system)
    readable = sum("quarantine" not in one.expected for one in documents(system))
    orders = asked()["orders"]
    assert orders["now"]["understood"] < orders["documents"]
    assert orders["proposed"]["understood"] >= FITS * readable
    settings_of(tomllib.loads(orders["proposed"]["toml"]))
    assert any(hint.startswith("did you mean") for hint in orders["hints"])


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_says_of_nobody_who_that_is(store: MemoryStore, system: str) -> None:
    fill(store, system)
    said = (run().output + run("--json").output).casefold()
    assert "documents looked at" in said
    for one in documents(system):
        for value in (one.expected.get("email"), one.expected.get("name")):
            assert not value or value.casefold() not in said


def test_what_is_understood_already_is_left_alone(store: MemoryStore) -> None:
    for number in range(8):
        store.put(f"orders/o{number}", order(f"p{number}@example.com", day=number))
    store.put("users/u1", user("p1@example.com"))
    data = asked()
    assert data["orders"]["proposed"] is None
    assert data["orders"]["now"]["understood"] == 8
    assert data["users"]["proposed"] is None
    feeds = {row["path"]: row["feeds"] for row in data["orders"]["fields"]}
    assert feeds["email"] == ["email"]
    assert feeds["items[].eventId"] == ["items.eventId"]


def test_lines_on_probation_are_read_from_another_file(store: MemoryStore, tmp_path: Path) -> None:
    fill(store, "indico")
    file = tmp_path / "new.toml"
    file.write_text(asked()["orders"]["proposed"]["toml"])
    orders = asked("--config", str(file))["orders"]
    assert orders["now"]["understood"] == 12
    assert orders["proposed"] is None


def test_orders_in_another_collection_are_found(store: MemoryStore) -> None:
    fill(store, "hi_events", "bookings")
    store.put("logs/1", {"text": "x"})
    store.put("customers/c1", {"primaryEmail": "a@example.com"})
    data = asked()
    assert data["collections"] == ["bookings", "customers", "logs"]
    assert data["orders"]["path"] == "bookings"
    assert 'did you mean path = "bookings" under [orders]?' in data["orders"]["hints"]
    assert '[orders]\npath = "bookings"' in data["orders"]["proposed"]["toml"]


def test_an_empty_project_is_said_to_be_empty(store: MemoryStore) -> None:
    store.put("logs/1", {"text": "x"})
    result = run()
    assert result.exit_code == 1
    assert "There is no document in `orders`. Collections that there are: logs." in result.stderr


def test_documents_that_nothing_can_be_made_of_are_no_success(store: MemoryStore) -> None:
    store.put("orders/1", {"text": "x"})
    result = run()
    assert result.exit_code == 1
    assert "No document of `orders` is understood" in result.stderr
    assert "  text" in result.stdout


def test_it_writes_nothing_and_reads_no_more_than_it_is_told(store: MemoryStore) -> None:
    for number in range(50):
        store.put(f"orders/o{number:02}", order(f"p{number}@example.com", day=number))
    writes, reads = store.writes, store.reads
    assert asked("--sample", "10")["orders"]["documents"] == 10
    assert store.writes == writes
    assert store.reads - reads <= 2 * 10 + 5


def test_half_of_a_sample_are_the_newest(store: MemoryStore) -> None:
    for number in range(40):
        newest = {"newField": 1} if number >= 35 else {}
        store.put(f"orders/o{number:02}", order(f"p{number}@example.com", day=number) | newest)
    rows = {row["path"]: row["documents"] for row in asked("--sample", "10")["orders"]["fields"]}
    assert rows["newField"] == 5


def test_a_typo_in_crm_toml_is_one_sentence(store: MemoryStore, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    for text, says in (("[orders]\npaht = 1", 'did you mean "path"?'), ("= 1", "not TOML")):
        file.write_text(text)
        result = run("--config", str(file))
        assert result.exit_code == 1
        assert says in result.stderr
        assert "Traceback" not in result.output
    result = run("--config", str(tmp_path / "none.toml"))
    assert result.exit_code == 1
    assert "none.toml: cannot be read" in result.stderr


def test_all_that_is_missing_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "bad.toml"
    file.write_text("amount = 1")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    result = run("--config", str(file))
    assert result.exit_code == 1
    assert "Error: 3 settings are missing or wrong.\n- bad.toml: amount: unknown key" in (
        result.stderr
    )


def test_words_in_brackets_and_names_with_markup_are_shown_as_they_are(store: MemoryStore) -> None:
    for number in range(3):
        store.put(f"orders/{number}", {"lines": [{"[bold]": 1, "sku": "x"}], "status": "paid"})
    assert "lines[].sku" in run().stdout
