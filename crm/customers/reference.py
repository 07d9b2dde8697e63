"""A customer, as staff name one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """A customer, named by one of the three things that staff know it by."""

    kind: Literal["customerId", "email", "userId"]
    value: str
