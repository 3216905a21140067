"""What `run` refuses, by the key of its sentence, where no other test reaches it."""

from __future__ import annotations

import errno
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster.errors import ModelError, ModelWarning, SimulationError
from sdcluster.model import Model
from sdcluster.model.points import Points
from sdcluster.project import Change, Scenario
from sdcluster.read.stored_run import Series, StoredRun
from sdcluster.run import adaptive, load_run, plan, simulator, spreadsheet
from sdcluster.run.adaptive import Event
from sdcluster.run.save import check_ending
from sdcluster.run.stepping import Run
from sdcluster.run.varying import varying
from tests.triggered import made
from tests.vensim import write

EQUATIONS = (
    "stock = INTEG(growth, 1)",
    "growth = stock * rate",
    "rate = 0.1",
    "half = rate / 2",
    "t((0,0),(1,1))",
    "look = t(Time)",
    "r: a, b",
    "list[r] = 1, 2",
    "tt[a]((0,0),(1,1))",
    "tt[b]((0,0),(1,1))",
    "order[r] = INTEG(rate, 2)",
    "smooth[r] = DELAY N(stock, 2, 0, order[r])",
    "fixed = DELAY FIXED(stock, 2, 0)",
)


def refused(asked: Callable[[], Any]) -> set[str]:
    """Return the keys of the sentences with which something is refused."""
    with made() as found, pytest.raises((ModelError, SimulationError)):
        asked()
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return sdcluster.load(write(tmp_path_factory.mktemp("small"), *EQUATIONS))


def begun(model: Model) -> Run:
    return sdcluster.Simulator(model, method="euler", backend="python").begin()


def simulated(model: Model, **options: Any) -> xr.Dataset:
    return sdcluster.simulate(model, **{"method": "euler", "backend": "python"} | options)


POINTS = Points((0.0,), (1.0,))
REQUESTS: list[tuple[str, Callable[[Model], Any]]] = [
    ("settings_given_name_instance", lambda m: simulated(m, settings=[("rate", 1)])),
    ("settings_given_name_instance", lambda m: sdcluster.Simulator(m).begin(5)),  # type: ignore[arg-type]
    ("graphical_function_set_points", lambda m: simulated(m, settings={"tt[a]": 1, "tt[b]": POINTS})),
    ("sets_clock_run_needs", lambda m: simulated(m, settings={"TIME STEP": POINTS})),
    ("sets_clock_run_needs", lambda m: simulated(m, scenario=settings({"TIME STEP": POINTS}))),
    ("start_stop_dt_saveper", lambda m: simulated(m, settings={"FINAL TIME": math.inf})),
    ("start_stop_dt_saveper", lambda m: simulated(m, dt=math.nan)),
    ("run_would_stop_not", lambda m: simulated(m, stop=0)),
    ("run_would_take_steps", lambda m: simulated(m, dt=1e-12)),
    ("unknown_backend_expected_one", lambda m: simulated(m, backend="fortran")),
    ("run_goes_whole_steps", lambda m: begun(m).step(0)),
    ("lookup_model_lookups_points", lambda m: begun(m)["t"]),
    ("list_numbers_among_equations", lambda m: begun(m).set("list", POINTS)),
    ("needs_time_finite_number", lambda m: varying(m, "rate at inf")),
    ("order_delay_smooth_follows", lambda m: simulated(m, settings={"order[a]": 3})),
    ("cannot_change_during_run_only", lambda m: simulated(m, scenario=later({"half": 2.0}))),
    ("set_finite_number_expected", lambda m: simulated(m, scenario=later({"rate": POINTS}))),
    ("event_watches_never_changes", lambda m: simulated(m, method="LSODA", events=[Event("rate")])),
    ("folder_name_file", lambda m: check_ending(Path(m.path).parent / "a.csv", (".csv",))),
]  # fmt: skip


def settings(values: dict[str, Any]) -> Scenario:
    return Scenario(name="s", settings=values)


def later(values: dict[str, Any]) -> Scenario:
    return Scenario(name="s", changes=(Change(1.0, values),))


@pytest.mark.parametrize(("key", "asked"), REQUESTS, ids=[key for key, _ in REQUESTS])
def test_a_request(small: Model, key: str, asked: Callable[[Model], Any]) -> None:
    (Path(small.path).parent / "a.csv").mkdir(exist_ok=True)
    assert f"run.{key}" in refused(lambda: asked(small))


LIMITS: list[tuple[str, object, str, float, dict[str, Any]]] = [
    ("needed_more_evaluations_reach", adaptive, "MAX_EVALUATIONS", 2, {"method": "LSODA"}),
    ("delays_fixed_length_conveyors", plan, "MAX_VALUES", 1, {}),
    ("run_would_keep_values", simulator, "MAX_VALUES", 1, {}),
]


@pytest.mark.parametrize(("key", "module", "limit", "value", "options"), LIMITS)
def test_a_limit(
    small: Model,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    module: object,
    limit: str,
    value: float,
    options: dict[str, Any],
) -> None:
    monkeypatch.setattr(module, limit, value)
    assert f"run.{key}" in refused(lambda: simulated(small, **options))


def test_a_sheet_that_is_too_long(
    small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 1)
    ds = simulated(small)
    found = refused(lambda: spreadsheet.save_xlsx({"": ds}, tmp_path / "a.xlsx"))
    assert found == {"run.sheets_rows_columns_more"}


STOCKS: list[tuple[str, list[str]]] = [
    ("conveyors_queues_move_whole", ["s = INTEG(-1, 1)", "out = DELAY CONVEYOR(s, 2, 0, t, 0, 2)", "t((0,1),(1,1))"]),
    ("looks_back_whole_course", ["s = INTEG(-x, 1)", "x = DELAY MATERIAL(s, 2, 1, 0)"]),
    ("stock_moves_whole_numbers", ["s = SINTEG(-1, 10, 0, :NA:, :NA:, :NA:, :NA:)"]),
    ("model_stocks_stages_delays", ["s = INTEG(-x, 1)", "x = DELAY N(s, 2, 1, 600)"]),
    (
        "equilibria_need_derivatives_equations",
        ["r: a, b", "p: ptype, ppriority, pwidth, pextra", "s = INTEG(-given[a], 1)", "asked[r] = 1", "curve[r, p] = 1",
         "given[r] = ALLOCATE AVAILABLE(asked[r], curve[r, ptype], s)"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("key", "equations"), STOCKS)
def test_what_has_no_rest_point(tmp_path: Path, key: str, equations: list[str]) -> None:
    model = sdcluster.load(write(tmp_path, *equations))
    assert f"run.{key}" in refused(lambda: sdcluster.equilibria(model))


def test_a_jacobian_where_an_equation_has_no_value(tmp_path: Path) -> None:
    model = sdcluster.load(write(tmp_path, "s = INTEG(1, 1)", "x = 1 / (s - 1)", "y = INTEG(x, 0)"))
    assert "run.derivatives_net_flows_cannot" in refused(lambda: sdcluster.jacobian(model))


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("lacks_model", lambda memory: memory["stock"].pop("stock")),
        ("numbers_instead", lambda memory: memory["stock"].update(stock=[1.0, 2.0])),
        ("holds_model_does_not", lambda memory: memory["stock"].update(other=[1.0])),
    ],
)
def test_a_state_of_another_model(
    small: Model, tmp_path: Path, key: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    file = tmp_path / "state.json"
    begun(small).step().save(file)
    state = json.loads(file.read_text())
    change(state["memory"])
    file.write_text(json.dumps(state))
    again = sdcluster.Simulator(small, method="euler", backend="python")
    assert f"run.{key}" in refused(lambda: again.resume(file))


def test_a_stored_run_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_run, "MAX_BYTES", 1)
    (tmp_path / "a.csv").write_text("time,x\n0,1\n")
    assert refused(lambda: sdcluster.load_run(tmp_path / "a.csv")) == {"run.file_larger_bytes"}


def test_a_stored_run_on_a_broken_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", broken)
    (tmp_path / "a.csv").write_text("time,x\n0,1\n")
    assert refused(lambda: sdcluster.load_run(tmp_path / "a.csv")) == {"run.file_cannot_read"}


def test_a_stored_run_of_no_variables(tmp_path: Path) -> None:
    xr.Dataset(coords={"time": [0.0, 1.0]}).to_netcdf(tmp_path / "a.nc")
    assert refused(lambda: sdcluster.load_run(tmp_path / "a.nc")) == {"run.file_holds_no_variables"}


def test_a_stored_run_of_many_doubts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    doubts = tuple(f"x{i}" for i in range(load_run.MOST_DOUBTS + 2))
    one = Series("x", (), "", np.zeros(1))
    monkeypatch.setattr(
        load_run, "read_stored", lambda _: StoredRun(np.zeros(1), (one,), doubts=doubts)
    )
    with made() as found, pytest.warns(ModelWarning) as caught:
        sdcluster.load_run(tmp_path / "a.vdf")
    assert "and 2 more variables" in str(caught[-1].message)
    assert found == {"run.more_variables_left_out"}
