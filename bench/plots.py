"""The plots of `docs/benchmarks.md`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import matplotlib
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report import DOCS, Results, dollars
from bench.rounds import Spread

SIZE: Final = (7.0, 3.6)

matplotlib.use("svg")
matplotlib.rcParams |= {
    "svg.hashsalt": "crm-lite",  # the same figures give the same file
    "svg.fonttype": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
}


def draw(results: Results) -> None:
    """Write all plots."""
    _save(_growth(results["growth"]), "benchmarks-growth")
    _save(_throughput(results["throughput"]), "benchmarks-throughput")
    _save(_scale(results["scale"]), "benchmarks-scale")


def _begun(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure, axes = pyplot.subplots(figsize=SIZE, layout="constrained")
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def _save(figure: Figure, name: str) -> None:
    figure.savefig(DOCS / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)


def _growth(growth: Mapping[str, Any]) -> Figure:
    figure, axes = _begun(
        "What a million new orders cost in nam5", "orders that the customer has", "US dollars"
    )
    for name, sizes in growth.items():
        known = [int(size) for size in sizes]
        axes.plot(known, [dollars(one) for one in sizes.values()], marker="o", label=name)
    axes.set(xscale="log", yscale="log")
    axes.legend(frameon=False)
    return figure


def _throughput(rates: Mapping[str, Any]) -> Figure:
    figure, axes = _begun("One served instance", "events in flight", "events a second")
    shown = {name: found for name, found in rates.items() if name != "noop"}
    for number, (name, found) in enumerate(shown.items()):
        places = [place + 0.2 * number for place in range(len(found))]
        middles = [Spread.of(rates).median for rates in found.values()]
        axes.bar(places, middles, width=0.2, label=name)
    levels = list(next(iter(shown.values())))
    axes.set_xticks([place + 0.3 for place in range(len(levels))], levels)
    axes.grid(visible=False, axis="x")
    axes.legend(frameon=False)
    return figure


def _scale(scale: Mapping[str, Any]) -> Figure:
    figure, axes = _begun(
        "Time of a new order on the emulator", "customers, or orders of the customer", "ms"
    )
    for title, key in (("by customers", "customers"), ("by orders of the customer", "orders")):
        found = scale[key]["a new order"]
        axes.plot(
            [int(size) for size in found],
            [Spread.of(one["milliseconds"]).median for one in found.values()],
            marker="o",
            label=title,
        )
    axes.set(xscale="log")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return figure
