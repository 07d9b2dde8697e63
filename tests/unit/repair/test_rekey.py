"""A new secret: everybody is known under it and nobody twice; the earlier one tells nothing."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from crm.audit.read import list_audit
from crm.audit.verify import verify as verify_audit
from crm.campaigns.mails import mail_key
from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.core.errors import ConfigError, Paused, Transient
from crm.core.keyring import Keyring
from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.collections import ALL, AUDIENCES, AUDIT, AUDIT_HEADS, INSTALLATION
from crm.db.documents import Version, Write
from crm.db.paging import Pager, PageTokens
from crm.entrypoints.key_rotation import bring_in
from crm.merging.unmerge import plan_unmerge
from crm.newsletter.unsubscribe_link import link, read_token
from crm.privacy.declarations import OWN
from crm.privacy.erasure import file as erasure_file
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.privacy.mail_records import list_mails
from crm.privacy.own import SignedIn
from crm.privacy.requests import plan_request
from crm.repair.rebuild import rebuild
from crm.repair.rekey import KEYS as RENEWED
from crm.repair.verify import verify
from crm.runtime.key_fingerprint import PATH, check_key, full_keyring, remember_key
from crm.segments.language.text import parse_text
from crm.segments.saved import save
from crm.segments.saved_plan import Definition, name_of, name_path
from crm.sync.sync import Sync
from testing.hosts import order, user
from testing.memory import MemoryStore
from testing.recount import differences
from testing.world import KEYS, World
from tests.support.contacts import with_contacts
from tests.support.sent import put_sent
from tests.unit.repair.test_invariants import lived

NEW = b"the secret that replaces it"
FIRST = re.compile(r"[euqc]1-[a-z2-7]{52}")


def shop() -> World:
    """A world with some of everything that is stored under a key."""
    world = lived()
    world.put_user("u7", user("eve@example.com"))
    world.put_order("waits", order("fay@example.com", userId="u9"))
    world.runner.run(lambda tx: plan_unsubscribe(tx, KEYS.address("nobody@example.com")))
    save(world.runner, Definition(name_of("Regulars"), parse_text("order_count >= 3")))
    acting = replace(world.runner, actor=KEYS.user("staff"))
    eve = world.with_email("eve@example.com")["id"]
    acting.run(lambda tx: plan_consent(tx, "y", eve, "subscribed", "by telephone"))
    person = SignedIn("u7", "eve@example.com")
    world.runner.run(lambda tx: plan_request(tx, person, "held"))
    bob = world.with_email("bob@example.com")["id"]
    put_sent(world, {eve: "accepted", bob: "waiting"}, state="paused")
    with_contacts(world)
    remember_key(world.store, KEYS, world.store.now())
    world.resync()
    return world


def rotated(world: World, secret: bytes = NEW, before: bytes = KEYS.secret) -> Keyring:
    """Rotate, and give the world the keyring that a process would have then."""
    assert rotate(world, secret, before) is not None
    return started(world, secret)


def rotate(world: World, secret: bytes = NEW, before: bytes = KEYS.secret) -> int | None:
    runner = replace(world.runner, keys=Keyring(secret), actor="operator")
    return bring_in(runner, before, 2, lambda *_: None, lambda _: None, lambda _: None)


def started(world: World, secret: bytes) -> Keyring:
    keys = full_keyring(world.store, secret)
    world.runner = replace(world.runner, keys=keys)
    world.sync = Sync(world.runner)
    return keys


def wrong(world: World) -> list[Any]:
    recount = differences(world.database, world.runner.keys, world.store.now())
    return [*verify(world.runner), *(one for one in recount if not one.startswith("order odd "))]


def stored(store: MemoryStore, *without: str) -> dict[str, Any]:
    return {name: store.all(name) for name in sorted(ALL - {*without})}


def test_everybody_is_known_under_the_new_secret_and_nothing_is_under_the_earlier_one() -> None:
    world = shop()
    before = {c["id"]: c["orderCount"] for c in world.customers()}
    assert set(FIRST.findall(json.dumps(stored(world.store), default=str)))
    rotated(world)
    assert not FIRST.findall(json.dumps(stored(world.store, AUDIT), default=str))
    assert wrong(world) == []
    assert {c["id"]: c["orderCount"] for c in world.customers()} == before
    assert not world.resync(), "looking again at every document finds nothing to write"
    assert stored(world.store, INSTALLATION, AUDIT, AUDIT_HEADS)


def test_every_field_that_is_declared_a_key_is_renewed() -> None:
    world = shop()
    rotated(world)
    kept = json.dumps(stored(world.store, AUDIT), default=str)
    assert len(set(re.findall(r"[euqc]2-[a-z2-7]{52}", kept))) > 12
    hashed = {
        (one.path, path)
        for one in OWN
        for fields in one.fields
        if "keyed hashes" in fields.what and one.path not in (AUDIT, AUDIENCES)
        for path in fields.patterns
        if re.search(r"(?i)key|proven|owner|identity|actor|awaiting|claimed|keepApart", path)
    }
    for collection, path in hashed:
        name = collection.partition("/")[0]
        assert path in RENEWED[name].split() or path == "keys", (collection, path)


def test_a_person_who_comes_again_is_nobody_new() -> None:
    world = shop()
    customers = {c["id"] for c in world.customers()}
    keys = rotated(world)
    world.put_order("again", order("bob@example.com", day=20))
    world.put_order("again2", order("eve@example.com", day=20))
    world.put_user("u7", user("eve@example.com", name="Eve"))
    assert {c["id"] for c in world.customers()} == customers
    world.put_user("u9", user("fay@example.com"))  # takes over the order that waited for it
    row = world.store.all("crmOrders")["waits"]
    assert (row["identity"], row["awaiting"]) == (keys.user("u9"), None)
    assert wrong(world) == []


def test_an_erased_person_stays_erased_and_a_withdrawal_stays() -> None:
    world = shop()
    rotated(world)
    world.put_order("erased", order("ada@example.com", day=0))
    world.put_order("erased-late", order("ada@example.com", day=0))
    assert all("ada@example.com" not in c["emails"] for c in world.customers())
    world.put_order("n1", order("nobody@example.com", day=20))
    assert world.with_email("nobody@example.com")["marketing"]["status"] == "unsubscribed"


def test_a_merge_from_before_can_be_undone() -> None:
    world = shop()
    rotated(world)
    merged = [key for key, one in world.store.all("crmMerges").items() if one["proof"] is None]
    for merge_id in merged:
        world.runner.run(partial(plan_unmerge, merge_id=merge_id))
    assert merged
    assert wrong(world) == []


def test_mails_are_still_whose_they_were_and_who_waits_still_waits() -> None:
    """Mails are out with their keys: these stay, in records, shards and what comes back."""
    world = shop()
    before = world.store.all("crmAudiences"), [*world.store.all("crmMails")]
    keys = rotated(world)
    (shard,) = world.store.all("crmAudiences").values()
    assert (world.store.all("crmAudiences"), [*world.store.all("crmMails")]) == before
    bob, eve = (world.with_email(f"{name}@example.com") for name in ("bob", "eve"))
    place = shard["people"].index(bob["id"])
    assert shard["keys"][place] == mail_key(keys, shard["campaignId"], "bob@example.com")
    pager = Pager(PageTokens(keys.derive("page-token")), "staff", 10)
    answer: Any = list_mails(world.runner, pager, CustomerRef("customerId", eve["id"]))
    assert [one["state"] for one in answer["mails"]] == ["accepted"]
    (campaign,) = world.store.all("crmCampaigns").values()
    assert campaign["actor"] == keys.user("staff")


def test_a_name_of_a_segment_is_still_taken() -> None:
    world = shop()
    keys = rotated(world)
    assert set(world.store.all("crmSegmentNames")) == {name_path(keys, "regulars").split("/")[1]}


def test_what_a_frozen_process_commits_too_late_is_mended_by_a_rebuild() -> None:
    world = shop()
    late = Sync(world.runner)
    rotated(world)
    world.store.put("orders/late", order("zoe@example.com", day=30))
    late.sync_order("late")
    assert "order late is not with its address" in wrong(world)
    rebuild(world.runner, threads=1)
    world.put_order("next", order("zoe@example.com", day=31))
    assert world.with_email("zoe@example.com")["orderCount"] == 2
    assert wrong(world) == []


def test_an_opt_in_keeps_its_one_record() -> None:
    world = shop()
    records = len(world.store.all("crmConsents"))
    rotated(world)
    world.put_order("opted", order("cyd@example.com", day=9, marketingOptIn=True, total=7))
    assert len(world.store.all("crmConsents")) == records


def test_links_of_old_newsletters_work_and_page_tokens_begin_anew() -> None:
    world = shop()
    url = link(KEYS, "https://x", "eve@example.com")
    keys = rotated(world)
    token = url.partition("token=")[2]
    key = read_token(keys, token, world.store.now())
    assert key == keys.address("eve@example.com")
    world.runner.run(lambda tx: plan_unsubscribe(tx, key))
    assert world.with_email("eve@example.com")["marketing"]["status"] == "unsubscribed"


def test_the_audit_trail_holds_and_whom_it_names_is_found() -> None:
    world = shop()
    keys = rotated(world)
    report = verify_audit(world.store, keys, world.runner.retry)
    assert report.faults == []
    pager = Pager(PageTokens(keys.derive("page-token")), "admin", 50)
    listed: Any = list_audit(world.store, keys, pager, None, "staff")
    assert {one["actor"] for one in listed["entries"]} == {KEYS.user("staff")}
    heads = world.store.all("crmAuditHeads")
    ends = {c: f"{c}-{head['count']:012}" for c, head in heads.items()}
    last = [world.store.all("crmAudit")[one]["action"] for one in ends.values()]
    assert last == ["key.rotate"] * 16, "every chain ends in an entry that the thief cannot make"


def test_a_file_of_erasures_from_before_is_good_for_a_restored_backup() -> None:
    world = World(trust="document")
    world.put_order("o1", order("ada@example.com"))
    remember_key(world.store, KEYS, world.store.now())
    backup = copy.deepcopy(world.store._kept)
    erase(world.runner, world.queue.append, CustomerRef("email", "ada@example.com"), reason="asked")
    world.work()
    text = erasure_file.write(erasures(world.runner))
    world.store._kept = backup
    rotated(world)
    for one in erasure_file.read(text):
        erase_again(world.runner, world.queue.append, one)
    world.work()
    world.resync()
    assert world.customers() == []
    assert wrong(world) == []


def test_three_secrets_in_a_row_and_the_earliest_is_needed_no_more() -> None:
    world = shop()
    rotated(world)
    keys = rotated(world, b"the third of the secrets", NEW)
    assert [one.secret for one in keys.former] == [KEYS.secret, NEW]
    assert find_customer(world.runner, CustomerRef("email", "bob@example.com"))
    assert wrong(world) == []
    assert verify_audit(world.store, keys, world.runner.retry).faults == []


def test_a_second_time_changes_nothing() -> None:
    world = shop()
    rotated(world)
    writes = world.store.writes
    assert rotate(world) is None
    assert world.store.writes == writes


@dataclass
class Stops(Exception):
    """The command was killed."""


@pytest.mark.parametrize("after", [2, 3, 4, 6, 8, 10, 11, 20, 26])
def test_it_can_be_killed_anywhere_and_begun_again(after: int) -> None:
    world, whole = shop(), shop()
    rotated(whole)
    commit, done = world.store.commit, 0

    def killed(writes: Sequence[Write]) -> list[Version]:
        nonlocal done
        done += 1
        if done == after:
            raise Stops
        versions = commit(writes)
        if done == after + 1:
            raise Transient("the answer was lost")
        return versions

    world.store.commit = killed  # type: ignore[method-assign]
    try:
        rotate(world)
    except Stops:
        with pytest.raises(Paused, match="is being replaced"):
            check_key(world.store, KEYS)
        with pytest.raises(Paused, match="is being replaced"):
            full_keyring(world.store, NEW)
        rotate(world)
    started(world, NEW)
    assert done > after
    assert wrong(world) == []
    left = (INSTALLATION, AUDIT, AUDIT_HEADS)
    same = [stored(one.store, *left).keys() for one in (world, whole)]
    assert same[0] == same[1]
    assert set(world.store.all("crmIdentities")) == set(whole.store.all("crmIdentities"))


def test_only_the_secret_of_this_database_is_replaced_and_by_one_at_a_time() -> None:
    world = shop()
    with pytest.raises(ConfigError, match="CRM_KEY_BEFORE is not the secret"):
        rotate(world, before=b"a secret of somebody else")
    assert check_key(world.store, KEYS)
    row = dict(world.store.all("crmInstallation")["key"])
    mark = Keyring(b"the third of the secrets").derive("installation").hex()
    world.store.put(PATH, {**row, "next": mark, "since": world.store.now()})
    with pytest.raises(ConfigError, match="Another secret is being brought in already"):
        rotate(world)
    assert rotate(world, b"the third of the secrets") is not None


def test_what_is_kept_of_the_earlier_secrets_is_sealed_and_not_to_be_changed() -> None:
    world = shop()
    rotated(world)
    row = dict(world.store.all("crmInstallation")["key"])
    (former,) = row["former"]
    assert KEYS.secret not in base64.urlsafe_b64decode(former["secret"])
    turned = {**former, "secret": former["secret"][:-1] + "x"}
    at = len(former["secret"]) // 2
    other = "A" if former["secret"][at] != "A" else "B"
    flipped = {**former, "secret": former["secret"][:at] + other + former["secret"][at + 1 :]}
    for bad in (turned, flipped, {**former, "secret": ""}):
        world.store.put(PATH, {**row, "former": [bad]})
        with pytest.raises(ConfigError, match="is not as it was written"):
            full_keyring(world.store, NEW)
