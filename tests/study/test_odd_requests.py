"""Requests that a user may make by mistake, or with numbers that few digits do not show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError
from sdcluster.project.scenario import Change

MODEL = """{UTF-8}
a = 1 ~ 1 [0, 2] ~|
b = 2 ~~|
rate = a * b - s * 0.1 ~~|
s = INTEG(rate, 10) ~~|
root = LN(a - 0.5) ~~|
INITIAL TIME = 2030 ~~| FINAL TIME = 2032 ~~| TIME STEP = 0.0625 ~~| SAVEPER = 1 ~~|
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd") / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    return path


def test_the_time_of_a_change_keeps_its_digits(path: Path) -> None:
    points = sdcluster.design(path, 2, {"a at 2030.1875": (1, 3)})
    assert points.names == ("a at 2030.1875",)
    found = sdcluster.ensemble(path, points, measures="final s")
    change = Change(2030.1875, {"a": float(points.values[0, 0])})
    alone = sdcluster.simulate(path, sdcluster.Scenario(changes=(change,)))
    assert float(found["final s"][0]) == pytest.approx(float(alone["s"][-1]), rel=1e-12)


def test_a_share_of_the_range_holds_for_a_name_alone(path: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    arguments = ["ensemble", str(path), "-n", "16", "--vary", "a", "--spread", "0.1"]
    CliRunner().invoke(app, [*arguments, "--measure", "final s", "--out", str(table)])
    rows = np.genfromtxt(table, delimiter=",", names=True)
    assert 0.9 <= rows["a"].min() < 0.95
    assert 1.05 < rows["a"].max() <= 1.1


def test_a_lognormal_cut_off_far_in_its_tail_keeps_its_bounds(path: Path) -> None:
    low, high = float(np.exp(8.1)), float(np.exp(9.9))
    values = np.asarray(sdcluster.design(path, 64, {"b": ("lognormal", 1, 1, low, high)}).values)
    assert len(np.unique(values)) == 64
    assert low <= values.min()
    assert values.max() <= high


def test_the_edge_of_runs_that_fail_is_no_crossing(path: Path) -> None:
    with pytest.warns(sdcluster.ModelWarning, match="runs failed"):
        found = sdcluster.tipping(path, {"a": (0, 2)}, measure="final s", levels=12.0)
    below, above = found["tips_at"].values[0]
    assert np.isnan(below)
    assert 1.0 < above < 2.0


def test_a_measure_that_is_named_twice_is_studied_once(path: Path) -> None:
    found = sdcluster.sensitivity(path, 8, {"a": (1, 2)}, measures=["final s", "final s"])
    assert found["measure"].values.tolist() == ["final s"]


def test_a_study_says_how_many_runs_failed(path: Path) -> None:
    with pytest.warns(sdcluster.ModelWarning, match=r"\d+ of 24 runs failed"):
        sdcluster.sensitivity(path, 8, {"a": (0.4, 0.6)}, measures="final s")


REFUSED: dict[str, tuple[Any, str]] = {
    "keep": (lambda m: sdcluster.ensemble(m, {"a": [1, 2]}, keep=5), "keep= takes the names"),
    "bands": (lambda m: sdcluster.ensemble(m, {"a": [1, 2]}, bands=None), "bands= takes the names"),
    "huge": (lambda m: sdcluster.design(m, 4, {"a": (1, 10**400)}), '"a" has the distribution'),
    "scenario": (lambda m: sdcluster.design(m, 4, {"scenario": 5}), "takes a list of names"),
    "rows": (lambda m: sdcluster.sensitivity(m, "x", ["a"]), "x"),
    "curves": (lambda m: sdcluster.sensitivity(m, 8, ["a"], curves=5), "curves= takes the names"),
    "seed": (lambda m: sdcluster.sensitivity(m, 8, ["a"], seed=-1), "-1"),
    "spread": (lambda m: sdcluster.design(m, 4, ["a"], spread=-1), "spread= takes a fraction"),
    "no variable": (lambda m: sdcluster.ensemble(m, {"a": [1, 2]}, measures="peak"),
                    '"peak" needs a variable, as in "peak s"'),
    "a pair twice": (
        lambda m: sdcluster.design(m, 4, {"a": (1, 2), "b": (1, 2)},
                                   correlations={("a", "b"): 0.5, ("b", "a"): 0.2}),
        "is given twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(path: Path, case: str) -> None:
    ask, sentence = REFUSED[case]
    with pytest.raises(ModelError, match=re.escape(sentence)):
        ask(path)


WRONG = [
    (("normal", 5, 1, 7, 6), 'the range of "a" goes from 7 to 6'),
    (("normal", 5, 0), 'the standard deviation of "a" is 0; it must be above 0'),
    (("triangular", 2, 2, 2), 'the range of "a" goes from 2 to 2'),
    (("triangular", 1, 0, 2), 'the most likely value of "a" is 0; it must be from 1 to 2'),
    (("lognormal", -5, 1), 'the median of "a" is -5; it must be above 0'),
    (("lognormal", 5, -1), 'the standard deviation of the logarithm of "a" is -1'),
    (("lognormal", 5, 1, 0, 6), 'the lower bound of "a" is 0; it must be above 0'),
    (("lognormal", 5, 1, 7, 6), 'the range of "a" goes from 7 to 6'),
]


@pytest.mark.parametrize(("given", "sentence"), WRONG, ids=str)
def test_the_wrong_number_of_a_distribution_is_named(path: Path, given: Any, sentence: str) -> None:
    with pytest.raises(ModelError, match=re.escape(sentence)):
        sdcluster.design(path, 4, {"a": given})


def test_the_command_names_the_wrong_number_too(path: Path) -> None:
    done = CliRunner().invoke(app, ["ensemble", str(path), "--vary", "a=normal:5:1:7:6"])
    assert done.exit_code == 2
    assert 'the range of "a" goes from 7 to 6' in " ".join(done.stderr.split())
    assert "(" not in done.stderr  # no Python


def test_the_forms_of_distributions_are_named_in_chinese(path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        sdcluster.design(path, 4, {"a": ("normal", 1)})
    said = caught.value.sentence.text("zh")
    assert "均值, 标准差" in said
    assert "mean" not in said
