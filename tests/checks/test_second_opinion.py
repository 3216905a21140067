"""PySD's opinion on a model: asked for only of trusted files, told for each curve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sdcluster.checks import second_opinion as module
from sdcluster.checks.second_opinion import second_opinion
from sdcluster.cli import app
from sdcluster.errors import ModelError
from tests.command import CliRunner

COOLING = """{UTF-8}
cup: small, big ~~|
heat[small] = INTEG(-loss[small], 90) ~~|
heat[big] = INTEG(-loss[big], 80) ~~|
loss[cup] = (heat[cup] - table(Time)) / delay ~~|
delay = 10 ~~|
table((0,20),(30,10)) ~~|
FINAL TIME = 30 ~~|
INITIAL TIME = 0 ~~|
TIME STEP = 0.5 ~~|
SAVEPER = 1 ~~|
"""


@pytest.fixture
def cooling(tmp_path):
    file = tmp_path / "cooling.mdl"
    file.write_text(COOLING, encoding="utf-8")
    return file


def test_both_programs_agree_on_each_element(cooling):
    opinion = second_opinion(cooling, trust=True)
    assert opinion.ok
    assert {"heat[small]", "heat[big]", "loss[small]", "delay"} <= {
        d.name for d in opinion.differences
    }
    assert max(d.largest for d in opinion.differences) < 1e-12


def test_an_xmile_file_is_asked_about_too(workshop):
    file = workshop.write(
        workshop.stock("level", "1", outflow="leak"), workshop.flow("leak", "level * 0.1"), dt=0.25
    )
    assert second_opinion(file, trust=True).ok


def test_without_trust_pysd_is_not_called(cooling, monkeypatch):
    monkeypatch.setattr(module, "_by_pysd", lambda file: pytest.fail("PySD was called"))
    with pytest.raises(ModelError, match=r"executes it.*--trust"):
        second_opinion(cooling)


def test_a_program_beside_the_model_is_left_as_it_is(cooling):
    program = cooling.with_suffix(".py")
    program.write_text("mine", encoding="utf-8")
    second_opinion(cooling, trust=True)
    assert program.read_text(encoding="utf-8") == "mine"
    assert {p.name for p in cooling.parent.iterdir()} == {"cooling.mdl", "cooling.py"}


def test_the_variable_that_differs_most_comes_first_with_time_and_values(cooling, monkeypatch):
    real = module._by_pysd

    def changed(file):
        version, times, curves = real(file)
        moved = {**curves, "heat[big]": curves["heat[big]"] + np.where(times == 7, 8.0, 0.0)}
        return version, times, {**moved, "delay": curves["delay"] * 1.001}

    monkeypatch.setattr(module, "_by_pysd", changed)
    opinion = second_opinion(cooling, trust=True)
    first, second = opinion.apart
    assert (first.name, first.time, second.name) == ("heat[big]", 7, "delay")
    assert first.largest == pytest.approx(8 / 80)
    assert first.theirs - first.ours == pytest.approx(8)
    result = CliRunner().invoke(app, ["check", str(cooling), "--second-opinion", "--trust"])
    assert result.exit_code == 1
    assert "2 of" in result.stdout
    assert result.stdout.index("heat[big]") < result.stdout.index("delay")


def test_a_missing_number_is_an_infinite_difference(cooling, monkeypatch):
    real = module._by_pysd

    def changed(file):
        version, times, curves = real(file)
        return version, times, {**curves, "delay": np.full(len(times), math.nan)}

    monkeypatch.setattr(module, "_by_pysd", changed)
    opinion = second_opinion(cooling, trust=True)
    assert not opinion.ok
    assert (opinion.differences[0].name, opinion.differences[0].largest) == ("delay", math.inf)


def test_curves_that_pysd_does_not_give_are_named(cooling, monkeypatch):
    real = module._by_pysd

    def fewer(file):
        version, times, curves = real(file)
        return version, times, {n: c for n, c in curves.items() if n != "delay"}

    monkeypatch.setattr(module, "_by_pysd", fewer)
    opinion = second_opinion(cooling, trust=True)
    assert opinion.alone == ("delay",)
    assert "PySD gives no curve for 1 more variable" in opinion.summary()


def test_what_pysd_cannot_run_is_a_sentence(workshop):
    file = workshop.variables(result="SSHAPE(0.5, 0, 1)")
    with pytest.raises(ModelError, match=r"PySD [\d.]+ cannot run this model"):
        second_opinion(file, trust=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--second-opinion"], "executes it"),
        (["--trust"], "--trust works only with --second-opinion"),
        (["--second-opinion", "--trust", "--set", "delay=3"], "leave out --set"),
    ],
)
def test_the_command_refuses(cooling, words, said):
    result = CliRunner().invoke(app, ["check", str(cooling), *words], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert said in result.stderr
