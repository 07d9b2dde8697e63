"""What a person is shown of sign-ups, what an erasure takes, and a new secret leaves as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from crm.core.keyring import Former, Keyring
from crm.customers.reference import CustomerRef
from crm.db.paging import Scope
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.privacy.export.archive import export
from crm.repair.rekey import rekey
from crm.signup import link as links
from testing.hosts import order, user
from testing.world import KEYS
from tests.support.signing_up import ADA, Door, link_of


def gone(door: Door, customer_id: str) -> None:
    erase(door.runner, door.queue.append, CustomerRef("customerId", customer_id), reason="asked")
    door.work()


def archive(door: Door) -> Any:
    who = CustomerRef("customerId", door.with_email(ADA)["id"])
    return export(door.runner, Scope("staff", "", {}), who)["archive"]


def test_an_export_shows_a_sign_up_that_waits() -> None:
    door = Door()
    door.put_order("o", order(ADA))
    assert archive(door)["signUps"] == []
    door.sign_up()
    (shown,) = archive(door)["signUps"]
    assert (shown["address"], shown["state"]) == (ADA, "pending")
    (asked,) = shown["asked"]
    assert (asked["form"], asked["language"], asked["confirmedAt"]) == ("newsletter", "en", None)
    door.click(door.box.mails[0])
    (shown,) = archive(door)["signUps"]
    assert (shown["state"], shown["asked"][0]["confirmedAt"] is not None) == ("confirmed", True)
    assert KEYS.address(ADA) not in json.dumps(shown)


def test_a_refusal_outlives_an_erasure() -> None:
    door = Door()
    door.put_order("o", order(ADA))
    door.click(door.sign_up(), action="not-me")
    before = door.kept()
    gone(door, door.the_customer()["id"])
    assert door.kept() == before
    door.store.wait(timedelta(days=2))
    door.fill_in()
    assert len(door.box.mails) == 1


def test_an_erasure_takes_what_an_order_of_an_account_had_asked() -> None:
    door = Door(settings={"newsletter": {"opt_in": "double"}, "email_trust": "auth"})
    door.accounts.of["u"] = None
    door.put_user("u", user("u@example.com"))
    door.put_order("o", order(ADA, userId="u", marketingOptIn=True, createdAt=door.now))
    door.sweep()
    assert door.kept() is not None
    gone(door, door.the_customer()["id"])
    assert door.kept() is None


def test_an_erasure_leaves_the_sign_up_of_whoever_has_the_mailbox() -> None:
    door = Door(settings={"email_trust": "auth"})
    door.accounts.of["u"] = None
    door.put_user("u", user(ADA))
    mail = door.sign_up()
    gone(door, door.the_customer()["id"])
    assert door.click(mail).status_code == 200
    assert door.marketing()["status"] == "subscribed"


def test_an_erasure_that_is_applied_again_takes_it_too() -> None:
    door = Door()
    door.put_order("o", order(ADA))
    door.sign_up()
    backup = dict(door.store._kept)
    gone(door, door.the_customer()["id"])
    (record,) = erasures(door.runner)
    door.store._kept = backup
    assert erase_again(door.runner, door.queue.append, record)
    assert door.kept() is None


def test_a_new_secret_renames_a_sign_up_and_leaves_its_link_good() -> None:
    door = Door()
    mail = door.sign_up()
    new = Keyring(b"the secret that came after it", (Former(KEYS.secret, door.now),))
    door.runner = replace(door.runner, keys=new)
    rekey(door.runner, 1)
    assert [*door.store.all("crmSignups")] == [new.address(ADA)]
    assert links.read(new, link_of(mail).partition("token=")[2], door.now) is not None
    assert door.click(mail).status_code == 200
    assert door.marketing()["status"] == "subscribed"
