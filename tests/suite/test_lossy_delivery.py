"""Real orders whose events are dropped, doubled and shuffled over two processes; then one sweep.

`CRM_LOSSY_ORDERS=5000` for the full size.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from crm.repair.sweep import EVERY, sweep
from demo.independent import differences, expected
from demo.orders import SAMPLE, order_document, read_purchases
from tests.support.live import LiveWorld

ROOT = Path(__file__).parents[2]
ORDERS = int(os.environ.get("CRM_LOSSY_ORDERS", "200"))
DROPPED = DOUBLED = 0.3
BATCH = 250
SEED = 300


def test_one_sweep_makes_good_whatever_was_lost(
    live: LiveWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    purchases = list(islice(read_purchases(), ORDERS))
    for start in range(0, len(purchases), BATCH):
        batch = live.client.batch()
        for one in purchases[start : start + BATCH]:
            batch.set(live.client.document(f"orders/{one.order_id}"), order_document(one))
        batch.commit()
    chance = random.Random(SEED)
    ids = [one.order_id for one in purchases]
    kept = chance.sample(ids, round(len(ids) * (1 - DROPPED)))
    events = kept + chance.sample(kept, round(len(kept) * DOUBLED))
    chance.shuffle(events)

    begun = time.monotonic()
    command = [sys.executable, "-m", "tests.support.delivering", live.project]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(2)
        ]
        for number, process in enumerate(processes):
            assert process.stdin is not None
            process.stdin.write("\n".join(events[number::2]))
            process.stdin.close()
        written = [int(one.stdout.read()) for one in processes if one.stdout is not None]
        assert [process.wait() for process in processes] == [0, 0]
    assert sum(written) == len(kept)  # a duplicate writes nothing
    delivered = time.monotonic() - begun

    report = sweep(live.runner, lambda _job: None, seconds=3_600)
    swept = time.monotonic() - begun - delivered
    assert report.finished
    assert report.failed == []
    assert report.mended["orders"] == len(ids) - len(kept)
    wanted = expected(SAMPLE.read_text(encoding="ascii"), ORDERS)
    assert differences(wanted, live.host.all("customers").values()) == []
    assert live.wrong() == []

    later = replace(live.runner, now=lambda: live.runner.now() + EVERY)
    quiet = sweep(later, lambda _job: None)
    assert (quiet.mismatched, quiet.mended) == ({}, {})
    with capsys.disabled():
        print(
            f"\n{ORDERS:,} orders: {len(ids) - len(kept):,} events dropped, "
            f"{len(events) - len(kept):,} doubled, delivered in {delivered:.0f} s;"
            f" exact after one sweep of {swept:.0f} s"
        )
