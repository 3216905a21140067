"""Variables: graphical functions, elements and the whole, initial equations, SELF, imports."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError, ModelWarning

DIMENSION = '<dimensions><dim name="region"><elem name="n"/><elem name="s"/></dim></dimensions>'
REGION = '<dimensions><dim name="region"/></dimensions>'
RISING = '<gf><xscale min="0" max="10"/><yscale min="0" max="1"/><ypts>0,5,10</ypts></gf>'
STEEP = "<gf><xpts>0,1,2</xpts><ypts>0,10,20</ypts></gf>"


@pytest.fixture
def run(workshop):
    def simulate(*parts: str):
        return sdcluster.simulate(
            workshop.write(*parts, extra=DIMENSION, stop=3, dt=1), method="euler"
        )

    return simulate


def test_an_array_of_graphical_functions_with_equations(run, workshop) -> None:
    """The name is the value, LOOKUP(name, x) and name(x) are the points."""
    result = run(
        f'<aux name="curve">{REGION}<element subscript="n"><eqn>1</eqn>{RISING}</element>'
        f'<element subscript="s"><eqn>0.5</eqn>{STEEP}</element></aux>',
        workshop.aux("one", "LOOKUP(curve[n], TIME) + LOOKUP(curve[s], TIME)"),
        workshop.aux("value", "curve[s]"),
        f'<aux name="each">{REGION}<eqn>LOOKUP(curve, TIME)</eqn></aux>',
        f'<aux name="called">{REGION}<eqn>curve[region](TIME)</eqn></aux>',
    )
    np.testing.assert_allclose(result["one"], [0, 11, 22, 23])
    np.testing.assert_allclose(result["value"], 5)
    np.testing.assert_allclose(result["each"], [[0, 0], [1, 10], [2, 20], [3, 20]])
    np.testing.assert_array_equal(result["called"], result["each"])
    assert not [name for name in result if "⟨" in str(name)]


def test_one_equation_with_a_graphical_function_for_each_element(run) -> None:
    result = run(
        f'<aux name="x">{REGION}<eqn>TIME</eqn><element subscript="n">{RISING}</element>'
        f'<element subscript="s">{STEEP}</element></aux>'
    )
    np.testing.assert_allclose(result["x"], [[0, 0], [1, 10], [2, 20], [3, 20]])


@pytest.mark.parametrize("points", ["0,1,2", "0, 1,\n2", "0 1 2", "0;1;2", "\n0,\n1,\n2,\n"])
def test_points_are_between_commas_blanks_or_lines(run, workshop, points: str) -> None:
    ys = "<ypts>" + points.replace("1", "5") + "</ypts>"
    equation = "<eqn>{Enter equation here}</eqn>"  # a comment alone is no equation
    curve = f'<aux name="curve">{equation}<gf><xpts>{points}</xpts>{ys}</gf></aux>'
    assert float(run(curve, workshop.aux("y", "curve(0.5)"))["y"][0]) == 2.5


def test_the_equation_of_the_whole_holds_where_an_element_has_none(run) -> None:
    result = run(
        f'<aux name="x">{REGION}<eqn>10 * region + TIME</eqn><element subscript="n"><eqn>5</eqn></element></aux>',
        f'<stock name="level">{REGION}<eqn>1</eqn><element subscript="2"><eqn>7</eqn></element>'
        "<inflow>adding</inflow></stock>",
        f'<flow name="adding">{REGION}<eqn>region</eqn></flow>',
    )
    np.testing.assert_array_equal(result["x"][:2], [[5, 20], [5, 21]])
    np.testing.assert_array_equal(result["level"][:2], [[1, 7], [2, 9]])


def test_an_equation_for_the_start(run, workshop) -> None:
    """xmutil writes Vensim's ACTIVE INITIAL as an equation beside the equation."""
    result = run(
        workshop.stock("capacity", "target", "building"),
        workshop.flow("building", "target - capacity"),
        '<aux name="target"><eqn>capacity * 2</eqn><init_eqn>5</init_eqn></aux>',
    )
    np.testing.assert_array_equal(result["capacity"], [5, 10, 20, 40])
    np.testing.assert_array_equal(result["target"], [10, 20, 40, 80])


def test_self_is_the_variable_itself(run, workshop) -> None:
    result = run(
        workshop.aux("count", "PREVIOUS(SELF, 0) + 1"),
        f'<aux name="each">{REGION}<eqn>PREVIOUS(SELF, 0) + region</eqn></aux>',
    )
    np.testing.assert_array_equal(result["count"], [1, 2, 3, 4])
    np.testing.assert_array_equal(result["each"][2], [3, 6])


def test_a_connected_graphical_function_and_array(workshop) -> None:
    inner = (
        '<model name="m"><variables><aux name="curve" access="input"><eqn>{none}</eqn></aux>'
        '<aux name="amount" access="input"><eqn>0</eqn></aux>'
        f'<aux name="y">{REGION}<eqn>LOOKUP(curve, 0.5) * amount</eqn></aux></variables></model></xmile>'
    )
    text = workshop.xmile(
        f'<aux name="effect">{STEEP}</aux><aux name="stores">{REGION}<eqn>1, 2</eqn></aux>'
        '<module name="m"><connect to="curve" from="effect"/><connect to="amount" from="stores"/></module>',
        extra=DIMENSION,
    ).replace("</xmile>", inner)
    np.testing.assert_array_equal(sdcluster.simulate(workshop.raw(text))["m.y"][0], [5, 10])


def test_an_input_that_nothing_is_connected_to(workshop) -> None:
    inner = '<model name="m"><variables><aux name="x" access="input"/></variables></model></xmile>'
    text = workshop.xmile('<module name="m"/>').replace("</xmile>", inner)
    with pytest.raises(ModelError, match=r'"m\.x": it is an input of a module, but nothing'):
        sdcluster.load(workshop.raw(text))


def test_imports_are_told(workshop) -> None:
    data = '<data><import type="CSV" resource="prices.csv"/></data><model>'
    text = workshop.xmile(workshop.aux("x", "1")).replace("<model>", data)
    with pytest.warns(
        ModelWarning, match=r'imports numbers from "prices\.csv", which was not read'
    ):
        assert sdcluster.load(workshop.raw(text))["x"].value == 1


def test_a_graphical_function_is_a_list_of_its_values(run, workshop) -> None:
    result = run(
        f'<aux name="curve">{STEEP.replace("0,10,20", "7,1,4")}</aux>',
        workshop.aux("second", "curve[2]"),
        workshop.aux("by_time", "curve[TIME]"),
        workshop.aux("all", "SUM(curve) * 100 + MIN(curve) * 10 + SIZE(curve)"),
    )
    np.testing.assert_array_equal(result["second"], 1)
    np.testing.assert_array_equal(result["by time"], [0, 7, 1, 4])
    np.testing.assert_array_equal(result["all"], 1213)


def test_a_flow_may_arrive_in_another_unit(workshop) -> None:
    path = workshop.write(
        workshop.stock("trees", "10", "", "cut"),
        workshop.stock("boards", "0", "cut"),
        workshop.flow("cut", "2", "<multiplier>3 + TIME</multiplier>"),
        stop=2,
        dt=1,
    )
    result = sdcluster.simulate(path, method="euler")
    np.testing.assert_array_equal(result["trees"], [10, 8, 6])
    np.testing.assert_array_equal(result["boards"], [0, 6, 14])


@pytest.mark.parametrize(
    ("product", "floor", "remainder"), [("Stella", -3, 2), ("Vensim, xmutil", -2, -1)]
)
def test_files_made_from_vensims_mean_its_integer(
    workshop, product: str, floor: float, remainder: float
) -> None:
    text = workshop.xmile(workshop.aux("a", "INT(-2.5)") + workshop.aux("b", "-7 MOD 3"))
    text = text.replace("</header>", f"<product>{product}</product></header>")
    result = sdcluster.simulate(workshop.raw(text), method="euler")
    assert (float(result["a"][0]), float(result["b"][0])) == (floor, remainder)


def test_variables_without_an_equation_can_be_looked_at_but_not_run(workshop, tmp_path) -> None:
    """Stella saves models that are only drawn yet; they read, convert and run as soon as values are set."""
    path = workshop.write(
        '<stock name="S"><eqn>1</eqn><inflow>i</inflow></stock>',
        '<flow name="i"/>',
        '<aux name="a"><eqn>{Enter equation here}</eqn></aux>',
        f'<aux name="b">{REGION}</aux>',
        extra=DIMENSION,
        stop=3,
        dt=1,
    )
    for _ in range(2):
        with pytest.warns(ModelWarning, match="not written yet"):
            model = sdcluster.load(path)
        assert {v.name for v in model.variables.values() if v.missing} == {"i", "a", "b"}
        with pytest.raises(ModelError, match="not written yet; write it, or set the variable"):
            sdcluster.simulate(model)
        run = sdcluster.simulate(model, settings={"i": 2, "a": 1, "b": [3, 4]})
        assert run["S"].values.tolist() == [1, 3, 5, 7]
        path = tmp_path / "again.xmile"
        model.to_xmile(path)
