"""`play`, and `run` with states: what is asked, what is set, where it ends."""

import csv

import pytest

import sdcluster
from sdcluster.cli import app
from tests.command import CliRunner


@pytest.fixture
def answer(tank, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def play(answers, *words):
        return CliRunner().invoke(app, ["play", str(tank), *map(str, words)], input=answers)

    return play


def test_answers_from_a_pipe_set_what_is_asked_for(answer, tmp_path, tank):
    path = tmp_path / "game.csv"
    asked = ["--ask", "tap", "--every", "5", "-v", "water level", "--out", path]
    result = answer("0\n8\n", *asked)
    assert result.exit_code == 0
    assert "tap [4]: 0" in result.output
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    taps = {float(row["time"]): float(row["tap"]) for row in rows}
    assert [taps[0], taps[4.875], taps[5], taps[9.875]] == [0, 0, 8, 8]
    assert float(rows[-1]["time"]) == 10
    assert len(rows) == 81


def test_an_empty_answer_keeps_a_value_and_the_end_of_the_answers_ends_the_game(answer):
    result = answer("\n", "--ask", "tap", "--every", "2")
    assert result.exit_code == 0
    times = [line.split(":")[0] for line in result.output.splitlines() if line.startswith("time ")]
    assert times == ["time 0", "time 2"]


def test_a_wrong_answer_is_asked_for_again(answer):
    result = answer("many\n1\nquit\n", "--ask", "tap", "--every", "5")
    assert result.exit_code == 0
    assert "neither a number nor points" in result.stderr
    assert result.output.count("tap [4]:") == 2


def test_commands_look_set_go_on_and_save(answer, tank, tmp_path):
    state = tmp_path / "s.state"
    lines = [
        "help",
        "hole",
        "hole = 1",
        "draining = 0",
        "until 2",
        "draining =",
        "nonsense",
        "until soon",
    ]
    result = answer("\n".join([*lines, f"save {state}", "end", ""]))
    assert result.exit_code == 0
    assert "hole = 0.5" in result.output
    assert "run to time 8" in result.output
    assert 'no variable "nonsense"' in result.stderr
    assert 'needs a time, as in "until 8"' in result.stderr
    run = sdcluster.Simulator(tank).resume(state)
    assert [run.time, run["hole"], run["water level"]] == [2, 1, 9]
    assert run["draining"] == 9


def test_a_variable_that_is_not_there_is_refused_at_once(answer):
    result = answer("1\n", "--ask", "tab")
    assert result.exit_code == 2
    assert 'did you mean "tap"' in result.stderr


def test_a_run_goes_on_from_the_state_of_another(tank, call, tmp_path):
    state, half, whole = tmp_path / "s.state", tmp_path / "half.csv", tmp_path / "whole.csv"
    assert call("run", tank, "--stop", "6", "--set", "tap=5", "--save-state", state).exit_code == 0
    assert call("run", tank, "--from-state", state, "--out", half).exit_code == 0
    assert call("run", tank, "--set", "tap=5", "--out", whole).exit_code == 0
    later = half.read_text().splitlines()
    assert later[1].startswith("6")
    assert later[1:] == whole.read_text().splitlines()[-len(later) + 1 :]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--from-state", "missing.state"], "there is no such state"),
        (["--save-state", "s.state", "--method", "LSODA"], "use euler, rk2 or rk4"),
    ],
)
def test_states_that_cannot_be_are_one_sentence(tank, call, words, sentence):
    result = call("run", tank, *words)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())


def test_the_help_of_run_leads_to_play(call):
    assert "step by step" in " ".join(call("run", "--help").stdout.split())
