"""Records of mails: what campaigns sent to a customer's addresses, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm.core.json import Json
from crm.customers.reference import CustomerRef
from crm.db.collections import CAMPAIGNS, MAILS
from crm.db.documents import Data, Query, Snapshot, Store
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.privacy.json_values import json_value
from crm.privacy.subject import Subject, read_subject


def shown(record: Data, subject: Json) -> dict[str, Json]:
    """Return a record of a mail, with the subject of its campaign."""
    times = ("at", "bounced", "softBounced", "complained", "unsubscribed")
    return {
        "campaignId": record["campaignId"],
        "subject": subject,
        "state": record["state"],
        "reason": record["reason"],
        **{name: json_value(record[name]) for name in times},
    }


def own(subject: Subject, store: Store, records: Sequence[Snapshot]) -> list[Json]:
    """Return records as a person's archive shows them; None for what may be somebody else's.

    A mail to an address that was another customer's before may have been to that one.
    """
    subjects = subjects_of(store, records)
    return [
        None
        if subject.may_be_of_another(one.fields)
        else {
            "address": subject.addresses.get(one.fields["address"]),
            "userId": subject.users.get(one.fields["identity"]),
            **shown(one.fields, subjects.get(one.fields["campaignId"])),
        }
        for one in records
    ]


def list_mails(runner: Runner, pager: Pager, who: CustomerRef) -> Mapping[str, object]:
    """Return a page of what campaigns sent to a customer, newest first; ids break ties.

    Args:
        runner: Reads; a page is of one moment.
        pager: Which page.
        who: Whose.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_mails", {who.kind: who.value})
    view = pager.retry.call(runner.store.at)
    frozen = replace(runner, store=view)
    subject = pager.retry.call(lambda: read_subject(frozen, who))
    if not subject.keys:
        return {"mails": [], "nextPageToken": None}
    query = Query(MAILS, (("identity", "in", subject.keys),))
    page, following = cursor.newest_first(view, query, "at")
    subjects = pager.retry.call(lambda: subjects_of(view, page))
    mails = [shown(one.fields, subjects.get(one.fields["campaignId"])) for one in page]
    return {"mails": mails, "nextPageToken": following}


def subjects_of(store: Store, records: Sequence[Snapshot]) -> dict[str, Json]:
    """Return the subjects of the campaigns of some records, by campaign."""
    ids = sorted({one.fields["campaignId"] for one in records})
    found = store.read([f"{CAMPAIGNS}/{one}" for one in ids]) if ids else {}
    return {one.id: json_value(one.fields.get("subject")) for one in found.values()}
