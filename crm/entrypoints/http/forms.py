"""What forms that anybody posts have in common: a body with a limit, and a language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Final

from flask import Request
from werkzeug.formparser import FormDataParser

MAX_BODY: Final = 16_384
"""Bytes of a form that is read."""

MULTIPART: Final = "multipart/form-data"

URLENCODED: Final = "application/x-www-form-urlencoded"

JSON: Final = "application/json"


class TooLarge(Exception):
    """A body with more than `MAX_BODY` bytes."""


class NotJson(Exception):
    """A body that says that it is JSON, and is no JSON object."""


def fields(request: Request) -> Mapping[str, str]:
    """Return what a post says, by field; what is no text is left out.

    Raises:
        TooLarge, NotJson: It cannot be read.
    """
    body = request.stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        # To its end, or who sends it meets a broken connection instead of the answer.
        while request.stream.read(MAX_BODY):
            pass
        raise TooLarge
    if request.mimetype == JSON:
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            raise NotJson from None
        if not isinstance(said, dict):
            raise NotJson
        return {name: value for name, value in said.items() if isinstance(value, str)}
    kind = request.mimetype if request.mimetype == MULTIPART else URLENCODED
    _, form, _ = FormDataParser().parse(
        BytesIO(body), kind, len(body), dict(request.mimetype_params)
    )
    return form.to_dict()


def wanted_languages(request: Request, first: str = "") -> Iterator[str]:
    """Return the languages that somebody wants: one that was named, then the browser's."""
    if first:
        yield first
    yield from request.accept_languages.values()  # the most wanted first
