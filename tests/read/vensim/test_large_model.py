"""A model in the ways of large climate and energy models: it is read, run, checked, documented and written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster.lint import lint
from sdcluster.model import Model
from sdcluster.publish import write_page
from sdcluster.write import write_xmile
from tests.read.vensim.large_model import COP, large_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tmp_path_factory.mktemp("large") / "large.mdl"
    path.write_text(large_model(), encoding="utf-8")
    return sdcluster.load(path)


@pytest.fixture(scope="module")
def run(model: Model) -> xr.Dataset:
    return sdcluster.simulate(model, backend="python")


def test_targets_follow_from_the_last_one_set(run: xr.Dataset) -> None:
    np.testing.assert_allclose(run["Gas 1 last set year"], 2030)
    developed = [name in ("OECD US", "OECD EU", "Remaining Developed") for name in COP]
    first = np.where(developed, 2020, 4000)
    np.testing.assert_allclose(run["Gas 1 effective year"].isel(time=-1)[:, 0], first)
    np.testing.assert_allclose(run["Gas 1 effective year"].isel(time=-1)[:, 2], 2050)


def test_what_is_left_over_makes_a_whole(run: xr.Dataset) -> None:
    np.testing.assert_allclose(run["Gas 2 share"].values.sum(axis=1), 1)
    np.testing.assert_allclose(run["Gas 2 fuel share"].values.sum(axis=1), 1)
    np.testing.assert_allclose(run["Gas 2 dispatched"].values.sum(axis=1), 8)


def test_layers_and_vintages_follow_each_other(run: xr.Dataset) -> None:
    np.testing.assert_allclose(run["Bottom depth"].isel(time=0), [100, 400, 700, 1000, 1300])
    fleet = run["Gas 1 fleet"].values
    cumulated = [fleet[:, :, 0]]
    for k in range(1, fleet.shape[2]):
        cumulated.append(cumulated[-1] * 1.01 + fleet[:, :, k - 1])
    np.testing.assert_allclose(run["Gas 1 cumulated"], np.stack(cumulated, axis=2))


def test_machine_code_agrees(model: Model, run: xr.Dataset) -> None:
    other = sdcluster.simulate(model, backend="native")
    for name in run.data_vars:
        np.testing.assert_allclose(other[name], run[name], rtol=1e-9, err_msg=str(name))


def test_it_is_checked_documented_and_written(
    model: Model, run: xr.Dataset, tmp_path: Path
) -> None:
    rules = {f.rule for f in lint(model)}
    assert "number-in-equation" in rules
    assert not rules & {"cycle", "does-not-run"}
    page = write_page(model, tmp_path / "page.html", run=False)
    assert "Gas 1 emissions" in page.read_text(encoding="utf-8")
    again = sdcluster.simulate(write_xmile(model, tmp_path / "large.xmile"), backend="python")
    np.testing.assert_allclose(again["Gas 1 cumulated"], run["Gas 1 cumulated"], rtol=1e-9)
