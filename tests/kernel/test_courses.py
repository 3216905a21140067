"""Functions that look back: varying delays, history, derivatives, finance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

import sdcluster

BACKENDS = ("python", "native")
CLOCK = """
FINAL TIME = {stop} ~~|
INITIAL TIME = 0 ~~|
SAVEPER = TIME STEP ~~|
TIME STEP = {dt} ~~|
"""


@pytest.fixture
def vensim(workshop):
    """Run a Vensim model with all backends, and return the values of some variables."""

    def values(text: str, *names: str, stop: float = 12, dt: float = 1) -> list[np.ndarray]:
        path = workshop.raw("{UTF-8}\n" + text + CLOCK.format(stop=stop, dt=dt), ".mdl")
        runs = [sdcluster.simulate(path, method="euler", backend=b) for b in BACKENDS]
        for name in names:
            for run in runs[1:]:
                np.testing.assert_allclose(run[name], runs[0][name], rtol=1e-12, atol=1e-12)
        return [runs[0][name].values for name in names]

    return values


def delayed(x, times, start, missing=None, dt=1.0):
    """Return what arrives: the sum of all (material), or the latest of them, kept (information)."""
    steps = [max(round(t / dt), 1) for t in times]
    found, kept = [], start
    for n in range(len(x)):
        here = [x[i] for i in range(n) if i + steps[i] == n]
        if missing is None:
            arrived = [x[i] for i in range(n) if i + steps[i] <= n]
            kept = arrived[-1] if arrived else start
            found.append(kept)
        else:
            early = n < steps[0]
            found.append(sum(here) + start * early if here or early else missing)
    return found


def test_delays_of_varying_length(vensim) -> None:
    text = """
x = 10 + Time * Time ~~|
long = 4 + STEP(3, 5) - STEP(5, 9) ~~|
m = DELAY MATERIAL(x, long, 7, -1) ~~|
i = DELAY INFORMATION(x, long, 7) ~~|
f = DELAY FIXED(x, 4, 7) ~~|
same = DELAY MATERIAL(x, 4, 7, 0) ~~|
alike = DELAY INFORMATION(x, 4, 7) ~~|
"""
    names = ("x", "long", "m", "i", "f", "same", "alike")
    x, long, m, i, f, same, alike = vensim(text, *names, stop=24, dt=0.5)
    np.testing.assert_allclose(m, delayed(x, long, 7, -1, dt=0.5))
    np.testing.assert_allclose(i, delayed(x, long, 7, dt=0.5))
    np.testing.assert_allclose(same, f)
    np.testing.assert_allclose(alike, f)
    # While the delay shortens, material piles up; where it lengthens, nothing arrives for a while.
    assert m.max() > x.max() / 2 > 0 > m.min()


def test_arrays_have_courses_of_their_own(vensim) -> None:
    text = """
d: p, q ~~|
rate[d] = 1, 3 ~~|
x[d] = rate[d] * Time ~~|
m[d] = DELAY MATERIAL(x[d], rate[d], 5, 0) ~~|
"""
    (m,) = vensim(text, "m", stop=6)
    assert m[:, 0].tolist() == [5, 0, 1, 2, 3, 4, 5]
    assert m[:, 1].tolist() == [5, 5, 5, 0, 3, 6, 9]


def test_pipeline_of_a_delay(vensim) -> None:
    text = """
orders = 10 + STEP(5, 3) ~~|
sales = DELAYP(orders, 6 : on the way) ~~|
plain = DELAY3(orders, 6) ~~|
"""
    orders, sales, plain, way = vensim(text, "orders", "sales", "plain", "on the way", stop=40)
    np.testing.assert_allclose(sales, plain)
    assert way[0] == pytest.approx(60)
    np.testing.assert_allclose(np.diff(way), (orders - sales)[:-1])


def test_straight_line_depreciation(vensim) -> None:
    text = """
buy = IF THEN ELSE(Time = 2, 100, IF THEN ELSE(Time = 4, 60, 0)) ~~|
a = DEPRECIATE STRAIGHTLINE(buy, 5, 1, 0) ~~|
flat = DEPRECIATE STRAIGHTLINE(7, 4, 2, 7) ~~|
years = DEPRECIATE STRAIGHTLINE(buy, 6, 3, 0) ~~|
"""
    buy, a, flat, years = vensim(text, "buy", "a", "flat", "years")
    expected = np.convolve(buy, np.full(5, 0.2))[:13]
    np.testing.assert_allclose(a, expected, atol=1e-12)
    np.testing.assert_allclose(flat, 7)
    # Two periods of three years: half at once, half in the period after.
    assert years.tolist() == pytest.approx(
        [0, 0, 50, 50 / 3, 50 / 3 + 30, 50 / 3, 10, 10, 10, 0, 0, 0, 0]
    )
    assert years.sum() == pytest.approx(160)


def test_depreciation_by_schedule(vensim) -> None:
    text = """
part: y1, y2, y3 ~~|
share[part] = 50, 30, 20 ~~|
old[part] = 5, 2, 0 ~~|
buy = IF THEN ELSE(Time = 1, 100, 0) ~~|
none = 0 ~~|
new = DEPRECIATE BY SCHEDULE(buy, share[y1], none, 3, INITIAL TIME) ~~|
all = DEPRECIATE BY SCHEDULE(buy, share[y1], old[y1], 3, Time) ~~|
"""
    new, whole = vensim(text, "new", "all", stop=6)
    assert new.tolist() == pytest.approx([0, 50, 30, 20, 0, 0, 0])
    assert (whole - new).tolist() == pytest.approx([5, 2, 0, 0, 0, 0, 0])


def test_internal_rate_of_return(vensim) -> None:
    text = """
pay = 30 ~~|
r = INTERNAL RATE OF RETURN(pay, 1, -100, 0) ~~|
quarterly = INTERNAL RATE OF RETURN(pay, 4, -300, 0) ~~|
never = INTERNAL RATE OF RETURN(pay, 1, 100, 0) ~~|
"""
    r, quarterly, never = vensim(text, "r", "quarterly", "never", stop=15)
    assert np.all(np.isnan(never))
    for n in (4, 9, 15):
        worth = lambda i, n=n: sum(30 / (1 + i) ** (k + 1) for k in range(n + 1)) - 100  # noqa: E731
        assert r[n] == pytest.approx(optimize.brentq(worth, -0.5, 0.99), rel=1e-9)
    worth = lambda i: sum(120 / (1 + i) ** (k + 1) for k in range(4)) - 300  # noqa: E731
    assert quarterly[15] == pytest.approx(optimize.brentq(worth, -0.5, 0.99), rel=1e-9)


def test_present_values(vensim) -> None:
    text = """
a = NPV(12, 0.1, 3, 2) ~~|
e = NPVE(12, 0.1, 3, 2) ~~|
"""
    a, e = vensim(text, "a", "e", stop=5)
    np.testing.assert_allclose(
        a, [2 * (3 + sum(12 / 1.1**k for k in range(n + 1))) for n in range(6)]
    )
    np.testing.assert_allclose(
        e, [2 * (3 + sum(12 / 1.1 ** (k + 1) for k in range(n + 1))) for n in range(6)]
    )


@pytest.fixture
def stella(workshop):
    """Evaluate XMILE expressions at times 0 to 8, step 0.5, with all backends."""

    def values(*expressions: str) -> list[np.ndarray]:
        own = [workshop.aux(f"x{i}", e) for i, e in enumerate(expressions)]
        path = workshop.write(*own, workshop.aux("b", "3 * TIME ^ 2"), stop=8, dt=0.5)
        runs = [sdcluster.simulate(path, method="euler", backend=b) for b in BACKENDS]
        for i in range(len(expressions)):
            for run in runs[1:]:
                np.testing.assert_allclose(run[f"x{i}"], runs[0][f"x{i}"], rtol=1e-12)
        return [runs[0][f"x{i}"].values for i in range(len(expressions))]

    return values


T = np.arange(17) * 0.5


def test_former_values(stella) -> None:
    lagged, fixed, early, late, present = stella(
        "HISTORY(b, TIME - 2)",
        "HISTORY(b, 1.5)",
        "HISTORY(b, -1)",
        "HISTORY(b, TIME + 1)",
        "HISTORY(b, TIME)",
    )
    np.testing.assert_allclose(lagged, np.where(T >= 2, 3 * (T - 2) ** 2, 0))
    np.testing.assert_allclose(fixed, np.where(T >= 1.5, 3 * 1.5**2, 0))
    assert not early.any() and not late.any()  # noqa: PT018
    np.testing.assert_allclose(present, 3 * T**2)


def test_derivatives(stella) -> None:
    none, first, second = stella("DERIVN(b, 0)", "DERIVN(b, 1)", "DERIVN(b, 2)")
    np.testing.assert_allclose(none, 3 * T**2)
    np.testing.assert_allclose(first, np.concatenate([[0], np.diff(3 * T**2) / 0.5]))
    np.testing.assert_allclose(second[:2], 0)
    np.testing.assert_allclose(second[2:], 6)


def test_a_run_is_the_first_of_its_session(stella) -> None:
    given, own, *counts = stella(
        "ENDVAL(b, 7)", "ENDVAL(b + 1)", "RUNCOUNT", "SENSIRUNCOUNT", "SENSIRUNTOTAL", "PAUSE"
    )
    assert (set(given), set(own)) == ({7.0}, {1.0})
    assert all(set(count) == {0.0} for count in counts)


def test_constant_payments(stella) -> None:
    payment, present, future, plain, npv = stella(
        "PMT(0.01, 36, 10000, 0)",
        "PV(0.01, 36, PMT(0.01, 36, 10000, 0), 0)",
        "FV(0.01, 36, PMT(0.01, 36, 10000, 0), 10000)",
        "PMT(0, 10, 500, -100)",
        "NPV(6, 0.2, 1)",
    )
    assert payment[0] == pytest.approx(-332.14, abs=0.005)  # the example of Stella's manual
    assert present[0] == pytest.approx(10000)
    assert future[0] == pytest.approx(0, abs=1e-8)
    assert plain[0] == pytest.approx(-40)
    np.testing.assert_allclose(npv, [1 + sum(3 / 1.1**k for k in range(n + 1)) for n in range(17)])


def test_rate_of_return(stella) -> None:
    (rate,) = stella("IRR(IF TIME < 1 THEN -100 ELSE 40, -9)")
    assert rate[:2].tolist() == [-9, -9]
    flows = np.where(T < 1, -50, 20)

    def worth(i: float) -> float:
        return float(np.sum(flows / (1 + i) ** T))

    assert rate[-1] == pytest.approx(optimize.brentq(worth, -0.5, 5), rel=1e-9)


def test_series_made_of_series(workshop) -> None:
    (workshop.folder / "t.csv").write_text("time,a\n0,1\n1,5\n3,2\n6,4\n")
    text = """{UTF-8}
h := GET DIRECT DATA('t.csv', ',', 'A', 'B2') ~~|
ahead := TIME SHIFT(h, 2) ~~|
total := CUMULATE(h) ~~|
whole := CUMULATEF(h) ~~|
year = TIME BASE(1990, 0.5) ~~|
mean = GET DATA MEAN(h, 1, 3) ~~|
least = GET DATA MIN(h, 0, Time) ~~|
most = GET DATA MAX(h, 2, 9) ~~|
spread = GET DATA STDV(h, 0, 9) ~~|
points = GET DATA TOTAL POINTS(h) ~~|
"""
    path = workshop.raw(text + CLOCK.format(stop=6, dt=1), ".mdl")
    run = sdcluster.simulate(path, method="euler")
    t = np.arange(7)
    np.testing.assert_allclose(run["ahead"], np.interp(t + 2, [0, 1, 3, 6], [1, 5, 2, 4]))
    np.testing.assert_allclose(run["total"], np.interp(t, [0, 1, 3, 6], [1, 6, 8, 12]))
    np.testing.assert_allclose(run["whole"], 12)
    np.testing.assert_allclose(run["year"], 1990 + t / 2)
    last = {
        n: float(run[n].values.ravel()[-1]) for n in ("mean", "least", "most", "spread", "points")
    }
    assert last == pytest.approx(
        {"mean": 3.5, "least": 1, "most": 4, "spread": np.std([1, 5, 2, 4], ddof=1), "points": 4}
    )


@pytest.mark.parametrize("method", ["rk4", "RK45"])
def test_courses_with_other_methods(workshop, method: str) -> None:
    path = workshop.write(
        workshop.stock("s", "1", "f"),
        workshop.flow("f", "0.3 * s"),
        workshop.aux("then", "HISTORY(s, TIME - 2)"),
        stop=6,
        dt=0.25,
    )
    run = sdcluster.simulate(path, method=method)
    exact = np.exp(0.3 * (run["time"].values - 2))
    np.testing.assert_allclose(run["then"].values[8:], exact[8:], rtol=1e-3)


@pytest.mark.parametrize("bad", ["1 / zero", "0 / zero", "-1", "1e300"])
def test_numbers_that_are_none_end_no_run_with_an_exception_of_python(workshop, bad: str) -> None:
    text = f"""{{UTF-8}}
d: p, q ~~|
c[d] = 1, 2 ~~|
zero = STEP(1, 9) ~~|
bad = {bad} ~~|
"""
    calls = (
        "DELAY MATERIAL(Time, bad, 1, 0)",
        "DELAY INFORMATION(Time, bad, 1)",
        "DEPRECIATE STRAIGHTLINE(Time, bad, 1, 0)",
        "DEPRECIATE STRAIGHTLINE(Time, 4, bad, 0)",
        "DEPRECIATE BY SCHEDULE(Time, c[p], zero, bad, INITIAL TIME)",
        "INTERNAL RATE OF RETURN(Time, bad, -9, 0)",
        "VECTOR LOOKUP(c[p], bad, 0, 1, 0)",
        "VECTOR LOOKUP(c[p], 1, bad, 1, 7)",
        "VECTOR LOOKUP(c[p], 1, 0, 1, bad)",
        "RANDOM BETA(0, 1, bad, 2, 0, 1, 1)",
        "RANDOM POISSON(0, 9, bad, 0, 1, 1)",
    )
    for call in calls:
        path = workshop.raw(text + f"x = {call} ~~|" + CLOCK.format(stop=4, dt=1), ".mdl")
        for backend in ("python", "native"):
            try:
                sdcluster.simulate(path, method="euler", backend=backend)
            except sdcluster.SimulationError as error:
                assert "NaN" in str(error) or "infin" in str(error)  # noqa: PT017
