"""JSON as people and the Firebase CLI write it: with comments, read with the place of everything.

Comments of both kinds, a comma behind the last element, a byte order mark and any line ends are
taken. `crm/installing/edits.py` changes such a text at places that are found here.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args

from crm.core.errors import ConfigError

_GRAMMAR: Final = r"""
start: value
?value: object | array | STRING -> text | NUMBER -> plain | WORD -> plain
object: OPEN (member (COMMA member)* COMMA?)? CLOSE
member: STRING _COLON value
array: LEFT (value (COMMA value)* COMMA?)? RIGHT

OPEN: "{"
CLOSE: "}"
LEFT: "["
RIGHT: "]"
COMMA: ","
_COLON: ":"
STRING: /"(?:[^"\\\r\n]|\\.)*"/
NUMBER: /-?(?:0|[1-9][0-9]*)(?![0-9])(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/
WORD: /true|false|null/
BLANK: /[ \t\r\n\ufeff]+/
COMMENT: /\/\/[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*\*\//
%ignore BLANK
%ignore COMMENT
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands.

    Attributes:
        start: Where it begins in the text.
        end: Where it is over.
        value: What it is, without comments.
        parts: Its elements, or the values of its members, in order.
        keys: The names of its members; empty for anything but an object.
        begins: Where each part begins: a member with its key.
        commas: Where the commas between and behind its parts are.
    """

    start: int
    end: int
    value: Any
    parts: tuple[Node, ...] = ()
    keys: tuple[str, ...] = ()
    begins: tuple[int, ...] = ()
    commas: tuple[int, ...] = ()

    def member(self, key: str) -> Node | None:
        """Return the value of a key; the last one where it is written twice, as programs do."""
        place = self.place(key)
        return None if place is None else self.parts[place]

    def place(self, key: str) -> int | None:
        """Return which member a key is."""
        places = [number for number, name in enumerate(self.keys) if name == key]
        return places[-1] if places else None

    def at(self, *path: str) -> Node | None:
        """Return the value at a path of keys."""
        found: Node | None = self
        for key in path:
            found = found.member(key) if found else None
        return found


def read(text: str, file: str) -> Node:
    """Read a text.

    Args:
        text: All of it; empty is an object without members, as it is to the Firebase CLI.
        file: What errors call it.

    Raises:
        ConfigError: It is not JSON.
    """
    if not text.strip("\ufeff \t\r\n"):
        return Node(len(text), len(text), {})
    try:
        found: Any = _parser().parse(text)
    except UnexpectedInput as error:
        over = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        place = "its end" if over else f"line {error.line}, column {error.column}"
        raise ConfigError(f"{file}: not JSON at {place}: mend it first.") from None
    except ValueError as error:
        raise ConfigError(f"{file}: not JSON ({error}): mend it first.") from None
    node: Node = found
    return node


@functools.cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Builder())


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Makes a node of each rule of the grammar."""

    def start(self, value: Node) -> Node:
        return value

    def text(self, token: Token) -> Node:
        return Node(_from(token), _to(token), json.loads(token, strict=False))

    def plain(self, token: Token) -> Node:
        return Node(_from(token), _to(token), json.loads(token))

    def member(self, key: Token, value: Node) -> tuple[Token, Node]:
        return key, value

    def object(self, opening: Token, *found: Any) -> Node:
        members = [one for one in found if isinstance(one, tuple)]
        keys = [json.loads(key, strict=False) for key, _ in members]
        return Node(
            _from(opening),
            _to(found[-1]),
            {key: node.value for key, (_, node) in zip(keys, members, strict=True)},
            tuple(node for _, node in members),
            tuple(keys),
            tuple(_from(key) for key, _ in members),
            _commas(found),
        )

    def array(self, opening: Token, *found: Any) -> Node:
        items = [one for one in found if isinstance(one, Node)]
        return Node(
            _from(opening),
            _to(found[-1]),
            [item.value for item in items],
            tuple(items),
            (),
            tuple(item.start for item in items),
            _commas(found),
        )


def _commas(found: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(_from(one) for one in found if isinstance(one, Token) and one.type == "COMMA")


def _from(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos


def _to(token: Token) -> int:
    assert token.end_pos is not None
    return token.end_pos
