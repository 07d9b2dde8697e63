"""Looking a customer up, and its orders: what staff read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from crm.core import email as addresses
from crm.core.errors import Conflict, Refusal, Unreadable
from crm.core.keyring import Keyring
from crm.customers.customer import Customer, public
from crm.customers.identity import AddressIdentity, UserIdentity, identity_from
from crm.db.documents import Data, Query, Snapshot, Store
from crm.db.paging import NewestFirst, PageTokens, Scope
from crm.db.retry import Patience
from crm.db.transaction import CUSTOMERS, IDENTITIES, LINKS, ORDERS

READING: Final = Patience(seconds=15.0)
"""For calls that somebody is waiting for; a callable's own time limit is 60 seconds."""


MAX_CLAIMS: Final = 50
"""Users that claim one customer's addresses: anybody can sign up with anybody's address."""


SHOWN: Final = (
    "status",
    "currency",
    "total",
    "refunded",
    "net",
    "counted",
    "createdAt",
)
"""Fields of a ledger row that `list_orders` answers as they are."""


MAX_ODD_ITEMS: Final = 20  # of one order, named in an answer; all are counted


LikelyReason = Literal["unproven-address", "address-conflict"]


@dataclass(frozen=True, slots=True)
class Who:
    """A customer, named by one of the three things that staff know it by."""

    kind: Literal["customerId", "email", "userId"]
    value: str


Found = tuple[str, Data]
"""A customer's id, which need not be the one that was asked for, and its document."""


def find_customer(store: Store, keys: Keyring, who: Who, patience: Patience = READING) -> Found:
    """Find the live customer; an id that was merged away leads to its survivor.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` for a malformed address.
        Conflict, Transient: Not settled before the deadline.
    """
    match who.kind:
        case "customerId":
            return patience.insist(lambda: _by_id(store, who.value))
        case "email":
            key = keys.address(_canonical(who.value))
        case "userId":
            key = keys.user(who.value)
    return patience.insist(lambda: _by_identity(store, key))


def get_customer(
    store: Store, keys: Keyring, who: Who, patience: Patience = READING
) -> dict[str, object]:
    """Answer a customer, and who else is likely the same person.

    Raises:
        As `find_customer`.
    """
    customer_id, data = find_customer(store, keys, who, patience)
    customer = Customer.from_data(customer_id, data)
    same = patience.insist(lambda: likely_same(store, customer))
    return {
        "customer": public(customer_id, data),
        "likelySame": [{"customerId": key, "reason": same[key]} for key in sorted(same)],
    }


def likely_same(store: Store, customer: Customer) -> dict[str, LikelyReason]:
    """Say which other customers are likely the same person: one claims the other's address.

    Derived whenever it is asked for. A user whose address is not proven stays apart from the guest
    with that address, in both directions; one whose address another user has proven stays so until
    staff merge them. A pair that staff took apart is not suggested again.

    Args:
        store: The database.
        customer: One of the two.

    Returns:
        Customer id to reason.
    """
    users = _identities(store, [part.key for part in customer.parts.values() if part.uid])
    mine = [user for user in users if isinstance(user, UserIdentity) and _claims(user)]
    held = _identities(store, [user.claimed for user in mine if user.claimed])
    found = [
        (identity.customer_id, user)
        for user, identity in zip(mine, held, strict=True)
        if isinstance(identity, AddressIdentity)
    ]
    addresses_held = tuple(sorted({p.key for p in customer.parts.values() if p.address}))
    if addresses_held:
        query = Query(IDENTITIES, (("claimed", "in", addresses_held),), limit=MAX_CLAIMS)
        claiming = [UserIdentity.from_data(one.fields) for one in store.find(query)]
        found += [(user.customer_id, user) for user in claiming if _claims(user)]
    same: dict[str, LikelyReason] = {}
    for other, user in found:
        if other and other != customer.id and same.get(other) != "address-conflict":
            same[other] = "address-conflict" if user.conflict else "unproven-address"
    return same


def list_orders(
    store: Store,
    keys: Keyring,
    tokens: PageTokens,
    caller: str,
    customer_id: str,
    page_size: int,
    page_token: str | None = None,
    patience: Patience = READING,
) -> dict[str, object]:
    """Answer a page of a customer's orders, newest first; ids break ties.

    Raises:
        Refusal: `not-found`, or `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    scope = Scope(caller, "list_orders", {"customerId": customer_id})
    paged = NewestFirst.at(tokens, scope, page_size, page_token)
    who = Who("customerId", customer_id)
    _, data = find_customer(store, keys, who, patience)
    query = Query(ORDERS, (("partId", "in", tuple(sorted(data["parts"]))),))
    page, following = paged.of(store, patience, query, "createdAt")
    return {"orders": [_order(row) for row in page], "nextPageToken": following}


def _order(row: Snapshot) -> dict[str, object]:
    data = row.fields
    answer = {
        "orderId": row.id,
        **{name: data[name] for name in SHOWN},
        "eventIds": sorted(data["events"]),
    }
    odd = _odd_items(data)
    if odd:
        answer["oddItems"] = odd[:MAX_ODD_ITEMS]
        answer["oddCount"] = data["oddCount"] + len(data["overLimit"])
    return answer


def _odd_items(data: Data) -> list[Mapping[str, Any]]:
    """Items that could not be counted, and events that found no room on the customer."""
    full = [{"eventId": key, "reason": "customer-full"} for key in data["overLimit"]]
    return [*data["oddItems"], *full]


def _by_id(store: Store, customer_id: str) -> Found:
    customer, link = f"{CUSTOMERS}/{customer_id}", f"{LINKS}/{customer_id}"
    found = store.read([customer, link])
    data = found[customer].data
    if data is not None:
        return customer_id, data
    if found[link].exists:
        survivor: str = found[link].fields["customerId"]
        return survivor, _there(store, survivor)
    # One reading is no snapshot: a merge between its two documents shows neither.
    at_once = store.frozen().read([customer, link])
    if any(snapshot.exists for snapshot in at_once.values()):
        raise Conflict(f"customer {customer_id} has moved")
    raise _nobody()


def _by_identity(store: Store, key: str) -> Found:
    path = f"{IDENTITIES}/{key}"
    data = store.read([path])[path].data
    identity = identity_from(data) if data is not None else None
    if identity is None or identity.customer_id is None:
        raise _nobody()
    customer = _there(store, identity.customer_id)
    if identity.part_id not in customer["parts"]:
        raise Conflict(f"part {identity.part_id} has moved")
    return identity.customer_id, customer


def _there(store: Store, customer_id: str) -> Data:
    """Read a customer that another document led to."""
    path = f"{CUSTOMERS}/{customer_id}"
    data = store.read([path])[path].data
    if data is None:
        raise Conflict(f"customer {customer_id} has moved")
    return data


def _identities(store: Store, keys: list[str]) -> list[AddressIdentity | UserIdentity | None]:
    """Read identities, in the order of their keys."""
    paths = [f"{IDENTITIES}/{key}" for key in keys]
    found = store.read(dict.fromkeys(paths))
    documents = [found[path].data for path in paths]
    return [identity_from(data) if data is not None else None for data in documents]


def _claims(user: UserIdentity) -> bool:
    return user.live and user.claimed is not None and user.claimed not in user.keep_apart


def _canonical(email: str) -> str:
    try:
        return addresses.canonical(email)
    except Unreadable as error:
        message = "Write `email` as one plain address such as alice@example.com."
        raise Refusal("invalid-argument", error.reason, message) from None


def _nobody() -> Refusal:
    return Refusal(
        "not-found",
        "no-such-customer",
        "No customer has this id, address or uid: check it. An address that a user only claims"
        " is found by the user's uid.",
    )
