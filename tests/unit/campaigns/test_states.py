"""From which state a campaign moves to which; nothing else changes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from crm.campaigns.campaign import EDITABLE, MOVES, OPEN, Campaign, CampaignState
from crm.campaigns.states import ENDS, begun, halted, moved
from crm.core.errors import Refusal

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)

STATES: tuple[CampaignState, ...] = get_args(CampaignState)

CAMPAIGN = Campaign(
    "c1",
    "May",
    "News",
    "",
    {"format": "markdown", "source": "Hello"},
    {},
    "a@example.com",
    NOW,
    NOW,
)

ALLOWED = {
    ("draft", "scheduled"),
    ("scheduled", "preparing"),
    ("scheduled", "cancelled"),
    ("scheduled", "missed"),
    ("scheduled", "halted"),
    ("preparing", "sending"),
    ("preparing", "cancelled"),
    ("preparing", "halted"),
    ("sending", "paused"),
    ("sending", "done"),
    ("sending", "cancelled"),
    ("sending", "halted"),
    ("paused", "sending"),
    ("paused", "cancelled"),
    ("halted", "preparing"),
    ("halted", "sending"),
    ("halted", "cancelled"),
}


@pytest.mark.parametrize("source", STATES)
@pytest.mark.parametrize("target", STATES)
def test_only_the_moves_of_the_contract_are_possible(
    source: CampaignState, target: CampaignState
) -> None:
    campaign = replace(CAMPAIGN, state=source)
    if (source, target) in ALLOWED:
        assert moved(campaign, target, NOW).state == target
        return
    with pytest.raises(Refusal) as refused:
        moved(campaign, target, NOW)
    assert (refused.value.code, refused.value.reason) == ("failed-precondition", "no-such-move")
    assert refused.value.more == {"state": source}


@pytest.mark.parametrize(
    ("source", "ways"),
    [
        ("scheduled", " It can become `cancelled`, `halted`, `missed`, `preparing`."),
        ("done", " That is an end: save a new campaign."),
    ],
)
def test_a_refused_move_says_which_there_are(source: CampaignState, ways: str) -> None:
    with pytest.raises(Refusal) as refused:
        moved(replace(CAMPAIGN, state=source), "sending", NOW)
    said = f"The campaign is `{source}` and cannot become `sending` from there."
    assert refused.value.message == said + ways


def test_ends_are_the_states_that_nothing_follows() -> None:
    assert {state for state in STATES if not MOVES[state]} == ENDS
    assert not OPEN & (ENDS | {"draft", "paused", "halted"})
    assert {"draft", "scheduled", "paused"} == EDITABLE


def test_a_move_forgets_why_it_stood_still() -> None:
    stopped = halted(replace(CAMPAIGN, state="sending"), NOW, "sender-refused", "Mend it.")
    assert (stopped.reason, stopped.message) == ("sender-refused", "Mend it.")
    goes_on = moved(stopped, "sending", NOW)
    assert (goes_on.reason, goes_on.message) == (None, None)


def test_every_move_is_a_new_version_even_where_the_clock_is_behind() -> None:
    early = NOW - timedelta(hours=1)
    assert moved(CAMPAIGN, "scheduled", early).updated_at > CAMPAIGN.updated_at


def test_it_began_once_and_ended_once() -> None:
    later = NOW + timedelta(hours=1)
    preparing = moved(replace(CAMPAIGN, state="scheduled"), "preparing", NOW)
    again = moved(halted(preparing, NOW, "x", "x"), "preparing", later)
    assert (preparing.started_at, again.started_at) == (NOW, NOW)
    assert (preparing.ready, preparing.finished_at) == (False, None)
    sending = moved(again, "sending", later)
    assert sending.ready
    assert moved(sending, "done", later).finished_at == later


@pytest.mark.parametrize(
    ("late", "state"), [(timedelta(0), "preparing"), (timedelta(microseconds=1), "missed")]
)
def test_one_that_is_too_late_is_missed(late: timedelta, state: CampaignState) -> None:
    campaign = begun(replace(CAMPAIGN, state="scheduled", latest_by=NOW), NOW + late)
    assert (campaign.state, campaign.reason) == (state, "too-late" if state == "missed" else None)


# All that a move writes


LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("source", "target", "changes"),
    [
        ("draft", "scheduled", {}),
        ("scheduled", "preparing", {"started_at": LATER}),
        ("scheduled", "missed", {"finished_at": LATER}),
        ("preparing", "sending", {"ready": True}),
        ("preparing", "halted", {}),
        ("sending", "paused", {}),
        ("sending", "done", {"finished_at": LATER}),
        ("paused", "cancelled", {"finished_at": LATER}),
        ("halted", "preparing", {"started_at": LATER}),
        ("halted", "sending", {"ready": True}),
    ],
)
def test_all_that_a_move_changes(
    source: CampaignState, target: CampaignState, changes: dict[str, Any]
) -> None:
    before = replace(CAMPAIGN, state=source, reason="r", message="m", job_id="j", expected=3)
    after = replace(before, state=target, updated_at=LATER, reason=None, message=None, **changes)
    assert moved(before, target, LATER) == after
    given = {"reason": "x", "message": "y", "expected": 4}
    assert moved(before, target, LATER, **given) == replace(after, **given)  # type: ignore[arg-type]


def test_one_that_began_before_keeps_when_it_did() -> None:
    before = replace(CAMPAIGN, state="halted", started_at=NOW)
    assert moved(before, "preparing", LATER).started_at == NOW


def test_one_that_is_missed_says_so_to_staff() -> None:
    before = replace(CAMPAIGN, state="scheduled", latest_by=NOW)
    missed = begun(before, LATER)
    told = {"reason": "too-late", "message": missed.message, "finished_at": LATER}
    assert missed == replace(before, state="missed", updated_at=LATER, **told)  # type: ignore[arg-type]
    assert "It could not begin in time" in str(missed.message)
    assert begun(replace(before, latest_by=None), LATER).state == "preparing"


def test_one_that_halts_keeps_all_but_why() -> None:
    before = replace(CAMPAIGN, state="sending", ready=True, job_id="j", counts={"audience": 1})
    told = {"state": "halted", "reason": "r", "message": "m", "updated_at": LATER}
    assert halted(before, LATER, "r", "m") == replace(before, **told)  # type: ignore[arg-type]
