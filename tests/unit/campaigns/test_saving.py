"""Campaigns as staff save, list and delete them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from crm.campaigns.campaign import Campaign, CampaignState, path_of
from crm.campaigns.saving import (
    MOST_LINE,
    MOST_SOURCE,
    delete_campaign,
    find_campaign,
    get_campaign,
    list_campaigns,
    save,
    written,
)
from crm.core.errors import Refusal, Transient
from crm.db.paging import Pager, PageTokens
from crm.segments.language.ast import Tag
from crm.segments.language.text import parse
from crm.segments.saved import save as save_segment
from crm.segments.saved_plan import Definition
from testing.world import KEYS, World

MAIL: Final = {"from": "Example Events <news@example.com>", "reply_to": "hello@example.com"}


def made(mail: dict[str, str] | None = None) -> World:
    return World(settings={"mail": MAIL if mail is None else mail, "time_zone": "Europe/Berlin"})


def saved(
    world: World, campaign_id: str | None = None, revision: int | None = None, **more: Any
) -> Campaign:
    texts: dict[str, Any] = {
        "name": "Thank you",
        "subject": "Thank you, {{ name }}",
        "preview": None,
        "body": ("markdown", "# Thank you"),
        "segment": "tag:vip",
        "sender": None,
        "reply_to": None,
        **more,
    }
    texts["segment"] = parse(texts["segment"])
    wanted, _ = written(world.runner, **texts)
    return save(world.runner, wanted, campaign_id, revision)


def become(world: World, campaign: Campaign, state: CampaignState) -> None:
    world.store.put(campaign.path, replace(campaign, state=state).to_data())


def refusal(world: World, *args: Any, **more: Any) -> str:
    with pytest.raises(Refusal) as refused:
        saved(world, *args, **more)
    assert "@" not in refused.value.message.replace("news@example.com", "")
    return refused.value.reason


def pager(size: int = 2, token: str | None = None, caller: str = "staff") -> Pager:
    return Pager(PageTokens(KEYS.derive("page-token")), caller, size, token)


def test_a_draft_is_from_whom_crm_toml_says_and_has_its_segment_as_json() -> None:
    world = made()
    draft = saved(world)
    assert (draft.state, draft.revision) == ("draft", 1)
    assert (draft.sender, draft.reply_to) == (MAIL["from"], MAIL["reply_to"])
    assert draft.segment == {"tag": "vip"}
    assert find_campaign(world.runner, draft.id) == draft


def test_the_sender_of_a_call_brings_no_answers_to_somebody_else() -> None:
    draft = saved(made(), sender="Ada <ada@example.org>")
    assert (draft.sender, draft.reply_to) == ("Ada <ada@example.org>", None)


def test_a_draft_can_be_written_before_mail_is_set_up() -> None:
    assert saved(made({})).sender == ""


def test_a_saved_segment_is_kept_by_its_id_because_names_change() -> None:
    world = made()
    vips, _ = save_segment(world.runner, Definition("VIPs", Tag("vip")))
    assert saved(world, segment='segment:"VIPs"').segment == {"segment": vips}


def test_saving_again_replaces_it_all_and_counts_the_revision() -> None:
    world = made()
    first = saved(world, preview="old", reply_to="a@example.com")
    second = saved(world, first.id, subject="Other")
    assert (second.id, second.revision, second.preview) == (first.id, 2, "")
    assert second.created_at == first.created_at < second.updated_at


def test_the_same_again_changes_nothing() -> None:
    world = made()
    first = saved(world)
    assert saved(world, first.id) == first
    assert saved(world, first.id, revision=1) == first


def test_who_has_an_old_revision_is_told_the_new_one() -> None:
    world = made()
    first = saved(world)
    saved(world, first.id, subject="Mine")
    with pytest.raises(Refusal) as refused:
        saved(world, first.id, 1, subject="Yours")
    assert refused.value.reason == "changed-meanwhile"
    assert refused.value.more == {"revision": 2}
    assert find_campaign(world.runner, first.id).subject == "Mine"


def test_a_commit_whose_answer_is_lost_makes_one_campaign() -> None:
    world = made()
    commit, lost = world.store.commit, [True]

    def losing(writes: Any) -> Any:
        versions = commit(writes)
        if lost and lost.pop():
            raise Transient("no answer")
        return versions

    world.store.commit = losing  # type: ignore[method-assign]
    draft = saved(world)
    assert [*world.store.all("crmCampaigns")] == [draft.id]
    assert draft.revision == 1


EDITED: Final = {"draft": None, "scheduled": None, "paused": None}


@pytest.mark.parametrize(
    "state",
    ["draft", "scheduled", "preparing", "sending", "paused", "halted", "done", "cancelled"],
)
def test_what_is_under_way_or_over_stays_as_it_is(state: CampaignState) -> None:
    world = made()
    campaign = saved(world)
    become(world, campaign, state)
    if state in EDITED:
        assert saved(world, campaign.id, subject="Other").subject == "Other"
    else:
        assert refusal(world, campaign.id, subject="Other") == "campaign-not-editable"


def test_a_paused_campaign_keeps_its_audience() -> None:
    world = made()
    campaign = saved(world)
    become(world, campaign, "paused")
    assert refusal(world, campaign.id, segment="tag:other") == "audience-fixed"
    assert saved(world, campaign.id, body=("markdown", "# Better")).revision == 2


def test_what_cannot_be_sent_is_saved_as_a_draft_alone() -> None:
    world = made()
    campaign = saved(world)
    wanted, _ = written(
        world.runner,
        name="n",
        subject="s",
        preview=None,
        body=("mjml", "<mjml>"),
        segment=Tag("vip"),
        sender=None,
        reply_to=None,
    )
    unfit = Refusal("failed-precondition", "campaign-has-problems", "Mend it.")
    assert save(world.runner, wanted, campaign.id, unfit=unfit).revision == 2
    become(world, saved(world, campaign.id), "scheduled")
    with pytest.raises(Refusal) as refused:
        save(world.runner, wanted, campaign.id, unfit=unfit)
    assert refused.value is unfit


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"body": ("markdown", "x" * (MOST_SOURCE + 1))}, "campaign-too-large"),
        ({"body": ("mjml", "ü" * (MOST_SOURCE // 2 + 1))}, "campaign-too-large"),
        ({"body": ("markdown", "x" * 10_000_000)}, "campaign-too-large"),
        ({"subject": "x" * (MOST_LINE + 1)}, "campaign-too-large"),
        ({"preview": "x" * 10_000_000}, "campaign-too-large"),
        ({"subject": "Hello\nBcc: everybody@example.com"}, "text-invalid"),
        ({"preview": "a\u2028b"}, "text-invalid"),
        ({"sender": "nobody"}, "sender-invalid"),
        ({"sender": "a@example.com, b@example.com"}, "sender-invalid"),
        ({"sender": "A <a@example.com>\r\nBcc: b@example.com"}, "text-invalid"),
        ({"reply_to": "two@example.com three@example.com"}, "sender-invalid"),
        ({"name": ""}, "name-invalid"),
        ({"name": "for ada@example.com"}, "name-invalid"),
        ({"segment": "segment:nowhere"}, "no-such-segment"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_saved(
    more: dict[str, Any], reason: str
) -> None:
    world = made()
    assert refusal(world, **more) == reason
    assert world.store.all("crmCampaigns") == {}


def test_the_largest_body_there_may_be_fits_the_database() -> None:
    world = made()
    assert len(saved(world, body=("mjml", "x" * MOST_SOURCE)).body["source"]) == MOST_SOURCE


def test_the_longest_line_there_may_be() -> None:
    assert saved(made(), subject=MOST_LINE * "x").subject == MOST_LINE * "x"


def test_an_id_that_nobody_has_is_not_found() -> None:
    world = made()
    assert refusal(world, "nobody") == "no-such-campaign"
    for missing in (find_campaign, delete_campaign):
        with pytest.raises(Refusal, match="list_campaigns"):
            missing(world.runner, "nobody")


def test_only_drafts_are_deleted() -> None:
    world = made()
    draft, sent = saved(world), saved(world)
    become(world, sent, "done")
    delete_campaign(world.runner, draft.id)
    with pytest.raises(Refusal) as refused:
        delete_campaign(world.runner, sent.id)
    assert refused.value.reason == "campaign-not-draft"
    assert [*world.store.all("crmCampaigns")] == [sent.id]


def test_who_saved_and_deleted_is_in_the_audit_trail() -> None:
    world = made()
    draft = saved(world)
    saved(world, draft.id, subject="Other")
    delete_campaign(world.runner, draft.id)
    entries = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    assert [(one["action"], one["facts"]["campaign"]) for one in entries] == [
        ("campaign.save", draft.id),
        ("campaign.save", draft.id),
        ("campaign.delete", draft.id),
    ]


def test_the_list_is_newest_first_and_its_tokens_are_the_callers_own() -> None:
    world = made()
    ids = [saved(world, name=f"No. {number}").id for number in range(3)]
    zone = world.runner.settings.time_zone
    first = list_campaigns(world.store, pager(), zone)
    token: Any = first["nextPageToken"]
    last: Any = list_campaigns(world.store, pager(token=token), zone)
    listed: Any = [*first["campaigns"], *last["campaigns"]]  # type: ignore[misc]
    assert [one["campaignId"] for one in listed] == ids[::-1]
    assert last["nextPageToken"] is None
    with pytest.raises(Refusal, match="pageToken"):
        list_campaigns(world.store, pager(token=token, caller="somebody else"), zone)


def test_a_campaign_is_answered_with_its_people_counted_now_and_when_it_begins_here() -> None:
    world = made()
    draft = saved(world)
    now = world.store.now()
    sending = replace(
        draft, state="sending", started_at=now, scheduled_at=now, actor="u1-somebody", job_id="j"
    )
    world.store.put(path_of(draft.id), sending.to_data())

    def counting(_store: object, _campaign: str) -> dict[str, int]:
        return {"audience": 3, "accepted": 3}

    answer: Any = get_campaign(world.runner, counting, draft.id)
    assert (answer["counts"]["audience"], answer["counts"]["bounced"]) == (3, 0)
    assert answer["scheduledLocal"].endswith("+01:00")
    assert "u1-somebody" not in str(answer)


def test_a_draft_is_not_counted() -> None:
    world = made()
    draft = saved(world)
    answer: Any = get_campaign(world.runner, lambda *_: pytest.fail("counted"), draft.id)
    assert answer["counts"]["audience"] == 0
