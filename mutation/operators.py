"""Which faults mutmut puts in: some of its own, and three that it lacks.

Left out is what says nothing about the tests: words meant for people, a string in capitals beside
the same string with XX around it, None for an argument, which the types refuse, and a zip that is
not strict any more twice: strict=False is the same fault as nothing said.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import libcst as cst
from mutmut.mutation import file_mutation, mutators

_LEFT_OUT: Final = {
    mutators.operator_string,
    mutators.operator_arg_removal,
    mutators.operator_dict_arguments,
}
_PROPERTIES: Final = {"property", "cached_property"}


def choose() -> None:
    """Let mutmut put in these faults, in properties too."""
    kept = [(kind, fault) for kind, fault in mutators.mutation_operators if fault not in _LEFT_OUT]
    file_mutation.mutation_operators = [  # type: ignore[attr-defined]
        *kept,
        (cst.SimpleString, _another_string),
        (cst.Call, _without_an_argument),
        (cst.If, _always_or_never),
        (cst.CompIf, _always_or_never),
        (cst.Expr, _not_called),
    ]
    file_mutation.MutationVisitor._skip_node_and_children = _skipped  # type: ignore[method-assign]
    file_mutation.function_trampoline_arrangement = _arranged


def _another_string(node: cst.SimpleString) -> Iterable[cst.SimpleString]:
    text = node.raw_value
    if " " not in text and not node.quote.startswith(('"""', "'''")):
        yield node.with_changes(value=f"{node.prefix}{node.quote}XX{text}XX{node.quote}")


def _without_an_argument(node: cst.Call) -> Iterable[cst.Call]:
    if len(node.args) > 1:
        for at, argument in enumerate(node.args):
            if argument.keyword is not None and argument.keyword.value == "strict":
                continue
            yield node.with_changes(args=[*node.args[:at], *node.args[at + 1 :]])


def _always_or_never(node: cst.If | cst.CompIf) -> Iterable[cst.CSTNode]:
    for answer in ("True", "False"):
        yield node.with_changes(test=cst.Name(answer))


def _not_called(node: cst.Expr) -> Iterable[cst.Expr]:
    if isinstance(node.value, cst.Call):
        yield node.with_changes(value=cst.Name("None"))


def _is_property(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.FunctionDef) or len(node.decorators) != 1:
        return False
    decorator = node.decorators[0].decorator
    return isinstance(decorator, cst.Name) and decorator.value in _PROPERTIES


_skipped_by_mutmut = file_mutation.MutationVisitor._skip_node_and_children
_arranged_by_mutmut = file_mutation.function_trampoline_arrangement


def _skipped(self: file_mutation.MutationVisitor, node: cst.CSTNode) -> bool:
    return not _is_property(node) and _skipped_by_mutmut(self, node)


def _arranged(
    function: cst.FunctionDef, mutants: Iterable[file_mutation.Mutation], class_name: str | None
) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any], Sequence[str]]:
    """Return what mutmut makes of a function; of a property, the way to it alone is one."""
    if not _is_property(function):
        return _arranged_by_mutmut(function, mutants, class_name)
    plain = function.with_changes(decorators=[])
    before, (way, *copies), after, names = _arranged_by_mutmut(plain, mutants, class_name)
    assert isinstance(way, cst.FunctionDef)
    asked = way.with_changes(decorators=[*function.decorators, *way.decorators])
    return before, [asked, *copies], after, names
