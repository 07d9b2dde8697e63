"""A function served as in production: functions-framework under gunicorn, asked by CloudEvents."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document
from google.events.cloud.firestore import DocumentEventData

HOST: Final = "127.0.0.1"
CONCURRENCY: Final = 16
"""Requests that one instance takes at a time, as `main.py` says."""

START: Final = 60.0
"""Seconds until a server must answer."""

ROOT: Final = Path(__file__).parents[1]


@dataclass
class Server:
    """A served function.

    Attributes:
        port: Where it listens.
        pid: The gunicorn arbiter's process.
        project: Its Firestore project.
        collection: Whose documents its events are about.
    """

    port: int
    pid: int
    project: str
    collection: str
    _own: threading.local = field(default_factory=threading.local)

    def post(self, document_id: str, data: Mapping[str, Any]) -> None:
        """Deliver an event that a document was created, on this thread's own connection.

        Raises:
            RuntimeError: The function failed.
        """
        head, body = event(self.project, self.collection, document_id, data)
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection(HOST, self.port)
        connection.request("POST", "/", body, head)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{document_id}: {answer.status}")

    def flood(self, documents: Sequence[tuple[str, Mapping[str, Any]]], in_flight: int) -> float:
        """Deliver events, so many at a time; give events per second."""
        with ThreadPoolExecutor(in_flight) as pool:
            began = time.perf_counter()
            list(pool.map(lambda one: self.post(*one), documents))
            return len(documents) / (time.perf_counter() - began)


def event(
    project: str, collection: str, document_id: str, data: Mapping[str, Any]
) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body by which Eventarc tells that a document was created."""
    now = datetime.now(UTC)
    name = f"projects/{project}/databases/(default)/documents/{collection}/{document_id}"
    document = Document(
        name=name, fields=_helpers.encode_dict(dict(data)), create_time=now, update_time=now
    )
    value = DocumentEventData.deserialize(b"")
    value.value = type(value.value).deserialize(Document.serialize(document))
    head = {
        "Content-Type": "application/protobuf",
        "ce-id": uuid.uuid4().hex,
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.firestore.document.v1.written",
        "ce-source": f"//firestore.googleapis.com/projects/{project}/databases/(default)",
        "ce-subject": f"documents/{collection}/{document_id}",
        "ce-time": now.isoformat().replace("+00:00", "Z"),
        "ce-datacontenttype": "application/protobuf",
        "ce-location": "nam5",
        "ce-project": project,
        "ce-database": "(default)",
        "ce-namespace": "(default)",
        "ce-document": f"{collection}/{document_id}",
    }
    return head, DocumentEventData.serialize(value)


@contextmanager
def served(target: str, source: Path, project: str, collection: str) -> Iterator[Server]:
    """Serve a function for as long as the context lasts."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    more = {
        "GCLOUD_PROJECT": project,
        "GOOGLE_CLOUD_PROJECT": project,
        "THREADS": str(CONCURRENCY),
        "WORKERS": "1",
    }
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "functions_framework",
        "--target",
        target,
        "--source",
        source,
    ]
    command += ["--signature-type", "cloudevent", "--host", HOST, "--port", str(port)]
    process = subprocess.Popen(command, cwd=source.parent, env=os.environ | more)
    try:
        _wait(port, process)
        yield Server(port, process.pid, project, collection)
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("The server did not start.")
