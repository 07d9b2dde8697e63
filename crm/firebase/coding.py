"""Writes as Firestore's own messages, `google.firestore.v1.Write`.

The messages are the service's published interface. The library's batch comes to the same ones by
way of a wrapper for each value and several parsings of each field's path, which took half of the
computing time of an order (docs/benchmarks.md). What is not plain is left to the library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from google.cloud.firestore_v1.types import Write as Message

from crm.db.documents import REMOVED, Create, Data, Delete, Update, Write, version_of

_NAME: Final = re.compile(r"`((?:[^`\\]|\\.)*)`|([^.`]+)")
"""A name in a field's path: quoted, or plain."""

_NANOS: Final = 1_000_000_000


class NotPlain(Exception):
    """A write holds values that only the library can code."""


def message_of(write: Write, documents: str) -> Any:
    """Return a write as the message that `WriteBatch` takes.

    Args:
        write: The write.
        documents: What the name of every document of the database begins with.

    Raises:
        NotPlain: It holds other values than texts, numbers, truth values, times, maps and lists.
    """
    if isinstance(write, Delete) or (isinstance(write, Update) and not write.data):
        raise NotPlain  # an update of no field would empty the document; the library refuses it
    message = Message.pb(Message())
    message.update.name = f"{documents}/{write.path}"
    if isinstance(write, Update):
        _change(message, write.data)
        _stamp(message.current_document.update_time, write.version)
    else:
        _fill(message.update.fields, write.data)
    if isinstance(write, Create):
        message.current_document.exists = False
    return Message.wrap(message)


def _change(message: Any, data: Data) -> None:
    message.update.SetInParent()
    for path, value in data.items():
        message.update_mask.field_paths.append(path)
        if value is not REMOVED:
            *maps, last = names_in(path)
            fields = message.update.fields
            for name in maps:
                fields = fields[name].map_value.fields
            _code(fields[last], value)


def names_in(path: str) -> list[str]:
    """Return the names that a field's path consists of."""
    if "`" not in path:
        return path.split(".")
    found = _NAME.finditer(path)
    return [re.sub(r"\\(.)", r"\1", one[1]) if one[2] is None else one[2] for one in found]


def _fill(fields: Any, data: Mapping[str, Any]) -> None:
    for name, value in data.items():
        _code(fields[name], value)


def _code(message: Any, value: object) -> None:
    # The exact types first: of some hundred values in a customer nearly all are of these.
    kind = type(value)
    if kind is str:
        message.string_value = value
    elif kind is bool:
        message.boolean_value = value
    elif kind is int:
        message.integer_value = value
    elif value is None:
        message.null_value = 0
    elif isinstance(value, dict):
        message.map_value.SetInParent()  # an empty one is there too
        _fill(message.map_value.fields, value)
    elif isinstance(value, list | tuple):
        message.array_value.SetInParent()
        for one in value:
            _code(message.array_value.values.add(), one)
    elif isinstance(value, datetime) and value.tzinfo is not None:
        _stamp(message.timestamp_value, version_of(value))
    elif kind is float:
        message.double_value = value
    else:
        raise NotPlain


def _stamp(message: Any, version: int) -> None:
    message.seconds, message.nanos = divmod(version, _NANOS)
    message.SetInParent()  # 1970 is a time as well
