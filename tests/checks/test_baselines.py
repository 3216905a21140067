"""Comparison with baselines: facts that hold for any curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sdcluster.checks.baseline import (
    baseline_path,
    compare,
    csv_text,
    read_baseline,
    thin,
    write_baseline,
)
from sdcluster.checks.tolerance import Tolerance, Tolerances, load_tolerances
from sdcluster.errors import ModelError

LENGTH = 20
curves = arrays(
    float, LENGTH, elements=st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-3)
)
tolerances = st.builds(Tolerance, st.floats(1e-9, 1e-2), st.just(0.0))


def dataset(**values: np.ndarray) -> xr.Dataset:
    time = np.arange(len(next(iter(values.values()))), dtype=float)
    return xr.Dataset({name: ("time", x) for name, x in values.items()}, {"time": time})


@given(curves, tolerances)
def test_a_run_passes_against_itself(x: np.ndarray, tolerance: Tolerance) -> None:
    assert compare(dataset(x=x), dataset(x=x), Tolerances(default=tolerance)).passed


@given(curves.filter(np.any), tolerances)
def test_ten_tolerances_away_fails(x: np.ndarray, tolerance: Tolerance) -> None:
    far = dataset(x=x * (1 + 10 * tolerance.relative))
    found = compare(dataset(x=x), far, Tolerances(default=tolerance))
    assert not found.passed
    assert found.moved[0].times == pytest.approx(10, rel=1e-3)


@given(curves, tolerances, st.floats(-0.9, 0.9))
def test_inside_the_tolerance_passes(x: np.ndarray, tolerance: Tolerance, share: float) -> None:
    near = dataset(x=x * (1 + share * tolerance.relative))
    assert compare(dataset(x=x), near, Tolerances(default=tolerance)).passed


@given(curves)
def test_a_baseline_survives_its_file(tmp_path_factory, x: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("b") / "x.csv"
    write_baseline(path, dataset(x=x))
    assert path.read_text(encoding="utf-8").startswith("time,x\n")
    assert compare(read_baseline(path), dataset(x=x), Tolerances()).passed


@given(st.integers(2, 400), st.floats(0.01, 50))
def test_thinning_keeps_samples_and_both_ends(length: int, every: float) -> None:
    full = dataset(x=np.arange(length, dtype=float))
    kept = thin(full, every, ["x"])
    times = kept["time"].values
    assert times[0] == 0
    assert times[-1] == length - 1
    assert np.all(np.diff(times) > 0)
    assert np.all(kept["x"].values == times)


def test_not_a_number_has_moved() -> None:
    x = np.ones(5)
    broken = np.array([1, 1, np.nan, 1, 1])
    found = compare(dataset(x=x), dataset(x=broken), Tolerances())
    assert not found.passed
    assert found.moved[0].time == 2


def test_the_worst_comes_first_in_shares_of_the_range() -> None:
    x = np.linspace(0, 1, 5)
    found = compare(
        dataset(big=1000 * x, small=x), dataset(big=1000 * x + 10, small=x + 0.5), Tolerances()
    )
    assert [move.name for move in found.moved] == ["small", "big"]
    assert found.moved[0].share == pytest.approx(0.5)
    assert "2 of 2 variables moved" in found.sentence()


def test_missing_new_and_renamed_variables_are_said() -> None:
    x = np.linspace(0, 1, 5)
    old = dataset(**{"lock in": x, "gone": x**2})
    new = dataset(**{"rigidity": x, "fresh": x**3})
    found = compare(old, new, Tolerances(), ["rigidity", "fresh"])
    assert not found.passed
    said = found.sentence()
    assert '"lock in" seems to be "rigidity" now' in said
    assert '"gone" is no longer in the model' in said
    assert '"fresh" is new and has no baseline yet' in said


def test_a_new_variable_alone_is_no_failure() -> None:
    x = np.linspace(0, 1, 5)
    found = compare(dataset(x=x), dataset(x=x, y=x), Tolerances(), ["x", "y"])
    assert found.passed
    assert '"y" is new' in found.sentence()


def test_a_run_that_stops_early_is_said() -> None:
    x = np.linspace(0, 1, 5)
    found = compare(dataset(x=x), dataset(x=x).isel(time=slice(0, 3)), Tolerances())
    assert not found.passed
    assert "the run goes from 0 to 2, but its baseline from 0 to 4" in found.sentence()


def test_spelling_of_names_does_not_count() -> None:
    x = np.linspace(0, 1, 5)
    assert compare(dataset(Lock_In=x), dataset(**{"lock in": x}), Tolerances()).passed


BROKEN = [
    ("", "cannot be read|first column"),
    ("time,x\n", "cannot be read|must rise"),
    ("x,time\n1,2\n", 'first column of a baseline must be "time"'),
    ("time,x\n1,2\n1,3\n", "must rise"),
    ("time,x\n1,two\n", "cannot be read"),
    ("time,x\n1,2,3\n", "cannot be read"),
    ("<<<<<<< HEAD\ntime,x\n", "cannot be read|first column"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_a_broken_baseline_is_said(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(ModelError, match=words) as caught:
        read_baseline(path)
    assert "sdcluster accept" in str(caught.value)


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "..", "c:x", "a\0b"])
def test_a_scenario_cannot_name_a_file_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="cannot name a file"):
        baseline_path(tmp_path, name)


def test_an_interrupted_write_leaves_the_old_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    old = dataset(x=np.ones(3))
    write_baseline(path, old)

    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_baseline(path, dataset(x=np.zeros(3)))
    assert path.read_text(encoding="utf-8") == csv_text(old)
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]


def test_tolerances_are_read_and_checked(pond) -> None:
    import sdcluster

    model = sdcluster.load(pond.folder)
    pond.write(
        "baselines/tolerances.toml",
        'every = 5\nvariables = ["fish"]\n[default]\nrelative = 1e-3\n'
        '[variable."Fish"]\nabsolute = 2\n',
    )
    found = load_tolerances(pond.folder, model)
    assert found.every == 5
    assert found.kept(model) == ("fish",)
    assert found.of("fish") == Tolerance(1e-3, 2.0)
    assert found.of("room") == Tolerance(1e-3, 1e-9)
    for text, words in (
        ("evry = 1", 'did you mean "every"'),
        ("every = 0", "must be above 0"),
        ("[default]\nrelative = -1", "must be at least 0, not -1"),
        ('[variable."fsh"]\nabsolute = 1', 'did you mean "fish"'),
    ):
        pond.write("baselines/tolerances.toml", text)
        with pytest.raises(ModelError, match=words):
            load_tolerances(pond.folder, model)
