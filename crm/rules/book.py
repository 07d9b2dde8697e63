"""The book of rules: all of them in one document.

So that an instance knows them for one reading a minute, and so that no two are saved beside each
other that would set each other off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from crm.db.codec import Stored
from crm.db.collections import RULES
from crm.rules.rule import Rule

PATH: Final = f"{RULES}/book"

MOST_RULES: Final = 50
"""So many fit into a document, and into a person's head."""


@dataclass(frozen=True, slots=True)
class Book(Stored):
    """All rules, by id."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
