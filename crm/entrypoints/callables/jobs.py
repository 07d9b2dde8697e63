"""Looking at long work, stopping it, and taking it up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm.core.ids import Id
from crm.core.roles import Role
from crm.db.retry import INTERACTIVE
from crm.entrypoints.answers.jobs import JobShown
from crm.entrypoints.callables.call import Call, Caller
from crm.entrypoints.callables.requests import Request
from crm.entrypoints.job_kinds import KINDS
from crm.jobs import control
from crm.runtime.services import Services


class JobRequest(Request):
    """`get_job`, `cancel_job`, `retry_job`."""

    job_id: Id


def _get_job(services: Services, _caller: Caller, request: JobRequest) -> Mapping[str, object]:
    return control.get_job(services.store, request.job_id, INTERACTIVE)


def _cancel(services: Services, caller: Caller, request: JobRequest) -> Mapping[str, object]:
    return control.cancel(services.runner, KINDS, caller.role, request.job_id)


def _retry(services: Services, caller: Caller, request: JobRequest) -> Mapping[str, object]:
    return control.retry(services.runner, services.enqueue, KINDS, caller.role, request.job_id)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "get_job": Call(Role.VIEWER, JobRequest, JobShown, _get_job),
    "cancel_job": Call(Role.EDITOR, JobRequest, JobShown, _cancel),
    "retry_job": Call(Role.EDITOR, JobRequest, JobShown, _retry),
}
