"""A model of Stella's kind with queues and conveyors of arrays: what a file of that kind may hold at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster.lint import lint

CLINIC = Path(__file__).with_name("clinic.stmx")
STOCKS = (
    "well",
    "incubating",
    "ill at home",
    "ill and known",
    "well again",
    "asking for help",
    "on the way",
    "waiting",
    "in the clinic",
)


@pytest.fixture(scope="module")
def run() -> xr.Dataset:
    return sdcluster.simulate(CLINIC, backend="python")


def everybody(ds: xr.Dataset) -> np.ndarray:
    """Return the number of persons in all stocks."""
    return sum(ds[name].to_numpy().reshape(len(ds.time), -1).sum(axis=1) for name in STOCKS)


@pytest.mark.parametrize("method", ["euler", "rk4", "LSODA"])
def test_nobody_gets_lost(method: str) -> None:
    ds = sdcluster.simulate(CLINIC, method=method, backend="python")
    # Eight came from outside at the start.
    np.testing.assert_allclose(everybody(ds)[1:], 10008, rtol=1e-9)


def test_what_happens(run: xr.Dataset) -> None:
    assert run["ill at home"].sum("Severity").max() > 1000
    assert run["ill at home"].sum("Severity")[-1] < 1
    clinic = run["in the clinic"].to_numpy()
    assert clinic.max() == pytest.approx(40)
    assert run["going home"].max() > 0
    full = run["going home"].to_numpy() > 0
    assert clinic[1:][full[:-1]].min() == pytest.approx(40)


def test_who_is_found_keeps_the_rest_of_the_illness(run: xr.Dataset) -> None:
    """With ``source`` the found recover in between: their mean stay is shorter than the illness."""
    found = run["being found"].to_numpy()[:-1].sum(axis=0) * 0.25
    known = run["ill and known"].to_numpy()[:-1].sum(axis=0) * 0.25
    stay = known / found
    assert (stay < [7, 14]).all()
    assert (stay > [2, 4]).all()


def test_compiled_and_written_it_is_the_same(run: xr.Dataset, tmp_path: Path) -> None:
    again = sdcluster.load(sdcluster.load(CLINIC).to_xmile(tmp_path / "copy.xmile"))
    fast = sdcluster.simulate(again, backend="native")
    for name in map(str, run.data_vars):
        np.testing.assert_allclose(
            fast[name].to_numpy(), run[name].to_numpy(), rtol=1e-9, atol=1e-9
        )


def test_half_the_step_changes_little(run: xr.Dataset) -> None:
    fine = sdcluster.simulate(CLINIC, dt=0.125, saveper=0.25, backend="native")
    before, after = (ds["well again"].to_numpy() for ds in (run, fine))
    assert abs(before - after).max() < 0.1 * before.max()


def test_units_and_lint_find_nothing_wrong() -> None:
    found = lint(sdcluster.load(CLINIC), rules=["conveyor", "cycle", "does-not-run"])
    assert not found
