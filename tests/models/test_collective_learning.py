"""The model of collective learning is its equations, whatever the solver, and is told in full."""

from __future__ import annotations

from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import sdcluster
from sdcluster.solve.elements import spread

FOLDER = Path(__file__).parents[2] / "models" / "collective_learning"
KINDS = ("high", "low")
STOCKS = [
    "tacit knowledge[high]",
    "explicit knowledge[high]",
    "tacit knowledge[low]",
    "explicit knowledge[low]",
    "trust",
    "social capital",
    "outside knowledge",
]
START = [1.0, 0.5, 0.35, 0.1, 0.3, 0.1, 2.5]


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


def derivatives(
    _: float, y: np.ndarray, rules: float = 0.6, services: float = 0.3, market: float = 0.2,
    effort: float = 0.1, low_position: float = 0.1,
) -> list[float]:  # fmt: skip
    """The equations of README.md, written once more without the file."""
    tacit, explicit = {"high": y[0], "low": y[2]}, {"high": y[1], "low": y[3]}
    trust, capital, outside = y[4:]
    knows = {k: tacit[k] + explicit[k] for k in KINDS}
    cost = 0.6 * (1 - 0.8 * capital)
    pools = [stock["high"] + 0.2 * stock["low"] for stock in (tacit, explicit)]
    rates, outward = [], {}
    for k, position in (("high", 0.8), ("low", low_position)):
        prior = knows[k] / (knows[k] + outside)
        absorbs = prior * (1 - effort) + effort
        reach = 1 - (1 - position) * (1 - absorbs)
        beyond = max(outside - knows[k], 0)
        inside = max(max(knows.values()) - knows[k], 0) + 0.03 * knows[k]
        bring = 0.12 * absorbs * reach * beyond
        follow = 0.6 * absorbs * trust * (1 - cost) * inside
        net_outward = bring / knows[k] - 0.12 * (1 - 0.5 * market) * (1 - reach)
        net_follow = follow / knows[k] - 0.06 * cost
        share = outward[k] = 1 / (1 + exp((net_follow - net_outward) / 0.02))
        rates += [
            (1 - share) * follow
            + 0.12 * trust * (1 - cost) * max(pools[0] - tacit[k], 0)
            + 0.06 * trust * explicit[k] ** 2 / knows[k]
            - 0.04 * tacit[k],
            share * bring
            + 0.06 * trust * tacit[k] ** 2 / knows[k]
            + 0.12 * trust * (1 - cost) * max(pools[1] - explicit[k], 0)
            + 0.04 * services * absorbs * max(outside - explicit[k], 0)
            - 0.06 * explicit[k],
        ]
    exchange = 0.3 + 0.7 * (0.2 * (1 - outward["high"]) + 0.8 * (1 - outward["low"]))
    familiar = 0.05 + 0.95 * trust**2 / (trust**2 + 0.16)
    opportunism = (1 - rules) * (1 - 0.6 * capital)
    return [
        *rates,
        0.5 * exchange * familiar * (1 - trust) - 0.6 * opportunism * trust,
        0.25 * trust * exchange * (1 - capital) - 0.05 * capital,
        0.03 * outside,
    ]


@pytest.mark.parametrize(
    "levers",
    [
        (0.6, 0.3, 0.2, 0.1, 0.1),
        (0.0, 0.3, 0.2, 0.1, 0.1),
        (1.0, 1.0, 0.8, 0.3, 0.4),
        (0.6, 0.0, 0.2, 0.9, 0.1),
    ],
)
def test_the_file_is_the_equations(model: Any, levers: tuple[float, ...]) -> None:
    settings = dict(zip([lever.name for lever in model.levers], levers, strict=True))
    ours = spread(sdcluster.simulate(model, settings=settings))
    theirs = solve_ivp(
        derivatives, (0, 40), START, "LSODA",
        rtol=1e-10, atol=1e-12, t_eval=ours["time"], args=levers,
    )  # fmt: skip
    for name, values in zip(STOCKS, theirs.y, strict=True):
        np.testing.assert_allclose(ours[name], values, rtol=1e-6, err_msg=name)


CONVERSIONS = ("socialisation", "externalisation", "combination", "internalisation")


@pytest.mark.parametrize("conversion", CONVERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_conversion_is_proportional_to_trust(model: Any, kind: str, conversion: str) -> None:
    def at_the_start(trust: float) -> float:
        data = sdcluster.simulate(model, settings={"trust": trust}, stop=0.25)
        return float(data[conversion].sel(position=kind)[0])

    assert at_the_start(0) == 0
    assert at_the_start(0.8) == pytest.approx(2 * at_the_start(0.4), rel=1e-12)


@pytest.mark.parametrize("network", ["core", "auxiliary", "exterior"])
def test_every_network_flows_into_a_stock_of_its_own_kind(model: Any, network: str) -> None:
    stocks = [s.name for s in model.stocks if f"{network} inflow" in s.inflows]
    assert stocks == [f"{'tacit' if network == 'core' else 'explicit'} knowledge"]


def test_both_kinds_of_firms_obey_the_same_equations(model: Any) -> None:
    apart = {v.name for v in model.variables.values() if v.dimensions and len(v.equations) > 1}
    assert apart == {"network position", "first tacit knowledge", "first explicit knowledge"}


def test_at_equal_position_and_knowledge_both_kinds_choose_alike(model: Any) -> None:
    settings = {"low position": 0.8, "tacit knowledge[low]": 1, "explicit knowledge[low]": 0.5}
    share = sdcluster.simulate(model, settings=settings)["outward share"][0]
    np.testing.assert_allclose(share.sel(position="low"), share.sel(position="high"))


def test_cluster_totals_are_weighted_means_of_the_kinds(model: Any) -> None:
    data = sdcluster.simulate(model)
    each = data["exterior inflow"]
    mean = 0.2 * each.sel(position="high") + 0.8 * each.sel(position="low")
    np.testing.assert_allclose(data["exterior network inflow"], mean)
