"""What a signed-in buyer may ask for: have my guest orders linked to my account."""

from __future__ import annotations

from crm.core.errors import Conflict, Refusal
from crm.customers.customer import Customer
from crm.customers.identity import UserIdentity
from crm.db.collections import CUSTOMERS, IDENTITIES
from crm.db.documents import read_one
from crm.db.runner import Runner
from crm.sync.sync import Sync


def claim_orders(runner: Runner, uid: str, address: str) -> int:
    """Link the orders of the caller's proven address now, rather than with the next event.

    What is proven is Firebase Auth's word, whatever the caller's user document says or lacks, and
    nothing is said of an address that is not.

    Args:
        runner: Carries plans out.
        uid: The caller.
        address: The canonical address that Firebase Auth says, now, is verified and the caller's.

    Returns:
        How many orders are on the caller's customer now.

    Raises:
        Refusal: `failed-precondition` (`no-user-document`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    path = f"{runner.settings.users.path}/{uid}"
    if not runner.read_one(path).exists:
        raise Refusal(
            "failed-precondition",
            "no-user-document",
            f"There is no document {runner.settings.users.path}/… of this account yet: "
            "write it, then call again.",
        )
    Sync(runner, "customer.claim").sync_user(uid, shown=address)
    return runner.retry.call(lambda: _orders(runner, uid))


def _orders(runner: Runner, uid: str) -> int:
    data = read_one(runner.store, f"{IDENTITIES}/{runner.keys.user(uid)}").data
    identity = UserIdentity.from_data(data) if data is not None else None
    if identity is None or identity.customer_id is None:
        return 0
    customer = read_one(runner.store, f"{CUSTOMERS}/{identity.customer_id}").data
    if customer is None:
        raise Conflict("the customer has moved")
    parts = Customer.from_data(identity.customer_id, customer).parts.values()
    return sum(part.orders for part in parts)
