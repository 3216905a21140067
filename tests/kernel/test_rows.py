"""Functions over rows of arrays: spread, ranks, arrays as curves."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster

DIMENSIONS = (
    '<dimensions><dim name="d"><elem name="p"/><elem name="q"/><elem name="r"/></dim>'
    '<dim name="e"><elem name="a"/><elem name="b"/></dim><dim name="f" size="3"/></dimensions>'
)
ARRAYS = """
<aux name="v"><dimensions><dim name="d"/></dimensions><element subscript="p"><eqn>6</eqn></element>
<element subscript="q"><eqn>2 + TIME</eqn></element><element subscript="r"><eqn>5</eqn></element></aux>
<aux name="w"><dimensions><dim name="d"/></dimensions><element subscript="p"><eqn>1</eqn></element>
<element subscript="q"><eqn>3</eqn></element><element subscript="r"><eqn>9</eqn></element></aux>
<aux name="c"><dimensions><dim name="d"/><dim name="e"/><dim name="f"/></dimensions>
<eqn>100 * d + 10 * e + f</eqn></aux>
<aux name="m"><dimensions><dim name="d"/><dim name="e"/></dimensions><eqn>v[d] * e</eqn></aux>
"""


@pytest.fixture
def rows(workshop):
    """Evaluate expressions of arrays at times 0 to 4, in plain Python and compiled."""

    def values(*expressions: str) -> list[list[float]]:
        own = [workshop.aux(f"x{i}", e) for i, e in enumerate(expressions)]
        path = workshop.write(*own, ARRAYS, extra=DIMENSIONS, stop=4, dt=1)
        runs = [sdcluster.simulate(path, method="euler", backend=b) for b in ("python", "native")]
        for i in range(len(expressions)):
            np.testing.assert_allclose(runs[0][f"x{i}"], runs[1][f"x{i}"], rtol=1e-14)
        return [runs[0][f"x{i}"].values.tolist() for i in range(len(expressions))]

    return values


def test_spread_and_size(rows) -> None:
    deviation, size, whole = rows("STDDEV(v[*])", "SIZE(v[*])", "SIZE(m[*, *])")
    assert deviation == pytest.approx([np.std([6, 2 + t, 5]) for t in range(5)])
    assert size == [3] * 5
    assert whole == [6] * 5


def test_rank_gives_the_place_of_an_element(rows) -> None:
    first, last, row, equal, none = rows(
        "RANK(v[*], 1)", "RANK(v[*], 3)", "RANK(m[*, b], 3)", "RANK(v[*], 2, w[*])", "RANK(v[*], 4)"
    )
    assert first == [2, 2, 2, 2, 3]  # of (6, 2 + t, 5); equal ones in their order
    assert last == [1, 1, 1, 1, 2]
    assert row == last
    assert equal == [3, 3, 3, 3, 1]  # 6 and 6 at time 4: the one with the smaller w first
    assert none == [0] * 5


def test_interpolation_over_several_dimensions(rows) -> None:
    """`v` is 6, 2 + t and 5, and `m` has it once and twice (isee, Array builtins: the average weighs neighbours)."""
    grid, row, column, ends, once, sliced = rows(
        "INTERPOLATE(m, 0.5, 0.25)",
        "INTERPOLATE(m[p, *], 0.25)",
        "INTERPOLATE(m[*, b], 0.75)",
        "INTERPOLATE(m, -1, 2)",
        "INTERPOLATE(2 * v[*], 0.25)",
        "INTERPOLATE(c[*, b, *], 1, 0.5)",
    )
    t = np.arange(5)
    assert grid == pytest.approx((2 + t) * 1.25)
    assert row == pytest.approx([7.5] * 5)
    assert column == pytest.approx(2 * (2 + t + 5) / 2)
    assert ends == pytest.approx([12] * 5)
    assert once == pytest.approx(6 + 2 + t)
    assert sliced == pytest.approx([322] * 5)


def test_interpolation_needs_a_number_for_each_dimension(rows) -> None:
    with pytest.raises(sdcluster.ModelError, match=r"runs over 2 dimensions .*coordinates \(1\)"):
        rows("INTERPOLATE(m, 0.5)")


def test_rank_of_slices_and_expressions(rows) -> None:
    number, middle, negative, of_two, whole = rows(
        "RANK(m[*, 2], 1)",
        "RANK(c[*, 2, *], 4)",
        "RANK(0 - w[*], 1)",
        "RANK(c[2, *, *], 3)",
        "RANK(m, 6)",
    )
    assert number == [2, 2, 2, 2, 3]
    assert (
        middle == [4] * 5
    )  # rows 121, 122, 123, 221, … : the fourth is the first of the second row
    assert negative == [3] * 5
    assert of_two == [3] * 5
    assert whole[0] == 2


def test_an_array_by_its_name_alone(rows) -> None:
    first, deviation, size, greatest, least, both = rows(
        "RANK(v, 1)", "STDDEV(v)", "SIZE(v)", "MAX(v, 6.5)", "MIN(3, v)", "MAX(v, w)"
    )
    assert first == [2, 2, 2, 2, 3]
    assert deviation == pytest.approx([np.std([6, 2 + t, 5]) for t in range(5)])
    assert size == [3] * 5
    assert greatest == [6.5] * 5
    assert least == [2, 3, 3, 3, 3]
    assert both == [9] * 5


def test_ranks_of_all_elements(workshop) -> None:
    sorted_ = (
        '<aux name="place"><dimensions><dim name="d"/></dimensions><eqn>RANK(v, d)</eqn></aux>'
        '<aux name="ordered"><dimensions><dim name="d"/></dimensions><eqn>v[place]</eqn></aux>'
        '<aux name="count"><dimensions><dim name="d"/></dimensions><eqn>SIZE(SELF)</eqn></aux>'
        '<aux name="steps"><dimensions><dim name="d"/></dimensions><eqn>PREVIOUS(SELF, 0) + d</eqn></aux>'
    )
    path = workshop.write(sorted_, ARRAYS, extra=DIMENSIONS, stop=4, dt=1)
    run = sdcluster.simulate(path, method="euler")
    assert run["place"].values[0].tolist() == [2, 3, 1]
    np.testing.assert_array_equal(run["ordered"], np.sort(run["v"].values, axis=1))
    assert set(run["count"].values.ravel()) == {3.0}
    np.testing.assert_array_equal(run["steps"], np.outer(np.arange(1, 6), [1, 2, 3]))


def test_arrays_as_curves(rows) -> None:
    found, within = rows("LOOKUPXY(w[*], v[*], 2 + TIME)", "INTERPOLATE(v[*], TIME / 8)")
    expected = [np.interp(2 + t, [1, 3, 9], [6, 2 + t, 5]) for t in range(5)]
    assert found == pytest.approx(expected)
    assert within == pytest.approx([np.interp(t / 4, [0, 1, 2], [6, 2 + t, 5]) for t in range(5)])


MDL = """{{UTF-8}}
d: p, q, r ~~|
c[d] = 1, 3, 2 ~~|
x = {} ~~|
FINAL TIME = 4 ~~|
INITIAL TIME = 0 ~~|
SAVEPER = TIME STEP ~~|
TIME STEP = 1 ~~|
"""
AT = np.arange(5) - 1.0  # places in units of pieces: the curve goes over x from 10 to 14


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0, np.interp(AT, [0, 1, 2], [1, 3, 2])),
        (1, 2 * np.array([-1, 0, 2, 4.5, 6.5])),
        (2, [1, 1, 3, 2, 2]),
        (3, [-1, 1, 3, 2, 1]),
        (4, [1, 1, 3, 2, 2]),
        (6, np.array([0, 1, 0.5, -0.5, 0]) / 2),
        (7, 2 * np.array([0, 0, 2, 4.5, 6])),
        (9, np.array([2, 2, 0.5, -1, -1]) / 2),
    ],
)
def test_vector_lookup(workshop, mode: int, expected) -> None:
    path = workshop.raw(MDL.format(f"VECTOR LOOKUP(c[p], 8 + 2 * Time, 10, 14, {mode})"), ".mdl")
    x = sdcluster.simulate(path, method="euler")["x"].values
    np.testing.assert_allclose(x, expected, atol=1e-12)


@pytest.mark.parametrize(("mode", "expected"), [(5, [np.nan, 10, 11, 12]), (8, [9, 10, 11, 12])])
def test_vector_lookup_inverted(workshop, mode: int, expected) -> None:
    path = workshop.raw(MDL.format(f"VECTOR LOOKUP(c[p], Time, 10, 14, {mode})"), ".mdl")
    x = sdcluster.simulate(path, method="euler")["x"].values
    np.testing.assert_allclose(x[:4], expected, atol=1e-12)


def test_a_row_must_be_an_array(workshop) -> None:
    path = workshop.write(workshop.aux("x", "RANK(y, 1)"), workshop.aux("y", "3"))
    with pytest.raises(sdcluster.ModelError, match="RANK needs"):
        sdcluster.simulate(path)
