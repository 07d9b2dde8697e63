"""Whose an order is, and what it contributes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crm.core.errors import InvalidDocument, Transient
from crm.customers.change_set import ChangeSet
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import Contribution, LedgerEntry
from crm.db.accounts import NO_ANSWER, Standing
from crm.db.collections import ERASURES, IDENTITIES
from crm.db.documents import Delete, Snapshot, Update, Write, moment_of, quoted
from crm.db.transaction import Transaction
from crm.host import reader as host
from crm.host.order import Order, PartialOrder
from crm.host.redaction import without_address, without_person
from crm.sync.tombstones import ErasureCheck, first_seen


@dataclass(frozen=True)
class Target:
    """What shall become of an order.

    Attributes:
        entry: The row that it shall have.
        customer_id: The customer of its part; None for a new one.
        address: The address that a new part is of.
        redaction: What an erasure takes out of the host's document.
        relied_on: Keys of identities that nothing else in the commit guards.
    """

    entry: LedgerEntry
    customer_id: str | None = None
    address: str | None = None
    redaction: tuple[Write, ...] = ()
    relied_on: tuple[str, ...] = ()


def route(
    tx: Transaction,
    document: Snapshot,
    before: LedgerEntry | None,
    unfit: InvalidDocument | None,
) -> Target:
    """Decide whose an order is, and what it contributes there.

    The first case that fits:

    1. It fell under an erasure (`tombstones`): nobody's; its sums stay.
    2. It cannot be understood: nobody's; quarantine.
    3. Its uid is a known user's: the user's, whatever address was typed.
    4. Its address fell to an erasure, and it was counted before: where it was.
    5. It has no address: nobody's; quarantine until its uid is known.
    6. Its uid is not known (yet): the address's, until its user comes and takes it over.
    7. It has no uid: the address's.

    Args:
        tx: The transaction.
        document: The order; it is there.
        before: Its row of the ledger, if it has one.
        unfit: Why it is to go to quarantine although it can be understood.
    """
    order, named = tx.memoise(document.path, lambda: _read(document, tx))
    if named.erasure is not None and not _is_marked(tx, document, named, before):
        order, named = host.FORGED, replace(named, erasure=None)
    order = unfit or order
    user_key = tx.keys.user(named.user_id) if named.user_id is not None else None
    address_key = tx.keys.address(named.email) if named.email is not None else None
    # One round trip for all three; nearly always they are one or two.
    keys = [key for key in (user_key, address_key, before and before.identity) if key]
    tx.documents(f"{IDENTITIES}/{key}" for key in keys)
    changes = ChangeSet(tx)
    user = changes.user(user_key) if user_key else None
    address = changes.address(address_key) if address_key else None
    home = changes.find(before.identity) if before and before.identity else None

    named_key = address_key
    in_path = named.erasure is not None and _is_in_path(tx, document, named)
    check = ErasureCheck(document, named, before, user, address, address_key, home, in_path)
    erasure = check.erasure(lambda uid: _is_visitor(tx, uid, user))
    if erasure is not None:
        return _erased(tx, document, order, erasure)
    redaction: tuple[Write, ...] = ()
    entry = LedgerEntry(document.version, address_key=address_key, user_key=user_key)
    if check.lost_address is not None:
        redaction = _redaction(tx, document, check.lost_address, whole=False)
        entry, address_key = replace(entry, address_key=None), None

    if isinstance(order, InvalidDocument):
        there = tuple(key for key in (user_key, address_key) if key and changes.find(key))
        return Target(
            replace(entry, quarantined=order.reason), redaction=redaction, relied_on=there
        )
    if user and user.known:
        typed = order.email if address_key is not None else None
        target = _place(tx, entry, order, user_key, user, before, typed=typed)
    elif address_key is None and home and before and _stays(home, before, named_key):
        target = _place(tx, entry, order, before.identity, home, before)
    elif address_key is None:
        entry = replace(entry, awaiting=user_key, quarantined="email-missing")
        return Target(entry, redaction=redaction)
    else:
        entry = replace(entry, awaiting=user_key)
        target = _place(tx, entry, order, address_key, address, before, new_part_of=order.email)
    return replace(target, redaction=redaction)


def _is_marked(
    tx: Transaction, document: Snapshot, named: Order | PartialOrder, before: LedgerEntry | None
) -> bool:
    """Return whether an erasure wrote the pseudonym of an order.

    Whoever types one that looks right, or one that was read elsewhere, buys as anybody does.
    """
    if before and before.erased == named.erasure:
        return True
    record = tx.document(f"{ERASURES}/{named.erasure}").data
    return record is not None and first_seen(document, named) <= record["at"]


def _is_in_path(tx: Transaction, document: Snapshot, named: Order | PartialOrder) -> bool:
    """Return whether the path alone names an order's uid."""
    if named.user_id is None or not tx.settings.orders.hold_uid:
        return False
    created = document.created or tx.now
    return host.read_named(document.fields, created, tx.settings).user_id is None


def _is_visitor(tx: Transaction, uid: str, user: UserIdentity | None) -> bool:
    """Return whether a uid is of an anonymous visitor, who is a guest.

    Raises:
        Transient: Firebase Auth did not answer.
    """
    if tx.settings.email_trust == "document":
        return False
    if user and user.live and not user.known:
        return True  # known as one, whatever became of the account
    account = tx.account(uid)
    if account == NO_ANSWER:
        raise Transient("Firebase Auth could not be asked whose an order is")
    return account.standing is Standing.ANONYMOUS


def _stays(
    home: AddressIdentity | UserIdentity, before: LedgerEntry, named_key: str | None
) -> bool:
    """Return whether an order that has lost its address stays where it is counted.

    A living customer holds that part, and the order does not name another address by now.
    """
    if before.part_id is None or home.customer_of(before.part_id) is None:
        return False
    return named_key is None or named_key == before.identity


def _read(
    document: Snapshot, tx: Transaction
) -> tuple[Order | InvalidDocument, Order | PartialOrder]:
    """Read an order, and whose it is although it may not be understood."""
    created = document.created or tx.now
    data = tx.settings.orders.placed(document.path, document.fields)
    try:
        order = host.read_order(data, created, tx.settings)
    except InvalidDocument as unreadable:
        return unreadable, host.read_named(data, created, tx.settings)
    return order, order


def _erased(
    tx: Transaction, document: Snapshot, order: Order | InvalidDocument, erasure_id: str
) -> Target:
    """Keep what an erasure keeps: sums and tickets, in nobody's part, also in the document."""
    entry = LedgerEntry(document.version, erased=erasure_id)
    if tx.settings.erasure.orders == "delete":
        entry = replace(entry, deleted=True)
    elif isinstance(order, Order):
        entry = replace(
            entry,
            contribution=replace(
                Contribution.of(order, tx.settings.time_zone), name=None, opted_in=False
            ),
        )
    return Target(entry, redaction=_redaction(tx, document, erasure_id, whole=True))


def _redaction(
    tx: Transaction, document: Snapshot, erasure_id: str, *, whole: bool
) -> tuple[Write, ...]:
    """Return the write that takes a person, or an address alone, out of the host's document."""
    settings = tx.settings
    if settings.erasure.orders == "keep":
        return ()
    if whole and settings.erasure.orders == "delete":
        return (Delete(document.path, document.version),)
    redact = without_person if whole else without_address
    redacted = redact(document.fields, settings, erasure_id)
    changes = {quoted(field): value for field, value in redacted.items()}
    return (Update(document.path, changes, document.version),) if changes else ()


def _place(
    tx: Transaction,
    entry: LedgerEntry,
    order: Order,
    key: str | None,
    identity: AddressIdentity | UserIdentity | None,
    before: LedgerEntry | None,
    *,
    new_part_of: str | None = None,
    typed: str | None = None,
) -> Target:
    """Put an order into the part of an identity that takes its orders now.

    An order that this identity has counted already stays in the part where it is, also when the
    address has another owner since.
    """
    written = moment_of(entry.version)
    contribution = Contribution.of(order, tx.settings.time_zone, typed, written)
    part_id = identity.part_id if identity else None
    counted_here = (
        before
        and before.part_id
        and identity
        and before.identity == key
        and before.part_id not in identity.erased
    )
    if before and counted_here:
        part_id = before.part_id
        if before.contribution:
            contribution = _still_over(before.contribution, contribution)
    return Target(
        replace(entry, identity=key, part_id=part_id, contribution=contribution),
        identity.customer_of(part_id) if identity and part_id else None,
        new_part_of,
    )


def _still_over(before: Contribution, contribution: Contribution) -> Contribution:
    """Return a contribution with what found no room before, as far as it still wants the same."""
    if before.events.keys() == contribution.events.keys():
        contribution = replace(contribution, over_limit=before.over_limit)
    if before.day == contribution.day:
        contribution = replace(contribution, day_over_limit=before.day_over_limit)
    return contribution
