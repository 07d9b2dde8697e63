"""Campaigns by their callables: from a draft to the list of who got it, and who may do what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, cast

import pytest
from firebase_functions import https_fn

from crm.entrypoints.callables.campaigns import CALLS
from crm.entrypoints.callables.dispatch import answer
from crm.entrypoints.rate_limit import RateLimit
from crm.mail.port import Accepted, Answer, Mail
from testing.hosts import order
from testing.world import World
from tests.support.sent import put_sent

MAIL: Final = {
    "from": "Example Events <news@example.com>",
    "postal_address": "1 Way, Town",
    "undo_seconds": 30,
}

DRAFT: Final[dict[str, Any]] = {
    "name": "Thank you",
    "subject": "Thank you",
    "body": {"format": "markdown", "source": "# Thank you\n\nHello, thank you for coming to it."},
    "segment": {},
}


class Server:
    """A mailer that takes everything."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        for mail in mails:
            self.mails.append(mail)
            yield Accepted()

    def close(self) -> None:
        pass


class Desk:
    """Staff at a world, who call."""

    def __init__(self, mail: dict[str, Any] | None = None) -> None:
        settings = {"mail": MAIL if mail is None else mail, "time_zone": "Europe/Berlin"}
        self.world = World(settings=settings)
        self.server = Server()
        for name in ("ada", "bob", "cyd"):
            self.world.put_order(f"o-{name}", order(f"{name}@example.com", marketingOptIn=True))

    def call(
        self, name: str, role: str | None = "editor", uid: str = "staff", /, **data: Any
    ) -> Any:
        claims = {"crm": role, "email_verified": True} if role else {}
        request = https_fn.CallableRequest(
            data=data, raw_request=cast("Any", None), auth=https_fn.AuthData(uid, claims)
        )
        services = replace(
            self.world.services,
            mailer=lambda: self.server,
            enqueue=self.world.queue.append,
        )
        return answer(name, request, lambda: services, RateLimit())

    def refused(self, name: str, /, *args: Any, **data: Any) -> tuple[str, str]:
        before = {one: self.world.store.all(one) for one in ("crmCampaigns", "crmJobs")}
        with pytest.raises(https_fn.HttpsError) as error:
            self.call(name, *args, **data)
        assert {one: self.world.store.all(one) for one in before} == before
        assert "@" not in error.value.message
        return error.value.code.value, cast("Any", error.value.details)["reason"]

    def draft(self, **more: Any) -> str:
        campaign_id: str = self.call("save_campaign", **{**DRAFT, **more})["campaign"]["campaignId"]
        return campaign_id


@pytest.fixture(autouse=True)
def _project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-campaigns")  # where unsubscribe links lead


@pytest.fixture
def desk() -> Desk:
    return Desk()


# From a draft to a campaign on its way


def test_a_draft_is_saved_with_what_is_wrong_and_read_back(desk: Desk) -> None:
    body = {"format": "markdown", "source": "# Hello {{ nme }}"}
    saved = desk.call("save_campaign", **{**DRAFT, "body": body, "from": "Ada <ada@example.org>"})
    reasons = {one["reason"]: one for one in saved["problems"]}
    assert "sender-domain" in reasons
    assert reasons["unknown-variable"]["at"] == "body:1"
    assert not reasons["sender-domain"]["blocking"]
    campaign = saved["campaign"]
    assert campaign["from"] == "Ada <ada@example.org>"
    read = desk.call("get_campaign", "viewer", campaignId=campaign["campaignId"])
    assert read["campaign"] == campaign
    (listed,) = desk.call("list_campaigns", "viewer")["campaigns"]
    assert listed == campaign
    assert desk.call("delete_campaign", campaignId=campaign["campaignId"])
    assert desk.call("list_campaigns", "viewer")["campaigns"] == []


def test_a_segment_may_be_text_and_what_it_names_and_is_nowhere_is_said(desk: Desk) -> None:
    saved = desk.call("save_campaign", **{**DRAFT, "segment": "tag:nowhere"})
    assert saved["campaign"]["segment"] == {"tag": "nowhere"}
    assert len(saved["warnings"]) == 1


def test_what_the_preview_says_is_given_back_and_the_campaign_is_scheduled(desk: Desk) -> None:
    campaign_id = desk.draft()
    preview = desk.call("preview_campaign", campaignId=campaign_id)
    reachable = preview["audience"]["reachable"]
    assert reachable == 3
    sent = desk.call("send_campaign", campaignId=campaign_id, expected=reachable)["campaign"]
    assert (sent["state"], sent["expected"]) == ("scheduled", 3)
    again = desk.call("send_campaign", campaignId=campaign_id, expected=reachable)["campaign"]
    assert again == sent
    assert len(desk.world.store.all("crmJobs")) == 1
    cancelled = desk.call("cancel_campaign", campaignId=campaign_id)["campaign"]
    assert cancelled["state"] == "cancelled"


def test_another_number_than_the_preview_said_is_refused(desk: Desk) -> None:
    refused = desk.refused("send_campaign", campaignId=desk.draft(), expected=30)
    assert refused == ("failed-precondition", "audience-changed")


def test_a_time_of_the_clock_is_shown_as_the_instant_that_it_is(desk: Desk) -> None:
    """Case 10: the hour that the change of clocks leaves out."""
    sent = desk.call(
        "send_campaign",
        campaignId=desk.draft(),
        expected=3,
        at="2026-03-29T02:30",
        latestBy="2026-03-29T06:00",
    )["campaign"]
    assert sent["scheduledAt"] == "2026-03-29T01:00:00Z"
    assert sent["scheduledLocal"] == "2026-03-29T03:00:00+02:00"
    assert sent["latestBy"] == "2026-03-29T04:00:00Z"


def test_what_cannot_be_sent_is_refused_by_what_is_wrong(desk: Desk) -> None:
    broken = desk.draft(body={"format": "markdown", "source": "{% if %}"})
    refused = desk.refused("send_campaign", campaignId=broken, expected=3)
    assert refused == ("failed-precondition", "campaign-has-problems")
    nothing = Desk({})
    refused = nothing.refused("send_campaign", campaignId=nothing.draft(), expected=3)
    assert refused == ("failed-precondition", "mail-not-set-up")


def test_a_scheduled_campaign_takes_no_text_that_cannot_be_sent(desk: Desk) -> None:
    campaign_id = desk.draft()
    desk.call("send_campaign", campaignId=campaign_id, expected=3)
    body = {"format": "markdown", "source": "{% if %}"}
    refused = desk.refused("save_campaign", **{**DRAFT, "campaignId": campaign_id, "body": body})
    assert refused == ("failed-precondition", "campaign-has-problems")
    better = desk.call("save_campaign", **{**DRAFT, "campaignId": campaign_id, "subject": "Better"})
    assert better["campaign"]["state"] == "scheduled"


def test_a_test_mail_goes_to_staff_alone(desk: Desk) -> None:
    desk.world.accounts.of["s"] = "staff@example.com"
    desk.world.accounts.staff.add("s")
    campaign_id = desk.draft()
    sent = desk.call("test_campaign", campaignId=campaign_id, to=["staff@example.com"])
    assert sent["sent"] == 1
    assert [mail.to for mail in desk.server.mails] == ["staff@example.com"]
    strangers = [f"v{number}@example.org" for number in range(5)]
    refused = desk.refused("test_campaign", campaignId=campaign_id, to=strangers)
    assert refused == ("invalid-argument", "not-staff")
    assert len(desk.server.mails) == 1


# Who got it


def test_recipients_add_up_and_the_uncertain_are_settled(desk: Desk) -> None:
    ids = [one["id"] for one in desk.world.customers()]
    states = dict(zip(ids, ("accepted", "uncertain", "uncertain"), strict=True))
    campaign = put_sent(desk.world, states, left_out={"gone": "unsubscribed"})

    def listed(state: str | None = None) -> list[Any]:
        more = {"state": state} if state else {}
        answered = desk.call("list_recipients", "viewer", campaignId=campaign.id, **more)
        return list(answered["recipients"])

    counts = desk.call("get_campaign", campaignId=campaign.id)["campaign"]["counts"]
    found = Counter(one["state"] for one in listed())
    assert found == {"accepted": 1, "uncertain": 2, "excluded": 1}
    assert {key: counts[key] for key in found} == found
    assert counts["audience"] == sum(found.values())
    one, two = (one["customerId"] for one in listed("uncertain"))
    ask = {"campaignId": campaign.id, "action": "close"}
    assert desk.call("resolve_recipients", customerIds=[one, "nobody"], **ask)["resolved"] == 1
    assert desk.call("resolve_recipients", customerIds=[one], **ask)["resolved"] == 0
    assert [one["customerId"] for one in listed("uncertain")] == [two]
    (mail,) = desk.call("list_mails", "viewer", customerId=one)["mails"]
    assert (mail["state"], mail["reason"]) == ("refused", "closed")


def test_what_came_of_it_is_answered(desk: Desk) -> None:
    ids = [one["id"] for one in desk.world.customers()]
    campaign = put_sent(desk.world, dict.fromkeys(ids, "accepted"))
    desk.world.store.wait(timedelta(days=1))
    results = desk.call("get_campaign_results", "viewer", campaignId=campaign.id)["results"]
    assert results["recipients"] == 3
    refused = desk.refused("get_campaign_results", campaignId=campaign.id, days=1_000)
    assert refused == ("invalid-argument", "value-invalid")


# Attacks


ASK: Final[dict[str, dict[str, Any]]] = {
    "save_campaign": DRAFT,
    "list_campaigns": {},
    "preview_campaign": {"campaignId": "x"},
    "test_campaign": {"campaignId": "x", "to": ["a@example.com"]},
    "send_campaign": {"campaignId": "x", "expected": 1},
    "list_recipients": {"campaignId": "x"},
    "resolve_recipients": {"campaignId": "x", "customerIds": ["a"], "action": "close"},
    "list_mails": {"customerId": "x"},
    **{
        name: {"campaignId": "x"}
        for name in (
            *("get_campaign", "get_campaign_results", "delete_campaign", "pause_campaign"),
            *("resume_campaign", "cancel_campaign"),
        )
    },
}

LOWER: Final = {"editor": "viewer", "viewer": None, "admin": "editor"}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_lower_role_is_refused_and_learns_nothing(desk: Desk, name: str) -> None:
    role = CALLS[name].role.word
    there = {**ASK[name]}
    if "campaignId" in there:
        there["campaignId"] = desk.draft()
    for data in (ASK[name], there, {"nonsense": 1}):
        assert desk.refused(name, LOWER[role], **data) == ("permission-denied", "role")


@pytest.mark.parametrize("name", sorted(ASK.keys() - {"save_campaign", "list_campaigns"}))
def test_a_foreign_id_is_not_found(desk: Desk, name: str) -> None:
    code, reason = desk.refused(name, **ASK[name])
    assert (code, reason) == (
        "not-found",
        "no-such-customer" if name == "list_mails" else "no-such-campaign",
    )


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("save_campaign", {**DRAFT, "state": "sending"}, "unknown-key"),
        ("save_campaign", {**DRAFT, "counts": {"audience": 0}}, "unknown-key"),
        ("save_campaign", {**DRAFT, "body": {"format": "html", "source": ""}}, "value-invalid"),
        ("save_campaign", {**DRAFT, "body": {**DRAFT["body"], "css": ""}}, "unknown-key"),
        ("save_campaign", {**DRAFT, "body": "text"}, "not-an-object"),
        ("save_campaign", {**DRAFT, "revision": 1}, "value-invalid"),
        ("save_campaign", {**DRAFT, "campaignId": "a/b"}, "id-invalid"),
        ("save_campaign", {**DRAFT, "subject": "a\x00"}, "text-invalid"),
        (
            "save_campaign",
            {**DRAFT, "body": {"format": "mjml", "source": "x" * 10_000_000}},
            "campaign-too-large",
        ),
        ("send_campaign", {"campaignId": "x"}, "missing-key"),
        ("send_campaign", {"campaignId": "x", "expected": -1}, "value-invalid"),
        ("send_campaign", {"campaignId": "x", "expected": 1, "at": "soon"}, "time-invalid"),
        ("test_campaign", {"campaignId": "x", "to": []}, "value-invalid"),
        ("test_campaign", {"campaignId": "x", "to": ["a@example.com"] * 6}, "value-invalid"),
        ("list_recipients", {"campaignId": "x", "state": "sent"}, "value-invalid"),
        ("list_recipients", {"campaignId": "x", "pageToken": "forged"}, "page-token"),
        (
            "resolve_recipients",
            {"campaignId": "x", "customerIds": ["a"] * 501, "action": "close"},
            "value-invalid",
        ),
        (
            "resolve_recipients",
            {"campaignId": "x", "customerIds": ["a"], "action": "send"},
            "value-invalid",
        ),
    ],
)
def test_a_request_that_is_none_is_refused(
    desk: Desk, name: str, data: dict[str, Any], reason: str
) -> None:
    assert desk.refused(name, **data) == ("invalid-argument", reason)


def test_a_page_token_is_its_callers_own(desk: Desk) -> None:
    for _ in range(2):
        desk.draft()
    token = desk.call("list_campaigns", "viewer", pageSize=1)["nextPageToken"]
    refused = desk.refused("list_campaigns", "admin", "somebody else", pageToken=token)
    assert refused == ("invalid-argument", "page-token")


def test_nobody_has_staff_written_to_more_than_a_little() -> None:
    assert CALLS["test_campaign"].per_minute <= 10
