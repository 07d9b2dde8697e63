"""Every kind of job, with its step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from crm.core.errors import CrmError
from crm.db.runner import Runner
from crm.jobs.job import Job, Kind, Kinds, Progress
from crm.privacy.erasure import job as erasure_steps
from crm.repair import rebuild
from crm.repair.heal import healing
from crm.tags import jobs as tag_jobs


def _healed(kinds: Mapping[str, Kind]) -> Kinds:
    """Return the kinds with steps that mend the damaged documents that they fail over."""

    def healed(kind: Kind) -> Kind:
        def step(runner: Runner, job: Job) -> Progress:
            try:
                return kind.step(runner, job)
            except CrmError:
                raise
            except Exception:
                return healing(runner, lambda acting: kind.step(acting, job))

        return replace(kind, step=step)

    return {name: healed(kind) for name, kind in kinds.items()}


KINDS: Final[Kinds] = _healed({**tag_jobs.KINDS, **rebuild.KINDS, **erasure_steps.KINDS})
