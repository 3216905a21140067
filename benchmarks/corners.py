"""Push every model to its corners: levers at their ends, constants times 0, 0.1 and 10, stocks empty or full.

Run: python benchmarks/corners.py [MODEL …] [--method LSODA]

A corner fails where a run stops with an error, where a stock falls below zero (a stock that may be negative, such as a
difference, is named in ``SIGNED``), or where knowledge comes from nothing: all stocks of knowledge start at zero, and
with them everything that the model calls an outside source (``SOURCES``), yet one of them grows. A stock without a unit
is a share and starts full at 1, any other at 100.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

import sdcluster
from sdcluster.model import Model
from sdcluster.model.elements import constants, elements
from sdcluster.run.simulator import Simulator

MODELS = Path(__file__).parents[1] / "models"
MAX_LEVERS = 10  # of which all corners are run; beyond, each pair of levers
TIMES = (0.0, 0.1, 10.0)
FULL = 100.0
BELOW = -1e-9  # of the largest value of the stock: rounding
SIGNED: dict[str, set[str]] = {}
KNOWLEDGE = {"knowledge", "capability", "technology"}  # units of what must not come from nothing
# What brings knowledge in from outside the model's firms, by model: set to these values for the test of nothing.
SOURCES: dict[str, dict[str, float]] = {
    "cluster": {"world frontier": 0},
    "innovation_alliance": {"own research": 0, "public budget": 0},
    "value_chain": {"outside knowledge rate": 0, "capability[technical]": 0},
    "wenzhou_firms": {"best practice": 0},  # of the world's makers, whom firms copy and learn from
}


def corners(model: Model) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield a name and the settings of every corner of a model."""
    levers = [e for v in model.levers for e in elements(model, v)]
    ends = {
        e.name: (e.variable.range.minimum, e.variable.range.maximum)
        for e in levers
        if e.variable.range is not None
    }
    names = list(ends)
    groups = [tuple(names)] if len(names) <= MAX_LEVERS else itertools.combinations(names, 2)
    for group in groups:
        for values in itertools.product(*(ends[name] for name in group)):
            yield "levers", dict(zip(group, values, strict=True))
    for element, value in constants(model):
        if not element.variable.lever and not element.variable.hidden:
            for times in TIMES:
                yield f"constants × {times:g}", {element.name: value * times}
    for stock in model.stocks:
        for element in elements(model, stock):
            for start in (0.0, 1.0 if stock.units in ("dmnl", "dimensionless", "1", "") else FULL):
                yield f"stocks start at {start:g}", {element.name: start}


def nothing(model: Model) -> dict[str, float]:
    """Return settings in which nobody knows anything and nothing comes in from outside."""
    known = [e.name for s in model.stocks if s.units in KNOWLEDGE for e in elements(model, s)]
    return dict.fromkeys(known, 0.0) | SOURCES.get(model.name, {})


def verdict(simulator: Simulator, settings: Mapping[str, float], stocks: list[str]) -> str:
    """Say how a run at a corner ends: ``fine``, or what is wrong with it."""
    try:
        rows = simulator.run(settings)
    except (sdcluster.ModelError, sdcluster.SimulationError) as error:
        return f"refused: {error}"
    for name, row in zip(simulator.names, rows, strict=True):
        if not np.all(np.isfinite(row)):
            return f"not finite: {name}"
        if name in stocks and row.min() < BELOW * max(1.0, float(np.abs(row).max())):
            return f"negative: {name} reaches {row.min():.3g}"
    return "fine"


def grown(simulator: Simulator, empty: Mapping[str, float], stocks: list[str]) -> list[str]:
    """Say which stocks grow although nobody knows anything and nothing comes in."""
    try:
        rows = dict(zip(simulator.names, simulator.run(empty), strict=True))
    except (sdcluster.ModelError, sdcluster.SimulationError) as error:
        return [f"refused: {error}"]
    return [
        f"{name} reaches {rows[name].max():.3g}"
        for name in empty
        if name in stocks and rows[name].max() > 1e-9
    ]


def push(folder: Path, method: str | None = None) -> tuple[Counter[str], list[str]]:
    """Run all corners of a model; return how many of each kind are fine, and what is not."""
    model = sdcluster.load(folder)
    simulator = Simulator(model, method=method)
    signed = SIGNED.get(model.name, set())
    stocks = [e.name for s in model.stocks if s.name not in signed for e in elements(model, s)]
    count: Counter[str] = Counter()
    wrong = []
    for kind, settings in corners(model):
        said = verdict(simulator, settings, stocks)
        count[kind] += 1
        if said != "fine":
            wrong.append(
                f"{kind}: {', '.join(f'{k} = {v:g}' for k, v in settings.items())}: {said}"
            )
    empty = nothing(model)
    if empty:
        count["nothing from nothing"] += 1
        wrong += [f"nothing from nothing: {line}" for line in grown(simulator, empty, stocks)]
    return count, wrong


def main() -> int:
    """Print the table of corners; the exit status is 1 if one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names of models (all)")
    parser.add_argument("--method", help="of integration (each file's own)")
    given = parser.parse_args()
    chosen = given.models or sorted(p.name for p in MODELS.iterdir() if p.is_dir())
    failed = 0
    for name in chosen:
        count, wrong = push(MODELS / name, given.method)
        print(
            f"{name}: {sum(count.values())} corners, {len(wrong)} fail "
            f"({', '.join(f'{n} {k}' for k, n in count.items())})"
        )
        for line in wrong:
            print(f"  {line}")
        failed += len(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
