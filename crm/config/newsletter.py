"""`[newsletter]` in `crm.toml`: what every newsletter must carry."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainValidator

from crm.config.forms import LANGUAGE


def _https(value: object) -> str:
    # RFC 8058 takes nothing but https; the link's token is put behind it as the only parameter.
    if isinstance(value, str) and re.fullmatch(
        r"(https://[a-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9_./~-]*)?", value
    ):
        return value
    raise ValueError('write an https address without "?" such as "https://example.com/unsubscribe"')


def _language(value: object) -> str:
    if isinstance(value, str) and (not value or LANGUAGE.fullmatch(value)):
        return value
    raise ValueError('write a language such as "en", "de" or "pt-BR"')


class Newsletter(BaseModel):
    """`[newsletter]`.

    Attributes:
        unsubscribe_url: Where unsubscribe links lead: an address of the host's own that hands
            requests on to the function `unsubscribe`; empty for the function's own address.
        language: The language of mails that ask to confirm an opt-in of an order (BCP 47); empty
            for the first form's own, or English.
        opt_in: Whether a ticked box beside an address that nobody has proven subscribes it
            (`single`), or waits for a confirmation (`double`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    unsubscribe_url: Annotated[str, PlainValidator(_https)] = ""
    language: Annotated[str, PlainValidator(_language)] = ""
    opt_in: Literal["single", "double"] = "single"

    @property
    def double(self) -> bool:
        """Whether an opt-in of whoever has proven nothing needs a confirmation always."""
        return self.opt_in == "double"
