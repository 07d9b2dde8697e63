"""`[erasure]` in `crm.toml`: what an erasure does to the host's orders, and what holds it up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainValidator

from crm.config.values import Flag


def _paths(value: object) -> tuple[tuple[str, ...], ...]:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        paths = tuple(tuple(one.split(".")) for one in value)
        if all(key.strip() and not key.startswith("^") for path in paths for key in path):
            return paths
    raise ValueError('write a list of paths into an order such as ["billing.address", "notes"]')


def _years(value: object) -> int:
    if type(value) is int and 0 <= value <= 100:
        return value
    raise ValueError("write a whole number of years")


def _line(value: object) -> str:
    if isinstance(value, str) and value.strip() and "\n" not in value:
        return value
    raise ValueError("write one line of text")


class ErasureSettings(BaseModel):
    """`[erasure]`.

    Attributes:
        orders: What becomes of the host's orders of the person: the personal fields make way for a
            pseudonym, the documents are deleted, or they are left as they are.
        order_fields: Paths into an order that are personal besides those of `[orders.fields]`; a
            list on the way stands for each of its elements.
        hold_future_events: Whether a ticket for an event that has not begun stops an erasure.
        basis: Why records of orders are kept, as reports tell it.
        keep_years: For how long, from the end of the year of the newest one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    orders: Literal["pseudonymise", "delete", "keep"] = "pseudonymise"
    order_fields: Annotated[tuple[tuple[str, ...], ...], PlainValidator(_paths)] = ()
    hold_future_events: Flag = True
    basis: Annotated[str, PlainValidator(_line)] = (
        "bookkeeping and tax law (GDPR art. 6(1)(c), art. 17(3)(b))"
    )
    keep_years: Annotated[int, PlainValidator(_years)] = 10
