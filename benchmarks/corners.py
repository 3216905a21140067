"""Run every model at extreme settings ("corners") and report the runs that go wrong.

Run: python benchmarks/corners.py [MODEL …] [--method LSODA]

The corners are: all combinations of the levers' smallest and largest values, each constant times 0, 0.1 and 10, and
each stock empty or full at the start. A full stock starts at 1 if it has no unit, because it is then a share, and at
100 otherwise.

A corner fails if the run stops with an error, or if a stock falls below zero. Stocks that may be negative, such as
differences, are listed in ``SIGNED``. One more run per model checks that knowledge does not come from nothing: it sets
all stocks of knowledge and all sources of knowledge outside the model (``SOURCES``) to zero, and fails if a stock of
knowledge grows.
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
MAX_LEVERS = 10  # a model with more levers is run at the corners of each pair of levers
TIMES = (0.0, 0.1, 10.0)
FULL = 100.0
BELOW = -1e-9  # times the stock's largest value: the rounding error that a negative value may have
SIGNED: dict[str, set[str]] = {}
# The units of stocks that must not grow from nothing.
KNOWLEDGE = {"knowledge", "capability", "technology"}
# For each model, the sources of knowledge outside its firms, with values that switch them off.
SOURCES: dict[str, dict[str, float]] = {
    "cluster": {"world frontier": 0},
    "innovation_alliance": {"own research": 0, "public budget": 0},
    "value_chain": {"outside knowledge rate": 0, "capability[technical]": 0},
    "wenzhou_firms": {"best practice": 0},  # of the world's producers, from whom firms learn
}


def corners(model: Model) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the kind and the settings of every corner of a model."""
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
    """Return settings with which no stock holds knowledge at the start and no knowledge comes in from outside."""
    known = [e.name for s in model.stocks if s.units in KNOWLEDGE for e in elements(model, s)]
    return dict.fromkeys(known, 0.0) | SOURCES.get(model.name, {})


def verdict(simulator: Simulator, settings: Mapping[str, float], stocks: list[str]) -> str:
    """Return ``"fine"`` for a run without problems, or a description of the first problem."""
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
    """Return a line for each stock that grows although no knowledge exists at the start and none comes in."""
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
    """Run all corners of a model.

    Returns
    -------
    Counter
        The number of corners of each kind.
    list of str
        A line for each corner that fails.
    """
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
    """Print the results of all models, and return 1 if a corner fails, otherwise 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names of models; by default, all")
    parser.add_argument("--method", help="integration method; by default, each file's own")
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
