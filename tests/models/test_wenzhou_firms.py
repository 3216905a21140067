"""The Wenzhou model passes the book's numbers, whatever the solver, and its selection works by variance."""

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
GAINS = {"learning without protection": 1.0}  # innovators keep their gains without protection too
OPEN = {"entry barred by convention": 0.0}


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
    """The equations in the model's README, with the constants of the file."""
    firms, q, experience, base, orders = y
    convention = 0.9 * logistic((t - 1993.5) / 0.05)
    standard = 0.05 + 0.571 * convention + 0.496 * logistic((t - 2002.5) / 0.05)
    own = logistic((q - 0.7) / 0.12)
    igniter = 4.5 * (1 - own) + own * 2.2 * (1 + experience / 60) ** -0.757
    common = 2.5 * (1 + 0.75 * logistic((t - 2007.3) / 0.05)) + igniter
    price = base + 0.8 * q
    below = logistic((standard - q) / 0.12)
    loss = logistic((common + 0.6 + 0.3 * 0.3 - price) / 0.25)
    failing = 1 - (1 - below) * (1 - loss)
    room = max(1 - firms / 2600, 0)
    entry = 0.788 * room * (1 - 0.9 * convention) * (1 - failing)
    headroom = max(1.6 - q, 0)
    learning = 0.12 * (0.2 + 0.8 * convention) * 0.5 * headroom
    copying = 0.08 * (1 - 0.5 * convention) * max(0.6 * 1.6 - q, 0)
    pull = (1 - below) * (1 - loss) * (below / 0.12 + loss * 0.8 / 0.25)
    scope = q / (q + 0.12) * headroom / (headroom + 0.12)
    selection = 1.6 * 3.29 * 0.12**2 * pull * scope
    output = orders * firms / (firms + 10)
    return [
        firms * (entry - 0.02 - 1.6 * failing),
        learning + copying + selection - entry * 0.1 * q,
        output * own,
        (common * (1 + 0.2 * room) - base) / 5,
        (300 * (1 - below) / (1 + price / 5) - orders) / 5,
    ]


def test_the_file_is_the_equations_of_the_readme(model: Any) -> None:
    data = sdcluster.simulate(model)
    solution = solve_ivp(
        derivatives, (1988, 2010), [500.0, 0.25, 0.0, 8.1, 20.0], "LSODA",
        rtol=1e-10, atol=1e-10, max_step=0.02, dense_output=True,
    )  # fmt: skip
    stocks = ("firms", "capability of firms", "experience with igniters", "base price", "orders")
    for year in (1990.0, 1993.5, 1994.0, 2002.75, 2006.0, 2008.0, 2010.0):
        for name, value in zip(stocks, solution.sol(year), strict=True):
            assert float(data[name].sel(time=year)) == pytest.approx(value, rel=1e-6), name


@pytest.mark.parametrize("scenario", ["default", "other_constants_low", "other_constants_high"])
def test_different_constants_pass_the_same_five_counts(model: Any, scenario: str) -> None:
    data = sdcluster.simulate(model, scenario)
    for year, firms in counts():
        assert float(data["firms"].interp(time=year)) == pytest.approx(firms, rel=0.015)


def test_the_counts_are_those_of_the_value_chain_data() -> None:
    assert counts() == counts(FOLDER.parent / "value_chain", "wenzhou_lighters.csv")


def rise(model: Any, *flows: str) -> float:
    """What `flows` add to capability from 1993 to 2008, as a share of the whole rise."""
    data = sdcluster.simulate(model)
    part = data.sel(time=slice(1993, 2008))
    whole = float(part["capability of firms"][-1] - part["capability of firms"][0])
    return sum(float(part[flow].integrate("time")) for flow in flows) / whole


def test_learning_makes_more_of_the_rise_than_selection(model: Any) -> None:
    learned = rise(model, "learning", "copying")
    selected = rise(model, "selection") - rise(model, "dilution")
    assert learned == pytest.approx(0.55, abs=0.02)
    assert selected == pytest.approx(1 - learned, abs=0.005)


@pytest.mark.parametrize("margin", [-50.0, 50.0])
def test_where_all_firms_fail_or_none_does_nothing_is_selected(model: Any, margin: float) -> None:
    """Selection goes by how firms differ, not by how many close: at f near 0 and near 1 it is nothing."""
    settings = {"base price": 8.1 + margin, "first standard": 0.0, "capability of firms": 1.0}
    data = sdcluster.simulate(model, settings=settings, stop=1988.5)
    assert float(data["selection"][0]) < 0.002
    assert (float(data["failing share"][0]) > 0.9) == (margin < 0)


@pytest.mark.parametrize(
    ("changed", "least", "most"), [({}, 1.3, 1.4), (OPEN, 1.25, 1.35), (GAINS, 1, 1.1)]
)
def test_firms_are_abler_with_the_convention_since_they_learn_faster_not_since_copiers_stay_out(
    model: Any, changed: dict[str, float], least: float, most: float
) -> None:
    both = [
        float(
            sdcluster.simulate(model, scenario, settings=changed)["capability of firms"].sel(
                time=2002
            )
        )
        for scenario in ("default", "no_convention")
    ]
    assert least < both[0] / both[1] < most


def test_newcomers_lower_the_average(model: Any) -> None:
    same = sdcluster.simulate(model, settings={"quality of newcomers": 1.0})
    assert float(same["dilution"].max()) == 0
    assert float(same["capability of firms"][-1]) > float(
        sdcluster.simulate(model)["capability of firms"][-1]
    )


@pytest.mark.parametrize(
    ("constant", "little"),
    [
        ("spread of capability", 1e-4),
        ("spread of margins", 1e-4),
        ("length of a step", 1e-4),
        ("first experience", 1e-4),
    ],
)
def test_a_constant_of_zero_acts_as_a_very_small_one(
    model: Any, constant: str, little: float
) -> None:
    zero, near = (sdcluster.simulate(model, settings={constant: x}) for x in (0, little))
    for stock in ("firms", "capability of firms", "orders"):
        np.testing.assert_allclose(zero[stock], near[stock], rtol=0.02, atol=0.01)


def test_without_makers_elsewhere_to_learn_from_nobody_learns(model: Any) -> None:
    run = sdcluster.simulate(model, settings={"best practice": 0, "capability of firms": 0})
    assert float(run["capability of firms"].max()) == 0


@pytest.mark.parametrize(
    ("time", "stock"),
    [("time until buyers accept", "base price"), ("time to win orders", "orders")],
)
def test_a_stock_whose_time_is_zero_stands_still(model: Any, time: str, stock: str) -> None:
    values = sdcluster.simulate(model, settings={time: 0})[stock]
    assert float(values.min()) == float(values.max())
