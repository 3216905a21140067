"""What analysts call at the top level: compare, sweep, experiment, fit, and datasets that draw themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sdcluster
from sdcluster.errors import ModelError, ModelWarning

MODEL = """
fish = INTEG(births - catch, 10) ~ tonne ~ |
births = rate * fish * (1 - fish / room) ~ tonne/year ~ |
catch = effort * fish ~ tonne/year ~ |
rate = 0.5 ~ 1/year [0, 2] ~ |
room = 100 ~ tonne [10, 1000] ~ |
effort = 0.1 ~ 1/year [0, 1] ~ |
sales[port] = catch * weight[port] ~ tonne/year ~ |
weight[port] = 1, 2 ~ ~ |
port: north, south ~ ~ |
INITIAL TIME = 0 ~ year ~ | FINAL TIME = 20 ~ year ~ | TIME STEP = 0.25 ~ year ~ | SAVEPER = 1 ~ year ~ |
"""
SCENARIOS = """
[scenario.default]
title = { en = "As it is" }
[scenario.hard]
title = { en = "Hard fishing" }
settings = { effort = 0.4 }
stop = 10
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake")
    (folder / "lake.mdl").write_text(MODEL)
    (folder / "scenarios.toml").write_text(SCENARIOS)
    return folder / "lake.mdl"


def test_compare_puts_scenarios_beside_each_other(lake):
    runs = sdcluster.compare(lake)
    assert list(runs["scenario"].values) == ["default", "hard"]
    own = sdcluster.simulate(lake)
    assert np.array_equal(runs["fish"].sel(scenario="default").values, own["fish"].values)
    short = runs["fish"].sel(scenario="hard")
    assert np.isfinite(short.sel(time=10))
    assert np.isnan(short.sel(time=11))
    assert runs["sales"].dims == ("scenario", "time", "port")


def test_compare_takes_settings_by_name(lake):
    runs = sdcluster.compare(lake, {"as it is": {}, "idle": {"effort": 0}}, variables=["fish"])
    assert list(runs.data_vars) == ["fish"]
    assert float(runs["fish"].sel(scenario="idle")[-1]) > float(
        runs["fish"].sel(scenario="as it is")[-1]
    )


def test_compare_says_what_is_missing(lake):
    with pytest.raises(ModelError, match="nothing to compare"):
        sdcluster.compare(lake, {})
    with pytest.raises(ModelError, match="hard"):
        sdcluster.compare(lake, ["hrad"])


def test_sweep_takes_numbers_and_words(lake):
    table = sdcluster.sweep(
        lake, {"effort": [0.1, 0.3], "rate": [0.4, 0.5]}, ["final fish", "peak fish"]
    )
    assert table["final fish"].dims == ("effort", "rate")
    one = sdcluster.simulate(lake, settings={"effort": 0.3, "rate": 0.4})
    assert float(table["final fish"].sel(effort=0.3, rate=0.4)) == float(one["fish"][-1])
    assert list(sdcluster.sweep(lake, ["effort=0:1:3"]).data_vars) == ["final fish"]


def test_sweep_sets_all_elements_of_an_array(lake):
    table = sdcluster.sweep(lake, {"weight": [1, 3]}, ["final sales[south]"])
    assert float(table["final sales[south]"][1]) == pytest.approx(
        3 * float(table["final sales[south]"][0])
    )


def test_sweep_counts_runs_that_fail(lake):
    with pytest.warns(ModelWarning, match="1 of 2 runs failed"):
        table = sdcluster.sweep(lake, {"room": [0, 100]}, ["final fish"])
    assert np.isnan(table["final fish"].values).tolist() == [True, False]


def test_a_fit_finds_what_made_the_data(lake):
    true = sdcluster.simulate(lake, settings={"rate": 0.62})["fish"]
    data = pd.DataFrame(
        {"variable": "fish", "time": true["time"][1:], "value": true[1:], "uncertainty": 0.5}
    )
    found = sdcluster.fit(lake, data, ["rate"], starts=4, points=7)
    assert float(found["best"].sel(parameter="rate")) == pytest.approx(0.62, abs=1e-4)
    assert str(found["verdict"].sel(parameter="rate").values) == "pinned"
    assert float(found["low"][0]) < 0.62 < float(found["high"][0])
    assert "<svg" in found.sdcluster.plot()._repr_svg_()


def test_results_draw_themselves(lake, tmp_path):
    for data in (
        sdcluster.simulate(lake),
        sdcluster.compare(lake),
        sdcluster.sweep(lake, {"effort": [0.1, 0.2, 0.3]}),
        sdcluster.ensemble(
            lake, {"effort": [0.1, 0.2, 0.3]}, bands=["fish"], measures=["final fish"]
        ),
    ):
        path = data.sdcluster.plot(title="Lake").save(tmp_path / "chart.png")
        assert path.stat().st_size > 5_000
    chart = sdcluster.compare(lake).sdcluster.plot("sales[north]", language="zh")
    assert "<svg" in chart._repr_svg_()
    with pytest.raises(ModelError, match=r"sales\[north\]"):
        sdcluster.simulate(lake).sdcluster.plot("sales[nroth]")


def test_an_experiment_gives_a_table():
    found = sdcluster.experiment("models/upgrading_cycle", runs=4)
    assert found["holds"].dtype == bool
    assert found.sizes["experiment"] > 3
    assert ((found["share"] >= 0) & (found["share"] <= 1)).all()
    assert "<svg" in found.sdcluster.plot()._repr_svg_()
    with pytest.raises(ModelError, match="there is no experiment"):
        sdcluster.experiment("models/upgrading_cycle", "nothing")
