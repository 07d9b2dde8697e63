"""The models of answers as pydantic reads them: strictly, with what is said of each key.

The models are plain `TypedDict`s, so that a cold start pays nothing for them; how strictly they
are taken is said here, where tests and the document are made.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import is_typeddict

from crm.entrypoints import answers
from crm.entrypoints.callables.dispatch import CALLS

STRICT: Final = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


@functools.cache
def models() -> dict[str, type]:
    """Return every model of the package by its name.

    Raises:
        ValueError: Two have the same name.
    """
    found: dict[str, type] = {}
    for module in pkgutil.iter_modules(answers.__path__):
        for name, model in vars(
            importlib.import_module(f"{answers.__name__}.{module.name}")
        ).items():
            if not is_typeddict(model):
                continue
            if found.setdefault(name, model) is not model:
                raise ValueError(f"two answers are called {name}: rename one of them")
            model.__pydantic_config__ = STRICT  # type: ignore[attr-defined]
    return found


@functools.cache
def adapter(name: str) -> TypeAdapter[Any]:
    """Return what reads the answers of a callable.

    Args:
        name: The callable's.
    """
    models()
    return TypeAdapter(CALLS[name].answer)


def check(name: str, answer: object) -> None:
    """Hold an answer to its model.

    Args:
        name: The callable that gave it.
        answer: What it gave, as JSON.

    Raises:
        pydantic.ValidationError: A key is missing, is there and is not promised, or has a value of
            another kind.
    """
    adapter(name).validate_python(answer)
