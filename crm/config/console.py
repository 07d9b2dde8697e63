"""`[console]` in `crm.toml`: how staff get into the console, and where its links lead."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, PlainValidator

PASSWORD: Final = "password"  # noqa: S105

ORDER_ID: Final = "{orderId}"

_PROVIDER: Final = re.compile(r"password|google\.com|(saml|oidc)\.[a-z0-9][a-z0-9.-]{0,63}")
"""Of Firebase Auth; ids of SAML and OIDC providers begin with their kind."""

_PLAIN: Final = re.compile(r"[!-~]+")

MAX_LABEL: Final = 60
"""Characters of what stands on a button."""

_NAMES: Final = {PASSWORD: "", "google.com": "Google"}

HOW: Final = (
    'write a list out of "password", "google.com", "saml.…" and "oidc.…", each once; what stands on'
    ' its button by { id = "saml.acme", label = "ACME" }'
)


class Provider(BaseModel):
    """One way to sign in.

    Attributes:
        id: `password`, or the provider's id in Firebase Auth.
        label: What stands on its button.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    label: str = ""


def _provider(value: object) -> Provider:
    held: Any = {"id": value} if isinstance(value, str) else value
    if isinstance(held, Provider):
        return held
    if not isinstance(held, dict) or not held.keys() <= {"id", "label"}:
        raise ValueError(HOW)
    name, label = held.get("id"), held.get("label", "")
    if not isinstance(name, str) or not _PROVIDER.fullmatch(name):
        raise ValueError(HOW)
    if not isinstance(label, str) or len(label) > MAX_LABEL or not label.isprintable():
        raise ValueError(f"label: write at most {MAX_LABEL} characters in one line")
    return Provider(id=name, label=label.strip() or _NAMES.get(name, name.partition(".")[2]))


def _providers(value: object) -> tuple[Provider, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(HOW)
    found = tuple(map(_provider, value))
    if len({one.id for one in found}) < len(found):
        raise ValueError(HOW)
    return found


def _order_url(value: object) -> str:
    if isinstance(value, str) and (
        not value
        or (
            re.match(r"https://[a-z0-9.-]+(:[0-9]+)?/", value)
            and _PLAIN.fullmatch(value)
            and value.count(ORDER_ID) == 1
            and not re.search(r"[{}\"<>\\]", value.replace(ORDER_ID, ""))
        )
    ):
        return value
    raise ValueError(
        "write an https address with {orderId} where the order's id belongs, such as"
        ' "https://shop.example.com/admin/orders/{orderId}", "" for none'
    )


def _site_key(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{0,100}", value):
        return value
    raise ValueError('write the site key of reCAPTCHA Enterprise, "" for none')


def _hours(value: object) -> int:
    if type(value) is int and 1 <= value <= 720:
        return value
    raise ValueError("write a whole number of hours from 1 to 720")


class ConsoleSettings(BaseModel):
    """`[console]`.

    Attributes:
        order_url: The host's own page of an order, with `{orderId}` in it; empty for none.
        sign_in: The ways to sign in, in their order on the page.
        app_check_key: The site key with which the console gets App Check tokens; empty for none.
        session_hours: So long after signing in the console asks for it again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    order_url: Annotated[str, PlainValidator(_order_url)] = ""
    sign_in: Annotated[tuple[Provider, ...], PlainValidator(_providers)] = (Provider(id=PASSWORD),)
    app_check_key: Annotated[str, PlainValidator(_site_key)] = ""
    session_hours: Annotated[int, PlainValidator(_hours)] = 12
