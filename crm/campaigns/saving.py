"""Saving, listing and deleting campaigns. Sending them is in `control`."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crm.audit import trail as audit
from crm.campaigns.campaign import EDITABLE, Campaign, path_of
from crm.campaigns.moments import local_of
from crm.config.mail import address_of
from crm.core.errors import Refusal
from crm.db.collections import CAMPAIGNS
from crm.db.documents import Create, Data, Delete, Query, Store, Update
from crm.db.paging import Pager
from crm.db.retry import INTERACTIVE
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.segments.asking import understand
from crm.segments.language.ast import Node
from crm.segments.language.json_form import to_json
from crm.segments.names import Doubt
from crm.segments.saved import find_segment
from crm.segments.saved_plan import by_id, name_of, unknown_segment

MOST_LINE: Final = 500
"""Characters of a subject, of a preview text, of an address with its name; placeholders counted."""

MOST_SOURCE: Final = 200_000
"""Bytes of a body in UTF-8. Of a mail that is larger than about 100,000, Gmail shows a part."""

MOST_SEGMENT: Final = 100_000
"""Bytes of a segment as JSON."""

MOST_PAGES: Final = 10
"""Read for one page of the list, where there are none but those that rules send."""

Format = Literal["markdown", "mjml"]

SHOWN: Final = frozenset(
    {
        *("name", "subject", "preview", "body", "segment", "from", "replyTo", "state", "reason"),
        *("message", "scheduledAt", "latestBy", "startedAt", "preparedAt", "finishedAt"),
        *("expected", "counts", "revision", "createdAt", "updatedAt", "jobId"),
        *("rule", "scope"),
    }
)
"""Fields that answers show. In whose name it is sent is in the audit trail, as of jobs."""

Counting = Callable[[Store, str], Mapping[str, int]]
"""Counts the people of the campaign of an id, as they are now (`totals.all_counts`)."""


@dataclass(frozen=True)
class Written:
    """A campaign as staff write it. Make it by `written`, which checks it.

    Attributes:
        name: As `saved_plan.name_of` gives it.
        subject: The subject.
        preview: What mailboxes show beside it.
        body: `format` and `source`.
        segment: Who is to get it, in the JSON form.
        sender: Whom it is from; "" where neither the call nor `crm.toml` says.
        reply_to: Where answers go; None for the sender.
    """

    name: str
    subject: str
    preview: str
    body: Mapping[str, str]
    segment: Data
    sender: str
    reply_to: str | None


def written(
    runner: Runner,
    *,
    name: str,
    subject: str,
    preview: str | None,
    body: tuple[Format, str],
    segment: Node,
    sender: str | None,
    reply_to: str | None,
) -> tuple[Written, tuple[Doubt, ...]]:
    """Check what staff wrote, and return it as it is kept, with what the segment may not mean.

    Raises:
        Refusal: `invalid-argument` (`name-invalid`, `text-invalid`, `sender-invalid`,
            `campaign-too-large`), or as `understand`.
        Conflict, Transient: Not understood before the deadline.
    """
    mail = runner.settings.mail
    kind, source = body
    _check_size("body.source", len(source.encode()), MOST_SOURCE)
    lines = {"subject": subject, "preview": preview or ""}
    kept = {key: _line(key, text) for key, text in lines.items()}
    from_ = _address("from", sender or mail.from_) if sender or mail.from_ else ""
    answers = reply_to or (None if sender else mail.reply_to) or None
    question = understand(runner, segment)
    asked = to_json(by_id(question.asked, lambda reference: _id_of(runner, reference)))
    assert isinstance(asked, dict)
    _check_size("segment", len(json.dumps(asked).encode()), MOST_SEGMENT)
    return (
        Written(
            name_of(name),
            kept["subject"],
            kept["preview"],
            {"format": kind, "source": source},
            asked,
            from_,
            _address("replyTo", answers) if answers else None,
        ),
        question.doubts,
    )


def save(
    runner: Runner,
    wanted: Written,
    campaign_id: str | None = None,
    revision: int | None = None,
    *,
    unfit: Refusal | None = None,
) -> Campaign:
    """Save a campaign, or change one.

    Args:
        runner: Carries plans out.
        wanted: What it shall be, as a whole.
        campaign_id: The one to change; None for a new draft.
        revision: The revision of it that was changed; None to replace whichever there is.
        unfit: Why it cannot be sent as it is wanted. A draft may be so; what is on its way not.

    Raises:
        Refusal: `not-found` (`no-such-campaign`); `failed-precondition` (`campaign-not-editable`;
            `campaign-of-rule`; `audience-fixed`: a paused one keeps its segment;
            `changed-meanwhile`, with `revision`); `unfit`.
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    # Chosen once: where a commit's answer is lost, the next try finds its own work.
    own = campaign_id or runner.new_id()
    planned, _ = runner.run(
        lambda tx: _plan_save(tx, own, wanted, new=campaign_id is None, over=revision, unfit=unfit)
    )
    return planned.result


def _plan_save(
    tx: Transaction,
    own: str,
    wanted: Written,
    *,
    new: bool,
    over: int | None,
    unfit: Refusal | None,
) -> Plan[Campaign]:
    found = tx.document(path_of(own))
    if not (found.exists or new):
        raise unknown_campaign()
    texts = {
        "name": wanted.name,
        "subject": wanted.subject,
        "preview": wanted.preview,
        "body": wanted.body,
        "segment": wanted.segment,
        "sender": wanted.sender,
        "reply_to": wanted.reply_to,
    }
    if not found.exists:
        fresh = Campaign(own, **texts, created_at=tx.now, updated_at=tx.now)  # type: ignore[arg-type]
        entry = audit.record(tx, "campaign.save", campaign=own, new=True)
        return Plan([Create(fresh.path, fresh.to_data()), *entry], fresh)
    before = Campaign.from_data(own, found.fields)
    if before.rule is not None:
        raise Refusal(
            "failed-precondition",
            "campaign-of-rule",
            "A rule sends this campaign: change the draft that the rule sends copies of, for those"
            " to come. This one can be paused and cancelled.",
        )
    if all(getattr(before, field) == value for field, value in texts.items()):
        return Plan([], before)  # also of a try whose answer was lost: it meets its own work
    if before.state not in EDITABLE:
        raise Refusal(
            "failed-precondition",
            "campaign-not-editable",
            "Drafts, scheduled and paused campaigns can be changed, this one is"
            f" {before.state}: pause it, or save a new one.",
        )
    if over is not None and over != before.revision:
        raise Refusal(
            "failed-precondition",
            "changed-meanwhile",
            "Somebody else has changed this campaign since you read it: load it again, and save"
            " over the revision in `details.revision`, or leave `revision` out to replace what is"
            " there.",
            {"revision": before.revision},
        )
    if before.state == "paused" and before.segment != wanted.segment:
        raise Refusal(
            "failed-precondition",
            "audience-fixed",
            "Who gets this campaign is fixed since it began: save the segment as it was, or cancel"
            " this campaign and save a new one.",
        )
    if before.state != "draft" and unfit is not None:
        raise unfit
    after = replace(
        before,
        **texts,  # type: ignore[arg-type]
        revision=before.revision + 1,
        updated_at=tx.now,
    )
    changes = {k: v for k, v in after.to_data().items() if v != found.fields.get(k)}
    entry = audit.record(tx, "campaign.save", campaign=own, new=False)
    return Plan([Update(found.path, changes, found.version), *entry], after)


def delete_campaign(runner: Runner, campaign_id: str) -> None:
    """Delete a draft.

    Raises:
        Refusal: `not-found` (`no-such-campaign`); `failed-precondition` (`campaign-not-draft`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    seen = False

    def plan(tx: Transaction) -> Plan[None]:
        nonlocal seen
        found = tx.document(path_of(campaign_id))
        if seen and not found.exists:
            return Plan([], None)  # by a try whose answer was lost
        if not found.exists:
            raise unknown_campaign()
        seen = True
        if found.fields["state"] != "draft":
            raise Refusal(
                "failed-precondition",
                "campaign-not-draft",
                "Only drafts are deleted: what was sent, and to whom, stays known. One that is on"
                " its way can be cancelled.",
            )
        entry = audit.record(tx, "campaign.delete", campaign=campaign_id)
        return Plan([Delete(found.path, found.version), *entry], None)

    runner.run(plan)


def list_campaigns(
    store: Store,
    pager: Pager,
    zone: ZoneInfo,
    rule: str | None = None,
    *,
    by_rules: bool = False,
) -> dict[str, object]:
    """Return a page of the campaigns, newest first, with the counts that their documents hold.

    Without being asked for, those that rules send are left out: a rule can send one whenever
    somebody comes. So a page may be short, and have another one behind it.

    Args:
        store: The database.
        pager: Which page.
        zone: The organiser's.
        rule: Those of this rule alone.
        by_rules: Those of all rules, too.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_campaigns", {"rule": rule, "byRules": by_rules})
    query = Query(CAMPAIGNS) if rule is None else Query(CAMPAIGNS, (("rule", "==", rule),))
    campaigns: list[Campaign] = []
    for _ in range(MOST_PAGES):
        page, following = cursor.newest_first(store, query, "createdAt")
        found = [Campaign.from_data(one.id, one.fields) for one in page]
        campaigns += [one for one in found if by_rules or one.rule == rule]
        if campaigns or following is None:
            break
        cursor = replace(cursor, position=pager.tokens.read(cursor.scope, following))
    return {"campaigns": [shown(one, zone) for one in campaigns], "nextPageToken": following}


def get_campaign(runner: Runner, counting: Counting, campaign_id: str) -> dict[str, object]:
    """Return a campaign, with its people counted now.

    Raises:
        Refusal: `not-found` (`no-such-campaign`).
        Conflict, Transient: Not settled before the deadline.
    """
    campaign = find_campaign(runner, campaign_id)
    if campaign.started_at is None:
        return shown(campaign, runner.settings.time_zone)
    counts = INTERACTIVE.call(lambda: counting(runner.store, campaign_id))
    return shown(campaign, runner.settings.time_zone, counts)


def find_campaign(runner: Runner, campaign_id: str) -> Campaign:
    """Return a campaign as it is stored.

    Raises:
        Refusal: `not-found` (`no-such-campaign`).
        Transient: The database did not answer.
    """
    path = path_of(campaign_id)
    found = INTERACTIVE.call(lambda: runner.store.read([path]))[path]
    if found.data is None:
        raise unknown_campaign()
    return Campaign.from_data(campaign_id, found.data)


def shown(
    campaign: Campaign, zone: ZoneInfo, counts: Mapping[str, int] | None = None
) -> dict[str, object]:
    """Return a campaign as answers show it.

    Args:
        campaign: The campaign.
        zone: The organiser's: when it begins is shown by that clock, too.
        counts: Its people by state, where they were counted since it was stored.
    """
    public = {key: value for key, value in campaign.to_data().items() if key in SHOWN}
    return {
        "campaignId": campaign.id,
        **public,
        "scheduledLocal": local_of(campaign.scheduled_at, zone),
        **({} if counts is None else {"counts": {**campaign.counts, **counts}}),
    }


def unknown_campaign() -> Refusal:
    """Make the refusal of an id that no campaign has."""
    return Refusal(
        "not-found",
        "no-such-campaign",
        "No campaign has this id: `list_campaigns` names them all.",
    )


def _line(key: str, text: str) -> str:
    line = unicodedata.normalize("NFC", text[: 10 * MOST_LINE]).strip()
    if len(line) > MOST_LINE:
        raise _too_large(key, f"{MOST_LINE:,} characters")
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in line):
        raise Refusal(
            "invalid-argument",
            "text-invalid",
            f"The request was refused: `{key}` must be one line, without control characters.",
        )
    return line


def _address(key: str, text: str) -> str:
    line = _line(key, text)
    if address_of(line) is None:
        raise Refusal(
            "invalid-argument",
            "sender-invalid",
            f"The request was refused: `{key}` must be one address, with a name or without, such"
            " as Example Events <news@example.com>.",
        )
    return line


def _check_size(key: str, size: int, most: int) -> None:
    if size > most:
        raise _too_large(key, f"{most:,} bytes")


def _too_large(key: str, most: str) -> Refusal:
    return Refusal(
        "invalid-argument",
        "campaign-too-large",
        f"The request was refused: `{key}` must have at most {most}.",
    )


def _id_of(runner: Runner, reference: str) -> str:
    found = INTERACTIVE.call(lambda: find_segment(runner, reference))
    if found is None:
        raise unknown_segment()
    return found.id
