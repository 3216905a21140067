"""X IF MISSING: expressions of data series with a number in their gaps."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster

DATA = ("d: p, q", "v[d] := GET DIRECT DATA('gaps.csv', ',', 'A', 'B2')")
GAPS = "time,p,q\n0,1,10\n1,,20\n2,3,\n3,,40\n4,5,50\n"


@pytest.fixture
def filled(tmp_path, write_model):
    (tmp_path / "gaps.csv").write_text(GAPS)

    def values(*equations: str, dt: float = 1) -> dict[str, np.ndarray]:
        path = write_model(*DATA, *equations)
        found = [
            sdcluster.simulate(path, method="euler", dt=dt, saveper=dt, backend=b)
            for b in ("python", "native")
        ]
        for name in found[0]:
            np.testing.assert_array_equal(found[0][name], found[1][name])
        return {name: found[0][name].transpose("time", ...).to_numpy() for name in found[0]}

    return values


def test_a_sum_takes_the_number_where_a_series_has_no_point(filled) -> None:
    found = filled("x := X IF MISSING(SUM(v[d!]), 0)", "y = 2 * x")
    assert found["x"] == pytest.approx([11, 20, 3, 40, 55])
    assert found["y"] == pytest.approx(2 * found["x"])


def test_the_result_is_interpolated_between_its_own_points(filled) -> None:
    found = filled("k = 2", "x := X IF MISSING(k * v[p] * v[q], 1)", dt=0.5)
    assert found["x"] == pytest.approx([20, 30, 40, 23, 6, 43, 80, 290, 500])


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [(":HOLD BACKWARD:", [11, 11, 20, 20, 3, 3]), (":LOOK FORWARD:", [11, 20, 20, 3, 3, 40])],
)
def test_other_ways_to_read_between_points(filled, keyword: str, expected: list[float]) -> None:
    found = filled(f"x {keyword} := X IF MISSING(SUM(v[d!]), 0)", dt=0.5)
    assert found["x"][:6] == pytest.approx(expected)


def test_one_series_stays_as_it_is(filled) -> None:
    found = filled("x[d] := X IF MISSING(v[d], 7)")
    np.testing.assert_allclose(found["x"], found["v"])


def test_each_element_has_points_of_its_own(filled) -> None:
    found = filled("x[d] := X IF MISSING(v[d] + v[p], 0)")
    assert found["x"][:, 0] == pytest.approx([2, 4, 6, 8, 10])
    assert found["x"][:, 1] == pytest.approx([11, 20, 3, 40, 55])


@pytest.mark.parametrize(
    ("equations", "sentence"),
    [
        (("x = X IF MISSING(SUM(v[d!]), 0)",), "write := instead of ="),
        (("x := X IF MISSING(SUM(v[d!]))",), "and a number"),
        (("x := X IF MISSING(3, 0)",), "names none"),
        (("s = INTEG(1, 0)", "x := X IF MISSING(s + v[p], 0)"), '"s" is computed'),
        (("x := 1 + X IF MISSING(v[p], 0)",), "must be the whole equation"),
    ],
)
def test_what_is_refused(filled, equations: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(sdcluster.ModelError, match=sentence):
        filled(*equations)
