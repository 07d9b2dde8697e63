"""How a host writes times: kinds that cannot be mistaken for each other, and a declared zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import PlainValidator

Kind = Literal["timestamp", "iso", "unix", "unix_ms"]


def _kinds(value: object) -> tuple[Kind, ...]:
    written: Sequence[object] = value if isinstance(value, list | tuple) else (value,)
    if not written or any(one not in get_args(Kind) for one in written):
        raise ValueError("write 'timestamp', 'iso', 'unix' or 'unix_ms', or a list of them")
    if {"unix", "unix_ms"} <= set(written):
        raise ValueError(
            "a number is seconds (unix) or milliseconds (unix_ms): no one can tell which it is"
        )
    return tuple(one for one in get_args(Kind) if one in written)


def _zone(value: object) -> ZoneInfo | None:
    return None if value == "" else _named(value, ', or "" for none')


def _own_zone(value: object) -> ZoneInfo:
    return _named(value)


def _named(value: object, otherwise: str = "") -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(value)  # type: ignore[arg-type]
    except (KeyError, ValueError, TypeError, OSError):
        raise ValueError(
            f'write a zone of the IANA database such as "Europe/Berlin"{otherwise}'
        ) from None


Times = Annotated[tuple[Kind, ...], PlainValidator(_kinds)]

Zone = Annotated[ZoneInfo | None, PlainValidator(_zone)]

OwnZone = Annotated[ZoneInfo, PlainValidator(_own_zone)]
"""The organiser's zone; there always is one."""
