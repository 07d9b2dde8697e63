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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, get_args

from bench.crowd import CLASSES, NOW, customers, picked, questions
from bench.model import FacetStore
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Query, Set, Write
from crm.firebase.store import FirestoreStore, client
from crm.segments.engine.count import count
from crm.segments.engine.order import Direction, Sort
from crm.segments.engine.pages import page, pages
from crm.segments.engine.predicate import matches
from crm.segments.engine.sorting import sorted_page
from crm.segments.language.ast import Node

PAGE = 50
SORTS = [
    sort
    for direction in get_args(Direction)
    for sort in (
        Sort("lastOrderAt", None, direction),
        Sort("firstOrderAt", None, direction),
        Sort("orderCount", None, direction),
        Sort("totalSpend", "USD", direction),
        Sort("totalSpend", "EUR", direction),
    )
]

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
    pages: list[int] = field(default_factory=list)
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


def sorted_in_memory(crowd: Crowd, number: int) -> dict[str, Answers]:
    """Walk every question, sorted by something; each must be what sorting by hand finds."""
    store, chance = FacetStore(crowd), random.Random(4)
    classes: dict[str, Answers] = {name: Answers() for name in CLASSES}
    for name, node in asked(number):
        sort = chance.choice(SORTS)
        expected = by_hand(crowd, node, sort)
        answers, found, start = classes[name], list[str](), None
        store.reads = 0
        while True:
            one = sorted_page(store, node, NOW, sort, start, PAGE)
            found += [snapshot.id for snapshot in one.snapshots]
            answers.counts.append(one.explain.counts)
            answers.pages.append(one.explain.documents_read)
            start = one.next_start
            if start is None:
                break
        assert found == expected
        answers.found += len(expected)
        answers.read += store.reads
        if len(expected) >= ENOUGH:
            answers.ratios.append(store.reads / len(expected))
    return classes


def by_hand(crowd: Crowd, node: Node, sort: Sort) -> list[str]:
    """Sort everyone in a segment: who has no date comes last, no spend is 0."""
    valued = {
        key: data[sort.by].get(sort.currency, 0) if sort.by == "totalSpend" else data[sort.by]
        for key, data in crowd.items()
        if matches(node, data, NOW)
    }
    having = [key for key, value in valued.items() if value is not None]
    having.sort(key=lambda key: valued[key], reverse=sort.direction == "desc")
    return having + [key for key, value in valued.items() if value is None]


def load(store: FirestoreStore, crowd: Crowd, at_once: int = 250) -> None:
    """Write the customers."""
    print("loading …", flush=True)
    writes: list[Write] = [Set(f"{CUSTOMERS}/{key}", data) for key, data in crowd.items()]
    for start in range(0, len(writes), at_once):
        store.commit(writes[start : start + at_once])


def timed(store: FirestoreStore, run: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of what is run, and of a plain query for a page."""

    def seconds(run: Callable[[], object]) -> float:
        began = time.perf_counter()
        run()
        return time.perf_counter() - began

    plain = Query(CUSTOMERS, (), BY_ID, PAGE)
    pairs = [(seconds(run), seconds(lambda: store.find(plain))) for _ in range(3)]
    return statistics.median(one for one, _ in pairs), statistics.median(one for _, one in pairs)


def live(crowd: Crowd, number: int, sample: int) -> None:
    """Put a sample of the questions to the emulator, sorted and not; print the times."""
    store, chance = FirestoreStore(client(os.environ["GCLOUD_PROJECT"])), random.Random(3)
    load(store, crowd)
    ratios: dict[str, list[float]] = {"by id": [], "sorted": [], "sorted, second page": []}
    print("\n| first page of | by id | sorted | the second | by | counts | plain |")
    print("|---|---|---|---|---|---|---|")
    for name, node in chance.sample([*asked(number)], sample):
        sort = chance.choice(SORTS)
        expected = [key for key, data in crowd.items() if matches(node, data, NOW)]
        found = page(store, node, NOW, None, PAGE)
        assert [key for key, _ in found.customers] == expected[: len(found.customers)]
        first = sorted_page(store, node, NOW, sort, None, PAGE)
        expected = by_hand(crowd, node, sort)[: len(first.snapshots)]
        assert [one.id for one in first.snapshots] == expected
        asking: dict[str, Callable[[], object]] = {
            "by id": partial(page, store, node, NOW, None, PAGE),
            "sorted": partial(sorted_page, store, node, NOW, sort, None, PAGE),
        }
        if first.next_start:
            going_on = partial(sorted_page, store, node, NOW, sort, first.next_start, PAGE)
            asking["sorted, second page"] = going_on
        times = {kind: timed(store, run) for kind, run in asking.items()}
        for kind, (ours, plain) in times.items():
            ratios[kind].append(ours / plain)
        told = [f"{times[kind][0]:.2f}" if kind in times else "" for kind in ratios]
        told += [f"{sort.path} {sort.direction}", str(first.explain.counts)]
        print(f"| {name} | {' | '.join(told)} | {times['by id'][1]:.2f} |", flush=True)
    print(f"\n{sample} first pages on the emulator, each as brute force finds it.")
    print(f"Pages of {PAGE} against a plain query of {PAGE} customers:")
    for kind, some in ratios.items():
        some.sort()
        middle, most = statistics.median(some), some[int(0.9 * len(some))]
        share = sum(one <= 2 for one in some) / len(some)
        print(
            f"  {kind}: median {middle:.2f} x, at most 2 x {share:.0%},"
            f" nine of ten at most {most:.2f} x, worst {some[-1]:.2f} x"
        )


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


def report_sorted(classes: Mapping[str, Answers]) -> None:
    """Print what sorted pages cost by class."""
    print("\nSorted:")
    print("| class | read / returned | worst | counts of a page | reads of a page, worst |")
    print("|---|---|---|---|---|")
    for name, one in classes.items():
        print(
            f"| {name} | {one.read / max(1, one.found):.3f} | {max(one.ratios, default=0):.2f}"
            f" | {statistics.mean(one.counts):.1f} | {max(one.pages):,} |"
        )


def main() -> None:
    """Measure, and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=20_000)
    arguments.add_argument("--random", type=int, default=300, help="random questions")
    arguments.add_argument("--sample", type=int, default=30, help="questions to the emulator")
    arguments.add_argument("--sorted", action="store_true", help="in memory, sorted alone")
    alone = arguments.add_mutually_exclusive_group()
    alone.add_argument("--model", action="store_true", help="in memory alone")
    alone.add_argument("--emulator", action="store_true", help="on the emulator alone")
    options = arguments.parse_args()
    crowd = customers(options.customers)
    each = statistics.mean(len(one["facets"]) for one in crowd.values())
    print(f"{len(crowd):,} customers, {each:.0f} facets each")
    if not options.emulator:
        if not options.sorted:
            report(in_memory(crowd, options.random))
        report_sorted(sorted_in_memory(crowd, options.random))
    if not options.model:
        live(crowd, options.random, options.sample)


if __name__ == "__main__":
    main()
