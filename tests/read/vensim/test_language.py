"""What Vensim's equations mean, on small models whose values follow from the text."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sdcluster
from sdcluster.model.expression import Call, Reference

T = np.arange(5.0)


# ---- formulas


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("-2^2", -4),
        ("2^-1", 0.5),
        ("2^3^2", 512),
        ("- - 3", 3),
        ("1 - 2 - 3", -4),
        ("8/4/2", 1),
        (".5 + 5. + 1e-1", 5.6),
        ("+3", 3),
        ("IF THEN ELSE(1=1 :OR: 1=1 :AND: 1=2, 1, 0)", 1),
        ("IF THEN ELSE(:NOT: 1>2 :and: 2<=2, 1, 0)", 1),
        ("if then else(1<>2, 7, 8)", 7),
        ("MODULO(7, 3)", 1),
        ("INTEGER(-2.7)", -2),
        ("QUANTUM(9, 4)", 8),
        ("ZIDZ(1, 0) + XIDZ(1, 0, 5)", 5),
        ("LOG(8, 2)", 3),
        ("POWER(2, 5)", 32),
        ("MIN(3, MAX(1, 2))", 2),
        ("GAME(4)", 4),
        ("WITH LOOKUP(1.5, ([(0,0)-(9,9)],(1,10),(2,20),(3,0)))", 15),
        ("WITH LOOKUP(5, ((1,10),(2,20)))", 20),
        ("2 {a remark} * 3", 6),
        ("2 *\\\n\t\t3", 6),
    ],
)
def test_formula(run, formula: str, value: float) -> None:
    assert run(f"x = {formula}")["x"] == pytest.approx(value)


def test_names_in_all_their_spellings(run) -> None:
    found = run(
        '"a+b (c)" = 2',
        "Émile's $ rate = 3",
        'x="A+B (C)" * émile\'s   $_rate',
        "温度 = 5",
        "y° = 温度",
    )
    assert found["x"][0] == 6
    assert found["y°"][0] == 5


def test_time_and_clock(run) -> None:
    found = run(
        "x = Time", "y = TIME STEP + INITIAL TIME + FINAL TIME", "z = GET TIME VALUE(0, 10, 0)"
    )
    assert found["x"] == pytest.approx(T)
    assert found["y"] == pytest.approx(5)
    assert found["z"] == pytest.approx(T + 10)
    assert found["FINAL TIME"] == pytest.approx(4)
    assert found["SAVEPER"] == pytest.approx(1)


def test_clock_follows_the_run(make) -> None:
    found = sdcluster.simulate(make("x = TIME STEP"), method="euler", dt=0.5)
    assert found["x"].to_numpy() == pytest.approx(0.5)


def test_moving_clock_takes_the_smallest_step_and_the_last_end(tmp_path) -> None:
    file = tmp_path / "clock.mdl"
    file.write_text(
        "h = 6 ~~|\nFINAL TIME = IF THEN ELSE(Time<2, h, 3) ~~|\nINITIAL TIME = 1 ~Month~|\n"
        "SAVEPER = TIME STEP ~~|\nTIME STEP = IF THEN ELSE(Time<2, 0.5, 0.25) ~~|\n"
    )
    time = sdcluster.load(file).time
    assert (time.start, time.stop, time.dt, time.saveper, time.units) == (1, 3, 0.25, 0.25, "Month")


def test_units_ranges_and_docs(make) -> None:
    model = make(
        'x = 5\n\t~\tPeople/Year [0,10,0.5]\n\t~\tHow many;\n a "quoted word.\n\t|',
        "y = x ~ m [?,3] ~ |",
    )
    x = model["x"]
    assert (x.units, x.range.minimum, x.range.maximum, x.range.step) == ("People/Year", 0, 10, 0.5)
    assert x.doc.startswith("How many;")
    assert x.kind == "constant"
    assert model["y"].range.maximum == 3
    assert x.line == 2


def test_missing_values_compare_as_missing(run) -> None:
    assert run("x = IF THEN ELSE(:NA: = :NA:, 1, 0)", "y=IF THEN ELSE(Time <> :NA:, 1, 0)")[
        "y"
    ] == pytest.approx(1)


# ---- stocks and statefuls


def test_stock_and_its_flows(make) -> None:
    model = make("s = INTEG(birth - death, 10)", "birth = 0.1*s", "death = 0.2*s")
    assert (model["s"].kind, model["s"].inflows, model["s"].outflows) == (
        "stock",
        ("birth",),
        ("death",),
    )
    assert model["birth"].kind == "flow"
    assert sdcluster.simulate(model, method="euler")["s"].to_numpy() == pytest.approx(10 * 0.9**T)


def test_stock_inside_a_formula(run) -> None:
    assert run("x = 2 * INTEG(3, 1)")["x"] == pytest.approx(2 * (1 + 3 * T))


def test_net_flow_that_is_no_sum_has_no_flows(make) -> None:
    model = make("s = INTEG(2*r, 0)", "r = Time")
    assert model["s"].inflows == ()
    assert model["r"].kind == "auxiliary"


def test_initial_and_active_initial(run) -> None:
    found = run("x = INITIAL(Time + 3)", "a = ACTIVE INITIAL(Time + 5, 1)", "s = INTEG(0, a)")
    assert found["x"] == pytest.approx(3)
    assert found["a"] == pytest.approx(T + 5)
    assert found["s"] == pytest.approx(1)


def test_delay_fixed_and_sample_if_true(run) -> None:
    found = run("d = DELAY FIXED(Time*10, 2, -1)", "s = SAMPLE IF TRUE(Time=2, Time, 7)")
    assert found["d"] == pytest.approx([-1, -1, 0, 10, 20])
    assert found["s"] == pytest.approx([7, 7, 2, 2, 2])


def test_sample_until(run) -> None:
    assert run("x = SAMPLE UNTIL(2, Time, 9)")["x"] == pytest.approx([0, 1, 2, 2, 2])


def test_pulses(run) -> None:
    found = run("a = PULSE(1, 2)", "b = PULSE TRAIN(0, 1, 2, 3)", "c = PULSE TRAIN(1, 3, 0, 2)")
    assert found["a"] == pytest.approx([0, 1, 1, 0, 0])
    assert found["b"] == pytest.approx([1, 0, 1, 0, 0])
    assert found["c"] == pytest.approx([0, 1, 1, 1, 0])


def test_random_numbers_stay_in_their_bounds(run) -> None:
    found = run(
        "a = RANDOM 0 1()",
        "d = RANDOM 0 1()",
        "b = RANDOM UNIFORM(3, 5, 1)",
        "c = RANDOM NORMAL(0, 4, 2, 1, 7)",
    )
    assert ((found["a"] >= 0) & (found["a"] <= 1)).all()
    assert ((found["b"] >= 3) & (found["b"] <= 5)).all()
    assert len(set(found["c"])) == 5


def test_smooth_and_delay_start_in_balance(run) -> None:
    found = run(
        "a = SMOOTH3(4, 2)",
        "b = DELAY1I(4, 2, 4)",
        "c = DELAY N(4, 2, 4, 2)",
        "d = SMOOTH N(4, 2, 0, 1)",
    )
    for name in "abc":
        assert found[name] == pytest.approx(4)
    assert found["d"] == pytest.approx(4 * (1 - 0.5**T))


def test_delay_n_with_changing_time(run) -> None:
    """Vensim divides by the delay time of one step before (suite, tests/delays)."""
    found = run("w = 4 + STEP(2, 2)", "x = DELAY N(8, w, 8, 1)")
    # The stock stays 32 until step 3, since what leaves it in step 2 depends on the delay time of step 1.
    assert found["x"] == pytest.approx([8, 8, 8, 32 / 6, (32 + 8 - 32 / 6) / 6])


# ---- lookups


def test_lookup_written_as_points_or_as_vectors(run) -> None:
    found = run("f((0,0),(2,20),(4,0))", "g(0,2,4,0,20,0)", "x = f(Time)", "y = g(Time)")
    assert found["x"] == pytest.approx([0, 10, 20, 10, 0])
    assert found["y"] == pytest.approx(found["x"])


def test_lookup_functions(run) -> None:
    found = run(
        "f([(0,0)-(4,40)],(0,0),(2,20))",
        "e = LOOKUP EXTRAPOLATE(f, Time)",
        "w = LOOKUP FORWARD(f, Time)",
        "b = LOOKUP BACKWARD(f, Time)",
        "i = LOOKUP INVERT(f, Time)",
    )
    assert found["e"] == pytest.approx(10 * T)
    assert found["w"] == pytest.approx([0, 20, 20, 20, 20])
    assert found["b"] == pytest.approx([0, 0, 20, 20, 20])
    assert found["i"] == pytest.approx(T / 10)


# ---- macros


def test_macro_with_stock_and_inner_names(run) -> None:
    found = run(
        ":MACRO: FILL(rate, start)\nFILL = INTEG(net, start) ~~|\n"
        "net = rate * factor ~~|\nfactor = 2 ~~|\n:END OF MACRO:\nfactor = 100",
        "x = FILL(3, 1)",
        "y = FILL(Time, factor) + 1",
    )
    assert found["x"] == pytest.approx(1 + 6 * T)
    assert found["y"] == pytest.approx(101 + np.array([0, 0, 2, 6, 12]))


def test_macros_nest_and_may_have_further_outputs(run) -> None:
    found = run(
        ":MACRO: TWICE(a)\nTWICE = 2*a ~~|\n:END OF MACRO:\n"
        ":MACRO: BOTH(a, b : big, small)\nBOTH = TWICE(a + b) ~~|\nbig = MAX(a, b) ~~|\nsmall = MIN(a, b) ~~|\n"
        ":END OF MACRO:\nx = BOTH(Time, 2 : most, least)",
        "y = most - least",
    )
    assert found["x"] == pytest.approx(2 * (T + 2))
    assert found["y"] == pytest.approx(abs(T - 2))


def test_macros_over_subscripts_and_with_lookups(run) -> None:
    found = run(
        ":MACRO: AT(table, v)\nAT = table(v) + w ~~|\nw = v * TIME STEP$ ~~|\n:END OF MACRO:\nd: a, b",
        "f((0,0),(10,100))",
        "s[d] = 1, 2",
        "x[d] = AT(f, s[d] + 1)",
    )
    assert found["x"][0] == pytest.approx([22, 33])


# ---- data


def test_data_beside_the_model(tmp_path, run) -> None:
    (tmp_path / "history.csv").write_text(
        "Time,sales[a],sales[b],price\n0,1,10,5\n2,3,30,7\n4,5,50,9\n"
    )
    found = run(
        "d: a, b",
        "sales[d] :INTERPOLATE:",
        "price :HOLD BACKWARD:",
        "x[d] = sales[d] * 2",
        "old = GET DATA AT TIME(price, Time - 2)",
        "between = GET DATA BETWEEN TIMES(price, 1, 0)",
        "ends = GET DATA FIRST TIME(price) + 10 * GET DATA LAST TIME(price)",
    )
    assert found["x"][1] == pytest.approx([4, 40])
    assert found["price"] == pytest.approx([5, 5, 7, 7, 9])
    assert found["old"] == pytest.approx([np.nan, np.nan, 5, 5, 7], nan_ok=True)
    assert found["between"] == pytest.approx(6)
    assert found["ends"] == pytest.approx(40)


def test_data_named_by_the_caller(tmp_path, write_model) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "history.dat").write_text("price\n0\t5\n4\t9\n")
    file = write_model("price :LOOK FORWARD:", "double = 2*price")
    with pytest.warns(sdcluster.ModelWarning, match="no data file holds"):
        sdcluster.load(file)
    model = sdcluster.load(file, data=[folder / "history.dat"])
    assert model["price"].kind == "data"
    assert sdcluster.simulate(model, method="euler")["price"].to_numpy() == pytest.approx(
        [5, 9, 9, 9, 9]
    )


# ---- the rest of the file


def test_reality_checks_are_no_variables(make) -> None:
    model = make(
        "x = 1", "check :THE CONDITION: x = 0 :IMPLIES: y = 0", "none :TEST INPUT: x = 0", "y = x"
    )
    assert "check" not in model
    assert "none" not in model
    assert model.reality_checks[0].text == "x = 0 :IMPLIES: y = 0"
    assert model.doc == ""


def test_sketch_gives_a_view(write_model) -> None:
    file = write_model("s = INTEG(in, 0)", "in = c", "c = 1")
    file.write_text(
        file.read_text()
        + "\\\\\\---/// Sketch information - do not modify anything except names\nV300  Do not put anything below\n"
        "*View 1\n$192-192-192,0,Times New Roman|12||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,100,0\n"
        "10,1,s,300,200,40,20,3,3,0,0,0,0,0,0\n12,2,48,100,200,10,8,0,3,0,0,-1,0,0,0\n"
        "1,3,5,1,4,0,0,22,0,0,0,-1--1--1,,1|(240,200)|\n1,4,5,2,100,0,0,22,0,0,0,-1--1--1,,1|(150,200)|\n"
        "11,5,48,200,200,6,8,34,3,0,0,1,0,0,0\n10,6,in,200,220,10,10,40,3,0,0,-1,0,0,0\n"
        "10,7,c,200,300,10,10,8,3,0,0,0,0,0,0\n1,8,7,6,1,0,0,0,0,64,0,-1--1--1,,1|(200,260)|\n///---\\\\\\\n"
    )
    view = sdcluster.load(file).view
    assert [n.name for n in view.stocks] == ["s"]
    assert view.flows[0].points == ((100, 200), (200, 200), (300, 200))
    assert view.clouds == ((100, 200),)
    assert [(c.source, c.target) for c in view.connectors] == [("c", "in")]


HEAD = "\\\\\\---/// Sketch information - do not modify anything except names\nV300  Do not put anything below\n"
STYLE = "$192-192-192,0,Times New Roman|12||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,100,0\n"


def test_all_sketches_are_views_and_shadow_variables_are_aliases(write_model) -> None:
    file = write_model("a = 1", "b = a", "c = a")
    file.write_text(
        file.read_text()
        + f"{HEAD}*Title\n{STYLE}12,1,0,300,200,80,20,8,4,0,8,-1,0,0,0,0-0-0,0-0-0,|18|B|0-0-0\nMy model\n"
        + f"{HEAD}*Supply\n{STYLE}10,1,a,300,200,40,20,8,3,0,0,0,0,0,0\n10,2,b,200,200,40,20,8,3,0,0,0,0,0,0\n"
        + f"{HEAD}*Demand\n{STYLE}10,1,a,300,200,40,20,8,2,0,3,-1,0,0,0,128-128-128\n"
        "10,2,c,200,200,40,20,8,3,0,0,0,0,0,0\n1,3,1,2,1,0,0,0,0,64,0,-1--1--1,,1|(0,0)|\n///---\\\\\\\n"
    )
    supply, demand = sdcluster.load(file).views
    assert (supply.title, demand.title) == ("Supply", "Demand")
    assert [n.name for n in supply.nodes] == ["a", "b"]
    assert [(n.name, n.kind) for n in demand.nodes] == [("c", "aux"), ("a", "alias")]
    assert [(c.source, c.target) for c in demand.connectors] == [("a", "c")]


def test_hash_and_kinds(make) -> None:
    model = make("k = 3", "a = k*2", "f((0,0),(1,1))")
    assert [model[n].kind for n in "kaf"] == ["constant", "auxiliary", "lookup"]
    assert isinstance(model["FINAL TIME"].equations[0].expression, Call)
    assert not math.isnan(model.time.stop)
    assert model["a"].equations[0].expression.left == Reference("k")
