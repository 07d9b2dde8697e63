"""Documents out of Firestore's own messages, `google.firestore.v1.Document`.

The library's snapshots come to the same values, and copy each of them twice, deeply: so nobody who
changes one changes it for somebody else. Nobody here does, and it took most of the computing time
of a reading (docs/decisions/051-documents-are-decoded-once.md). What is not plain is left to the
library.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from crm.db.documents import Snapshot, Version, moment_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_NANOS: Final = 1_000_000_000


def snapshot_of(document: Any, documents: str, client: Any) -> Snapshot:
    """Return a document as it was read.

    Args:
        document: The message (`Document`).
        documents: What the name of every document of the database begins with.
        client: Makes references, for fields that hold some.
    """
    return Snapshot(
        document.name[len(documents) + 1 :],
        _map(document.fields, client),
        version_in(document.update_time),
        moment_of(version_in(document.create_time)),
    )


def version_in(stamp: Any) -> Version:
    """Return the version that a time says (`google.protobuf.Timestamp`)."""
    return int(stamp.seconds) * _NANOS + int(stamp.nanos)


def _map(fields: Mapping[str, Any], client: Any) -> Any:
    """Return a map's values; a map that stands for something else as the library has it."""
    if len(fields) < 3 and any(one.startswith("__") for one in fields):
        from google.cloud.firestore_v1 import _helpers

        return _helpers.decode_dict(fields, client)  # a vector, or a type of another database
    return {name: _value(one, client) for name, one in fields.items()}


def _value(message: Any, client: Any) -> Any:
    kind = message.WhichOneof("value_type")
    if kind == "string_value":
        return message.string_value
    if kind == "integer_value":
        return message.integer_value
    if kind == "null_value":
        return None
    if kind == "boolean_value":
        return message.boolean_value
    if kind == "map_value":
        return _map(message.map_value.fields, client)
    if kind == "array_value":
        return [_value(one, client) for one in message.array_value.values]
    if kind == "timestamp_value":
        return _time(message.timestamp_value)
    if kind == "double_value":
        return message.double_value

    from google.cloud.firestore_v1 import _helpers

    return _helpers.decode_value(message, client)


def _time(stamp: Any) -> datetime:
    """Return a time, as a type that keeps nanoseconds only where there are some."""
    if stamp.nanos % 1000:
        from google.api_core.datetime_helpers import DatetimeWithNanoseconds

        library: Any = DatetimeWithNanoseconds
        moment: datetime = library.from_timestamp_pb(stamp)
        return moment
    return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)
