"""What a link is good for, and all that a confirmation or a refusal writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.consent.records import FORM
from crm.customers.identity import AddressIdentity
from crm.mail.port import Mail
from crm.signup import link as links
from crm.signup.confirming import Look, look, plan_confirm, plan_refuse
from crm.signup.link import Link
from crm.signup.record import LIFE, REFUSED_FOR, SignUp
from testing.hosts import order
from testing.world import KEYS
from tests.support.signing_up import ADA, DAY, HOUR, Door, link_of

KEY = KEYS.address(ADA)

TICK = timedelta(microseconds=1)

DOUBLE: dict[str, Any] = {"newsletter": {"opt_in": "double"}}


def held(mail: Mail) -> Link:
    found = links.read(KEYS, link_of(mail).partition("token=")[2], links._EPOCH)
    assert found is not None
    return found


def kept(door: Door) -> SignUp:
    data = door.kept()
    assert data is not None
    return SignUp.from_data(KEY, data)


def looked(door: Door, link: Link, after: timedelta | None = None) -> Look:
    runner = door.runner
    if after is not None:
        moment = link.at + after
        runner = replace(runner, now=lambda: moment)
    return runner.evaluate(lambda tx: look(tx, link))


def confirm(door: Door, link: Link) -> Look:
    return door.runner.run(lambda tx: plan_confirm(tx, link))[0].result


def refuse(door: Door, link: Link) -> tuple[Look, int]:
    plan, _ = door.runner.run(lambda tx: plan_refuse(tx, link))
    return plan.result, len(plan.writes)


# --- What a link is good for


def test_a_link_is_open_for_what_was_asked_for(door: Door) -> None:
    link = held(door.sign_up())
    (asked,) = kept(door).asked
    assert asked.at == link.at
    assert looked(door, link, LIFE - TICK) == ("open", asked)
    assert looked(door, link, LIFE) == ("over", None)
    assert confirm(door, link) == ("open", asked)
    (known,) = kept(door).asked
    assert known == replace(asked, confirmed_at=known.confirmed_at)
    assert looked(door, link) == confirm(door, link) == ("already", known)


def test_a_link_of_nothing_that_was_asked_for_is_over(door: Door) -> None:
    nobody = Link(KEY, door.now)
    assert looked(door, nobody) == confirm(door, nobody) == ("over", None)
    assert refuse(door, nobody) == (("over", None), 0)
    link = held(door.sign_up())
    other = Link(KEY, link.at - TICK)
    assert looked(door, other) == confirm(door, other) == ("over", None)
    assert refuse(door, other) == (("over", None), 0)


def test_after_a_refusal_every_link_of_the_address_is_refused(door: Door) -> None:
    link = held(door.sign_up())
    (asked,) = kept(door).asked
    assert refuse(door, link) == (("refused", asked), 1)
    assert looked(door, link) == confirm(door, link) == ("refused", None)
    assert refuse(door, link) == (("refused", None), 0)
    other = Link(KEY, link.at - HOUR)
    assert looked(door, other) == ("refused", None)
    assert refuse(door, other) == (("refused", None), 0)
    old = Link(KEY, link.at - LIFE)
    assert refuse(door, old) == (("over", None), 0)


def test_a_link_can_be_refused_for_seven_days(door: Door) -> None:
    link = held(door.sign_up())
    for after, outcome in ((LIFE, "over"), (LIFE - TICK, "refused")):
        moment = link.at + after
        door.runner = replace(door.runner, now=lambda at=moment: at)  # type: ignore[misc]
        assert refuse(door, link)[0][0] == outcome


@pytest.mark.parametrize(
    ("after", "outcome"), [(-TICK, "open"), (TICK * 0, "over"), (TICK, "over")]
)
@pytest.mark.parametrize("how", ["suppressed", "erasedAt", "withdrawn"])
def test_what_ends_news_from_the_asking_on_ends_the_link(
    door: Door, how: str, after: timedelta, outcome: str
) -> None:
    door.put_order("o", order(ADA))
    link = held(door.sign_up())
    moment = link.at + after
    identity = f"crmIdentities/{KEY}"
    if how == "withdrawn":
        customer = door.the_customer()
        customer["withdrawnAt"] = moment
        for part in customer["parts"].values():
            part["decision"] = {"status": "unsubscribed", "at": moment, "source": "staff"}
        door.store.put(f"customers/{customer.pop('id')}", customer)
    else:
        door.store.put(identity, {**door.store.all("crmIdentities")[KEY], how: moment})
    (asked,) = kept(door).asked
    assert looked(door, link) == (outcome, asked)
    if outcome == "over":
        writes = door.store.writes
        assert confirm(door, link) == ("over", asked)
        assert door.store.writes == writes


def test_to_look_at_a_link_asks_the_database_once(door: Door) -> None:
    link = held(door.sign_up())
    calls: list[list[str]] = []
    read = door.store.read

    def counted(paths: Any) -> Any:
        calls.append(list(paths))
        return read(calls[-1])

    door.store.read = counted  # type: ignore[method-assign]
    looked(door, link)
    assert calls == [[f"crmSignups/{KEY}", f"crmIdentities/{KEY}"]]
    calls.clear()
    confirm(door, link)
    assert calls[0] == [f"crmSignups/{KEY}", f"crmIdentities/{KEY}"]


# --- What a confirmation writes


def test_a_confirmation_writes_who_when_and_to_what(door: Door) -> None:
    link = held(door.sign_up())
    before = kept(door)
    confirm(door, link)
    after = kept(door)
    (asked,) = after.asked
    now = asked.confirmed_at
    assert now is not None
    assert after == before.confirmed(link.at, now)
    customer = door.the_customer()
    (entry,) = door.store.all("crmAudit").values()
    assert (entry["action"], entry["customers"]) == ("consent.grant", [customer["id"]])
    assert entry["facts"] == {"source": FORM, "form": "newsletter"}
    (part,) = customer["parts"].values()
    assert part["entry"] == {"source": "form", "by": "newsletter", "at": link.at, "name": None}
    (record,) = door.consents()
    assert record["evidence"]["requestedAt"] == link.at.isoformat()
    assert record["evidence"]["confirmedAt"] == now.isoformat()


def ordered() -> tuple[Door, Link]:
    door = Door(settings=DOUBLE)
    door.put_order("o", order(ADA, marketingOptIn=True, createdAt=door.now))
    door.sweep()
    return door, held(door.box.mails[0])


def test_what_shows_a_consent_to_an_orders_box() -> None:
    door, link = ordered()
    (asked,) = kept(door).asked
    assert confirm(door, link)[0] == "open"
    record = door.consents()[-1]
    assert record["evidence"] == {
        "order": "opt-in",
        "language": "en",
        "requestedAt": link.at.isoformat(),
        "confirmedAt": record["at"].isoformat(),
        "messageId": f"<{asked.message}@example.org>",
    }
    (entry,) = [e for e in door.store.all("crmAudit").values() if e["action"] == "consent.grant"]
    assert entry["facts"] == {"source": FORM, "form": None}
    assert door.the_customer()["tags"] == []


def test_where_mail_is_off_by_then_a_consent_names_no_domain(door: Door) -> None:
    link = held(door.sign_up())
    (asked,) = kept(door).asked
    off = Door(door.store, settings={"mail": {}})
    assert confirm(off, link)[0] == "open"
    (record,) = door.consents()
    assert record["evidence"]["messageId"] == f"<{asked.message}@>"


def test_a_form_that_is_gone_gives_no_tags(door: Door) -> None:
    link = held(door.sign_up())
    other = Door(door.store, settings={"forms": {}})
    assert confirm(other, link)[0] == "open"
    assert door.the_customer()["tags"] == []
    assert door.marketing()["status"] == "subscribed"


def test_the_address_of_an_older_link_is_that_of_its_customer(door: Door) -> None:
    first = held(door.sign_up(form="press"))
    door.store.wait(2 * DAY)
    second = held(door.sign_up())
    assert confirm(door, second)[0] == "open"
    assert kept(door).address is None
    assert confirm(door, first)[0] == "open"
    assert kept(door).state == "confirmed"
    assert [one.confirmed_at is not None for one in kept(door).asked] == [True, True]


def test_an_older_link_whose_customer_has_gone_is_over(door: Door) -> None:
    first = held(door.sign_up(form="press"))
    door.store.wait(2 * DAY)
    confirm(door, held(door.sign_up()))
    identity = door.store.all("crmIdentities")[KEY]
    for gone in ({"customerId": None}, {"partId": None}, {"customerId": None, "partId": None}):
        door.store.put(f"crmIdentities/{KEY}", {**identity, **gone})
        outcome, asked = confirm(door, first)
        assert (outcome, asked and asked.form) == ("over", "press")
    door.store.delete(f"crmIdentities/{KEY}")
    assert confirm(door, first)[0] == "over"


def test_an_orders_link_begins_nobody_where_the_customer_has_gone() -> None:
    door, link = ordered()
    for path in ("crmIdentities/" + KEY, f"customers/{door.the_customer()['id']}"):
        door.store.delete(path)
    (asked,) = kept(door).asked
    assert confirm(door, link) == ("over", asked)
    assert door.customers() == []


# --- What a refusal writes


def test_a_refusal_writes_the_sign_up_alone(door: Door) -> None:
    link = held(door.sign_up())
    before = kept(door)
    refuse(door, link)
    after = kept(door)
    assert after == before.refused(after.expire_at - REFUSED_FOR)
    assert link.at < after.expire_at - REFUSED_FOR <= door.now
    assert door.store.all("crmAudit") == {}
    assert door.customers() == []


def test_a_refusal_takes_back_what_this_link_had_granted_and_no_other(door: Door) -> None:
    first = held(door.sign_up(form="press"))
    door.store.wait(2 * DAY)
    second = held(door.sign_up())
    confirm(door, first)
    (asked,) = [one for one in kept(door).asked if one.at == second.at]
    assert refuse(door, second)[0] == ("refused", asked)
    assert door.marketing()["status"] == "subscribed"

    other = Door()
    link = held(other.sign_up())
    confirm(other, link)
    refuse(other, link)
    marketing = other.marketing()
    assert (marketing["status"], marketing["source"]) == ("unsubscribed", "unsubscribe")
    assert kept(other).state == "refused"


# --- Mail that arrives


@pytest.mark.parametrize("where", ["identity", "part", "both"])
def test_whoever_clicked_has_the_mail(door: Door, where: str) -> None:
    door.put_order("o", order(ADA))
    if where != "part":
        identity = door.store.all("crmIdentities")[KEY]
        door.store.put(f"crmIdentities/{KEY}", {**identity, "unreachable": door.now})
    if where != "identity":
        customer = door.the_customer()
        for part in customer["parts"].values():
            part["unreachable"] = door.now
        door.store.put(f"customers/{customer.pop('id')}", customer)
    door.click(door.sign_up())
    (part,) = door.the_customer()["parts"].values()
    assert door.store.all("crmIdentities")[KEY]["unreachable"] is None
    assert (part["unreachable"] is None) is (where != "part")


def test_an_address_without_a_customer_is_reachable_again_too(door: Door) -> None:
    known = AddressIdentity(unreachable=door.now)
    door.store.put(f"crmIdentities/{KEY}", known.to_data())
    door.click(door.sign_up())
    assert door.store.all("crmIdentities")[KEY]["unreachable"] is None
    assert "unreachable" not in door.marketing()
