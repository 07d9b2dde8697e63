"""What a sweep does, whoever calls for it: the scheduler, or an operator by hand.

It looks for what events missed, sees to sign-ups, and has rules act. Both get the same steps in the
same order, so that a command on a day without functions does what they would do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from crm.entrypoints.sign_ups import attend_to_sign_ups
from crm.entrypoints.watching import watch_of, watched
from crm.repair.begun import attend_begun
from crm.repair.sweep import sweep
from crm.repair.sweep_run import SweepReport
from crm.rules.drain import Drained, drain
from crm.rules.refreshing import refresh
from crm.rules.sending import start
from crm.rules.tick import Ticked, tick
from crm.runtime.key_fingerprint import remember_key
from crm.runtime.services import Services
from crm.signup.waiting import Report

SECONDS: Final = 240.0
"""For which a sweep looks."""

RULE_SECONDS: Final = 120.0
"""For which rules act in a call of 540: behind a sweep's 240, sign-ups' 60 and a tick's 60."""


@dataclass(frozen=True)
class Acted:
    """What rules did.

    Attributes:
        ticked: Whose time has come.
        drained: On whom they acted, of all who waited.
    """

    ticked: Ticked
    drained: Drained


@dataclass(frozen=True)
class Failed:
    """A step that was not done.

    Attributes:
        step: Which.
        error: Why.
    """

    step: str
    error: Exception


Told = SweepReport | Report | Acted | Failed


def sweep_all(
    services: Services, *, whole: bool = True, seconds: float = SECONDS
) -> Iterator[Told]:
    """Do every step of a sweep, and yield what each did as soon as it is done.

    One that fails does not keep the others from being done.

    Args:
        services: What to work with.
        whole: Otherwise only see which events have begun, instead of looking for what was missed.
        seconds: After that long, begin to look at nothing more.
    """
    steps: tuple[tuple[str, Callable[[], Told]], ...] = (
        # In this order: who attends by now is met by rules in the same run.
        ("sweep", partial(_look, services, whole, seconds)),
        ("sign-ups", partial(attend_to_sign_ups, services)),
        ("rules", partial(_act, services, whole)),
    )
    for name, step in steps:
        try:
            told = step()
        except Exception as error:
            told = Failed(name, error)
        yield told


def _look(using: Services, whole: bool, seconds: float) -> SweepReport:
    watch = watch_of(using.store)
    if not whole:
        return attend_begun(using.runner, seconds=seconds, watch=watch)
    remember_key(using.store, using.keys, using.runner.now())
    return sweep(using.runner, using.enqueue, seconds=seconds, watch=watch)


def _act(using: Services, whole: bool) -> Acted:
    """Have rules act whose time has come, and then on who waits in the outbox."""
    if whole:
        refresh(using.runner)
    ticked = tick(using.runner, using.enqueue, later=using.later)
    send = partial(start, later=using.later)
    return Acted(ticked, drain(watched(using).runner, using.enqueue, RULE_SECONDS, send))
