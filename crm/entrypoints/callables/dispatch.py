"""The callables: one wrapper around each, so that all answer and refuse alike.

Role first, so that a caller without it learns nothing, not even whether the request was well
formed; then the request, before anything is read; then the use case; then JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from firebase_functions import https_fn

from crm.core.errors import ConfigError, Conflict, Refusal, Transient, place_of
from crm.core.json import Json, to_json
from crm.core.roles import require
from crm.entrypoints.callables import (
    audit,
    consents,
    customers,
    erasures,
    exports,
    jobs,
    maintenance,
    quarantine,
    saved_segments,
    search,
    segments,
    tags,
)
from crm.entrypoints.callables.call import Call, Caller
from crm.entrypoints.callables.requests import parse
from crm.entrypoints.rate_limit import Throttle
from crm.runtime import services as runtime
from crm.runtime.services import Services

log = logging.getLogger(__name__)

THROTTLE: Final = Throttle()
"""Of this process."""

CALLS: Final[Mapping[str, Call[Any]]] = {
    **consents.CALLS,
    **customers.CALLS,
    **erasures.CALLS,
    **exports.CALLS,
    **jobs.CALLS,
    **audit.CALLS,
    **saved_segments.CALLS,
    **search.CALLS,
    **segments.CALLS,
    **tags.CALLS,
    **quarantine.CALLS,
    **maintenance.CALLS,
}


def answer(
    name: str,
    request: https_fn.CallableRequest[Any],
    services: Callable[[], Services] = runtime.services,
    throttle: Throttle = THROTTLE,
) -> Json:
    """Answer a call.

    Args:
        name: The callable's name, one of `CALLS`.
        request: What the SDK hands over, its ID token verified.
        services: Gives what the use case works with.
        throttle: Counts the caller's calls.

    Raises:
        https_fn.HttpsError: With a stable code in `details["reason"]` and a message that says what
            to change. `internal` is a defect.
    """
    try:
        call = CALLS[name]
        auth = request.auth
        role = require(auth.token if auth else None, call.role)
        caller = Caller((auth.uid if auth else None) or "", role, auth.token if auth else {})
        throttle.admit(name, caller.uid, call.per_minute)
        asked = parse(call.request, request.data)
        return to_json(call.run(services().acting_for(caller.uid), caller, asked))
    except Refusal as refusal:
        raise _error(refusal.code, refusal.reason, refusal.message, refusal.more) from None
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


def _error(
    code: str, reason: str, message: str, more: Mapping[str, object] | None = None
) -> https_fn.HttpsError:
    details = {"reason": reason, **(more or {})}
    return https_fn.HttpsError(https_fn.FunctionsErrorCode(code), message, details)
