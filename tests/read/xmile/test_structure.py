"""Modules, macros, simulation settings, graphical functions and what belongs to Stella alone."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError, ModelWarning


def modules(workshop, main: str, *others: str):
    text = workshop.xmile(main, stop=2, dt=1)
    return workshop.raw(text.replace("</xmile>", "".join(others) + "</xmile>"))


def submodel(name: str, *parts: str) -> str:
    return f'<model name="{name}"><variables>{"".join(parts)}</variables></model>'


def test_both_ends_of_a_connection_list_it(workshop) -> None:
    """Stella writes a connection into the module that it leaves, too."""
    connect = (
        """<connect to='eater."food/day"' from='field."corn/day"'/><connect2 to="a" from="b"/>"""
    )
    path = modules(
        workshop,
        f'<module name="field">{connect}</module><module name="eater">{connect}</module>',
        submodel("field", '<aux name="corn/day" access="output"><eqn>7 + TIME</eqn></aux>'),
        submodel(
            "eater",
            '<aux name="food/day" access="input"><eqn>{Enter equation for use when not hooked up}</eqn></aux>',
            workshop.aux("eaten", '"food/day" * 2'),
        ),
    )
    run = sdcluster.simulate(path)
    np.testing.assert_array_equal(run["eater.eaten"], [14, 16, 18])
    np.testing.assert_array_equal(run["field.corn/day"], [7, 8, 9])


def test_two_modules_of_one_model_and_one_inside(workshop) -> None:
    path = modules(
        workshop,
        workshop.aux("rate", "0.5")
        + '<module name="north" model="bank"><connect to="interest" from="rate"/></module>'
        + '<module name="south" model="bank"><connect to="south.interest" from="north.keeper.twice"/></module>'
        + workshop.aux("all", "north.money + south.money + north.keeper.twice"),
        submodel(
            "bank",
            workshop.aux("interest", "0"),
            workshop.stock("money", "100", "earning"),
            workshop.flow("earning", "money * interest"),
            '<module name="keeper"><connect to="x" from="interest"/></module>',
        ),
        submodel("keeper", workshop.aux("x", "0"), workshop.aux("twice", "x * 2 + .rate * 0")),
    )
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_array_equal(run["north.money"], [100, 150, 225])
    np.testing.assert_array_equal(run["south.money"], [100, 200, 400])
    assert float(run["all"][0]) == 201


def test_a_connection_may_lead_out_of_a_module(workshop) -> None:
    """The variable outside has an equation that nobody looks at."""
    path = modules(
        workshop,
        workshop.aux("rate", "4")
        + '<aux name="seen" access="input"><eqn>Part_One</eqn></aux>'
        + workshop.aux("twice", "2 * seen")
        + '<module name="Part One"><connect to=".seen" from="Part_One.made"/>'
        + '<connect to="Part_One.rate" from=".rate"/><connect2 to="seen" from="Part_One.made"/></module>',
        submodel(
            "Part One",
            '<aux name="rate" access="input"><eqn/></aux>',
            workshop.aux("made", "rate + TIME"),
            '<module name="deep"><connect to="Part_One.deep.x" from="made"/></module>',
        ),
        submodel("deep", workshop.aux("x", "0"), workshop.aux("y", "x * 100")),
    )
    run = sdcluster.simulate(path)
    np.testing.assert_array_equal(run["twice"], [8, 10, 12])
    np.testing.assert_array_equal(run["Part One.deep.y"], [400, 500, 600])


def test_the_model_without_a_name_is_the_main_one(workshop) -> None:
    inner = submodel("inner", workshop.aux("x", "3"))
    text = workshop.xmile('<module name="inner"/>' + workshop.aux("y", "inner.x"))
    model = sdcluster.load(workshop.raw(text.replace("<model>", inner + "<model>")))
    assert list(model.variables) == ["y", "inner.x"]


def test_an_array_of_modules_is_refused_and_its_own_clock_told(workshop) -> None:
    inner = submodel("inner", workshop.aux("x", "3"))
    with pytest.raises(ModelError, match='the module "inner" is an array'):
        sdcluster.load(modules(workshop, f'<module name="inner">{REGION}</module>', inner))
    specs = "<sim_specs><start>0</start><stop>1</stop><dt>1</dt></sim_specs><variables>"
    own = inner.replace("<variables>", specs)
    with pytest.warns(ModelWarning, match='the model "inner" has separate simulation settings'):
        sdcluster.load(modules(workshop, '<module name="inner"/>', own))


def test_a_module_whose_file_is_missing_is_not_run(workshop) -> None:
    with pytest.warns(ModelWarning, match=r'is in another file, "b\.stmx", which was not read'):
        model = sdcluster.load(workshop.write('<module name="b" resource="b.stmx"/>'))
    with pytest.raises(ModelError, match=r'"b\.stmx" does not exist'):
        sdcluster.simulate(model)


MACRO = """
<macro name="grown"><parm>start</parm><parm>rate</parm><parm default="start * 10">limit</parm>
<eqn>MIN(level, limit)</eqn><variables>
<stock name="level"><eqn>start</eqn><inflow>adding</inflow></stock><flow name="adding"><eqn>level * rate</eqn></flow>
</variables></macro>
"""
DIMENSION = '<dimensions><dim name="region"><elem name="n"/><elem name="s"/></dim></dimensions>'
REGION = '<dimensions><dim name="region"/></dimensions>'


def test_a_macro_with_a_stock_a_default_and_over_an_array(workshop) -> None:
    text = workshop.xmile(
        f'<aux name="size">{REGION}<element subscript="n"><eqn>1</eqn></element>'
        f'<element subscript="s"><eqn>10</eqn></element></aux>'
        f'<aux name="people">{REGION}<eqn>2 * grown(size, 1)</eqn></aux>'
        f'<aux name="parts">{REGION}<element subscript="n"><eqn>grown(size, 0.5, 2)</eqn></element>'
        f'<element subscript="s"><eqn>size + 1</eqn></element></aux>'
        + workshop.aux("one", "grown(1, 2)"),
        stop=4,
        dt=1,
        extra=DIMENSION,
    )
    run = sdcluster.simulate(
        workshop.raw(text.replace("<model>", MACRO + "<model>")), method="euler"
    )
    np.testing.assert_array_equal(run["one"], [1, 3, 9, 10, 10])
    np.testing.assert_array_equal(run["people"], [[2, 20], [4, 40], [8, 80], [16, 160], [20, 200]])
    np.testing.assert_array_equal(run["parts"][:, 0], [1, 1.5, 2, 2, 2])
    assert not [name for name in run if "⟨" in str(name)]


def test_a_macro_as_xmutil_writes_it(workshop) -> None:
    """A parameter is listed as a flow again; the value is a stock of the macro's name, written with a blank."""
    macro = """
    <macro name="TOTAL OF"><eqn>TOTAL OF</eqn><parm>input</parm><parm>start</parm><variables>
    <flow name="input"/><stock name="TOTAL OF"><inflow>input</inflow><eqn>start</eqn></stock>
    <aux name="value"><eqn>7</eqn></aux></variables></macro>
    """
    text = workshop.xmile(
        workshop.aux("x", "TOTAL_OF(5, 1)") + workshop.aux("y", "TOTAL OF(x, 0)"), stop=3, dt=1
    )
    run = sdcluster.simulate(
        workshop.raw(text.replace("<model>", macro + "<model>")), method="euler"
    )
    np.testing.assert_array_equal(run["x"], [1, 6, 11, 16])
    np.testing.assert_array_equal(run["y"], [0, 1, 7, 18])


WORN = """
<macro name="worn"><eqn>wear + at once</eqn><parm>bought</parm><parm>life</parm><variables>
<aux name="bought" access="input"><eqn>PULSE(70, 3)</eqn></aux><aux name="life" access="input"><eqn>7</eqn></aux>
<stock name="in use"><eqn>0</eqn><inflow>new</inflow><outflow>scrapped</outflow><outflow>wear</outflow>
<conveyor><len>life - DT</len></conveyor></stock>
<flow name="new"><eqn>bought - at once</eqn></flow><flow name="scrapped"><eqn>0</eqn></flow>
<flow name="wear"><eqn>1</eqn><leak/></flow><aux name="at once"><eqn>bought * DT / life</eqn></aux></variables></macro>
"""


def test_a_macro_with_a_conveyor_that_leaks(workshop) -> None:
    """The equations of its inputs are for running it alone: Stella writes them."""
    text = workshop.xmile(
        workshop.aux("x", "worn(STEP(8, 1) - STEP(8, 2), 4)") + workshop.aux("y", "worn(4, 2)"),
        stop=6,
        dt=1,
    )
    run = sdcluster.simulate(
        workshop.raw(text.replace("<model>", WORN + "<model>")), method="euler"
    )
    np.testing.assert_allclose(run["x"], [0, 2, 2, 2, 2, 0, 0], atol=1e-12)
    np.testing.assert_allclose(run["y"], [2, 4, 4, 4, 4, 4, 4], atol=1e-12)


def test_data_that_a_converter_lost_are_told(workshop) -> None:
    lost = workshop.aux("price", "0{GET_DIRECT_CONSTANTS('a.csv', ',', 'B2')}")
    curve = "<gf><xpts>0,1</xpts><ypts>1,1</ypts></gf>"
    text = workshop.xmile(
        lost + workshop.aux("series", "TIME", curve) + workshop.aux("own", "TIME", curve)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sdcluster.load(workshop.raw(text))  # nobody says that a converter wrote it
    marked = text.replace("<header>", "<header><vendor>Ventana Systems, xmutil</vendor>")
    with pytest.warns(ModelWarning) as told:
        sdcluster.load(workshop.raw(marked))
    assert [str(w.message).partition("the data of ")[2][:8] for w in told] == [
        '"price" ',
        '"series"',
        '"own" we',
    ]


def test_macros_that_are_wrong(workshop) -> None:
    def load(equation: str, macro: str = MACRO) -> None:
        text = workshop.xmile(workshop.aux("x", equation))
        sdcluster.load(workshop.raw(text.replace("<model>", macro + "<model>")))

    with pytest.raises(ModelError, match="takes 2 to 3 arguments, but was given 1"):
        load("grown(1)")
    with pytest.raises(ModelError, match="calls itself"):
        load("grown(1, 2)", MACRO.replace("MIN(level, limit)", "grown(start, rate)"))
    specs = "<sim_specs><start>0</start><stop>1</stop><dt>1</dt></sim_specs><variables>"
    with pytest.raises(ModelError, match="has simulation settings"):
        load("grown(1, 2)", MACRO.replace("<variables>", specs))


def test_a_dimension_stands_for_another_of_its_length(workshop) -> None:
    """Converters drop Vensim's mappings; `lint` tells what was assumed."""
    good = '<dim name="good"><elem name="x"/><elem name="y"/></dim></dimensions>'
    both = DIMENSION.replace("</dimensions>", good)
    path = workshop.write(
        '<aux name="price"><dimensions><dim name="good"/></dimensions><eqn>3, 4</eqn></aux>',
        f'<aux name="own">{REGION}<eqn>price[good] * 10</eqn></aux>',
        f'<aux name="number">{REGION}<eqn>good</eqn></aux>',
        f'<aux name="parts">{REGION}<element subscript="n"><eqn>price[good]</eqn></element>'
        f'<element subscript="s"><eqn>good</eqn></element></aux>',
        extra=both,
    )
    model = sdcluster.load(path)
    run = sdcluster.simulate(model)
    np.testing.assert_array_equal(run["own"][0], [30, 40])
    np.testing.assert_array_equal(run["number"][0], [1, 2])
    np.testing.assert_array_equal(run["parts"][0], [3, 2])
    assert {r.variable for r in model.remarks} == {"own", "number", "parts"}


def test_settings_of_the_simulation(workshop) -> None:
    text = workshop.xmile(workshop.aux("x", "TIME"), stop=2)
    backwards = text.replace("<dt>0.125</dt>", "<dt>0.125</dt><savestep>-1</savestep>")
    with pytest.raises(sdcluster.ModelError, match="the save interval is -1; it must be"):
        sdcluster.load(workshop.raw(backwards))
    written = text.replace("<dt>0.125</dt>", '<dt reciprocal="true">4</dt><savestep>0.5</savestep>')
    assert sdcluster.load(workshop.raw(written)).time.saveper == 0.5
    assert sdcluster.load(workshop.raw(written)).time.dt == 0.25
    marked = text.replace("<sim_specs", '<sim_specs isee:save_interval="0.5"').replace(
        '"rk4"', '"rk4, euler"'
    )
    time = sdcluster.load(workshop.raw(marked)).time
    assert (time.saveper, time.method) == (0.5, "rk4")
    inside = text.replace("<model>", "").replace("<sim_specs", "<model><sim_specs")
    assert sdcluster.load(workshop.raw(inside)).time.stop == 2


def test_macros_of_one_name_differ_by_their_arguments(workshop) -> None:
    macros = (
        '<macro name="more"><parm>x</parm><eqn>x + 1</eqn></macro>'
        '<macro name="more"><parm>x</parm><parm>y</parm><eqn>x + y</eqn></macro>'
    )
    path = workshop.write(
        workshop.aux("a", "more(5)"), workshop.aux("b", "more(5, 6)"), extra=macros
    )
    result = sdcluster.simulate(path, method="euler")
    assert (float(result["a"][0]), float(result["b"][0])) == (6, 11)
    path = workshop.write(workshop.aux("a", "more()"), extra=macros)
    with pytest.raises(ModelError, match="takes 1 or 2 arguments, but was given 0"):
        sdcluster.load(path)


def test_a_file_without_a_time_step_takes_one(workshop) -> None:
    text = workshop.xmile(workshop.aux("a", "DT")).replace("<dt>0.125</dt>", "")
    assert float(sdcluster.simulate(workshop.raw(text), method="euler")["a"][0]) == 1


def test_a_behaviour_may_be_switched_off(workshop) -> None:
    behaviour = (
        "<behavior><non_negative/><flow><non_negative>false</non_negative></flow></behavior>"
    )
    text = workshop.xmile(workshop.flow("f", "-1") + workshop.stock("s", "1", "f"), extra=behaviour)
    model = sdcluster.load(workshop.raw(text))
    assert model["s"].non_negative
    assert float(sdcluster.simulate(model, method="euler")["f"][0]) == -1
