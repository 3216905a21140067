"""`sdcluster.explore`: settings, scenarios, charts, kept runs and the state as a text, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.lab.explorer import Explorer
from sdcluster.lab.page_state import PageState, decoded
from sdcluster.project.scenario import Change, Scenario

FISH = """{{UTF-8}}
region: north, south ~~|
fish[region] = INTEG(births[region] - catch, {start}) ~ fish ~|
boats = INTEG(0, 3) ~ boat ~|
births[region] = rate[region] * fish[region] ~ fish/year ~|
rate[region] = 0.1, 0.2 ~ 1/year [0, 1] ~|
catch = boats * effort ~ fish/year ~|
effort = 0.5 ~ fish/boat/year ~|
double effort = 2 * effort ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 10 ~~|
TIME STEP = 0.25 ~~|
SAVEPER = 1 ~~|
"""
CLUSTER = Path(__file__).resolve().parents[2] / "models" / "cluster"
SCENARIOS = """
[scenario.storm]
title = { en = "Storm", zh = "风暴" }
settings = { effort = 0.1 }
changes = [{ time = 5, settings = { effort = 0.8 } }]

[scenario.calm]
settings = { effort = 0.2 }

[scenario.longer]
stop = 20
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fish")
    (folder / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    (folder / "fish.mdl").write_text(FISH.format(start="100"), encoding="utf-8")
    return folder / "fish.mdl"


@pytest.fixture
def lab(model: Path, front_end: None) -> Explorer:
    return sdcluster.explore(model)


def test_settings_are_a_mapping_of_what_differs(lab):
    assert dict(lab.settings) == {}
    lab.settings["effort"] = 0.9
    lab.settings["rate"] = [0.3, 0.2]
    assert lab.settings == {"effort": 0.9, "rate[north]": 0.3}
    assert "effort" in lab.settings
    assert "rate[south]" not in lab.settings
    assert lab.settings["Rate [North]"] == 0.3
    lab.settings["effort"] = 0.5
    del lab.settings["rate"]
    assert lab.settings == {}
    lab.settings = {"effort": 0.7}
    lab.settings.clear()
    assert lab.state == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("efort", 1, "effort"),
        ("catch", 1, "neither a constant"),
        ("effort", "much", "takes one number"),
        ("effort", float("nan"), "finite"),
        ("rate", [1, 2, 3], "takes one number or 2"),
        ("rate[west]", 1, "west"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(lab, name, value, said):
    with pytest.raises(sdcluster.ModelError, match=said):
        lab.settings[name] = value
    assert lab.state == ""


def test_a_setting_with_the_own_value_is_absent(lab):
    with pytest.raises(KeyError, match="own value, 0"):
        lab.settings["effort"]
    assert lab.settings.get("effort", 0.5) == 0.5


def test_the_dataset_has_the_bits_of_simulate_for_every_run(model, lab):
    lab.settings["effort"] = 0.9
    lab.save("greedy")
    lab.scenario = "storm"
    lab.settings["rate[south]"] = 0.25
    shown = lab.dataset()
    assert list(shown.run.values) == ["now", "greedy", "baseline"]
    assert set(shown.data_vars) == {"fish", "boats"}
    assert shown.fish.dims == ("run", "time", "region")
    runs = {
        "now": sdcluster.simulate(model, "storm", settings={"rate[south]": 0.25}),
        "greedy": sdcluster.simulate(model, settings={"effort": 0.9}),
        "baseline": sdcluster.simulate(model, Scenario(changes=(Change(5, {"effort": 0.8}),))),
    }
    for name, run in runs.items():
        assert np.array_equal(shown.fish.sel(run=name), run.fish)
    assert shown.fish.attrs["units"] == "fish"


def test_runs_of_other_lengths_end_earlier(lab):
    lab.scenario = "longer"
    lab.save("twenty")
    lab.scenario = None
    shown = lab.dataset()
    assert shown.time.values[-1] == 20
    assert np.isnan(shown.boats.sel(run="now").values[-1])
    assert np.isfinite(shown.boats.sel(run="twenty")).all()


def test_charts_say_what_the_dataset_holds(lab):
    assert lab.charts == [("fish[north]", "fish[south]"), ("boats",)]
    lab.charts = ["catch", ["births", "boats"]]
    assert lab.charts == [("catch",), ("births[north]", "births[south]", "boats")]
    assert set(lab.dataset().data_vars) == {"catch", "births", "boats"}
    with pytest.raises(sdcluster.ModelError, match="boats"):
        lab.charts = ["boat"]


def test_a_scenario_is_set_and_read(model, lab):
    lab.scenario = "storm"
    assert lab.settings == {"effort": 0.1}
    assert lab.scenario.changes[0].time == 5
    lab.settings["effort"] = 0.3
    again = sdcluster.simulate(model, lab.scenario)
    assert np.array_equal(again.fish, lab.dataset().fish.sel(run="now"))
    lab.scenario = "calm"
    assert (lab.settings, lab.scenario.changes) == ({"effort": 0.2}, ())
    lab.scenario = None
    assert lab.state == ""
    with pytest.raises(sdcluster.ModelError, match="storm"):
        lab.scenario = "strom"


def test_a_scenario_of_ones_own_is_on_the_page(model, front_end):
    own = Scenario("mine", settings={"effort": 0.3}, changes=(Change(2, {"effort": 0}),))
    lab = sdcluster.explore(model, scenario=own)
    assert np.array_equal(lab.dataset().fish.sel(run="now"), sdcluster.simulate(model, own).fish)
    with pytest.raises(sdcluster.ModelError, match="explore"):
        lab.scenario = replace(own, name="other")


def test_the_state_restores_everything(model, lab):
    lab.settings["effort"] = 0.9
    lab.save("greedy – 贪婪")
    lab.scenario = "storm"
    lab.charts = ["catch"]
    again = sdcluster.explore(model, state=lab.state)
    assert (again.charts, again.settings, again.state) == (lab.charts, lab.settings, lab.state)
    linked = sdcluster.explore(
        model, state=f"file:///fish.html#{lab.state}", settings={"effort": 1}
    )
    assert linked.settings == {"effort": 1}
    assert linked.dataset().identical(sdcluster.explore(model, state=linked.state).dataset())
    lab.state = ""
    assert lab.settings == {}


@pytest.mark.parametrize("text", ["no state", "eyJ2IjoxfQ", "W10", "eyJrIjpbMV19", "eyJjIjpbMV19"])
def test_another_text_is_not_a_state(text):
    with pytest.raises(sdcluster.ModelError, match="not the state of a laboratory"):
        decoded(text)


def test_what_was_drawn_over_time_is_in_the_runs(model, lab):
    lab.scenario = "storm"
    drawn = {"rate[north]": {"form": "steps", "points": [[2, 0.3], [4, 0.2]]}}
    lab.state = PageState({**decoded(lab.state).data, "t": drawn}).text
    lab.save("drawn")
    lab.settings["rate[south]"] = 0.25
    run = sdcluster.simulate(
        model,
        Scenario(
            settings={"effort": 0.1},
            changes=(
                Change(2, {"rate[north]": 0.3}),
                Change(4, {"rate[north]": 0.2}),
                Change(5, {"effort": 0.8}),
            ),
        ),
    )
    shown = lab.dataset()
    assert np.array_equal(shown.fish.sel(run="drawn"), run.fish)
    assert not np.array_equal(shown.fish.sel(run="now"), run.fish)
    assert len(lab.scenario.changes) == 3
    line = {"effort": {"form": "line", "points": [[2, 0.9]]}}
    lab.state = PageState({"t": line}).text
    moved = [change.settings["effort"] for change in lab.scenario.changes]
    assert moved == [0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]
    lab.state = PageState({"e": {"catch": "1"}}).text
    with pytest.raises(sdcluster.ModelError, match="these equations were edited on the page"):
        lab.dataset()


def test_the_switch_of_policies_is_in_the_runs(model, tmp_path, front_end):
    (tmp_path / "fish.mdl").write_text(model.read_text(encoding="utf-8"), encoding="utf-8")
    closed = "[scenario.closed]\nsettings = { effort = 0.1 }\n"
    (tmp_path / "scenarios.toml").write_text(SCENARIOS + closed, encoding="utf-8")
    (tmp_path / "lab.toml").write_text(
        '[switch]\nscenario = "closed"\nlatest = 9\n', encoding="utf-8"
    )
    lab = sdcluster.explore(tmp_path / "fish.mdl", scenario="storm")
    assert (lab.settings, decoded(lab.state).now.switch) == ({"effort": 0.8}, 5)
    storm = sdcluster.simulate(model, "storm")
    assert np.array_equal(lab.dataset().fish.sel(run="now"), storm.fish)
    lab.settings["effort"] = 0.3
    changed = Scenario(settings={"effort": 0.1}, changes=(Change(5, {"effort": 0.3}),))
    shown = lab.dataset()
    assert np.array_equal(shown.fish.sel(run="now"), sdcluster.simulate(model, changed).fish)
    assert np.array_equal(shown.fish.sel(run="baseline"), sdcluster.simulate(model).fish)


def test_what_python_does_not_know_of_a_state_stays(lab):
    lab.state = PageState({"z": [2, 5], "new": {"a": 1}}).text
    lab.settings["effort"] = 0.1
    assert decoded(lab.state).data == {"z": [2, 5], "new": {"a": 1}, "v": {"effort": 0.1}}


def test_runs_are_kept_under_names_of_their_own(lab):
    for _ in range(6):
        lab.save("again")
    assert list(lab.dataset().run.values)[1:3] == ["again", "again (2)"]
    with pytest.raises(sdcluster.ModelError, match="at most 6 runs"):
        lab.save("one too many")
    with pytest.raises(sdcluster.ModelError, match="empty"):
        lab.save(" ")


def test_an_observer_hears_of_settings_until_it_stops(lab):
    heard = []
    observation = lab.observe(heard.append)
    lab.settings["effort"] = 0.9
    lab.save("greedy")
    lab.widget.state = ""
    observation.stop()
    observation.stop()
    lab.settings["effort"] = 0.8
    assert heard == [{"effort": 0.9}, {}]


def test_what_a_notebook_shows_is_named_in_words(lab):
    data = lab._repr_mimebundle_()[0]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == "<laboratory of fish: its own settings>"


def test_a_model_that_fails_with_its_own_settings_is_refused(tmp_path, front_end):
    path = tmp_path / "broken.mdl"
    path.write_text(FISH.format(start="1 / (5 - FINAL TIME / 2)"), encoding="utf-8")
    with pytest.raises(sdcluster.ModelError, match="does not run with its own settings"):
        sdcluster.explore(path)


def test_arguments_that_cannot_be_are_refused(model, front_end):
    for wrong in (
        {"language": "de"},
        {"scenario": "strom"},
        {"charts": ["boat"]},
        {"settings": {"x": 1}},
    ):
        with pytest.raises(sdcluster.ModelError):
            sdcluster.explore(model, **wrong)


def test_the_first_charts_are_stocks_by_unit_and_arrays_by_themselves(lab, tmp_path):
    assert lab.charts == [("fish[north]", "fish[south]"), ("boats",)]
    path = tmp_path / "plain.mdl"
    plain = (
        "a = TIME ~ kg ~|\nb = 2 * a ~ kg ~|\nc = 3 ~~|\nINITIAL TIME"
        + FISH.partition("INITIAL TIME")[2]
    )
    path.write_text(plain, encoding="utf-8")
    assert sdcluster.explore(path, language="zh").charts == [("a", "b")]


def test_the_laboratory_of_0_1_0_is_the_new_one(model, front_end):
    from sdcluster.lab import Chart, Laboratory, Line

    chart = Chart({"en": "Fleet"}, (Line("boats", "blue", "solid"),))
    with pytest.warns(DeprecationWarning, match="ignores rescue"):
        lab = Laboratory(model, sliders=["effort"], charts=[chart], language="zh", rescue=5)
    assert lab.charts == [("boats",)]
    description = json.loads(lab.widget._description)
    assert [slider["name"] for slider in description["sliders"]] == ["effort"]
    assert description["charts"][0]["title"] == {"en": "Fleet"}
    with pytest.raises(sdcluster.ModelError, match="catch"):
        Laboratory(model, sliders=["catsh"])
    with pytest.raises(TypeError, match="colours"):
        Laboratory(model, colours=["red"])


def test_what_is_drawn_over_time_and_the_switch_reach_python(front_end):
    line = {"form": "line", "points": [[10, 0.3], [12, 0.5]]}
    steps = {"form": "steps", "points": [[30, 0.1]]}
    kept = [["late", {}, "", 0, {"openness": steps}]]
    state = PageState({"v": {"openness": 0.6}, "t": {"policy": line}, "s": 20, "k": kept}).text
    lab = sdcluster.explore(CLUSTER, state=state, charts=["knowledge stock"])
    assert lab.scenario.settings == {"openness": 0.05}
    assert [(c.time, c.settings) for c in lab.scenario.changes] == [
        (11, {"policy": 0.4}),
        (12, {"policy": 0.5}),
        (20, {"openness": 0.6}),
    ]
    late = Scenario(changes=(Change(30, {"openness": 0.1}),))
    expected = sdcluster.simulate(CLUSTER, late)["knowledge stock"]
    found = lab.dataset()["knowledge stock"]
    assert np.array_equal(found.sel(run="late"), expected)
    assert np.array_equal(
        found.sel(run="now"), sdcluster.simulate(CLUSTER, lab.scenario)["knowledge stock"]
    )
    lab.save("mine")
    assert decoded(lab.state).kept[1].same(decoded(state).now)
    lab.scenario = "rescue_in_year_20"
    assert decoded(lab.state).now.switch == 20
    lab.settings["openness"] = 0.9
    assert lab.scenario.changes == (Change(20, {"openness": 0.9, "policy": 0.3}),)
