"""Every kind of job, with its step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Concatenate, Final, ParamSpec, TypeVar

from crm.core.errors import CrmError
from crm.db.runner import Runner
from crm.entrypoints import sending
from crm.entrypoints.watching import watch_of
from crm.jobs.job import Kind, Kinds, Phase
from crm.privacy.erasure import job as erasure_steps
from crm.repair import rebuild_job
from crm.repair.heal import healing
from crm.rules import rule_job
from crm.tags import jobs as tag_jobs

P = ParamSpec("P")

T = TypeVar("T")


def _healed(kinds: Mapping[str, Kind]) -> Kinds:
    """Return the kinds with steps that mend the damaged documents that they fail over."""
    return {
        name: replace(kind, step=_healing(kind.step), phases=[*map(_phase, kind.phases)])
        for name, kind in kinds.items()
    }


def _phase(phase: Phase) -> Phase:
    return Phase(_healing(phase.cut), _healing(phase.step))


def _healing(act: Callable[Concatenate[Runner, P], T]) -> Callable[Concatenate[Runner, P], T]:
    def healed(runner: Runner, /, *args: P.args, **more: P.kwargs) -> T:
        try:
            return act(runner, *args, **more)
        except CrmError:
            raise
        except Exception:
            return healing(runner, lambda acting: act(acting, *args, **more))

    return healed


def _watched(kind: Kind) -> Kind:
    """Return a kind whose steps rules see, whoever takes them."""
    phases = [Phase(one.cut, _seen(one.step)) for one in kind.phases]
    return replace(kind, step=_seen(kind.step), phases=phases)


def _seen(step: Callable[Concatenate[Runner, P], T]) -> Callable[Concatenate[Runner, P], T]:
    def seen(runner: Runner, /, *args: P.args, **more: P.kwargs) -> T:
        return step(replace(runner, watch=watch_of(runner.store)), *args, **more)

    return seen


_TAG_SEGMENT: Final = {
    # Staff give a tag. To rename or delete one is no event in anybody's life: nobody enters by it.
    tag_jobs.TAG_SEGMENT: _watched(tag_jobs.KINDS[tag_jobs.TAG_SEGMENT])
}

_BY_RULES: Final = {name: _watched(kind) for name, kind in rule_job.KINDS.items()}

KINDS: Final[Kinds] = _healed(
    {
        **tag_jobs.KINDS,
        **_TAG_SEGMENT,
        **rebuild_job.KINDS,
        **erasure_steps.KINDS,
        **sending.KINDS,
        **_BY_RULES,
    }
)
