"""Errors for users arrive without the frames of the package; bugs keep theirs, and developers can ask for all."""

from __future__ import annotations

import inspect
import os
import pickle
import traceback
import warnings

import pytest

import sdcluster
from sdcluster import errors
from tests.tank import TANK

PACKAGE = os.path.dirname(sdcluster.__file__)
DRAWS = {"tap": [1.0, 2.0]}
CALLS = {
    "file": lambda model: sdcluster.load("no_such_model.mdl"),
    "scenario": lambda model: sdcluster.simulate(model, "no_such_scenario"),
    "constant": lambda model: sdcluster.simulate(model, settings={"tapp": 1}),
    "method": lambda model: sdcluster.Simulator(model, method="no_such_method"),
    "measure": lambda model: sdcluster.ensemble(model, DRAWS, measures=["peek(water level)"]),
    "varied": lambda model: sdcluster.design(model, 4, over="tapp"),
    "varied in sensitivity": lambda model: sdcluster.sensitivity(model, 4, over="tapp"),
    "varied in discover": lambda model: sdcluster.discover(model, "final(water level) > 1", n=4, over="tapp"),
    "varied in tipping": lambda model: sdcluster.tipping(model, {"tapp": (0, 8)}),
    "fitted": lambda model: sdcluster.fit(model, "no_such_file.csv", ["tapp"]),
    "chart": lambda model: sdcluster.explore(model, charts=["water levle"]),
    "run of a simulator": lambda model: sdcluster.Simulator(model).run({"tapp": 1}),
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    file = tmp_path_factory.mktemp("tank") / "tank.xmile"
    file.write_text(TANK, "utf-8")
    return sdcluster.load(file)


def frames_within(error: BaseException) -> list[str]:
    """Return the names of the functions of the package in a traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame.name for frame in frames if frame.filename.startswith(PACKAGE)]


@pytest.mark.parametrize("name", CALLS)
def test_an_error_shows_one_frame_of_the_package(name, model):
    with pytest.raises((sdcluster.ModelError, sdcluster.SimulationError)) as caught:
        CALLS[name](model)
    assert frames_within(caught.value) == ["call"]
    shown = "".join(traceback.format_exception(caught.value))
    assert shown.count("Traceback") == 1, "nor those of the error's cause"


def test_developers_can_ask_for_all_frames(model, monkeypatch):
    monkeypatch.setenv(errors.TRACEBACK, "full")
    with pytest.raises(sdcluster.ModelError) as caught:
        CALLS["constant"](model)
    assert {"call", "simulate"} < set(frames_within(caught.value))


def test_a_bug_keeps_its_traceback():
    def inner() -> None:
        raise KeyError("bug")

    @errors.short_traceback
    def outer() -> None:
        inner()

    with pytest.raises(KeyError) as caught:
        outer()
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-3:] == ["call", "outer", "inner"]


def test_every_public_function_shortens_its_errors():
    doors = [getattr(sdcluster, name) for name in sdcluster.__all__]
    functions = [door for door in doors if inspect.isfunction(door)]
    assert [f.__name__ for f in functions if not hasattr(f, "__wrapped__")] == []
    assert "scenario" in inspect.signature(sdcluster.simulate).parameters
    for function in functions:  # pools of processes send functions by name
        assert pickle.loads(pickle.dumps(function)) is function


def test_a_warning_names_the_line_of_the_caller(model):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sdcluster.sweep(model, {"tap": [1.0, 1e308]}, settings={"hole": -50.0})
    assert [w.filename for w in caught if w.category is sdcluster.ModelWarning] == [__file__]
