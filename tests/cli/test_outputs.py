"""What `--out` writes besides CSV and charts: tab-separated text, Excel, NetCDF of any name; and pandas tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr

import sdcluster
from sdcluster.files import write_atomically
from sdcluster.run.netcdf_names import restored

MODEL = """{UTF-8}
region: north, south ~~|
"GDP/capita" = INTEG(1, 0) ~money~|
"=1+1" = 5 ~~|
"% left"[region] = 1, 2 ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 2 ~~|
TIME STEP = 1 ~~|
SAVEPER = TIME STEP ~~|
"""


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    file = tmp_path / "odd.mdl"
    file.write_text(MODEL, encoding="utf-8")
    return file


def test_tab_separated_text_has_the_columns_of_csv(call, odd, tmp_path):
    csv, tab = tmp_path / "o.csv", tmp_path / "o.tab"
    assert call("run", odd, "--out", csv, "--out", tab).exit_code == 0
    pd.testing.assert_frame_equal(pd.read_csv(csv), pd.read_csv(tab, sep="\t"))


def test_a_spreadsheet_has_a_sheet_for_each_scenario_and_no_formula(call, odd, tank, tmp_path):
    file = tmp_path / "o.xlsx"
    assert call("run", odd, "--out", file).exit_code == 0
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["run", "about"]
    head, *rows = book["run"].iter_rows()
    assert [c.value for c in head][:5] == [
        "time",
        "GDP/capita",
        "=1+1",
        "% left[north]",
        "% left[south]",
    ]
    assert {c.data_type for c in head} == {"s"}
    assert [[c.value for c in row][:3] for row in rows] == [[0, 0, 5], [1, 1, 5], [2, 2, 5]]
    units = {row[0].value: row[1].value for row in book["about"].iter_rows(max_col=2)}
    assert units["GDP/capita"] == "money"
    assert call("compare", tank, "--out", file).exit_code == 0
    assert openpyxl.load_workbook(file).sheetnames == ["default", "tap_shut", "shut_later", "about"]


def test_a_sweep_is_written_as_every_kind_of_table(call, tank, tmp_path):
    line = ("sweep", tank, "--vary", "tap=1,2", "--measure", "final water level")
    files = [tmp_path / f"s{ending}" for ending in (".csv", ".tab", ".xlsx")]
    assert call(*line, *(w for f in files for w in ("--out", f))).exit_code == 0
    csv = pd.read_csv(files[0])
    assert csv["tap"].tolist() == [1, 2]
    pd.testing.assert_frame_equal(csv, pd.read_csv(files[1], sep="\t"))
    pd.testing.assert_frame_equal(csv, pd.read_excel(files[2]), check_dtype=False)


def test_netcdf_keeps_names_that_it_does_not_allow(call, odd, tmp_path):
    file = tmp_path / "o.nc"
    assert call("run", odd, "--out", file).exit_code == 0
    with xr.open_dataset(file) as ds:
        assert "GDP_capita" in ds
        assert ds["_% left"].attrs["original_name"] == "% left"
        again = restored(ds)
        assert again["GDP/capita"].values.tolist() == [0, 1, 2]
        assert again["% left"].dims == ("time", "region")


def test_names_that_become_equal_stay_apart(tmp_path):
    from sdcluster.run.save import save_netcdf

    time = ("time", np.arange(2.0))
    save_netcdf(xr.Dataset({"a/b": time, "a_b": time, "a\nb": time}), tmp_path / "o.nc")
    with xr.open_dataset(tmp_path / "o.nc") as ds:
        assert set(ds.data_vars) == {"a_b", "a_b 2", "a_b 3"}
        assert set(restored(ds).data_vars) == {"a/b", "a_b", "a\nb"}


def test_frames_are_wide_or_long(odd):
    run = sdcluster.simulate(odd)
    wide = sdcluster.to_frame(run)
    assert wide.index.name == "time"
    assert wide["% left[south]"].tolist() == [2, 2, 2]
    assert wide.attrs["units"]["GDP/capita"] == "money"
    long = sdcluster.to_frame(run, long=True)
    assert len(long) == wide.size
    south = long[(long["variable"] == "% left") & (long["element"] == "south")]
    assert south["value"].tolist() == [2, 2, 2]
    both = sdcluster.to_frame({"a": run, "b": run}, long=True)
    assert both["scenario"].tolist() == ["a"] * len(long) + ["b"] * len(long)
    assert sdcluster.to_frame({"a": run, "b": run}).index.names == ["scenario", "time"]


def test_errors_of_writing_name_the_file_of_the_user(tmp_path):
    taken = tmp_path / "o.csv"
    (taken / "inside").mkdir(parents=True)
    with pytest.raises(IsADirectoryError) as refused:
        write_atomically(taken, "1")
    assert refused.value.filename == str(taken)
    long = tmp_path / f"{'o' * 300}.csv"
    with pytest.raises(OSError, match="too long") as refused:
        write_atomically(long, "1")
    assert refused.value.filename == str(long)
