"""Lookups and series as settings of a run: the same numbers in every form, by every method and backend."""

import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import sdcluster
from sdcluster import ModelError, Points
from sdcluster.read.tables.points import read_input

CLOCK = """
INITIAL TIME = 0 ~~|
FINAL TIME = 12 ~~|
TIME STEP = 1 ~~|
SAVEPER = TIME STEP ~~|
"""
RISING = {0: 0, 4: 1, 8: 4, 12: 9}
LEVEL = [0, 0, 0.25, 0.75, 1.5, 2.5, 4.25, 6.75, 10, 14, 19.25, 25.75, 33.5]


@pytest.fixture
def mdl(tmp_path):
    def write(text, clock=CLOCK):
        path = tmp_path / "m.mdl"
        path.write_text("{UTF-8}\n" + text + clock, encoding="utf-8")
        return path

    return write


@pytest.fixture
def demand(mdl):
    return mdl("level = INTEG(demand, 0) ~~|\ndemand = 5 ~~|\n")


FORMS = {
    "Series": pd.Series(RISING),
    "dict": RISING,
    "pairs": list(RISING.items()),
    "unsorted pairs": list(RISING.items())[::-1],
    "array": np.array(list(RISING.items()), dtype=float),
    "frame": pd.DataFrame({"demand": RISING}),
    "DataArray": xr.DataArray(list(RISING.values()), coords={"t": list(RISING)}, dims="t"),
    "with a gap": pd.Series({**RISING, 6: np.nan}),
    "Points": Points((0.0, 4.0, 8.0, 12.0), (0.0, 1.0, 4.0, 9.0)),
}


@pytest.mark.filterwarnings("ignore:1 point has no number")
@pytest.mark.parametrize("form", FORMS)
def test_a_constant_follows_a_series(demand, form):
    run = sdcluster.simulate(demand, settings={"demand": FORMS[form]})
    assert run["level"].values.tolist() == LEVEL
    assert run["demand"].values[6] == 2.5


def test_a_series_with_gaps_warns(demand):
    series = pd.Series({0: 0, 4: np.nan, 6: np.nan, 8: 4})
    with pytest.warns(sdcluster.ModelWarning, match=r"2 points have no number \(the first at 4\)"):
        run = sdcluster.simulate(demand, settings={"demand": series})
    assert run["demand"].values[6] == 3


def test_a_table_with_words_among_its_numbers_warns_and_one_with_empty_cells_does_not(
    demand, tmp_path, recwarn
):
    file = tmp_path / "d.csv"
    file.write_text("time,demand,other\n0,0,\n4,n/a,1\n6,,2\n8,4,\n", encoding="utf-8")
    run = sdcluster.simulate(demand, settings={"demand": str(file)})
    assert run["demand"].values[6] == 3
    (warning,) = recwarn
    assert 'd.csv: the column "demand": 1 point has no number (at 4)' in str(warning.message)
    recwarn.clear()
    sdcluster.simulate(demand, settings={"demand": f"{file}:other"})
    assert not recwarn


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("method", ["euler", "rk2", "rk4"])
def test_backends_agree_on_a_series(demand, method, backend):
    run = sdcluster.simulate(demand, settings={"demand": RISING}, method=method, backend=backend)
    plain = sdcluster.simulate(demand, settings={"demand": RISING}, method=method, backend="python")
    assert run["level"].values.tolist() == plain["level"].values.tolist()


@pytest.mark.parametrize("method", ["RK45", "LSODA", "Radau"])
def test_adaptive_methods_stop_at_the_points(demand, method):
    held = Points.of({0: 0, 3.5: 2, 7.25: 0}, "hold")
    run = sdcluster.simulate(demand, settings={"demand": held}, method=method)
    assert run["level"].values[-1] == pytest.approx(7.5, rel=1e-9)
    smooth = sdcluster.simulate(demand, settings={"demand": RISING}, method=method)
    assert smooth["level"].values[-1] == pytest.approx(2 + 10 + 26, rel=1e-8)


def test_end_values_hold_outside_of_the_points(demand):
    run = sdcluster.simulate(demand, settings={"demand": {4: 2, 6: 4}})
    assert run["demand"].values.tolist() == [2] * 5 + [3] + [4] * 7


def test_a_number_of_a_later_layer_wins_over_the_series_of_a_scenario(demand):
    scenario = sdcluster.Scenario(inputs={"demand": Points.of(RISING)})
    assert sdcluster.simulate(demand, scenario)["level"].values.tolist() == LEVEL
    run = sdcluster.simulate(demand, scenario, settings={"Demand": 2})
    assert run["level"].values[-1] == 24


def test_runs_with_other_series_do_not_share_a_kernel(demand):
    simulator = sdcluster.Simulator(demand)
    row = simulator.names.index("level")
    ends = [simulator.run({"demand": {0: a, 12: a}})[row, -1] for a in (1, 2, 1)]
    assert ends == [12, 24, 12]
    assert simulator.run()[row, -1] == 60


def test_the_dataset_tells_the_points(demand):
    run = sdcluster.simulate(demand, settings={"demand": {0: 1.5}})
    assert '"points": [[0.0, 1.5]]' in run.attrs["settings"]


ARRAYS = """
region: north, south, west ~~|
pop[region] = INTEG(births[region], 100) ~~|
births[region] = rate[region] * 10 ~~|
rate[region] = 1, 2, 3 ~~|
"""


@pytest.mark.parametrize("backend", ["python", "native"])
def test_one_element_of_a_list_of_constants_follows_a_series(mdl, backend):
    run = sdcluster.simulate(mdl(ARRAYS), settings={"rate[south]": {0: 0, 12: 12}}, backend=backend)
    assert run["rate"].values[6].tolist() == [1, 6, 3]
    assert run["pop"].values[-1].tolist() == [220, 100 + 10 * sum(range(12)), 460]


def test_one_element_of_an_equation_follows_a_series(mdl):
    run = sdcluster.simulate(
        mdl(ARRAYS), settings={"births[west]": {0: 7}, "rate[north]": 4, "births[south]": 1}
    )
    assert run["pop"].values[-1].tolist() == [100 + 12 * 40, 112, 184]


@pytest.mark.parametrize("columns", [["north", "west"], ["rate[north]", "Rate[ West ]"]])
def test_a_frame_sets_elements(mdl, columns):
    frame = pd.DataFrame({columns[0]: [5, 5], columns[1]: [0, 12]}, index=[0, 12])
    run = sdcluster.simulate(mdl(ARRAYS), settings={"rate": frame})
    assert run["rate"].values[4].tolist() == [5, 2, 4]


def test_a_frame_with_a_column_of_another_name_is_refused(mdl):
    frame = pd.DataFrame({"east": [5, 5]}, index=[0, 12])
    with pytest.raises(ModelError, match='"east" is not one of its elements'):
        sdcluster.simulate(mdl(ARRAYS), settings={"rate": frame})


def test_a_whole_array_follows_one_series(mdl):
    run = sdcluster.simulate(mdl(ARRAYS), settings={"rate": {0: 0, 12: 12}})
    assert run["rate"].values[5].tolist() == [5, 5, 5]


LOOKUP = """
effect( [(0,0)-(100,10)],(0,0),(50,0),(100,0) ) ~~|
cut = effect(10*Time) ~~|
slope = LOOKUP INVERT(effect, cut) ~~|
inside = WITH LOOKUP(Time, ([(0,0)-(10,10)],(0,1),(12,13))) ~~|
"""


def test_the_points_of_lookups_can_be_read(mdl):
    model = sdcluster.load(mdl(LOOKUP))
    assert list(model.lookups) == ["effect", "inside"]
    assert model.lookups["inside"].frame.to_dict("list") == {"x": [0, 12], "y": [1, 13]}
    assert model.lookups["inside"].series[12.0] == 13


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_lookup_takes_other_points(mdl, backend):
    points = pd.Series([0, 4], index=[0, 120])
    run = sdcluster.simulate(mdl(LOOKUP), settings={"effect": points}, backend=backend)
    assert run["cut"].values[[6, 12]].tolist() == [2, 4]
    # What the reader derived from the points follows them.
    assert run["slope"].values[[6, 12]].tolist() == pytest.approx([60, 120])


def test_the_lookup_inside_an_equation_takes_other_points_where_they_are_meant_for_it(mdl):
    model = sdcluster.load(mdl(LOOKUP))
    scaled = sdcluster.simulate(model, settings={"inside": model.lookups["inside"].scaled(2)})
    assert scaled["inside"].values[[0, 12]].tolist() == [2, 26]
    over_time = sdcluster.simulate(model, settings={"inside": {0: 7}})
    assert over_time["inside"].values[[0, 12]].tolist() == [7, 7]


def test_a_lookup_keeps_its_way_between_points(mdl):
    path = mdl("x = LOOKUP EXTRAPOLATE(effect, Time) ~~|\neffect((0,0),(1,1)) ~~|\n")
    run = sdcluster.simulate(path, settings={"effect": {0: 0, 2: 4}})
    assert run["x"].values[-1] == 24


@pytest.mark.parametrize("name", ["effect", "effect[north]"])
def test_arrays_of_lookups_take_points_by_element(mdl, name):
    path = mdl(
        "region: north, south ~~|\neffect[north]((0,0),(12,12)) ~~|\neffect[south]((0,0),(12,24)) ~~|\n"
        "y[region] = effect[region](Time) ~~|\n"
    )
    model = sdcluster.load(path)
    assert set(model.lookups) == {"effect[north]", "effect[south]"}
    run = sdcluster.simulate(model, settings={name: {0: 5, 12: 5}})
    assert run["y"].values[6].tolist() == [5, 5 if name == "effect" else 12]


XMILE = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
  <header><vendor>t</vendor><product version="1">t</product><name>t</name></header>
  <sim_specs method="Euler"><start>0</start><stop>12</stop><dt>1</dt></sim_specs>
  <model><variables>
    <stock name="level"><eqn>0</eqn><inflow>fill</inflow></stock>
    <flow name="fill"><eqn>order</eqn></flow>
    <aux name="order"><eqn>3</eqn></aux>
    <aux name="steps"><eqn>TIME</eqn><gf type="discrete"><xpts>0,6,12</xpts><ypts>1,2,3</ypts></gf></aux>
    <gf name="curve"><xpts>0,12</xpts><ypts>0,1</ypts></gf>
    <aux name="read"><eqn>curve(TIME)</eqn></aux>
  </variables></model>
</xmile>
"""


def test_xmile_models_take_series_and_points(tmp_path):
    path = tmp_path / "m.xmile"
    path.write_text(XMILE, encoding="utf-8")
    model = sdcluster.load(path)
    run = sdcluster.simulate(
        model,
        settings={
            "fill": {0: 2, 12: 2},
            "curve": {0: 0, 12: 24},
            "steps": model.lookups["steps"].scaled(10),
        },
    )
    assert run["level"].values[-1] == 24
    assert run["read"].values[3] == 6
    assert run["steps"].values[[0, 5, 6, 11]].tolist() == [10, 10, 20, 20]


REFUSED = {
    "a stock": ("level", RISING, '"level" is a stock'),
    "the clock": ("TIME STEP", RISING, "is a time setting of the run"),
    "texts": ("demand", ["a", "b"], "is not a point"),
    "dates": (
        "demand",
        pd.Series(1.0, index=pd.date_range("2020", periods=2)),
        "points must be numbers",
    ),
    "nothing": ("demand", {}, "the list of points is empty"),
    "infinity": ("demand", {0: np.inf}, "finite"),
    "several columns": ("demand", pd.DataFrame({"a": [1], "b": [2], "c": [3]}), "several columns"),
    "another name": ("demnad", RISING, 'did you mean "demand"'),
    "no lookup inside": ("demand", Points.of(RISING, lookup=True), "has 0 lookups inside"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_followed_is_refused_in_a_sentence(demand, what):
    name, value, sentence = REFUSED[what]
    with pytest.raises(ModelError, match=sentence):
        sdcluster.simulate(demand, settings={name: value})


def test_a_lookup_is_not_a_number(mdl):
    with pytest.raises(ModelError, match="set it to points"):
        sdcluster.simulate(mdl(LOOKUP), settings={"effect": 4})


# ---- tables


@pytest.mark.parametrize(
    "text",
    [
        "time,demand,other\n0,0,1\n4,1,2\n8,4,2\n12,9,3\n",
        "time;Demand\n0;0\n4;1,0\n8;4\n12;9\n",
        "time\tother\tdemand\n0\t1\t0\n4\t1\t1\n6\t1\t\n8\t1\t4\n12\t1\t9\n",
        "Time,0,4,8,12\ndemand,0,1,4,9\n",
        "0,0\n4,1\n8,4\n12,9\n",
    ],
)
def test_a_table_gives_the_column_of_the_name(demand, tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    run = sdcluster.simulate(demand, settings={"demand": str(path)})
    assert run["level"].values.tolist() == LEVEL


def test_a_table_without_the_column_names_those_it_has(demand, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("time,sales,price\n0,1,2\n5,1,2\n", encoding="utf-8")
    with pytest.raises(ModelError, match="its columns are: sales, price"):
        sdcluster.simulate(demand, settings={"demand": path})
    run = sdcluster.simulate(demand, settings={"demand": f"{path}:price"})
    assert run["level"].values[-1] == 24


def test_a_table_sets_the_elements_of_an_array(mdl, tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text('time,"rate[north]","rate[south]","rate[west]"\n0,7,8,9\n', encoding="utf-8")
    run = sdcluster.simulate(mdl(ARRAYS), settings={"rate": path})
    assert run["rate"].values[0].tolist() == [7, 8, 9]
    path.write_text('time,"rate[north]",x\n0,7,8\n', encoding="utf-8")
    with pytest.raises(ModelError, match=r'no column "rate\[south\]"'):
        sdcluster.simulate(mdl(ARRAYS), settings={"rate": path})


def test_points_as_a_person_writes_them():
    assert read_input("3.5") == 3.5
    assert read_input("(0,1), (2, 3) hold") == Points((0.0, 2.0), (1.0, 3.0), "hold")
    for text in ("(0,1),(2)", "(0,1) x", "(a,1)", "plain", ""):
        with pytest.raises(ModelError):
            read_input(text)


def test_data_variables_keep_their_way_between_points(mdl, tmp_path):
    (tmp_path / "data.csv").write_text("time,x\n0,1\n12,2\n", encoding="utf-8")
    path = mdl("x :HOLD BACKWARD: ~~|\ny = x ~~|\nlast = GET DATA LAST TIME(x) ~~|\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = sdcluster.simulate(path, settings={"x": {0: 5, 7: 6}})
    assert run["y"].values[[6, 7]].tolist() == [5, 6]
    assert run["last"].values[0] == 7


# ---- scenarios and the command line


def test_scenarios_hold_series_and_lookups(mdl, tmp_path):
    path = mdl(LOOKUP + "level = INTEG(demand, 0) ~~|\ndemand = 5 ~~|\n")
    (tmp_path / "data.csv").write_text("time,a\n0,2\n12,2\n", encoding="utf-8")
    (tmp_path / "scenarios.toml").write_text(
        """
        [scenario.pairs]
        series = { demand = [[0, 0], [4, 1], [8, 4], [12, 9]] }
        lookups = { inside = { scale = 2 }, effect = [[0, 0], [120, 4]] }
        [scenario.table]
        series = { demand = { file = "data.csv", column = "a", between = "hold" } }
        """,
        encoding="utf-8",
    )
    pairs = sdcluster.simulate(path, "pairs")
    assert pairs["level"].values.tolist() == LEVEL
    assert pairs["inside"].values[0] == 2
    assert pairs["cut"].values[-1] == 4
    assert sdcluster.simulate(path, "table")["level"].values[-1] == 24


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('series = { demand = "../data.csv" }', "outside the model's folder"),
        ("series = { demand = [[0, 1, 2]] }", r"not a pair \[x, y\]"),
        ("series = { demand = { scale = 2 } }", "needs exactly one of points or file"),
        ("series = { level = [[0, 1]] }", "which is a stock"),
        ("series = { effect = [[0, 1]] }", "which is a lookup"),
        ("series = { demnd = [[0, 1]] }", 'did you mean "demand"'),
        ("series = { demand = [[0, 1]] }\nsettings = { demand = 4 }", "sets already"),
        ("lookups = { effect = { pionts = [[0, 1]] } }", 'did you mean "points"'),
    ],
)
def test_mistakes_in_scenarios_are_told_with_file_and_line(mdl, tmp_path, text, sentence):
    path = mdl(LOOKUP + "level = INTEG(demand, 0) ~~|\ndemand = 5 ~~|\n")
    (tmp_path / "scenarios.toml").write_text(f"[scenario.a]\n{text}\n", encoding="utf-8")
    with pytest.raises(ModelError, match=sentence) as caught:
        sdcluster.simulate(path, "a")
    assert caught.value.line is not None
