"""The HTTP function `export_segment_csv`: the newsletter list as a file.

Not a callable, because a list is streamed, however long it is, and not a file in a bucket: that
would be one more place that holds addresses and has to be erased from. It answers errors as
callables do, in JSON with a status. Whatever can be refused is refused before the first byte; after
it an error cuts the connection, for half of a list that looks whole would be worse than none. There
is no going on where a list was cut: ask again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal

from flask import Request as HttpRequest
from flask import Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm.core.errors import Refusal
from crm.core.ids import Id, Text
from crm.core.roles import Claims, Role, require
from crm.db.retry import INTERACTIVE
from crm.entrypoints.callables.requests import Request, parse
from crm.entrypoints.errors import Failure, failed
from crm.entrypoints.rate_limit import RateLimit
from crm.firebase import auth
from crm.newsletter import unsubscribe_link
from crm.newsletter.csv_rows import EXCEL, MARKED, PLAIN, Form
from crm.newsletter.export import ListExport, digest, export
from crm.runtime import services as runtime
from crm.runtime.services import Services
from crm.segments import saved
from crm.segments.asking import understand
from crm.segments.language.ast import Node, Saved, too_deep
from crm.segments.language.json_form import parse_json
from crm.segments.language.text import parse_text
from crm.segments.saved_plan import unknown_segment

log = logging.getLogger(__name__)

PER_MINUTE: Final = 30
"""Lists that one caller may begin in a minute, at one instance."""

RATE_LIMIT: Final = RateLimit()
"""Of this process."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer."""


class CsvRequest(Request):
    """The parameters of `export_segment_csv`."""

    segment_id: Id | None = None
    segment: Text | None = None
    bom: Literal["true", "false"] | None = None
    opened_by: Literal["excel"] | None = Field(default=None, alias="for")

    @model_validator(mode="after")
    def _exactly_one(self) -> CsvRequest:
        if (self.segment_id is None) == (self.segment is None):
            raise PydanticCustomError("value", "give exactly one of segmentId and segment")
        return self

    @property
    def form(self) -> Form:
        """How the file is to be written."""
        if self.opened_by == "excel":
            return EXCEL
        return MARKED if self.bom == "true" else PLAIN


def answer(
    request: HttpRequest,
    services: Callable[[], Services] = runtime.services,
    verified: Callable[[str], Claims] = auth.verified,
    rate_limit: RateLimit = RATE_LIMIT,
) -> Response:
    """Answer a request.

    Args:
        request: What came, from anybody.
        services: Gives what the use case works with.
        verified: Gives the claims of an ID token, or refuses it.
        rate_limit: Counts the caller's requests.
    """
    if request.method != "GET":
        text = "This is a list to be read: use GET."
        refused = _refused(Failure("invalid-argument", "method", text))
        refused.status_code = 405
        refused.headers["Allow"] = "GET, OPTIONS"
        return refused
    try:
        claims = _claims(request, verified)
        require(claims, Role.EDITOR)
        uid = str((claims or {})["uid"])
        rate_limit.admit("export_segment_csv", uid, PER_MINUTE)
        require(services().runner.accounts.confirm(claims or {}), Role.EDITOR)
        return _answer(request, services, uid)
    except Exception as error:
        return _refused(failed(log, "export_segment_csv", error))


def _answer(request: HttpRequest, services: Callable[[], Services], uid: str) -> Response:
    wanted = parse(CsvRequest, _parameters(request))
    node = _parse(wanted.segment) if wanted.segment is not None else None
    acting = services().acting_for(uid)
    whole, named = _question(acting, wanted.segment_id, node)
    landing = unsubscribe_link.landing(acting.settings.newsletter, acting.function_url)
    link = partial(unsubscribe_link.link, acting.keys, landing)
    runner = acting.runner
    lines = export(runner, ListExport(runner.new_id(), whole, named, link, wanted.form))
    name = f"newsletter-{runner.now():%Y-%m-%d}.csv"
    return Response(
        lines,
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'},
        content_type=f"text/csv; charset={wanted.form.charset}",
    )


def _claims(request: HttpRequest, verified: Callable[[str], Claims]) -> Claims | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return verified(token.strip()) if kind.lower() == "bearer" else None


def _parameters(request: HttpRequest) -> dict[str, Any]:
    if any(len(values) > 1 for values in request.args.listvalues()):
        text = "The request was refused: write each parameter once."
        raise Refusal("invalid-argument", "value-invalid", text)
    return request.args.to_dict()


def _parse(segment: str) -> Node:
    """Read a segment in the form that it has: only JSON begins with a brace."""
    if not segment.lstrip().startswith("{"):
        return parse_text(segment)
    try:
        return parse_json(json.loads(segment))
    except RecursionError:
        raise too_deep() from None
    except ValueError:
        text = "The segment was refused: it begins as JSON does, and is none."
        raise Refusal("invalid-argument", "segment-invalid", text) from None


def _question(
    services: Services, segment_id: str | None, node: Node | None
) -> tuple[Node, dict[str, str]]:
    """Return what is asked, as the engine takes it, and how the audit trail names it."""
    if segment_id is None:
        assert node is not None
        whole = understand(services.runner, node, doubting=False).whole
        return whole, {"question": digest(services.keys, whole)}
    found = INTERACTIVE.call(lambda: saved.find_segment(services.runner, segment_id))
    if found is None:
        raise unknown_segment()
    whole = understand(services.runner, Saved(found.id), doubting=False).whole
    return whole, {"segment": found.id}


def _refused(failure: Failure) -> Response:
    response = Response(
        json.dumps(failure.body), failure.status, HEADERS, mimetype="application/json"
    )
    if failure.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retryAfterSeconds" in failure.more:
        response.headers["Retry-After"] = str(failure.more["retryAfterSeconds"])
    return response
