"""Hypotheses that can fail: a cause and rivals that are cut, thresholds, deciding constants; identities apart.

The model grows at ``rate - harm * policy`` for ten years, so that all answers are known: with policy the end is
exp(-10 harm) times what it is without.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.study.experiments import load_experiments, run_experiment
from sdcluster.study.experiments_asker import Asker
from sdcluster.study.experiments_deciding import deciding_constants
from sdcluster.study.experiments_ranges import latin_hypercube, varied
from sdcluster.study.experiments_threshold import find_threshold, told
from tests.command import CliRunner

FOLDER = Path(__file__).parent / "growth_and_policy"


@pytest.fixture
def model():
    return sdcluster.load(FOLDER / "growth_and_policy.xmile")


@pytest.fixture
def asked(model):
    return {e.name: e for e in load_experiments(model)}


def written(model, tmp_path: Path, old: str, new: str):
    """Return the first experiment of the file with some of its text changed."""
    text = (FOLDER / "experiments.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "experiments.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_experiments(model, path)[0]


def test_a_hypothesis_holds_if_its_cause_is_needed_and_its_rival_is_not(model, asked) -> None:
    outcome = run_experiment(model, asked["policy_harms"])
    cause, rival = outcome.cuts
    assert (cause.cut.role, rival.cut.role) == ("cause", "rival")
    assert cause.number == pytest.approx(1)
    assert not cause.verdict
    assert cause.confirmed
    assert rival.number == pytest.approx(math.exp(-0.5), rel=1e-4)
    assert rival.verdict
    assert rival.confirmed
    assert outcome.holds


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cause = { settings = { harm = 0 } }", "cause = { settings = { rate = 0 } }"),
        ("settings = { rate = 0 } }]", "settings = { harm = 0 } }]"),
        ("settings = { rate = 0 } }]", "cases = { with = { policy = 0 } } }]"),
    ],
    ids=["effect without the cause", "no effect without the rival", "a rival in one case"],
)
def test_a_claim_that_its_rival_explains_does_not_hold(model, tmp_path, old, new) -> None:
    outcome = run_experiment(model, written(model, tmp_path, old, new))
    assert outcome.claim
    assert not outcome.holds


def test_the_share_counts_runs_in_which_all_of_it_holds(model, tmp_path, asked) -> None:
    outcome = run_experiment(model, asked["policy_harms"], 200)
    # The ratio is below 0.8 where harm is above 0.0223, in 64 % of its range; the cuts change none of these.
    assert outcome.share == outcome.claim_share == pytest.approx(0.64, abs=0.02)
    # With policy halved the ratio is below 0.8 only where harm is above 0.0446.
    halved = written(
        model, tmp_path, "settings = { rate = 0 } }]", "cases = { with = { policy = 0.5 } } }]"
    )
    outcome = run_experiment(model, halved, 200)
    assert outcome.claim_share == pytest.approx(0.64, abs=0.02)
    assert outcome.share == pytest.approx((0.15 - 0.0446) / 0.2, abs=0.02)


def test_the_margin_is_negative_if_and_only_if_a_hypothesis_fails(model, asked) -> None:
    for experiment in asked.values():
        asker = Asker(model, experiment, ["rate", "harm"])
        for harm in np.linspace(-0.05, 0.15, 21):
            point = np.array([0.1, harm])
            assert (asker.margin(point) >= 0) == asker.holds(point)


def test_a_cut_wins_over_settings_and_changes_of_a_case(model, tmp_path) -> None:
    changed = written(
        model,
        tmp_path,
        '{ name = "with", settings = { policy = 1 } }',
        '{ name = "with", settings = { policy = 1 }, changes = [{ time = 5, settings = { Harm = 0.2 } }] }',
    )
    outcome = run_experiment(model, changed)
    assert outcome.number < math.exp(-0.5)
    assert outcome.cuts[0].number == pytest.approx(1)


# ---- thresholds


def test_a_threshold_is_where_the_verdict_flips(model, asked) -> None:
    first, second, third = asked["policy_harms"].thresholds
    held = find_threshold(model, asked["policy_harms"], first)
    assert held.flips == pytest.approx([math.log(1.25) / 10], abs=2e-5)
    assert not held.begins
    assert told(held, "`harm`") == "holds while `harm` is above 0.0223"
    assert told(held, "“危害”", "zh") == "论断成立的条件：“危害”高于 0.0223"
    whole = find_threshold(model, asked["policy_harms"], second)
    assert told(whole, "`rate`") == "holds over the whole range of `rate`, 0 to 0.5"
    nowhere = find_threshold(model, asked["policy_harms"], third)
    assert told(nowhere, "`harm`") == "holds nowhere in the range of `harm`, 0 to 0.01"
    assert nowhere.parts == ()


def test_several_flips_are_all_found(model, asked) -> None:
    experiment = asked["the_end_is_middling"]
    held = find_threshold(model, experiment, experiment.thresholds[0])
    wanted = [math.log(1.2) / 10, math.log(3) / 10]
    assert held.flips == pytest.approx(wanted, abs=3e-5)
    assert held.parts == (held.flips,)
    assert told(held, "`rate`") == "holds while `rate` is between 0.0182 and 0.11"
    assert told(held, "“速率”", "zh") == "论断成立的条件：“速率”介于 0.0182 与 0.11 之间"


# ---- what decides


def test_the_constant_in_the_verdict_decides_it_and_the_other_does_not(model, asked) -> None:
    found = deciding_constants(model, asked["policy_harms"])
    assert found.of == "verdict"
    assert found.varied == ("rate", "harm")
    assert found.share == pytest.approx(0.64, abs=0.01)
    assert found.runs == 256 * 4
    harm, rate = found.constants
    assert (harm.name, rate.name) == ("harm", "rate")
    assert harm.total == pytest.approx(1, abs=0.1)
    assert harm.first == pytest.approx(1, abs=0.1)
    assert rate.total == rate.first == 0
    assert harm.total_interval[0] < 1 < harm.total_interval[1]
    assert deciding_constants(model, asked["policy_harms"]) == found


def test_where_the_verdict_is_always_the_same_the_margin_says_what_is_near(model, tmp_path) -> None:
    sure = written(model, tmp_path, "max = 0.8", "max = 8")
    sure = type(sure)(**{**vars(sure), "cuts": ()})
    found = deciding_constants(model, sure, 64)
    assert found.of == "margin"
    assert found.share == 1
    assert found.constants[0].name == "harm"
    assert found.constants[0].total > 0.8


@pytest.mark.parametrize("base", [0, 16, 100])
def test_a_design_that_is_not_a_power_of_two_is_refused(model, asked, base: int) -> None:
    with pytest.raises(sdcluster.ModelError, match="power of two"):
        deciding_constants(model, asked["policy_harms"], base)


def test_what_does_not_vary_decides_nothing(model, asked) -> None:
    with pytest.raises(sdcluster.ModelError, match="no constant varies"):
        deciding_constants(model, asked["the_end_is_middling"])


def test_indices_of_many_constants_are_those_of_the_whole_design(tmp_path: Path) -> None:
    # Twelve constants, a sum of which decides: the two with the largest weights matter most, and evenly.
    weights = [0.1, 4, 0.1, 0.1, 0.1, 2, 0.1, 0.1, 0.1, 0.1, 4, 0.1]
    constants = "".join(
        f'<aux name="c{i}"><eqn>0.5</eqn><doc>judgement</doc><range min="0" max="1"/></aux>'
        for i in range(12)
    )
    total = " + ".join(f"{w} * c{i}" for i, w in enumerate(weights))
    (tmp_path / "sum.xmile").write_text(
        '<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><name>s</name></header>'
        "<sim_specs><start>0</start><stop>1</stop><dt>1</dt></sim_specs><model><variables>"
        f'{constants}<aux name="total"><eqn>{total}</eqn></aux></variables></model></xmile>'
    )
    (tmp_path / "experiments.toml").write_text(
        '[[experiment]]\nname = "s"\ntitle = "s"\nsource = "s"\nquestion = "s"\ncases = [{ name = "a" }]\n'
        'measure = { variable = "total" }\nverdict = { kind = "between", of = "a", min = 5.45 }\nvary = "judgements"\n'
    )
    model = sdcluster.load(tmp_path / "sum.xmile")
    found = deciding_constants(model, load_experiments(model)[0])
    assert {c.name for c in found.constants[:2]} == {"c1", "c10"}
    assert found.constants[2].name == "c5"
    assert found.constants[0].total == pytest.approx(found.constants[1].total, abs=0.25)
    assert found.runs == 32 * 14 + (256 - 32) * 10


# ---- reading


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("cause = {", "identity = true\ncause = {", '"cause" has nothing to remove'),
        ("cause = {", "identity = 1\ncause = {", "must be true or false"),
        (
            'title = { en = "growth", zh = "增长" }, settings',
            "settings",
            'a rival explanation lacks "title"',
        ),
        ("{ settings = { harm = 0 } }", "{ settings = { harn = 0 } }", 'did you mean "harm"'),
        ("{ settings = { harm = 0 } }", "{ settings = { } }", 'needs "settings"'),
        (
            "{ settings = { harm = 0 } }",
            "{ cases = { wiht = { harm = 0 } } }",
            'did you mean "with"',
        ),
        ('threshold = ["harm"', 'threshold = ["size"', "size"),
        ('threshold = ["harm"', 'threshold = ["policies"', 'did you mean "policy"'),
        ("from = 0, to = 0.5", "from = 0.5, to = 0", 'make "to" larger'),
        (
            '{ name = "without" }, { name = "with", settings = { policy = 1 } }',
            '{ name = "without", settings = { harm = 1 } }, { name = "with", settings = { harm = 2 } }',
            "leave it unset",
        ),
    ],
)
def test_mistakes_name_file_and_line(model, tmp_path, old, new, sentence) -> None:
    with pytest.raises(sdcluster.ModelError, match=sentence) as caught:
        written(model, tmp_path, old, new)
    assert caught.value.file == str(tmp_path / "experiments.toml")
    assert caught.value.line is not None


def test_one_rival_and_one_threshold_need_no_list(model, tmp_path) -> None:
    text = (FOLDER / "experiments.toml").read_text("utf-8")
    rival = text[text.index("rival = [") :].partition("\n")[0]
    experiment = written(model, tmp_path, rival, rival.replace("[", "").replace("]", ""))
    assert [cut.role for cut in experiment.cuts] == ["cause", "rival"]


# ---- the command


def test_the_command_shows_cuts_thresholds_and_counts_no_identity(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    result = CliRunner().invoke(app, ["experiment", str(FOLDER)])
    assert result.exit_code == 0, result.output
    assert "cause cut: no (1)" in result.output
    assert "rival cut (growth): yes" in result.output
    assert "policy_harms: holds while `harm` is above 0.0223" in result.output
    assert "identities (tests of the equations, not counted)" in result.output
    assert "hypotheses that hold: 2 of 2; identities that hold: 1 of 1" in result.output
    assert "names no rival explanation" in result.output
    remark = next(line for line in result.output.splitlines() if "no rival explanation" in line)
    assert "the_end_is_middling" in remark
    assert "without_policy_nothing_is_lost" not in remark


def test_the_command_finds_what_decides() -> None:
    result = CliRunner().invoke(
        app,
        [
            "experiment",
            str(FOLDER),
            "policy_harms",
            "--deciding",
            "--base",
            "64",
            "--no-thresholds",
        ],
    )
    assert result.exit_code == 0, result.output
    assert "what decides the verdicts" in result.output
    assert "`harm`" in result.output
    assert "holds while" not in result.output


def test_many_points_at_once_have_the_answers_of_each() -> None:
    model = sdcluster.load(Path(__file__).parents[2] / "models" / "cluster")
    experiment = next(e for e in load_experiments(model) if e.cuts and e.vary)
    names = varied(model, experiment)
    points = latin_hypercube(model, names, 20, seed=3)
    asker = Asker(model, experiment, names)
    claim, holds, failed = asker.outcomes(points)
    assert claim.tolist() == [asker.claim(point) for point in points]
    assert holds.tolist() == [asker.holds(point) for point in points]
    assert not failed.any()
    assert asker.margins(points).tolist() == [asker.margin(point) for point in points]
