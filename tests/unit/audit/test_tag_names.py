"""The trail says which tags were changed, as long as there are such tags, and holds no name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crm.audit.tag_names import MOST, facts_of, with_names
from crm.core.keyring import Former, Keyring
from crm.db.collections import AUDIT
from testing.world import KEYS
from tests.support.tagging import Shop
from tests.unit.audit.test_read import listed


def changes(shop: Shop) -> list[dict[str, Any]]:
    return [one["facts"] for one in listed(shop) if one["action"] == "customer.tag"]


def test_which_tags_were_added_and_removed_is_told() -> None:
    shop = Shop("a")
    shop.tag("a", add=["VIP", "Speaker"])
    shop.tag("a", add=["Guest of honour"], remove=["vip"])
    latest, first = changes(shop)
    assert (sorted(first["addedTags"]), first["added"]) == (["speaker", "vip"], 2)
    assert "removedTags" not in first
    assert (latest["addedTags"], latest["removedTags"]) == (["guest-of-honour"], ["vip"])


def test_of_a_deleted_tag_nothing_is_told_and_nothing_kept() -> None:
    shop = Shop("a")
    shop.tag("a", add=["friend of Anna", "VIP"])
    shop.delete("friend-of-anna")
    added = [facts for facts in changes(shop) if facts["added"]]
    assert [sorted(facts["addedTags"], key=str) for facts in added] == [[None, "vip"]]
    assert "nna" not in str(shop.store.all(AUDIT))


def test_an_entry_names_a_limited_number_of_tags() -> None:
    facts = facts_of(KEYS, (f"tag-{number:03}" for number in range(100)), ())
    assert len(facts["addedTags"].split()) == MOST


def test_tags_are_told_after_a_new_key_too() -> None:
    shop = Shop("a")
    facts = facts_of(KEYS, ["vip"], [])
    shop.tag("a", add=["vip"])
    later = Keyring(
        b"the secret that came after it",
        (Former(KEYS.secret, datetime(2024, 3, 1, tzinfo=UTC)),),
    )
    entries = [{"action": "customer.tag", "facts": {**facts, "added": 1}}]
    (told,) = with_names(shop.store, later, entries)
    assert told["facts"] == {"addedTags": ["vip"], "added": 1}
    stranger = replace(later, former=())
    (untold,) = with_names(shop.store, stranger, entries)
    assert untold["facts"] == {"addedTags": [None], "added": 1}
