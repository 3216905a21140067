"""The page of what the data pin down is the one that was measured, of the models and cases as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sdcluster
from benchmarks import calibration
from benchmarks.substance import substance

RESULTS = json.loads(calibration.RESULTS.read_text(encoding="utf-8"))
CASES = [
    (path.parent.name, task.name)
    for path in sorted((calibration.ROOT / "models").glob("*/calibration.toml"))
    for task in calibration.tasks_of(path.parent.name)[1].cases
]


def test_the_page_holds_every_case_as_it_was_fitted() -> None:
    assert list(RESULTS) == [f"{name} {case}" for name, case in CASES]
    assert calibration.PAGE.read_text("utf-8") == calibration.page(RESULTS, CASES, 16, 11)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_what_was_fitted_is_the_present_model_and_case(name: str, case: str) -> None:
    model, tasks = calibration.tasks_of(name)
    (task,) = tasks.choose([case])
    assert RESULTS[f"{name} {case}"]["digest"] == calibration.digest(model, task, 16, 11), (
        "the model or the case changed: run python benchmarks/calibration.py"
    )


def test_a_target_that_the_best_fit_misses_is_named_with_both_numbers() -> None:
    off = {
        "variable": "firms",
        "measure": "growth to 8",
        "time": 5.0,
        "value": 90.0,
        "uncertainty": 5.0,
        "found": 400.0,
    }
    found = next(iter(RESULTS.values())) | {"missed": [off]}
    text = calibration.section(found, "x.svg")
    assert (
        "- Not reached: growth to 8 of `firms` at 5 is 400 in the best fit, 90 ± 5 in the data."
        in text
    )
    assert calibration.row(found).split(" | ")[2] == "1"


def test_a_change_of_words_keeps_what_was_measured_and_a_change_of_a_number_does_not(
    tmp_path: Path,
) -> None:
    path = calibration.ROOT / "models" / "wenzhou_firms" / "wenzhou_firms.xmile"
    text = path.read_text(encoding="utf-8")
    kept = substance(sdcluster.load(path))
    file = tmp_path / path.name
    file.write_text(text.replace("</doc>", " Said anew.</doc>\n"), encoding="utf-8")
    assert substance(sdcluster.load(file)) == kept
    for old, new in (
        ("<eqn>0.12</eqn>", "<eqn>0.13</eqn>"),
        ("<stop>2010", "<stop>2011"),
        ("Judgement", "Guess"),
    ):
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
        assert substance(sdcluster.load(file)) != kept, old
