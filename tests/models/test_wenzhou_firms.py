"""The Wenzhou model follows the design page's formulas and passes the five counts, whatever the solver."""

from __future__ import annotations

import csv
import shutil
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import sdcluster
from sdcluster.model.units import check_units

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


def test_half_the_step_and_an_adaptive_solver_agree(model: Any) -> None:
    years = [1992.0, 1996.0, 2004.0, 2009.0]
    runs = [
        sdcluster.simulate(model),
        sdcluster.simulate(model, dt=1 / 128),
        sdcluster.simulate(model, method="LSODA", rtol=1e-10, atol=1e-10),
    ]
    first, halved, adaptive = (
        np.array([[float(run[v.name].sel(time=t)) for v in model.stocks] for t in years])
        for run in runs
    )
    np.testing.assert_allclose(first, halved, rtol=1e-6)
    np.testing.assert_allclose(halved, adaptive, rtol=1e-5)


def test_pysd_runs_the_file_unchanged(model: Any, tmp_path: Path) -> None:
    pysd = pytest.importorskip("pysd")
    copy = shutil.copy(FOLDER / "wenzhou_firms.xmile", tmp_path / "wenzhou_firms.xmile")
    names = [v.name for v in model.stocks]
    theirs = pysd.read_xmile(str(copy)).run(return_columns=names)
    ours = sdcluster.simulate(model, method="euler")
    for name in names:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, err_msg=name)


def test_every_variable_is_documented_in_two_languages(model: Any) -> None:
    assert check_units(model) == []
    for variable in model.variables.values():
        assert "Zhejiang upgrading book, section 4.2" in variable.doc, variable.name
        assert all([variable.labels["zh"], variable.docs["zh"], variable.units]), variable.name
    for constant in model.constants:
        assert constant.range.minimum <= constant.value <= constant.range.maximum, constant.name
        assert "judgement; no source" in constant.doc.lower(), constant.name
    assert len(model.levers) == 4


def test_the_view_shows_every_variable_without_overlap(model: Any) -> None:
    view = model.view
    shown = {node.name for node in view.stocks + view.flows + view.auxiliaries}
    assert shown == set(model.variables)
    nodes = [(n.name, *n.position) for n in view.nodes]
    for i, (name, x, y) in enumerate(nodes):
        for other, a, b in nodes[i + 1 :]:
            assert abs(x - a) > 80 or abs(y - b) > 50, (name, other)


def test_the_counts_are_those_of_the_value_chain_data() -> None:
    assert counts() == counts(FOLDER.parent / "value_chain", "wenzhou_lighters.csv")
