"""Tags that somebody who comes in is given: a form's, or an imported list's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crm.core.tag_names import tag_id
from crm.customers.customer import Customer
from crm.customers.limits import MAX_TAGS
from crm.db.documents import Write
from crm.db.transaction import Transaction
from crm.tags.catalogue import fence, locked_by, row_path


def give_tags(
    tx: Transaction, customer: Customer, labels: Iterable[str]
) -> tuple[Customer, dict[str, str]]:
    """Return a customer with tags given, and those that are new to it: id to label.

    What a customer has no room for is left out; so is a tag that is being renamed or deleted at the
    moment: nobody's coming in may fail over staff's work on tags.

    Args:
        tx: The transaction.
        customer: The customer.
        labels: The tags' labels.
    """
    named = {tag_id(one): one for one in labels}
    rows = tx.documents(row_path(tag) for tag in named)
    going = {row.id: row for row in rows if row.fields.get("state") in ("renaming", "deleting")}
    busy = {tag for tag, row in going.items() if locked_by(tx, [row])}
    room = MAX_TAGS - len(customer.tags)
    new = [tag for tag in named if tag not in customer.tags and tag not in busy][: max(room, 0)]
    given = {tag: named[tag] for tag in new}
    return replace(customer, tags=tuple(sorted({*customer.tags, *given}))), given


def hold_rows(tx: Transaction, given: dict[str, str]) -> list[Write]:
    """Return the writes that hold on to the rows of tags which customers of a commit were given."""
    return fence(tx, given)
