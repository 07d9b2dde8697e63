"""What a list says is done for its people, some hundred in one commit. Pure.

Nobody is raised: whoever ever withdrew, complained, was erased, or whose mail comes back, is not
subscribed by a list, whatever it says. A withdrawal in it always counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from crm.audit import trail as audit
from crm.consent.plan import withdraw_address
from crm.consent.records import COMPLAINT, IMPORT
from crm.contacts.arriving import arrive
from crm.contacts.granting import grant_part
from crm.core.tag_names import tag_id
from crm.customers import marketing
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED
from crm.customers.identity import AddressIdentity
from crm.customers.limits import MAX_TAGS
from crm.customers.part import Entry, FieldValue
from crm.db.collections import CUSTOMERS, IDENTITIES
from crm.db.documents import Create, Write
from crm.db.transaction import Transaction
from crm.fields.plan import has_room, with_fields
from crm.importing.record import Done, Import, Was, consent_path
from crm.importing.row import Row
from crm.tags.catalogue import fence, refuse_busy, row_path

T = TypeVar("T")

ACTION: Final = "contacts.import"

ERASED: Final = "erased"

COMPLAINED: Final = "complained"

WITHDREW: Final = "withdrew"

BOUNCED: Final = "bounced"

CONTRADICTION: Final = "contradiction"

TOO_MANY_TAGS: Final = "too-many-tags"

TOO_LARGE: Final = "too-large"

KEPT_OUT: Final = (
    *(ERASED, COMPLAINED, WITHDREW, BOUNCED, CONTRADICTION),
    *(TOO_MANY_TAGS, TOO_LARGE),
)
"""Why somebody is not given all that the list says, the first one of those that hold."""


@dataclass
class Handled:
    """What a plan comes to.

    Attributes:
        counts: How many were `added`, `changed`, `unchanged`, or kept out by reason: each address
            once.
        done: What can be taken back, by the places of the rows.
        customers: Ids of those that change.
        labels: Tags that were given, with their labels.
        granted: How many were granted news.
        withdrawn: How many were withdrawn.
    """

    changes: ChangeSet
    counts: Counter[str] = field(default_factory=Counter)
    done: dict[str, Done] = field(default_factory=dict)
    customers: dict[str, None] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    granted: int = 0
    withdrawn: int = 0

    def writes(self, tx: Transaction, of: Import) -> list[Write]:
        """Return what to commit; nothing where nothing changes.

        Raises:
            Refusal: `failed-precondition` (`tag-busy`).
        """
        if not self.customers:
            return []
        refuse_busy(tx, self.labels)
        entry = audit.record(
            tx,
            ACTION,
            [*self.customers],
            imported=of.id,
            granted=self.granted,
            withdrawn=self.withdrawn,
        )
        return [*self.changes.writes(), *fence(tx, self.labels), *entry]


def plan_rows(tx: Transaction, rows: Mapping[str, Row], of: Import, number: int) -> Handled:
    """Plan what is done for some people.

    Args:
        tx: The transaction.
        rows: What the list says, by places.
        of: The import.
        number: Of the chunk, for the ids of records of consent.

    Raises:
        Conflict: Somebody moved meanwhile.
    """
    handled = Handled(ChangeSet(tx))
    _read_together(tx, rows.values())
    for place, row in in_order(rows):
        handled.counts[_Person(tx, handled, of, row).plan(number, place)] += 1
    return handled


def _read_together(tx: Transaction, rows: Iterable[Row]) -> None:
    """Demand what will be needed in few round trips, not person by person."""
    found = tx.documents(f"{IDENTITIES}/{row.key}" for row in rows)
    tags = {tag_id(text) for row in rows for text in row.tags}
    owners = {one.id: one.fields.get("customerId") for one in found}
    paths = [f"{CUSTOMERS}/{one}" for one in {*owners.values()} if one]
    tx.documents([*paths, *map(row_path, sorted(tags))])
    leaving = {owners[row.key] for row in rows if row.status == "unsubscribed"} - {None}
    keys = {
        part["key"]
        for one in leaving
        for part in tx.document(f"{CUSTOMERS}/{one}").fields.get("parts", {}).values()
    }
    tx.documents(f"{IDENTITIES}/{key}" for key in sorted(keys))


@dataclass
class _Person:
    """One address of the list, and the customer that has it."""

    tx: Transaction
    handled: Handled
    of: Import
    row: Row

    def plan(self, number: int, place: str) -> str:
        """Plan what is done; say how it is counted."""
        changes, row = self.handled.changes, self.row
        identity = changes.address(row.key) or AddressIdentity()
        if identity.customer_id is None and identity.erased_at is not None:
            return ERASED
        entry = Entry("import", self.of.id, self.of.at, row.name)
        before, part_id, new = arrive(changes, self.tx, row.email, entry)
        tags, full = self._tags(before)
        tagged = replace(before, tags=tags) if tags != before.tags else before
        customer = with_fields(tagged, self._fields(tagged))
        crowded = customer is not tagged and not has_room(tagged, customer)
        customer = tagged if crowded else customer
        no_room = TOO_MANY_TAGS if full else TOO_LARGE if crowded else None
        written = self._written(before, customer)
        kept_out = self._kept_out(customer, identity)
        granted = None
        if (
            row.status == "subscribed"
            and not kept_out
            and not self._is_subscribed(customer, part_id)
        ):
            at = row.consented_at or self.of.at
            given = grant_part(
                self.tx, customer, part_id, IMPORT, at, self.of.proof, over_withdrawal=False
            )
            if given is None:
                kept_out = WITHDREW
            else:
                customer, record = given
                granted = at
                self.handled.granted += 1
                path = consent_path(self.of.id, number, place)
                changes.add(Create(path, record.to_data()))
        changed = customer is not before
        if changed:
            changes.put_customer(customer)
        withdrawn = row.status == "unsubscribed" and self._withdraw()
        if changed or new or withdrawn:
            self.handled.customers[customer.id] = None
        done = Done(
            row.key,
            part_id,
            customer.id,
            before.merges,
            new,
            tuple(sorted({*tags} - {*before.tags})),
            granted,
            *written,
        )
        if done.anything:
            self.handled.done[place] = done
        if why := kept_out or no_room:
            return why
        return "added" if new else "changed" if changed or withdrawn else "unchanged"

    def _tags(self, customer: Customer) -> tuple[tuple[str, ...], bool]:
        """Return the customer's tags then, and whether there is no room for those of the list."""
        wanted = {tag_id(text): text for text in self.row.tags}
        missing = wanted.keys() - {*customer.tags}
        if not missing:
            return customer.tags, False
        if len(customer.tags) + len(missing) > MAX_TAGS:
            return customer.tags, True
        self.handled.labels.update({tag: wanted[tag] for tag in missing})
        return tuple(sorted({*customer.tags} | missing)), False

    def _fields(self, customer: Customer) -> Mapping[str, FieldValue]:
        """Return the own fields that this row may write.

        Of somebody with several addresses in the list the primary one's row counts, and the others
        fill what is empty: else they would overwrite each other each time the list comes in.
        """
        primary = customer.primary
        if primary is None or primary.key == self.row.key:
            return self.row.fields
        shown = customer.fields
        return {name: one for name, one in self.row.fields.items() if name not in shown}

    def _written(
        self, before: Customer, after: Customer
    ) -> tuple[str | None, str | None, Mapping[str, Was]]:
        """Return on which part own fields were written, and what was there."""
        for part_id, part in after.parts.items():
            was = before.parts[part_id].fields
            if part.fields is not was:
                written = {
                    name: Was(value, name in was, was.get(name))
                    for name, value in part.fields.items()
                    if name in self.row.fields and value is not None
                    if name not in was or was[name] != value or type(was[name]) is not type(value)
                }
                return part.key, part_id, written
        return None, None, {}

    def _is_subscribed(self, customer: Customer, part_id: str) -> bool:
        """Return whether news are granted already, to the person or for this address."""
        own = customer.parts[part_id].decision
        if own is not None and own.status == SUBSCRIBED:
            return True
        return self._status(customer) == SUBSCRIBED

    def _status(self, customer: Customer) -> object:
        # Whoever is in a list has an address, so none to be reached by only.
        double = self.tx.settings.newsletter.double
        parts, primary = customer.parts.values(), customer.primary
        return marketing.fold(parts, primary, None, double=double)["status"]

    def _kept_out(self, customer: Customer, identity: AddressIdentity) -> str | None:
        """Return why somebody of whom the list says so is not subscribed."""
        if self.row.status not in ("subscribed", CONTRADICTION):
            return None
        if self._status(customer) == SUBSCRIBED:
            return None
        decisions = [one.decision for one in customer.parts.values() if one.decision]
        withdrawn = [one for one in decisions if one.status == UNSUBSCRIBED]
        if any(one.source == COMPLAINT for one in withdrawn):
            return COMPLAINED
        if withdrawn or identity.suppression is not None:
            forgotten = identity.erased_at is not None and identity.suppressed is None
            return ERASED if forgotten else WITHDREW
        if identity.unreachable is not None:
            return BOUNCED
        return CONTRADICTION if self.row.status == CONTRADICTION else None

    def _withdraw(self) -> bool:
        _, changed = withdraw_address(
            self.handled.changes, self.tx, self.row.key, IMPORT, self.of.proof, audited=False
        )
        self.handled.withdrawn += changed
        return changed


def numbered(rows: Sequence[Row]) -> dict[str, Row]:
    """Return rows by their places."""
    return {str(place): row for place, row in enumerate(rows)}


def in_order(rows: Mapping[str, T]) -> list[tuple[str, T]]:
    """Return what has places in their order: a map of Firestore's has one of its own."""
    return sorted(rows.items(), key=lambda one: int(one[0]))
