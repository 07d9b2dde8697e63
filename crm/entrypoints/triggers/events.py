"""What a Firestore event says to CRM-Lite: which document to look at again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from crm.config.paths import filled, name_in
from crm.core.errors import ConfigError, Conflict, CrmError, Transient, described
from crm.db.documents import Data, Version, version_of
from crm.entrypoints.errors import unfinished

if TYPE_CHECKING:
    from firebase_functions.firestore_fn import Event

    from crm.db.runner import Runner
    from crm.sync.told import Told


log = logging.getLogger(__name__)

MENDABLE: Final = (Conflict, Transient, ConfigError)
"""Errors that are over once others, the network or an operator have done their part."""

PATIENCE: Final = timedelta(hours=1)
"""How old an event becomes at most before it is given up. The platform alone would deliver it again
for 24 hours.
"""


CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""By how much the clocks of Firestore and of an instance may differ."""


def deliver(
    event: Event[Any],
    parameter: str,
    sync: Callable[[str, Version | None, Told | None], bool],
    give_up: Callable[[str], None] | None = None,
    heal: Callable[[str, Version | None], object] | None = None,
    *,
    below: str | None = None,
) -> None:
    """Hand an event's document id over; for a deletion with the last version that was there.

    An error that a retry can mend is left to the platform, which delivers again. One that comes
    from the document or from a defect is so too, for an hour; then the document is given up, so
    that poison does not take the place of others. The sweep goes on trying either way.

    Args:
        event: The event. Its data can be old, or missing.
        parameter: The name of the id in the trigger's path.
        sync: `Sync.sync_order` or `Sync.sync_user`.
        give_up: Lists the document for people.
        heal: Mends the damaged documents that `sync` failed over, and does it once more.
        below: The collection, where it can be a pattern.

    Raises:
        Unfinished: Not done; the platform delivers the event again.
    """
    before = event.data.before
    deleted = event.data.after is None and before is not None
    gone = version_of(before.update_time) if deleted and before.update_time else None
    document_id = _name_of(event, parameter, below)
    if document_id is None:
        log.error("%s: the ids in its path are too long together, it is not read", parameter)
        return
    try:
        try:
            sync(document_id, gone, _told(event))
        except Exception as error:
            # What points to a part that is not there collides for ever.
            mendable = isinstance(error, Conflict) or not isinstance(error, CrmError)
            if heal is None or not mendable:
                raise
            log.warning("%s %s is done again: %s", parameter, document_id, described(error))
            heal(document_id, gone)
    except Exception as error:
        later = unfinished(log, f"{parameter} {document_id}", error)
        if isinstance(error, MENDABLE) or datetime.now(UTC) - event.time < PATIENCE:
            raise later from None
        _give_up(document_id, give_up)


def _name_of(event: Event[Any], parameter: str, below: str | None) -> str | None:
    values = {name: _decoded(value) for name, value in event.params.items()}
    if below is None:
        return values[parameter]
    return name_in(below, filled(f"{below}/{{{parameter}}}", values))


def healed(runner: Runner, kind: Literal["order", "user"]) -> Callable[[str, Version | None], bool]:
    """Return what syncs a document once more, and mends what that fails over."""

    def work(document_id: str, gone: Version | None) -> bool:
        from crm.repair.heal import healing
        from crm.sync.sync import Sync

        def sync(acting: Runner) -> bool:
            by = Sync(acting)
            return (by.sync_order if kind == "order" else by.sync_user)(document_id, gone)

        return healing(runner, sync)

    return work


def _told(event: Event[Any]) -> Told | None:
    """Return what the event says of its document; None where it says nothing.

    A large document comes without its fields. And what claims to be of the future is not believed:
    nothing that comes later could put it right.
    """
    from crm.sync.told import Told

    before, after = event.data.before, event.data.after
    fields: Data | None = (after or before).to_dict() if after or before else None
    if not fields:
        return None
    if after is None or after.update_time is None:
        return Told(fields)
    version, latest = version_of(after.update_time), datetime.now(UTC) + CLOCKS_DIFFER
    if version > version_of(latest):
        return Told(fields)
    return Told(fields, version, after.create_time, is_new=before is None)


def _give_up(document_id: str, list_it: Callable[[str], None] | None) -> None:
    log.error("%s is given up: the sweep goes on trying", document_id)
    if list_it is None:
        return
    try:
        list_it(document_id)
    except Exception as error:
        # Whatever keeps it from being listed keeps it from being counted: the sweep names it.
        log.error("%s not listed: %s", document_id, described(error))


def _decoded(text: str) -> str:
    """Return an id as it was written: the framework reads UTF-8 headers as latin-1.

    An id that is no such misreading is left alone, so that a framework without the fault is fine.
    """
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def retried(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Set the retry flag of a Firestore trigger, which the SDK's decorator does not offer.

    Without it an event whose handler fails is dropped. With it the platform delivers it again for
    24 hours.
    """
    endpoint: Any = function.__firebase_endpoint__  # type: ignore[attr-defined]
    endpoint.eventTrigger["retry"] = True
    return function
