"""Allocation and market functions of Vensim: shares sum up, prices clear, profiles have their shapes."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

import sdcluster

HEAD = """{UTF-8}
profile: ptype, ppriority, pwidth, pextra ~~|
buyer: b1, b2 ~~|
seller: s1, s2, s3 ~~|
FINAL TIME = 10 ~~|
INITIAL TIME = 0 ~~|
SAVEPER = TIME STEP ~~|
TIME STEP = 1 ~~|
"""
MARKET = """
kind = {kind} ~~|
demand profile[buyer, ptype] = kind ~~|
demand profile[buyer, ppriority] = 3, 5 ~~|
demand profile[buyer, pwidth] = 1.5, 2 ~~|
demand profile[buyer, pextra] = 1 ~~|
supply profile[seller, ptype] = kind ~~|
supply profile[seller, ppriority] = 2, 4, 6 ~~|
supply profile[seller, pwidth] = 1, 2, 3 ~~|
supply profile[seller, pextra] = 1 ~~|
most[buyer] = 8, 5 ~~|
wanted[buyer] = Time * most[buyer] ~~|
capacity[seller] = 20, 30, 40 ~~|
price = FIND MARKET PRICE(wanted[b1], demand profile[b1, ptype], capacity[s1], supply profile[s1, ptype]) ~~|
bought[buyer] = DEMAND AT PRICE(wanted[buyer], demand profile[buyer, ptype], price) ~~|
sold[seller] = SUPPLY AT PRICE(capacity[seller], supply profile[seller, ptype], price) ~~|
"""
# The share demanded at a distance z, in widths, below the priority.
SHAPES = {
    1: lambda z: np.clip(z + 0.5, 0, 1),
    2: lambda z: stats.triang(0.5, -0.5, 1).cdf(z),
    3: stats.norm.cdf,
    4: stats.laplace.cdf,
}
REACH = {1: 0.5, 2: 0.5, 3: 5.0, 4: 10.0}


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("kind", SHAPES)
def test_the_price_clears_the_market(workshop, kind: int, backend: str) -> None:
    path = workshop.raw(HEAD + MARKET.format(kind=kind), ".mdl")
    run = sdcluster.simulate(path, method="euler", backend=backend)
    price, bought, sold = (run[n].values for n in ("price", "bought", "sold"))
    assert price[0] == pytest.approx(min(2 - REACH[kind], 4 - 2 * REACH[kind], 6 - 3 * REACH[kind]))
    np.testing.assert_allclose(bought.sum(axis=1)[1:], sold.sum(axis=1)[1:], rtol=1e-9)
    share = SHAPES[kind]

    def excess(x: float, t: float) -> float:
        demand = 8 * t * share((3 - x) / 1.5) + 5 * t * share((5 - x) / 2)
        offers = zip((20, 30, 40), (2, 4, 6), (1, 2, 3), strict=True)
        return demand - sum(q * (1 - share((p - x) / w)) for q, p, w in offers)

    for t in (3, 10):
        exact = optimize.brentq(excess, -30, 40, args=(t,), xtol=1e-12)
        assert price[t] == pytest.approx(
            exact, abs=2e-4
        )  # Vensim's normal curve is an approximation


def test_fixed_quantities_know_no_price(workshop) -> None:
    run = sdcluster.simulate(workshop.raw(HEAD + MARKET.format(kind=0), ".mdl"), method="euler")
    np.testing.assert_allclose(run["bought"].values, run["wanted"].values)
    np.testing.assert_allclose(run["sold"].values, np.broadcast_to([20, 30, 40], (11, 3)))


def test_constant_elasticity(workshop) -> None:
    text = (
        MARKET.format(kind=5)
        .replace("= 1.5, 2 ~~|", "= 90 ~~|")
        .replace("= 1, 2, 3 ~~|", "= 0 ~~|")
    )
    run = sdcluster.simulate(workshop.raw(HEAD + text, ".mdl"), method="euler")
    price = run["price"].values[1:]
    half = run["wanted"].values[1:] / 2 * np.array([3, 5]) / price[:, None]
    np.testing.assert_allclose(
        run["bought"].values[1:], np.minimum(half, run["wanted"].values[1:]), rtol=1e-9
    )
    np.testing.assert_allclose(
        run["bought"].sum("buyer").values, run["sold"].sum("seller").values, rtol=1e-6
    )


@pytest.mark.parametrize("kind", range(6))
def test_shares_sum_up_to_the_supply(workshop, kind: int) -> None:
    equations = f"""
asked[seller] = 20, 30, 40 ~~|
curve[seller, ptype] = {kind} ~~|
curve[seller, ppriority] = 2, 4, 6 ~~|
curve[seller, pwidth] = 3 ~~|
curve[seller, pextra] = 1 ~~|
given[seller] = ALLOCATE AVAILABLE(asked[seller], curve[seller, ptype], Time * 10) ~~|
"""
    given = sdcluster.simulate(workshop.raw(HEAD + equations, ".mdl"), method="euler")["given"]
    expected = np.minimum(np.arange(11) * 10, 90)
    if kind < 5:
        np.testing.assert_allclose(given.sum("seller").values, expected, rtol=1e-6)
    if kind == 0:
        np.testing.assert_allclose(given.values[3], [20 / 3, 10, 40 / 3])
    else:
        share = given.values[1:] / [20, 30, 40]
        assert np.all(np.diff(share, axis=1) >= -1e-9)  # a higher priority gets no smaller share


def test_whole_shares(workshop) -> None:
    equations = """
asked[seller] = 20, 30, 40 ~~|
curve[seller, ptype] = 13 ~~|
curve[seller, ppriority] = 2, 3, 4 ~~|
curve[seller, pwidth] = 2 ~~|
curve[seller, pextra] = 0 ~~|
given[seller] = ALLOCATE AVAILABLE(asked[seller], curve[seller, ptype], Time * 7.5) ~~|
"""
    given = sdcluster.simulate(workshop.raw(HEAD + equations, ".mdl"), method="euler")["given"]
    assert np.all(given.values % 1 == 0)
    np.testing.assert_array_equal(given.sum("seller").values, np.floor(np.arange(11) * 7.5))


def test_two_steps_are_the_same_as_one(workshop) -> None:
    equations = """
asked[seller] = 20, 30, 40 ~~|
rank[seller] = 2, 3, 4 ~~|
at once[seller] = ALLOCATE BY PRIORITY(asked[seller], rank[seller], ELMCOUNT(seller), 1.5, Time * 8) ~~|
cut = MARKETP(asked[s1], rank[s1], ELMCOUNT(seller), 1.5, Time * 8) ~~|
in two[seller] = ALLOC P(asked[seller], rank[seller], 1.5, cut) ~~|
"""
    run = sdcluster.simulate(workshop.raw(HEAD + equations, ".mdl"), method="euler")
    np.testing.assert_allclose(run["at once"].values, run["in two"].values, rtol=1e-12)
    np.testing.assert_allclose(run["at once"].sum("seller").values, np.arange(11) * 8, rtol=1e-9)
    # A gap of priorities above the width: the lower one starts when the higher one is served.
    assert run["at once"].values[3].tolist() == pytest.approx([0, 0, 24], abs=12)


def test_allocation_over_another_subscript_than_the_last_is_refused(workshop) -> None:
    equations = """
asked[buyer, seller] = 20 ~~|
curve[seller, profile] = 1 ~~|
given[seller, buyer] = ALLOCATE AVAILABLE(asked[buyer, seller], curve[seller, ptype], 30) ~~|
"""
    with pytest.raises(sdcluster.ModelError, match='"buyer" on the left side but "seller" in the'):
        sdcluster.simulate(workshop.raw(HEAD + equations, ".mdl"))


SHARED = """
asked[buyer, seller] = 20, 30, 40; 25, 15, 5; ~~|
curve[seller, ptype] = {kind} ~~|
curve[seller, ppriority] = 2, 4, 3 ~~|
curve[seller, pwidth] = 1.5 ~~|
curve[seller, pextra] = 0 ~~|
supply[b1] = 50 ~~|
supply[b2] = Time * 4 ~~|
given[buyer, seller] = ALLOCATE AVAILABLE(asked[buyer, seller], curve[seller, ptype], supply[buyer]) ~~|
"""


def stella(workshop, *equations: str, dimensions: tuple[str, ...] = ("buyer", "seller")) -> Path:
    """Return a model in which two buyers share, in the words of Stella."""
    axes = {"buyer": ("b1", "b2"), "seller": ("s1", "s2", "s3")}
    known = "".join(
        f'<dim name="{d}">' + "".join(f'<elem name="{e}"/>' for e in axes[d]) + "</dim>"
        for d in axes
    )

    def array(name: str, own: tuple[str, ...], *texts: str) -> str:
        inside = "".join(f'<dim name="{d}"/>' for d in own)
        cells = list(itertools.product(*(axes[d] for d in own)))
        elements = "".join(
            f'<element subscript="{", ".join(c)}"><eqn>{t}</eqn></element>'
            for c, t in zip(cells, texts, strict=False)
        )
        own_equation = f"<eqn>{texts[0]}</eqn>" if len(texts) == 1 else elements
        return f'<aux name="{name}"><dimensions>{inside}</dimensions>{own_equation}</aux>'

    return workshop.write(
        array("asked", ("buyer", "seller"), "20", "30", "40", "25", "15", "5"),
        array("rank", ("seller",), "2", "4", "3"),
        array("supply", ("buyer",), "50", "TIME * 4"),
        *(array(f"given {i}", dimensions, e) for i, e in enumerate(equations)),
        extra=f"<dimensions>{known}</dimensions>",
        stop=10,
        dt=1,
    )


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("kind", [1, 3])
def test_allocation_in_stella_is_that_of_vensim(workshop, kind: int, backend: str) -> None:
    equations = SHARED.format(kind=kind)
    vensim = sdcluster.simulate(workshop.raw(HEAD + equations, ".mdl"), method="euler")["given"]
    call = f"ALLOCATE(supply[buyer], seller, asked[buyer, {{}}], rank{{}}, 1.5, {kind})"
    written = call.format("*", "[*]"), call.format("seller", "")
    for order in (("buyer", "seller"), ("seller", "buyer")):
        path = stella(workshop, *written, dimensions=order)
        run = sdcluster.simulate(path, method="euler", backend=backend)
        for name in ("given 0", "given 1"):
            np.testing.assert_allclose(
                run[name].transpose("time", "buyer", "seller"), vensim.values, rtol=1e-9
            )


def test_allocation_in_stella_without_a_kind_is_rectangular(workshop) -> None:
    call = "ALLOCATE(supply[buyer], seller, asked, rank, 1.5{})"
    run = sdcluster.simulate(stella(workshop, call.format(""), call.format(", 1")))
    np.testing.assert_array_equal(run["given 0"], run["given 1"])


def test_allocation_in_stella_over_no_dimension_of_its_own_is_refused(workshop) -> None:
    path = stella(workshop, "ALLOCATE(5, buyer, asked[b1, *], rank, 1)", dimensions=("seller",))
    with pytest.raises(sdcluster.ModelError, match="over a dimension of the left side"):
        sdcluster.simulate(path)


def test_a_profile_with_too_few_elements_is_refused(workshop) -> None:
    text = HEAD.replace(", pextra", "") + MARKET.format(kind=1).replace(
        "demand profile[buyer, pextra] = 1 ~~|\n", ""
    ).replace("supply profile[seller, pextra] = 1 ~~|\n", "")
    with pytest.raises(sdcluster.ModelError, match="four elements"):
        sdcluster.simulate(workshop.raw(text, ".mdl"))
