"""Looking at long work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm import jobs
from crm.access import Role
from crm.handlers.base import Call, Caller
from crm.lookup import READING
from crm.runtime import Services
from crm.wire import Id, Request


class JobRequest(Request):
    """`get_job`."""

    job_id: Id


def _get_job(services: Services, _caller: Caller, request: JobRequest) -> Mapping[str, object]:
    return jobs.get_job(services.store, request.job_id, READING)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "get_job": Call(Role.VIEWER, JobRequest, _get_job),
}
