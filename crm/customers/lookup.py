"""Looking a customer up, and its orders: what staff read."""

from __future__ import annotations

from typing import Final, Literal

from crm.config.paths import name_in
from crm.core import email as addresses
from crm.core.errors import Conflict, InvalidDocument, Refusal
from crm.core.ids import is_id
from crm.customers.customer import Customer, public
from crm.customers.identity import MAX_CONTACTS, AddressIdentity, UserIdentity, identity_from
from crm.customers.merged_ids import resolve
from crm.customers.reference import CustomerRef
from crm.db.collections import CUSTOMERS, IDENTITIES, LINKS, ORDERS
from crm.db.documents import BY_ID, Data, Query, Snapshot, Store
from crm.db.retry import RetryPolicy, interactive
from crm.db.runner import Runner
from crm.db.transaction import Transaction

MAX_CLAIMS: Final = 50
"""Users that claim one customer's addresses: anybody can sign up with anybody's address."""

MatchedBy = Literal["customerId", "email", "userId", "contact"]

LikelyReason = Literal["unproven-address", "address-conflict"]

Found = tuple[str, Data]
"""A customer's id, which need not be the one that was asked for, and its document."""


def find_customer(runner: Runner, who: CustomerRef, retry: RetryPolicy | None = None) -> Found:
    """Find the live customer; an id that was merged away leads to its survivor.

    An address that nobody has proven is nobody's: whoever is to be reached by it is not found by
    it, for anybody can type anybody's address.

    Args:
        runner: Reads.
        who: Whom.
        retry: How long to try; None for as long as somebody waits.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` for a malformed address;
            `failed-precondition` (`address-unproven`, with `customerIds`).
        Conflict, Transient: Not settled before the deadline.
    """
    retry = retry or interactive(runner.retry)
    customer_id, data, matched = find_anybody(runner, who, retry, several=True)
    if matched != "contact":
        return customer_id, data
    email = data["contactEmail"]
    ids = sorted(one.id for one in retry.call(lambda: _reached_by(runner, email)))
    raise Refusal(
        "failed-precondition",
        "address-unproven",
        "Nobody has proven this address: it was only typed into an order, or an account claims it."
        " Look at the customers in `details.customerIds`, and go on by id.",
        {"customerIds": ids},
    )


def find_anybody(
    runner: Runner,
    who: CustomerRef,
    retry: RetryPolicy | None = None,
    *,
    several: bool = False,
) -> tuple[str, Data, MatchedBy]:
    """Find the live customer, also by an address that nobody has proven.

    Args:
        runner: Reads.
        who: Whom.
        retry: How long to try; None for as long as somebody waits.
        several: Take the first one where several are to be reached by the address.

    Returns:
        The customer's id, its document, and by what it was found.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` for a malformed address;
            `failed-precondition` (`ambiguous`, with `customerIds`).
        Conflict, Transient: Not settled before the deadline.
    """
    retry = retry or interactive(runner.retry)
    try:
        return *_find(runner, who, retry), who.kind
    except Refusal as refusal:
        if refusal.reason != "no-such-customer" or who.kind != "email":
            raise
        found = retry.call(lambda: _reached_by(runner, _canonical(who.value)))
        if not found:
            raise
    if len(found) > 1 and not several:
        raise Refusal(
            "failed-precondition",
            "ambiguous",
            "Several customers are to be reached by this address, which nobody has proven: choose"
            " one of `details.customerIds`.",
            {"customerIds": sorted(one.id for one in found)},
        )
    return found[0].id, found[0].fields, "contact"


def _reached_by(runner: Runner, address: str) -> list[Snapshot]:
    """Return the customers whose contact address this is."""
    query = Query(CUSTOMERS, (("contactEmail", "==", address),), BY_ID, MAX_CONTACTS)
    return runner.store.find(query)


def _find(runner: Runner, who: CustomerRef, retry: RetryPolicy) -> Found:
    if who.kind == "customerId":
        # An id that was merged away costs no round trip more: its link is read with the customer.
        link = f"{LINKS}/{who.value}"
        return retry.call(
            lambda: runner.evaluate(lambda tx: _by_id(tx, who.value), runner.begin(prefetch=[link]))
        )
    keys = runner.keys
    by_email = who.kind == "email"
    key = keys.address(_canonical(who.value)) if by_email else keys.user(who.value)
    return retry.call(lambda: runner.evaluate(lambda tx: _by_identity(tx, key)))


def find_by_order(runner: Runner, order_id: str, retry: RetryPolicy) -> Snapshot | None:
    """Find the customer of an order; None where it is nobody's, as an erased person's is.

    Args:
        runner: Reads.
        order_id: Its id; of orders of a pattern the name (`crm.config.paths`). Of either the path
            will do, too.
        retry: How long to try.

    Raises:
        Transient: Not answered before the deadline.
    """
    collection = runner.settings.orders.path
    name = name_in(collection, order_id.strip("/")) if "/" in order_id else order_id
    if name is None or not is_id(name):
        return None

    for _ in range(2):  # a merge between the readings shows the part nowhere
        found, torn = retry.call(lambda: runner.evaluate(lambda tx: _by_row(tx, name)))
        if not torn:
            break
    return found


def get_customer(
    runner: Runner, who: CustomerRef, retry: RetryPolicy | None = None
) -> dict[str, object]:
    """Return a customer, and who else is likely the same person.

    Raises:
        As `find_customer`.
    """
    retry = retry or interactive(runner.retry)
    customer_id, data, matched = find_anybody(runner, who, retry)
    customer = Customer.from_data(customer_id, data)
    same = retry.call(lambda: possible_duplicates(runner.store, customer))
    return {
        "customer": public(customer_id, data),
        "matchedBy": matched,
        "likelySame": [{"customerId": key, "reason": same[key]} for key in sorted(same)],
    }


def possible_duplicates(store: Store, customer: Customer) -> dict[str, LikelyReason]:
    """Return which other customers are likely the same person: one claims the other's address.

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


def _by_id(tx: Transaction, customer_id: str) -> Found:
    live = resolve(tx, [customer_id]).get(customer_id)
    if live is None:
        raise _nobody()
    return live.snapshot.id, live.snapshot.fields


def _by_identity(tx: Transaction, key: str) -> Found:
    data = tx.document(f"{IDENTITIES}/{key}").data
    identity = identity_from(data) if data is not None else None
    if identity is None or identity.customer_id is None:
        raise _nobody()
    customer = tx.document(f"{CUSTOMERS}/{identity.customer_id}")
    if customer.data is None or identity.part_id not in customer.data["parts"]:
        raise Conflict(f"part {identity.part_id} has moved")
    return customer.id, customer.data


def _by_row(tx: Transaction, name: str) -> tuple[Snapshot | None, bool]:
    """Return whose an order is by its row of the ledger, and whether what was read contradicts."""
    row = tx.document(f"{ORDERS}/{name}").fields
    key, part_id = row.get("identity"), row.get("partId")
    if not (isinstance(key, str) and isinstance(part_id, str) and is_id(key)):
        return None, False
    data = tx.document(f"{IDENTITIES}/{key}").data
    customer_id = identity_from(data).customer_of(part_id) if data is not None else None
    if customer_id is None:
        return None, True
    customer = tx.document(f"{CUSTOMERS}/{customer_id}")
    held = part_id in customer.fields.get("parts", ())
    return (customer, False) if held else (None, True)


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
    except InvalidDocument as error:
        message = "Write `email` as one plain address such as alice@example.com."
        raise Refusal("invalid-argument", error.reason, message) from None


def _nobody() -> Refusal:
    return Refusal(
        "not-found",
        "no-such-customer",
        "No customer has this id, address or uid: check it. An address that a user only claims"
        " is found by the user's uid.",
    )
