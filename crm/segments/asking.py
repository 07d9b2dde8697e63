"""Understanding a question: every door that takes a segment goes through here."""

from __future__ import annotations

from dataclasses import dataclass

from crm.db.retry import INTERACTIVE
from crm.db.runner import Runner
from crm.segments.language.ast import Node
from crm.segments.language.expansion import expand
from crm.segments.names import Doubt, settle, unknown
from crm.segments.own_fields import check_fields
from crm.segments.saved import finder


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        asked: As it was written, with the ids of events in the place of their names.
        whole: As the engine takes it: saved segments and days expanded.
        doubts: What in it may not be meant so.
    """

    asked: Node
    whole: Node
    doubts: tuple[Doubt, ...] = ()


def understand(runner: Runner, asked: Node, *, doubting: bool = True) -> Question:
    """Return what a segment asks.

    Args:
        runner: Reads.
        asked: The segment; it may name events by their names, and saved segments.
        doubting: Whether to look up what it names: one read for each event and tag.

    Raises:
        Refusal: As `expand`, and `check_fields`.
        Conflict, Transient: Not understood before the deadline.
    """
    return INTERACTIVE.call(lambda: _understood(runner, asked, doubting))


def _understood(runner: Runner, asked: Node, doubting: bool) -> Question:
    settled = settle(runner.store, asked)
    whole = expand(settled.node, finder(runner), runner.settings.time_zone)
    check_fields(whole, runner.settings.fields)
    if not doubting:
        return Question(settled.node, whole)
    nowhere = unknown(runner.store, whole, settled)
    return Question(settled.node, whole, (*settled.doubts, *nowhere))
