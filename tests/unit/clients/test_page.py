"""The page of calls: what is written there by hand is true of the models, key by key."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from clients import openapi, page, prose
from clients.schemas import Schema, answered, asked, name_of, named
from crm.entrypoints.callables.dispatch import CALLS

DOCUMENT: dict[str, Any] = json.loads(openapi.FILE.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]

ROLES = {
    "viewer": "viewer",
    "editor": "editor",
    "admin": "admin",
    "verified": "signed in, address verified",
    "recent": "signed in, address verified, recent sign-in",
}


def post(name: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][f"/{name}"]["post"]
    return found


def keys_within(reference: Schema) -> set[str]:
    """The keys of a type, and of all that it is made of."""
    keys: set[str] = set()
    left, met = [name_of(reference)], set[str]()
    while left:
        if (name := left.pop()) in met:
            continue
        met.add(name)
        keys |= SCHEMAS[name].get("properties", {}).keys()
        left += named(SCHEMAS[name])
    return keys


def words(text: str) -> set[str]:
    return {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", code)}


ANSWERS_AS = {
    "export_my_data": "export_customer",
    "delete_my_data": "delete_customer",
    "delete_tag": "rename_tag",
}
"""Sections that send their reader to another one for what is answered."""


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_section_names_every_key(name: str) -> None:
    request, answer = SCHEMAS[name_of(asked(post(name)))], SCHEMAS[name_of(answered(post(name)))]
    own = prose.sections()[name]
    assert set(request["properties"]) - words(own) == set()
    if other := ANSWERS_AS.get(name):
        assert f"as `{other}`" in own.replace("\n", " ")
        own = prose.sections()[other]
    assert set(answer["properties"]) - words(own) == set()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_what_a_section_lists_is_there(name: str) -> None:
    taken = {key for key, _ in prose._told(prose.sections()[name], takes=True)}
    given = {key for key, _ in prose._told(prose.sections()[name], takes=False)}
    can_be_taken, can_be_given = keys_within(asked(post(name))), keys_within(answered(post(name)))
    assert taken - can_be_taken == set()
    codes = {
        *(one for each in prose.reasons().values() for one in each),
        *(str(word) for word in _literals(answered(post(name)))),
    }
    assert given - can_be_given - can_be_taken - codes == set()


def _literals(schema: Any, met: frozenset[str] = frozenset()) -> set[object]:
    """The words that values of a type, or within it, can be."""
    found: set[object] = set()
    if isinstance(schema, list):
        return found.union(*(_literals(one, met) for one in schema))
    if not isinstance(schema, dict):
        return found
    if isinstance(schema.get("enum"), list):
        found.update(schema["enum"])
    if "$ref" in schema and (name := name_of(schema)) not in met:
        found |= _literals(SCHEMAS[name], met | {name})
    return found.union(*(_literals(one, met) for one in schema.values()))


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_section_begins_with_who_may_call(name: str) -> None:
    role = ROLES[post(name)["x-role"]]
    text = prose.sections()[name].lstrip()
    assert re.match(rf"\*\*Role:\*\* {role}(?:[.,;]| who | \()", text), text[:80]
    if post(name)["x-recent"]:
        assert "five minutes" in text


@pytest.mark.parametrize("name", sorted(CALLS))
def test_of_every_key_that_is_taken_something_is_said(name: str) -> None:
    request = SCHEMAS[name_of(asked(post(name)))]
    silent = [key for key, one in request["properties"].items() if not one.get("description")]
    assert silent == []


def test_a_summary_is_a_sentence() -> None:
    for name in CALLS:
        assert re.fullmatch(r"[A-Z][^\n]+\.", post(name)["summary"]), name


def test_what_is_made_takes_the_place_of_what_was_made() -> None:
    text = "# Calls\n\n## `list_tags`\n\nBy hand.\n\n## Errors\n"
    made = page.calls_page(text, DOCUMENT)
    assert made == page.calls_page(made, DOCUMENT)
    assert made.endswith("<!-- end -->\n\nBy hand.\n\n## Errors\n")
    assert "## `list_tags`\n\n<!-- made: list_tags -->\n```ts\ntakes   { pageSize?: number;" in made


def test_every_reason_of_the_page_is_known_to_the_clients() -> None:
    known = set(SCHEMAS["RefusalReason"]["x-known"])
    assert {"no-such-customer", "value-invalid", "too-many-calls", "held", "sign-in"} < known
    assert not {one for one in known if not re.fullmatch(r"[a-z]+(?:-[a-z0-9]+)*", one)}


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a [link](there.md#here) and **more**:", "A link and more"),
        ("`code`\n  in two lines", "`code` in two lines"),
        ("", ""),
    ],
)
def test_markdown_becomes_one_plain_line(markdown: str, expected: str) -> None:
    assert prose.plain(markdown) == expected
