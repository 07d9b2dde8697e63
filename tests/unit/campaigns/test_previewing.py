"""What a campaign would be if it were sent now: the mail, its gaps, its audience, how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from crm.campaigns import previewing
from crm.campaigns.came_back import mark_unreachable
from crm.campaigns.campaign import Campaign
from crm.campaigns.previewing import preview, seconds_for
from crm.config.mail import MailSettings
from crm.core.errors import Refusal
from crm.db.documents import Snapshot
from crm.fields.plan import WriteFields
from crm.newsletter import unsubscribe_link
from crm.segments.language.ast import Tag
from crm.segments.saved import delete as delete_segment
from crm.segments.saved import save as save_segment
from crm.segments.saved_plan import Definition
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.unit.campaigns.test_saving import MAIL, saved

LANDING = "https://example.com/unsubscribe"
HELLO = ("markdown", "# Hello\n\nHi {{ name }}, thank you for coming to the workshop.")


@pytest.fixture
def world() -> World:
    """Three subscribed, one of them without a name, and two who get nothing."""
    mail = {**MAIL, "postal_address": "Example Events, 1 Way, Town"}
    own = {"company": {"type": "text", "label": "Company", "purpose": "x"}}
    world = World(settings={"mail": mail, "time_zone": "Europe/Berlin", "fields": own})
    for name in ("ada", "bob", "cyd"):
        fields = {"name": None if name == "cyd" else name.title(), "marketingOptIn": True}
        world.put_order(f"o-{name}", order(f"{name}@example.com", **fields))
    for name in ("dan", "eve"):
        world.put_order(f"o-{name}", order(f"{name}@example.com"))
    return world


def previewed(world: World, customer_id: str | None = None, **more: Any) -> Any:
    draft = saved(world, **{"segment": {}, "body": HELLO, "subject": "Hello", **more})
    return preview(world.runner, draft, customer_id, LANDING)


def reasons(answer: Any) -> list[str]:
    return [one["reason"] for one in answer["problems"]]


def test_it_says_how_many_are_reached_and_why_others_are_not(world: World) -> None:
    assert previewed(world)["audience"] == {
        "matched": 5,
        "reachable": 3,
        "excluded": {"not-subscribed": 2},
    }


def test_it_shows_the_mail_to_the_person_who_is_asked_for(world: World) -> None:
    ada = world.with_email("ada@example.com")["id"]
    answer = previewed(world, ada)
    assert answer["customerId"] == ada
    assert "Hi Ada," in answer["text"]
    assert "Hi Ada," in answer["html"]


def test_without_one_it_shows_the_mail_to_the_first_who_gets_it(world: World) -> None:
    answer = previewed(world)
    shown = world.store.all("customers")[answer["customerId"]]
    assert shown["marketing"]["status"] == "subscribed"


def test_a_segment_and_a_text_may_ask_for_own_fields(world: World) -> None:
    for name in ("ada", "bob"):
        customer_id = world.with_email(f"{name}@example.com")["id"]
        fields = {"company": "ACME" if name == "ada" else "Other"}
        world.runner.run(WriteFields(customer_id, fields))
    text = ("markdown", "# Hello\n\nGreetings to {{ fields.company }}, and thank you.")
    answer = previewed(world, segment='field:company = "ACME"', body=text)
    assert "Greetings to ACME," in answer["text"]
    assert answer["audience"]["reachable"] == 1
    assert reasons(answer) == ["no-default"]
    (gap,) = [
        one for one in previewed(world, body=text)["problems"] if one["reason"] == "missing-value"
    ]
    assert "1 of 3 people" in gap["message"]
    nobody = previewed(world, segment="tag:nobody", body=text)
    assert "Greetings to Example," in nobody["text"]


def test_where_nobody_gets_it_an_example_does(world: World) -> None:
    answer = previewed(world, segment="tag:nobody")
    assert answer["customerId"] is None
    assert "Hi Ada Example," in answer["text"]
    assert answer["audience"] == {"matched": 0, "reachable": 0, "excluded": {}}


def test_gaps_are_counted_over_the_people_who_get_it(world: World) -> None:
    (gap,) = [one for one in previewed(world)["problems"] if one["reason"] == "missing-value"]
    assert "1 of 3 people" in gap["message"]
    assert "Hi ," in gap["message"]
    filled = ("markdown", '# Hello\n\nHi {{ name | default: "there" }}, thank you for coming.')
    assert "missing-value" not in reasons(previewed(world, body=filled))


def test_a_name_with_markup_is_text(world: World) -> None:
    name = '<img src=x onerror=alert(1)>"&'
    world.put_order("o-mal", order("mal@example.com", name=name, marketingOptIn=True))
    answer = previewed(world, world.with_email("mal@example.com")["id"])
    assert "<img src=x" not in answer["html"]
    assert "&lt;img src=x" in answer["html"]


def test_a_text_that_cannot_be_read_is_a_problem_and_the_audience_is_counted(world: World) -> None:
    answer = previewed(world, body=("markdown", "# Hello {% if %}"))
    assert (answer["subject"], answer["html"], answer["text"]) == ("", "", "")
    assert answer["problems"][0]["blocking"]
    assert answer["problems"][0]["at"].startswith("body")
    assert answer["audience"]["reachable"] == 3


def test_the_senders_other_domain_is_a_problem_and_no_refusal(world: World) -> None:
    answer = previewed(world, sender="Ada <ada@example.org>")
    assert "sender-domain" in reasons(answer)
    assert "sender-domain" not in reasons(previewed(world, sender="Ada <ada@example.com>"))


def test_without_mail_set_up_it_says_so_first() -> None:
    answer = previewed(World())
    assert reasons(answer)[0] == "mail-not-set-up"


def test_an_id_that_nobody_has_is_not_found(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        previewed(world, "nobody")
    assert refused.value.reason == "no-such-customer"


def test_a_saved_segment_that_is_gone_is_refused_by_its_reason(world: World) -> None:
    vips, _ = save_segment(world.runner, Definition("VIPs", Tag("vip")))
    draft: Campaign = saved(world, segment={"segment": vips})
    delete_segment(world.runner, vips)
    with pytest.raises(Refusal) as refused:
        preview(world.runner, draft, None, LANDING)
    assert refused.value.reason == "no-such-segment"


def test_all_of_an_answer(world: World) -> None:
    ada = world.with_email("ada@example.com")["id"]
    answer = previewed(world, ada, preview="See you")
    link = unsubscribe_link.link(world.runner.keys, LANDING, "ada@example.com")
    assert link in answer["text"]
    assert link in answer["html"]
    message = answer["problems"][-1]["message"]
    gap = {"reason": "missing-value", "message": message, "at": "body", "blocking": False}
    assert "no `name` and would read: “Hi , thank you for coming" in message
    assert "`{{ name | default: '…' }}`" in message
    assert answer == {
        "customerId": ada,
        "subject": "Hello",
        "html": answer["html"],
        "text": answer["text"],
        "problems": [answer["problems"][0], gap],
        "audience": {"matched": 5, "reachable": 3, "excluded": {"not-subscribed": 2}},
        "estimate": {"seconds": 1},
    }


def test_the_mail_to_somebody_without_an_address_is_as_to_nobody(world: World) -> None:
    world.put_user("u-gus", user(None))
    gus = world.with_uid("u-gus")["id"]
    text = ("markdown", "# Hello\n\nThis goes to {{ email }}, thank you for coming.")
    answer = previewed(world, gus, body=text)
    assert answer["customerId"] == gus
    assert "This goes to nobody@example.com, thank you" in answer["text"]
    link = unsubscribe_link.link(world.runner.keys, LANDING, "nobody@example.com")
    assert link in answer["text"]


def test_reasons_are_in_the_order_of_their_names(world: World) -> None:
    world.put_order("o-fay", order("fay@example.com", marketingOptIn=True))
    key = KEYS.address("fay@example.com")
    mark_unreachable(world.runner, key, world.store.now())
    world.put_user("u-gus", user(None))
    excluded = previewed(world)["audience"]["excluded"]
    assert [*excluded.items()] == [("not-subscribed", 3), ("unreachable", 1)]


def test_a_mail_that_fails_for_some_people_is_a_problem_that_blocks(world: World) -> None:
    """A name is no number; who has none is fine."""
    text = ("markdown", "# Hello\n\n{% if name > 3 %}Hi{% endif %} Thank you for coming.")
    answer = previewed(world, world.with_email("ada@example.com")["id"], body=text)
    assert (answer["subject"], answer["html"], answer["text"]) == ("", "", "")
    failed = [one for one in answer["problems"] if one["reason"] == "cannot-render"]
    assert failed == [
        {
            "reason": "cannot-render",
            "message": "The mail cannot be made for 2 people: mend what fails.",
            "at": "body",
            "blocking": True,
        }
    ]


@pytest.mark.parametrize("sample", [0, 1, 3, 9])
def test_people_beyond_the_sample_are_counted_and_not_rendered(
    world: World, monkeypatch: pytest.MonkeyPatch, sample: int
) -> None:
    monkeypatch.setattr(previewing, "SAMPLE", sample)
    answer = previewed(world, subject="Hello {{ name }}")
    assert answer["audience"]["reachable"] == 3
    told = [one["message"] for one in answer["problems"] if one["reason"] == "missing-value"]
    nobody = sum(not one["name"] for one in first_of(world, sample))
    assert bool(told) is bool(nobody)
    if told:
        assert told[0].startswith(f"{nobody} of {min(sample, 3)} people")


def test_what_the_segment_may_not_mean_is_not_looked_up_again(world: World) -> None:
    """Whoever saved it was told."""
    draft = saved(world, segment="tag:nobody")
    read, seen = world.store.read, list[str]()

    def was_read(paths: Iterable[str]) -> dict[str, Snapshot]:
        asked = [*paths]
        seen.extend(asked)
        return read(asked)

    world.store.read = was_read  # type: ignore[method-assign]
    preview(world.runner, draft, None, LANDING)
    assert seen == []


def first_of(world: World, number: int) -> list[Any]:
    found = sorted(world.customers(), key=lambda one: str(one["id"]))
    return [one for one in found if one["marketing"]["status"] == "subscribed"][:number]


def test_a_preview_changes_nothing(world: World) -> None:
    draft = saved(world, segment={})
    before, writes = world.store.all("crmAudit"), world.store.writes
    preview(world.runner, replace(draft, body={"format": "mjml", "source": "x"}), None, LANDING)
    assert world.store.all("crmAudit") == before
    assert world.store.writes == writes


@pytest.mark.parametrize(
    ("mails", "limits", "seconds"),
    [
        (0, {}, 0),
        (1, {}, 1),
        (500, {}, 10),
        (500, {"per_second": 10}, 49),
        (500, {"per_hour": 500}, 10),
        (1000, {"per_hour": 500}, 3600),
        (1000, {"per_hour": 500, "per_day": 100}, 9 * 86400),
        (1_000_000, {"per_second": 10_000_000}, 20_000),
    ],
)
def test_how_long_it_takes_follows_from_the_limits(
    mails: int, limits: dict[str, int], seconds: int
) -> None:
    assert seconds_for(mails, MailSettings.model_validate(limits)) == seconds
