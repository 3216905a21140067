"""Indices of arrays: expressions, ranges, parts of dimensions, transposition, names of dimensions as numbers."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError, ModelWarning
from sdcluster.write import write_xmile

DIMENSIONS = (
    '<dimensions><dim name="letter"><elem name="a"/><elem name="b"/><elem name="c"/><elem name="d"/></dim>'
    '<dim name="vowel"><elem name="a"/><elem name="d"/></dim>'
    '<dim name="side"><elem name="left"/><elem name="right"/></dim><dim name="Year No" size="4"/></dimensions>\n'
)
LETTER = '<dimensions><dim name="letter"/></dimensions>'
SIDE = '<dimensions><dim name="side"/></dimensions>'
GRID = '<dimensions><dim name="letter"/><dim name="side"/></dimensions>'
BASE = (
    f'<aux name="size">{LETTER}<eqn>10, 20, 30, 40</eqn></aux>',
    f'<aux name="grid">{GRID}<eqn>1, 2; 3, 4; 5, 6; 7, 8</eqn></aux>',
)


@pytest.fixture
def run(workshop):
    def simulate(*written: str, backend: str = "python", **options):
        path = workshop.write(*BASE, *written, extra=DIMENSIONS, **options)
        return sdcluster.simulate(path, method="euler", backend=backend)

    return simulate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("size[2]", 20),
        ("size[1 + 2]", 30),
        ("size[pick]", 30),
        ("size[pick + 1]", 40),
        ("size[STOPTIME]", 0),
        ("size[pick + 2]", 0),  # outside the array
        ("size[0 * pick]", 0),
        ("size[2.9]", None),
        ("size[INT(TIME MOD 4) + 1]", 10),
        ("grid[pick, 2]", 6),
        ("grid[pick, pick - 1]", 6),
        ("grid[pick, right]", 6),
        ("SUM(size[*])", 100),
        ("SUM(size[2:3])", 50),
        ("SUM(size[b:d])", 90),
        ("SUM(size[d:b])", 90),
        ("SUM(size[*:vowel])", 50),
        ("SUM(size[vowel.*])", 50),
        ("SUM(grid[2:3, *])", 18),
        ("SUM(grid[2:3, left] * 10)", 80),
        ("MAX(grid[*, left])", 7),
        ("SUM(size / SUM(size))", 1),
        ("SUM(size * size[pick])", 3000),
        ("size[SUM(grid[a, *])]", 30),
        ("letter.c", 3),
        ("Letter.C * side.right", 6),
        ("SUM(size * letter)", 300),
        ("SIZE(letter) + SUM(letter)", 14),
    ],
)
@pytest.mark.parametrize("backend", ["python", "native"])
def test_values(run, workshop, text: str, expected: float | None, backend: str) -> None:
    written = workshop.aux("pick", "3 + 0 * TIME"), workshop.aux("result", text)
    if expected is None:
        with pytest.raises(ModelError, match="out of range"):
            run(*written)
        return
    assert float(run(*written, backend=backend)["result"][0]) == pytest.approx(expected)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_an_index_may_change_in_time(run, workshop, backend: str) -> None:
    now = workshop.aux("now", "size[INT(TIME MOD 4) + 1]")
    result = run(now, stop=8, dt=1, backend=backend)
    np.testing.assert_array_equal(result["now"], [10, 20, 30, 40, 10, 20, 30, 40, 10])


def test_the_dimension_of_the_left_side_as_a_number_and_as_an_index(run) -> None:
    result = run(
        f'<aux name="number">{LETTER}<eqn>letter</eqn></aux>',
        f'<aux name="before">{LETTER}<eqn>size[letter - 1]</eqn></aux>',
        f'<aux name="reversed">{LETTER}<eqn>size[5 - letter]</eqn></aux>',
        f'<aux name="one part">{LETTER}<element subscript="b"><eqn>letter</eqn></element>'
        f'<element subscript="a"><eqn>letter.d</eqn></element><element subscript="c"><eqn>1</eqn></element>'
        f'<element subscript="d"><eqn>size[letter]</eqn></element></aux>',
    )
    np.testing.assert_array_equal(result["number"][0], [1, 2, 3, 4])
    np.testing.assert_array_equal(result["before"][0], [0, 10, 20, 30])
    np.testing.assert_array_equal(result["reversed"][0], [40, 30, 20, 10])
    np.testing.assert_array_equal(result["one part"][0], [4, 2, 1, 40])


def test_an_array_may_build_on_its_own_elements(run) -> None:
    result = run(
        f'<aux name="total">{LETTER}<eqn>IF letter = 1 THEN size ELSE total[letter - 1] + size</eqn></aux>',
        f'<aux name="from behind">{LETTER}<eqn>size + from_behind[letter + 1]</eqn></aux>',
    )
    np.testing.assert_array_equal(result["total"][0], [10, 30, 60, 100])
    np.testing.assert_array_equal(result["from behind"][0], [100, 90, 70, 40])
    with pytest.raises(ModelError, match="in a cycle"):
        run(f'<aux name="total">{LETTER}<eqn>total[5 - letter] + size</eqn></aux>')


def test_a_range_fills_a_dimension_of_its_length(run) -> None:
    result = run(
        f'<aux name="middle">{SIDE}<eqn>size[2:3] + 1</eqn></aux>',
        f'<aux name="column">{LETTER}<eqn>grid[*, right]</eqn></aux>',
    )
    np.testing.assert_array_equal(result["middle"][0], [21, 31])
    np.testing.assert_array_equal(result["column"][0], [2, 4, 6, 8])
    with pytest.raises(ModelError, match="a range of 3 elements is given where one is expected"):
        run('<aux name="middle"><eqn>size[1:3]</eqn></aux>')


def test_transposition(run) -> None:
    turned = '<dimensions><dim name="side"/><dim name="letter"/></dimensions>'
    result = run(
        f'<aux name="turned">{turned}<eqn>grid\'</eqn></aux>',
        f'<aux name="by name">{turned}<eqn>grid[letter, side] * 1</eqn></aux>',
    )
    np.testing.assert_array_equal(result["turned"][0], [[1, 3, 5, 7], [2, 4, 6, 8]])
    np.testing.assert_array_equal(result["by name"], result["turned"])


def test_a_square_matrix_has_the_same_dimension_twice(run) -> None:
    square = '<dimensions><dim name="side"/><dim name="side"/></dimensions>'
    elements = "".join(
        f'<element subscript="{a}, {b}"><eqn>{v}</eqn></element>'
        for a, b, v in (("left", "left", 1), ("left", "right", 2), ("right", "left", 3), ("right", "right", 4))
    )  # fmt: skip
    result = run(
        f'<aux name="moves">{square}{elements}</aux>',
        f'<aux name="twice">{square}<eqn>2 * moves</eqn></aux>',
        f'<aux name="named">{square}<eqn>moves[side, side] * 10</eqn></aux>',
        f'<aux name="turned">{square}<eqn>moves\'</eqn></aux>',
        f'<aux name="leaving">{SIDE}<eqn>SUM(moves[side, *])</eqn></aux>',
        f'<aux name="arriving">{SIDE}<eqn>SUM(moves[*, side])</eqn></aux>',
        f'<aux name="staying">{SIDE}<eqn>moves[side, side]</eqn></aux>',
    )
    np.testing.assert_array_equal(result["twice"][0], [[2, 4], [6, 8]])
    np.testing.assert_array_equal(result["named"][0], [[10, 20], [30, 40]])
    np.testing.assert_array_equal(result["turned"][0], [[1, 3], [2, 4]])
    np.testing.assert_array_equal(result["leaving"][0], [3, 7])
    np.testing.assert_array_equal(result["arriving"][0], [4, 6])
    np.testing.assert_array_equal(result["staying"][0], [1, 4])


def test_numbered_elements(run, workshop) -> None:
    result = run(
        '<aux name="plan"><dimensions><dim name="Year No"/></dimensions><eqn>100 * Year_No</eqn></aux>',
        workshop.aux("third", "plan[3]"),
        workshop.aux("last", "plan[Year_No.4]"),
        workshop.aux("some", "SUM(plan[2:3])"),
    )
    assert [float(result[n][0]) for n in ("third", "last", "some")] == [300, 400, 500]


def test_stocks_move_along_their_dimension(run) -> None:
    """An ageing chain: each cohort gets what leaves the one before it."""
    flow = '<flow name="{}">' + LETTER + "<eqn>{}</eqn></flow>"
    result = run(
        f'<stock name="people">{LETTER}<eqn>size</eqn><inflow>entering</inflow><outflow>leaving</outflow></stock>',
        flow.format("leaving", "people / 2"),
        flow.format("entering", "IF letter = 1 THEN 0 ELSE leaving[letter - 1]"),
        stop=1,
        dt=1,
    )
    np.testing.assert_allclose(result["people"][1], [5, 15, 25, 35])


def test_models_with_indices_are_written_and_read_again(workshop, tmp_path) -> None:
    path = workshop.write(
        *BASE,
        workshop.aux("pick", "2"),
        workshop.aux("result", "size[pick + 1] + grid[pick, 2]"),
        f'<aux name="before">{LETTER}<eqn>size[letter - 1]</eqn></aux>',
        extra=DIMENSIONS,
    )
    model = sdcluster.load(path)
    again = sdcluster.load(model.to_xmile(tmp_path / "again.xmile"))
    for name in ("result", "before"):
        assert again[name].equations == model[name].equations


def test_an_index_may_be_a_position_of_the_left_side(run) -> None:
    """@1 is the first dimension of the variable that is defined, whatever it is called."""
    turned = '<dimensions><dim name="side"/><dim name="side"/><dim name="letter"/></dimensions>'
    cube = '<dimensions><dim name="letter"/><dim name="side"/><dim name="side"/></dimensions>'
    result = run(
        f'<aux name="cube">{cube}<eqn>100 * letter + 10 * side</eqn></aux>',
        f'<aux name="kept">{turned}<eqn>cube[letter, @1, @2]</eqn></aux>',
        f'<aux name="swapped">{turned}<eqn>cube[@3, @2, @1]</eqn></aux>',
        f'<aux name="row">{SIDE}<eqn>grid[b, @1]</eqn></aux>',
        f'<aux name="total">{SIDE}<eqn>SUM(grid[*, @1])</eqn></aux>',
        f'<aux name="single">{SIDE}<element subscript="left"><eqn>grid[c, @1]</eqn></element>'
        '<element subscript="right"><eqn>0</eqn></element></aux>',
    )
    cube = result["cube"].values[0]
    np.testing.assert_array_equal(result["kept"].values[0], cube.transpose(1, 2, 0))
    np.testing.assert_array_equal(result["swapped"].values[0], cube.transpose(2, 1, 0))
    np.testing.assert_array_equal(result["row"][0], [3, 4])
    np.testing.assert_array_equal(result["total"][0], [16, 20])
    np.testing.assert_array_equal(result["single"][0], [5, 0])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "grid[a, @2]",
            "means dimension 2 of the variable that is defined, but this variable has 1",
        ),
        ("grid[@1, left]", '@1 means "side" with 2 elements, but "letter" has 4'),
        ("grid[a, @]", "after @, write the number of a dimension"),
    ],
)
def test_a_position_that_fits_nothing_is_told(run, text: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        run(f'<aux name="x">{SIDE}<eqn>{text}</eqn></aux>')


@pytest.mark.parametrize("backend", ["python", "native"])
def test_parentheses_count_all_elements_row_by_row(run, workshop, backend: str) -> None:
    result = run(
        workshop.aux("fourth", "grid(4)"),
        workshop.aux("later", "grid(TIME + 1)"),
        workshop.aux("greatest", "grid(RANK(grid, 8))"),
        stop=9,
        dt=1,
        backend=backend,
    )
    np.testing.assert_array_equal(result["fourth"], 4)
    np.testing.assert_array_equal(result["later"], [1, 2, 3, 4, 5, 6, 7, 8, 0, 0])
    np.testing.assert_array_equal(result["greatest"], 8)


def test_size_alone_is_that_of_the_array_that_is_ranked(workshop) -> None:
    path = workshop.write(
        f'<aux name="price">{SIDE}<eqn>7, 5</eqn></aux>',
        workshop.aux("dearest", "RANK(price, SIZE)"),
        extra=DIMENSIONS,
    )
    assert float(sdcluster.simulate(path, method="euler")["dearest"][0]) == 1


def test_allocate_shares_a_supply_by_priority(workshop) -> None:
    asked = "side, wanted[side.*], first[*], 1"
    path = workshop.write(
        f'<aux name="wanted">{SIDE}<eqn>4, 2</eqn></aux>',
        f'<aux name="first">{SIDE}<eqn>1, 9</eqn></aux>',
        f'<aux name="kind">{SIDE}<eqn>1</eqn></aux>',
        f'<aux name="by kind">{SIDE}<eqn>ALLOCATE(TIME, {asked}, kind[side])</eqn></aux>',
        f'<aux name="plain">{SIDE}<eqn>ALLOCATE(TIME, {asked})</eqn></aux>',
        extra=DIMENSIONS,
        stop=8,
        dt=2,
    )
    result = sdcluster.simulate(path, method="euler")
    expected = [[0, 0], [0, 2], [2, 2], [4, 2], [4, 2]]
    np.testing.assert_allclose(result["by kind"], expected, atol=1e-5)
    np.testing.assert_allclose(result["plain"], expected, atol=1e-5)


def test_a_number_of_the_element_in_a_sum_is_written_as_it_was(run, workshop) -> None:
    text = "SUM(size[TIME:3] * letter)"
    path = workshop.write(*BASE, workshop.aux("x", text), extra=DIMENSIONS, start=1, stop=2, dt=1)
    again = write_xmile(sdcluster.load(path), path.with_name("again.xmile"))
    for file in (path, again):
        result = sdcluster.simulate(file, method="euler")
        np.testing.assert_array_equal(result["x"], [140, 130])


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_range_may_end_where_a_variable_says(run, workshop, backend: str) -> None:
    result = run(
        workshop.aux("low", "1 + TIME"),
        workshop.aux("total", "SUM(size[low:3])"),
        workshop.aux("middle", "MEAN(size[low:low + 1]) + SIZE(size[low:4])"),
        workshop.aux("most", "MAX(size[1:low]) - MIN(size[low:4])"),
        workshop.aux("product", "SUM(size[low:4] * size[*])"),
        stop=3,
        dt=1,
        backend=backend,
    )
    np.testing.assert_array_equal(result["total"], [60, 50, 30, 0])
    np.testing.assert_array_equal(result["middle"], [15 + 4, 25 + 3, 35 + 2, 40 + 1])
    np.testing.assert_array_equal(result["most"], 0)
    np.testing.assert_array_equal(result["product"], [3000, 2900, 2500, 1600])


def test_a_range_that_is_too_long_is_cut_off_and_one_that_is_too_short_refused(run) -> None:
    with pytest.warns(ModelWarning, match="the part of the range beyond them is ignored"):
        result = run(
            f'<aux name="short">{SIDE}<eqn>size[2:4]</eqn></aux>',
            f'<aux name="one">{SIDE}<element subscript="right"><eqn>size[2:4]</eqn></element>'
            '<element subscript="left"><eqn>0</eqn></element></aux>',
        )
    np.testing.assert_array_equal(result["short"][0], [20, 30])
    np.testing.assert_array_equal(result["one"][0], [0, 30])
    with pytest.raises(ModelError, match="a range of 2 elements is given where one is expected"):
        run(f'<aux name="long">{LETTER}<eqn>size[2:3]</eqn></aux>')
