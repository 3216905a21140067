"""What studies refuse, by the key of its sentence, where no other test reaches it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import sdcluster
from sdcluster.errors import ModelError, SimulationError
from sdcluster.model import Model
from sdcluster.project.target import Target
from sdcluster.study import ensemble, posterior_chain, run_request, tipping_runs
from sdcluster.study.bands import bands
from sdcluster.study.calibrate import calibrate
from sdcluster.study.design import design
from sdcluster.study.ensemble_workers import check_client
from tests.triggered import made
from tests.vensim import write

EQUATIONS = (
    "size = INTEG(growth, 1)",
    "growth = size * rate",
    "rate = 0.1 ~ ~ [0, 1]",
    "cap = 1 ~ ~ [0, 1]",
    "never = SQRT(cap - 2)",
    "end = 4 ~ ~ [3, 6]",
    "table((0,0),(1,1))",
    "r: a, b",
    "both[r] = size * rate",
)
RATE = {"rate": (0.0, 1.0)}
BOTH = ["rate", "cap"]
PAIR = {("rate", "cap"): 2.0}
ENDS = np.array([[3.0], [5.0]])
SIZE = [Target(1.0, "size", 1.0, 0.1)]


class Endless:
    """A distribution whose numbers have no bounds."""

    def ppf(self, shares: np.ndarray) -> np.ndarray:
        return np.full_like(shares, np.inf)


def read(folder: Path, equations: Sequence[str]) -> Model:
    file = write(
        folder,
        *(e.replace(" ~ ~ ", "\n\t~\t") + "\n\t~\t\t|" if " ~ ~ " in e else e for e in equations),
    )
    file.write_text(file.read_text().replace("FINAL TIME  = 4", "FINAL TIME  = end"))
    return sdcluster.load(file)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return read(tmp_path_factory.mktemp("small"), [e for e in EQUATIONS if "never" not in e])


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return read(tmp_path_factory.mktemp("failing"), EQUATIONS)


def refused(asked: Callable[[], Any]) -> set[str]:
    """Return the keys of the sentences with which something is refused."""
    with made() as found, pytest.raises((ModelError, SimulationError)):
        asked()
    return found


REQUESTS: list[tuple[str, Callable[[Model], Any]]] = [
    ("density_must_lie_between", lambda m: sdcluster.discover(m, "final size > 1", density=2)),
    ("least_one_box_looked", lambda m: sdcluster.discover(m, "final size > 1", boxes=0)),
    ("correlation_must_lie_between", lambda m: design(m, 4, over=BOTH, correlations=PAIR)),
    ("grid_no_correlations_choose", lambda m: design(m, 4, over=BOTH, method="grid", correlations=PAIR)),
    ("distribution_gives_numbers_not", lambda m: design(m, 4, over={"rate": Endless()})),
    ("distribution_gives_numbers_not", lambda m: design(m, 4, over={"rate": stats.norm(0, np.inf)})),
    ("variable_named_twice_among", lambda m: design(m, 4, over=["rate", "Rate"])),
    ("sobol_sequence_points_ask", lambda m: design(m, 2**31, over=["rate"], method="sobol")),
    ("scenario_takes_list_names", lambda m: design(m, 4, over={"rate": (0, 1), "scenario": []})),
    ("each_setting_must_held", lambda m: sdcluster.hysteresis(m, RATE, hold=0)),
    ("stock_whose_state_goes", lambda m: sdcluster.hysteresis(m, {"size": (0, 1)})),
    ("numbers_name_one_them_instance", lambda m: sdcluster.hysteresis(m, RATE, "final both")),
    ("lookup_cannot_vary_between", lambda m: sdcluster.tipping(m, {"table": (0, 1)})),
    ("named_twice_among_varies", lambda m: sdcluster.tipping(m, ["rate", "Rate"])),
    ("varies_between_two_numbers", lambda m: sdcluster.tipping(m, {"rate": 3})),
    ("curves_rows_times_do", lambda m: sdcluster.sensitivity(m, 10**9, over=["rate"], curves=["size"])),
    ("varies_moves_clock_runs", lambda m: sdcluster.sensitivity(m, 2, over=["end"], curves=["size"])),
    ("varies_moves_clock_runs", lambda m: bands(sdcluster.Simulator(m), ["end"], ENDS, ["size"], [0.5])),
    ("no_run_value", lambda m: sdcluster.hysteresis(m, RATE, "first above size 1e300", steps=2)),
    ("no_run_value_choose", lambda m: sdcluster.tipping(m, RATE, "first above size 1e300", resolution=8)),
    ("samples_empty_give_number", lambda m: sdcluster.ensemble(m, {"rate": []})),
    ("calibration_needs_least_one", lambda m: calibrate(m, [], ["rate"])),
    ("calibration_needs_least_start", lambda m: calibrate(m, SIZE, ["rate"], starts=0)),
    ("both_parameter_setting_leave", lambda m: calibrate(m, SIZE, ["rate"], settings={"rate": 1.0})),
]  # fmt: skip


@pytest.mark.parametrize(("key", "asked"), REQUESTS, ids=[key for key, _ in REQUESTS])
def test_a_request(small: Model, key: str, asked: Callable[[Model], Any]) -> None:
    assert f"study.{key}" in refused(lambda: asked(small))


FAILING: list[tuple[str, Callable[[Model], Any]]] = [
    ("model_could_not_run", lambda m: calibrate(m, SIZE, ["rate"], starts=2)),
    ("only_sets_constants_drawn", lambda m: sdcluster.posterior(m, SIZE, ["rate"], draws=8)),
]


@pytest.mark.parametrize(("key", "asked"), FAILING, ids=[key for key, _ in FAILING])
def test_a_model_that_never_runs(failing: Model, key: str, asked: Callable[[Model], Any]) -> None:
    assert f"study.{key}" in refused(lambda: asked(failing))


def test_a_model_without_stocks(tmp_path: Path) -> None:
    model = sdcluster.load(write(tmp_path, "x = rate * Time", "rate = 1"))
    assert "study.model_no_stock_name" in refused(lambda: sdcluster.tipping(model, RATE))


def test_more_curves_than_memory_holds(small: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "MOST", 1)
    found = refused(lambda: sdcluster.ensemble(small, {"rate": [0.1, 0.2]}, keep=["size"]))
    assert found == {"study.curves_runs_times_would"}


def test_an_ensemble_that_is_there_already(small: Model, tmp_path: Path) -> None:
    def asked() -> Any:
        return sdcluster.ensemble(small, {"rate": [0.1]}, keep=["size"], to=tmp_path / "a.zarr")

    asked()
    assert refused(asked) == {"study.holds_ensemble_already_resume"}


def test_cases_that_no_range_explains(small: Model) -> None:
    runs = sdcluster.ensemble(
        small, {"rate": np.full(40, 0.1), "cap": np.full(40, 0.5)}, measures=["final size"]
    )
    runs["final size"][:20] = 0.0
    assert "study.no_range_varies_makes" in refused(
        lambda: sdcluster.discover(runs, "final size < 1")
    )


@pytest.mark.parametrize(
    ("key", "package", "asked"),
    [
        ("client_needs_dask_distributed", "distributed", lambda m: check_client(None)),
        ("discover_needs_package_pip", "ema_workbench", lambda m: sdcluster.discover(m, "x > 1")),
        ("ema_model_needs_package", "ema_workbench", sdcluster.ema_model),
        ("sampling_needs_emcee_not", "emcee", lambda m: posterior_chain._emcee()),
        (
            "writing_zarr_needs_package",
            "zarr",
            lambda m: sdcluster.ensemble(m, {"rate": [0.1]}, keep=["size"], to="a.zarr"),
        ),
    ],
)
def test_a_package_that_is_not_installed(
    small: Model,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    package: str,
    asked: Callable[[Model], Any],
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"{package}.analysis", raising=False)
    assert f"study.{key}" in refused(lambda: asked(small))


def test_a_run_that_fails_among_others_and_not_alone(small: Model) -> None:
    """Bits are the same in lanes, so this should not happen; there is a sentence all the same."""
    simulator = sdcluster.Simulator(small)
    with made() as found:
        run_request.reason(simulator, ["rate"], np.array([[0.1], [0.2]]), np.array([True, False]))
        runs = tipping_runs.TippingRuns.__new__(tipping_runs.TippingRuns)
        runs.simulator, runs.names, runs._columns = simulator, ["rate"], [0]
        runs.first_failure = np.array([0.1])
        runs.failure()
    assert found == {"study.run_turns_nan_infinity", "study.variable_turns_nan_infinity"}
