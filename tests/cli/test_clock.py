"""The clock, times and seeds at the command line."""

import pytest

CLOCK = (
    "INITIAL TIME = 0 ~~|\nFINAL TIME = {stop} ~~|\nTIME STEP = 1 ~~|\nSAVEPER = {saveper} ~~|\n"
)


@pytest.fixture
def mdl(tmp_path):
    def write(equations, stop="10", saveper="TIME STEP"):
        path = tmp_path / "m.mdl"
        clock = CLOCK.format(stop=stop, saveper=saveper)
        path.write_text("{UTF-8}\n" + equations + clock, encoding="utf-8")
        return path

    return write


def rows(call, *arguments, folder):
    out = folder / "out.csv"
    result = call(*arguments, "--out", out)
    assert result.exit_code == 0, result.output
    head, *lines = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()]
    return [dict(zip(head, map(float, line), strict=True)) for line in lines]


def test_a_run_ends_at_the_final_time_that_is_set(mdl, call, tmp_path):
    model = mdl("share = Time/FINAL TIME ~~|\nper step = 1/TIME STEP ~~|\n")
    last = rows(call, "run", model, "--set", "FINAL TIME=20", folder=tmp_path)[-1]
    assert (last["time"], last["share"], last["FINAL TIME"]) == (20, 1, 20)
    found = rows(call, "run", model, "--set", "TIME STEP=0.5", folder=tmp_path)
    assert [row["time"] for row in found[:3]] == [0, 0.5, 1]
    assert found[0]["per step"] == 2


def test_saveper_follows_dt(mdl, call, tmp_path):
    found = rows(call, "run", mdl("x = INTEG(1, 0) ~~|\n"), "--dt", "0.5", folder=tmp_path)
    assert len(found) == 21
    assert found[0]["SAVEPER"] == 0.5


def test_lint_finds_no_error_where_saveper_is_no_multiple_of_the_step(mdl, call):
    model = mdl("x = INTEG(1, 0) ~~|\n", saveper="1.4")
    assert "0 errors, 0 warnings" in call("lint", model).stdout


def test_results_at_times_that_are_asked_for(mdl, call, tmp_path):
    model = mdl("x = INTEG(1, 0) ~~|\n")
    found = rows(call, "run", model, "--times", "7,0,1.5", folder=tmp_path)
    assert [(row["time"], row["x"]) for row in found] == [(7, 7), (0, 0), (1.5, 1.5)]
    for text in (
        "3\n4.5\n",
        "time,level\n3,1\n4.5,2\n",
        "level\ttime\n1\t3\n2\t4.5\n",
        "level;time\n1,7;3\n2;4,5\n",  # a spreadsheet's CSV where the comma is the decimal sign
        "time;level\n3;1\n4,5;2\n",
        'name,time\n"1,9",3\n"a, b",4.5\n',
    ):
        measured = tmp_path / "measured.csv"
        measured.write_text(text, encoding="utf-8")
        found = rows(call, "run", model, "--times", measured, folder=tmp_path)
        assert [row["x"] for row in found] == [3, 4.5]


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        ("0,,1", "has a gap where a number belongs"),
        ("0,1,", "has a gap where a number belongs"),
        ("soon", "neither numbers"),
        ("1,99", "99 is outside the run"),
        ("none.csv", "none.csv"),
    ],
)
def test_times_that_cannot_be_are_refused_in_a_sentence(mdl, call, times, wanted):
    result = call("run", mdl("x = INTEG(1, 0) ~~|\n"), "--times", times)
    assert result.exit_code == 2
    assert wanted in result.output


@pytest.mark.parametrize(
    ("saveper", "words"),
    [
        ("-1", ()),
        ("-TIME STEP", ()),
        ("2 - Time", ()),
        ("1", ("--saveper", "-1")),
        ("1", ("--set", "SAVEPER=-1")),
    ],
)
def test_results_cannot_be_kept_backwards(mdl, call, saveper, words):
    result = call("run", mdl("x = INTEG(1, 0) ~~|\n", saveper=saveper), *words)
    assert result.exit_code == 2
    assert "it must be above 0, or TIME STEP to keep every step" in result.output


def test_a_line_without_a_time_is_named(mdl, call, tmp_path):
    measured = tmp_path / "measured.csv"
    measured.write_text("time\n3\nlater\n", encoding="utf-8")
    result = call("run", mdl("x = INTEG(1, 0) ~~|\n"), "--times", measured)
    assert "measured.csv:3" in result.output


def test_another_seed_is_another_draw(mdl, call, tmp_path):
    model = mdl("x = RANDOM UNIFORM(0, 1, 0) ~~|\n")
    first, second, again = (
        rows(call, "run", model, "--seed", seed, folder=tmp_path) for seed in ("1", "2", "1")
    )
    assert first == again != second
    out = tmp_path / "sweep.csv"
    assert (
        call("sweep", model, "--vary", "seed=1,2", "--measure", "final x", "--out", out).exit_code
        == 0
    )
    swept = out.read_text(encoding="utf-8").splitlines()[1:]
    assert [float(line.split(",")[1]) for line in swept] == [first[-1]["x"], second[-1]["x"]]


def test_a_sweep_with_failed_runs_says_so_and_ends_with_1(mdl, call):
    model = mdl("k = 1 ~~|\nx = SQRT(k) ~~|\n")
    result = call("sweep", model, "--vary", "k=-1,1,4", "--measure", "final x")
    assert result.exit_code == 1
    assert "1 of 3 runs failed" in result.output
    assert "failed" in result.stdout
