"""The callables: one wrapper around each, so that all answer and refuse alike.

Role first, so that a caller without it learns nothing, not even whether the request was well
formed; then the request, before anything is read; then the use case; then JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from firebase_functions import https_fn

from crm import lookup, runtime
from crm.access import Person, Role, require
from crm.claim import claim_orders
from crm.errors import ConfigError, Conflict, Refusal, Transient, place_of
from crm.merge_plan import plan_merge
from crm.runtime import Services
from crm.tokens import PageTokens
from crm.unmerge_plan import plan_unmerge
from crm.wire import (
    Json,
    MergeRequest,
    NoArguments,
    OrdersRequest,
    Request,
    UnmergeRequest,
    WhoRequest,
    parse,
    to_json,
)

log = logging.getLogger(__name__)
R = TypeVar("R", bound=Request)


@dataclass(frozen=True)
class Caller:
    """Who calls."""

    uid: str
    role: Role | None


@dataclass(frozen=True)
class Call(Generic[R]):
    """A callable.

    Attributes:
        role: The lowest role that may call it, or what the caller's own account must be.
        request: The model of its arguments.
        run: Its use case.
    """

    role: Role | Person
    request: type[R]
    run: Callable[[Services, Caller, R], Mapping[str, object]]


def _get_customer(services: Services, _caller: Caller, request: WhoRequest) -> Mapping[str, object]:
    return lookup.get_customer(services.store, services.keys, request.who)


def _list_orders(
    services: Services, caller: Caller, request: OrdersRequest
) -> Mapping[str, object]:
    tokens = PageTokens(services.keys.derive("page-token"))
    return lookup.list_orders(
        services.store,
        services.keys,
        tokens,
        caller.uid,
        request.customer_id,
        request.size,
        request.page_token,
    )


def _merge(services: Services, _caller: Caller, request: MergeRequest) -> Mapping[str, object]:
    plan, _ = services.runner.carry_out(
        lambda reading, context: plan_merge(
            reading,
            context,
            request.source_id,
            request.target_id,
            dry_run=bool(request.dry_run),
            allow_two_users=bool(request.allow_two_users),
        )
    )
    done = {"mergeId": plan.merge_id, "customer": plan.customer}
    if not request.dry_run:
        return done
    return {
        **done,
        "moves": plan.moves,
        "stops": _reasons(plan.stops),
        "warnings": _reasons(plan.warnings),
    }


def _reasons(reasons: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{"reason": reason, "message": message} for reason, message in reasons.items()]


def _unmerge(services: Services, _caller: Caller, request: UnmergeRequest) -> Mapping[str, object]:
    plan, _ = services.runner.carry_out(
        lambda reading, context: plan_unmerge(reading, context, request.merge_id)
    )
    return {"customers": plan.customers}


def _claim(services: Services, caller: Caller, _request: NoArguments) -> Mapping[str, object]:
    return {"linked": claim_orders(services.runner, caller.uid)}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "get_customer": Call(Role.VIEWER, WhoRequest, _get_customer),
    "list_orders": Call(Role.VIEWER, OrdersRequest, _list_orders),
    "merge_customers": Call(Role.EDITOR, MergeRequest, _merge),
    "unmerge_customers": Call(Role.EDITOR, UnmergeRequest, _unmerge),
    "claim_my_orders": Call(Person.VERIFIED, NoArguments, _claim),
}


def answer(
    name: str,
    request: https_fn.CallableRequest[Any],
    services: Callable[[], Services] = runtime.services,
) -> Json:
    """Answer a call.

    Args:
        name: The callable's name, one of `CALLS`.
        request: What the SDK hands over, its ID token verified.
        services: Gives what the use case works with.

    Raises:
        https_fn.HttpsError: With a stable code in `details["reason"]` and a message that says what
            to change. `internal` is a defect.
    """
    try:
        call = CALLS[name]
        auth = request.auth
        role = require(auth.token if auth else None, call.role)
        caller = Caller((auth.uid if auth else None) or "", role)
        return to_json(call.run(services(), caller, parse(call.request, request.data)))
    except Refusal as refusal:
        raise _error(refusal.code, refusal.reason, refusal.message) from None
    except Conflict:
        text = "Somebody else kept changing the same customer: call again."
        raise _error("aborted", "conflict", text) from None
    except Transient:
        text = "The service did not answer in time: call again in a moment."
        raise _error("unavailable", "unavailable", text) from None
    except ConfigError as error:
        log.error("%s: %s", name, error)  # names a key of the configuration, no customer
        raise _error("failed-precondition", "configuration", str(error)) from None
    except Exception as error:
        log.error("%s failed: %s at %s", name, type(error).__name__, place_of(error))
        text = "This is a defect of CRM-Lite: its log says more."
        raise _error("internal", "internal", text) from None


def _error(code: str, reason: str, message: str) -> https_fn.HttpsError:
    return https_fn.HttpsError(https_fn.FunctionsErrorCode(code), message, {"reason": reason})
