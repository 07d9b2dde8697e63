"""What every plan of a repair answers."""

from __future__ import annotations

from dataclasses import dataclass

from crm.documents import Write


@dataclass(frozen=True)
class RepairPlan:
    """What to commit, atomically; nothing where nothing is wrong."""

    writes: list[Write]
