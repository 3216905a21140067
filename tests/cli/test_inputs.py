"""`--set` with a series and `--set-lookup`: tables, points, factors and mistakes."""

import pytest


def final(out, name):
    row = next(line for line in out.splitlines() if f" {name} " in line)
    return float(row.split("│")[4])


def test_a_table_drives_a_constant(tank, call, tmp_path):
    path = tmp_path / "tap.csv"
    path.write_text("time,tap\n0,1\n5,1\n5,2\n10,2\n", encoding="utf-8")
    assert final(call("run", tank, "--set", f"tap={path}", "-v", "tap").stdout, "tap") == 2
    held = call("run", tank, "--set", "tap=(0,3),(9.9,8) hold", "-v", "tap").stdout
    assert final(held, "tap") == 8


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--set", "tap=nothing.csv", "no such file"),
        ("--set", "tap=many", "neither a number nor points"),
        ("--set", "tap=", "name=value"),
        ("--set", "tap=nan", "finite"),
        ("--set", "water level=(0,1),(2,3)", "is a stock"),
        ("--set-lookup", "tap=(0,1),(2,3)", "has 0 lookups inside"),
        ("--set-lookup", "tap*2", "no points of its own"),
        ("--set-lookup", "tap=3", "needs points"),
    ],
)
def test_mistakes_are_one_sentence(tank, call, option, value, sentence):
    result = call("run", tank, option, value)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())


def test_sweeps_run_on_top_of_a_series(tank, call):
    sweep = ["sweep", tank, "--vary", "hole=0.5,1", "--measure", "final tap"]
    assert "7" in call(*sweep, "--set", "tap=(0,7)").stdout
