"""Campaigns that a rule sends: copies of a draft, scheduled in the commit that made the rule act.

They are sent as others are, and staff pause and cancel them as others. Nobody edits one: what it
says is the draft's, and to whom it goes is the rule's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from crm.audit import trail as audit
from crm.campaigns.campaign import Campaign, path_of
from crm.campaigns.control import SEND
from crm.campaigns.states import moved
from crm.db.documents import Create, Write
from crm.db.transaction import Transaction
from crm.jobs import run as jobs

NOBODY: Final[Mapping[str, Any]] = {"not": {}}
"""The segment of a campaign that names its people: whoever takes it for another campaign has nobody
in it."""


@dataclass(frozen=True)
class Sending:
    """What a rule sends.

    Attributes:
        campaign_id: The campaign's id, chosen by the rule: of two tries one makes it.
        job_id: The id of the job that sends it.
        rule_id: The rule.
        name: What staff see.
        total: About how many it goes to.
        segment: Who is to get it; `NOBODY` where `people` says.
        people: Ids of the customers that it goes to; None where `segment` says.
        scope: The event that it is about.
        latest_by: When it may begin last (UTC); None for `latest_hours` after now.
    """

    campaign_id: str
    job_id: str
    rule_id: str
    name: str
    total: int
    segment: Mapping[str, Any] = field(default_factory=lambda: NOBODY)
    people: Sequence[str] | None = None
    scope: str | None = None
    latest_by: datetime | None = None


def template_in(tx: Transaction, campaign_id: str) -> Campaign | None:
    """Return the draft that a rule sends copies of; None where it is gone, or no draft any more."""
    found = tx.document(path_of(campaign_id))
    if found.data is None:
        return None
    template = Campaign.from_data(found.id, found.data)
    return template if template.state == "draft" and template.rule is None else None


def fit_template(tx: Transaction, campaign_id: str) -> tuple[Campaign | None, str]:
    """Return the draft that a rule sends copies of; else None, and why it cannot be sent.

    Whoever got a place in the audience of a campaign whose text cannot be read would have been
    acted on, and have no mail.
    """
    from crm.campaigns.composed import problems_of  # loaded where something is sent

    template = template_in(tx, campaign_id)
    if template is None:
        return None, "template-gone"
    if any(one.blocking for one in problems_of(tx.settings, template)):
        return None, "template-unfit"
    return template, ""


def plan_sending(tx: Transaction, template: Campaign, wanted: Sending) -> list[Write]:
    """Return the writes of a campaign that is scheduled, and of its job, which is to be enqueued.

    Nothing leaves before `undo_seconds` are over, as of other campaigns.

    Args:
        tx: The transaction.
        template: The draft.
        wanted: To whom, and by when.
    """
    mail = tx.settings.mail
    start = tx.now + timedelta(seconds=mail.undo_seconds)
    job, _ = jobs.new(tx, wanted.job_id, SEND, {"campaignId": wanted.campaign_id}, wanted.total)
    job = replace(job, not_before=start)
    draft = Campaign(
        wanted.campaign_id,
        wanted.name,
        template.subject,
        template.preview,
        template.body,
        wanted.segment,
        template.sender,
        tx.now,
        tx.now,
        reply_to=template.reply_to,
        rule=wanted.rule_id,
        scope=wanted.scope,
        people=None if wanted.people is None else tuple(wanted.people),
    )
    campaign = moved(
        draft,
        "scheduled",
        tx.now,
        scheduled_at=start,
        latest_by=wanted.latest_by or start + timedelta(hours=mail.latest_hours),
        actor=tx.actor,
        job_id=job.id,
    )
    return [
        Create(campaign.path, campaign.to_data()),
        Create(job.path, job.to_data()),
        *audit.record(tx, "campaign.send", campaign=campaign.id, rule=wanted.rule_id),
    ]
