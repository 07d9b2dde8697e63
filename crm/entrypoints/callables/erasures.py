"""Erasing a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from crm.core.ids import Text
from crm.core.roles import Person, Role
from crm.entrypoints.answers.privacy import Erased
from crm.entrypoints.callables.call import HEAVY, Call, Caller
from crm.entrypoints.callables.requests import Request, WhoRequest
from crm.privacy.erasure.erase import erase
from crm.privacy.erasure.reason import OWN
from crm.privacy.own import SignedIn, catch_up
from crm.runtime.services import Services

MAX_REASON: Final = 500  # characters


class EraseRequest(WhoRequest):
    """`delete_customer`."""

    reason: Annotated[Text, Field(pattern=r"\S", max_length=MAX_REASON)]
    force: bool | None = None


class EraseOwnRequest(Request):
    """`delete_my_data`."""

    confirm: bool | None = None


def _erase(services: Services, _caller: Caller, request: EraseRequest) -> Mapping[str, object]:
    return erase(
        services.runner,
        services.enqueue,
        request.who,
        reason=request.reason,
        force=bool(request.force),
    )


def _erase_own(
    services: Services, caller: Caller, request: EraseOwnRequest
) -> Mapping[str, object]:
    person = SignedIn(caller.uid, caller.address)
    catch_up(services.runner, person)
    return erase(
        services.runner,
        services.enqueue,
        person,
        reason=OWN,
        confirm=bool(request.confirm),
    )


CALLS: Final[Mapping[str, Call[Any]]] = {
    "delete_customer": Call(Role.ADMIN, EraseRequest, Erased, _erase, HEAVY),
    "delete_my_data": Call(Person.RECENT, EraseOwnRequest, Erased, _erase_own, HEAVY),
}
