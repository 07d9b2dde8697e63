"""What campaigns are sent with, put together: the process's mailer, its links, its end."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from crm.campaigns import jobs
from crm.campaigns.campaign import Campaign
from crm.campaigns.gate import Passed
from crm.campaigns.last_look import Looked
from crm.campaigns.letters import Render
from crm.db.runner import Runner
from crm.jobs.job import Kinds
from crm.mail.port import Mailer
from crm.newsletter import unsubscribe_link
from crm.runtime import mailing, stopping
from crm.runtime.services import function_url
from crm.segments.engine.pages import FoundCustomer

_of_thread = threading.local()


def kept_mailer(runner: Runner, make: Callable[[Runner], Mailer] = mailing.mailer) -> Mailer:
    """Return the mailer of this thread: its connection is kept from shard to shard.

    Args:
        runner: Keeps the budget.
        make: Makes one, at the thread's first campaign and whenever what it is made of changes.

    Raises:
        Refusal: `failed-precondition`, `mail-not-set-up`.
    """
    mailing.check(runner.settings)
    made: tuple[object, Mailer] | None = getattr(_of_thread, "made", None)
    of = (runner.store, runner.settings, mailing.secret())
    if made is None or made[0] != of:
        if made is not None:
            made[1].close()
        _of_thread.made = made = (of, make(runner))
    return made[1]


def compose(runner: Runner, campaign: Campaign) -> Render:
    """Return what renders a campaign's mails; what that takes is loaded by who sends, only."""
    from crm.campaigns import composed

    return composed.compose(runner, campaign)


def landing(runner: Runner) -> str:
    """Return where the unsubscribe links of campaigns lead."""
    region = runner.settings.region
    return unsubscribe_link.landing(
        runner.settings.newsletter, lambda name: function_url(region, name)
    )


def unreachable(runner: Runner, address_key: str) -> None:
    """Have it known that there is no such address."""
    from crm.campaigns.came_back import mark_unreachable

    mark_unreachable(runner, address_key, runner.now())


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="look")


def beside(work: Callable[[], Looked]) -> Callable[[], Looked]:
    """Do work in a thread of its own."""
    return _threads().submit(work).result


class _Gate:
    """The rule that sends a campaign; what asking it takes is loaded where one does."""

    def look(
        self, runner: Runner, campaign: Campaign, people: Sequence[FoundCustomer], moment: datetime
    ) -> Passed:
        from crm.rules.gate import RuleGate

        return RuleGate().look(runner, campaign, people, moment)


KINDS: Final[Kinds] = jobs.kinds(
    kept_mailer,
    compose,
    stopping.asked,
    landing,
    unreachable=unreachable,
    beside=beside,
    gate=_Gate(),
)
"""The job that sends a campaign."""
