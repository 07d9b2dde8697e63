"""Records of consent: what a customer's addresses and accounts have decided about marketing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm.core.json import Json
from crm.customers.reference import CustomerRef
from crm.db.collections import CONSENTS
from crm.db.documents import Data, Query
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.privacy.json_values import json_value
from crm.privacy.subject import Subject, read_subject


def shown(subject: Subject, record: Data) -> dict[str, Json]:
    """Return a record of consent.

    Without its evidence where the address was another customer's before: it may be theirs.
    """
    key = record["identity"]
    return {
        "address": subject.addresses.get(key),
        "userId": subject.users.get(key),
        "status": record["status"],
        "at": json_value(record["at"]),
        "source": record["source"],
        "evidence": None if subject.had_another_owner(key) else json_value(record["evidence"]),
    }


def list_consents(runner: Runner, pager: Pager, who: CustomerRef) -> Mapping[str, object]:
    """Return a page of a customer's records of consent, newest first; ids break ties.

    Args:
        runner: Reads; a page is of one moment.
        pager: Which page.
        who: Whose.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`page-token`, or for a
            malformed address).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_consents", {who.kind: who.value})
    view = pager.retry.call(runner.store.at)
    frozen = replace(runner, store=view)
    subject = pager.retry.call(lambda: read_subject(frozen, who))
    if not subject.keys:
        return {"consents": [], "nextPageToken": None}
    query = Query(CONSENTS, (("identity", "in", subject.keys),))
    page, following = cursor.newest_first(view, query, "at")
    return {
        "consents": [{"consentId": one.id, **shown(subject, one.fields)} for one in page],
        "nextPageToken": following,
    }
