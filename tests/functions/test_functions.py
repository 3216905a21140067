"""Functions of both languages by known values, limits and what scipy says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

import sdcluster

CURVE = "<gf><xpts>0,1,3</xpts><ypts>0,2,1</ypts></gf>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ROOTN(27, 3)", 3),
        ("ROOTN(-27, 3)", -3),
        ("ROOTN(16, 4)", 2),
        ("SIGN(-x) + 10 * SIGN(x) + SIGN(0)", 9),
        ("PERCENT(0.25)", 25),
        ("PCT(0.25)", 25),
        ("LOGN(x)", math.log(3)),
        ("CLIP(1, 2, x, 3)", 1),
        ("CLIP(1, 2, x, 4)", 2),
        ("GAMMALN(4.5)", special.gammaln(4.5)),
        ("FACTORIAL(10)", 3628800),
        ("FACTORIAL(0)", 1),
        ("COMBINATIONS(50, 3)", 19600),
        ("COMBINATIONS(3, 5)", 0),
        ("PERMUTATIONS(5, 3)", 60),
        ("NORMALCDF(-1, 2)", stats.norm.cdf(2) - stats.norm.cdf(-1)),
        ("NORMALCDF(8, 14, 10, 2)", stats.norm.cdf(2) - stats.norm.cdf(-1)),
        ("INVNORM(0.001)", stats.norm.ppf(0.001)),
        ("INVNORM(0.975, 100, 15)", stats.norm.ppf(0.975, 100, 15)),
        ("SSHAPE(0.5, 2, 6)", 4),
        ("MEAN(x, 5, 10)", 6),
        ("RAMP(2)", 0),
        ("PULSE(2)", 16),
        ("SINWAVE(-2, 8)", 2 * math.sin(2 * math.pi * 5 / 8)),
        ("COSWAVE(2, 8)", 2 * math.cos(2 * math.pi * 5 / 8)),
        ("CGROWTH(10)", (1.1**0.125 - 1) / 0.125),
    ],
)
def test_value(evaluate, text: str, expected: float) -> None:
    assert evaluate(text, time=5.0, x="3") == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(
    "text", ["GAMMALN(-1)", "ROOTN(-4, 2)", "FACTORIAL(-2)", "INVNORM(2)", "NORMALCDF(0, 1, 0, 0)"]
)
def test_what_has_no_value_stops_the_run_with_a_sentence(evaluate, text: str) -> None:
    with pytest.raises(sdcluster.SimulationError, match="result"):
        evaluate(text)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_counter_starts_again(workshop, backend: str) -> None:
    path = workshop.write(workshop.aux("c", "COUNTER(2, 4)"), start=1, stop=6, dt=0.1)
    c = sdcluster.simulate(path, method="euler", backend=backend)["c"].values
    expected = 2 + np.round(np.arange(51) * 0.1, 9) % 2
    np.testing.assert_allclose(c, expected, atol=1e-9)


def test_compound_growth_does_not_depend_on_the_step(workshop) -> None:
    ends = []
    for dt in (1.0, 0.25, 0.0625):
        path = workshop.write(
            workshop.stock("s", "100", "grow"),
            workshop.flow("grow", "s * CGROWTH(7)"),
            stop=10,
            dt=dt,
        )
        ends.append(float(sdcluster.simulate(path, method="euler")["s"][-1]))
    assert ends == pytest.approx([100 * 1.07**10] * 3, rel=1e-12)


OF_A_CURVE = {
    "LOOKUPAREA(curve)": 1 + 3,
    "LOOKUPAREA(curve, 2)": 1 + (2 + 1.5) / 2,
    "LOOKUPAREA(curve, 2, 0.5)": (1 + 2) / 4 + (2 + 1.5) / 2,
    "LOOKUPAREA(curve, -5, 50)": 4,
    "LOOKUPINV(curve, 1.5)": 0.75,
    "LOOKUPINV(curve, 9)": 3,
    "LOOKUPMEAN(curve, 0, 1)": 2 / 3,
}


@pytest.mark.parametrize("backend", ["python", "native"])
def test_functions_of_a_graphical_function(workshop, backend: str) -> None:
    names = [f"x{i}" for i in range(len(OF_A_CURVE))]
    own = [workshop.aux(n, text) for n, text in zip(names, OF_A_CURVE, strict=True)]
    path = workshop.write(*own, f'<aux name="curve">{CURVE}</aux>')
    run = sdcluster.simulate(path, method="euler", backend=backend)
    found = [float(run[n][0]) for n in names]
    assert found == pytest.approx(list(OF_A_CURVE.values()), rel=1e-12)


def test_area_of_a_staircase(workshop) -> None:
    stairs = CURVE.replace("<gf>", '<gf type="discrete">')
    path = workshop.write(
        workshop.aux("x", "LOOKUPAREA(curve, 0.5, 2)"), f'<aux name="curve">{stairs}</aux>'
    )
    assert float(sdcluster.simulate(path, method="euler")["x"][0]) == pytest.approx(0.5 * 0 + 2)


MDL = """{{UTF-8}}
{}
g((0,0),(1,2),(3,1)) ~~|
FINAL TIME = 4 ~~|
INITIAL TIME = 0 ~~|
SAVEPER = TIME STEP ~~|
TIME STEP = 1 ~~|
"""


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("LOOKUP AREA(g, 0, 3)", [4] * 5),
        ("LOOKUP AREA(g, 3, 0)", [-4] * 5),
        ("LOOKUP AREA(g, 3, 3 + Time)", [0, 1, 2, 3, 4]),
        ("LOOKUP AREA(g, 4 + Time, 3)", [-1, -2, -3, -4, -5]),
        ("LOOKUP AREA(g, -2, -1)", [0] * 5),
        ("LOOKUP SLOPE(g, 0.5 + Time)", [2, -0.5, -0.5, 0, 0]),
        ("LOOKUP SLOPE(g, 1, -1)", [0.75] * 5),
        ("LOOKUP SLOPE(g, 1, 1)", [0.75] * 5),
        ("LOOKUP SLOPE(g, 1, 0)", [0.75] * 5),
        ("LOOKUP SLOPE(g, 4, 1)", [-0.5] * 5),
        ("LOOKUP SLOPE(g, -1, 1)", [2] * 5),
        ("LOOKUP SLOPE(g, 4, -1)", [np.nan] * 5),
        ("LOOKUP INVERT(g, Time / 2)", [0, 0.25, 0.5, 0.75, 1]),
        ("LOOKUP INVERT(g, 3 - 4 * Time)", [np.nan] * 5),
        ("TABLE(g, Time)", [0, 2, 1.5, 1, 1]),
        ("GAMMA LN(3 + Time)", special.gammaln(3.0 + np.arange(5))),
        ("RAMP(2, 1, 3)", [0, 0, 2, 4, 4]),
        ("RAMP(2, 1, 0)", [0, 0, 2, 4, 6]),
        ("PULSE(2, 0)", [0, 0, 1, 0, 0]),
        ("SSHAPE(Time / 4, 0, 1)", special.expit(4 * (np.arange(5) / 2 - 1))),
    ],
)
def test_vensim(workshop, equation: str, expected: list[float]) -> None:
    path = workshop.raw(MDL.format(f"x = {equation} ~~|"), ".mdl")
    x = sdcluster.simulate(path, method="euler")["x"].values
    np.testing.assert_allclose(x, expected, rtol=1e-12)


# The examples of Vensim's manual, each a page with the name of its function; the lookups are the pages' own. That of
# LOOKUP SLOPE prints points which its results contradict: they are those of this lookup.
OF_THE_MANUAL = {
    "LOOKUP AREA(look, 0, 1)": 1.0,
    "LOOKUP AREA(look, 2, 4)": 4.0,
    "LOOKUP AREA(look, 0.5, 2.5)": 3.0,
    "LOOKUP EXTRAPOLATE(look, -1)": 1.0,
    "LOOKUP EXTRAPOLATE(look, 1.5)": 1.5,
    "LOOKUP EXTRAPOLATE(look, 2.5)": 2.5,
    "LOOKUP FORWARD(look, -1)": 1.0,
    "LOOKUP FORWARD(look, 1.5)": 2.0,
    "LOOKUP FORWARD(look, 2.5)": 2.0,
    "LOOKUP BACKWARD(look, -1)": 1.0,
    "LOOKUP BACKWARD(look, 1.5)": 1.0,
    "LOOKUP BACKWARD(look, 2.5)": 2.0,
    "LOOKUP INVERT(to invert, -1)": np.nan,
    "LOOKUP INVERT(to invert, 0.5)": 0.5,
    "LOOKUP INVERT(to invert, 1.5)": 2.0,
    "LOOKUP SLOPE(sloping, -1, -1)": np.nan,
    "LOOKUP SLOPE(sloping, -1, 0)": 0.0,
    "LOOKUP SLOPE(sloping, -1, 1)": 1.0,
    "LOOKUP SLOPE(sloping, 1, 0)": 0.75,
    "LOOKUP SLOPE(sloping, 0.5, 0)": 1.0,
    "LOOKUP SLOPE(sloping, 1.5, 0)": 0.5,
    "LOOKUP SLOPE(twice, 1, 0)": np.nan,
    "QUANTUM(1.9, 1.0)": 1.0,
    "QUANTUM(-0.9, 1.0)": 0.0,
    "QUANTUM(-1.9, 1.0)": -1.0,
    "QUANTUM(112.3, 10.0)": 110.0,
    "QUANTUM(423, 63)": 378.0,
    "QUANTUM(-7, 0)": -7.0,
    "QUANTUM(-7, -2)": -7.0,
    "WITH LOOKUP(1.5, ((0,1),(1,1),(2,2)))": 1.5,
}
LOOKUPS = """look((0,1),(1,1),(2,2)) ~~|
to invert((0,0),(1,1),(3,2)) ~~|
sloping((0,1),(1,2),(2,2.5)) ~~|
twice((0,0),(1,1),(1,3),(2,4)) ~~|
"""


@pytest.mark.parametrize("backend", ["python", "native"])
def test_examples_of_the_manual_of_vensim(workshop, backend: str) -> None:
    text = "".join(f"x{i} = {e} ~~|\n" for i, e in enumerate(OF_THE_MANUAL))
    text += "g((0,0),(1,2)) ~~|\n"
    path = workshop.raw(
        MDL.replace("g((0,0),(1,2),(3,1)) ~~|\n", "").format(text + LOOKUPS), ".mdl"
    )
    run = sdcluster.simulate(path, method="euler", backend=backend)
    found = [float(run[f"x{i}"][-1]) for i in range(len(OF_THE_MANUAL))]
    assert found == pytest.approx(list(OF_THE_MANUAL.values()), nan_ok=True)
