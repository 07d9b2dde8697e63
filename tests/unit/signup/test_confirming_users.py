"""Users who are only to be reached by an address: whom of them a click on its link grants."""

from __future__ import annotations

from typing import Any

import pytest

from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.consent.records import FORM
from crm.core.errors import Conflict
from crm.customers.limits import MAX_TAGS
from crm.mail.port import Mail
from crm.signup import link as links
from crm.signup.confirming import Look, plan_confirm
from crm.signup.link import Link
from testing.hosts import order, user
from testing.world import KEYS
from tests.support.signing_up import ADA, HOUR, Door, link_of

KEY = KEYS.address(ADA)

DOUBLE: dict[str, Any] = {"newsletter": {"opt_in": "double"}}


def held(mail: Mail) -> Link:
    found = links.read(KEYS, link_of(mail).partition("token=")[2], links._EPOCH)
    assert found is not None
    return found


def confirm(door: Door, link: Link) -> Look:
    return door.runner.run(lambda tx: plan_confirm(tx, link))[0].result


def waiting_user(*uids: str) -> Door:
    door = Door(settings={**DOUBLE, "email_trust": "auth"})
    for uid in uids:
        door.accounts.of[uid] = None
        door.put_user(uid, user(f"{uid}@example.com"))
        data = order(ADA, userId=uid, marketingOptIn=True, createdAt=door.now)
        door.put_order(f"o-{uid}", data)
    return door


def test_those_alone_are_granted_who_wait() -> None:
    door = waiting_user("u", "v")
    door.sweep()
    link = held(door.box.mails[0])
    mine = door.with_uid("v")
    door.runner.run(
        lambda tx: plan_consent(tx, "call", mine["id"], "subscribed", {"source": "by letter"})
    )
    assert confirm(door, link)[0] == "open"
    (entry,) = [
        e
        for e in door.store.all("crmAudit").values()
        if e["action"] == "consent.grant" and e["facts"].get("source") == FORM
    ]
    assert entry["customers"] == [door.with_uid("u")["id"]]


@pytest.mark.parametrize("gone", ["u", "v"])
def test_of_several_users_the_others_are_granted_where_one_has_gone(gone: str) -> None:
    door = waiting_user("u", "v")
    door.sweep()
    link = held(door.box.mails[0])
    lost = door.with_uid(gone)["id"]
    door.store.delete(f"crmIdentities/{KEYS.user(gone)}")
    assert confirm(door, link)[0] == "open"
    statuses = {one["id"]: one["marketing"]["status"] for one in door.customers()}
    assert statuses.pop(lost) != "subscribed"
    assert [*statuses.values()] == ["subscribed"]


@pytest.mark.parametrize("full", ["u", "v"])
def test_a_forms_tag_is_in_the_catalogue_though_one_of_several_has_no_room_for_it(
    full: str,
) -> None:
    door = waiting_user("u", "v")
    link = held(door.sign_up())
    many = [f"t{number}" for number in range(MAX_TAGS)]
    mine = door.with_uid(full)["id"]
    door.store.put(f"customers/{mine}", {**door.store.all("customers")[mine], "tags": many})
    assert confirm(door, link)[0] == "open"
    (other,) = {"u", "v"} - {full}
    assert door.with_uid(other)["tags"] == ["newsletter"]
    assert "newsletter" not in door.with_uid(full)["tags"]
    assert door.store.all("crmTags")["newsletter"]["label"] == "Newsletter"


def test_however_many_users_are_granted_the_database_is_asked_as_often() -> None:
    asked: list[int] = []
    for uids in (["u"], ["u", "v", "w"]):
        door = waiting_user(*uids)
        door.sweep()
        link = held(door.box.mails[0])
        read, calls = door.store.read, [0]

        def counted(paths: Any, read: Any = read, calls: Any = calls) -> Any:
            calls[0] += 1
            return read(paths)

        door.store.read = counted  # type: ignore[method-assign]
        confirm(door, link)
        asked += calls
    assert asked[0] == asked[1]


def test_a_user_whose_part_has_moved_has_it_tried_again() -> None:
    door = waiting_user("u")
    door.sweep()
    link = held(door.box.mails[0])
    key = KEYS.user("u")
    identity = door.store.all("crmIdentities")[key]
    door.store.put(f"crmIdentities/{key}", {**identity, "partId": "elsewhere"})
    with pytest.raises(Conflict, match="part elsewhere has moved"):
        door.runner.evaluate(lambda tx: plan_confirm(tx, link))


@pytest.mark.parametrize("how", ["user", "customer", "part", "erased"])
def test_a_user_who_is_no_customer_any_more_is_not_granted(how: str) -> None:
    door = waiting_user("u")
    link = held(door.sign_up())
    key = KEYS.user("u")
    identity = door.store.all("crmIdentities")[key]
    if how == "user":
        door.store.delete(f"crmIdentities/{key}")
    elif how == "erased":
        mine = door.store.all("crmIdentities")[KEY]
        door.store.put(f"crmIdentities/{KEY}", {**mine, "erasedAt": link.at - HOUR})
    else:
        gone = {"customer": {"customerId": None}, "part": {"partId": None}}[how]
        door.store.put(f"crmIdentities/{key}", {**identity, **gone})
    before = len(door.customers())
    assert confirm(door, link)[0] == "open"
    assert len(door.customers()) == before + 1  # the form begins somebody, by the address


def test_a_withdrawal_of_an_address_that_nobody_owns_ends_its_link() -> None:
    door = waiting_user("u")
    door.sweep()
    link = held(door.box.mails[0])
    door.runner.run(lambda tx: plan_unsubscribe(tx, KEY))
    assert confirm(door, link)[0] == "over"


@pytest.mark.parametrize("proven", [False, True])
def test_a_user_who_is_to_be_reached_elsewhere_is_not_granted(proven: bool) -> None:
    """The account claims the address of the link, and the newest mail would go to another one."""
    door = Door(settings={**DOUBLE, "email_trust": "auth"})
    door.accounts.of["u"] = "new@example.com" if proven else None
    door.put_user("u", user(ADA))
    data = order("new@example.com", userId="u", marketingOptIn=True, createdAt=door.now)
    door.put_order("o", data)
    before = door.with_uid("u")
    assert before["marketing"]["pending"] is True
    assert confirm(door, held(door.sign_up()))[0] == "open"
    after = door.with_uid("u")
    assert after["marketing"] == before["marketing"]
    assert door.marketing(ADA)["status"] == "subscribed"
    assert len(door.customers()) == 2
