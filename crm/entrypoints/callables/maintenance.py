"""Looking at everything again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm.core.roles import Role
from crm.entrypoints.answers.jobs import JobBegun
from crm.entrypoints.callables.call import HEAVY, Call, Caller
from crm.entrypoints.callables.requests import Request
from crm.repair import rebuild_job
from crm.runtime.services import Services


class RebuildRequest(Request):
    """`rebuild_customers`."""

    dry_run: bool | None = None


def _rebuild(services: Services, _caller: Caller, request: RebuildRequest) -> Mapping[str, object]:
    dry_run = bool(request.dry_run)
    return {"jobId": rebuild_job.start(services.runner, services.enqueue, dry_run=dry_run)}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "rebuild_customers": Call(Role.ADMIN, RebuildRequest, JobBegun, _rebuild, HEAVY),
}
