"""All calls as one OpenAPI document, from the models of their requests and answers.

What is said of calls and keys comes from `prose`. It is written to `openapi.json` beside this file,
of which the clients for other languages are made: that for TypeScript by `npm run generate` in
`web/`, that for Python and the generated parts of the documentation beside this module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import crm
import main
from clients import prose
from clients.answers import adapter
from clients.schemas import SCHEMAS, named
from crm.core.roles import Person, Role
from crm.entrypoints.callables.call import Call
from crm.entrypoints.callables.dispatch import CALLS

FILE: Final = Path(__file__).with_name("openapi.json")

READING: Final = (
    "check_",
    "compare_",
    "count_",
    "explain_",
    "get_",
    "list_",
    "preview_",
    "query_",
    "search_",
)
"""How names of calls begin that change nothing, so that each may be made again at any time."""

USUAL_SECONDS: Final = 60
"""Of Cloud Functions, where a declaration says nothing."""

_INTRODUCTION: Final = (
    "The callable functions of CRM-Lite, in the protocol of Firebase: the arguments are in `data`,"
    " the answer is in `result`. `x-role` says who may call: a staff role, or `verified` or"
    " `recent` for whoever is signed in with a verified address; `x-recent`, whether the sign-in"
    " must be of the last five minutes; `x-seconds`, how long an answer can take;"
    " `x-changes-nothing`, that a call can be made again whatever became of it. A key of a request"
    " with null is the same as no key, and an unknown one is refused; an answer may have more keys"
    " in a later version. Integers of requests may be wrapped, and those of answers beyond 2^53 - 1"
    ' are: `{"@type": "type.googleapis.com/google.protobuf.Int64Value", "value": "50"}`.'
    " docs/calls.md says what each call does."
)

_ERROR: Final[Mapping[str, Any]] = {
    "description": "A refusal: nothing was changed.",
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "status": {"description": "As in google.rpc.Code.", "type": "string"},
                "message": {"description": "What to change.", "type": "string"},
                "details": {
                    "type": "object",
                    "properties": {"reason": {"$ref": f"{SCHEMAS}RefusalReason"}},
                    "required": ["reason"],
                },
            },
            "required": ["status", "message"],
        }
    },
    "required": ["error"],
}


def document() -> dict[str, Any]:
    """Return the document.

    Raises:
        ValueError: Two different schemas have one name.
    """
    schemas: dict[str, Any] = {"Error": dict(_ERROR), "RefusalReason": _refusal()}
    paths = {f"/{name}": {"post": _operation(name, CALLS[name], schemas)} for name in sorted(CALLS)}
    _describe(schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CRM-Lite",
            "version": crm.__version__,
            "description": _INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {
                "url": "https://{region}-{project}.cloudfunctions.net",
                "variables": {
                    "region": {"default": "us-central1"},
                    "project": {"default": "your-project"},
                },
            }
        ],
        "security": [{"idToken": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "idToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A Firebase ID token.",
                }
            },
            "schemas": dict(sorted(schemas.items())),
        },
    }


def text(made: Mapping[str, Any]) -> str:
    """Return the document as the file holds it."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _operation(name: str, call: Call[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    request = call.request.model_json_schema(ref_template=f"{SCHEMAS}{{model}}")
    request["description"] = f"What `{name}` takes."
    answer = _answers_open(adapter(name).json_schema(ref_template=f"{SCHEMAS}{{model}}"))
    role = call.role.word if isinstance(call.role, Role) else call.role.value
    asked = {
        "type": "object",
        "properties": {"data": _kept(f"{_pascal(name)}Request", request, schemas)},
        "required": ["data"],
    }
    answered = {
        "type": "object",
        "properties": {"result": _kept(call.answer.__name__, answer, schemas)},
        "required": ["result"],
    }
    return {
        "operationId": name,
        "summary": getattr(main, name).__doc__,
        "externalDocs": {"url": f"docs/calls.md#{name}"},
        "x-role": role,
        "x-recent": call.recent or call.role is Person.RECENT,
        "x-calls-per-minute": call.per_minute,
        "x-seconds": _seconds(name),
        "x-changes-nothing": name.startswith(READING),
        "requestBody": {"required": True, "content": _json(asked)},
        "responses": {
            "200": {"description": "It is done.", "content": _json(answered)},
            "default": {
                "description": "It is refused.",
                "content": _json({"$ref": f"{SCHEMAS}Error"}),
            },
        },
    }


def _seconds(name: str) -> int:
    """Return how long a function may take."""
    declared = getattr(main, name).__firebase_endpoint__.timeoutSeconds
    return declared if isinstance(declared, int) else USUAL_SECONDS


def _refusal() -> dict[str, Any]:
    known = {one for each in prose.reasons().values() for one in each}
    return {
        "description": "A stable code of why a call was refused. A later version may have more.",
        "type": "string",
        "x-known": sorted(known),
    }


def _describe(schemas: Mapping[str, Any]) -> None:
    """Say of keys what the page of calls says of them, where the models say nothing themselves.

    Of a type that several calls answer the first of the page says it.
    """
    for name in prose.sections():
        if name not in CALLS:
            continue
        asked, given = f"{_pascal(name)}Request", CALLS[name].answer.__name__
        _say(schemas, asked, {**prose.answered(name), **prose.told(name)})
        _say(schemas, given, prose.answered(name))


def _say(schemas: Mapping[str, Any], name: str, texts: Mapping[str, str]) -> None:
    """Say each text once: of the key of its name that is nearest to the top."""
    left, level, met = dict(texts), [name], {name}
    while level and left:
        found = {
            key: one for each in level for key, one in schemas[each].get("properties", {}).items()
        }
        for key in found.keys() & left.keys():
            found[key].setdefault("description", f"{left.pop(key)}.")
        level = [one for each in level for one in named(schemas[each]) if one not in met]
        met.update(level)


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _kept(name: str, schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, str]:
    """Keep a schema and those that it refers to by their names, and return what refers to it."""
    for each, one in {**schema.pop("$defs", {}), name: schema}.items():
        plain = _without_titles(one)
        if schemas.setdefault(each, plain) != plain:
            raise ValueError(f"two different schemas are called {each}: rename one of their models")
    return {"$ref": f"{SCHEMAS}{name}"}


def _without_titles(schema: Any) -> Any:
    """Leave out pydantic's titles, which say a key once more. A key of that name is no title."""
    if isinstance(schema, list):
        return [_without_titles(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _without_titles(one) for name, one in value.items()}
        if key in {"properties", "$defs"}
        else _without_titles(value)
        for key, value in schema.items()
        if key != "title"
    }


def _answers_open(schema: Any) -> Any:
    """Let an answer have more keys: a later version may add some, and no client is to break."""
    if isinstance(schema, list):
        return [_answers_open(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _answers_open(value)
        for key, value in schema.items()
        if not (key == "additionalProperties" and value is False)
    }


def _pascal(name: str) -> str:
    return re.sub(r"(?:^|_)(.)", lambda found: found[1].upper(), name)
