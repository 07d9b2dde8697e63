"""Some of the host's documents, as whoever looks at how they are understood wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.config.paths import name_in, values_in
from crm.core.errors import Conflict, Rejected, Transient
from crm.db.documents import BY_ID, Query, Snapshot, Store
from crm.repair.mirrors import plain_field

if TYPE_CHECKING:
    from crm.config.settings import Settings
    from crm.mapping.propose import Document


@dataclass(frozen=True)
class Sample:
    """Some documents of a collection.

    Attributes:
        path: The collection.
        chosen: Name to document.
        newest: Those that were created last, the newest first; none where no field tells.
    """

    path: str
    chosen: Mapping[str, Snapshot]
    newest: Sequence[Snapshot] = ()

    @property
    def documents(self) -> list[Document]:
        """What the reader of orders and users is given of them."""
        return [
            ({**one.fields, **values_in(self.path, one.path)}, one.created)
            for one in self.chosen.values()
            if one.created
        ]


def sample(
    database: Store, path: str, most: int, settings: Settings | None = None, share: int = 2
) -> Sample:
    """Return some documents: some of the newest, where a field tells, the others by their ids.

    Args:
        database: Reads.
        path: Their collection.
        most: How many, at most.
        settings: Say which field tells when an order was created; None for users.
        share: What part of them are the newest: 2 for half, 1 for all.

    Raises:
        Transient: Not answered.
    """
    newest = plain_field(settings.orders.fields.created_at) if settings else None
    found: list[Snapshot] = []
    if newest:
        # Such as where the host has exempted the field from its indexes.
        with suppress(Conflict, Rejected, Transient):
            found = database.find(Query(path, (), (newest, "desc"), most // share))
    rest: list[Snapshot] = []
    if len(found) < most:
        rest = database.find(Query(path, (), BY_ID, most))
    named = ((name_in(path, one.path), one) for one in [*found, *rest])
    chosen = {name: one for name, one in named if name is not None}
    return Sample(path, dict([*chosen.items()][:most]), found)
