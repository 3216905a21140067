"""Equations that are not written yet: their causes count in the graph, in loops and for lint."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.lint import lint
from sdcluster.model import Model
from sdcluster.model.graph import causal_graph, loops

pytestmark = pytest.mark.filterwarnings("ignore::sdcluster.ModelWarning")

SKETCHED = (
    "stock = INTEG(inflow - outflow, 5)",
    "inflow = A FUNCTION OF(price, mood)",
    "outflow = stock/4",
    "price = 3",
    "mood = A FUNCTION OF(stock)",
)
STELLA = """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header/>
<sim_specs><start>0</start><stop>2</stop><dt>1</dt></sim_specs><model><variables>
<stock name="stock"><eqn>5</eqn><inflow>inflow</inflow><outflow>outflow</outflow></stock>
<flow name="inflow"><eqn>NAN(price, mood)</eqn></flow><flow name="outflow"><eqn>stock/4</eqn></flow>
<aux name="price"><eqn>3</eqn></aux><aux name="mood"><eqn>NAN(stock)</eqn></aux>
</variables></model></xmile>"""


def unused(model: Model) -> set[str]:
    return {f.variable for f in lint(model, rules=("unused",), run=False)}


def cycles(model: Model) -> set[frozenset[str]]:
    return {frozenset(loop.names) for loop in loops(model)}


@pytest.fixture(params=["vensim", "stella", "written"])
def sketched(request: pytest.FixtureRequest, make, tmp_path: Path) -> Model:
    if request.param == "stella":
        file = tmp_path / "m.stmx"
        file.write_text(STELLA, encoding="utf-8")
        return sdcluster.load(file)
    model: Model = make(*SKETCHED)
    if request.param == "written":
        return sdcluster.load(model.to_xmile(tmp_path / "m.xmile"))
    return model


def test_causes_make_loops_and_are_used(sketched: Model) -> None:
    assert cycles(sketched) == {
        frozenset({"stock", "outflow"}),
        frozenset({"stock", "mood", "inflow"}),
    }
    assert not unused(sketched) & {"price", "mood"}
    assert {r.variable for r in sketched.remarks} == {"inflow", "mood"}


def test_a_minus_is_the_sign_of_a_link(make) -> None:
    model = make("x = A FUNCTION OF(y, -z)", "y = 1", "z = 2")
    edges = causal_graph(model).edges
    assert edges["z", "x"]["polarity"] == "-"
    assert edges["y", "x"]["polarity"] == "?"


def test_a_cycle_of_sketched_causes_is_no_error(make) -> None:
    model = make("x = A FUNCTION OF(y)", "y = A FUNCTION OF(-x)")
    assert cycles(model) == {frozenset({"x", "y"})}
    assert {f.rule for f in lint(model) if f.severity == "error"} == {"does-not-run"}


def test_causes_may_be_arrays_lookups_and_stocks(make) -> None:
    model = make(
        "d: a, b",
        "x[d] = A FUNCTION OF(y, -z[d], f)",
        "y[a] = A FUNCTION OF( )",
        "y[b] = 2",
        "z[d] = INTEG(A FUNCTION OF(x[d]), 1)",
        "f((0,0),(1,1))",
    )
    assert set(causal_graph(model).predecessors("x")) == {"y", "z", "f"}
    assert cycles(model) == {frozenset({"x", "z"})}


def test_causes_that_the_model_lacks_are_named(make) -> None:
    model = make("x = A FUNCTION OF(y, gone)", "y = 1")
    assert model.remarks[0].sentence.endswith('no equation defines its cause "gone"')
    assert set(causal_graph(model).predecessors("x")) == {"y"}


# ---- runs


@pytest.mark.parametrize("method", ["euler", "rk4", "LSODA"])
def test_a_run_needs_the_equation_or_a_value(sketched: Model, method: str) -> None:
    with pytest.raises(sdcluster.ModelError, match="not written yet; write it, or set") as caught:
        sdcluster.simulate(sketched, method=method)
    assert caught.value.line == sketched["inflow"].line
    with pytest.raises(sdcluster.ModelError, match='--set "mood=NUMBER"'):
        sdcluster.simulate(sketched, method=method, settings={"inflow": 2})
    run = sdcluster.simulate(sketched, method=method, settings={"inflow": 2, "mood": 1})
    assert run["outflow"].values[0] == 1.25
    assert run["inflow"].values.tolist() == [2] * len(run.time)


def test_a_series_stands_in_for_the_equation(sketched: Model) -> None:
    series = {"inflow": [(0, 1), (4, 5)], "mood": 1}
    run = sdcluster.simulate(sketched, method="euler", settings=series)
    assert run["inflow"].values[:3].tolist() == [1, 2, 3]


ROWS = ("d: a, b, c", "x[a] = 1", "x[b] = A FUNCTION OF(y)", "x[c] = A FUNCTION OF(y)", "y = 2")


@pytest.mark.parametrize("rows", [ROWS, ("d: a, b, c", "x[d] = A FUNCTION OF(y)", "y = 2")])
def test_elements_get_their_values_one_by_one(make, rows: tuple[str, ...]) -> None:
    model = make(*rows, "total = SUM(x[d!])")
    some = {"x[a]": 1.0, "x[b]": 3.0}
    with pytest.raises(sdcluster.ModelError, match='variable "x": its equation is not written yet'):
        sdcluster.simulate(model, method="euler", settings=some)
    run = sdcluster.simulate(model, method="euler", settings=some | {"x[c]": 5.0})
    assert run["total"].values[0] == 9


def test_a_stock_needs_its_equation_whatever_its_start(make) -> None:
    model = make("s = INTEG(A FUNCTION OF(y), 1)", "y = 2")
    with pytest.raises(sdcluster.ModelError, match=r"not written yet; write it$"):
        sdcluster.simulate(model, settings={"s": 3})


def test_a_copy_keeps_that_an_equation_is_not_written(make, tmp_path: Path) -> None:
    model = make("x = A FUNCTION OF( )", "y = A FUNCTION OF(gone)")
    again = sdcluster.load(model.to_xmile(tmp_path / "m.xmile"))
    assert again.without_data == {"x", "y"}
