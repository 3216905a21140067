"""Arrays in tables and files: one curve for each element."""

import io

import numpy as np
import xarray as xr
from rich.console import Console

from sdcluster.run.elements import base_name, elements_of, spread
from sdcluster.run.save import ALONE, write_rows
from sdcluster.view.tables import run_table, sparkline

ARRAYS = xr.Dataset(
    {
        "people": (
            ("time", "region", "age"),
            np.arange(8.0).reshape(2, 2, 2),
            {"units": "person"},
        ),
        "share": (("time",), [0.5, 1 / 3]),
    },
    coords={"time": [0.0, 1.0], "region": ["north", "south"], "age": ["old", "young"]},
    attrs={"model": "people"},
)


def test_each_element_becomes_a_curve_with_its_units():
    curves = spread(ARRAYS)
    assert list(curves.data_vars) == [
        "people[north,old]",
        "people[north,young]",
        "people[south,old]",
        "people[south,young]",
        "share",
    ]
    assert curves["people[south,old]"].values.tolist() == [2, 6]
    assert curves["people[south,old]"].attrs == {"units": "person"}
    assert set(curves.coords) == {"time"}
    assert curves.attrs == ARRAYS.attrs


def test_a_dataset_without_arrays_is_left_alone():
    plain = ARRAYS[["share"]]
    assert spread(plain) is plain


def test_names_find_their_elements_and_back():
    curves = spread(ARRAYS)
    assert len(elements_of(["people", "share"], curves)) == 5
    assert base_name("people[north,old]") == "people"


def test_csv_has_a_column_for_each_element():
    out = io.StringIO()
    write_rows({ALONE: ARRAYS}, out)
    head, first, _ = out.getvalue().splitlines()
    assert head.startswith('time,"people[north,old]",')
    assert first == "0.0,0.0,1.0,2.0,3.0,0.5"


def test_table_shows_elements():
    curves = spread(ARRAYS)
    console = Console(width=120, file=io.StringIO())
    console.print(run_table(curves, list(curves.data_vars)))
    assert "people[north,old]" in console.file.getvalue()


def test_sparkline_of_flat_and_of_broken_curves():
    assert sparkline(np.ones(5)) == "▁▁▁▁▁"
    assert sparkline(np.array([0.0, 1.0])) == "▁█"
    assert sparkline(np.array([0.0, np.nan, 1.0])) == "▁ █"
    assert sparkline(np.array([np.nan, np.nan])) == ""


def test_each_element_is_taken_from_its_own_place_wherever_time_stands():
    turned = ARRAYS.transpose("region", "age", "time")
    xr.testing.assert_identical(spread(turned), spread(ARRAYS))


def test_a_run_lists_so_many_rows_as_a_screen_can_hold_and_those_that_are_named(call, tmp_path):
    model = tmp_path / "wide.mdl"
    times = "INITIAL TIME = 0 ~~|FINAL TIME = 1 ~~|TIME STEP = 1 ~~|SAVEPER = 1 ~~|"
    model.write_text(f"A: (a1-a300) ~~|x[A] = A * Time ~~|{times}", encoding="utf-8")
    out = call("run", model).stdout
    assert "x[a200]" in out
    assert "x[a201]" not in out
    assert "100 more rows; name the variables to show with --variable" in out
    named = call("run", model, "-v", "x[a250]").stdout
    assert "more rows" not in named
    assert "250" in named
