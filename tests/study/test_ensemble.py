"""Ensembles: many runs, as a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sdcluster
from sdcluster import ModelError, ModelWarning, SimulationError
from sdcluster.cli import app
from sdcluster.project.scenario import Change
from sdcluster.run import many
from tests.command import CliRunner

MODEL = """{UTF-8}
region: north, south ~~|
rate[region] = 0.1, 0.2 ~ 1/year ~|
loss = 0.05 ~ 1/year ~|
limit = 0 ~ goods ~|
stock[region] = INTEG(rate[region] * stock[region] - loss * stock[region], 1) ~ goods ~|
total = SUM(stock[region!]) ~ goods ~|
root = SQRT(stock[north] - limit) ~~|
horizon = 20 ~ year ~|
INITIAL TIME = 0 ~ year ~| FINAL TIME = horizon ~ year ~| TIME STEP = 0.25 ~ year ~| SAVEPER = 1 ~ year ~|
"""
LOSSES = np.linspace(0.01, 0.15, 19)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ensemble") / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    return path


def test_each_run_has_the_numbers_of_a_run_alone(path: Path) -> None:
    samples = {"loss": LOSSES, "rate[south]": LOSSES[::-1]}
    runs = sdcluster.ensemble(
        path, samples, measures=["final total", "time of peak total"], keep=["stock", "total"]
    )
    assert (runs.sizes["run"], runs.sizes["time"]) == (19, 21)
    for i in (0, 7, 18):
        settings = {"loss": LOSSES[i], "rate[south]": LOSSES[::-1][i]}
        alone = sdcluster.simulate(path, settings=settings, backend="native")
        assert np.array_equal(runs["total"][i], alone["total"])
        assert np.array_equal(runs["stock[south]"][i], alone["stock"].sel(region="south"))
        assert runs["final total"][i] == alone["total"][-1]
        assert runs["time of peak total"][i] == alone["time"][int(alone["total"].argmax())]
        assert runs["loss"][i] == LOSSES[i]
    assert runs["final total"].attrs["units"] == "goods"
    assert runs["loss"].attrs["units"] == "1/year"
    assert not runs["failed"].any()


def test_quantiles_are_those_of_the_curves(path: Path) -> None:
    shares = [0.0, 0.3, 1.0]
    runs = sdcluster.ensemble(path, {"loss": LOSSES}, keep="total", bands="total", quantiles=shares)
    expected = np.quantile(runs["total"], shares, axis=0)
    assert np.array_equal(runs["quantiles of total"], expected)
    assert runs["quantile"].values.tolist() == shares


def test_samples_come_as_numbers_by_name_as_tables_and_as_designs(path: Path) -> None:
    model = sdcluster.load(path)
    design = sdcluster.design(model, 16, {"loss": (0.01, 0.1), "stock[north]": (1, 2)})
    of_design = sdcluster.ensemble(model, design)
    of_frame = sdcluster.ensemble(model, design.to_frame())
    columns = {name: design.values[:, i].tolist() for i, name in enumerate(design.names)}
    of_numbers = sdcluster.ensemble(model, pd.DataFrame(columns))
    assert list(of_design.data_vars)[:2] == ["final stock[north]", "final stock[south]"]
    assert of_design.equals(of_frame)
    assert of_frame.equals(of_numbers)
    assert "sobol" in of_design.attrs["design"]


def test_neither_workers_nor_the_scenario_of_the_others_change_a_bit(path: Path) -> None:
    one, four = (
        sdcluster.ensemble(path, {"loss": LOSSES}, keep="total", workers=w, settings={"rate": 0.3})
        for w in (1, 4)
    )
    assert one.equals(four)
    alone = sdcluster.simulate(path, settings={"rate": 0.3, "loss": LOSSES[3]}, backend="native")
    assert np.array_equal(one["total"][3], alone["total"])


def test_blocks_of_another_size_have_the_same_bits(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = {"loss": np.linspace(0.01, 0.15, 2100)}  # in parts of 64 runs
    found = []
    for size in (64, 24):
        monkeypatch.setattr(many.Many, "_runs_of_a_block", lambda _, runs, size=size: size)
        found.append(
            sdcluster.ensemble(path, samples, keep="total", measures=["peak stock[south]"])
        )
    assert found[1].equals(found[0])


def test_runs_that_fail_are_counted_named_and_left_out(path: Path) -> None:
    limits = np.where(np.arange(19) % 5 == 2, 9.0, 0.1)
    samples = {"limit": limits, "loss": LOSSES}
    with pytest.warns(ModelWarning, match=r'4 of 19 runs failed.*"root" became NaN'):
        runs = sdcluster.ensemble(path, samples, measures=["final total"], bands=["root"])
    assert runs["failed"].values.tolist() == (limits == 9).tolist()
    assert np.array_equal(np.isnan(runs["final total"]), limits == 9)
    assert np.isfinite(runs["quantiles of root"]).all()
    assert runs.attrs["failed"] == 4
    with pytest.raises(SimulationError, match='"root" became NaN'):
        sdcluster.ensemble(path, {"limit": [9.0, 10.0]})


@pytest.mark.parametrize(
    ("samples", "options", "says"),
    [
        ({"loss": [0.1, 0.2], "limit": [0.0]}, {}, "one number of each name for each run"),
        ({"los": [0.1]}, {}, "loss"),
        ({"loss": ["low"]}, {}, "something other than numbers"),
        ({"loss": [0.1, np.nan]}, {}, "finite number"),
        ({}, {}, "the samples name no variable"),
        ([1, 2], {}, "numbers by name"),
        ({"horizon": [10.0, 30.0]}, {}, "change the times of the runs"),
        ({"loss": [0.1]}, {"measures": ["finl total"]}, "final"),
        ({"loss": [0.1]}, {"keep": ["totl"]}, "total"),
        ({"loss": [0.1]}, {"bands": ["total"], "quantiles": [0.5, 50]}, "from 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused(path: Path, samples, options, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        sdcluster.ensemble(path, samples, **options)


def test_scenarios_with_different_times_are_named(tmp_path: Path) -> None:
    path = tmp_path / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    path.with_name("scenarios.toml").write_text(
        "[scenario.short]\nsettings = { loss = 0.05 }\n[scenario.long]\nsettings = { horizon = 30 }\n"
    )
    asked = sdcluster.design(path, 16, {"scenario": ["short", "long"], "loss": (0.01, 0.1)})
    with pytest.raises(ModelError, match='scenario "long" has other times than "short"'):
        sdcluster.ensemble(path, asked, measures=["final total"])


def test_the_command_writes_a_fan_and_a_table(path: Path, tmp_path: Path) -> None:
    fan, table, arrays = (tmp_path / f"runs{ending}" for ending in (".svg", ".csv", ".nc"))
    words = ["ensemble", str(path), "-n", "32", "--vary", "loss=0.01:0.1", "-v", "total"]
    words += ["--vary", "stock[north]=triangular:1:2:4", "--measure", "final total"]
    for out in (fan, table, arrays):
        words += ["--out", str(out)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    drawn = fan.read_text(encoding="utf-8")
    assert drawn.startswith("<?xml")
    assert drawn.count('<g id="axes_') == 2  # a fan and a histogram
    rows = pd.read_csv(table)
    assert len(rows) == 32
    assert {"loss", "stock[north]", "final total", "failed"} <= set(rows.columns)


def test_the_command_prints_a_table_and_tells_of_runs_that_failed(path: Path, call: Any) -> None:
    words = ["ensemble", str(path), "-n", "16", "--vary", "limit=0:9", "--measure", "final total"]
    done = call(*words)
    assert done.exit_code == 1
    assert "runs failed; the first failed because" in done.stderr
    assert "final total" in done.output
    done = call("ensemble", path, "--vary", "loss=a:b")
    assert done.exit_code == 2
    assert "does not say how" in done.output


LIMIT = sdcluster.Points((0, 20), (-2, -4))


@pytest.mark.parametrize("given", [LIMIT, [(0, -2), (20, -4)], -3.0])
@pytest.mark.parametrize(
    "own",
    [{}, {"inputs": {"limit": sdcluster.Points((0, 20), (-9, -9))}}, {"settings": {"limit": -9.0}}],
)
def test_settings_over_time_hold_in_sweeps_and_ensembles(path: Path, given, own) -> None:
    scenario, settings = sdcluster.Scenario(**own), {"limit": given}
    asked = {"measures": ["final root"], "scenario": scenario, "settings": settings}
    alone = sdcluster.simulate(
        path, scenario, settings={**settings, "loss": 0.02}, backend="native"
    )
    swept = sdcluster.sweep(path, {"loss": [0.02, 0.1]}, **asked)
    runs = sdcluster.ensemble(path, {"loss": [0.02, 0.1]}, **asked)
    assert swept["final root"][0] == runs["final root"][0] == alone["root"][-1]


@pytest.mark.parametrize("method", ["rk4", "RK45"])
def test_what_a_constant_becomes_at_a_time_differs_between_runs(path: Path, method: str) -> None:
    scenario = sdcluster.Scenario(changes=(Change(5.0, {"loss": 0.3}), Change(12.0, {"loss": 0.0})))
    later, start = np.linspace(0.0, 0.2, 11), np.linspace(1.0, 2.0, 11)
    samples = {"loss at 5": later, "stock[north] at 10": start, "rate[south]": start / 10}
    runs = sdcluster.ensemble(path, samples, keep=["total"], scenario=scenario, method=method)
    assert runs["loss at 5"].attrs["units"] == "1/year"
    for i in (0, 9, 10):
        own = (
            Change(5.0, {"loss": 0.3}),
            Change(5.0, {"loss": later[i]}),
            Change(10.0, {"stock[north]": start[i]}),
            Change(12.0, {"loss": 0.0}),
        )
        alone = sdcluster.simulate(
            path,
            sdcluster.Scenario(changes=own, settings={"rate[south]": start[i] / 10}),
            backend="native",
            method=method,
        )
        assert np.array_equal(runs["total"][i], alone["total"])
    with pytest.raises(ModelError, match="outside the run from 0 to 20"):
        sdcluster.ensemble(path, {"loss at 50": [0.1]})
