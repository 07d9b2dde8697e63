"""References to documents of other databases, as the copy of another project's data holds them.

The client library refuses to read a document that holds one, anywhere in it, and with it whatever
is read in the same call. Here it is a reference like any other: it has a path, it can be written
back as it was, and nothing is ever read through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class _Elsewhere:
    """As much of a client as a reference asks for: whose database it is."""

    _database_string: str


def read_references_of_others() -> None:
    """Have this process's client library read references to any database."""
    from google.cloud.firestore_v1 import _helpers

    helpers: Any = _helpers
    helpers.reference_value_to_document = _document


def _document(reference_value: str, client: Any) -> Any:
    """Return the reference; stands in for the library's function of the same arguments."""
    from google.cloud.firestore import DocumentReference

    database, _, path = reference_value.partition("/documents/")
    here = database == client._database_string
    return DocumentReference(*path.split("/"), client=client if here else _Elsewhere(database))
