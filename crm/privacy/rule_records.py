"""Records of what rules did: for staff, and in a person's archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm.core.json import Json
from crm.customers.reference import CustomerRef
from crm.db.collections import RULE_RUNS, RULES
from crm.db.documents import Data, Query, Snapshot, Store, read_one
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.privacy.json_values import json_value
from crm.privacy.subject import Subject, read_subject


def names_of(store: Store) -> Mapping[str, Json]:
    """Return the names of the rules that there are, by their ids."""
    rules = read_one(store, f"{RULES}/book").fields.get("rules", {})
    return {rule_id: json_value(rule["name"]) for rule_id, rule in rules.items()}


def shown(record: Data, names: Mapping[str, Json]) -> dict[str, Json]:
    """Return what a rule did; `rule` is null where it was deleted since."""
    return {
        "rule": names.get(record["ruleId"]),
        "did": record["did"],
        "eventId": record["scope"],
        "campaignId": record["campaignId"],
        "at": json_value(record["at"]),
    }


def own(subject: Subject, store: Store, records: Sequence[Snapshot]) -> list[Json]:
    """Return records as a person's archive shows them; None for what may be somebody else's.

    What a rule did on an address that was another customer's before may have been about that one.
    """
    names = names_of(store)
    return [
        None
        if subject.may_be_of_another(one.fields)
        else {
            "address": subject.addresses.get(one.fields["identity"]),
            "userId": subject.users.get(one.fields["identity"]),
            **shown(one.fields, names),
        }
        for one in records
    ]


def runs_of_rule(store: Store, pager: Pager, rule_id: str) -> Mapping[str, object]:
    """Return a page of those on whom a rule acted, the last ones first.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_rule_runs", {"ruleId": rule_id})
    query = Query(RULE_RUNS, (("ruleId", "==", rule_id), ("counted", "==", True)))
    page, following = cursor.newest_first(store, query, "at")
    return _answer(store, pager, page, following)


def runs_of_customer(runner: Runner, pager: Pager, who: CustomerRef) -> Mapping[str, object]:
    """Return a page of what rules did with a customer, the last first.

    Args:
        runner: Reads; a page is of one moment.
        pager: Which page.
        who: Whose.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_rule_runs", {who.kind: who.value})
    view = pager.retry.call(runner.store.at)
    subject = pager.retry.call(lambda: read_subject(replace(runner, store=view), who))
    if not subject.keys:
        return {"runs": [], "nextPageToken": None}
    query = Query(RULE_RUNS, (("identity", "in", subject.keys),))
    page, following = cursor.newest_first(view, query, "at")
    # There is a record for each identity, all of one moment: the page before may end among them.
    seen: set[tuple[str, object]] = set()
    if cursor.position is not None:
        moment, last = cursor.position
        seen.add((last.rpartition("-")[0], moment))
    once: list[Snapshot] = []
    for one in page:
        act = (one.fields["ruleId"], one.fields["at"].isoformat())
        if act not in seen:
            seen.add(act)
            once.append(one)
    return _answer(view, pager, once, following)


def _answer(
    store: Store, pager: Pager, page: Sequence[Snapshot], following: str | None
) -> Mapping[str, object]:
    names = pager.retry.call(lambda: names_of(store)) if page else {}
    runs = [
        {
            "ruleId": one.fields["ruleId"],
            "customerId": one.fields["customerId"],
            **shown(one.fields, names),
        }
        for one in page
    ]
    return {"runs": runs, "nextPageToken": following}
