"""Recording what people decided about marketing, and giving mail senders the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from crm.consent.plan import no_address, plan_consent
from crm.consent.records import Evidence, Status
from crm.core.ids import CustomerId, plain
from crm.core.roles import Role
from crm.customers import lookup
from crm.customers.customer import mail_address
from crm.entrypoints.answers.consents import ConsentsPage, MarketingHeld, UnsubscribeLink
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request, WhoRequest
from crm.newsletter import unsubscribe_link
from crm.privacy.consent_records import list_consents
from crm.runtime.services import Services

MAX_EVIDENCE: Final = 1_000
"""Characters, names and texts together."""

MAX_TEXTS: Final = 10

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def _evidence(value: object) -> Evidence:
    if isinstance(value, str) and value.strip() and len(value) <= MAX_EVIDENCE:
        return plain(value)
    if (
        isinstance(value, dict)
        and 0 < len(value) <= MAX_TEXTS
        and all(isinstance(name, str) and _NAME.fullmatch(name) for name in value)
        and all(isinstance(text, str) and text.strip() for text in value.values())
        and sum(map(len, (*value, *value.values()))) <= MAX_EVIDENCE
    ):
        return {name: plain(text) for name, text in value.items()}
    raise PydanticCustomError(
        "evidence",
        f"must be a text of 1 to {MAX_EVIDENCE:,} characters, or up to {MAX_TEXTS} texts by name"
        ' ({"source": "…", "textVersion": "…"}) with as many characters together',
    )


EvidenceGiven = Annotated[Evidence, PlainValidator(_evidence, json_schema_input_type=Evidence)]


class ConsentRequest(Request):
    """`set_consent`."""

    customer_id: CustomerId
    status: Status
    evidence: EvidenceGiven | None = None


class ConsentsRequest(WhoRequest, PageRequest):
    """`list_consents`."""


def _set_consent(
    services: Services, _caller: Caller, request: ConsentRequest
) -> Mapping[str, object]:
    call_id = services.runner.new_id()
    plan, _ = services.runner.run(
        lambda tx: plan_consent(tx, call_id, request.customer_id, request.status, request.evidence)
    )
    return {"marketing": plan.result}


def _list_consents(
    services: Services, caller: Caller, request: ConsentsRequest
) -> Mapping[str, object]:
    pager = pager_of(services, caller, request)
    return list_consents(services.runner, pager, request.who)


def _get_unsubscribe_headers(
    services: Services, _caller: Caller, request: WhoRequest
) -> Mapping[str, object]:
    _, customer, _ = lookup.find_anybody(services.runner, request.who)
    address = mail_address(customer)
    if address is None:
        raise no_address()
    landing = unsubscribe_link.landing(services.settings.newsletter, services.function_url)
    link = unsubscribe_link.link(services.keys, landing, address)
    return {"url": link, "headers": unsubscribe_link.headers(link)}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "set_consent": Call(Role.EDITOR, ConsentRequest, MarketingHeld, _set_consent),
    "list_consents": Call(Role.VIEWER, ConsentsRequest, ConsentsPage, _list_consents),
    "get_unsubscribe_headers": Call(
        Role.EDITOR, WhoRequest, UnsubscribeLink, _get_unsubscribe_headers
    ),
}
