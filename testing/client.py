"""Firestore as a host and a test write to it, on however busy a machine."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from google.api_core.exceptions import Aborted, ResourceExhausted, ServiceUnavailable
from google.api_core.gapic_v1.method import DEFAULT
from google.api_core.retry import Retry, if_exception_type
from google.cloud.firestore import Client, DocumentReference, WriteBatch

from testing.patience import PATIENCE

AGAIN: Final = Retry(
    if_exception_type(Aborted, ResourceExhausted, ServiceUnavailable),
    initial=0.1,
    maximum=2.0,
    timeout=PATIENCE,
)
"""What the library tries again by itself, and a write that was aborted."""


class PatientClient(Client):
    """A client that makes a write again which was aborted, as the server says one should.

    A write waits for whoever holds one of its documents, a handler as a rule. The emulator aborts
    it after a while ("Transaction lock timeout"), which on a busy machine is soon. Nothing of it
    was carried out then. Who says how to retry is obeyed: the product says not at all.
    """

    def batch(self) -> WriteBatch:
        return _Batch(self)

    def document(self, *document_path: str) -> DocumentReference:
        plain = super().document(*document_path)
        return _Document(*plain._path, client=self)


@cache
def client_of(project: str) -> PatientClient:
    """Return this process's client for a project."""
    return PatientClient(project=project)


class _Batch(WriteBatch):
    def commit(self, retry: Any = DEFAULT, timeout: float | None = None) -> list[Any]:
        return super().commit(AGAIN if retry is DEFAULT else retry, timeout)


class _Document(DocumentReference):
    """Only `delete` does without a batch."""

    def delete(self, option: Any = None, retry: Any = DEFAULT, timeout: float | None = None) -> Any:
        return super().delete(option, AGAIN if retry is DEFAULT else retry, timeout)
