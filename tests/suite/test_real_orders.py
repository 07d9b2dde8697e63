"""Real orders through `sync_order`, shuffled and some twice, counted against the file."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path

from demo.independent import differences, expected
from demo.orders import SAMPLE, order_document, read_purchases
from testing.patience import PATIENCE
from tests.support.live import LiveWorld

ROOT = Path(__file__).parents[2]
ORDERS = int(os.environ.get("CRM_REAL_ORDERS", "1000"))  # of the file's 6,919
THREADS = int(os.environ.get("CRM_TEST_THREADS", "6"))
DUPLICATES = 0.3  # of the orders come a second time
BATCH = 250
SEED = 6919


def test_real_orders_shuffled_and_duplicated(
    live: LiveWorld, record_property: Callable[[str, object], None]
) -> None:
    purchases = list(islice(read_purchases(), ORDERS))
    for start in range(0, len(purchases), BATCH):
        batch = live.client.batch()
        for purchase in purchases[start : start + BATCH]:
            reference = live.client.document(f"orders/{purchase.order_id}")
            batch.set(reference, order_document(purchase))
        batch.commit()
    chance = random.Random(SEED)
    ids = [purchase.order_id for purchase in purchases]
    deliveries = ids + chance.sample(ids, int(len(ids) * DUPLICATES))
    chance.shuffle(deliveries)

    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        written = sum(threads.map(live.sync.sync_order, deliveries))
    seconds = time.monotonic() - begun

    pace = f"{len(deliveries) / seconds:.0f} deliveries/s, {len(ids) / seconds:.0f} orders/s"
    print(f"{len(deliveries)} deliveries by {THREADS} threads in {seconds:.1f} s: {pace}")
    record_property("pace", pace)
    assert written == len(ids)  # a duplicate writes nothing
    wanted = expected(SAMPLE.read_text(encoding="ascii"), ORDERS)
    assert differences(wanted, live.host.all("customers").values()) == []


def test_the_demo_tells_every_chapter_and_leaves_no_process() -> None:
    command = [sys.executable, "-m", "demo", "--orders", "100"]
    environment = {**os.environ, "DEMO_MARK": uuid.uuid4().hex}
    patience = 5 * PATIENCE  # a minute on a quiet machine
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patience
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout
    for words in (
        "100 real orders of 35 people",
        "35 customers' sums compared with the file's: equal",
        "A refund: ",
        "and the other customer is gone",
        "in quarantine, reason amount-invalid",
        "likely the same (unproven-address)",
        "one customer: registered",
        "An order is deleted: ",
        "both are exactly as they were",
        "documents were read",
        "the DevOps Workshop, as a newsletter list",
        "unsubscribes with one click and is not on the next",
        "the demo's own, so that it can misbehave",
        "left after the audience was fixed: no mail",
        "never sent again by itself",
        " 0 waiting + ",
        "a mail asks back, opening its link does nothing",
        "a customer without orders, tagged newsletter",
        "1 added; 1 withdrew and stays so; row ",
        "1 match already, on whom it will not act",
        "company ACME, a note, and the tag of the rule",
        "who came by the list alone is gone",
        "nobody has come back",
        "34 customers are as the file says",
    ):
        assert words in told
    assert _with_mark(environment["DEMO_MARK"]) == []


def _with_mark(mark: str) -> list[int]:
    """Find processes that inherited the mark (on Linux; nothing is found elsewhere)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found
