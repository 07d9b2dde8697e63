"""All real orders through `sync_order`, in any order and more than once, counted against the file."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from demo.independent import differences, expected
from demo.orders import SAMPLE, order_document, read_purchases
from tests.support.live import LiveWorld

THREADS = int(os.environ.get("CRM_TEST_THREADS", "6"))
DUPLICATES = 0.3  # of the orders come a second time
BATCH = 250
SEED = 6919


def test_all_real_orders_shuffled_and_duplicated(
    live: LiveWorld, record_property: Callable[[str, object], None]
) -> None:
    purchases = list(read_purchases())
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
    assert (
        differences(
            expected(SAMPLE.read_text(encoding="ascii")), live.host.all("customers").values()
        )
        == []
    )
