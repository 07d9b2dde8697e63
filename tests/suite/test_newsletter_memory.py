"""A long list, served by gunicorn as Cloud Run does it: memory stays flat, and a client may leave.

`CRM_LIST_ROWS=20000` for the full size.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crm.core.keyring import Keyring
from crm.runtime.services import EMULATOR_KEY
from suite.running import Suite
from testing.hosts import order
from testing.patience import eventually
from tests.support.cloud_run import staff_token
from tests.support.live import LiveWorld

ROOT = Path(__file__).parents[2]
ROWS = int(os.environ.get("CRM_LIST_ROWS", "1000"))
MOST = 50 * 2**20
"""Bytes above the function's peak with an empty list."""


@dataclass(frozen=True)
class Served:
    """The function's server: gunicorn's master, whose child does the work."""

    token: str
    port: int
    master: int

    def ask(self, segment: str) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        path = "/?" + urllib.parse.urlencode({"segment": segment})
        headers = {"Authorization": f"Bearer {self.token}"}
        connection.request("GET", path, headers=headers)
        return connection, connection.getresponse()

    def count(self, segment: str) -> int:
        """How many rows a list has."""
        connection, answer = self.ask(segment)
        lines = 0
        while piece := answer.read(65_536):
            lines += piece.count(b"\r\n")
        connection.close()
        assert answer.status == 200
        return lines - 1

    @property
    def peak(self) -> int:
        """The most memory that the worker has had, in bytes (`VmHWM`)."""
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        status = Path(f"/proc/{children[0]}/status").read_text()
        (line,) = [one for one in status.splitlines() if one.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024


@pytest.fixture
def shop(project_id: str) -> LiveWorld:
    """Customers who all subscribed: one that the product made, and its like."""
    live = LiveWorld(project_id, keys=Keyring(EMULATOR_KEY))
    live.put_order("o", order(marketingOptIn=True))
    ((own, data),) = live.host.all("customers").items()
    live.host.delete(f"customers/{own}")
    for start in range(0, ROWS, 250):
        batch = live.client.batch()
        for number in range(start, min(start + 250, ROWS)):
            email = f"buyer-{number}@example.com"
            like = {**data, "primaryEmail": email, "emails": [email]}
            batch.set(live.client.document(f"customers/c{number:06}"), like)
        batch.commit()
    return live


@pytest.fixture
def served(suite: Suite, shop: LiveWorld) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "functions_framework", "--target=export_segment_csv"]
    env = os.environ | suite.env | {"GCLOUD_PROJECT": shop.project, "THREADS": "16"}
    process = subprocess.Popen(
        [*command, "--source=main.py", f"--port={port}", "--host=127.0.0.1"],
        cwd=ROOT,
        env=env | {"GOOGLE_CLOUD_PROJECT": shop.project, "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )

    def listening() -> None:
        assert process.poll() is None
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        eventually(listening)
        yield Served(staff_token(shop.project, "editor"), port, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ends(live: LiveWorld) -> list[dict[str, Any]]:
    """What the audit trail says of lists that have ended."""
    entries = live.host.all("crmAudit").values()
    return [one["facts"] for one in entries if one["action"] == "newsletter.exported"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_memory_is_flat_and_a_client_may_leave(
    shop: LiveWorld,
    served: Served,
    record_property: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert served.count("tag:nobody") == 0
    empty = served.peak
    begun = time.monotonic()
    assert served.count("everyone") == ROWS
    seconds = time.monotonic() - begun
    grown = served.peak - empty
    record_property("list_bytes_above_empty", grown)
    with capsys.disabled():
        above = f"{grown / 2**20:.1f} MB above the {empty / 2**20:.1f} MB of an empty list"
        print(f"\nlist: {ROWS:,} rows in {seconds:.1f} s, at most {above}")
    assert grown < MOST

    connection, answer = served.ask("everyone")
    assert answer.read(10) == b"email,name"
    connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()
    answer.close()

    def left() -> dict[str, Any]:
        (facts,) = [one for one in ends(shop) if not one["complete"]]
        return facts

    assert 0 < eventually(left)["rows"] < ROWS
    assert served.count("tag:nobody") == 0
