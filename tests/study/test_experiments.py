"""Experiments on a model whose answers are known: growth at a rate that is a judgement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.study.experiments import (
    judgements,
    latin_hypercube,
    load_experiments,
    run_experiment,
)
from tests.command import CliRunner

ROOT = Path(__file__).parents[2]
MODEL = """<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><name>g</name></header>
<sim_specs time_units="year" method="rk4"><start>0</start><stop>10</stop><dt>0.25</dt></sim_specs><model><variables>
<stock name="size"><eqn>1</eqn><inflow>growth</inflow></stock>
<flow name="growth"><eqn>size * (rate - harm * policy)</eqn></flow>
<aux name="rate"><eqn>0.1</eqn><doc>judgement; no source</doc><range min="0" max="0.2"/></aux>
<aux name="harm"><eqn>0.05</eqn><doc>judgement; no source</doc><range min="-0.05" max="0.15"/></aux>
<aux name="policy"><eqn>0</eqn><doc>measured</doc><range min="0" max="1"/></aux>
</variables></model></xmile>"""
EXPERIMENT = """
[[experiment]]
name = "policy_harms"
title = { en = "Policy harms", zh = "政策有害" }
source = "arithmetic"
question = { en = "Is the end smaller with policy?", zh = "有政策时终点更小吗？" }
cases = [{ name = "without" }, { name = "with", settings = { policy = 1 } }]
measure = { variable = "size", what = "final" }
verdict = { kind = "ratio", of = "without", to = "with", max = 1.0 }
vary = "judgements"
"""


@pytest.fixture
def model(tmp_path: Path):
    (tmp_path / "g.xmile").write_text(MODEL)
    (tmp_path / "experiments.toml").write_text(EXPERIMENT, encoding="utf-8")
    return sdcluster.load(tmp_path / "g.xmile")


def test_the_answer_and_how_often_it_holds(model) -> None:
    (experiment,) = load_experiments(model)
    outcome = run_experiment(model, experiment)
    assert outcome.holds
    assert outcome.values["without"] == pytest.approx(np.exp(1), rel=1e-4)
    assert outcome.number == pytest.approx(np.exp(-0.5), rel=1e-4)
    assert outcome.runs == 0
    robust = run_experiment(model, experiment, runs=200)
    assert robust.varied == ("rate", "harm")
    # harm is above zero in three quarters of its range
    assert robust.share == pytest.approx(0.75, abs=0.02)
    assert robust.firmness == "mostly"
    assert run_experiment(model, experiment, runs=200).share == robust.share
    assert run_experiment(model, experiment, runs=50, spread=0.4).firmness == "firm"


def test_levers_are_decisions_and_may_be_left_alone(tmp_path: Path) -> None:
    text = MODEL.replace('name="harm"', 'name="harm" sdc:lever="policy"')
    (tmp_path / "g.xmile").write_text(
        text.replace("<xmile ", '<xmile xmlns:sdc="https://sdcluster.org/ns/1" '), encoding="utf-8"
    )
    (tmp_path / "experiments.toml").write_text(EXPERIMENT, encoding="utf-8")
    model = sdcluster.load(tmp_path / "g.xmile")
    assert judgements(model) == ("rate", "harm")
    assert judgements(model, levers=False) == ("rate",)
    (question,) = load_experiments(model)
    assert run_experiment(model, question, 40).share < 1  # harm may be below zero
    assert run_experiment(model, question, 40, levers=False).share == 1


def test_points_fill_every_slice_of_every_range(model) -> None:
    names = judgements(model)
    points = latin_hypercube(model, names, 40, seed=3)
    for column, (low, high) in zip(points.T, ((0, 0.2), (-0.05, 0.15)), strict=True):
        slices = np.floor((column - low) / (high - low) * 40).astype(int)
        assert sorted(slices) == list(range(40))


@pytest.mark.parametrize(
    ("verdict", "holds"),
    [
        ('{ kind = "difference", of = "with", to = "without", min = 1.0 }', True),
        ('{ kind = "difference", of = "without", to = "with", min = 0 }', False),
        ('{ kind = "between", of = "with", min = 1.6, max = 1.7 }', True),
        ('{ kind = "order", names = ["with", "without"] }', True),
        ('{ kind = "order", names = ["without", "with"] }', False),
    ],
)
def test_kinds_of_verdict(model, verdict: str, holds: bool) -> None:
    text = EXPERIMENT.replace('{ kind = "ratio", of = "without", to = "with", max = 1.0 }', verdict)
    (model.folder / "experiments.toml").write_text(text, encoding="utf-8")
    (experiment,) = load_experiments(model)
    assert run_experiment(model, experiment).holds is holds


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('kind = "ratio"', 'kind = "ratoi"', 'did you mean "ratio"'),
        ('of = "without"', 'of = "witout"', 'did you mean "without"'),
        ('what = "final"', 'what = "finel"', 'did you mean "final"'),
        ('variable = "size"', 'variable = "sise"', 'did you mean "size"'),
        ("policy = 1", "polcy = 1", 'did you mean "policy"'),
        ("vary =", "varies =", "vary"),
        ("cases =", "casez =", "case"),
        ("source =", "# source =", "source"),
    ],
)
def test_mistakes_are_sentences(model, old: str, new: str, word: str) -> None:
    (model.folder / "experiments.toml").write_text(EXPERIMENT.replace(old, new), encoding="utf-8")
    with pytest.raises(sdcluster.ModelError, match=word):
        load_experiments(model)


def test_the_command(model) -> None:
    result = CliRunner().invoke(app, ["experiment", str(model.path), "--runs", "20"])
    assert result.exit_code == 0, result.output
    assert "Is the end smaller" in result.output
    assert "20 Latin-hypercube runs, 2 constants" in result.output
    wrong = CliRunner().invoke(app, ["experiment", str(model.path), "policy_harm"])
    assert wrong.exit_code == 2


@pytest.mark.parametrize(
    "folder",
    sorted(p.parent for p in (ROOT / "models").glob("*/experiments.toml")),
    ids=lambda p: p.name,
)
def test_every_hypothesis_of_the_models_holds_as_it_stands(folder: Path) -> None:
    model = sdcluster.load(folder)
    for experiment in load_experiments(model):
        outcome = run_experiment(model, experiment)
        assert outcome.holds, (experiment.name, outcome.values)
        assert set(experiment.question) == {"en", "zh"}


def test_constants_to_vary_can_be_named(model) -> None:
    file = Path(model.folder) / "experiments.toml"
    file.write_text(EXPERIMENT.replace('vary = "judgements"', 'vary = ["harm"]'), encoding="utf-8")
    outcome = run_experiment(model, load_experiments(model)[0], 40, seed=1)
    assert outcome.varied == ("harm",)
    assert outcome.share == pytest.approx(0.75)  # harm is above zero in three quarters of its range


@pytest.mark.parametrize(("vary", "found"), [('"all"', "list of constants"), ('["size"]', "size")])
def test_what_cannot_vary_is_told(model, vary: str, found: str) -> None:
    file = Path(model.folder) / "experiments.toml"
    file.write_text(EXPERIMENT.replace('"judgements"', vary), encoding="utf-8")
    with pytest.raises(sdcluster.ModelError, match=found) as caught:
        load_experiments(model)
    assert caught.value.line == 10


def test_runs_in_which_nothing_varies_are_told(model) -> None:
    file = Path(model.folder) / "experiments.toml"
    file.write_text(EXPERIMENT.replace('vary = "judgements"', ""), encoding="utf-8")
    result = CliRunner().invoke(app, ["experiment", str(model.folder), "--runs", "5"])
    assert result.exit_code == 0
    assert "no constant varies in policy_harms" in result.stderr
