"""The job by which a rule gives the people of an event their tags.

It walks through them in the order of their ids, and has the rule act on each as it would on
somebody who entered: one commit for each person, with the record that it was done. The cursor moves
behind a page. So whoever takes a step again finds on whom the rule has acted. Where the rule has
paused meanwhile, or a tag is just renamed, the people go into the outbox, and wait there.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Final

from crm.core.roles import Role
from crm.db.documents import Create, Write
from crm.db.runner import Runner
from crm.jobs.job import Job, Kind, Kinds, Progress
from crm.rules.acting import plan_act
from crm.rules.book import PATH, book_of
from crm.rules.ended import JOB, audience
from crm.rules.entry import RuleEntry
from crm.segments.engine.pages import page

PAGE: Final = 50
"""People of one step."""


def _step(runner: Runner, job: Job) -> Progress:
    said = job.arguments
    rule = book_of(runner.read_one(PATH).data).rules.get(said["ruleId"])
    if rule is None or not rule.on or rule.since != said["since"] or rule.campaign_id is not None:
        return Progress(finished=True)
    node = audience(rule, said["eventId"])
    found = page(runner.store, node, said["now"], job.cursor, PAGE)
    counts: Counter[str] = Counter()
    rows: list[Write] = []
    for one in found.snapshots:
        entry = RuleEntry(
            runner.new_id(), rule.id, one.id, said["dueAt"], said["since"], said["eventId"]
        )
        planned, _ = runner.run(partial(plan_act, entry=entry, stored=False))
        counts[planned.result] += 1
        if planned.result in ("paused", "busy"):  # what is in the outbox waits
            rows.append(Create(entry.path, entry.to_data()))
    behind = found.next_after
    return Progress(
        cursor=behind,
        done=len(found.snapshots),
        counts=dict(counts),
        finished=behind is None,
        writes=rows,
    )


KINDS: Final[Kinds] = {JOB: Kind(_step, Role.EDITOR, cancellable=True, resumes="cursor")}
