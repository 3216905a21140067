"""A run in blocks has the numbers of a run at once."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.project.scenario import Change
from sdcluster.run import simulator as simulating
from sdcluster.run.save import ALONE, save_streams, save_table
from tests.workshop import Workshop

PLACES = '<dimensions><dim name="place"/></dimensions>'
RANGE = '<dimensions><dim name="place" size="2"><elem name="n"/><elem name="s"/></dim></dimensions>'


@pytest.fixture
def model(workshop: Workshop) -> Path:
    """A model with an array, a stock, a constant that the tests change, a delay and a conveyor."""
    return workshop.write(
        workshop.aux("rate", "2"),
        workshop.aux("double rate", "2 * rate"),
        f'<stock name="level">{PLACES}<eqn>1</eqn><inflow>change</inflow></stock>',
        f'<flow name="change">{PLACES}<eqn>rate * 0.1 * level[place] + SIN(TIME)</eqn></flow>',
        workshop.aux("late", "DELAY3(double_rate * TIME, 3)"),
        '<stock name="way"><eqn>4</eqn><inflow>entry</inflow><outflow>exit</outflow>'
        "<conveyor><len>3 + STEP(4, 6)</len></conveyor></stock>",
        '<flow name="entry"><eqn>rate + TIME</eqn></flow>',
        '<flow name="exit"/>',
        extra=RANGE,
        dt=0.25,
    )


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("method", ["euler", "rk2", "rk4"])
@pytest.mark.parametrize("saveper", [0.5, 0.6, 3.75])
@pytest.mark.parametrize("height", [2])
def test_blocks_have_the_bits_of_a_whole_run(
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    backend: str,
    saveper: float,
    height: int,
) -> None:
    if backend != "python":
        pytest.importorskip("llvmlite")
    changes = [Change(0.0, {"rate": 1.0}), Change(2.5, {"rate": 3.0}), Change(9.25, {"rate": 0.5})]
    simulator = sdcluster.Simulator(model, method=method, backend=backend, saveper=saveper)
    whole = simulator.dataset(changes=changes)
    rows = simulator.run(changes=changes)
    columns = simulator.prepared()[0].kernel.source.columns
    monkeypatch.setattr(simulating, "BLOCK", height * columns)
    assert np.array_equal(simulator.run(changes=changes), rows)
    some = simulator.dataset(changes=changes, variables=["level", "double rate", "way"])
    for name in some.data_vars:
        assert np.array_equal(some[name], whole[name]), name
    table = simulator.table(changes=changes)
    blocks = list(table.blocks)
    assert len(blocks) >= len(whole["time"]) / height
    assert list(table.names) == list(simulator.names)
    begun = max(i for i, (first, _, _) in enumerate(blocks) if first == 0)
    assert np.array_equal(np.concatenate([values for _, _, values in blocks[begun:]]), rows.T)
    assert np.array_equal(np.concatenate([times for _, times, _ in blocks[begun:]]), whole["time"])


@pytest.mark.parametrize("ending", [".csv", ".tab"])
def test_a_streamed_file_is_that_of_the_dataset(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    simulator = sdcluster.Simulator(model, method="euler")
    whole, streamed = tmp_path / f"whole{ending}", tmp_path / f"streamed{ending}"
    save_table({ALONE: simulator.dataset()}, whole)
    monkeypatch.setattr(simulating, "BLOCK", 1)
    save_streams(simulator.table(), [streamed])
    assert streamed.read_bytes() == whole.read_bytes()
    few = ["late", "level"]
    save_table({ALONE: simulator.dataset(variables=few)}, whole)
    save_streams(simulator.table(variables=few), [streamed])
    assert streamed.read_bytes() == whole.read_bytes()


def test_a_run_that_plain_python_begins_again_is_written_once(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workshop.write(
        workshop.aux("far", "IF TIME > 6 THEN EXP(500 * TIME) ELSE TIME"),
        workshop.aux("bounded", "MIN(far, 7)"),
        dt=1,
    )
    simulator = sdcluster.Simulator(path, method="euler", backend="python")
    monkeypatch.setattr(simulating, "BLOCK", 1)
    out = tmp_path / "run.csv"
    with pytest.raises(sdcluster.SimulationError, match=r'at time 7 .*"far" became infinite'):
        save_streams(simulator.table(), [out])
    assert list(tmp_path.glob("*.csv*")) == []


def test_a_fault_in_a_later_block_shows_what_the_stock_followed_from(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workshop.write(
        '<stock name="level"><eqn>1e200</eqn><inflow>growth</inflow></stock>',
        '<flow name="growth"><eqn>level * 1e30</eqn></flow>',
        dt=1,
    )

    def error() -> tuple[object, ...]:
        simulator = sdcluster.Simulator(path, method="euler", backend="python")
        with pytest.raises(sdcluster.SimulationError) as caught:
            simulator.run()
        return str(caught.value), caught.value.time, caught.value.variable

    whole = error()
    monkeypatch.setattr(simulating, "BLOCK", 1)
    assert error() == whole


def test_elements_without_an_equation_have_no_column(workshop: Workshop, tmp_path: Path) -> None:
    path = workshop.write(
        f'<aux name="part">{PLACES}<element subscript="s"><eqn>3</eqn></element></aux>',
        workshop.aux("used", "part[s]"),
        extra=RANGE,
        dt=1,
    )
    simulator = sdcluster.Simulator(path)
    whole, streamed = tmp_path / "whole.csv", tmp_path / "streamed.csv"
    save_table({ALONE: simulator.dataset()}, whole)
    save_streams(simulator.table(), [streamed])
    assert streamed.read_bytes() == whole.read_bytes()
    with streamed.open(newline="") as rows:
        assert next(csv.reader(rows)) == ["time", "part[s]", "used"]


def test_a_lookup_among_the_variables_to_keep_is_refused(workshop: Workshop) -> None:
    path = workshop.write(
        '<gf name="effect"><xscale min="0" max="1"/><ypts>0,1</ypts></gf>',
        workshop.aux("felt", "effect(TIME)"),
        dt=1,
    )
    simulator = sdcluster.Simulator(path)
    for use in (simulator.dataset, simulator.table):
        with pytest.raises(sdcluster.ModelError, match='"effect" is a lookup'):
            use(variables=["felt", "effect"])


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("every", [1, 3])
def test_each_saved_time_has_its_row_however_many_there_are(
    workshop: Workshop, backend: str, every: int
) -> None:
    file = workshop.write(
        workshop.stock("level", "0", "inflow"), workshop.flow("inflow", "1"), dt=1
    )
    for steps in (1, 7, 8, 9, 16, 17, 25):
        ran = sdcluster.Simulator(file, stop=steps, saveper=every, backend=backend)
        found = ran.run()[ran.names.index("level")]
        assert found.tolist() == ran.time.tolist() == [*range(0, steps, every), steps]


def test_very_large_numbers_are_no_failure_and_infinity_is(workshop: Workshop) -> None:
    file = workshop.write(workshop.aux("large", "10^(200 + 5 * TIME)"), start=0, stop=30, dt=1)
    ran = sdcluster.Simulator(file, stop=20)
    assert ran.run()[0, -1] == pytest.approx(1e300)
    with pytest.raises(sdcluster.SimulationError, match="large"):
        sdcluster.Simulator(file).run()
