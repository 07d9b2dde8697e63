"""What was measured, as tables for a terminal and for `docs/benchmarks.md`, and as plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table as RichTable

from bench.bill import PRICES, Bill
from bench.rounds import Spread, Target, ratios

DOCS: Final = Path(__file__).parents[1] / "docs"
BEGIN: Final = "<!-- figures: begin, written by `make bench` -->"
END: Final = "<!-- figures: end -->"

ONE: Final = "new orders"
EIGHT: Final = "the same, eight at a time"

MANY: Final = {
    "one after the other": "one customer, one at a time, four instances",
    "at once": "16 customers, 16 at a time, four instances",
    "hot": "one customer, 16 at a time, two instances",
}

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
    yield _race(results["race"])
    yield _throughput(results["throughput"])
    yield _many(results["many"])
    yield _latency(results["latency"])
    yield _scale("By customers", results["scale"]["customers"])
    yield _scale("By orders of the customer", results["scale"]["orders"])


def _ratio(one: float, other: float) -> float:
    return round(one / other, 2) if other else 0.0


Ratio = tuple[Spread, Target]


def targets(results: Results) -> dict[str, Ratio]:
    """Return each figure that is told first, and what is asked of it."""
    return {
        **_of_costs(results),
        **_of_speed(results),
        **_of_race(results["race"]),
        **_of_many(results["many"]),
    }


def _of_costs(results: Results) -> dict[str, Ratio]:
    bills = results["costs"]["1"]
    known = bills["a new order of a known customer"]
    after = [bills["the next order of that customer"], bills["a refund"]]
    again = [bills["the same event again"], bills["the same event again, at another instance"]]
    flat = _flatness(results["growth"]["CRM-Lite"])
    figures = {
        "reads, order of a known customer whom the instance meets first": (
            [known["reads"]],
            Target(most=2),
        ),
        "reads, the next order or event at the same instance": (
            [one["reads"] for one in after],
            Target(most=0),
        ),
        "round trips of that": ([one["trips"] for one in after], Target(most=1)),
        "reads, a duplicate event": ([one["reads"] for one in again], Target(most=4)),
        "cost of an order, most : least orders of the customer": ([flat], Target(1, 1)),
    }
    return {name: (Spread.of(values), asked) for name, (values, asked) in figures.items()}


def _of_speed(results: Results) -> dict[str, Ratio]:
    latency, rates, cold = results["latency"], results["throughput"], results["cold"]
    limits = results["limits"]
    ours, bare = rates["on_order_written"], rates["bare_commit"]
    p95 = {name: found["p95"] for name, found in latency.items()}
    imported = _ratio(
        cold["main"]["seconds"] - cold["nothing"]["seconds"],
        cold["libraries"]["seconds"] - cold["nothing"]["seconds"],
    )
    beside = {
        "bare_commit": ("live p95 : a function that does only the same commit", Target(most=1.25)),
        "noop": ("live p95 : a function that does nothing", Target()),
    }
    figures = {
        **{
            told: (ratios(p95["on_order_written"], p95[name]), asked)
            for name, (told, asked) in beside.items()
        },
        **{
            f"orders/s, {level} in flight : bare commits": (
                ratios(ours[level], bare[level]),
                Target(0.85 if int(level) > 1 else None),
            )
            for level in ours
        },
        "import : bare libraries": ([imported], Target(most=1.1)),
        "first pages of segments : plain queries": (
            ratios(limits["segments"]["ours"], limits["segments"]["bare"]),
            Target(),
        ),
        "tagging : BulkWriter, customers/s": (
            ratios(limits["tagging"]["ours"], limits["tagging"]["bare"]),
            Target(),
        ),
    }
    return {name: (Spread.of(values), asked) for name, (values, asked) in figures.items()}


def _of_race(race: Results) -> dict[str, Ratio]:
    ours, reread = race["CRM-Lite"], race["re-reading all orders"]
    return {
        f"real orders/s, {level} at a time : re-reading all orders": (
            Spread.of(ratios(ours[level], reread[level])),
            Target(1, ahead=True),
        )
        for level in ours
    }


def _of_many(many: Results) -> dict[str, Ratio]:
    alone, at_once, hot = many["one after the other"], many["at once"], many["hot"]
    wrong = sum(one["wrong"] for one in many.values())
    return {
        "reads of an event, one customer's at four instances": (
            Spread.of(alone["reads"]),
            Target(most=4),
        ),
        "commits refused there": (Spread.of(alone["conflicts"]), Target()),
        "the same of 16 customers, 16 at a time: reads": (
            Spread.of(at_once["reads"]),
            Target(most=4),
        ),
        "commits refused then": (Spread.of(at_once["conflicts"]), Target()),
        "orders/s of one customer, 16 at a time, two instances": (
            Spread.of(hot["rates"]),
            Target(60),
        ),
        "orders counted wrongly in all of these": (Spread.of([wrong]), Target(most=0)),
    }


def _flatness(sizes: Mapping[str, Mapping[str, float]]) -> float:
    costs = [dollars(one) for one in sizes.values()]
    return _ratio(costs[-1], costs[0])


def _targets(results: Results) -> Table:
    rows = [
        [
            name,
            spread.told(_decimals(spread)),
            str(asked),
            asked.verdict(spread).replace("no", "**no**"),
        ]
        for name, (spread, asked) in targets(results).items()
    ]
    return Table("Ratios", ["", "measured", "asked", "met"], rows)


def _decimals(spread: Spread) -> int:
    """Return how many decimals are told: none of whole numbers and of large ones."""
    values = (spread.low, spread.median, spread.high)
    return 0 if spread.low > 20 or all(one == int(one) for one in values) else 2


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
        one, many = scenarios[ONE], scenarios[EIGHT]
        each = {unit: one[unit] / one["events"] for unit in ("reads", "writes", "deletes")}
        rows.append(
            [
                name,
                *(f"{figure:.2f}" for figure in each.values()),
                Spread.of(one["rates"]).told(),
                Spread.of(many["rates"]).told(),
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


def _race(race: Mapping[str, Mapping[str, list[float]]]) -> Table:
    rows = [
        [name, *(Spread.of(rates).told() for rates in found.values())]
        for name, found in race.items()
    ]
    levels = next(iter(race.values()))
    head = ["real orders/s, few orders each", *(f"{level} at a time" for level in levels)]
    return Table("Real orders as their days brought them", head, rows)


def _throughput(rates: Mapping[str, Mapping[str, list[float]]]) -> Table:
    levels = list(next(iter(rates.values())))
    rows = [
        [name, *(Spread.of(found[level]).told() for level in levels)]
        for name, found in rates.items()
    ]
    head = ["events/s of one instance", *(f"{level} in flight" for level in levels)]
    return Table("Throughput", head, rows)


def _many(many: Mapping[str, Mapping[str, Any]]) -> Table:
    rows = [
        [
            MANY[name],
            Spread.of(found["rates"]).told(),
            Spread.of(found["reads"]).told(2),
            Spread.of(found["conflicts"]).told(2),
        ]
        for name, found in many.items()
    ]
    head = ["orders of few customers", "events/s", "reads", "refused of commits"]
    return Table("Several instances", head, rows)


def _latency(latency: Mapping[str, Mapping[str, list[float]]]) -> Table:
    shares = list(next(iter(latency.values())))
    rows = [
        [name, *(Spread.of(found[share]).told() for share in shares)]
        for name, found in latency.items()
    ]
    return Table("Latency", ["milliseconds from the order's write", *shares], rows)


def _scale(title: str, scale: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Table:
    sizes = list(next(iter(scale.values())))
    rows = [
        [
            name,
            *(
                f"{Spread.of(found[size]['milliseconds']).told()} ms, {_units(found[size])}"
                for size in sizes
            ),
        ]
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
