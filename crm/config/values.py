"""Values that keys of several tables of `crm.toml` take."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator


def _flag(value: object) -> bool:
    if isinstance(value, bool):  # not "yes" nor 1, which pydantic would take
        return value
    raise ValueError("write true or false")


Flag = Annotated[bool, PlainValidator(_flag)]
