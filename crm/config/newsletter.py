"""`[newsletter]` in `crm.toml`: what every newsletter must carry."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainValidator


def _https(value: object) -> str:
    # RFC 8058 takes nothing but https; the link's token is put behind it as the only parameter.
    if isinstance(value, str) and re.fullmatch(
        r"(https://[a-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9_./~-]*)?", value
    ):
        return value
    raise ValueError('write an https address without "?" such as "https://example.com/unsubscribe"')


class Newsletter(BaseModel):
    """`[newsletter]`.

    Attributes:
        unsubscribe_url: Where unsubscribe links lead: an address of the host's own that hands
            requests on to the function `unsubscribe`; empty for the function's own address.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    unsubscribe_url: Annotated[str, PlainValidator(_https)] = ""
