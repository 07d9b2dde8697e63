"""Delivers events of orders by a process of its own: `python -m tests.support.delivering PROJECT`.

Order ids come by standard input, a line each.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from tests.support.live import LiveWorld

THREADS = 4


def main() -> None:
    """Deliver."""
    sync = LiveWorld(sys.argv[1]).sync
    with ThreadPoolExecutor(THREADS) as pool:
        written = sum(pool.map(sync.sync_order, sys.stdin.read().split()))
    print(written)


if __name__ == "__main__":
    main()
