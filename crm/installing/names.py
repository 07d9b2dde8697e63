"""Names of functions in sources, as far as they can be told without running anything."""

from __future__ import annotations

import ast
import re
from typing import Final

_SCRIPT: Final = re.compile(
    r"\bexports\.(\w+)\s*="
    r"|^export\s+(?:const|let|var|(?:async\s+)?function)\s+(\w+)",
    re.MULTILINE,
)

SUFFIXES: Final = frozenset({".js", ".cjs", ".mjs", ".ts", ".py"})

LEFT_OUT: Final = frozenset({"node_modules", "venv", ".git", "__pycache__"})


def exported(text: str, suffix: str) -> set[str]:
    """Return the names that a source may declare functions by.

    What is exported in another way, such as `module.exports = { … }`, is not seen: the emulators
    and a deployment say it where a name is taken twice.

    Args:
        text: The source.
        suffix: Of its file, such as `.ts`.
    """
    if suffix == ".py":
        return declared(text)
    return {one or other for one, other in _SCRIPT.findall(text)}


def declared(text: str) -> set[str]:
    """Return the functions with decorators of a Python module; none of one that is not Python."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return set()
    functions = (node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions if node.decorator_list}
