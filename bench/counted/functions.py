"""The product's own trigger, in an instance that keeps a bill of what it asks of Firestore.

Served beside `main.py`, so `PYTHONPATH` has to name the folder of that.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crm.firebase import store
from testing.counting import Bill, counted

BILL = Path(os.environ["BENCH_BILL"])
"""Where the bill is kept: all that was asked so far."""

# By name, for it is found where `PYTHONPATH` says: what measures stands below no function.
_product: Any = importlib.import_module("main")
_kept: list[Bill] = []
_keeping = threading.Lock()
_bare = store.client


@functools.cache
def _client(project: str | None = None) -> Any:
    client = _bare(project)
    _kept.append(counted(client))
    return client


vars(store)["client"] = _client


@functools.wraps(_product.on_order_written)
def on_order_written(event: Any) -> None:
    """Handle an event of the product's, then write the bill down."""
    try:
        _product.on_order_written(event)
    finally:
        with _keeping:
            bill = asdict(_kept[-1]) if _kept else {}
            bill.pop("written", None)
            BILL.write_text(json.dumps(bill), encoding="utf-8")
