"""Settings that give each element of an array a value of its own, in every form that people hold them in."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import sdcluster
from sdcluster import ModelError

MODEL = """{UTF-8}
region: North East, South ~~|
year: y1, y2 ~~|
demand[region] = 5 ~~|
level[region] = INTEG(demand[region], 0) ~~|
grid[region, year] = 1 ~~|
single = 1 ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 4 ~~|
TIME STEP = 1 ~~|
SAVEPER = TIME STEP ~~|
"""
RAMP = pd.Series([0, 4], index=[0, 4])


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    return path


FORMS = {
    "list": [3, 4],
    "tuple": (3, 4.0),
    "array": np.array([3, 4]),
    "dict": {"North East": 3, "south": 4},
    "dict of whole names": {"demand[South]": 4, "demand[North East]": 3},
    "Series": pd.Series({"South": 4, "North East": 3}),
    "DataArray": xr.DataArray([4, 3], coords={"region": ["South", "North East"]}, dims="region"),
    "DataArray without coordinates": xr.DataArray([3, 4], dims="Region"),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_element_has_its_number(path, form):
    run = sdcluster.simulate(path, settings={"demand": FORMS[form]})
    assert run["level"].values[-1].tolist() == [12, 16]
    assert json.loads(run.attrs["settings"]) == {"demand[North East]": 3, "demand[South]": 4}


def test_elements_that_are_not_named_keep_their_equation(path):
    run = sdcluster.simulate(path, settings={"demand": {"South": 4}})
    assert run["level"].values[-1].tolist() == [20, 16]


def test_numbers_and_series_stand_side_by_side(path):
    run = sdcluster.simulate(path, settings={"demand": {"South": RAMP, "North East": 3}})
    assert run["level"].values[-1].tolist() == [12, 6]


def test_initial_values_of_an_array_of_stocks(path):
    run = sdcluster.simulate(path, settings={"level": [100, 200]})
    assert run["level"].values[0].tolist() == [100, 200]


@pytest.mark.parametrize(
    "grid",
    [
        [[1, 2], [3, 4]],
        [1, 2, 3, 4],
        np.array([[1, 2], [3, 4]]),
        pd.Series({("North East", "y1"): 1, ("North East", "y2"): 2, ("South", "y1"): 3, ("South", "y2"): 4}),
        xr.DataArray(
            [[1, 3], [2, 4]],
            coords={"year": ["y1", "y2"], "region": ["North East", "South"]},
            dims=("year", "region"),
        ),
    ],
    ids=["nested list", "row", "array", "Series", "transposed DataArray"],
)  # fmt: skip
def test_two_dimensions(path, grid):
    run = sdcluster.simulate(path, settings={"grid": grid})
    assert run["grid"].values[0].tolist() == [[1, 2], [3, 4]]


def test_pairs_and_series_over_time_are_points_for_all_elements(path):
    over_time = xr.DataArray([0, 4], coords={"time": [0, 4]}, dims="time")
    for points in ([(0, 0), (4, 4)], RAMP, over_time, np.array([[0, 0], [4, 4]])):
        run = sdcluster.simulate(path, settings={"demand": points})
        assert run["demand"].values[2].tolist() == [2, 2]
    run = sdcluster.simulate(path, settings={"single": over_time, "grid": [(0, 0), (4, 4)]})
    assert run["single"].values.tolist() == [0, 1, 2, 3, 4]
    assert run["grid"].values[2].tolist() == [[2, 2], [2, 2]]


WRONG = {
    "too many": ("demand", [1, 2, 3], "has 2 elements, .* but 3 numbers"),
    "an unknown element": ("demand", {"West": 1}, '"West" is not one of its elements'),
    "a list for a scalar": ("single", [1, 2], "has one value, but 2 numbers"),
    "NaN": ("demand", [1, float("nan")], "give a finite number"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_refused(path, case):
    name, value, sentence = WRONG[case]
    with pytest.raises(ModelError, match=sentence):
        sdcluster.simulate(path, settings={name: value})


def test_a_run_in_steps_and_a_run_take_the_same_forms(path):
    for form in FORMS.values():
        run = sdcluster.Simulator(path).begin()
        run.set("demand", form).until()
        assert run["level"].values.tolist() == [12, 16]
