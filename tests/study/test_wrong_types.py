"""Whatever is of a wrong type is refused in a sentence, at the door and not in the depth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sdcluster
from sdcluster import ModelError
from sdcluster.cli import app
from tests.command import CliRunner

MODEL = """{UTF-8}
x = INTEG(p - x, 1) ~~|
p = 0.5 ~ [0,1] ~|
q = 0.5 ~ [0,1] ~|
INITIAL TIME = 0 ~~| FINAL TIME = 4 ~~| TIME STEP = 0.5 ~~| SAVEPER = 1 ~~|
"""
SAMPLES = {"p": [0.1, 0.2]}
PAIR = ("p", "q")

DOORS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "a state by place": (sdcluster.jacobian, ([1],), {}),
    "settings by place": (sdcluster.jacobian, (None, [1]), {}),
    "a time in text": (sdcluster.jacobian, (), {"time": "a"}),
    "a time that is not a number": (sdcluster.jacobian, (), {"time": float("nan")}),
    "a step in text": (sdcluster.jacobian, (), {"dt": "a"}),
    "names that are numbers": (sdcluster.design, (8, [3]), {}),
    "a range by number": (sdcluster.design, (8, {3: (0, 1)}), {}),
    "nothing to vary": (sdcluster.design, (8, None), {}),
    "nothing to vary by name": (sdcluster.design, (8, {}), {}),
    "progress of an ensemble": (sdcluster.ensemble, (SAMPLES,), {"progress": 3}),
    "progress of sensitivity": (sdcluster.sensitivity, (8, ["p"]), {"progress": 3}),
    "progress of a map": (sdcluster.tipping, ({"p": (0, 1)},), {"progress": "a"}),
    "progress of hysteresis": (sdcluster.hysteresis, ({"p": (0, 1)},), {"progress": 3}),
    "progress of equilibria": (sdcluster.equilibria, (), {"progress": 3}),
    "progress of boxes": (sdcluster.discover, ("final x < 0",), {"over": ["p"], "progress": 3}),
    "a method that is a number": (sdcluster.design, (8, ["p"], 3), {}),
    "a spread in text": (sdcluster.design, (8, ["p"]), {"spread": "a"}),
    "a seed in text": (sdcluster.design, (8, ["p"]), {"seed": "a"}),
    "a seed below 0": (sdcluster.design, (8, ["p"]), {"seed": -1}),
    "correlations by place": (sdcluster.design, (8, PAIR), {"correlations": [1]}),
    "the correlation of one": (sdcluster.design, (8, PAIR), {"correlations": {"p": 0.5}}),
    "a correlation in text": (sdcluster.design, (8, PAIR), {"correlations": {PAIR: "a"}}),
    "a measure that is a number": (sdcluster.ensemble, (SAMPLES,), {"measures": [3]}),
    "measures that are a number": (sdcluster.ensemble, (SAMPLES,), {"measures": 3}),
    "a curve that is a number": (sdcluster.ensemble, (SAMPLES,), {"keep": [3]}),
    "quantiles in text": (sdcluster.ensemble, (SAMPLES,), {"bands": ["x"], "quantiles": "a"}),
    "an ensemble's settings by place": (sdcluster.ensemble, (SAMPLES,), {"settings": [1]}),
    "an integration method that is a number": (sdcluster.ensemble, (SAMPLES,), {"method": 3}),
    "a saving period in text": (sdcluster.ensemble, (SAMPLES,), {"saveper": "a"}),
    "workers in text": (sdcluster.ensemble, (SAMPLES,), {"workers": "a"}),
    "workers below 0": (sdcluster.ensemble, (SAMPLES,), {"workers": -1}),
    "half a worker": (sdcluster.ensemble, (SAMPLES,), {"workers": 1.5}),
    "a file that is a number": (sdcluster.ensemble, (SAMPLES,), {"to": 3}),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("types") / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    return path


@pytest.mark.parametrize("door", DOORS)
def test_a_wrong_type_is_refused_in_a_sentence(path: Path, door: str) -> None:
    function, given, named = DOORS[door]
    with pytest.raises(ModelError) as refused:
        function(path, *given, **named)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("model", [3, None, b"m.mdl", ["m.mdl"]])
def test_what_names_no_model_is_refused(model: Any) -> None:
    with pytest.raises(ModelError, match="a model, or the path"):
        sdcluster.jacobian(model)


def test_a_measure_that_nothing_moves_shows_a_dash_and_says_so(path: Path) -> None:
    result = CliRunner().invoke(
        app, ["sensitivity", str(path), "--vary", "p", "-n", "8", "--measure", "initial x"]
    )
    assert result.exit_code == 0, result.output
    assert "nan" not in result.output
    assert '"initial x" is the same in all runs' in result.output


def test_numbers_of_a_measure_that_nothing_moves_come_with_a_warning(path: Path) -> None:
    given = {"measures": ["initial x", "final x"]}
    with pytest.warns(sdcluster.ModelWarning, match='"initial x" is the same') as warned:
        found = sdcluster.sensitivity(path, 8, {"p": (0, 1), "q": (0, 1)}, **given)
    few = [one for one in warned if "rows are too few" in str(one.message)]
    assert len(warned) == 1 + len(few) == 2
    assert found["total"].sel(measure="initial x").isnull().all()
    assert found["total"].sel(measure="final x").notnull().all()
