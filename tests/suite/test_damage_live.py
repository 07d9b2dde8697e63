"""A hand in the console damages documents of the real Firestore: found, mended, and clean again."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import DELETE_FIELD

from crm.consent.plan import plan_consent
from crm.repair.rebuild import rebuild
from crm.repair.sweep import sweep
from crm.repair.verify import verify
from crm.tags.plan import Change
from crm.tags.tagging import tag_customers
from testing.hosts import order, user
from tests.support.live import LiveWorld


def test_damage_in_many_collections_is_named_mended_and_gone(live: LiveWorld) -> None:
    live.host.put("users/u1", user("ada@example.com"))
    live.sync.sync_user("u1")
    for name in ("ada", "bob", "cyd"):
        live.put_order(f"{name}1", order(f"{name}@example.com"))
    live.put_order("odd", order("cyd@example.com", total="much", odd=True))
    ids = {one["emails"][0].partition("@")[0]: one["id"] for one in live.customers()}
    live.runner.run(lambda tx: plan_consent(tx, "x", ids["bob"], "unsubscribed", None))
    tag_customers(live.runner, [ids["cyd"]], Change({"vip": "VIP"}))
    sweep(live.runner, lambda _job: None)
    assert list(verify(live.runner)) == []
    sums = {one["id"]: (one["totalSpend"], one["orderCount"]) for one in live.customers()}

    keys = live.runner.keys
    ada, bob = keys.address("ada@example.com"), keys.address("bob@example.com")
    damages: dict[str, dict[str, Any]] = {
        f"customers/{ids['ada']}": {"merges": DELETE_FIELD},
        f"customers/{ids['cyd']}": {"parts": 17, "orderCount": "many"},
        f"crmIdentities/{bob}": {"suppressed": None},
        f"crmIdentities/{ada}": {"owner": DELETE_FIELD},
        f"crmIdentities/{keys.user('u1')}": {"version": "new"},
        "crmOrders/bob1": {"total": "49.90"},
        "crmOrders/odd": {"quarantined": {"a": 1}},
        f"crmQuarantine/{keys.quarantine('orders', 'odd')}": {"reason": 3},
        "crmTags/vip": {"label": DELETE_FIELD},
        "crmSweep/crmOrders": {"ids": "none"},
    }
    for path, fields in damages.items():
        live.client.document(path).update(fields)
    live.host.put("crmAuditHeads/elsewhere", {"count": 1, "seal": "x"})

    named = {path for path, _ in verify(live.runner)}
    seen = {*damages, "crmAuditHeads/elsewhere", "crmConsents/x-00"} - {f"crmIdentities/{bob}"}
    assert seen - named == set()

    live.host.put("orders/more", order("ada@example.com", day=5))
    assert sweep(live.runner, lambda _job: None).failed == []
    assert live.host.all("crmOrders")["more"]["partId"]

    assert rebuild(live.runner).failed == []
    assert list(verify(live.runner)) == []
    assert [one for one in live.wrong() if " odd " not in one] == []
    after = {one["id"]: (one["totalSpend"], one["orderCount"]) for one in live.customers()}
    assert after[ids["bob"]] == sums[ids["bob"]]
    assert after[ids["cyd"]] == sums[ids["cyd"]]
    assert after[ids["ada"]][1] == sums[ids["ada"]][1] + 1
    assert live.host.all("crmIdentities")[bob]["suppressed"] is not None
