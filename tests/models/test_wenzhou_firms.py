"""The Wenzhou model follows the design page's formulas and passes the five counts, whatever the solver."""

from __future__ import annotations

import csv
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import sdcluster

FOLDER = Path(__file__).parents[2] / "models" / "wenzhou_firms"


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


def counts(folder: Path = FOLDER, name: str = "firms.csv") -> list[tuple[float, float]]:
    with (folder / "data" / name).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["series"] == "firms"]
    return [(float(row["year"]), float(row["value"])) for row in rows]


def logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -700 else 0.0


def derivatives(t: float, y: np.ndarray) -> list[float]:
    """The formulas of the design page, with the constants of the model's README."""
    firms, q = y
    steps = ((0.335, 1993.5), (0.507, 2002.5), (0.9322, 2007.3))
    standard = 0.3 + sum(size * logistic((t - year) / 0.05) for size, year in steps)
    convention = 0.87 * logistic((t - 1993.5) / 0.05)
    failing = 1.358 * logistic((standard - q) / 0.12)
    entry = 1.205 * firms * (1 - firms / 2413) * (1 - 0.9 * convention)
    learning = 0.03563 * (0.25 + convention) * (1.6 - q)
    return [entry - firms * (0.02 + failing), learning + 0.17 * failing]


def test_the_file_is_the_formulas() -> None:
    data = sdcluster.simulate(FOLDER)
    solution = solve_ivp(
        derivatives, (1988, 2010), [500.0, 0.25], "LSODA",
        rtol=1e-10, atol=1e-10, max_step=0.02, dense_output=True,
    )  # fmt: skip
    for year in (1990.0, 1993.5, 1994.0, 2002.75, 2006.0, 2008.0, 2010.0):
        firms, q = solution.sol(year)
        assert float(data["firms"].sel(time=year)) == pytest.approx(firms, rel=1e-6)
        assert float(data["capability of firms"].sel(time=year)) == pytest.approx(q, rel=1e-6)


@pytest.mark.parametrize("scenario", ["default", "other_constants_low", "other_constants_high"])
def test_different_constants_pass_the_same_five_counts(model: Any, scenario: str) -> None:
    data = sdcluster.simulate(model, scenario)
    for year, firms in counts():
        assert float(data["firms"].interp(time=year)) == pytest.approx(firms, rel=0.005)


def test_the_counts_are_those_of_the_value_chain_data() -> None:
    assert counts() == counts(FOLDER.parent / "value_chain", "wenzhou_lighters.csv")
