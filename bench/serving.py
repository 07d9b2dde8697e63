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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document
from google.events.cloud.firestore import DocumentEventData

from bench.events import Change, Version

HOST: Final = "127.0.0.1"
CONCURRENCY: Final = 16
"""Requests that one instance takes at a time, as `main.py` says."""

START: Final = 60.0
"""Seconds until a server must answer."""

STOP: Final = 20.0
"""Seconds until a server must be gone."""

ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Event:
    """An event as Eventarc posts it, coded before the clock runs."""

    head: dict[str, str]
    body: bytes


def event(project: str, collection: str, change: Change) -> Event:
    """Return the event by which Eventarc tells of a write.

    Args:
        project: The Firestore project.
        collection: The document's.
        change: The write, with the versions that the database gave: functions may believe them.
    """
    path = f"{collection}/{change.document_id}"
    name = f"projects/{project}/databases/(default)/documents/{path}"
    data = DocumentEventData.deserialize(b"")
    for version, part in ((change.after, "value"), (change.before, "old_value")):
        if version is not None:
            whole = Document.serialize(_document(name, version))
            setattr(data, part, type(data.value).deserialize(whole))
    newest = change.after or change.before
    assert newest
    head = {
        "Content-Type": "application/protobuf",
        "ce-id": uuid.uuid4().hex,
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.firestore.document.v1.written",
        "ce-source": f"//firestore.googleapis.com/projects/{project}/databases/(default)",
        "ce-subject": f"documents/{path}",
        "ce-time": newest.updated.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce-datacontenttype": "application/protobuf",
        "ce-location": "nam5",
        "ce-project": project,
        "ce-database": "(default)",
        "ce-namespace": "(default)",
        "ce-document": path,
    }
    return Event(head, DocumentEventData.serialize(data))


def _document(name: str, version: Version) -> Document:
    return Document(
        name=name,
        fields=_helpers.encode_dict(version.fields),
        create_time=version.created,
        update_time=version.updated,
    )


def unwritten(document_id: str, fields: dict[str, Any]) -> Change:
    """Return a change that never was, for functions that look at no document."""
    now = datetime.now(UTC)
    return Change(document_id, None, Version(fields, now, now))


@dataclass
class Server:
    """A served function.

    Attributes:
        port: Where it listens.
        process: The gunicorn arbiter.
        project: Its Firestore project.
        collection: Whose documents its events are about.
    """

    port: int
    process: subprocess.Popen[bytes]
    project: str
    collection: str
    _own: threading.local = field(default_factory=threading.local)

    def event(self, change: Change) -> Event:
        """Return the event that tells this function of a write."""
        return event(self.project, self.collection, change)

    def post(self, event: Event) -> bool:
        """Deliver an event, on this thread's own connection; return whether it was handled."""
        try:
            return self._post(event)
        except (ConnectionError, http.client.HTTPException):
            self._own.connection = None  # gunicorn has closed it, for it was idle
            return self._post(event)

    def _post(self, event: Event) -> bool:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection(HOST, self.port)
        connection.request("POST", "/", event.body, event.head)
        answer = connection.getresponse()
        answer.read()
        return bool(answer.status < 300)

    def flood(self, events: Sequence[Event], in_flight: int) -> float:
        """Deliver events, so many at a time; give events per second.

        Raises:
            RuntimeError: The function failed.
        """
        with ThreadPoolExecutor(in_flight) as pool:
            began = time.perf_counter()
            handled = list(pool.map(self.post, events))
            seconds = time.perf_counter() - began
        if not all(handled):
            raise RuntimeError(f"{handled.count(False)} of {len(handled)} events failed.")
        return len(events) / seconds

    def wait(self) -> None:
        """Wait until it listens.

        Raises:
            RuntimeError: It does not.
        """
        end = time.monotonic() + START
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with socket.create_connection((HOST, self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("The server did not start.")


@contextmanager
def starting(
    target: str, source: Path, project: str, collection: str, **env: str
) -> Iterator[Server]:
    """Serve a function for as long as the context lasts; `Server.wait` says when it is there."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    more = {
        "GCLOUD_PROJECT": project,
        "GOOGLE_CLOUD_PROJECT": project,
        "THREADS": str(CONCURRENCY),
        "WORKERS": "1",
        **env,
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
        yield Server(port, process, project, collection)
    finally:
        process.terminate()
        process.wait(STOP)


@contextmanager
def served(
    target: str, source: Path, project: str, collection: str, **env: str
) -> Iterator[Server]:
    """Serve a function for as long as the context lasts."""
    with starting(target, source, project, collection, **env) as server:
        server.wait()
        yield server
