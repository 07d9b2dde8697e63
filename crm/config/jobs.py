"""`[jobs]` in `crm.toml`: how much of the project long work may take."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, PlainValidator

MOST_WORKERS: Final = 32


def _workers(value: object) -> int:
    if type(value) is int and 1 <= value <= MOST_WORKERS:
        return value
    raise ValueError(f"write a whole number from 1 to {MOST_WORKERS}")


class JobSettings(BaseModel):
    """`[jobs]`.

    Attributes:
        workers: How many workers one job has at a time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    workers: Annotated[int, PlainValidator(_workers)] = 8
