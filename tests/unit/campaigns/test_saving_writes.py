"""What saving and deleting a campaign write, what answers show of one, and how much it may hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.campaigns import saving
from crm.campaigns.campaign import Campaign, CampaignState
from crm.campaigns.saving import (
    MOST_LINE,
    MOST_SEGMENT,
    delete_campaign,
    find_campaign,
    get_campaign,
    list_campaigns,
    save,
    shown,
    written,
)
from crm.core.errors import Refusal, Transient
from crm.db.collections import AUDIT, CAMPAIGNS
from crm.db.documents import Update, Write
from crm.segments.language.text import parse
from testing.world import World
from tests.unit.campaigns.test_saving import MAIL, become, made, pager, saved

AT = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    world = made()
    world.runner = replace(world.runner, actor="u1-staff")
    return world


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def told(world: World) -> list[tuple[Any, ...]]:
    names = ("action", "actor", "customers", "facts")
    entries = sorted(world.store.all(AUDIT).values(), key=lambda one: one["at"])
    return [tuple(one[name] for name in names) for one in entries]


def test_a_new_one_is_a_draft_as_it_was_written(world: World) -> None:
    before = world.store.now()
    draft = saved(
        world,
        name=" May  news ",
        subject="  Hi\u0301 {{ name }} ",
        preview=" And more ",
        body=("mjml", " <mjml> "),
        segment="tag:vip",
        sender=" Ada <ada@example.org> ",
        reply_to=" Bob <bob@example.org> ",
    )
    assert draft.created_at == draft.updated_at >= before
    assert draft == Campaign(
        draft.id,
        "May news",
        "Hí {{ name }}",
        "And more",
        {"format": "mjml", "source": " <mjml> "},
        {"tag": "vip"},
        "Ada <ada@example.org>",
        draft.created_at,
        draft.created_at,
        reply_to="Bob <bob@example.org>",
    )
    assert find_campaign(world.runner, draft.id) == draft


@pytest.mark.parametrize(
    ("sender", "reply_to", "mail", "kept"),
    [
        (None, None, MAIL, (MAIL["from"], MAIL["reply_to"])),
        ("", "", MAIL, (MAIL["from"], MAIL["reply_to"])),
        (None, "a@example.org", MAIL, (MAIL["from"], "a@example.org")),
        ("b@example.org", None, MAIL, ("b@example.org", None)),
        ("b@example.org", "a@example.org", MAIL, ("b@example.org", "a@example.org")),
        (None, None, {"from": "c@example.com"}, ("c@example.com", None)),
        ("b@example.org", None, {}, ("b@example.org", None)),
        (None, "a@example.org", {}, ("", "a@example.org")),
    ],
)
def test_sender_and_answers_are_those_of_the_call_else_those_of_crm_toml(
    sender: str | None, reply_to: str | None, mail: dict[str, str], kept: tuple[str, str | None]
) -> None:
    draft = saved(made(mail), sender=sender, reply_to=reply_to)
    assert (draft.sender, draft.reply_to) == kept


def test_what_the_segment_may_not_mean_is_told(world: World) -> None:
    texts = {"name": "n", "subject": "s", "preview": None, "body": ("markdown", "x")}
    more = {"sender": None, "reply_to": None}
    wanted, doubts = written(world.runner, segment=parse("tag:nobody"), **texts, **more)  # type: ignore[arg-type]
    assert [one.name for one in doubts] == ["nobody"]
    assert wanted.segment == {"tag": "nobody"}


def test_a_change_writes_what_is_new_alone(world: World) -> None:
    first = saved(world, preview="old", reply_to="a@example.com")
    commit, seen = world.store.commit, list[Write]()

    def watched(writes: Sequence[Write]) -> list[int]:
        seen.extend(writes)
        return commit(writes)

    world.store.commit = watched  # type: ignore[method-assign]
    second = saved(world, first.id, subject="Other", reply_to="a@example.com")
    (update,) = [one for one in seen if one.path == first.path]
    assert isinstance(update, Update)
    changed = {"subject": "Other", "preview": "", "revision": 2, "updatedAt": second.updated_at}
    assert update.data == changed
    assert second == replace(
        first, subject="Other", preview="", revision=2, updated_at=second.updated_at
    )
    assert find_campaign(world.runner, first.id) == second


def test_the_trail_tells_a_new_one_from_a_change(world: World) -> None:
    draft = saved(world)
    saved(world, draft.id, subject="Other")
    delete_campaign(world.runner, draft.id)
    assert told(world) == [
        ("campaign.save", "u1-staff", [], {"campaign": draft.id, "new": True}),
        ("campaign.save", "u1-staff", [], {"campaign": draft.id, "new": False}),
        ("campaign.delete", "u1-staff", [], {"campaign": draft.id}),
    ]


@pytest.mark.parametrize(
    ("state", "fields", "asked", "reason", "more"),
    [
        ("done", {}, {"subject": "x"}, "campaign-not-editable", {}),
        ("scheduled", {"rule": "r1"}, {}, "campaign-of-rule", {}),
        ("draft", {"rule": "r1"}, {"subject": "x"}, "campaign-of-rule", {}),
        ("paused", {}, {"segment": "tag:x"}, "audience-fixed", {}),
        ("draft", {}, {"revision": 2, "subject": "x"}, "changed-meanwhile", {"revision": 1}),
        ("paused", {}, {"revision": 0, "subject": "x"}, "changed-meanwhile", {"revision": 1}),
    ],
)
def test_a_change_is_refused_by_its_code_and_changes_nothing(
    world: World,
    state: CampaignState,
    fields: dict[str, Any],
    asked: dict[str, Any],
    reason: str,
    more: dict[str, Any],
) -> None:
    campaign = replace(saved(world), state=state, **fields)
    world.store.put(campaign.path, campaign.to_data())
    refusal = refused(lambda: saved(world, campaign.id, **asked))
    assert (refusal.code, refusal.reason, refusal.more) == ("failed-precondition", reason, more)
    if reason == "campaign-not-editable":
        assert "this one is done:" in refusal.message
    assert find_campaign(world.runner, campaign.id) == campaign


def test_what_is_not_found_or_no_draft_is_refused_by_its_code(world: World) -> None:
    for act in (
        lambda: find_campaign(world.runner, "nobody"),
        lambda: delete_campaign(world.runner, "nobody"),
        lambda: saved(world, "nobody"),
    ):
        refusal = refused(act)
        assert (refusal.code, refusal.reason) == ("not-found", "no-such-campaign")
    sent = saved(world)
    become(world, sent, "scheduled")
    refusal = refused(lambda: delete_campaign(world.runner, sent.id))
    assert (refusal.code, refusal.reason) == ("failed-precondition", "campaign-not-draft")


@pytest.mark.parametrize(
    ("more", "reason", "said"),
    [
        ({"subject": "x" * (MOST_LINE + 1)}, "campaign-too-large", "`subject` .* 500 characters"),
        ({"preview": "x" * (MOST_LINE + 1)}, "campaign-too-large", "`preview` .* 500 characters"),
        ({"sender": "x" * (MOST_LINE + 1)}, "campaign-too-large", "`from` .* 500 characters"),
        ({"reply_to": "x" * (MOST_LINE + 1)}, "campaign-too-large", "`replyTo` .* 500 characters"),
        ({"body": ("markdown", "x" * 200_001)}, "campaign-too-large", "`body.source` .* 200,000"),
        ({"subject": "a\tb"}, "text-invalid", "`subject` must be one line"),
        ({"preview": "a\u2029b"}, "text-invalid", "`preview` must be one line"),
        ({"sender": "nobody"}, "sender-invalid", "`from` must be one address"),
        ({"reply_to": "nobody"}, "sender-invalid", "`replyTo` must be one address"),
    ],
)
def test_what_is_too_much_or_no_line_is_refused_by_its_place(
    world: World, more: dict[str, Any], reason: str, said: str
) -> None:
    with pytest.raises(Refusal, match=said) as caught:
        saved(world, **more)
    assert (caught.value.code, caught.value.reason) == ("invalid-argument", reason)


def test_lines_are_measured_without_the_spaces_around_them(world: World) -> None:
    line = "x" * MOST_LINE
    assert saved(world, preview=f"  {line}\n").preview == line
    far = " " * (9 * MOST_LINE) + line  # as much as is looked at
    assert saved(world, subject=far).subject == line


def test_a_segment_has_a_size(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len('{"tag": "vip"}')
    monkeypatch.setattr(saving, "MOST_SEGMENT", size)
    assert saved(world).segment == {"tag": "vip"}
    monkeypatch.setattr(saving, "MOST_SEGMENT", size - 1)
    with pytest.raises(Refusal, match=f"`segment` must have at most {size - 1} bytes") as caught:
        saved(world)
    assert (caught.value.code, caught.value.reason) == ("invalid-argument", "campaign-too-large")
    assert MOST_SEGMENT == 100_000


def test_a_saved_segment_that_is_gone_is_refused(world: World) -> None:
    refusal = refused(lambda: saved(world, segment='segment:"VIPs"'))
    assert (refusal.code, refusal.reason) == ("not-found", "no-such-segment")


@pytest.mark.parametrize("act", ["save", "change", "delete"])
def test_what_was_done_by_a_commit_whose_answer_was_lost_is_done_once(
    world: World, act: str
) -> None:
    first = saved(world)
    commit, lost = world.store.commit, [True]

    def losing(writes: Any) -> list[int]:
        versions = commit(writes)
        if lost and lost.pop():
            raise Transient("no answer")
        return versions

    world.store.commit = losing  # type: ignore[method-assign]
    entries = len(told(world))
    if act == "delete":
        delete_campaign(world.runner, first.id)
        assert world.store.all(CAMPAIGNS) == {}
    else:
        after = saved(world, first.id if act == "change" else None, subject="Other")
        assert after.revision == (2 if act == "change" else 1)
        assert find_campaign(world.runner, after.id) == after
    assert len(told(world)) == entries + 1


# What answers show


def test_an_answer_shows_all_but_in_whose_name_and_to_whom_by_id(world: World) -> None:
    draft = saved(world)
    campaign = replace(
        draft,
        state="paused",
        reason="r",
        message="m",
        scheduled_at=AT,
        latest_by=AT,
        started_at=AT,
        prepared_at=AT,
        finished_at=AT,
        expected=5,
        actor="u1-somebody",
        job_id="j",
        ready=True,
        baseline={"accepted": 1},
        rule="r1",
        scope="e1",
        people=("c1",),
    )
    counts = dict(draft.counts)
    answer = {
        "campaignId": draft.id,
        "name": "Thank you",
        "subject": "Thank you, {{ name }}",
        "preview": "",
        "body": {"format": "markdown", "source": "# Thank you"},
        "segment": {"tag": "vip"},
        "from": MAIL["from"],
        "replyTo": MAIL["reply_to"],
        "state": "paused",
        "reason": "r",
        "message": "m",
        **dict.fromkeys(("scheduledAt", "latestBy", "startedAt", "preparedAt", "finishedAt"), AT),
        "scheduledLocal": "2026-07-01T08:30:00+02:00",
        "expected": 5,
        "counts": counts,
        "revision": 1,
        "createdAt": draft.created_at,
        "updatedAt": draft.updated_at,
        "jobId": "j",
        "rule": "r1",
        "scope": "e1",
    }
    zone = world.runner.settings.time_zone
    assert shown(campaign, zone) == answer
    world.store.put(campaign.path, campaign.to_data())
    asked: list[object] = []

    def counting(store: object, campaign_id: str) -> dict[str, int]:
        asked.append((store, campaign_id))
        return {"audience": 7, "accepted": 7}

    told = {**answer, "counts": {**counts, "audience": 7, "accepted": 7}}
    assert get_campaign(world.runner, counting, draft.id) == told
    assert asked == [(world.store, draft.id)]
    page = list_campaigns(world.store, pager(), zone, by_rules=True)
    assert page == {"campaigns": [answer], "nextPageToken": None}


@pytest.mark.parametrize("at", range(1, 8))
def test_a_draft_that_is_scheduled_meanwhile_is_not_deleted(world: World, at: int) -> None:
    draft = saved(world)
    calls, sent = 0, False

    def scheduled() -> None:
        nonlocal calls, sent
        calls += 1
        if calls == at and draft.id in world.store.all(CAMPAIGNS):
            sent = True
            become(world, draft, "scheduled")

    world.store.pause = scheduled
    if at > 5:  # behind the commit
        delete_campaign(world.runner, draft.id)
    else:
        assert (
            refused(lambda: delete_campaign(world.runner, draft.id)).reason == "campaign-not-draft"
        )
    assert ({*world.store.all(CAMPAIGNS)} == {draft.id}) is sent


def many(world: World, rules: int) -> str:
    """Save a draft, and then put so many that rules have sent."""
    draft = saved(world)
    for number in range(rules):
        at = world.store.now()
        one = replace(draft, id=f"r{number:03}", rule="r1", created_at=at, updated_at=at)
        world.store.put(one.path, one.to_data())
        world.store.put(f"{CAMPAIGNS}/tick", {})  # each is of another moment
        world.store.delete(f"{CAMPAIGNS}/tick")
    return draft.id


@pytest.mark.parametrize(("rules", "there"), [(19, True), (20, False), (21, False)])
def test_ten_pages_of_what_rules_send_are_looked_at_for_one(
    world: World, rules: int, there: bool
) -> None:
    draft = many(world, rules)
    zone = world.runner.settings.time_zone
    page: Any = list_campaigns(world.store, pager(), zone)
    assert [one["campaignId"] for one in page["campaigns"]] == ([draft] if there else [])
    assert (page["nextPageToken"] is None) is there
    if not there:
        behind: Any = list_campaigns(world.store, pager(token=page["nextPageToken"]), zone)
        assert [one["campaignId"] for one in behind["campaigns"]] == [draft]


@pytest.mark.parametrize("other", [{"rule": "r1"}, {"by_rules": True}])
def test_a_token_of_one_list_is_none_of_another(world: World, other: dict[str, Any]) -> None:
    many(world, 5)
    zone = world.runner.settings.time_zone
    token: Any = list_campaigns(world.store, pager(), zone, **other)["nextPageToken"]
    asked = {"rule": other.get("rule"), "byRules": "by_rules" in other}
    assert pager(token=token).open("list_campaigns", asked).position
    with pytest.raises(Refusal, match="pageToken"):
        list_campaigns(world.store, pager(token=token), zone)


def test_a_change_of_what_a_try_has_saved_already_is_none(world: World) -> None:
    """Nothing but the texts is compared: who has the same ones meets the own work."""
    first = saved(world)
    become(world, first, "done")
    same, _ = written(
        world.runner,
        name=first.name,
        subject=first.subject,
        preview=None,
        body=("markdown", "# Thank you"),
        segment=parse("tag:vip"),
        sender=None,
        reply_to=None,
    )
    entries = len(told(world))
    assert save(world.runner, same, first.id, 7).state == "done"
    assert len(told(world)) == entries
