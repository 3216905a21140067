"""Each word of the behaviour vocabulary holds and fails on curves whose answer is known."""
# ruff: noqa: E501 (rows of tables)

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sdcluster.checks.behaviour import load_behaviour
from sdcluster.checks.vocabulary import KINDS, Finding, Run
from sdcluster.errors import ModelError
from sdcluster.messages import in_language
from tests.chinese import english_left

TIME = np.linspace(0, 100, 1601)


def dataset(**curves: np.ndarray) -> xr.Dataset:
    made = xr.Dataset(
        {
            name.replace("_", " "): ("time", values, {"units": "m"})
            for name, values in curves.items()
        },
        coords={"time": ("time", TIME, {"units": "years"})},
    )
    return made


def logistic(middle: float, width: float = 2.0) -> np.ndarray:
    return 1 / (1 + np.exp(-(TIME - middle) / width))


def world(run: Run) -> xr.Dataset:
    """A model with known answers; settings and scenarios move its curves."""
    settings = dict(run.settings)
    openness = settings.get("openness", 0.5)
    start = settings.get("lock in", 0.1)
    factor = {"default": 1.0, "closed": 0.5, "late": 0.25}[run.scenario]
    return dataset(
        wave=2 + np.cos(2 * np.pi * (TIME - 10) / 40),
        social_ties=logistic(6),
        economic_ties=logistic(17),
        knowledge_ties=logistic(36),
        late_ties=logistic(200),
        grown=factor * 1.02**TIME,
        bought=5 * 1.02 ** (0.8 * TIME),
        change=1 - TIME / 50,
        hill=10 * np.exp(-(((TIME - 30) / 40) ** 2)),
        knowledge=np.full_like(TIME, 4 - (openness - 0.6) ** 2),
        lock_in=np.where(start > 0.5, 0.9, 0.1) + 0.01 * np.exp(-TIME),
    )


def judge(kind: str, keys: str, tmp_path: Path) -> Finding:
    file = tmp_path / "behaviour.toml"
    file.write_text(f'[[assert]]\nkind = "{kind}"\ntitle = "t"\nsource = "s"\n{keys}\n')
    (assertion,) = load_behaviour(file)
    return assertion.judge(world)


def chinese(finding: Finding) -> str:
    """Return all that a report in Chinese shows of a finding."""
    labels = [
        label
        for chart in finding.charts
        for label in (chart.x_label, chart.y_label, *(curve.label for curve in chart.curves))
    ]
    return "\n".join(in_language(text, "zh") for text in (finding.sentence, *labels))


CASES = [
    ("peaks", 'variable = "wave"\nnear = [10, 50, 90]', 'near 10, 50 and 90'),
    ("several peaks", 'variable = "wave"\nleast = 2\nmost = 2\nfrom = 20', "number of peaks of wave: 2 (at 50 and 90); expected at least 2 and at most 2"),
    ("early warning", 'variable = "social ties"\nlevel = 0.5\nof = "economic ties"\nof_level = 0.5\nleast = 10', "social ties passes 0.5 at 6 and economic ties passes 0.5 at 17"),
    ("order", 'variables = ["social ties", "economic ties", "knowledge_ties"]\nlevel = 0.5\nnear = [6, 17, 36]', "social ties at 6, economic ties at 17 and knowledge ties at 36"),
    ("value", 'variable = "grown"\nat = 50\nabout = 2.69\nwithin = 0.01', "grown at 50 is 2.692; expected about 2.69 ± 0.01"),
    ("final", 'variable = "grown"\nmin = 7\nmax = 8', "is 7.245; expected at least 7 and at most 8"),
    ("measure", 'measure = "time of peak hill from 10"\nabout = 30\nwithin = 0.5', "time of peak hill from 10 is 30; expected about 30 ± 0.5"),
    ("growth", 'variable = "grown"\nfrom = 20\nto = 80\nabout = 2\nwithin = 0.01', "grows by 2 % a year"),
    ("drop", 'variable = "hill"\nto = 70\nabout = 63.2\nwithin = 0.1', "falls by 63.2 % from its peak 10 at 30"),
    ("sweep peak", 'variable = "knowledge"\nover = "openness"\nvalues = [0.2, 0.4, 0.6, 0.8]\nabout = 0.6\nwithin = 0.01', "highest (4) if openness is 0.6"),
    ("monotone", 'variable = "hill"\ndirection = "falling"\nfrom = 30', "hill is falling from 30 to 100"),
    ("bounded", 'variables = ["social ties", "lock in"]\nmin = 0\nmax = 1', "at least 0 and at most 1 from 0 to 100"),
    ("two end states", 'variable = "lock in"\nstarts = [{ "lock in" = 0.02 }, { "lock in" = 0.9 }]\nabout = [0.1, 0.9]\nwithin = 0.01\napart = 0.5', "0.1 from lock in 0.02 and 0.9 from lock in 0.9"),
    ("ratio", 'variable = "grown"\nat = [10, 80]\nscenario = "closed"\nagainst = "default"\nabout = [0.5, 0.5]\npercent = 1', "0.5 at 10 and 0.5 at 80"),
    ("across", 'variable = "grown"\nscenarios = ["default", "closed", "late"]\nabout = [7.24, 3.62, 1.81]\npercent = 1\ndirection = "falling"', "7.24 in default, 3.62 in closed and 1.81 in late"),
    ("elasticity", 'variable = "bought"\non = "grown"\nfrom = 10\nto = 20\nabout = 0.8\nwithin = 1e-6\nfit = 0.999', "ln bought = 1.61 + 0.8 ln grown, R squared 1, 11 points from 10 to 20"),
]  # fmt: skip

BROKEN = [
    ("peaks", 'variable = "wave"\nnear = [10, 52, 90]', "no peak near 52; unexpected peaks at 50"),
    ("peaks", 'variable = "wave"\nnear = [10, 50, 90, 95]\nwithin = 6', "no peak near 95"),
    ("peaks", 'variable = "wave"\nnear = [10, 50]', "unexpected peaks at 90"),
    ("peaks", 'variable = "grown"\nnear = [10]', "grown has no peak"),
    ("several peaks", 'variable = "wave"\nleast = 4', "number of peaks of wave: 3"),
    ("several peaks", 'variable = "wave"\nleast = 1\nprominence = 2.5', "number of peaks of wave: 0 (none in the period)"),
    ("early warning", 'variable = "social ties"\nlevel = 0.5\nof = "economic ties"\nof_level = 0.5\nleast = 12', "expected at least 12 between the first and the second"),
    ("early warning", 'variable = "social ties"\nlevel = 0.5\nof = "late ties"\nof_level = 0.5\nleast = 1', "late ties never passes 0.5"),
    ("order", 'variables = ["economic ties", "social ties"]\nlevel = 0.5', "this is not the expected order"),
    ("order", 'variables = ["social ties", "late ties"]\nlevel = 0.5', "late ties never"),
    ("order", 'variables = ["social ties", "economic ties"]\nlevel = 0.5\nnear = [6, 20]', "expected near 6 and 20 ± 1"),
    ("value", 'variable = "grown"\nat = 50\nabout = 2.69\npercent = 0.01', "± 0.01 %"),
    ("final", 'variable = "grown"\nmax = 7', "is 7.245; expected at most 7"),
    ("measure", 'measure = "first above lock in 99"\nmin = 0', "first above lock in 99 has no value, because the level is never reached"),
    ("measure", 'measure = "elasticity bought on grown from 10 to 20"\nmin = 0.9', "is 0.8; expected at least 0.9"),
    ("growth", 'variable = "grown"\nfrom = 20\nto = 80\nmax = 1.9', "2 % a year"),
    ("drop", 'variable = "hill"\nto = 70\nabout = 60\nwithin = 1', "falls by 63.2 %"),
    ("drop", 'variable = "grown"\nmin = 1', "falls by 0 %"),
    ("sweep peak", 'variable = "knowledge"\nover = "openness"\nvalues = [0.2, 0.4, 0.6]', "so the peak may be outside it"),
    ("sweep peak", 'variable = "knowledge"\nover = "openness"\nvalues = [0.2, 0.5, 0.6, 0.9]\nmax = 0.5', "if openness is 0.6"),
    ("monotone", 'variable = "hill"\ndirection = "falling"', "moves the other way by"),
    ("monotone", 'variable = "wave"\ndirection = "rising"\nfrom = 31\nto = 55', "it moves the other way by"),
    ("bounded", 'variables = ["wave", "social ties"]\nmax = 1', "wave reaches 3 at"),
    ("two end states", 'variable = "lock in"\nstarts = [{ "lock in" = 0.02 }, { "lock in" = 0.3 }]\napart = 0.1', "only 0 apart"),
    ("two end states", 'variable = "lock in"\nstarts = [{ "lock in" = 0.02 }, { "lock in" = 0.9 }]\nabout = [0.1, 0.5]\nwithin = 0.1', "0.9 from lock in 0.9"),
    ("ratio", 'variable = "grown"\nat = [10]\nagainst = "closed"\nmax = 1.9', "2 at 10; expected at most 1.9"),
    ("across", 'variable = "grown"\nscenarios = ["default", "closed", "late"]\ndirection = "rising"', "these values do not rise"),
    ("across", 'variable = "grown"\nscenarios = ["default", "closed"]\nabout = [7.24, 3]\nwithin = 0.1', "3.62 in closed"),
    ("elasticity", 'variable = "bought"\non = "grown"\nfrom = 10\nto = 20\nevery = 5\nmin = 0.9', "3 points from 10 to 20; expected a slope of at least 0.9"),
    ("elasticity", 'variable = "wave"\non = "grown"\nfrom = 0\nto = 100\nmin = -9\nfit = 0.5', "expected R squared at least 0.5"),
    ("elasticity", 'variable = "change"\non = "grown"\nfrom = 0\nto = 100\nmin = -9', "nan"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "keys", "words"), CASES, ids=[case[0] for case in CASES])
def test_a_word_holds_where_it_should(kind: str, keys: str, words: str, tmp_path: Path) -> None:
    finding = judge(kind, keys, tmp_path)
    assert finding.passed, finding.sentence
    assert words in finding.sentence
    assert finding.charts
    assert english_left(chinese(finding)) == []


@pytest.mark.parametrize(("kind", "keys", "words"), BROKEN)
def test_a_word_fails_where_it_should(kind: str, keys: str, words: str, tmp_path: Path) -> None:
    finding = judge(kind, keys, tmp_path)
    assert not finding.passed, finding.sentence
    assert words in finding.sentence
    assert finding.charts
    assert english_left(chinese(finding)) == []


def test_every_word_has_a_case_that_holds_and_one_that_fails() -> None:
    assert {case[0] for case in CASES} == {case[0] for case in BROKEN} == set(KINDS)


def test_not_a_number_never_fits(tmp_path: Path) -> None:
    finding = judge("growth", 'variable = "change"\nfrom = 0\nto = 100\nmin = -1e9', tmp_path)
    assert not finding.passed
    assert "nan" in finding.sentence


def test_a_time_outside_the_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="time 120 is outside the run from 0 to 100"):
        judge("value", 'variable = "grown"\nat = 120\nmin = 0', tmp_path)


def test_an_unknown_variable_of_a_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match='no variable "grwon"; did you mean "grown"'):
        judge("final", 'variable = "grwon"\nmin = 0', tmp_path)


def test_starts_and_changes_at_one_time_are_one_change(tmp_path: Path) -> None:
    file = tmp_path / "behaviour.toml"
    file.write_text(
        '[[assert]]\nkind = "two end states"\ntitle = "t"\nsource = "s"\nvariable = "lock in"\n'
        'starts = [{ "lock in" = 0.02 }, { "lock in" = 0.9 }]\nfrom = 40\napart = 0.1\n'
        "changes = [{ time = 50, settings = { policy = 1 } },"
        " { time = 40, settings = { openness = 0.3 } }]\n"
    )
    asked: list[Run] = []

    def remember(run: Run) -> xr.Dataset:
        asked.append(run)
        return world(Run(settings=run.changes[0][1]))

    (assertion,) = load_behaviour(file)
    assert assertion.judge(remember).passed
    assert asked[1].settings == ()
    assert asked[1].changes == (
        (40.0, (("openness", 0.3), ("lock in", 0.9))),
        (50.0, (("policy", 1.0),)),
    )


def test_a_part_of_the_run_can_be_bounded(tmp_path: Path) -> None:
    keys = 'variables = ["social ties"]\nmin = 0.99'
    assert judge("bounded", keys + "\nfrom = 40", tmp_path).passed
    assert not judge("bounded", keys, tmp_path).passed
    with pytest.raises(ModelError, match="is outside the run"):
        judge("bounded", keys + "\nfrom = 400", tmp_path)
