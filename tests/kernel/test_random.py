"""Random numbers: distributed as they should be, the same for the same seed in plain Python and in compiled code."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

import sdcluster
from sdcluster.kernel.library import distributions

STEPS = 3000

STELLA = {
    "UNIFORM(2, 5, 3)": stats.uniform(2, 3),
    "NORMAL(10, 3, 4)": stats.norm(10, 3),
    "NORMAL(10, 3, 4, 9, 14)": stats.truncnorm(-1 / 3, 4 / 3, 10, 3),
    "EXPRND(4, 5)": stats.expon(scale=4),
    "LOGNORMAL(1, 0.5, 6)": stats.lognorm(0.5, scale=np.e),
    "BETA(2, 3, 7)": stats.beta(2, 3),
    "BINOMIAL(9, 0.3, 8)": stats.binom(9, 0.3),
    "GAMMA(2.5, 3, 9)": stats.gamma(2.5, scale=3),
    "GEOMETRIC(0.3, 10)": stats.geom(0.3, -1),
    "LOGISTIC(5, 2, 11)": stats.logistic(5, 2),
    "NEGBINOMIAL(3, 0.4, 12)": stats.nbinom(3, 0.4),
    "PARETO(3, 2, 13)": stats.pareto(3, scale=2),
    "POISSON(4.2, 14)": stats.poisson(4.2),
    "TRIANGULAR(1, 2, 6, 15)": stats.triang(0.2, 1, 5),
    "WEIBULL(1.5, 2, 16)": stats.weibull_min(1.5, scale=2),
    "MONTECARLO(30, 17)": stats.bernoulli(0.3),
}
WIDE = "-1000, 1000"
VENSIM = {
    "RANDOM 0 1()": stats.uniform(),
    f"RANDOM NORMAL({WIDE}, 2, 3, 1)": stats.norm(2, 3),
    f"RANDOM EXPONENTIAL({WIDE}, 2, 3, 1)": stats.expon(2, 3),
    f"RANDOM BETA({WIDE}, 2, 3, 1, 4, 1)": stats.beta(2, 3, 1, 4),
    f"RANDOM BINOMIAL({WIDE}, 0.3, 9, 0, 1, 1)": stats.binom(9, 0.3),
    f"RANDOM GAMMA({WIDE}, 3, 1, 2, 1)": stats.gamma(3, 1, 2),
    f"RANDOM NEGATIVE BINOMIAL({WIDE}, 0.4, 3, 0, 1, 1)": stats.nbinom(3, 0.4, 3),
    f"RANDOM POISSON({WIDE}, 4.2, 0, 1, 1)": stats.poisson(4.2),
    f"RANDOM TRIANGULAR({WIDE}, 1, 2, 6, 1)": stats.triang(0.2, 1, 5),
    f"RANDOM WEIBULL({WIDE}, 1.5, 1, 2, 1)": stats.weibull_min(
        1.5, 1, 2 / special.gamma(1 + 1 / 1.5)
    ),
    "RANDOM EXPONENTIAL(1, 3, 0, 2, 1)": stats.truncexpon(1, 1, 2),
}


def fits(sample: np.ndarray, law) -> bool:
    """Whether a sample may come from a law: Kolmogorov-Smirnov, or χ² for whole numbers."""
    if not hasattr(law.dist, "pmf"):
        return stats.kstest(sample, law.cdf).pvalue > 1e-3
    low, high = int(law.ppf(0.02)), int(law.ppf(0.98))
    seen = np.array([np.sum(np.clip(sample, low, high) == k) for k in range(low, high + 1)])
    chances = law.cdf(np.arange(low, high + 1))
    chances[-1] = 1.0
    chances = np.diff(chances, prepend=0.0)
    return stats.chisquare(seen, chances * len(sample)).pvalue > 1e-3


def mdl(equations: list[str], steps: int) -> str:
    lines = [f"x{i} = {e} ~~|" for i, e in enumerate(equations)]
    clock = f"FINAL TIME = {steps} ~~|\nINITIAL TIME = 0 ~~|\nSAVEPER = 1 ~~|\nTIME STEP = 1 ~~|\n"
    return "\n".join(["{UTF-8}", "g((0,1),(1,3),(3,0)) ~~|", *lines, clock])


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> dict[str, np.ndarray]:
    folder = tmp_path_factory.mktemp("random")
    head = '<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">'
    specs = f"<sim_specs><start>0</start><stop>{STEPS}</stop><dt>1</dt></sim_specs>"
    own = "".join(f'<aux name="x{i}"><eqn>{e}</eqn></aux>' for i, e in enumerate(STELLA))
    (folder / "m.xmile").write_text(
        f"{head}{specs}<model><variables>{own}</variables></model></xmile>"
    )
    (folder / "m.mdl").write_text(mdl(list(VENSIM), STEPS))
    found = {}
    for file, laws in (("m.xmile", STELLA), ("m.mdl", VENSIM)):
        run = sdcluster.simulate(folder / file, method="euler", seed=1)
        found |= {e: run[f"x{i}"].values for i, e in enumerate(laws)}
    return found


@pytest.mark.parametrize("call", [*STELLA, *VENSIM])
def test_distribution(samples, call: str) -> None:
    law = (STELLA | VENSIM)[call]
    sample = samples[call]
    assert fits(sample, law)
    if np.isfinite(law.var()):
        assert sample.mean() == pytest.approx(law.mean(), abs=5 * law.std() / np.sqrt(len(sample)))


def test_different_calls_are_not_alike(samples) -> None:
    ranks = np.array([stats.rankdata(s) for s in samples.values()])
    together = np.corrcoef(ranks) - np.eye(len(ranks))
    assert np.abs(together).max() < 5 / np.sqrt(STEPS)


def test_both_backends_give_the_same_numbers(workshop) -> None:
    calls = [
        *VENSIM,
        "RANDOM LOOKUP(g, 0, 9, 0, 1, 1)",
        "RANDOM PINK NOISE(5, 2, 8, 1)",
    ]
    path = workshop.raw(mdl(calls, 50), ".mdl")
    runs = [
        sdcluster.simulate(path, method="euler", backend=b, seed=7) for b in ("python", "native")
    ]
    for i in range(len(calls)):
        np.testing.assert_allclose(runs[0][f"x{i}"], runs[1][f"x{i}"], rtol=1e-11)
    other = sdcluster.simulate(path, method="euler", seed=8)
    assert all(not np.array_equal(other[f"x{i}"], runs[0][f"x{i}"]) for i in range(len(calls)))


def test_runs_of_an_ensemble_have_the_bits_of_machine_code_alone(workshop) -> None:
    pytest.importorskip("llvmlite")
    calls = ["RANDOM NORMAL(-3, 3, 0, 1, 7)", "RANDOM EXPONENTIAL(0, 9, 0, 1, 7)", "LN(1 + TIME)"]
    path = workshop.raw(mdl(calls, 300) + "unused = 1 ~~|\n", ".mdl")
    names = [f"x{i}" for i in range(len(calls))]
    # In eight lanes, and in three of the next eight.
    runs = sdcluster.ensemble(path, {"unused": np.arange(11.0)}, keep=names)
    native, python = (
        sdcluster.simulate(path, method="euler", backend=b) for b in ("native", "python")
    )
    for name in names:
        assert all(np.array_equal(row, native[name]) for row in runs[name].values), name
        # The C library rounds differently, as docs/reference/ensembles.md says.
        np.testing.assert_allclose(python[name], native[name], rtol=1e-12)


def test_a_lookup_as_density(workshop) -> None:
    path = workshop.raw(mdl(["RANDOM LOOKUP(g, 1, 6, 1, 2, 1)"], 4000), ".mdl")
    x = sdcluster.simulate(path, method="euler")["x0"].values
    grid = np.linspace(1, 6, 5001)
    density = np.interp((grid - 1) / 2, [0, 1, 3], [1, 3, 0])
    below = integrate.cumulative_simpson(density, x=grid, initial=0)
    assert stats.kstest(x, lambda v: np.interp(v, grid, below / below[-1])).pvalue > 1e-3
    assert 1 <= x.min() < x.max() <= 6


@pytest.mark.parametrize("step", [1.0, 0.25])
def test_pink_noise_has_its_deviation_and_memory_whatever_the_step(workshop, step: float) -> None:
    text = mdl(["RANDOM PINK NOISE(10, 2, 5, 1)"], 20000).replace(
        "TIME STEP = 1", f"TIME STEP = {step}"
    )
    x = sdcluster.simulate(workshop.raw(text, ".mdl"), method="euler", backend="native")[
        "x0"
    ].values
    assert x.mean() == pytest.approx(10, abs=0.3)
    assert x.std() == pytest.approx(2, rel=0.07)
    correlation = np.corrcoef(x[:-1], x[1:])[0, 1]  # of values one unit of time apart
    assert correlation == pytest.approx((1 - step / 5) ** (1 / step), abs=0.03)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("RANDOM NORMAL(5, 6, 1, 0, 1)", 5),
        ("RANDOM EXPONENTIAL(-9, -7, 0, 1, 1)", -7),
        ("RANDOM POISSON(2.5, 2.7, 4, 0, 1, 1)", 2.7),
        ("RANDOM GAMMA(3, 3, 2, 0, 1, 1)", 3),
        ("RANDOM BETA(0, 9, 2, 2, 4, 0, 1)", 4),
        ("RANDOM BINOMIAL(0, 9, 7, 3, 0, 1, 1)", 3),
        ("RANDOM BINOMIAL(0, 9, 1, 2.6, 0, 1, 1)", 3),  # the manual: draws are rounded
        ("RANDOM BINOMIAL(0, 9, 1, 2.4, 0, 1, 1)", 2),
    ],
)
def test_where_the_bounds_leave_nothing(workshop, call: str, expected: float) -> None:
    path = workshop.raw(mdl([call], 3), ".mdl")
    assert np.all(sdcluster.simulate(path, method="euler")["x0"].values == expected)


@pytest.mark.parametrize(
    ("call", "mean", "deviation"),
    [
        ("RANDOM POISSON(0, 1e12, 4e6, 0, 1, 1)", 4e6, 2e3),
        ("RANDOM BINOMIAL(0, 1e12, 0.5, 4e6, 0, 1, 1)", 2e6, 1e3),
        ("RANDOM GAMMA(0, 1e12, 4e6, 0, 1, 1)", 4e6, 2e3),
        ("RANDOM BETA(0, 1, 4e6, 4e6, 0, 1, 1)", 0.5, 0.5 / np.sqrt(8e6)),
    ],
)
def test_large_parameters_are_as_good_as_normal(
    workshop, call: str, mean: float, deviation: float
) -> None:
    path = workshop.raw(mdl([call], 500), ".mdl")
    x = sdcluster.simulate(path, method="euler")["x0"].values
    assert x.mean() == pytest.approx(mean, abs=deviation / 4)
    assert x.std() == pytest.approx(deviation, rel=0.15)


@pytest.mark.parametrize("a", [0.3, 1.0, 4.0, 90.0, 3000.0])
def test_incomplete_functions(a: float) -> None:
    for u in (1e-6, 0.2, 0.5, 0.9, 0.999999):
        x = float(stats.gamma(a).ppf(u))
        assert distributions.gamma_below(a, x) == pytest.approx(special.gammainc(a, x), rel=1e-10)
        y = float(stats.beta(a, 2.5).ppf(u))
        assert distributions.beta_below(a, 2.5, y) == pytest.approx(
            special.betainc(a, 2.5, y), rel=1e-9
        )
        assert distributions.unknown_quantile(4, u, a, 0.0) == pytest.approx(x, rel=1e-9)
