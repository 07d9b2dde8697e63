"""Records of consent of a customer that has no address and no user of its own any more."""

from __future__ import annotations

from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.db.paging import Pager, PageTokens
from crm.privacy.consent_records import list_consents
from testing.hosts import DAY
from testing.world import KEYS, World


def test_who_is_found_by_no_key_has_no_records() -> None:
    world = World()
    left = Customer("c", DAY, {"p": Part("e-of-somebody-else-by-now", orders=1)})
    world.store.put("customers/c", left.to_data(DAY, double=False))
    pager = Pager(PageTokens(KEYS.derive("page-token")), "staff", 10)
    found = list_consents(world.runner, pager, CustomerRef("customerId", "c"))
    assert found == {"consents": [], "nextPageToken": None}
