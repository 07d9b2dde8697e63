"""What segments cost: `venv/bin/python -m suite exec -- venv/bin/python -m bench.segments`.

Every question is answered in memory, by a model that has equality indexes and nothing else, and
compared with brute force. Some are answered by the running emulator too, which shows that Firestore
takes the queries; its times are compared with a plain query's. Prints tables; `--model` needs no
emulator.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.crowd import CLASSES, NOW, customers, picked, questions
from bench.model import FacetStore
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Query, Set, Write
from crm.firebase.store import FirestoreStore, client
from crm.segments.engine.count import count
from crm.segments.engine.pages import page, pages
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import Node

PAGE = 50
ENOUGH = 20
"""Customers of an answer, from which on the share of documents read in vain says something."""

Crowd = Mapping[str, dict[str, Any]]


@dataclass
class Answers:
    """What the answers to the questions of a class cost."""

    found: int = 0
    read: int = 0
    ratios: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    ways: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def asked(number: int) -> Iterator[tuple[str, Node]]:
    """Return the picked questions, then random ones."""
    yield from picked()
    yield from questions(number)


def in_memory(crowd: Crowd, number: int) -> dict[str, Answers]:
    """Answer and count every question with the model; each must be what brute force finds."""
    store = FacetStore(crowd)
    classes: dict[str, Answers] = {name: Answers() for name in CLASSES}
    for name, node in asked(number):
        expected = [key for key, data in crowd.items() if matches(node, data, NOW)]
        store.reads = 0
        walked = pages(store, node, NOW, size=PAGE)
        assert [key for one in walked for key, _ in one.customers] == expected
        answers = classes[name]
        answers.found += len(expected)
        answers.read += store.reads
        if len(expected) >= ENOUGH:
            answers.ratios.append(store.reads / len(expected))
        counted = count(store, node, NOW)
        assert counted.value == len(expected)
        answers.counts.append(counted.reads)
        answers.ways[counted.how] += 1
    return classes


def load(store: FirestoreStore, crowd: Crowd, at_once: int = 250) -> None:
    """Write the customers."""
    print("loading …", flush=True)
    writes: list[Write] = [Set(f"{CUSTOMERS}/{key}", data) for key, data in crowd.items()]
    for start in range(0, len(writes), at_once):
        store.commit(writes[start : start + at_once])


def timed(store: FirestoreStore, node: Node) -> tuple[float, float]:
    """Return the seconds of a first page and of a plain query for as many customers."""

    def seconds(run: Any) -> float:
        began = time.perf_counter()
        run()
        return time.perf_counter() - began

    plain = Query(CUSTOMERS, (), BY_ID, PAGE)
    pairs = [
        (seconds(lambda: page(store, node, NOW, None, PAGE)), seconds(lambda: store.find(plain)))
        for _ in range(3)
    ]
    return statistics.median(one for one, _ in pairs), statistics.median(one for _, one in pairs)


def live(crowd: Crowd, number: int, sample: int) -> None:
    """Put a sample of the questions to the emulator; print the times."""
    store = FirestoreStore(client(os.environ["GCLOUD_PROJECT"]))
    load(store, crowd)
    ratios: list[float] = []
    sampled = random.Random(3).sample([*asked(number)], sample)
    print("\n| first page of | seconds | a plain query of as many |\n|---|---|---|")
    for name, node in sampled:
        expected = [key for key, data in crowd.items() if matches(node, data, NOW)]
        found = page(store, node, NOW, None, PAGE)
        assert [key for key, _ in found.customers] == expected[: len(found.customers)]
        ours, plain = timed(store, node)
        ratios.append(ours / plain)
        print(f"| {name} | {ours:.2f} | {plain:.2f} |", flush=True)
    ratios.sort()
    print(f"\n{len(sampled)} first pages on the emulator, each as brute force finds it.")
    middle, most = statistics.median(ratios), ratios[int(0.9 * len(ratios))]
    print(f"First page of {PAGE} against a plain query of {PAGE} customers:")
    print(f"  median {middle:.2f} x, nine of ten at most {most:.2f} x, worst {ratios[-1]:.2f} x")


def report(classes: Mapping[str, Answers]) -> None:
    """Print what answers and counts cost by class."""
    print("\n| class | questions | read / returned | worst | reads of a count, median | worst |")
    print("|---|---|---|---|---|---|")
    for name, one in classes.items():
        worst = max(one.ratios, default=0)
        print(
            f"| {name} | {len(one.counts)} | {one.read / max(1, one.found):.3f} | {worst:.2f}"
            f" | {statistics.median(one.counts):.0f} | {max(one.counts):,} |"
        )
    counts = [reads for one in classes.values() for reads in one.counts]
    few = sum(reads <= 50 for reads in counts)
    print(f"\nCounts with at most 50 reads: {few} of {len(counts)} ({few / len(counts):.0%})")
    for way in ("indexes", "indexes and documents", "documents"):
        print(f"  by {way}: {sum(one.ways[way] for one in classes.values())}")


def main() -> None:
    """Measure, and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=20_000)
    arguments.add_argument("--random", type=int, default=300, help="random questions")
    arguments.add_argument("--sample", type=int, default=30, help="questions to the emulator")
    alone = arguments.add_mutually_exclusive_group()
    alone.add_argument("--model", action="store_true", help="in memory alone")
    alone.add_argument("--emulator", action="store_true", help="on the emulator alone")
    options = arguments.parse_args()
    crowd = customers(options.customers)
    each = statistics.mean(len(one["facets"]) for one in crowd.values())
    print(f"{len(crowd):,} customers, {each:.0f} facets each")
    if not options.emulator:
        report(in_memory(crowd, options.random))
    if not options.model:
        live(crowd, options.random, options.sample)


if __name__ == "__main__":
    main()
