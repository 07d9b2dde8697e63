"""The callables: one wrapper around each, so that all answer and refuse alike.

Role first, so that a caller without it learns nothing, not even whether the request was well
formed; then the request, before anything is read; then the use case; then JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final, Generic, TypeVar

from firebase_functions import https_fn

from crm import lookup, runtime
from crm.access import Role, require
from crm.errors import ConfigError, Conflict, Refusal, Transient
from crm.runtime import Services
from crm.tokens import PageTokens
from crm.wire import Json, OrdersRequest, Request, WhoRequest, parse, to_json

log = logging.getLogger(__name__)
R = TypeVar("R", bound=Request)


@dataclass(frozen=True)
class Caller:
    """Who calls."""

    uid: str
    role: Role


@dataclass(frozen=True)
class Call(Generic[R]):
    """A callable.

    Attributes:
        role: The lowest role that may call it.
        request: The model of its arguments.
        run: Its use case.
    """

    role: Role
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


CALLS: Final[Mapping[str, Call[Any]]] = {
    "get_customer": Call(Role.VIEWER, WhoRequest, _get_customer),
    "list_orders": Call(Role.VIEWER, OrdersRequest, _list_orders),
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
        log.error("%s failed: %s at %s", name, type(error).__name__, _place(error))
        text = "This is a defect of CRM-Lite: its log says more."
        raise _error("internal", "internal", text) from None


def _error(code: str, reason: str, message: str) -> https_fn.HttpsError:
    return https_fn.HttpsError(https_fn.FunctionsErrorCode(code), message, {"reason": reason})


def _place(error: Exception) -> str:
    """Say where an error was raised: a file's name and a line, and none of the values there."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
