"""The book of rules: all of them in one document.

So that an instance knows them for one reading a minute, and so that no two are saved beside each
other that would set each other off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from crm.db.codec import Stored
from crm.db.collections import RULES
from crm.db.diff import replaced
from crm.db.documents import Create, Data, Write
from crm.db.transaction import Transaction
from crm.rules.rule import Rule

PATH: Final = f"{RULES}/book"

MOST_RULES: Final = 50
"""So many fit into a document, and into a person's head."""


@dataclass(frozen=True, slots=True)
class Book(Stored):
    """All rules, by id.

    Attributes:
        rules: The rules.
        gone: Ids of deleted rules, with the time of it: rows of theirs may still come into the
            outbox for a moment, and are taken out.
    """

    rules: Mapping[str, Rule] = field(default_factory=dict)
    gone: Mapping[str, datetime] = field(default_factory=dict)

    def with_rule(self, rule: Rule) -> Book:
        """Return the book with a rule put in or replaced."""
        return replace(self, rules={**self.rules, rule.id: rule})

    def without(self, rule_id: str, at: datetime) -> Book:
        """Return the book with a rule deleted."""
        rules = {key: rule for key, rule in self.rules.items() if key != rule_id}
        return replace(self, rules=rules, gone={**self.gone, rule_id: at})


def book_of(data: Data | None) -> Book:
    """Read the book's document; one that is not there has no rules."""
    return Book.from_data(data) if data else Book()


def read_book(tx: Transaction) -> Book:
    """Return the book as a transaction reads it; raises as `tx.document`."""
    return book_of(tx.document(PATH).data)


def write_book(tx: Transaction, book: Book) -> Write:
    """Return the write that leaves the book so, under the version that was read."""
    found = tx.document(PATH)
    data = book.to_data()
    return replaced(found, data) if found.exists else Create(PATH, data)
