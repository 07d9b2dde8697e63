"""What was measured, as tables for a terminal and for `docs/benchmarks.md`, and as plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table as RichTable

from bench.bill import PRICES, Bill

DOCS: Final = Path(__file__).parents[1] / "docs"
BEGIN: Final = "<!-- figures: begin, written by `make bench` -->"
END: Final = "<!-- figures: end -->"

Results = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows below a head; the first column is text, the others are figures."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """Return it for a document."""
        lines = [self.head, ["---", *["---:"] * (len(self.head) - 1)], *self.rows]
        return "\n".join([f"### {self.title}\n", *("| " + " | ".join(one) + " |" for one in lines)])

    def show(self, console: Console) -> None:
        """Print it."""
        table = RichTable(title=self.title, title_justify="left")
        for number, name in enumerate(self.head):
            table.add_column(name, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)


def tables(results: Results) -> Iterator[Table]:
    """Return all tables."""
    yield _targets(results)
    yield _costs(results["costs"])
    yield _growth(results["growth"])
    yield _peers(results["peers"])
    yield from _answers(results["peers"])
    yield _throughput(results["throughput"])
    yield _latency(results["latency"])
    yield _scale("By customers", results["scale"]["customers"])
    yield _scale("By orders of the customer", results["scale"]["orders"])


def _ratio(one: float, other: float) -> float:
    return round(one / other, 2) if other else 0.0


def targets(results: Results) -> dict[str, tuple[float, str, bool]]:
    """Return each target: the ratio that was measured, the target in words, whether it is met."""
    latency, rates = results["latency"], results["throughput"]
    ours, bare = rates["on_order_written"], rates["bare_commit"]
    best = max(ours, key=lambda level: float(ours[level]))
    cold, limits = results["cold"], results["limits"]
    imported = _ratio(
        cold["main"]["seconds"] - cold["nothing"]["seconds"],
        cold["libraries"]["seconds"] - cold["nothing"]["seconds"],
    )
    p95 = _ratio(latency["on_order_written"]["p95"], latency["noop"]["p95"])
    rate = _ratio(ours[best], max(bare.values()))
    reads = _ratio(ours[best], max(rates["bare_reads"].values()))
    page = _ratio(limits["segments"]["ours"], limits["segments"]["bare"])
    bulk = _ratio(limits["tagging"]["ours"], limits["tagging"]["bare"])
    flat = _flatness(results["growth"]["CRM-Lite"])
    return {
        "live p95 : a function that does nothing": (p95, "at most 1.5", p95 <= 1.5),
        "orders/s : bare commits/s, both served": (rate, "at least 0.8", rate >= 0.8),
        "orders/s : bare reads and commits/s, both served": (reads, "none", True),
        "import : bare libraries": (imported, "at most 1.15", imported <= 1.15),
        "cost of an order, most : least orders of the customer": (flat, "1", flat == 1),
        "first pages of segments : plain queries": (page, "none", True),
        "tagging : BulkWriter, customers/s": (bulk, "none", True),
    }


def _flatness(sizes: Mapping[str, Mapping[str, float]]) -> float:
    costs = [dollars(one) for one in sizes.values()]
    return _ratio(costs[-1], costs[0])


def _targets(results: Results) -> Table:
    rows = [
        [name, f"{ratio:.2f}", target, ("yes" if met else "**no**") if target != "none" else ""]
        for name, (ratio, target, met) in targets(results).items()
    ]
    return Table("Ratios", ["", "measured", "target", "met"], rows)


def _units(bill: Mapping[str, float]) -> str:
    reads = bill["reads"] + bill.get("aggregations", 0)
    deletes = f" / {bill['deletes']:,.0f}" if bill.get("deletes") else ""
    return f"{reads:,.0f} / {bill['writes']:,.0f}{deletes}"


def dollars(bill: Mapping[str, float]) -> float:
    """Return what a million of these cost in nam5."""
    units = {unit: int(bill[unit]) for unit in PRICES if unit in bill}
    return Bill(**units).per_million


def _costs(costs: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Table:
    sizes = list(costs)
    first, last = costs[sizes[0]], costs[sizes[-1]]
    rows = []
    for name in first:
        flat = first[name] == last[name]
        price = dollars(last[name])
        told = f"${price:,.2f} a million" if flat else f"${price / 1e6:.4f} each"
        rows.append([name, *(_units(costs[size][name]) for size in sizes), told])
    head = ["reads / writes / deletes", *(f"{int(size):,} orders" for size in sizes), "nam5"]
    return Table("What operations are billed", head, rows)


def _growth(growth: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    sizes = list(next(iter(growth.values())))
    rows = [
        [name, *(f"${dollars(found[size]):,.2f}" for size in sizes)]
        for name, found in growth.items()
    ]
    head = ["a million new orders in nam5", *(f"{int(size):,} orders before" for size in sizes)]
    return Table("A new order, by the orders that the customer has", head, rows)


def _peers(peers: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Table:
    rows = []
    for name, scenarios in peers.items():
        one, many = scenarios["new orders"], scenarios["the same, eight at a time"]
        each = {unit: one[unit] / one["events"] for unit in ("reads", "writes", "deletes")}
        rows.append(
            [
                name,
                *(f"{figure:.2f}" for figure in each.values()),
                f"{one['events'] / one['seconds']:.0f}",
                f"{many['events'] / many['seconds']:.0f}",
            ]
        )
    head = ["an event", "reads", "writes", "deletes", "events/s", "events/s, eight at a time"]
    return Table("What events cost on real orders", head, rows)


def _answers(peers: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Table]:
    names = list(peers)
    scenarios = list(next(iter(peers.values())))
    for when, title in (("atOnce", "after the last event"), ("settled", "in the end")):
        rows = [
            [scenario, *(_wrong(peers[name][scenario], when) for name in names)]
            for scenario in scenarios
        ]
        yield Table(f"Customers whose sums are wrong, {title}", ["", *names], rows)


def _wrong(figures: Mapping[str, Any], when: str) -> str:
    wrong = figures[when]
    if not wrong["customers"]:
        return "right"
    return f"{wrong['customers']} of {figures['customers']}, by ${wrong['cents'] / 100:,.2f}"


def _throughput(rates: Mapping[str, Mapping[str, float]]) -> Table:
    levels = list(next(iter(rates.values())))
    rows = [[name, *(f"{found[level]:.0f}" for level in levels)] for name, found in rates.items()]
    head = ["events/s of one instance", *(f"{level} in flight" for level in levels)]
    return Table("Throughput", head, rows)


def _latency(latency: Mapping[str, Mapping[str, float]]) -> Table:
    shares = list(next(iter(latency.values())))
    rows = [[name, *(f"{found[share]:.0f}" for share in shares)] for name, found in latency.items()]
    return Table("Latency", ["milliseconds from the order's write", *shares], rows)


def _scale(title: str, scale: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    sizes = list(next(iter(scale.values())))
    rows = [
        [name, *(f"{found[size]['milliseconds']:.0f} ms, {_units(found[size])}" for size in sizes)]
        for name, found in scale.items()
    ]
    return Table(title, ["time, reads / writes", *(f"{int(size):,}" for size in sizes)], rows)


def figures(results: Results) -> str:
    """Return the part of the document that figures are in."""
    machine = results["machine"]
    told = ", ".join(str(machine[key]) for key in ("processor", "cores", "memory", "python"))
    begun = f"Measured on {results['at']} with sizes `{results['size']}`: {told}; load average "
    begun += f"{machine['load']} when it began."
    return "\n\n".join([BEGIN, begun, *(one.markdown() for one in tables(results)), END])


def write_document(results: Results) -> None:
    """Put the figures into `docs/benchmarks.md`."""
    path = DOCS / "benchmarks.md"
    text = path.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    path.write_text(before + figures(results) + after, encoding="utf-8")
