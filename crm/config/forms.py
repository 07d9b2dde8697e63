"""`[forms.NAME]` in `crm.toml`: forms by which people ask for news."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from crm.core.errors import Refusal
from crm.core.tag_names import label

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")

LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
"""A language tag (BCP 47), as people write them."""

MAX_TEXT: Final = 1_000
"""Characters of what a person agrees to."""


def _texts(value: object) -> Mapping[str, str]:
    if (
        isinstance(value, dict)
        and value
        and all(isinstance(one, str) and LANGUAGE.fullmatch(one) for one in value)
        and all(isinstance(t, str) and 0 < len(t.strip()) <= MAX_TEXT for t in value.values())
    ):
        return {language: text.strip() for language, text in value.items()}
    raise ValueError(
        'write what people agree to, in each language: text = { en = "Yes, send me …", de = "…" }'
    )


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and len(value) <= 10 and all(isinstance(t, str) for t in value):
        try:
            return tuple(label(one) for one in value)
        except Refusal as wrong:
            raise ValueError(str(wrong)) from None
    raise ValueError('write a list of tags such as ["newsletter"]')


def _number(what: str) -> PlainValidator:
    def check(value: object) -> int:
        if type(value) is int and 1 <= value <= MAX_MAILS:
            return value
        raise ValueError(f"write a whole number of {what} from 1 to {MAX_MAILS}")

    return PlainValidator(check)


MAX_MAILS: Final = 100_000
"""Of confirmation mails in an hour."""

Mails = Annotated[int, _number("mails in an hour")]


class Form(BaseModel):
    """One form.

    Attributes:
        text: What people agree to, by language (BCP 47); the first one is the form's own.
        tags: Labels of tags that whoever confirms is given.
        per_network: Confirmation mails in an hour at most that one network may cause.
        per_hour: Confirmation mails of the form in an hour at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[Mapping[str, str], PlainValidator(_texts)]
    tags: Annotated[tuple[str, ...], PlainValidator(_tags)] = Field(default=())
    per_network: Mails = 20
    per_hour: Mails = 200

    def language(self, wanted: Iterable[str]) -> str:
        """Return the language of the text for whoever wants these, the most wanted first.

        Args:
            wanted: What a visitor or a browser says, whatever that is: it is compared, no more.
        """
        for tag in wanted:
            short = tag.partition("-")[0].lower()
            exact = [one for one in self.text if one.lower() == tag.lower()]
            near = [one for one in self.text if one.partition("-")[0] == short]
            for found in (*exact, *near):
                return found
        return next(iter(self.text))

    def version(self, language: str) -> str:
        """Return what a text is known by in a proof: 12 digits of its SHA-256."""
        return hashlib.sha256(self.text[language].encode()).hexdigest()[:12]


def _named(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError("write a table for each form: [forms.newsletter]")
    for name in value:
        if not _NAME.fullmatch(name):
            raise ValueError(f'"{name}": name it with small letters, digits and hyphens')
    return value


Forms = Annotated[Mapping[str, Form], BeforeValidator(_named)]
