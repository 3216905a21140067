"""The model of collective learning is its equations, whatever the solver, and is told in full."""

from __future__ import annotations

from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import sdcluster
from sdcluster.run.elements import spread

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
    "knowledge of the place",
]
START = [1.0, 0.5, 0.35, 0.1, 0.3, 0.1, 2.5, 1.0]
LITTLE = 0.001


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


def derivatives(
    _: float, y: np.ndarray, rules: float = 0.6, services: float = 0.3, market: float = 0.2,
    effort: float = 0.1, low_position: float = 0.1,
) -> list[float]:  # fmt: skip
    """The equations of README.md, written once more without the file."""
    tacit, explicit = {"high": y[0], "low": y[2]}, {"high": y[1], "low": y[3]}
    trust, capital, outside, place = y[4:]
    knows = {k: tacit[k] + explicit[k] for k in KINDS}
    cost = 0.6 * (1 - 0.8 * capital) + 0.1 * rules
    effort_left = 1 - 0.15 * services - 0.4 * effort
    pools = []
    for stock in (tacit, explicit):
        most, least = max(stock.values()), min(stock.values())
        pools.append(most + 0.2 * least * max(place - most, 0) / (place + LITTLE))
    rates, outward, pulls = [], {}, 0.0
    for k, position in (("high", 0.8), ("low", low_position)):
        prior = knows[k] / (knows[k] + outside + LITTLE)
        absorbs = prior * (1 - effort) + effort
        reach = 1 - (1 - position) * (1 - absorbs)
        unwritten = max(outside - explicit[k], 0)
        skill_of_others = max(pools[0] - tacit[k], 0)
        bring, follow = 0.12 * absorbs * reach, 0.8 * absorbs * trust * (1 - cost)
        scale = knows[k] + LITTLE
        net_outward = bring * unwritten / scale - 0.15 * (1 - 0.5 * market) * (1 - reach)
        net_follow = follow * skill_of_others / scale - 0.06 * cost
        share = outward[k] = 1 / (1 + exp((net_follow - net_outward) / 0.02))
        exterior, auxiliary = effort_left * share * bring, 0.04 * services * absorbs
        pulls += exterior + auxiliary
        rates += [
            effort_left * (1 - share) * follow * skill_of_others
            + 0.3 * auxiliary * max(outside - tacit[k], 0)
            + 0.12 * trust * (1 - cost) * skill_of_others
            + 0.06 * trust * explicit[k] * max(place - tacit[k], 0) / (place + LITTLE)
            - 0.04 * tacit[k],
            exterior * unwritten
            + 0.06 * trust * tacit[k] * max(place - explicit[k], 0) / (place + LITTLE)
            + 0.12 * trust * (1 - cost) * max(pools[1] - explicit[k], 0)
            + 0.7 * auxiliary * unwritten
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
        pulls * max(outside - place, 0) - 0.02 * place,
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
        np.testing.assert_allclose(ours[name], values, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("rules", [0.0, 0.6, 1.0])
def test_no_firm_knows_more_than_the_place(model: Any, rules: float) -> None:
    run = sdcluster.simulate(model, settings={"rule enforcement": rules}, stop=200)
    place = run["knowledge of the place"] * (1 + 1e-9)
    for kind in ("tacit knowledge", "explicit knowledge"):
        assert bool((run[kind] <= place).all()), kind
    assert bool((place <= run["outside knowledge"]).all())


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


@pytest.mark.parametrize(
    ("rate", "network"),
    [("follow rate", "core"), ("service rate", "auxiliary"), ("outward rate", "exterior")],
)
def test_each_network_is_cut_alone(model: Any, rate: str, network: str) -> None:
    run = sdcluster.simulate(model, settings={rate: 0})
    flows = {n: float(run[f"{n} network inflow"].max()) for n in ("core", "auxiliary", "exterior")}
    assert [n for n, largest in flows.items() if largest == 0] == [network]


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
