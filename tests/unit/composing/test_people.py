"""What placeholders see of a customer, as the product stores one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from crm.composing import markdown as markdown_module
from crm.composing.people import LONGEST_NAME, MOST_EVENTS, VARIABLES, Link, person_of
from crm.customers.customer import public
from testing.hosts import DAY, item, order, user
from testing.world import World
from tests.support.mails import LINK, mail_of, markdown, somebody

AHEAD = datetime(2124, 3, 1, tzinfo=UTC)


def test_a_customer_as_stored_and_as_answered_is_the_same_person() -> None:
    world = World()
    world.put_user("u1", user("ada@example.com"))
    items = [item(checkedIn=True), item("later", eventName="Later", eventStartsAt=AHEAD)]
    world.put_order("o1", order("ada@example.com", items=items))
    world.put_order("o2", order("ada@example.com", day=3, items=[]))
    customer = world.the_customer()
    stored = person_of(customer, unsubscribe=LINK, email="ada@example.com")
    answered = person_of(
        public(customer["id"], customer), unsubscribe=LINK, email="ada@example.com"
    )
    assert stored == answered
    assert stored.keys() | {"sender", "postal_address"} == VARIABLES.keys()
    assert stored["name"] == "Ada L."
    assert stored["first_name"] == "Ada"
    assert stored["order_count"] == 2
    assert stored["registered"] is True
    assert (stored["last_order_at"], stored["first_order_at"]) == (
        customer["lastOrderAt"],
        DAY,
    )
    assert stored["events"] == [
        {"id": "later", "name": "Later", "starts_at": AHEAD, "attended": False},
        {"id": "devops-2024", "name": "DevOps Workshop", "starts_at": None, "attended": True},
    ]


def test_of_many_events_the_newest_are_seen() -> None:
    events = {
        f"e{year}": {"name": None, "startsAt": AHEAD.replace(year=year)}
        for year in range(1900, 2020)
    }
    person = person_of({"events": events}, unsubscribe=LINK, email="a@example.com")
    seen = person["events"]
    assert isinstance(seen, list)
    assert len(seen) == MOST_EVENTS
    assert seen[0]["id"] == "e2019"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        (" Ada\n Lovelace ", "Ada Lovelace"),
        ("Dr.med. Ada", "Dr.med. Ada"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
        ("x" * (LONGEST_NAME + 1), None),
        ("ada@example.com", None),
        ("see https://evil.example", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_a_name_is_one(written: object, name: str | None) -> None:
    person = person_of({"name": written}, unsubscribe=LINK, email="a@example.com")
    assert person["name"] == name


def test_only_our_own_link_may_stand_where_a_link_leads() -> None:
    source = "# Hi\n\n[off]({{ unsubscribe_link }})"
    assert LINK in mail_of(markdown(source)).html
    for other in ("https://evil.example/", "javascript:alert(1)"):
        mail = mail_of(markdown(source), unsubscribe_link=other)  # not by `person_of`
        assert other not in mail.html
    assert isinstance(somebody()["unsubscribe_link"], Link)


def test_a_mail_is_laid_out_once_for_all_who_take_the_same_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid: list[str] = []
    real = markdown_module.to_html

    def to_html(source: str) -> str:
        laid.append(source)
        return real(source)

    monkeypatch.setattr(markdown_module, "to_html", to_html)
    template = markdown("# Hi {{ name }}\n\n{% if order_count > 1 %}again{% endif %}")
    for number in range(20):
        mail_of(template, name=f"Ann {number}", order_count=number % 4)
    assert len(laid) == 2


def test_threads_render_the_same_as_one_after_the_other() -> None:
    source = "# Hi {{ name }}\n\n{% for tag in tags %}- {{ tag }}\n{% endfor %}"
    people = [somebody(name=f"Ann {one}", tags=["x"] * (one % 9)) for one in range(200)]
    expected = [markdown(source).render(person) for person in people]
    shared = markdown(source)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(shared.render, people)) == expected
