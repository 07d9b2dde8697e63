"""Whether mails arrive: a sender's test mail, judged, and addresses that staff know better of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from crm.consent.reach import Evidence, plan_reachable
from crm.core.ids import CustomerId
from crm.core.roles import Role
from crm.entrypoints.answers.consents import MarketingHeld, SenderJudged
from crm.entrypoints.callables.call import Call, Caller
from crm.entrypoints.callables.requests import Request
from crm.mail.readiness import MAX_HEADERS, judge
from crm.runtime.services import Services


def _headers(value: str) -> str:
    if not value.strip() or len(value.encode("utf-8", "surrogatepass")) > MAX_HEADERS:
        raise PydanticCustomError(
            "headers", f"must be the headers of a mail, at most {MAX_HEADERS:,} bytes"
        )
    return value


class SenderRequest(Request):
    """`check_sender`."""

    headers: Annotated[str, AfterValidator(_headers)]


class ReachableRequest(Request):
    """`set_reachable`."""

    customer_id: CustomerId
    evidence: Evidence


def _check_sender(
    _services: Services, _caller: Caller, request: SenderRequest
) -> Mapping[str, object]:
    return judge(request.headers).to_json()


def _set_reachable(
    services: Services, _caller: Caller, request: ReachableRequest
) -> Mapping[str, object]:
    plan, _ = services.runner.run(
        lambda tx: plan_reachable(tx, request.customer_id, request.evidence)
    )
    return {"marketing": plan.result}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "check_sender": Call(Role.EDITOR, SenderRequest, SenderJudged, _check_sender),
    "set_reachable": Call(Role.EDITOR, ReachableRequest, MarketingHeld, _set_reachable),
}
