"""All calls as one OpenAPI document, from the models of their requests and answers.

It is written to `openapi.json` beside this file, from where types for other languages are made: by
`npm run generate` in `web/` those of the console.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import crm
from clients.answers import adapter
from crm.core.roles import Person, Role
from crm.entrypoints.callables.call import Call
from crm.entrypoints.callables.dispatch import CALLS

FILE: Final = Path(__file__).with_name("openapi.json")

_SCHEMAS: Final = "#/components/schemas/"

_INTRODUCTION: Final = (
    "The callable functions of CRM-Lite, in the protocol of Firebase: the arguments are in `data`,"
    " the answer is in `result`. `x-role` says who may call: a staff role, or `verified` or"
    " `recent` for whoever is signed in with a verified address; `x-recent`, whether the sign-in"
    " must be of the last five minutes. A key of a request with null is the same as no key, and an"
    " unknown one is refused; an answer may have more keys in a later version. docs/calls.md says"
    " what each call does."
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
                    "properties": {"reason": {"description": "A stable code.", "type": "string"}},
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
    schemas: dict[str, Any] = {"Error": dict(_ERROR)}
    paths = {f"/{name}": {"post": _operation(name, CALLS[name], schemas)} for name in sorted(CALLS)}
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


def text() -> str:
    """Return the document as the file holds it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _operation(name: str, call: Call[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    request = call.request.model_json_schema(ref_template=f"{_SCHEMAS}{{model}}")
    request.pop("description", None)  # it names the call
    answer = _answers_open(adapter(name).json_schema(ref_template=f"{_SCHEMAS}{{model}}"))
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
        "x-role": role,
        "x-recent": call.recent or call.role is Person.RECENT,
        "x-calls-per-minute": call.per_minute,
        "requestBody": {"required": True, "content": _json(asked)},
        "responses": {
            "200": {"description": "It is done.", "content": _json(answered)},
            "default": {
                "description": "It is refused.",
                "content": _json({"$ref": f"{_SCHEMAS}Error"}),
            },
        },
    }


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _kept(name: str, schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, str]:
    """Keep a schema and those that it refers to by their names, and return what refers to it."""
    for each, one in {**schema.pop("$defs", {}), name: schema}.items():
        plain = _without_titles(one)
        if schemas.setdefault(each, plain) != plain:
            raise ValueError(f"two different schemas are called {each}: rename one of their models")
    return {"$ref": f"{_SCHEMAS}{name}"}


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
