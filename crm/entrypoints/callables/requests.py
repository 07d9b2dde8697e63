"""What goes over the wire: the requests of the callables, strictly, and answers as JSON.

Pure. A request is refused for its first fault, by a message that names the key and never repeats
the value: values are personal data, and error messages end up in logs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from crm.core.errors import Refusal
from crm.customers.lookup import Who
from crm.db.paging import MAX_LENGTH

MAX_ID_BYTES: Final = 1_500  # of a Firestore document id


MAX_CUSTOMER_ID: Final = 128
"""Characters; those of CRM-Lite's own have 26. Looked for in lists, which take less than an id."""


DEFAULT_PAGE: Final = 50


MAX_PAGE: Final = 200


_RESERVED: Final = re.compile(r"\.\.?|__.*__", re.DOTALL)  # Firestore refuses such ids


_UNSENDABLE: Final = re.compile("[\x00\ud800-\udfff]")  # JSON can say it, a database cannot hold it


_MAX_KEY_SHOWN: Final = 64


Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def plain(value: str) -> str:
    """Give a text that a database can hold; NUL and lone surrogates are `text-invalid`."""
    if _UNSENDABLE.search(value):
        raise PydanticCustomError("text-invalid", "must be text without NUL and lone surrogates")
    return value


def _id(value: str) -> str:
    if (
        _UNSENDABLE.search(value)
        or not 0 < len(value.encode()) <= MAX_ID_BYTES
        or "/" in value
        or _RESERVED.fullmatch(value)
    ):
        raise PydanticCustomError(
            "id-invalid",
            "must be a document id: 1 to 1,500 bytes, no slash, not `.`, `..` or `__…__`",
        )
    return value


def _customer_id(value: str) -> str:
    if not (value.isascii() and value.isalnum() and len(value) <= MAX_CUSTOMER_ID):
        raise PydanticCustomError(
            "id-invalid", f"must be a customer's id: at most {MAX_CUSTOMER_ID} letters and digits"
        )
    return value


Text = Annotated[str, AfterValidator(plain)]


Id = Annotated[str, AfterValidator(_id)]


CustomerId = Annotated[str, AfterValidator(_customer_id)]


class Request(BaseModel):
    """The arguments of a call. Null is the same as absent: the web SDK sends it for undefined."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class WhoRequest(Request):
    """A customer, by exactly one of three keys."""

    customer_id: CustomerId | None = None
    email: Text | None = None
    user_id: Id | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> WhoRequest:
        if sum(one is not None for one in (self.customer_id, self.email, self.user_id)) != 1:
            raise PydanticCustomError("who", "give exactly one of customerId, email and userId")
        return self

    @property
    def who(self) -> Who:
        """The customer that is meant."""
        if self.customer_id is not None:
            return Who("customerId", self.customer_id)
        if self.email is not None:
            return Who("email", self.email)
        return Who("userId", self.user_id or "")


class PageRequest(Request):
    """What every list takes."""

    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE)] | None = None
    page_token: Annotated[Text, Field(max_length=MAX_LENGTH)] | None = None

    @property
    def size(self) -> int:
        """How many rows are wanted."""
        return DEFAULT_PAGE if self.page_size is None else self.page_size


class NoArguments(Request):
    """A call that is about its caller."""


R = TypeVar("R", bound=Request)


def parse(kind: type[R], data: object) -> R:
    """Read a request.

    Args:
        kind: Its model.
        data: What the caller sent, decoded from JSON; null for nothing at all.

    Raises:
        Refusal: `invalid-argument`: `unknown-key`, `missing-key`, `not-an-object`, `who`,
            `id-invalid`, `text-invalid`, or `value-invalid` for all else.
    """
    try:
        return kind.model_validate({} if data is None else data)
    except ValidationError as error:
        raise _refusal(error) from None


_REASONS: Final = {
    "extra_forbidden": ("unknown-key", "is not a key of this call: leave it out"),
    "missing": ("missing-key", "must be given"),
    "model_type": ("not-an-object", "send the arguments as one JSON object"),
    "string_unicode": ("unknown-key", "use only the keys of this call"),
}


_OWN: Final = {"who", "id-invalid", "text-invalid"}


def _refusal(error: ValidationError) -> Refusal:
    fault = error.errors(include_url=False, include_context=False)[0]
    kind = fault["type"]
    if fault["input"] is None and len(fault["loc"]) == 1 and kind not in _REASONS:
        kind = "missing"  # null is no key, also where one must be
    reason, rule = _REASONS.get(kind, (kind if kind in _OWN else "value-invalid", fault["msg"]))
    key = ".".join(map(str, fault["loc"])).encode("ascii", "backslashreplace").decode()
    text = f"`{key[:_MAX_KEY_SHOWN]}`: {rule}" if key else rule
    return Refusal("invalid-argument", reason, f"The request was refused: {text}.")


def to_json(value: object) -> Json:
    """Give a document or an answer as JSON: times as ISO 8601 in UTC, ending in `Z`.

    Raises:
        TypeError: A value that no answer may hold, such as NaN.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): to_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    raise TypeError(f"an answer cannot hold a {type(value).__name__}")
