"""GET VDF DATA, GET VDF CONSTANTS and GET VDF LOOKUPS read a stored run in the model's folder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from tests.read.vensim.vdf_writer import AUXILIARY, CONSTANT, NOT_AVAILABLE, STOCK, VdfWriter

MDL = """{{UTF-8}}
age: young, old ~~|
team: red, blue ~~|
{}
~~|
FINAL TIME = 4 ~~|
INITIAL TIME = 0 ~~|
SAVEPER = TIME STEP ~~|
TIME STEP = 1 ~~|
"""


@pytest.fixture
def x(tmp_path: Path) -> Callable[[str], np.ndarray]:
    """Run a model beside ``r.vdf``, and return its variable x."""
    writer = VdfWriter([0, 1, 2, 3], {"age": ["young", "old"]})
    writer.add("sales", AUXILIARY, [1, 2, 4, 8])
    writer.add("rate", CONSTANT, 0.25)
    writer.add("gap", AUXILIARY, [NOT_AVAILABLE] * 4)
    writer.add("pop", STOCK, [1, 2, 3, 4], [10, 20, 30, 40], ranges=("age",))
    writer.add_lookup("curve", [0, 10], [5, 25])
    (tmp_path / "r.vdf").write_bytes(writer.bytes())

    def run(definitions: str) -> np.ndarray:
        (tmp_path / "m.mdl").write_text(MDL.format("\n~~|\n".join(definitions.split("\n"))))
        return sdcluster.simulate(tmp_path / "m.mdl", method="euler", backend="python")["x"].values

    return run


@pytest.mark.parametrize(
    ("definitions", "expected"),
    [
        ("x := GET VDF DATA('r.vdf', 'sales', 0, 1)", [1, 2, 4, 8, 8]),
        # time in the model = 1 + 2 * time in the file: the values stand at 1, 3, 5, 7
        ("x := GET VDF DATA('r.vdf', 'sales', 1, 2)", [1, 1, 1.5, 2, 3]),
        ("x := GET VDF DATA('r.vdf', 'sales', 5, 0)", [1, 2, 4, 8, 8]),
        ("x :HOLD BACKWARD: := GET VDF DATA('r.vdf', 'sales', 0.5, 1)", [1, 1, 2, 4, 8]),
        ("x := GET VDF DATA('r', 'sales', 0, 1)", [1, 2, 4, 8, 8]),
        ("n :IS: 'r.vdf'\nx := GET VDF DATA(n, 'sales', 0, 1)", [1, 2, 4, 8, 8]),
        ("x := GET VDF DATA('r.vdf', 'pop[old]', 0, 1)", [10, 20, 30, 40, 40]),
        ("x = GET VDF CONSTANTS('r.vdf', 'rate', 0)", [0.25] * 5),
        ("x = GET VDF CONSTANTS('r.vdf', 'sales', 2.5)", [4] * 5),
        ("x = GET VDF CONSTANTS('r.vdf', 'sales', -1)", [1] * 5),
        ("x = GET VDF CONSTANTS('r.vdf', 'sales', 9)", [8] * 5),
        ("x = GET VDF CONSTANTS('', 'sales', 9)", [9] * 5),
        ("h(GET VDF LOOKUPS('r.vdf', 'curve', 0, 1))\nx = h(Time)", [5, 7, 9, 11, 13]),
        ("h(GET VDF LOOKUPS('r.vdf', 'sales', 0, 1))\nx = h(Time / 2)", [1, 1.5, 2, 3, 4]),
    ],
)
def test_a_stored_run_gives_values(x, definitions: str, expected: list[float]) -> None:
    np.testing.assert_allclose(x(definitions), expected)


@pytest.mark.parametrize("own", ["age", "team"])
def test_the_elements_of_the_two_sides_are_paired_by_their_order(x, own: str) -> None:
    found = x(f"x[{own}] := GET VDF DATA('r.vdf', 'pop[age]', 0, 1)")
    np.testing.assert_allclose(found[:4], [[1, 10], [2, 20], [3, 30], [4, 40]])
    found = x(f"x[{own}] = GET VDF CONSTANTS('r.vdf', 'pop[age]', 1)")
    np.testing.assert_allclose(found[0], [2, 20])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("GET VDF DATA('r.vdf', 'salse', 0, 1)", 'holds no "salse"; did you mean "sales"'),
        ("GET VDF DATA('r.vdf', 'gap', 0, 1)", '"r.vdf" holds no values of "gap"'),
        ("GET VDF CONSTANTS('r.vdf', 'gap', 0)", '"r.vdf" holds no values of "gap"'),
        ("GET VDF DATA('r.vdf', 'pop[age]', 0, 1)", "has 2 elements, but the left side has 1"),
        ("GET VDF DATA('r.vdf', 'sales', rate, 1)", "and then plain numbers: start and slope"),
        ("GET VDF DATA('r.vdf', 'sales')", "and then plain numbers: start and slope"),
        ("GET VDF CONSTANTS('r.vdf', 'sales')", "and then plain numbers: a time"),
        ("GET VDF DATA(name, 'sales', 0, 1)", '"name" is not a string variable'),
        ("2 * GET VDF DATA('r.vdf', 'sales', 0, 1)", "must be the whole equation"),
        (
            "GET VDF DATA('m.mdl', 'sales', 0, 1)",
            '"m.mdl": no variable in this file has both a time',
        ),
    ],
)
def test_a_call_that_cannot_be_answered_says_why(x, call: str, sentence: str) -> None:
    with pytest.raises(sdcluster.ModelError, match=sentence):
        x(f"x := {call}")


@pytest.mark.parametrize("file", ["no.vdf", "../no.vdf"])
def test_a_missing_run_leaves_the_variable_without_values(x, file: str) -> None:
    with (
        pytest.warns(sdcluster.errors.ModelWarning, match="no.vdf"),
        pytest.raises(sdcluster.ModelError, match="in the model's folder"),
    ):
        x(f"x := GET VDF DATA('{file}', 'sales', 0, 1)")


def test_a_run_outside_the_folder_of_the_model_is_not_read(x, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.vdf"
    outside.write_bytes((tmp_path / "r.vdf").read_bytes())
    with pytest.raises(sdcluster.ModelError, match="is outside the model's folder"):
        x(f"x := GET VDF DATA('../{outside.name}', 'sales', 0, 1)")


def test_a_message_is_1_where_it_is_shown(x) -> None:
    np.testing.assert_allclose(x("x = MESSAGE('now', Time - 1)"), [0, 0, 1, 1, 1])
