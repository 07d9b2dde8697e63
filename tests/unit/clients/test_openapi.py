"""The OpenAPI document: of the code as it is, whole, and true of requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clients import made, openapi
from crm.core.roles import Person, Role
from crm.entrypoints.callables.dispatch import CALLS

KEPT: dict[str, Any] = json.loads(openapi.FILE.read_text(encoding="utf-8"))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "$ref":
                yield one
            else:
                yield from references(one)


def schema_of(place: dict[str, Any], key: str) -> dict[str, Any]:
    (name,) = references(place["content"]["application/json"]["schema"]["properties"][key])
    found: dict[str, Any] = KEPT["components"]["schemas"][name.rpartition("/")[2]]
    return found


@pytest.mark.parametrize("path", made.files(), ids=lambda one: one.name)
def test_what_is_made_of_the_models_is_made_of_these(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == made.files()[path], (
        "stale: `make generate`, or `venv/bin/python -m clients` and `npm run generate` in web/"
    )


def test_every_call_is_in_it_with_its_role() -> None:
    roles = {
        name.removeprefix("/"): (each["post"]["operationId"], each["post"]["x-role"])
        for name, each in KEPT["paths"].items()
    }
    words = {
        Role.VIEWER: "viewer",
        Role.EDITOR: "editor",
        Role.ADMIN: "admin",
        Person.VERIFIED: "verified",
        Person.RECENT: "recent",
    }
    assert roles == {name: (name, words[call.role]) for name, call in CALLS.items()}
    assert [*KEPT["paths"]] == sorted(KEPT["paths"])


def test_what_is_referred_to_is_there_and_nothing_else() -> None:
    schemas = KEPT["components"]["schemas"]
    found = {one.removeprefix("#/components/schemas/") for one in references(KEPT)}
    assert found == {*schemas}
    assert [*schemas] == sorted(schemas)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_keys_are_those_of_the_models(name: str) -> None:
    """A request may have no other ones; an answer may, in a later version."""
    call: Any = CALLS[name]
    operation = KEPT["paths"][f"/{name}"]["post"]
    request = schema_of(operation["requestBody"], "data")
    fields = call.request.model_fields
    assert {*request["properties"]} == {one.alias for one in fields.values()}
    assert {*request.get("required", [])} == {
        one.alias for one in fields.values() if one.is_required()
    }
    assert request["additionalProperties"] is False
    answer = schema_of(operation["responses"]["200"], "result")
    assert {*answer["properties"]} == {*call.answer.__annotations__}
    assert {*answer.get("required", [])} == call.answer.__required_keys__
    assert "additionalProperties" not in answer


def test_of_no_key_of_a_request_nothing_is_said() -> None:
    """What is any value at all to pydantic is described by hand."""
    silent = [
        f"{name} {key}"
        for name in KEPT["components"]["schemas"]
        if name.endswith("Request")
        for key, schema in KEPT["components"]["schemas"][name]["properties"].items()
        if not schema.keys() & {"type", "anyOf", "$ref", "enum", "const"}
    ]
    assert silent == []


def test_one_name_for_two_things_is_refused() -> None:
    schemas: dict[str, Any] = {}
    openapi._kept("Job", {"type": "object", "title": "Job"}, schemas)
    openapi._kept("Job", {"type": "object", "title": "A job"}, schemas)
    with pytest.raises(ValueError, match="two different schemas are called Job"):
        openapi._kept("Job", {"type": "string"}, schemas)


def test_a_key_that_is_called_title_is_no_title() -> None:
    schema = {"title": "T", "properties": {"title": {"title": "Title", "type": "string"}}}
    assert openapi._without_titles(schema) == {"properties": {"title": {"type": "string"}}}
