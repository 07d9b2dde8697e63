"""What the HTTP request of a callable must be, before anybody looks into it.

The protocol: https://firebase.google.com/docs/functions/callable-reference. The SDK answers 500
`internal` to much of what is refused here by name, and logs what it does not know.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from crm.core.errors import Refusal

MAX_BYTES: Final = 1024 * 1024
"""Of a body. The largest call there is, 500 ids of 1,500 bytes, takes some 750 kB."""

MAX_DEPTH: Final = 64
"""Of arrays and objects in each other; a segment of 8 levels takes less than 30."""


def check_head(method: str, content_type: str) -> None:
    """Check what comes before the body.

    Args:
        method: The HTTP method.
        content_type: The media type, without parameters.

    Raises:
        Refusal: `invalid-argument` (`not-post`, `content-type`).
    """
    if method != "POST":
        raise _refusal("not-post", "send it by POST")
    if content_type.lower() != "application/json":
        raise _refusal("content-type", "send it with Content-Type: application/json")


def check_size(size: int | None, most: int = MAX_BYTES) -> None:
    """Check the length of a body.

    Args:
        size: In bytes; None where it is not known yet.
        most: Bytes that it may have.

    Raises:
        Refusal: `invalid-argument` (`body-too-large`).
    """
    if size is not None and size > most:
        raise _refusal("body-too-large", f"send at most {most:,} bytes")


def check_body(body: bytes, most: int = MAX_BYTES) -> None:
    """Check that a body is `{"data": …}` and nothing else, in JSON as RFC 8259 has it.

    Args:
        body: The body.
        most: Bytes that it may have.

    Raises:
        Refusal: `invalid-argument` (`body-too-large`, `not-json`, `too-deep`, `not-an-object`,
            `missing-key`, `unknown-key`).
    """
    check_size(len(body), most)
    try:
        sent = json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise _refusal("not-json", 'send JSON in UTF-8, of the form {"data": …}') from None
    if _depth_exceeds(sent, MAX_DEPTH):
        raise _too_deep()
    if not isinstance(sent, Mapping):
        raise _refusal("not-an-object", 'send one JSON object, of the form {"data": …}')
    if "data" not in sent:
        raise _refusal("missing-key", 'put the arguments under the key "data"')
    if len(sent) > 1:
        raise _refusal("unknown-key", 'send no key besides "data"')


def _depth_exceeds(value: object, most: int) -> bool:
    level: list[Any] = [value]
    for _ in range(most + 1):
        inner = [one.values() if isinstance(one, dict) else one for one in level if _holds(one)]
        if not inner:
            return False
        level = [one for values in inner for one in values]
    return True


def _holds(value: object) -> bool:
    return isinstance(value, dict | list)


def _refuse(constant: str) -> float:
    raise ValueError(constant)  # NaN and infinities, which JSON does not have


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _too_deep() -> Refusal:
    return _refusal("too-deep", f"nest arrays and objects at most {MAX_DEPTH} levels deep")


def _refusal(reason: str, rule: str) -> Refusal:
    return Refusal("invalid-argument", reason, f"The request was refused: {rule}.")
