"""Firestore. The only module that talks to it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm.config.paths import document_at, name_in, pattern_of
from crm.db.documents import (
    BY_ID,
    REMOVED,
    Clause,
    Create,
    Data,
    Delete,
    Path,
    Query,
    Set,
    Snapshot,
    Sum,
    Update,
    Version,
    Write,
    up_to,
    version_of,
)
from crm.firebase.decoding import snapshot_of, version_in
from crm.firebase.errors import firestore_errors
from crm.firebase.references import read_references_of_others

if TYPE_CHECKING:
    from google.cloud.firestore import Client


TIMEOUT = 20.0
"""Seconds for one call. Its end is `Transient`: the caller's patience decides what then."""

CLOCK = "crmClock"
"""A collection without documents."""


class FirestoreStore:
    """A `documents.Store` on Firestore. Thread-safe, as the client is.

    Args:
        client: The process's client. The library's own retries are switched off: they cannot
            read again, and would hide how long a caller has waited.
        moment: The read time of everything; None for the present.
    """

    def __init__(self, client: Client, moment: datetime | None = None) -> None:
        self._client = client
        self._moment = moment
        read_references_of_others()

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        """Read documents in one round trip (Firestore `BatchGetDocuments`)."""
        names = [f"{self._documents}/{path}" for path in dict.fromkeys(paths)]
        if not names:
            return {}
        request: dict[str, Any] = {"database": self._database, "documents": names}
        if self._moment is not None:
            request["read_time"] = self._moment
        with firestore_errors():
            answers = self._api.batch_get_documents(request=request, **self._calling)
            found = [self._answered(one._pb) for one in answers]
        return {snapshot.path: snapshot for snapshot in found}

    def _answered(self, answer: Any) -> Snapshot:
        """Return a document that was asked for by its name, or that there is none."""
        if answer.WhichOneof("result") == "found":
            return self._snapshot(answer.found)
        return Snapshot(
            answer.missing[len(self._documents) + 1 :], None, version_in(answer.read_time)
        )

    def _snapshot(self, document: Any) -> Snapshot:
        return snapshot_of(document, self._documents, self._client)

    def find(self, query: Query) -> list[Snapshot]:
        """Run a query."""
        found = self._stream(self._built(query), query.most_bytes)
        if pattern_of(query.collection) is None:
            return found
        fitting = [one for one in found if name_in(query.collection, one.path) is not None]
        while query.order == BY_ID and query.limit is not None and len(found) == query.limit:
            if len(fitting) >= query.limit:
                break
            last = {BY_ID[0]: self._client.document(found[-1].path)}
            found = self._stream(self._built(query).start_after(last))
            fitting += [one for one in found if name_in(query.collection, one.path) is not None]
        return fitting[: query.limit]

    def _stream(self, built: Any, most_bytes: int | None = None) -> list[Snapshot]:
        # Documents come one after the other: what lies behind the bound is neither sent nor kept.
        request, _, _ = built._prep_stream(read_time=self._moment)
        with firestore_errors():
            answers = self._api.run_query(request=request, **self._calling)
            found = (one._pb.document for one in answers if one._pb.HasField("document"))
            return list(up_to(most_bytes, map(self._snapshot, found)))

    @property
    def _database(self) -> str:
        return f"projects/{self._client.project}/databases/(default)"

    @property
    def _documents(self) -> str:
        """What the name of every document begins with."""
        return f"{self._database}/documents"

    @property
    def _api(self) -> Any:
        """Firestore's interface as it is published: what the library's own calls call."""
        return self._client._firestore_api

    @property
    def _calling(self) -> dict[str, Any]:
        """What each of its calls takes besides the request."""
        return {"metadata": self._client._rpc_metadata, "retry": None, "timeout": TIMEOUT}

    def count(self, query: Query) -> int:
        """Count by aggregation."""
        plain = replace(query, order=None, after=None, keys_only=False)
        with firestore_errors():
            answer: Any = self._built(plain).count().get(**self._call)
        return int(answer[0][0].value)

    def sum(self, query: Query, field: str) -> Sum:
        """Count and add up by one aggregation."""
        plain = replace(query, order=None, after=None, keys_only=False)
        both = self._built(plain).count(alias="documents").sum(field, alias="total")
        with firestore_errors():
            answer: Any = both.get(**self._call)
        found = {one.alias: int(one.value) for one in answer[0]}
        return Sum(found["documents"], found["total"])

    def collections(self, below: Path | None = None) -> list[str]:
        """Return the names of the collections of a document, or of those in none, sorted."""
        parent: Any = self._client if below is None else self._client.document(below)
        with firestore_errors():
            return sorted(found.id for found in parent.collections(timeout=TIMEOUT))

    def at(self, moment: datetime | None = None) -> FirestoreStore:
        """Return the database at one moment."""
        return FirestoreStore(self._client, moment or self._read_time())

    @property
    def moment(self) -> datetime | None:
        """The moment of a frozen view."""
        return self._moment

    def _read_time(self) -> datetime:
        # Firestore tells its time with every answer; that of a missing document is the cheapest.
        nothing = self._client.document(f"{CLOCK}/now")
        with firestore_errors():
            (found,) = self._client.get_all([nothing], **self._call)
        moment: datetime = found.read_time
        return moment

    @property
    def _call(self) -> dict[str, Any]:
        """What every reading call takes."""
        return {"retry": None, "timeout": TIMEOUT, "read_time": self._moment}

    def _built(self, query: Query) -> Any:
        from google.cloud.firestore import Or
        from google.cloud.firestore import Query as FirestoreQuery

        def reference(name: str) -> Any:  # ids are compared as references to their documents
            return self._client.document(document_at(query.collection, name))

        pattern = pattern_of(query.collection)
        if pattern is None:
            built: Any = FirestoreQuery(self._client.collection(query.collection))
        else:
            built = self._client.collection_group(pattern.group)
            if query.order in {None, BY_ID}:  # else it would need a composite index
                low, high = map(self._client.document, pattern.bounds)
                built = built.where(filter=_filter((BY_ID[0], ">=", low)))
                built = built.where(filter=_filter((BY_ID[0], "<", high)))
        for name, operator, value in query.where:
            if name == BY_ID[0]:
                value = reference(value)
            built = built.where(filter=_filter((name, operator, value)))
        if query.either:
            built = built.where(filter=Or([_all(clauses) for clauses in query.either]))
        if query.order:
            name, direction = query.order
            way = FirestoreQuery.DESCENDING if direction == "desc" else FirestoreQuery.ASCENDING
            fields = dict.fromkeys([name, "__name__"])
            for field in fields:
                built = built.order_by(field, direction=way)
            if query.after:
                value, document_id = query.after
                built = built.start_after({name: value, "__name__": reference(document_id)})
        if query.keys_only:
            built = built.select([])
        return built if query.limit is None else built.limit(query.limit)

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        """Carry out all writes or none, in one commit."""
        if not writes:
            return []
        from crm.firebase.coding import NotPlain, message_of

        batch = self._client.batch()
        for write in writes:
            try:
                batch._add_write_pbs([message_of(write, self._documents)])
            except NotPlain:
                self._add(batch, write)
        with firestore_errors(committing=True):
            done = batch.commit(retry=None, timeout=TIMEOUT)
        return [_version(one.update_time) if one.update_time else 0 for one in done]

    def _add(self, batch: Any, write: Write) -> None:
        reference = self._client.document(write.path)
        match write:
            case Create(data=data):
                batch.create(reference, dict(data))
            case Update(data=data, version=version):
                batch.update(reference, _updates(data), option=self._still_at(version))
            case Set(data=data):
                batch.set(reference, dict(data))
            case Delete(version=None):
                batch.delete(reference)
            case Delete(version=int() as version):
                batch.delete(reference, option=self._still_at(version))

    def _still_at(self, version: Version) -> Any:
        from google.protobuf.timestamp_pb2 import Timestamp

        seconds, nanos = divmod(version, 1_000_000_000)
        return self._client.write_option(last_update_time=Timestamp(seconds=seconds, nanos=nanos))


_OF_MANY = ("in", "array_contains_any")


def _updates(data: Data) -> dict[str, Any]:
    from google.cloud.firestore import DELETE_FIELD

    return {name: DELETE_FIELD if value is REMOVED else value for name, value in data.items()}


def _filter(clause: Clause) -> Any:
    from google.cloud.firestore import FieldFilter

    name, operator, value = clause
    return FieldFilter(name, operator, list(value) if operator in _OF_MANY else value)


def _all(clauses: Sequence[Clause]) -> Any:
    from google.cloud.firestore import And

    filters = [_filter(clause) for clause in clauses]
    return filters[0] if len(filters) == 1 else And(filters)


def _version(moment: Any) -> Version:
    """Return the version of a time, which the library leaves raw in a collection group."""
    if isinstance(moment, datetime):
        return version_of(moment)
    return int(moment.seconds) * 1_000_000_000 + int(moment.nanos)


@functools.cache
def client(project: str | None = None) -> Client:
    """Return the process's Firestore client, made at its first use (after a server's fork).

    Raises:
        ConfigError: There are no usable credentials.
    """
    from google.cloud.firestore import Client

    with firestore_errors():
        return Client(project=project)
