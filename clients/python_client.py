"""The Python client's types and methods, from the OpenAPI document.

Written to `types.py`, `calls.py` and `version.py` of `clients/python/crm_lite_client/`; the rest of
the package is written by hand.
"""

from __future__ import annotations

import json
import keyword
import textwrap
from pathlib import Path
from typing import Final

from clients.schemas import Schema, answered, asked, name_of, operations

PACKAGE: Final = Path(__file__).parent / "python" / "crm_lite_client"

_BANNER: Final = "Made from clients/openapi.json by `python -m clients`: change nothing here."

_TYPES: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}

_WHO: Final = {
    "verified": "Whoever is signed in with a verified address",
    "recent": "Whoever has signed in within the last five minutes, with a verified address",
}


def files(document: Schema) -> dict[str, str]:
    """Return the text of each file by its name.

    Args:
        document: The OpenAPI document.
    """
    version = document["info"]["version"]
    return {
        "types.py": _types(document),
        "calls.py": _calls(document),
        "version.py": f'"""{_BANNER}"""\n\n__version__ = "{version}"\n',
    }


def _types(document: Schema) -> str:
    requests = {name_of(asked(post)) for post in operations(document)}
    parts = [
        f'"""Types of what CRM-Lite answers, and of what it takes.\n\n{_BANNER}\n"""',
        "from __future__ import annotations",
        "from typing import Any, Literal, NotRequired, TypedDict",
    ]
    aliases = [
        f"{name} = {_type(one)}\n{_docstring(one)}"
        for name, one in document["components"]["schemas"].items()
        if "properties" not in one and name not in requests
    ]
    typed = [
        _typed_dict(name, one)
        for name, one in document["components"]["schemas"].items()
        if "properties" in one and name not in requests and name != "Error"
    ]
    return "\n\n".join(parts) + "\n\n" + "\n".join(aliases) + "\n\n" + "\n\n".join(typed)


def _typed_dict(name: str, schema: Schema) -> str:
    """Return a class; of keys that are no names in Python its base is made by a call."""
    fields = {key: (_field(schema, key), one) for key, one in schema["properties"].items()}
    odd = {key: kind for key, (kind, _) in fields.items() if not _is_name(key)}
    base, before = "TypedDict", ""
    if odd:
        base = f"_{name}"
        rows = "".join(f'    "{key}": "{kind}",\n' for key, kind in odd.items())
        before = f'{base} = TypedDict("{base}", {{\n{rows}}})\n\n\n'
    lines = [f"class {name}({base}):", _docstring(schema, 4) or '    """An object."""\n']
    for key, (kind, one) in fields.items():
        if key not in odd:
            lines.append(f"    {key}: {kind}\n{_docstring(one, 4)}".rstrip("\n"))
    return before + "\n".join(lines).rstrip("\n") + "\n"


def _calls(document: Schema) -> str:
    head = (
        f'"""Every call as a method.\n\n{_BANNER}\n"""\n\n'
        "from __future__ import annotations\n\n"
        "from collections.abc import Mapping, Sequence\n"
        "from typing import Any, Literal\n\n"
        "from crm_lite_client import types\n\n\n"
        "class Calls:\n"
        '    """Every call of docs/calls.md under its name, with its keys as there."""\n\n'
        "    def _call(\n"
        "        self, name: str, data: dict[str, Any], *, seconds: int, reads: bool\n"
        "    ) -> Any:\n"
        "        raise NotImplementedError\n"
    )
    return head + "".join(f"\n{_method(post, document)}" for post in operations(document))


def _method(post: Schema, document: Schema) -> str:
    name = post["operationId"]
    request = document["components"]["schemas"][name_of(asked(post))]
    required = request.get("required", [])
    keys = sorted(request["properties"], key=lambda key: key not in required)
    signature = "".join(
        f"        {_argument(key)}: {_taken(request['properties'][key], key in required)},\n"
        for key in keys
    )
    given = "".join(f'                "{key}": {_argument(key)},\n' for key in keys)
    told = [(key, request["properties"][key].get("description")) for key in keys]
    arguments = "".join(_wrapped(f"{_argument(key)}: {text}", 12, 16) for key, text in told if text)
    who = _WHO.get(post["x-role"], f"Role: {post['x-role']}")
    recent = ", signed in within five minutes" if post["x-recent"] and who[:4] == "Role" else ""
    return (
        f"    def {name}(\n        self,\n{'        *,' + chr(10) if keys else ''}{signature}"
        f"    ) -> types.{name_of(answered(post))}:\n"
        + _wrapped(f'"""{post["summary"]}', 8, 8)
        + f"\n        {who}{recent}. docs/calls.md says more.\n"
        + (f"\n        Args:\n{arguments}" if arguments else "")
        + '        """\n'
        f"        answer: types.{name_of(answered(post))} = self._call(\n"
        f'            "{name}",\n'
        f"            {{\n{given}            }},\n"
        f"            seconds={post['x-seconds']},\n"
        f"            reads={post['x-changes-nothing']},\n"
        "        )\n"
        "        return answer\n"
    )


def _field(schema: Schema, key: str) -> str:
    kind = _type(schema["properties"][key])
    return kind if key in schema.get("required", []) else f"NotRequired[{kind}]"


def _taken(schema: Schema, required: bool) -> str:
    """Return the type of an argument: any list or mapping will do."""
    kind = _type(schema, "types.").replace("list[", "Sequence[").replace("dict[", "Mapping[")
    if required:
        return kind
    return f"{kind} = None" if kind.endswith("| None") else f"{kind} | None = None"


def _type(schema: Schema, prefix: str = "") -> str:
    """Return a type as Python writes it."""
    if "$ref" in schema:
        return prefix + name_of(schema)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one, prefix) for one in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        words = [schema["const"]] if "const" in schema else schema["enum"]
        return f"Literal[{', '.join(map(_word, words))}]"
    match schema.get("type"):
        case "null":
            return "None"
        case "array":
            return f"list[{_type(schema.get('items', {}), prefix)}]"
        case "object":
            values = schema.get("additionalProperties", True)
            return f"dict[str, {_type(values, prefix) if isinstance(values, dict) else 'Any'}]"
        case None:
            return "Any"
        case str() as word:
            return _TYPES[word]
    raise ValueError(f"no type in Python is known for {schema}")


def _word(word: object) -> str:
    return json.dumps(word) if isinstance(word, str) else repr(word)


def _is_name(key: str) -> bool:
    return key.isidentifier() and not keyword.iskeyword(key)


def _argument(key: str) -> str:
    return key if _is_name(key) else f"{key}_"


def _docstring(schema: Schema, indent: int = 0) -> str:
    text = schema.get("description")
    if not text:
        return ""
    if len(text) + indent + 6 <= 100:
        return f'{" " * indent}"""{text}"""\n'
    return _wrapped(f'"""{text}', indent, indent) + f'{" " * indent}"""\n'


def _wrapped(text: str, first: int, later: int) -> str:
    return (
        textwrap.fill(
            text.replace("\\", "\\\\"),
            100,
            initial_indent=" " * first,
            subsequent_indent=" " * later,
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
    )
