"""Staff see what could not be understood, and have it looked at again."""

from dataclasses import replace

import pytest

from crm.core.errors import Refusal
from crm.db.paging import Pager, PageTokens
from crm.db.retry import RetryPolicy
from crm.sync.quarantine import explain_quarantine, list_quarantine, retry_quarantine
from testing.hosts import order, user
from testing.world import KEYS, World

TOKENS = PageTokens(KEYS.derive("page-token"))


def filled() -> World:
    world = World()
    for number in range(5):
        world.put_order(f"o{number}", order(total="much"))
    world.put_user("u1", user("not an address"))
    return world


def test_the_latest_comes_first_in_pages() -> None:
    world = filled()
    first = list_quarantine(world.store, Pager(TOKENS, "staff", 4))
    token = first["nextPageToken"]
    assert isinstance(token, str)
    second = list_quarantine(world.store, Pager(TOKENS, "staff", 4, token))
    assert second["nextPageToken"] is None
    items = [*first["items"], *second["items"]]  # type: ignore[misc]
    assert [item["documentId"] for item in items] == ["u1", "o4", "o3", "o2", "o1", "o0"]
    assert {item["id"] for item in items} == set(world.store.all("crmQuarantine"))
    assert items[0]["collection"] == "users"
    assert items[1]["reason"] == "amount-invalid"
    with pytest.raises(Refusal, match="pageToken"):
        list_quarantine(world.store, Pager(TOKENS, "another", 4, token))


def test_a_mended_document_leaves_and_counts() -> None:
    world = filled()
    world.store.put("orders/o2", order(total="12.50"))
    world.store.put("users/u1", user("ada@example.com"))
    for collection, name in (("orders", "o2"), ("users", "u1")):
        assert retry_quarantine(world.runner, KEYS.quarantine(collection, name))
    assert world.with_uid("u1")["totalSpend"] == {"USD": 1250}
    assert sorted(world.reasons()) == ["o0", "o1", "o3", "o4"]


def test_one_that_is_as_it_was_stays() -> None:
    world = filled()
    assert not retry_quarantine(world.runner, KEYS.quarantine("orders", "o0"))
    assert "o0" in world.reasons()


def test_one_that_is_not_there_is_refused() -> None:
    world = World()
    world.runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Refusal) as refusal:
        retry_quarantine(world.runner, KEYS.quarantine("orders", "o0"))
    assert (refusal.value.code, refusal.value.reason) == ("not-found", "no-such-item")


def test_the_field_and_its_value_are_told_and_go_into_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = filled()
    with caplog.at_level("DEBUG"):
        told = explain_quarantine(world.runner, KEYS.quarantine("orders", "o0"))
        of_user = explain_quarantine(world.runner, KEYS.quarantine("users", "u1"))
    assert told["message"]
    assert (told["field"], told["value"], told["documentPath"]) == ("total", "much", "orders/o0")
    assert (of_user["field"], of_user["value"]) == ("email", "not an address")
    assert of_user["documentPath"] == "users/u1"
    assert "much" not in caplog.text
    assert "not an address" not in caplog.text
    assert "much" not in str(world.store.all("crmQuarantine"))


def test_a_document_that_was_mended_or_is_gone_is_to_be_checked_again() -> None:
    world = filled()
    world.store.put("orders/o0", order())
    world.store.delete("orders/o1")
    for name in ("o0", "o1"):
        told = explain_quarantine(world.runner, KEYS.quarantine("orders", name))
        assert (told["field"], told["value"]) == (None, None)
        assert "heck it again" in str(told["message"])


def test_an_explanation_of_nothing_is_refused() -> None:
    world = World()
    with pytest.raises(Refusal) as refusal:
        explain_quarantine(world.runner, "q1-none")
    assert (refusal.value.code, refusal.value.reason) == ("not-found", "no-such-item")


def test_an_explanation_is_told_whole() -> None:
    world = filled()
    world.store.put("orders/o1", order())
    world.store.delete("orders/o2")

    def told(collection: str, name: str) -> dict[str, object]:
        return explain_quarantine(world.runner, KEYS.quarantine(collection, name))

    amount = "Write amounts as plain numbers, not negative, with at most 2 decimal places for USD."
    address = "Write one plain e-mail address such as alice@example.com."
    readable = "The document can be read as it is now: check it again."
    gone = "The document is gone: check it again, and this goes too."
    for collection, name, field, value, message in (
        ("orders", "o0", "total", "much", amount),
        ("users", "u1", "email", "not an address", address),
        ("orders", "o1", None, None, readable),
        ("orders", "o2", None, None, gone),
    ):
        expected = {"field": field, "value": value, "message": message}
        path = f"{collection}/{name}"
        assert told(collection, name) == {**expected, "documentPath": path}


def test_a_user_is_explained_by_where_users_hold_what() -> None:
    world = World(settings={"users": {"fields": {"email": "mail"}}})
    world.put_user("u1", {"mail": "not an address", "email": "ada@example.com"})
    told = explain_quarantine(world.runner, KEYS.quarantine("users", "u1"))
    assert (told["field"], told["value"]) == ("mail", "not an address")


def test_a_page_of_another_list_is_refused() -> None:
    world = filled()
    token = list_quarantine(world.store, Pager(TOKENS, "staff", 4))["nextPageToken"]
    assert isinstance(token, str)
    with pytest.raises(Refusal, match="pageToken"):
        Pager(TOKENS, "staff", 4, token).open("list_jobs", {})
    Pager(TOKENS, "staff", 4, token).open("list_quarantine", {})
