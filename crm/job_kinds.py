"""Every kind of job, with its step."""

from __future__ import annotations

from typing import Final

from crm import rebuild, tag_jobs
from crm.jobs import Kinds
from crm.privacy import erasure_steps

KINDS: Final[Kinds] = {**tag_jobs.KINDS, **rebuild.KINDS, **erasure_steps.KINDS}
