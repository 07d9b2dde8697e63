"""Erasing a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from crm.core.ids import Text
from crm.core.roles import Person, Role
from crm.customers.lookup import own
from crm.entrypoints.callables.call import HEAVY, Call, Caller
from crm.entrypoints.callables.requests import NoArguments, WhoRequest
from crm.privacy.erasure.erase import erase
from crm.runtime.services import Services

MAX_REASON: Final = 500  # characters

OWN_REASON: Final = "asked by the person, signed in"


class EraseRequest(WhoRequest):
    """`delete_customer`."""

    reason: Annotated[Text, Field(pattern=r"\S", max_length=MAX_REASON)]
    force: bool | None = None


def _erase(services: Services, _caller: Caller, request: EraseRequest) -> Mapping[str, object]:
    return erase(
        services.runner,
        services.enqueue,
        request.who,
        reason=request.reason,
        force=bool(request.force),
    )


def _erase_own(services: Services, caller: Caller, _request: NoArguments) -> Mapping[str, object]:
    who = own(services.runner, caller.uid, str(caller.claims.get("email") or ""))
    return erase(services.runner, services.enqueue, who, reason=OWN_REASON, uids=[caller.uid])


CALLS: Final[Mapping[str, Call[Any]]] = {
    "delete_customer": Call(Role.ADMIN, EraseRequest, _erase, HEAVY),
    "delete_my_data": Call(Person.RECENT, NoArguments, _erase_own, HEAVY),
}
