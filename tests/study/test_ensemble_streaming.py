"""Ensembles too large for memory: statistics that are added up, runs on disk, workers of a cluster."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster import ModelError, ModelWarning
from sdcluster.cli import app
from sdcluster.study import ensemble as study
from sdcluster.study import ensemble_store
from sdcluster.study.ensemble_part import Machine
from sdcluster.study.samples import read_samples
from tests.command import CliRunner

MODEL = """{UTF-8}
rate = 0.1 ~ 1/year [0, 0.2] ~ A judgement. ~|
limit = 0 ~ goods ~|
"a/b" = 1 ~ goods ~|
stock = INTEG(rate * stock, "a/b") ~ goods ~|
root = SQRT(stock - limit) ~~|
INITIAL TIME = 0 ~ year ~| FINAL TIME = 20 ~ year ~| TIME STEP = 0.25 ~ year ~| SAVEPER = 1 ~ year ~|
"""
MEASURES = ["final stock", "first above stock 2"]
SHARES = [0.0, 0.05, 0.5, 1.0]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("streaming") / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    return path


@pytest.fixture
def tiny_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing fit into memory."""
    monkeypatch.setattr(study, "WHOLE", 100)
    monkeypatch.setattr(study, "NUMBERS", 100)


def asked(path: Path, n: int = 4096, **options) -> xr.Dataset:
    points = sdcluster.design(path, n, {"rate": (0, 0.2), "a/b": (1, 1.5)})
    options = {"measures": MEASURES, "bands": "stock", "quantiles": SHARES, **options}
    return sdcluster.ensemble(path, points, **options)


def same_bits(a: xr.Dataset, b: xr.Dataset) -> bool:
    """Whether two datasets hold the same bits under the same names."""
    return set(a.variables) == set(b.variables) and all(
        np.asarray(a[name].values).tobytes() == np.asarray(b[name].values).tobytes()
        for name in a.variables
        if a[name].dtype.kind in "fib"
    )


def test_statistics_are_those_of_all_runs(path: Path) -> None:
    runs = asked(path, keep="stock")
    curves = runs["stock"].values
    assert np.allclose(runs["mean of stock"], curves.mean(axis=0), rtol=1e-13)
    assert np.allclose(runs["variance of stock"], curves.var(axis=0, ddof=1), rtol=1e-10)
    assert np.array_equal(runs["minimum of stock"], curves.min(axis=0))
    assert np.array_equal(runs["maximum of stock"], curves.max(axis=0))
    assert runs["variance of stock"].attrs["units"] == "(goods)^2"
    first = runs["first above stock 2"].values
    known = first[~np.isnan(first)]
    assert 0 < len(known) < len(first)
    of = runs["statistics of measures"].sel(measure="first above stock 2")
    assert of.sel(statistic="runs") == len(known)
    assert of.sel(statistic="mean") == pytest.approx(known.mean())
    assert of.sel(statistic="maximum") == known.max()
    quantiles = runs["quantiles of measures"].sel(measure="first above stock 2")
    assert np.array_equal(quantiles, np.quantile(known, SHARES))
    assert runs["histograms of measures"].sum("bin").values.tolist() == [4096, len(known)]
    assert runs.attrs["quantile_error"] == 0


def test_what_does_not_fit_is_counted_and_states_its_error(path: Path, tiny_memory: None) -> None:
    found = asked(path)
    assert "run" not in found.sizes
    assert 0 < found.attrs["quantile_error"] < 0.01
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "WHOLE", 1e9)
        patch.setattr(study, "NUMBERS", 1e9)
        exact = asked(path, keep="stock")
    for name in ("mean of stock", "variance of stock", "statistics of measures"):
        assert np.array_equal(found[name], exact[name])
    error = found.attrs["quantile_error"] + 1 / 4096
    for curve, values in ((exact["stock"], found["quantiles of stock"]),):
        for share, row in zip(SHARES, values, strict=True):
            rank = (curve.values <= row.values).mean(axis=0)[1:]
            assert np.all(np.abs(rank - share) <= error + 1e-12)
    measured = found["quantiles of measures"].sel(measure="final stock")
    rank = [(exact["final stock"].values <= x).mean() for x in measured.values]
    assert np.all(np.abs(np.array(rank) - SHARES) <= error)


@pytest.mark.parametrize("workers", [2, 4])
def test_the_bits_do_not_follow_from_the_workers(path: Path, tiny_memory, workers: int) -> None:
    assert same_bits(asked(path, workers=1), asked(path, workers=workers))


def test_the_bits_do_not_follow_from_the_runs_side_by_side(path: Path) -> None:
    model = sdcluster.load(path)
    points = read_samples(model, {"rate": np.linspace(0, 0.2, 61)})
    question = study._question(model, points, MEASURES, "root", "stock", None, None, None, None, 0)
    one, other = (
        Machine(replace(question, lanes=lanes)).part(0, *points.part(0, 61)) for lanes in (8, 5)
    )
    assert np.array_equal(one.numbers, other.numbers, equal_nan=True)
    assert np.array_equal(one.kept, other.kept)
    assert np.array_equal(one.moments.mean, other.moments.mean)
    assert np.array_equal(one.moments.squares, other.moments.squares)


@pytest.mark.parametrize("method", ["sobol", "random", "grid"])
def test_a_design_too_large_for_memory_gives_the_same_points(
    path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    from sdcluster.study import design_points

    over = {"rate": (0, 0.2), "a/b": ("triangular", 1, 1.1, 2)}
    whole = sdcluster.design(path, 1024, over, method, seed=3)
    monkeypatch.setattr(design_points, "AT_ONCE", 100)
    parts = sdcluster.design(path, 1024, over, method, seed=3)
    assert not isinstance(parts.values, np.ndarray)
    assert len(parts) == 1024
    for first in (0, 100, 500, 200, 900):
        here = slice(first, first + 100)
        assert np.array_equal(parts.values[here], whole.values[here])
    assert np.array_equal(parts.to_frame(), whole.to_frame())


def test_scenarios_vary_like_constants(path: Path) -> None:
    (path.parent / "scenarios.toml").write_text(
        '[scenario.fast]\ntitle = { en = "f", zh = "f" }\nsettings = { rate = 0.3 }\n'
        '[scenario.late]\ntitle = { en = "l", zh = "l" }\nsettings = { rate = 0.0 }\n'
        "[[scenario.late.changes]]\ntime = 10\nsettings = { rate = 0.2 }\n",
        encoding="utf-8",
    )
    model = sdcluster.load(path)
    names = ["fast", "late", "late"] * 9
    start = np.linspace(1, 2, 27)
    runs = sdcluster.ensemble(model, {"scenario": names, "a/b": start}, keep=["stock"])
    assert runs["scenario"].values.tolist() == names
    for i in (0, 1, 26):
        alone = sdcluster.simulate(model, names[i], settings={"a/b": start[i]}, backend="native")
        assert np.array_equal(runs["stock"][i], alone["stock"])
    design = sdcluster.design(model, 64, {"scenario": ["fast", "late"], "a/b": (1, 2)})
    drawn = sdcluster.ensemble(model, design)["scenario"].values.tolist()
    assert drawn.count("fast") == drawn.count("late") == 32
    with pytest.raises(ModelError, match="samples name scenarios"):
        sdcluster.ensemble(model, design, scenario="fast")
    with pytest.raises(ModelError, match="slow"):
        sdcluster.ensemble(model, {"scenario": ["slow"]})


def test_runs_that_fail_are_listed_with_their_settings(path: Path, tiny_memory: None) -> None:
    limits = np.where(np.arange(3000) % 500 == 7, 9.0, -1.0)
    with pytest.warns(ModelWarning, match=r'6 of 3,000 runs failed.*"root" became NaN'):
        found = sdcluster.ensemble(path, {"limit": limits}, measures="final root", bands="root")
    listed = found["settings of failed runs"]
    assert listed["failed_run"].values.tolist() == list(range(7, 3000, 500))
    assert listed.sel(setting="limit").values.tolist() == [9.0] * 6
    assert np.isfinite(found["quantiles of root"]).all()
    assert found["statistics of measures"].sel(statistic="runs") == 2994


# ---- on disk


@pytest.mark.parametrize("small", [True, False])
def test_a_store_holds_what_memory_would(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: bool
) -> None:
    pytest.importorskip("zarr")
    held = asked(path, keep="root")
    if not small:
        monkeypatch.setattr(study, "WHOLE", 100)
        monkeypatch.setattr(study, "NUMBERS", 100)
    stored = asked(path, keep="root", to=tmp_path / "runs.zarr")
    for name in ("final stock", "a/b", "root", "failed", "mean of stock", "time", "run"):
        assert np.array_equal(stored[name], held[name])
    assert stored["a/b"].attrs == held["a/b"].attrs == {"units": "goods"}
    assert same_bits(stored, held) is small
    assert not (tmp_path / "runs.zarr.part").exists()
    again = asked(path, keep="root", to=tmp_path / "runs.zarr", resume=True)
    assert same_bits(again, stored)


class Stop(Exception):
    """Interrupts an ensemble."""


@pytest.mark.parametrize("small", [True, False])
def test_an_interrupted_ensemble_goes_on_with_the_same_bits(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: bool
) -> None:
    pytest.importorskip("zarr")
    if not small:
        monkeypatch.setattr(study, "WHOLE", 100)
        monkeypatch.setattr(study, "NUMBERS", 100)
    limits = np.where(np.arange(4000) % 500 == 7, 9.0, -1.0)
    options = {"measures": MEASURES, "bands": ["stock"], "keep": ["root"]}
    run = lambda **more: sdcluster.ensemble(path, {"limit": limits}, **options, **more)  # noqa: E731
    with pytest.warns(ModelWarning, match="8 of 4,000"):
        whole = run(to=tmp_path / "whole.zarr")

    def stop_at(count: int):
        def progress(words: str, done: int, total: int) -> None:
            if words == "runs" and done >= count:
                raise Stop

        return progress

    for count in (700, 2100):
        with pytest.raises(Stop):
            run(to=tmp_path / "runs.zarr", resume=True, progress=stop_at(count))
    done = []
    with pytest.warns(ModelWarning, match="8 of 4,000"):
        found = run(to=tmp_path / "runs.zarr", resume=True, progress=lambda *w: done.append(w[1]))
    assert done[0] > 2100
    assert same_bits(found, whole)
    assert found.attrs == whole.attrs


def test_another_model_or_other_samples_are_not_resumed(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    store = tmp_path / "runs.zarr"

    def stop(words: str, done: int, total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        asked(path, 256, to=store, progress=stop)
    with pytest.raises(ModelError, match="begun with a different set of samples;"):
        asked(path, 512, to=store, resume=True)
    with pytest.raises(ModelError, match="begun with a different set of measures and curves;"):
        asked(path, 256, measures=["peak stock"], to=store, resume=True)
    with pytest.raises(ModelError, match="different set of samples and another set of measures"):
        asked(path, 512, measures=["peak stock"], to=store, resume=True)
    other = tmp_path / "m.mdl"
    other.write_text(MODEL.replace("rate * stock", "rate * stock * 1.01"), encoding="utf-8")
    with pytest.raises(ModelError, match="begun with a different model;"):
        asked(other, 256, to=store, resume=True)
    assert not store.exists()
    for same in (256, 512):  # never removes what was run, not even where another question is asked
        with pytest.raises(
            ModelError, match=r"interrupted ensemble; resume it \(--resume.*or remove"
        ):
            asked(path, same, to=store)
    shutil.rmtree(tmp_path / "runs.zarr.part")
    assert asked(path, 256, to=store).sizes["run"] == 256
    with pytest.raises(ModelError, match="a different set of samples"):
        asked(path, 512, to=store, resume=True)


@pytest.mark.parametrize("resume", [False, True])
def test_a_second_process_is_refused(path: Path, tmp_path: Path, resume: bool) -> None:
    pytest.importorskip("zarr")
    store = tmp_path / "runs.zarr"
    said = []

    def in_between(words: str, done: int, total: int) -> None:
        # The lock belongs to who opened the file, so that a second writer in this process is like one in another.
        with pytest.raises(ModelError) as refused:
            asked(path, 256, to=store, resume=resume)
        said.append(str(refused.value))

    found = asked(path, 256, to=store, progress=in_between)
    assert f'another process is writing "{store}"; wait' in said[0]
    assert same_bits(found, asked(path, 256))
    assert [p.name for p in tmp_path.glob("runs*")] == ["runs.zarr"]  # no lock is left


@pytest.mark.parametrize("all_of_it", [False, True])
def test_runs_that_were_removed_are_never_zeros(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, all_of_it: bool
) -> None:
    pytest.importorskip("zarr")
    monkeypatch.setattr(ensemble_store, "ROWS", 64)
    monkeypatch.setattr(ensemble_store, "SELDOM", 0.0)
    part = tmp_path / "runs.zarr.part"
    removed = []

    def remove(words: str, done: int, total: int) -> None:
        chunk = part / "runs" / "rate" / "0"
        if chunk.is_file():
            removed.append(chunk)
            shutil.rmtree(part) if all_of_it else chunk.unlink()

    with pytest.raises(ModelError, match=r"written to .* are now missing"):
        asked(path, 256, to=tmp_path / "runs.zarr", progress=remove)
    assert removed
    assert not (tmp_path / "runs.zarr").exists()


def test_a_store_can_be_opened_as_the_documentation_says(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    store = tmp_path / "runs.zarr"
    stored = asked(path, 16, to=store)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = xr.open_zarr(store, chunks=None)
    assert np.array_equal(found["final stock"], stored["final stock"])


def test_names_that_cannot_be_written_are_refused(path: Path, tmp_path: Path) -> None:
    for to, resume, says in (
        ("runs.txt", False, "must end in .zarr or .nc"),
        ("runs.nc", True, "only an ensemble that was written to a .zarr"),
    ):
        with pytest.raises(ModelError, match=says):
            asked(path, 16, to=tmp_path / to, resume=resume)
    taken = tmp_path / "taken.zarr"
    taken.mkdir()
    with pytest.raises(ModelError, match="not a Zarr store"):
        asked(path, 16, to=taken)
    asked(path, 16, to=tmp_path / "runs.nc")
    assert xr.load_dataset(tmp_path / "runs.nc").sizes["run"] == 16


def test_the_command_goes_on_after_a_kill(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    store = tmp_path / "runs.zarr"
    words = ["ensemble", str(path), "-n", "2048", "--vary", "rate=0:0.2", "-v", "stock"]
    words += ["--measure", "final stock", "--keep", "root", "--out", str(store)]
    # A process that kills itself in the middle, where a state was written.
    program = (
        "import os, signal, sys\n"
        "from sdcluster.study import ensemble_store as s\n"
        "s.SELDOM = 0.0\n"
        "keep = s.Store.keep\n"
        "def kept(store, tally, **more):\n"
        "    keep(store, tally, **more)\n"
        "    if tally.next >= 1024: os.kill(os.getpid(), signal.SIGKILL)\n"
        "s.Store.keep = kept\n"
        "from sdcluster.cli import app\n"
        f"app({words!r})\n"
    )
    killed = subprocess.run([sys.executable, "-c", program], timeout=120, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not store.exists()
    resumed = CliRunner().invoke(app, [*words, "--resume"])
    assert resumed.exit_code == 0, resumed.output
    whole = tmp_path / "whole.zarr"
    anew = CliRunner().invoke(app, [*words[:-1], str(whole), "--out", str(tmp_path / "fan.svg")])
    assert anew.exit_code == 0, anew.output
    assert (tmp_path / "fan.svg").read_text(encoding="utf-8").startswith("<?xml")
    from sdcluster.study.ensemble_store import open_store

    assert same_bits(open_store(store), open_store(whole))


def test_ctrl_c_before_the_first_new_run_names_the_kept_ones(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "runs.zarr.part" / "state.npz"
    kept.parent.mkdir()
    kept.touch()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sdcluster, "load", stop)
    words = ["ensemble", str(path), "--out", str(tmp_path / "runs.zarr")]
    for more, says in (([], "nothing was written"), (["--resume"], "--resume continues with")):
        stopped = CliRunner().invoke(app, [*words, *more])
        assert stopped.exit_code == 130
        assert says in stopped.stderr


def test_a_table_always_holds_measures(path: Path, tmp_path: Path) -> None:
    table, words = tmp_path / "runs.csv", ["ensemble", str(path), "-n", "8", "--vary", "rate=0:0.2"]
    refused = CliRunner().invoke(app, [*words, "--keep", "stock", "--out", str(table)])
    assert refused.exit_code == 2
    assert "--keep writes curves to .nc and .zarr files only" in refused.stderr
    assert not table.exists()
    done = CliRunner().invoke(app, [*words, "-v", "stock", "--out", str(table)])
    assert done.exit_code == 0, done.output
    head = table.read_text(encoding="utf-8").splitlines()[0]
    assert set(head.split(",")) == {"run", "rate", "failed", "final stock"}


def test_the_command_lists_runs_that_failed_and_draws_single_runs(path, tmp_path) -> None:
    fan = tmp_path / "fan.svg"
    words = ["ensemble", str(path), "-n", "64", "--vary", "limit=-1:19", "-v", "stock"]
    done = CliRunner().invoke(app, [*words, "--out", str(fan), "--spaghetti", "7"])
    assert done.exit_code == 1
    assert "37 of 64 runs failed" in done.stderr
    head, *rows = [line for line in done.stderr.splitlines() if line.startswith(("┃", "│"))]
    assert "limit" in head
    assert len(rows) == 5
    without = tmp_path / "without.svg"
    CliRunner().invoke(app, [*words, "--out", str(without)])
    assert fan.stat().st_size > without.stat().st_size
    refused = CliRunner().invoke(app, [*words, "--resume"])
    assert refused.exit_code == 2
    assert "--resume needs the .zarr" in refused.stderr


# ---- on a cluster


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as made,
        distributed.Client(made, timeout=60) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        yield client


def test_a_killed_worker_loses_nothing(path: Path, cluster, tiny_memory: None) -> None:
    here = asked(path)
    pids = cluster.run(os.getpid)
    killed = []

    def kill_one(words: str, done: int, total: int) -> None:
        if words == "runs" and not killed:
            killed.append(next(iter(pids.values())))
            os.kill(killed[0], signal.SIGKILL)

    there = asked(path, client=cluster, progress=kill_one)
    assert killed
    assert same_bits(here, there)
    assert here.attrs == there.attrs


def test_only_a_client_is_a_client(path: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(ModelError, match=r"takes a dask.distributed.Client"):
        asked(path, 16, client="tcp://127.0.0.1")
    json.dumps(dict(asked(path, 16).attrs))


def test_changed_data_files_are_told_from_a_changed_model(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    model, data = tmp_path / "d.mdl", tmp_path / "d.csv"
    model.write_text(
        MODEL.replace("limit = 0 ~", "limit = GET DIRECT CONSTANTS('d.csv', ',', 'B1') ~"), "utf-8"
    )
    data.write_text("limit,0\n", encoding="utf-8")

    def stop(words: str, done: int, total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        asked(model, 256, to=tmp_path / "runs.zarr", progress=stop)
    data.write_text("limit,0.1\n", encoding="utf-8")
    with pytest.raises(
        ModelError, match="begun with a different content of the model's data files;"
    ) as caught:
        asked(model, 256, to=tmp_path / "runs.zarr", resume=True)
    assert "模型读取的数据文件内容不同" in caught.value.sentence.text("zh")
