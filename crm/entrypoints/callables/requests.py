"""What goes over the wire: the requests of the callables, strictly, and answers as JSON.

Pure. A request is refused for its first fault, by a message that names the key and never repeats
the value: values are personal data, and error messages end up in logs.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from crm.core.errors import Refusal
from crm.core.ids import CustomerId, Id, Text
from crm.customers.reference import CustomerRef
from crm.db.paging import MAX_TOKEN_LENGTH
from crm.entrypoints.callables.numbers import unwrapped

DEFAULT_PAGE: Final = 50

MAX_PAGE: Final = 200

_MAX_KEY_SHOWN: Final = 64


AnyObject = Annotated[object, WithJsonSchema({"type": "object", "additionalProperties": True})]
"""What the use case reads by itself."""

SegmentInput = Annotated[
    object,
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": True}]}
    ),
]
"""A segment in either form of the language; `crm.segments.language.text.parse` reads it."""


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
    def who(self) -> CustomerRef:
        """The customer that is meant."""
        if self.customer_id is not None:
            return CustomerRef("customerId", self.customer_id)
        if self.email is not None:
            return CustomerRef("email", self.email)
        return CustomerRef("userId", self.user_id or "")


class PageRequest(Request):
    """What every list takes."""

    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE)] | None = None
    page_token: Annotated[Text, Field(max_length=MAX_TOKEN_LENGTH)] | None = None

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
        data: What the caller sent, decoded from JSON; null for nothing at all. Numbers may be
            wrapped as the protocol has it.

    Raises:
        Refusal: `invalid-argument`: `unknown-key`, `missing-key`, `not-an-object`, `who`,
            `id-invalid`, `text-invalid`, or `value-invalid` for all else.
    """
    try:
        return kind.model_validate({} if data is None else unwrapped(data))
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
