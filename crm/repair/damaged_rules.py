"""Rules, their outbox and their records, where a hand has damaged them (see `damage`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm.core.errors import Damaged
from crm.db import collections as ours
from crm.db.documents import Delete, Snapshot, Update, Write, moment_of
from crm.db.shapes import Looked, look
from crm.db.transaction import Transaction
from crm.rules.book import PATH
from crm.rules.occurrence import is_occurrence
from crm.rules.rule import MOST, Rule


def mended_rules(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """Mend one of them: no rule acts more than before, or on anybody twice.

    Raises:
        Damaged: Nothing knows what was there.
    """
    collection = found.path.partition("/")[0]
    if collection == ours.OUTBOX:
        return [Delete(found.path, found.version)]
    if collection == ours.RULE_RUNS:
        return [Update(found.path, _run(found, looked), found.version)]
    if is_occurrence(found.id):
        return [Update(found.path, _occurrence(found, looked), found.version)]
    if found.path != PATH:  # also how far one has looked: whom it has met it knows by the records
        return [Delete(found.path, found.version)]
    return [Update(found.path, _book(tx, found), found.version)]


def _run(found: Snapshot, looked: Looked) -> dict[str, Any]:
    """A record that a rule acted: it stays, and is of the last time that it can be of."""
    data, broken = dict(looked.data), looked.broken
    if "identity" in broken:
        flaw = looked.flaws[0]
        raise Damaged(found.path, flaw.field, f"{flaw.why}; nothing knows what was there")
    if "ruleId" in broken:
        data["ruleId"] = found.id.rpartition("-")[0]
    if "at" in broken:
        data["at"] = moment_of(found.version)
    if "did" in broken:
        data["did"] = "send" if data["campaignId"] else "tags"
    return data


def _occurrence(found: Snapshot, looked: Looked) -> dict[str, Any]:
    """That a rule has looked at an event: it stays, and nothing waits any more."""
    data, written = dict(looked.data), moment_of(found.version)
    data |= {"ruleId": found.id.split("-")[1], "state": "begun", "people": data["people"] or 0}
    data["eventId"] = data["eventId"] or ""
    for name in ("dueAt", "at"):
        data[name] = written if name in looked.broken else data[name]
    return data


def _book(tx: Transaction, found: Snapshot) -> dict[str, Any]:
    """The book: a rule that is not whole is switched off; one that says nothing is no rule."""
    rules = found.fields.get("rules")
    gone = found.fields.get("gone")
    kept: dict[str, Any] = {}
    for rule_id, data in (rules if isinstance(rules, Mapping) else {}).items():
        looked = look(Rule, data if isinstance(data, Mapping) else {})
        if not looked.flaws:
            kept[rule_id] = data
        elif not looked.broken & {"when", "then"}:
            kept[rule_id] = _rule(tx, rule_id, looked)
    known = gone.items() if isinstance(gone, Mapping) else ()
    return {"rules": kept, "gone": {one: at for one, at in known if isinstance(at, datetime)}}


def _rule(tx: Transaction, rule_id: str, looked: Looked) -> dict[str, Any]:
    broken = looked.broken
    data = {**looked.data, "id": rule_id, "on": False, "since": None, "allowed": None}
    data |= {"paused": None, "waiting": 0}
    data["name"] = data["name"] or rule_id
    data["once"] = "ever" if "once" in broken else data["once"]
    data["most"] = data["most"] or MOST
    data["revision"] = data["revision"] or 1
    for name in ("createdAt", "updatedAt"):
        if name in broken:
            data[name] = tx.now
    return data
