"""Saving, listing and deleting rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from crm.audit import trail as audit
from crm.core.errors import Refusal
from crm.core.json import jsonable
from crm.db.collections import RULE_RUNS
from crm.db.documents import Query, Store
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.rules.book import MOST_RULES, PATH, Book, book_of, read_book, write_book
from crm.rules.checking import Checked
from crm.rules.loops import refuse_loop
from crm.rules.rule import Rule

MOST_BYTES: Final = 800_000
"""Of the book as JSON, about; a Firestore document is at most 1 MiB."""

REMEMBERED: Final = timedelta(days=2)
"""How long a deleted rule is known: longer than anything of it can come into the outbox."""

SHOWN: Final = (
    *("name", "on", "when", "only", "once", "then", "most", "since", "paused", "waiting"),
    *("revision", "createdAt", "updatedAt"),
)
"""Fields that answers show."""


def save(
    runner: Runner, wanted: Checked, rule_id: str | None = None, revision: int | None = None
) -> Rule:
    """Save a rule, or change one.

    Switched on, it acts on nobody who belongs already: from then on it looks at who enters.

    Args:
        runner: Carries plans out.
        wanted: What it shall be, as a whole.
        rule_id: The one to change; None for a new one.
        revision: The revision of it that was changed; None to replace whichever there is.

    Raises:
        Refusal: `not-found` (`no-such-rule`); `failed-precondition` (`rules-loop`, with
            `ruleIds`; `too-many-rules`; `rules-too-large`; `rule-waits`, with `waiting`: it paused
            and `waiting` does not say what becomes of those who wait; `changed-meanwhile`, with
            `revision`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    # Chosen once: where a commit's answer is lost, the next try finds its own work.
    own = rule_id or runner.new_id()
    planned, _ = runner.run(
        lambda tx: _plan_save(tx, own, wanted, new=rule_id is None, over=revision)
    )
    return planned.result


def _plan_save(
    tx: Transaction, own: str, wanted: Checked, *, new: bool, over: int | None
) -> Plan[Rule]:
    book = read_book(tx)
    before = book.rules.get(own)
    if before is None:
        if not new:
            raise unknown_rule()
        if len(book.rules) >= MOST_RULES:
            raise Refusal(
                "failed-precondition",
                "too-many-rules",
                f"There are {MOST_RULES} rules, which is all there can be: delete one first.",
            )
        after = replace(wanted.rule(own, tx.now), actor=tx.actor)
    else:
        same = all(getattr(before, name) == value for name, value in wanted.said.items())
        if same and (before.paused is None or not before.on):
            return Plan([], before)  # also of a try whose answer was lost: it meets its own work
        if over is not None and over != before.revision:
            raise _changed_meanwhile(before.revision)
        after = replace(
            before,
            **wanted.said,
            **_standing(before, wanted, tx.now),  # type: ignore[arg-type]
            revision=before.revision + 1,
            updated_at=tx.now,
            actor=tx.actor,
        )
    book = _tidied(book.with_rule(after), tx.now)
    refuse_loop(book.rules, own)
    if len(json.dumps(jsonable(book.to_data())).encode()) > MOST_BYTES:
        raise Refusal(
            "failed-precondition",
            "rules-too-large",
            "The segments of all rules together are too large: ask for less, such as one tag in the"
            " place of many events.",
        )
    entry = audit.record(
        tx,
        "rule.save",
        rule=own,
        new=before is None,
        on=after.on,
        switched=after.on != (before is not None and before.on),
        waiting=wanted.waiting if before is not None and before.paused else None,
    )
    return Plan([write_book(tx, book), *entry], after)


def _standing(before: Rule, wanted: Checked, now: datetime) -> Mapping[str, object]:
    """Return since when a rule that is changed is on, and what becomes of those who wait."""
    off = {"since": None, "paused": None, "waiting": 0, "allowed": None}
    if not wanted.said["on"]:
        return off
    asks_as_before = all(
        getattr(before, name) == wanted.said[name] for name in ("when", "entered", "then")
    )
    if before.on and before.waiting and before.paused:
        if wanted.waiting is None or (wanted.waiting == "act" and not asks_as_before):
            raise _waits(before.waiting)
        if wanted.waiting == "act":
            return {"since": before.since, "paused": None, "waiting": 0, "allowed": now}
    if before.active and asks_as_before:
        return {}
    return {**off, "since": now}


def delete(runner: Runner, rule_id: str) -> None:
    """Delete a rule; on whom it has acted stays known.

    Raises:
        Refusal: `not-found` (`no-such-rule`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    seen = False

    def plan(tx: Transaction) -> Plan[None]:
        nonlocal seen
        book = read_book(tx)
        if seen and rule_id not in book.rules:
            return Plan([], None)  # by a try whose answer was lost
        if rule_id not in book.rules:
            raise unknown_rule()
        seen = True
        left = _tidied(book.without(rule_id, tx.now), tx.now)
        entry = audit.record(tx, "rule.delete", rule=rule_id)
        return Plan([write_book(tx, left), *entry], None)

    runner.run(plan)


def _tidied(book: Book, now: datetime) -> Book:
    known = {one: at for one, at in book.gone.items() if at > now - REMEMBERED}
    return replace(book, gone=known)


def list_rules(store: Store, pager: Pager) -> dict[str, object]:
    """Return a page of the rules, the oldest first, each with how many people it has acted on.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Transient: Not answered before the deadline.
    """
    cursor = pager.open("list_rules", {})
    (behind,) = cursor.position or [None]
    book = pager.retry.call(lambda: book_of(store.read([PATH])[PATH].data))
    ranked = sorted((_place(rule), rule) for rule in book.rules.values())
    left = [rule for place, rule in ranked if behind is None or place > behind]
    page = left[: pager.size]
    more = len(left) > len(page)
    return {
        "rules": [shown(one, pager.retry.call(partial(acted_on, store, one.id))) for one in page],
        "nextPageToken": cursor.next_token([_place(page[-1])]) if more else None,
    }


def _place(rule: Rule) -> str:
    return f"{rule.created_at.isoformat()} {rule.id}"


def acted_on(store: Store, rule_id: str) -> int:
    """Count the people on whom a rule has acted."""
    return store.count(Query(RULE_RUNS, (("ruleId", "==", rule_id), ("counted", "==", True))))


def shown(rule: Rule, acted: int | None = None) -> dict[str, object]:
    """Return a rule as answers show it.

    Args:
        rule: The rule.
        acted: On how many people it has acted, where they were counted.
    """
    data = rule.to_data()
    counted = {} if acted is None else {"acted": acted}
    return {"ruleId": rule.id, **{name: data[name] for name in SHOWN}, **counted}


def unknown_rule() -> Refusal:
    """Make the refusal of an id that no rule has."""
    return Refusal("not-found", "no-such-rule", "No rule has this id: `list_rules` names them all.")


def _changed_meanwhile(revision: int) -> Refusal:
    return Refusal(
        "failed-precondition",
        "changed-meanwhile",
        "Somebody else has changed this rule since you read it: load it again, and save over the"
        " revision in `details.revision`, or leave `revision` out to replace what is there.",
        {"revision": revision},
    )


def _waits(waiting: int) -> Refusal:
    return Refusal(
        "failed-precondition",
        "rule-waits",
        f"This rule has paused, and {waiting:,} people wait for it: say in `waiting` whether to"
        " `act` on them, or to `drop` them. To change what the rule waits for or does, drop them.",
        {"waiting": waiting},
    )
