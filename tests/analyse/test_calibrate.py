"""Calibration on models whose answers are known: exponential decay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sdcluster
from sdcluster.analyse.calibrate import ONE_SIDE, OPEN, PINNED, Target, calibrate
from sdcluster.analyse.calibrate_file import load_tasks
from sdcluster.cli import app
from sdcluster.errors import ModelError

ROOT = Path(__file__).parents[2]
MODEL = """<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><name>d</name></header>
<sim_specs time_units="year" method="rk4"><start>0</start><stop>4</stop><dt>0.125</dt></sim_specs><model><variables>
<stock name="size"><eqn>10</eqn><outflow>loss</outflow></stock>
<flow name="loss"><eqn>size * rate * share</eqn></flow>
<aux name="rate"><eqn>1</eqn><range min="0.2" max="1.8"/></aux>
<aux name="share"><eqn>1</eqn><range min="0.2" max="1.8"/></aux>
<aux name="idle"><eqn>1</eqn><range min="0" max="2"/></aux>
<aux name="bare"><eqn>1</eqn></aux>
</variables></model></xmile>"""
TASK = 'targets = "targets.csv"\nparameters = ["rate"]\n'
HEAD = "time,variable,value,uncertainty,source\n"


def decay(rate: float, uncertainty: float = 0.05) -> list[Target]:
    return [Target(t, "size", 10 * np.exp(-rate * t), uncertainty) for t in (1.0, 2.0, 3.0)]


@pytest.fixture
def model(tmp_path: Path):
    (tmp_path / "d.xmile").write_text(MODEL)
    (tmp_path / "calibration.toml").write_text(TASK)
    rows = "".join(f"{t.time},size,{t.value},{t.uncertainty},made\n" for t in decay(0.5))
    (tmp_path / "targets.csv").write_text(HEAD + rows)
    return sdcluster.load(tmp_path / "d.xmile")


def fitted(model, parameters, targets=None, **options):
    options = {"starts": 6, "points": 9, "backend": "python", **options}
    return calibrate(model, targets or decay(0.5), parameters, **options)


def test_a_rate_of_decay_is_recovered_and_pinned(model) -> None:
    result = fitted(model, ["rate"])
    (profile,) = result.profiles
    assert profile.best == pytest.approx(0.5, rel=1e-4)
    assert profile.verdict == PINNED
    assert len(result.optima) == 1
    assert result.rank == 1
    # the interval of a nearly linear problem: 1.96 uncertainty / |sensitivity|
    slope = np.sqrt(sum((10 * t * np.exp(-0.5 * t)) ** 2 for t in (1, 2, 3)))
    assert profile.high - profile.low == pytest.approx(2 * 1.96 * 0.05 / slope, rel=0.03)


def test_only_the_product_of_two_constants_is_known(model) -> None:
    result = fitted(model, ["rate", "share"])
    assert result.rank == 1
    assert result.combinations[0].deviation < 0.1
    assert result.combinations[1].deviation == np.inf
    assert len(result.optima) > 1
    for fit in result.optima:
        assert fit.values[0] * fit.values[1] == pytest.approx(0.5, rel=1e-2)
    for profile in result.profiles:
        # the other cannot pass 1.8, so this one cannot go below 0.5 / 1.8; above it is free
        assert profile.verdict == ONE_SIDE
        assert profile.low == pytest.approx(0.5 / 1.8, rel=0.03)
        assert profile.high == pytest.approx(1.8)


def test_a_constant_without_effect_is_not_pinned_down(model) -> None:
    rate, idle = fitted(model, ["rate", "idle"]).profiles
    assert rate.verdict == PINNED
    assert idle.verdict == OPEN
    assert (idle.low, idle.high) == pytest.approx((0, 2))
    assert np.ptp(idle.chi_square) < 1e-3


def test_the_same_seed_gives_the_same_fits(model) -> None:
    first, second = (fitted(model, ["rate", "share"], seed=4) for _ in range(2))
    assert first.fits == second.fits


@pytest.mark.parametrize(
    ("parameters", "targets", "words"),
    [
        (["rat"], None, "rate"),
        (["bare"], None, "has no range"),
        (["size"], None, "only constants can be fitted"),
        (["rate", "rate"], None, "named twice"),
        ([], None, "at least one parameter"),
        (["rate"], [Target(9, "size", 1, 1)], "the run goes from 0 to 4"),
        (["rate"], [Target(1, "size", 1, 0)], "uncertainty above zero"),
    ],
)
def test_errors_are_sentences(model, parameters, targets, words) -> None:
    with pytest.raises(ModelError, match=words):
        fitted(model, parameters, targets)


def test_a_bad_line_of_the_targets_is_named(model) -> None:
    path = model.folder / "targets.csv"
    path.write_text(HEAD + "1,size,many,1,made\n")
    with pytest.raises(ModelError, match=r"targets.csv:2: value must be a number"):
        load_tasks(model)
    path.write_text("time,value\n1,2\n")
    with pytest.raises(ModelError, match='"variable" is missing'):
        load_tasks(model)


def test_the_command_prints_verdicts_and_draws(model) -> None:
    picture = model.folder / "fit.svg"
    words = ["fit", str(model.path), "--starts", "3", "--points", "5", "-o", str(picture)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "pinned" in result.output
    assert "1 of 1 combinations" in result.output
    assert picture.read_text().lstrip().startswith("<?xml")


def test_the_task_of_the_wenzhou_firms_asks_more_than_the_counts_can_answer() -> None:
    model = sdcluster.load(ROOT / "models" / "wenzhou_firms")
    (task,) = load_tasks(model).cases
    assert len(task.parameters) > len(task.targets) == 5
    assert all(target.source for target in task.targets)
