"""The callables: one wrapper around each, so that all answer and refuse alike.

Role first, so that a caller without it learns nothing, not even whether the request was well
formed; then the request, before anything is read; then the use case; then JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from crm.core.errors import Conflict, CrmError, described
from crm.core.json import Json, jsonable
from crm.core.roles import require
from crm.entrypoints import watching
from crm.entrypoints.callables import (
    audit,
    campaigns,
    consents,
    customers,
    erasures,
    events,
    exports,
    fields,
    figures,
    imports,
    jobs,
    mail,
    maintenance,
    notes,
    quarantine,
    rule_preview,
    rules,
    saved_segments,
    search,
    segments,
    settings,
    staff,
    tags,
)
from crm.entrypoints.callables.call import Call, Caller
from crm.entrypoints.callables.numbers import wrapped
from crm.entrypoints.callables.requests import parse
from crm.entrypoints.errors import failed
from crm.entrypoints.rate_limit import RateLimit
from crm.runtime import services as runtime
from crm.runtime.services import Services

if TYPE_CHECKING:  # the operator's command knows the calls, and the SDK sets its streams to UTF-8
    from firebase_functions import https_fn

log = logging.getLogger(__name__)

RATE_LIMIT: Final = RateLimit()
"""Of this process."""

CALLS: Final[Mapping[str, Call[Any]]] = {
    **campaigns.CALLS,
    **consents.CALLS,
    **customers.CALLS,
    **erasures.CALLS,
    **events.CALLS,
    **exports.CALLS,
    **fields.CALLS,
    **figures.CALLS,
    **imports.CALLS,
    **jobs.CALLS,
    **mail.CALLS,
    **notes.CALLS,
    **audit.CALLS,
    **saved_segments.CALLS,
    **search.CALLS,
    **segments.CALLS,
    **settings.CALLS,
    **staff.CALLS,
    **tags.CALLS,
    **quarantine.CALLS,
    **rule_preview.CALLS,
    **rules.CALLS,
    **maintenance.CALLS,
}


def answer(
    name: str,
    request: https_fn.CallableRequest[Any],
    services: Callable[[], Services] = runtime.services,
    rate_limit: RateLimit = RATE_LIMIT,
) -> Json:
    """Answer a call.

    Args:
        name: The callable's name, one of `CALLS`.
        request: What the SDK hands over, its ID token verified.
        services: Gives what the use case works with.
        rate_limit: Counts the caller's calls.

    Raises:
        https_fn.HttpsError: With a stable code in `details["reason"]` and a message that says what
            to change. `internal` is a defect.
    """
    try:
        call = CALLS[name]
        auth = request.auth
        role = require(auth.token if auth else None, call.role, recent=call.recent)
        caller = Caller((auth.uid if auth else None) or "", role, auth.token if auth else {})
        rate_limit.admit(name, caller.uid, call.per_minute)
        asked = parse(call.request, request.data)
        acting = services().acting_for(caller.uid)
        if name in watching.CALLS:
            acting = watching.watched(acting)
        if call.confirmed:
            caller = _confirmed(acting, call, caller)
        return jsonable(_done(acting, name, caller, asked), wrapped)
    except Exception as error:
        from firebase_functions import https_fn

        failure = failed(log, name, error)
        code = https_fn.FunctionsErrorCode(failure.code)
        raise https_fn.HttpsError(code, failure.message, failure.details) from None


def _done(services: Services, name: str, caller: Caller, asked: Any) -> Any:
    """Return the use case's result; where it fails over damaged documents, these are mended."""
    call = CALLS[name]
    try:
        return call.run(services, caller, asked)
    except Exception as error:
        # What points to a part that is not there collides for ever.
        if isinstance(error, CrmError) and not isinstance(error, Conflict):
            raise
        from crm.repair.heal import healing

        done = healing(
            services.runner,
            lambda runner: call.run(replace(services, runner=runner), caller, asked),
        )
        log.warning("%s was done again: %s", name, described(error))
        return done


def _confirmed(services: Services, call: Call[Any], caller: Caller) -> Caller:
    """Return the caller as Firebase Auth says now: a token is good for an hour, whatever happens.

    Raises:
        Refusal: As `require` and `Accounts.confirm`.
    """
    claims = services.runner.accounts.confirm({**caller.claims, "uid": caller.uid})
    return Caller(caller.uid, require(claims, call.role, recent=call.recent), claims)
