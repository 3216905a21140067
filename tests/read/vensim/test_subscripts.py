"""Subscripts of Vensim: ranges, mappings, exceptions, sums, vectors."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster.model.expression import Array

T = np.arange(5.0)


DIMS = ("d: a, b, c", "e: x, y")


def test_numeric_ranges_parts_and_copies(make) -> None:
    model = make("r: p, (q1-q3), s", "s: u, v", "k <-> r", "m[r] = 1")
    dims = {d.name: d for d in model.dimensions}
    assert dims["r"].elements == ("p", "q1", "q2", "q3", "u", "v")
    assert dims["k"].elements == dims["r"].elements
    assert model["m"].dimensions == ("r",)


def test_mappings_in_both_directions(make) -> None:
    model = make(*DIMS, "f: g, h -> e", "w: l, m -> (d: first, c)", "first: a, b", "n[d]=1")
    dims = {dim.name: dict(dim.mappings) for dim in model.dimensions}
    assert dims["f"]["e"] == ("x", "y")
    assert dims["e"]["f"] == ("g", "h")
    assert dims["d"]["w"] == ("l", "l", "m")


def test_mapped_values(run) -> None:
    found = run(*DIMS, "f: g, h -> e", "v[f] = 3, 4", "z[e] = 10 * v[f]")
    assert found["z"][0] == pytest.approx([30, 40])


def test_mapping_to_parts(run) -> None:
    found = run(
        "d: a, b, c", "first: a, b", "w: l, m -> (d: first, c)", "v[w] = 3, 4", "z[d] = v[w]"
    )
    assert found["z"][0] == pytest.approx([3, 3, 4])


def test_arrays_of_numbers(make) -> None:
    model = make(
        *DIMS, "m[d, e] = 1,2; 3,4; 5,6;", "t[e, d] = TABBED ARRAY(1 2 3\n4 5 -6)", "n[d] = 7"
    )
    assert model["m"].equations[0].expression == Array((1, 2, 3, 4, 5, 6), (3, 2))
    assert model["t"].equations[0].expression == Array((1, 2, 3, 4, 5, -6), (2, 3))
    assert {model[k].kind for k in "mtn"} == {"constant"}


def test_except_and_partial_definitions(run) -> None:
    found = run(
        *DIMS,
        "v[d] :except: [b] = 1 ~~|\nv[b] = 2",
        "m[d, e] :EXCEPT: [a, x], [c, e] = 3 ~~|\nm[a,x]=4 ~~|\nm[c,e]=5,6",
    )
    assert found["v"][0] == pytest.approx([1, 2, 1])
    assert found["m"][0] == pytest.approx(np.array([[4, 3], [3, 3], [5, 6]]))


def test_dimension_of_a_partly_defined_array_is_the_smallest_that_holds_it(make) -> None:
    model = make(
        "d: a, b, c",
        "part: a, b",
        "v[a] = 1 ~~|\nv[b] = 2",
        "w[a] = 1 ~~|\nw[c] = 2",
        "u[part] = 3",
    )
    assert model["v"].dimensions == ("part",)
    assert model["w"].dimensions == ("d",)
    assert model["u"].dimensions == ("part",)


def test_sums_products_and_extremes(run) -> None:
    found = run(
        *DIMS,
        "m[d, e] = 1,2; 3,4; 5,6;",
        "s[e] = SUM(m[d!, e])",
        "all = SUM(m[d!, e!])",
        "p = PROD(m[d!, x])",
        "lo[d] = VMIN(m[d, e!])",
        "hi = VMAX(m[d!, y])",
        "n = ELMCOUNT(d)",
    )
    assert found["s"][0] == pytest.approx([9, 12])
    assert found["all"][0] == 21
    assert found["p"][0] == 15
    assert found["lo"][0] == pytest.approx([1, 3, 5])
    assert (found["hi"][0], found["n"][0]) == (6, 3)


def test_subscript_as_a_value_counts_in_the_whole(run) -> None:
    found = run(
        "d: a, b, c", "part: c, b", "i[d] = d", "j[part] = part", "k[d] = IF THEN ELSE(d = b, 1, 0)"
    )
    assert found["i"][0] == pytest.approx([1, 2, 3])
    assert found["j"][0] == pytest.approx([3, 2])
    assert found["k"][0] == pytest.approx([0, 1, 0])


def test_stocks_with_subscripts(make) -> None:
    model = make(*DIMS, "s[d] = INTEG(in[d], start[d])", "in[d] = start[d]*2", "start[d] = 1, 2, 3")
    assert model["s"].inflows == ("in",)
    found = sdcluster.simulate(model, method="euler")["s"].transpose("time", ...).to_numpy()
    assert found == pytest.approx(np.outer(1 + 2 * T, [1, 2, 3]))


def test_a_variable_that_is_a_stock_in_one_element_only(run) -> None:
    found = run("d: a, b", "v[a] = INTEG(1, 5) ~~|\nv[b] = Time * 2")
    assert found["v"][:, 0] == pytest.approx(5 + T)
    assert found["v"][:, 1] == pytest.approx(2 * T)


def test_lookups_with_subscripts(run) -> None:
    found = run("d: a, b", "f[a]((0,0),(4,4)) ~~|\nf[b]((0,0),(4,8))", "v[d] = f[d](Time)")
    assert found["v"][3] == pytest.approx([3, 6])


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (0, 2 * 3 + 0.5 * 4), (1, 2 * 3 * 0.5 * 4), (2, 2), (3, 6), (4, (6 + 2) / 2), (5, 3**2 * 4**0.5),
        (6, 7), (7, 12), (8, 3), (9, 4), (10, 3.5),
    ],
)  # fmt: skip
def test_numerical_actions_of_vector_select(run, action: int, expected: float) -> None:
    """Action 5 raises the value to the power of the selection, as in the suite's output of Vensim (vector_select)."""
    found = run(
        "d: a, b, c", "pick[d] = 2, 0, 0.5", "v[d] = 3, 100, 4",
        f"x = VECTOR SELECT(pick[d!], v[d!], -1, {action}, 0)",
    )  # fmt: skip
    assert found["x"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("selection", "error", "value"),
    [
        ("0, 0, 0", 0, -1), ("0, 0, 0", 1, None), ("0, 0, 0", 2, -1), ("0, 0, 0", 3, None),
        ("1, 0, 0", 0, 3), ("1, 0, 0", 1, 3), ("1, 0, 0", 2, 3), ("1, 0, 0", 3, 3),
        ("1, 1, 0", 0, 8), ("1, 1, 0", 1, 8), ("1, 1, 0", 2, None), ("1, 1, 0", 3, None), ("1, 0, 0", 4, None),
    ],
)  # fmt: skip
def test_error_actions_of_vector_select(
    run, selection: str, error: int, value: float | None
) -> None:
    equations = (
        "d: a, b, c", f"pick[d] = {selection}", "v[d] = 3, 5, 4",
        f"x = VECTOR SELECT(pick[d!], v[d!], -1, 0, {error})",
    )  # fmt: skip
    if value is None:
        with pytest.raises(sdcluster.SimulationError, match="an error action from 0 to 3"):
            run(*equations)
    else:
        assert run(*equations)["x"] == pytest.approx(value)


def test_vector_functions(run) -> None:
    found = run(
        "d: a, b, c",
        "v[d] = 20, 30, 10",
        "o[d] = VECTOR SORT ORDER(v[d], 1)",
        "r[d] = VECTOR RANK(v[d], 1)",
        "w = VECTOR SELECT(pick[d!], v[d!], 0, 0, 0)",
        "pick[d] = 1, 0, 1",
        "m[d] = VECTOR ELM MAP(v[a], d - 1)",
    )
    assert found["o"][0] == pytest.approx([2, 0, 1])
    assert found["r"][0] == pytest.approx([2, 3, 1])
    assert found["w"][0] == 30
    assert found["m"][0] == pytest.approx([20, 30, 10])
