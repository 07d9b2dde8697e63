"""Own fields in a question: declared, and compared as their types allow. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from crm.config.fields import OwnField, no_such_field
from crm.core.errors import Refusal
from crm.segments.language.ast import Node, Own, leaves


def check_fields(node: Node, declared: Mapping[str, OwnField]) -> None:
    """Let a question pass whose own fields there are, with values of their types.

    Args:
        node: The question, its saved ones expanded.
        declared: Those of `crm.toml`.

    Raises:
        Refusal: `invalid-argument`: `no-such-field`; `segment-invalid` for a value of another type.
    """
    for leaf in leaves(node):
        if isinstance(leaf, Own):
            if leaf.name not in declared:
                raise no_such_field(leaf.name)
            _check(leaf, declared[leaf.name])


def _check(leaf: Own, own: OwnField) -> None:
    if leaf.ranged and own.type not in ("number", "date"):
        raise _refused(leaf, f"a {own.type} is compared by = alone (`eq`)")
    for value in leaf.compared.values():
        try:
            own.value(value)
        except ValueError as error:
            quoted = ", in double quotes where it looks like something else"
            raise _refused(leaf, f"{error}{quoted if own.type == 'text' else ''}") from None


def _refused(leaf: Own, rule: str) -> Refusal:
    text = f"The segment was refused at the own field `{leaf.name}`: {rule}."
    return Refusal("invalid-argument", "segment-invalid", text, {"field": leaf.name})
