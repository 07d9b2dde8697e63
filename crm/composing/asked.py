"""What placeholders ask for: names that nobody has, and values that some people lack."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.loop import LoopExpression
from liquid.builtin.output import OutputNode
from liquid.expression import Expression

from crm.composing.filters import FILTERS
from crm.composing.people import EVENT, VARIABLES
from crm.composing.placeholders import Placeholders, name_of
from crm.composing.problems import Problem, line_of, meant

_MEMBER: Final = frozenset({"first", "last"})

_AROUND: Final = 30
"""Characters of the line around a placeholder, where it is shown what is missing."""


def asked(part: Placeholders, fields: Collection[str] = ()) -> list[Problem]:
    """Return what is wrong with what a source asks for.

    Args:
        part: The source.
        fields: The own fields that there are.
    """
    found = []
    for name, places in part.template.analyze().filters.items():
        if name not in FILTERS:
            message = f"There is no filter `{name}`.{meant(name, FILTERS)}"
            at = _at(part, places[0].index)
            found.append(Problem("unknown-filter", message, at, blocking=True))
    given = frozenset(part.template.analyze().locals)
    for node, above in part.nodes():
        members = _members(above)
        for path in _paths(node):
            wrong = _unknown(path, members, given, fields)
            if wrong is not None:
                at = _at(part, path.token.start_index)
                found.append(Problem("unknown-variable", wrong, at, blocking=True))
        if isinstance(node, OutputNode):
            lacking = _lacking(node, above, members, given)
            if lacking is not None:
                message = (
                    f"Some people have no `{lacking}`: write what stands there then, such as"
                    f' `{{{{ {lacking} | default: "friend" }}}}`.'
                )
                found.append(Problem("no-default", message, _at(part, node.token.start_index)))
    return list(dict.fromkeys(found))


def gap(part: Placeholders, name: str) -> str | None:
    """Return the line of a source as it is where a placeholder has no value; None without one."""
    for node, _ in part.nodes():
        if isinstance(node, OutputNode) and name_of(node) == name:
            start = part.source.rfind("{{", 0, node.token.start_index + 2)
            end = part.source.find("}}", start) + 2
            before = part.source[:start].rsplit("\n", 1)[-1]
            after = part.source[end:].split("\n", 1)[0]
            shown = [re.sub(r"\{[{%].*?[%}]\}", "…", text) for text in (before, after)]
            return f"{_end(shown[0])}{shown[1][:_AROUND]}".strip()
    return None


def _end(text: str) -> str:
    """Return the last words of a text."""
    if len(text) <= _AROUND:
        return text
    return "…" + text[-_AROUND:].partition(" ")[2]


def _at(part: Placeholders, place: int) -> str:
    return f"{part.part}:{line_of(part.source, place)}" if part.part == "body" else part.part


def _paths(node: Node) -> Iterator[Path]:
    def within(expression: Expression) -> Iterator[Path]:
        if isinstance(expression, Path):
            yield expression
        for child in expression.children():
            yield from within(child)

    for expression in node.expressions():
        yield from within(expression)


def _members(above: tuple[Node, ...]) -> Mapping[str, bool]:
    """Return the names that loops around give to members, and whether those are events."""
    found: dict[str, bool] = {"forloop": False}
    for node in above:
        for expression in node.expressions():
            if isinstance(expression, LoopExpression):
                many = expression.iterable
                found[str(expression.identifier)] = isinstance(many, Path) and [*many.path] == [
                    "events"
                ]
    return found


def _unknown(
    path: Path, members: Mapping[str, bool], given: frozenset[str], fields: Collection[str]
) -> str | None:
    """Return what is wrong with what a path asks for; None for nothing."""
    root, *rest = path.path
    if not isinstance(root, str):
        return "Write the name of a placeholder, without brackets around it."
    if root in members:
        return _of_event(rest) if members[root] else None
    if root in given:
        return None
    if root not in VARIABLES:
        known = {**VARIABLES, **dict.fromkeys(members)}
        return f"There is no placeholder `{root}`.{meant(root, known)}"
    if root == "fields":
        return _of_fields(rest, fields)
    if VARIABLES[root].kind != "list":
        return None if not rest or rest == ["size"] else f"`{root}` has no `{rest[0]}`."
    if not rest or rest == ["size"]:
        return None
    if not isinstance(rest[0], int | Path) and rest[0] not in _MEMBER:
        return f"`{root}` is a list: `{root}.first`, or `{{% for one in {root} %}}`."
    return _of_event(rest[1:]) if root == "events" else None


def _of_fields(rest: Sequence[object], fields: Collection[str]) -> str | None:
    if len(rest) != 1 or not isinstance(rest[0], str):
        return "Write the name of one of your own fields, such as `fields.company`."
    if rest[0] in fields:
        return None
    return f"There is no own field `{rest[0]}`.{meant(rest[0], fields)}"


def _of_event(rest: Sequence[object]) -> str | None:
    if not rest or isinstance(rest[0], Path) or rest[0] in EVENT:
        return None
    return f"An event has no `{rest[0]}`.{meant(str(rest[0]), EVENT)}"


def _lacking(
    node: OutputNode, above: tuple[Node, ...], members: Mapping[str, bool], given: frozenset[str]
) -> str | None:
    """Return what a placeholder asks for that some people lack, where it says nothing instead."""
    expression = node.expression
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return None
    if any(one.name == "default" for one in expression.filters or ()):
        return None
    path = expression.left
    root, *rest = path.path
    if not isinstance(root, str) or any(isinstance(one, Path) for one in rest):
        return None
    if members.get(root):
        lacking = bool(rest) and rest[0] in EVENT and EVENT[str(rest[0])].optional
    elif root in given or root not in VARIABLES:
        return None
    else:
        member = bool(rest) and rest[0] != "size"
        lacking = VARIABLES[root].optional or member
    name = name_of(node)
    sought = name if root == "fields" else root  # who has one field may lack another
    asked_before = (
        re.search(rf"(?<![\w.]){re.escape(sought)}(?!\w)", str(one))
        for outer in above
        for one in outer.expressions()
        if not isinstance(one, LoopExpression)
    )
    return name if lacking and not any(asked_before) else None
