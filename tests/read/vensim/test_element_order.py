"""Arrays depend on each other element by element, as Vensim sorts them: what is no cycle of elements runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.kernel import compile_model

FUEL = ("fuel: coal, gas, sun ~~|", "fossil: coal, gas ~~|")
AGES = ("age: (a1-a5) ~~|", "older: (a2-a5) -> younger ~~|", "younger: (a1-a4) ~~|")
REGIONS = ("region: r1, r2, r3 ~~|",)

CASES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "a share that is left over": (
        (*FUEL, "share[coal] = 0.5", "share[gas] = 0.3", "share[sun] = 1 - SUM(share[fossil!])"),
        {"share": [0.5, 0.3, 0.2]},
    ),
    "products, least and greatest of a part": (
        (
            *FUEL,
            "x[coal] = 3",
            "x[gas] = Time + 4",
            "x[sun] = PROD(x[fossil!]) + VMIN(x[fossil!]) * VMAX(x[fossil!])",
        ),
        {"x": [[3, 4 + t, 6 * (4 + t)] for t in range(5)]},
    ),
    "a selection from a part": (
        (
            *FUEL,
            "on[fossil] = 1, 0",
            "x[coal] = 3",
            "x[gas] = 4",
            "x[sun] = VECTOR SELECT(on[fossil!], x[fossil!], 0, 0, 0)",
        ),
        {"x": [3, 4, 3]},
    ),
    "two dimensions, a total for each region": (
        (
            *FUEL,
            *REGIONS,
            "want[region, coal] = Time + 1",
            "want[region, gas] = 2",
            "want[region, sun] = 10 - total[region]",
            "total[region] = SUM(want[region, fossil!])",
        ),
        {
            "total": [[t + 3] * 3 for t in range(5)],
            "want": [[[t + 1, 2, 7 - t]] * 3 for t in range(5)],
        },
    ),
    "targets that follow from the last one set": (
        (
            "target: (t1-t3) ~~|",
            "set targets: (t1-t2) ~~|",
            "country: c1, c2 ~~|",
            "first[country] = 1, 0",
            "year[country, t1] = 2020",
            "year[country, t2] = 2030",
            "year[country, t3] = 2050",
            "type[country, t1] = first[country]",
            "type[country, t2] = 1",
            "type[country, t3] = IF THEN ELSE(last[country] > 2025, 1, 0)",
            "active[country, target] = IF THEN ELSE(type[country, target] > 0, 1, 0)",
            "effective[country, target] = IF THEN ELSE(active[country, target] = 1, year[country, target], 4000)",
            "last[country] = VECTOR SELECT(active[country, set targets!], effective[country, set targets!], 0, 3, 0)",
        ),
        {"last": [2030, 2030], "effective": [[2020, 2030, 2050], [4000, 2030, 2050]]},
    ),
    "an initial value of a reduction": (
        (
            "target: t1, t2, t3 ~~|",
            "set: t1, t2 ~~|",
            "year[target] = 2020, 2030, 2050",
            "kind[t1] = 1",
            "kind[t2] = 1",
            "kind[t3] = IF THEN ELSE(last = 0, 0, 1)",
            "active[target] = IF THEN ELSE(kind[target] > 0, 1, 0)",
            "last = INITIAL(VMAX(year[set!] * active[set!]))",
        ),
        {"last": 2030, "active": [1, 1, 1]},
    ),
    "all elements but one": (
        (
            *FUEL,
            "x[fuel] :EXCEPT: [sun] = Time + 2",
            "x[sun] = SUM(y[fossil!])",
            "y[fuel] = x[fuel] * 2",
        ),
        {"x": [[2 + t, 2 + t, 4 * (2 + t)] for t in range(5)]},
    ),
    "an age follows the one before": (
        (*AGES, "x[a1] = 1", "x[older] = y[younger] * 2", "y[age] = x[age] + Time"),
        {"x": lambda t: _chain(t)[0], "y": lambda t: _chain(t)[1]},
    ),
    "an age follows the one behind": (
        (
            *AGES,
            "back: (a1-a4) -> front ~~|",
            "front: (a2-a5) ~~|",
            "x[a5] = 1",
            "x[back] = y[front] * 2",
            "y[age] = x[age] + 1",
        ),
        {"x": [46, 22, 10, 4, 1], "y": [47, 23, 11, 5, 2]},
    ),
    "an element so many places further on": (
        (
            *FUEL,
            "x[coal] = 4",
            "x[gas] = VECTOR ELM MAP(x[coal], 0) + 1",
            "x[sun] = VECTOR ELM MAP(y[coal], 1)",
            "y[fuel] = x[fuel] * 10",
        ),
        {"x": [4, 5, 50]},
    ),
    "a table for each element": (
        (
            *FUEL,
            "f[coal]((0, 0), (10, 10))",
            "f[gas]((0, 0), (10, 20))",
            "f[sun]((0, 0), (10, 30))",
            "x[coal] = 2",
            "x[gas] = f[gas](z[coal])",
            "x[sun] = f[sun](z[gas])",
            "z[fuel] = x[fuel] + Time * 0",
        ),
        {"x": [2, 4, 12]},
    ),
    "a sample and a smooth of another element": (
        (
            *FUEL,
            "x[coal] = Time",
            "x[gas] = SAMPLE IF TRUE(y[coal] > 2, y[coal], 7)",
            "x[sun] = SMOOTH(y[gas], 2)",
            "y[fuel] = x[fuel]",
        ),
        {"x[gas]": [7, 7, 7, 3, 4]},
    ),
    "initial stocks of a chain of ages": (
        (
            *AGES,
            "s[a1] = INTEG(1, 3)",
            "s[older] = INTEG(1, before[younger] * 2)",
            "before[age] = s[age] + 1",
        ),
        {"s": [[3 + t, 8 + t, 18 + t, 38 + t, 78 + t] for t in range(5)]},
    ),
    "a fixed delay that begins with another one": (
        (
            *FUEL,
            "x[coal] = DELAY FIXED(Time, 2, 5)",
            "x[gas] = DELAY FIXED(Time, 1, y[coal] + 1)",
            "x[sun] = 0",
            "y[fuel] = x[fuel] * 2",
        ),
        {"x": [[5, 11, 0], [5, 0, 0], [0, 1, 0], [1, 2, 0], [2, 3, 0]]},
    ),
    "an active equation that reads what starts without it": (
        (
            *FUEL,
            "x[coal] = ACTIVE INITIAL(y[sun], 5)",
            "x[gas] = 1",
            "x[sun] = 2",
            "y[fuel] = x[fuel] + s",
            "s = INTEG(0, x[coal])",
        ),
        {"s": [5] * 5, "x[coal]": [7] * 5},
    ),
    "a region gets what another one leaves": (
        (
            *REGIONS,
            "user: u1, u2 ~~|",
            "ptype: kind, ppriority, pwidth, pextra ~~|",
            "profile[user, kind] = 1",
            "profile[u1, ppriority] = 2",
            "profile[u2, ppriority] = 1",
            "profile[user, pwidth] = 0.1",
            "profile[user, pextra] = 0",
            "ask[region, u1] = 4",
            "ask[region, u2] = 8",
            "get[region, user] = ALLOCATE AVAILABLE(ask[region, user], profile[user, ptype], there[region])",
            "left[region] = there[region] - SUM(get[region, user!])",
            "there[r1] = 30",
            "there[r2] = left[r1]",
            "there[r3] = left[r2]",
        ),
        {"there": [30, 18, 6], "get": [[4, 8], [4, 8], [4, 2]]},
    ),
    "an order in one region follows that in another": (
        (
            *REGIONS,
            "user: u1, u2, u3 ~~|",
            "value[r1, user] = 3, 1, 2",
            "value[r2, user] = place[r1, user]",
            "value[r3, user] = -place[r2, user]",
            "place[region, user] = VECTOR SORT ORDER(value[region, user], 1)",
        ),
        {"place": [[1, 2, 0], [2, 0, 1], [0, 2, 1]]},
    ),
    "one inverse follows another": (
        (
            *REGIONS,
            "row: m1, m2 ~~|",
            "column: m1, m2 ~~|",
            "m[r1, m1, m1] = 2",
            "m[r1, m1, m2] = 0",
            "m[r1, m2, m1] = 0",
            "m[r1, m2, m2] = 4",
            "m[r2, row, column] = v[r1, row, column] * 2",
            "m[r3, row, column] = v[r2, row, column]",
            "v[region, row, column] = INVERT MATRIX(m[region, row, column], 2)",
        ),
        {"v": [[[0.5, 0], [0, 0.25]], [[1, 0], [0, 2]], [[1, 0], [0, 0.5]]]},
    ),
}


def _chain(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = [np.ones_like(t)], [1 + t]
    for _ in range(4):
        x.append(y[-1] * 2)
        y.append(x[-1] + t)
    return np.stack(x, axis=1), np.stack(y, axis=1)


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("case", CASES)
def test_what_is_no_cycle_of_elements_runs(
    make: Callable[..., Any], case: str, backend: Any
) -> None:
    equations, expected = CASES[case]
    run = sdcluster.simulate(make(*equations), backend=backend)
    for name, values in expected.items():
        base, _, element = name.rstrip("]").partition("[")
        found = run[base].sel(fuel=element) if element else run[base]
        wanted = values(run["time"].values) if callable(values) else np.array(values, dtype=float)
        if wanted.ndim < found.ndim or (wanted.ndim and len(wanted) != len(found["time"])):
            wanted = np.broadcast_to(wanted, found.shape)
        np.testing.assert_allclose(found, wanted, err_msg=name)


@pytest.mark.parametrize(
    ("equations", "shown"),
    [
        (
            ("x[coal] = SUM(x[fossil!])", "x[gas] = 1", "x[sun] = 2"),
            r'cycle: "x\[coal\]" → "x\[coal\]"; break',
        ),
        (
            ("x[coal] = y[gas]", "x[gas] = y[sun]", "x[sun] = y[gas]", "y[fuel] = x[fuel]"),
            r'cycle: "x\[gas\]" → "y\[sun\]" → "x\[sun\]" → "y\[gas\]" → "x\[gas\]"; break',
        ),
        # Vensim does not look at what a condition is.
        (
            ("x[coal] = IF THEN ELSE(0, x[sun], 1)", "x[gas] = 1", "x[sun] = x[coal]"),
            r'"x\[coal\]" → "x\[sun\]"',
        ),
        (
            ("s[fuel] = INTEG(1, t[fuel])", "t[coal] = 1", "t[gas] = s[sun]", "t[sun] = s[gas]"),
            r'initial values .* cycle: "s\[gas\]" → "t\[gas\]" → "s\[sun\]" → "t\[sun\]" → "s\[gas\]"; give one',
        ),
    ],
)
def test_a_cycle_names_its_elements(
    make: Callable[..., Any], equations: tuple[str, ...], shown: str
) -> None:
    with pytest.raises(sdcluster.ModelError, match=shown):
        sdcluster.simulate(make(*FUEL, *equations))


def test_elements_that_need_no_order_stay_in_loops(make: Callable[..., Any]) -> None:
    """Cutting an equation into its elements would make the text as long as the array."""

    def lines(count: int) -> int:
        model = make(
            f"region: (r1-r{count}) ~~|",
            "fuel: coal, gas, sun ~~|",
            "fossil: coal, gas ~~|",
            "x[region, coal] = Time",
            "x[region, gas] = y[region, coal] * 2",
            "x[region, sun] = SUM(y[region, fossil!])",
            "y[region, fuel] = x[region, fuel] + 1",
        )
        return compile_model(model).text.count("\n")

    assert lines(200) == lines(4)


def test_equations_that_take_turns_stay_in_a_loop(make: Callable[..., Any]) -> None:
    def lines(count: int) -> int:
        model = make(
            f"age: (a1-a{count}) ~~|",
            f"older: (a2-a{count}) -> younger ~~|",
            f"younger: (a1-a{count - 1}) ~~|",
            "x[a1] = s",
            "x[older] = y[younger] + 1",
            "y[age] = x[age] * 2",
            "s = INTEG(SUM(y[younger!]) * 0, 1)",
        )
        return compile_model(model).text.count("\n")

    assert lines(90) == lines(9)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_turns_go_backwards_too(make: Callable[..., Any], backend: Any) -> None:
    model = make(
        "age: (a1-a9) ~~|",
        "back: (a1-a8) -> front ~~|",
        "front: (a2-a9) ~~|",
        "region: r1, r2 ~~|",
        "x[region, a9] = region",
        "x[region, back] = y[region, front] + back",
        "y[region, age] = x[region, age] * 2 + Time",
    )
    run = sdcluster.simulate(model, backend=backend)
    t = run["time"].values
    x = np.zeros((5, 2, 9))
    x[:, :, 8] = [1, 2]
    for k in range(7, -1, -1):
        x[:, :, k] = x[:, :, k + 1] * 2 + t[:, None] + k + 1
    np.testing.assert_allclose(run["x"], x)


def test_an_order_of_many_thousand_elements_is_found(make: Callable[..., Any]) -> None:
    model = make(
        "age: (a1-a300) ~~|",
        "older: (a2-a300) -> younger ~~|",
        "younger: (a1-a299) ~~|",
        "region: (r1-r100) ~~|",
        "x[region, a1] = 1",
        "x[region, older] = y[region, younger] + 1",
        "y[region, age] = x[region, age]",
    )
    run = sdcluster.simulate(model)
    assert float(run["x"].isel(time=-1)[99, 299]) == 300


def test_a_cycle_shows_elements_as_the_file_spells_them(make) -> None:
    model = make("Age: Young, Old", "a[Age] = b[Age]", "b[Young] = a[Young]", "b[Old] = 1")
    with pytest.raises(
        sdcluster.ModelError, match=r'"a\[Young\]" → "b\[Young\]" → "a\[Young\]"; break it'
    ):
        sdcluster.simulate(model)
