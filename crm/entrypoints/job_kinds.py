"""Every kind of job, with its step."""

from __future__ import annotations

from typing import Final

from crm.jobs.job import Kinds
from crm.privacy.erasure import job as erasure_steps
from crm.repair import rebuild
from crm.tags import jobs as tag_jobs

KINDS: Final[Kinds] = {**tag_jobs.KINDS, **rebuild.KINDS, **erasure_steps.KINDS}
