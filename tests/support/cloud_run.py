"""Functions as Cloud Run serves them: functions-framework, gunicorn, one worker process, threads.

Each on a port of its own, with the connection to Firestore in between (`Wire`), which can be cut.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.events.cloud.firestore import Document, DocumentEventData

from crm.entrypoints.callables.dispatch import CALLS
from suite.running import Suite
from testing.answers import held
from testing.auth import sign_up
from testing.client import PatientClient
from testing.patience import PATIENCE, eventually

ROOT = Path(__file__).parents[2]
CUT_SECONDS = 0.3
"""For how long nothing comes back before a connection that is cut is closed: the call is done."""


def token(project: str, **claims: object) -> str:
    """An ID token as the Auth emulator makes them, which are not signed."""
    now = int(time.time())
    said = {
        "iss": f"https://securetoken.google.com/{project}",
        "aud": project,
        "iat": now,
        "exp": now + 3600,
        "auth_time": now,
        **claims,
    }
    parts = ({"alg": "none", "typ": "JWT"}, said)
    texts = (base64.urlsafe_b64encode(json.dumps(one).encode()) for one in parts)
    return ".".join([*(text.decode().rstrip("=") for text in texts), ""])


def staff_token(project: str, role: str) -> str:
    """An ID token of a new account that has a role."""
    claims = {"crm": role}
    person = sign_up(claims, project=project)
    return token(project, sub=person.uid, email=person.email, email_verified=True, **claims)


class Wire:
    """A TCP connection to a server that can be cut: what was sent arrives, the answer does not."""

    def __init__(self, host: str, cut: Path) -> None:
        name, port = host.rsplit(":", 1)
        self._target, self._cut = (name, int(port)), cut
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            for pump, ends in ((self._there, (near, far)), (self._back, (far, near))):
                threading.Thread(target=pump, args=ends, daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while piece := near.recv(65_536):
                far.sendall(piece)
        with suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while piece := far.recv(65_536):
                if self._cut.exists():
                    time.sleep(CUT_SECONDS)
                    self._cut.unlink()
                    self.cuts += 1
                    break
                near.sendall(piece)
        for end in (near, far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@dataclass
class CloudRun:
    """The functions of one project; each is started when it is first asked.

    Attributes:
        suite: Where Firestore and Auth are.
        project: The project; no function of the suite fires for it.
        folder: For what the servers print, and for the plan of what goes wrong.
    """

    suite: Suite
    project: str
    folder: Path
    _servers: dict[str, tuple[subprocess.Popen[bytes], int]] = field(default_factory=dict)
    _admin: str = ""

    def __post_init__(self) -> None:
        self.plan = self.folder / "fault"
        self.wire = Wire(self.suite.firestore_host, self.plan.with_suffix(".cut"))

    def close(self) -> None:
        """End every server."""
        for process, _ in self._servers.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.wire.close()

    def arm(self, number: int, fault: str) -> None:
        """Let the call to Firestore with this number, from now on, go wrong."""
        self.plan.write_text(f"{number} {fault}")

    def disarm(self) -> bool:
        """Return whether it did."""
        armed = self.plan.exists()
        self.plan.unlink(missing_ok=True)
        return not armed

    def deaths(self) -> list[int]:
        """Return the processes that were killed."""
        told = self.plan.with_suffix(".deaths")
        return [int(line) for line in told.read_text().splitlines()] if told.exists() else []

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    def post(self, function: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send a request; status 0 where the process died over it."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port(function), timeout=PATIENCE)
        try:
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, ConnectionError):
            return 0, b""
        finally:
            connection.close()

    def call(self, function: str, **data: object) -> tuple[int, Any]:
        """Call a callable as an admin; or a task function, as the queue does."""
        self._admin = self._admin or staff_token(self.project, "admin")
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._admin}"}
        status, body = self.post(function, json.dumps({"data": data}).encode(), headers)
        found = json.loads(body).get("result") if status == 200 and body else None
        if found is not None and function in CALLS:
            held(function, found)
        return status, found

    def event(self, client: PatientClient, path: str, before: Document | None = None) -> int:
        """Deliver the event of a document, in binary mode with protobuf as Eventarc does it."""
        after = document(client, path)
        data: Any = DocumentEventData()
        if after is not None:
            data.value = after
        if before is not None:
            data.old_value = before
        function = "on_order_written" if path.startswith("orders/") else "on_user_written"
        database = f"projects/{self.project}/databases/(default)"
        headers = {
            "content-type": "application/protobuf",
            "ce-specversion": "1.0",
            "ce-id": str(uuid.uuid4()),
            "ce-type": "google.cloud.firestore.document.v1.written",
            "ce-source": f"//firestore.googleapis.com/{database}",
            "ce-subject": f"documents/{path}",
            "ce-time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "ce-dataschema": "https://github.com/googleapis/google-cloudevents/blob/main/proto/"
            "google/events/cloud/firestore/v1/data.proto",
            "ce-project": self.project,
            "ce-database": "(default)",
            "ce-namespace": "(default)",
            "ce-location": "us-central1",
            "ce-document": path,
        }
        return self.post(function, DocumentEventData.serialize(data), headers)[0]

    def _port(self, function: str) -> int:
        if function not in self._servers:
            self._servers[function] = self._start(function)
        return self._servers[function][1]

    def _start(self, function: str) -> tuple[subprocess.Popen[bytes], int]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        kind = "cloudevent" if function.startswith("on_") else "http"
        own = {
            "FIRESTORE_EMULATOR_HOST": self.wire.host,
            "GCLOUD_PROJECT": self.project,
            "GOOGLE_CLOUD_PROJECT": self.project,
            "CRM_FAULT": str(self.plan),
            "THREADS": "16",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with (self.folder / f"{function}.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.support.dying", f"--target={function}"),
                    *("--source=main.py", f"--signature-type={kind}"),
                    *(f"--port={port}", "--host=127.0.0.1"),
                ],
                cwd=ROOT,
                env=os.environ | self.suite.env | own,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

        def listening() -> None:
            assert process.poll() is None, self.logs()
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", port)) == 0

        eventually(listening)
        return process, port


def document(client: PatientClient, path: str) -> Document | None:
    """Return a document as an event carries it; None where there is none."""
    if not client.document(path).get().exists:
        return None
    name = f"{client._database_string}/documents/{path}"
    api = client._firestore_api
    found = api.get_document(request={"name": name}, metadata=client._rpc_metadata)
    return Document.deserialize(type(found).serialize(found))
