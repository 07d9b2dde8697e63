"""Writing own fields of a customer: what staff know, beside what the user's document says. Pure.

What staff write is kept on the customer's first part, which speaks for the customer; so a merge
takes it along, and its undo brings everybody's own back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crm.audit.trail import record as audit_entry
from crm.config.fields import OwnField, no_such_field
from crm.core.errors import Refusal
from crm.customers import room
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.merged_ids import resolve, resolve_one
from crm.customers.part import FieldValue
from crm.db.transaction import Plan, Transaction

Values = Mapping[str, FieldValue | None]
"""Values by the names of fields; None for a field that is emptied."""


def with_fields(customer: Customer, values: Values) -> Customer:
    """Return a customer with own fields written by staff; the same one where nothing changes.

    A field that is emptied is empty, whatever other parts of the customer know of it: None stays on
    the first part as long as it hides something there.

    Args:
        customer: The customer.
        values: Checked by their types (`config.fields.OwnField.value`).
    """
    shown = customer.fields
    changed = {name: one for name, one in values.items() if not _alike(shown.get(name), one)}
    if not changed:
        return customer
    part_id, first = min(customer.parts.items(), key=lambda one: (one[1].rank, one[0]))
    hidden = customer.with_part(part_id, replace(first, fields={})).fields
    fields = {
        name: one
        for name, one in sorted({**first.fields, **changed}.items())
        if one is not None or name in hidden
    }
    return customer.with_part(part_id, replace(first, fields=fields))


def without_fields(customer: Customer, names: set[str]) -> Customer:
    """Return a customer without anything that staff wrote into some fields, on whatever part."""
    for part_id, part in customer.parts.items():
        if names & part.fields.keys():
            left = {name: one for name, one in part.fields.items() if name not in names}
            customer = customer.with_part(part_id, replace(part, fields=left))
    return customer


def has_room(before: Customer, after: Customer) -> bool:
    """Return whether the database has room for what is written; to write less always has."""
    return room.fits(after) or room.document_bytes(after) <= room.document_bytes(before)


@dataclass
class WriteFields:
    """The plan of what staff write into own fields, for one `Runner.run`.

    A plan whose commit's answer was lost starts again and finds its own work: what it took away, or
    a customer of whom nothing was left. So it keeps what an earlier try was about to do.

    Attributes:
        customer_id: The customer; an id that was merged away leads to its survivor.
        given: Values by the names of fields, as JSON has them; None empties a field, also one that
            `crm.toml` declares no more. Of a field that is read from the user's document, None
            takes away what staff wrote while it was not.
    """

    customer_id: str
    given: Mapping[str, object]
    _taken: set[str] = field(default_factory=set)
    _last: bool = False

    def __call__(self, tx: Transaction) -> Plan[Values]:
        """Plan it; the result is all own fields of the customer then.

        Raises:
            Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`no-such-field`,
                `field-invalid`, `field-from-host`); `failed-precondition` (`too-large`).
            Conflict: Something moved meanwhile.
        """
        found = resolve(tx, [self.customer_id])
        if not found and self._last:
            return Plan([], {})
        changes = ChangeSet(tx)
        customer = changes.customer(resolve_one(tx, self.customer_id).snapshot.id)
        values, left_over = self._read(tx.settings.fields, customer)
        changed = with_fields(without_fields(customer, left_over), values)
        if changed is customer:
            return Plan([], customer.fields)
        if not has_room(customer, changed):
            raise _too_large()
        self._last = changed.empty
        changes.put_customer(changed)
        names = " ".join(sorted({*values, *left_over}))
        changes.add(*audit_entry(tx, "customer.fields", [customer.id], fields=names))
        return Plan(changes.writes(), changed.fields)

    def _read(
        self, declared: Mapping[str, OwnField], customer: Customer
    ) -> tuple[dict[str, FieldValue | None], set[str]]:
        """Return the values to write, and the fields that staff's words are to be taken from."""
        values: dict[str, FieldValue | None] = {}
        left_over: set[str] = set()
        for name, value in self.given.items():
            if name not in declared:
                if value is not None or not (name in customer.fields or name in self._taken):
                    raise no_such_field(name)
                values[name] = None
            elif declared[name].from_ is not None:
                if value is not None or not (_written(customer, name) or name in self._taken):
                    raise _from_host(name)
                left_over.add(name)
            else:
                values[name] = None if value is None else _checked(name, declared[name], value)
        self._taken |= values.keys() | left_over
        return values, left_over


def _written(customer: Customer, name: str) -> bool:
    return any(name in part.fields for part in customer.parts.values())


def _checked(name: str, own: OwnField, value: object) -> FieldValue:
    try:
        return own.value(value)
    except ValueError as error:
        text = f"The field `{name}` was refused: {error}."
        raise Refusal("invalid-argument", "field-invalid", text, {"field": name}) from None


def _too_large() -> Refusal:
    return Refusal(
        "failed-precondition",
        "too-large",
        "The customer would be larger than one document can be, with all its events and fields:"
        " write shorter texts, or empty other fields.",
    )


def _from_host(name: str) -> Refusal:
    return Refusal(
        "invalid-argument",
        "field-from-host",
        f"The field `{name}` is read from the user's document (`from` in crm.toml):"
        " change it there.",
        {"field": name},
    )


def _alike(first: FieldValue | None, second: FieldValue | None) -> bool:
    return type(first) is type(second) and first == second  # to Python 1 is True
