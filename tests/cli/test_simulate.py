"""`run`, `compare` and `sweep`: tables, every file format, names and mistakes."""

import csv
import math
import re

import numpy as np
import pytest
import xarray as xr

from sdcluster.view import pictures
from sdcluster.view.figure import line_style


def analytic_level(time, tap=4.0, hole=0.5, start=1.0):
    settled = tap / hole
    return settled + (start - settled) * math.exp(-hole * time)


def test_run_prints_the_main_variables_first_indicators_then_stocks(tank, call):
    out = call("run", tank).stdout
    rows = [line for line in out.splitlines() if "level" in line]
    assert ["half level" in rows[0], "water level" in rows[1]] == [True, True]
    assert "7.953" in rows[1]
    assert "▁" in rows[1]
    assert "█" in rows[1]


def test_csv_begins_with_time_and_reads_back_exactly(tank, call, tmp_path):
    path = tmp_path / "run.csv"
    assert call("run", tank, "--out", path).exit_code == 0
    with path.open(newline="") as file:
        head, *rows = list(csv.reader(file))
    assert head[0] == "time"
    assert set(head[1:]) == {
        "water level",
        "filling",
        "draining",
        "tap",
        "hole",
        "initial level",
        "half level",
    }
    assert len(rows) == 81
    level = head.index("water level")
    assert float(rows[-1][level]) == pytest.approx(analytic_level(10), rel=1e-6)
    import sdcluster

    exact = sdcluster.simulate(tank)["water level"].values
    assert [float(row[level]) for row in rows] == exact.tolist()


def test_netcdf_keeps_units_and_provenance(tank, call, tmp_path):
    path = tmp_path / "deep" / "run.nc"
    assert call("run", tank, "-s", "tap_shut", "--out", path).exit_code == 0
    with xr.open_dataset(path) as ds:
        assert ds["water level"].attrs["units"] == "litre"
        assert ds.attrs["scenario"] == "tap_shut"
        assert len(ds.attrs["model_hash"]) == 64


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml")])
@pytest.mark.parametrize("command", ["run", "compare", "sweep"])
def test_pictures(tank, call, tmp_path, command, name, begins):
    path = tmp_path / name
    extra = ["--vary", "tap=0:8:3", "--measure", "final water level"]
    words = extra if command == "sweep" else []
    result = call(command, tank, *words, "--out", path)
    assert result.exit_code == 0
    assert f"Wrote {path}" in result.stdout
    assert path.read_bytes().startswith(begins)
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_an_svg_is_the_same_each_time(tank, call, tmp_path):
    for name in ("a.svg", "b.svg"):
        call("run", tank, "--out", tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_several_files_at_once(tank, call, tmp_path):
    result = call("run", tank, "-o", tmp_path / "a.csv", "-o", tmp_path / "a.png")
    assert result.exit_code == 0
    assert {p.suffix for p in tmp_path.glob("a.*")} == {".csv", ".png"}


def test_set_repeats_and_finds_names_in_any_spelling(tank, call, tmp_path):
    path = tmp_path / "run.csv"
    call("run", tank, "--set", "Initial_Level=3", "--set", "tap=0", "-o", path)
    last = path.read_text().splitlines()
    level = last[0].split(",").index("water level")
    assert float(last[-1].split(",")[level]) == pytest.approx(3 * math.exp(-5), rel=1e-5)


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4", "RK45", "lsoda", "Radau"])
def test_methods_agree_within_their_order(tank, call, tmp_path, method):
    path = tmp_path / "run.csv"
    assert call("run", tank, "--method", method, "-v", "water level", "-o", path).exit_code == 0
    head, *_, last = path.read_text().splitlines()
    assert head == "time,water level"
    tolerance = {"euler": 2e-2, "rk2": 1e-4}.get(method, 1e-6)
    assert float(last.split(",")[1]) == pytest.approx(analytic_level(10), rel=tolerance)


def test_start_stop_dt_and_saveper_are_taken(tank, call, tmp_path):
    path = tmp_path / "run.csv"
    call("run", tank, "--start", 2, "--stop", 4, "--dt", 0.25, "--saveper", 0.5, "-o", path)
    times = [float(line.split(",")[0]) for line in path.read_text().splitlines()[1:]]
    assert times == [2, 2.5, 3, 3.5, 4]


def test_chinese_names_in_the_table(tank, call):
    assert "水位" in call("run", tank, "--language", "zh").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("info",),
        ("run", "-v", "water level"),
        ("compare", "both", "-v", "water level"),
        ("sweep", "--vary", "tap=1,2", "--measure", "time of peak water level"),
    ],
)
def test_no_head_of_a_table_is_left_in_english(tank, call, words):
    out = call(words[0], tank, *words[1:], "--language", "zh").stdout
    heads = [line for line in out.splitlines() if line.startswith("┃")]
    assert heads
    assert not re.search("[A-Za-z]", "".join(heads).replace("tap", "")), heads


def test_compare_takes_scenarios_and_sets_in_any_spelling(tank, call):
    out = call("compare", tank, "Both", "Tap-Shut", "shut later", "-v", "water level").stdout
    rows = [line.split("│")[1].strip() for line in out.splitlines() if line.startswith("│")]
    assert rows == ["default", "tap_shut", "shut_later"]


def test_compare_without_names_runs_all(tank, call):
    out = call("compare", tank).stdout
    assert all(name in out for name in ("default", "tap_shut", "shut_later"))


def test_compare_writes_one_csv_and_one_dataset_with_a_scenario_each(tank, call, tmp_path):
    call("compare", tank, "-o", tmp_path / "c.csv", "-o", tmp_path / "c.nc")
    lines = (tmp_path / "c.csv").read_text().splitlines()
    assert lines[0].startswith("scenario,time,")
    assert {line.split(",")[0] for line in lines[1:]} == {"default", "tap_shut", "shut_later"}
    with xr.open_dataset(tmp_path / "c.nc") as ds:
        level = ds["water level"].sel(scenario="default")
        assert np.isnan(level.sel(time=20.0))
        assert float(level.sel(time=10.0)) == pytest.approx(analytic_level(10), rel=1e-6)


def test_sweep_measures_each_point(tank, call, tmp_path):
    path = tmp_path / "s.csv"
    measures = ["--measure", "final water level", "--measure", "time of peak water level"]
    call("sweep", tank, "--vary", "tap=0:8:3", *measures, "--out", path)
    lines = path.read_text().splitlines()
    assert lines[0] == "tap,final water level,time of peak water level"
    found = [[float(cell) for cell in line.split(",")] for line in lines[1:]]
    assert [row[0] for row in found] == [0, 4, 8]
    assert [row[1] for row in found] == pytest.approx(
        [analytic_level(10, tap) for tap in (0, 4, 8)], rel=1e-5
    )
    assert [row[2] for row in found] == [0, 10, 10]


def test_sweep_over_two_settings_gives_a_table_and_a_map(tank, call, tmp_path):
    grid = ["--vary", "tap=0:8:3", "--vary", "hole=0.2,0.4", "--measure", "mean water level"]
    rows = [line for line in call("sweep", tank, *grid).stdout.splitlines() if line[0] == "│"]
    assert len(rows) == 6
    assert call("sweep", tank, *grid, "--out", tmp_path / "map.png").exit_code == 0


@pytest.mark.parametrize(
    ("rows", "columns"), [([3.0], [2.0]), ([1.0], [0.0, 1.0, 5.0]), ([0.0, 2.0], [7.0])]
)
def test_a_map_has_a_cell_for_each_run_also_where_a_setting_has_one_value(
    rows, columns, tmp_path, monkeypatch
):
    table = xr.Dataset(
        {
            "final level": (
                ("a", "b"),
                np.arange(float(len(rows) * len(columns))).reshape(len(rows), -1),
            )
        },
        {"a": rows, "b": columns},
    )
    drawn = []
    monkeypatch.setattr(pictures, "write_figure", lambda figure, path: drawn.append(figure))
    pictures.draw_sweep(table, tmp_path / "map.png")
    (mesh,) = drawn[0].axes[0].collections
    corners = mesh.get_coordinates()
    for a, value in zip((rows, columns), (corners[0, :, 0], corners[:, 0, 1]), strict=True):
        assert len(value) == len(a) + 1
        assert all(value[:-1] < a)
        assert all(a < value[1:])


def test_a_sweep_whose_measure_is_missing_in_all_runs_is_drawn_empty(tmp_path):
    table = xr.Dataset({"final level": ("a", [np.nan, np.nan])}, {"a": [1.0, 2.0]})
    pictures.draw_sweep(table, tmp_path / "line.png")
    assert (tmp_path / "line.png").stat().st_size > 1000


def test_sweep_starts_from_a_scenario(tank, call, tmp_path):
    words = ["--vary", "hole=0.5,1", "--measure", "final water level", "-s", "tap shut"]
    call("sweep", tank, *words, "--out", tmp_path / "s.csv")
    last = (tmp_path / "s.csv").read_text().splitlines()[-1]
    assert float(last.split(",")[1]) == pytest.approx(math.exp(-10), rel=1e-3)


MISTAKES = [
    (["run", "no/such/model"], "no/such/model"),
    (["run", "TANK", "--scenario", "tap shot"], "tap_shut"),
    (["run", "TANK", "--set", "tip=3"], "tap"),
    (["run", "TANK", "--set", "tap"], "name=value"),
    (["run", "TANK", "--set", "tap=wide"], "neither a number"),
    (["run", "TANK", "--set", "tap=nan"], "finite number"),
    (["run", "TANK", "--method", "rk5"], "rk5"),
    (["run", "TANK", "--variable", "water lever"], "water level"),
    (["run", "TANK", "--out", "a.docx"], ".csv"),
    (["run", "TANK", "--set", "hole=-1e6"], "water level"),
    (["compare", "TANK", "defalt"], "default"),
    (["sweep", "TANK", "--vary", "tap", "--measure", "final tap"], "price=0:1:11"),
    (["sweep", "TANK", "--vary", "tap=0:x:2", "--measure", "final tap"], "first:last:number"),
    (["sweep", "TANK", "--vary", "tap=0:1:2", "--measure", "highest tap"], "peak"),
    (["sweep", "TANK", "--vary", "tap=0:1:2000000", "--measure", "final tap"], "limit"),
    (["sweep", "TANK", "--vary", "tap=0:1:9000000000", "--measure", "final tap"], "fewer values"),
    (["run", "TANK", "--language", "fr"], "en or zh"),
    (["info", "no/such/model"], "no/such/model"),
]


@pytest.mark.parametrize(("words", "hint"), MISTAKES, ids=lambda x: " ".join(x)[:40])
def test_a_mistake_is_one_sentence_on_stderr_and_code_2(tank, call, words, hint):
    result = call(*(tank if word == "TANK" else word for word in words))
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert any(part in result.stderr for part in hint.split("|"))
    assert result.stdout == ""


def test_curves_that_lie_beside_one_another_differ_without_colour_too():
    dashes = [str(line_style(i)["linestyle"]) for i in range(8)]
    looks = {str(line_style(i)) for i in range(28)}
    assert all(len(set(dashes[i : i + 4])) == 4 for i in range(5))
    assert len(looks) == 28
