"""Large runs: in memory once, in stretches, and the same numbers however they are cut."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster.progress import counted, listening, report
from sdcluster.run import fixed
from sdcluster.run.save import ALONE, write_rows
from tests.workshop import Workshop

MODELS = Path(__file__).resolve().parents[2] / "models"
RANGE = '<dimensions><dim name="place" size="3"><elem name="n"/><elem name="e"/><elem name="s"/></dim></dimensions>'
PLACES = '<dimensions><dim name="place"/></dimensions>'


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4"])
@pytest.mark.parametrize("backend", ["python", "native"])
def test_stretches_of_steps_give_the_same_bits(
    method: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend != "python":
        pytest.importorskip("llvmlite")
    simulator = sdcluster.Simulator(MODELS / "cluster", method=method, backend=backend)
    whole = simulator.run()
    monkeypatch.setattr(fixed, "FIRST_STRETCH", 1)
    monkeypatch.setattr(fixed, "PACE", 0.0)  # every stretch is one step
    heard: list[tuple[str, float]] = []
    with listening(lambda stage, done, total, unit: heard.append((stage, done))):
        cut = simulator.run()
    assert [done for stage, done in heard if stage == "running"] == list(
        range(1, simulator.grid.steps + 1)
    )
    assert np.array_equal(whole, cut, equal_nan=True)


@pytest.mark.parametrize("name", sorted(p.name for p in MODELS.iterdir() if p.is_dir()))
def test_it_does_not_matter_when_the_compiler_ends(name: str) -> None:
    """A run is done by plain Python or by machine code, whichever is ready: they agree to 1e-12."""
    pytest.importorskip("llvmlite")
    runs = [sdcluster.Simulator(MODELS / name, backend=b).run() for b in ("python", "native")]
    np.testing.assert_allclose(*runs, rtol=1e-12, atol=1e-12)


def test_rows_of_plain_python_take_no_more_than_the_array(workshop: Workshop) -> None:
    elements = "".join(f'<elem name="p{i}"/>' for i in range(500))
    path = workshop.write(
        f'<stock name="level">{PLACES}<eqn>1</eqn><inflow>change</inflow></stock>'
        f'<flow name="change">{PLACES}<eqn>level[place] / 7</eqn></flow>',
        extra=f'<dimensions><dim name="place" size="500">{elements}</dim></dimensions>',
        stop=400,
        dt=1,
    )
    simulator = sdcluster.Simulator(path, method="euler", backend="python")
    simulator.dataset()
    tracemalloc.start()
    ds = simulator.dataset()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ds["level"].shape == (401, 500)
    assert peak < 1.5 * 401 * 1000 * 8  # lists of rows took four times the array


def test_constants_follow_their_changes_and_arrays_keep_their_axes(workshop: Workshop) -> None:
    from sdcluster.project.scenario import Change

    path = workshop.write(
        workshop.aux("rate", "2"),
        f'<aux name="share">{PLACES}<element subscript="n"><eqn>1</eqn></element>'
        '<element subscript="e"><eqn>2</eqn></element><element subscript="s"><eqn>3</eqn></element></aux>',
        f'<stock name="level">{PLACES}<eqn>0</eqn><inflow>change</inflow></stock>',
        f'<flow name="change">{PLACES}<eqn>rate * share[place]</eqn></flow>',
        extra=RANGE,
        dt=1,
    )
    simulator = sdcluster.Simulator(path, method="euler")
    changes = [Change(5, {"rate": 4.0})]
    ds = simulator.dataset(changes=changes)
    assert ds["rate"].values.tolist() == [2.0] * 5 + [4.0] * 6
    assert ds["share"].values[7].tolist() == [1.0, 2.0, 3.0]
    assert ds["level"].sel(place="s").values.tolist() == [*range(0, 30, 6), *range(30, 91, 12)]
    rows = simulator.run(changes=changes)
    for name, row in zip(simulator.names, rows, strict=True):
        base, _, element = name.partition("[")
        curve = ds[base].sel(place=element.rstrip("]")) if element else ds[base]
        assert np.array_equal(curve.values, row)
    one = simulator.dataset(changes=changes, variables=["change"])
    assert np.array_equal(one["change"], ds["change"])
    assert one["change"].values.base is None or one["change"].values.base.size == 33


def test_blocks_make_the_same_table(monkeypatch: pytest.MonkeyPatch) -> None:
    from sdcluster.run import save

    runs = {
        "a": xr.Dataset(
            {
                "x": ("time", [0.1, np.nan, 1e300]),
                "y": (("kind", "time"), np.arange(6.0).reshape(2, 3)),
            },
            {"time": [0.0, 0.5, 1.0], "kind": ["k1", "k,2"]},
        )
    }
    runs["b"] = runs["a"] * 2.0
    whole, parts = io.StringIO(), io.StringIO()
    write_rows(runs, whole)
    monkeypatch.setattr(save, "BLOCK", 1)
    write_rows(runs, parts)
    assert parts.getvalue() == whole.getvalue()
    assert whole.getvalue().splitlines()[:3] == [
        'scenario,time,x,y[k1],"y[k,2]"',
        "a,0.0,0.1,0.0,3.0",
        "a,0.5,,1.0,4.0",
    ]
    alone = io.StringIO()
    write_rows({ALONE: runs["a"]}, alone, "\t")
    assert alone.getvalue().splitlines()[1] == "0.0\t0.1\t0.0\t3.0"


def test_reports_reach_the_listener_of_their_thread_alone() -> None:
    heard: list[tuple[str, float, float, str]] = []
    report("before")
    with listening(lambda *words: heard.append(words)):
        assert list(counted([10, 20, 30], "reading", "equations", every=2)) == [10, 20, 30]
    report("after")
    assert heard == [("reading", 0, 3, "equations"), ("reading", 2, 3, "equations")]
