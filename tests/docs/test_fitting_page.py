"""The example of docs/how-to/fitting.md: files that can be copied, in both languages, and charts drawn of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sdcluster
from docs.images import fitting
from sdcluster.project.calibration_file import load_tasks

DOCS = Path(fitting.__file__).parents[1]


def test_the_files_of_the_page_are_a_model_with_data_and_a_task(tmp_path) -> None:
    model = sdcluster.load(fitting.written(tmp_path))
    (task,) = load_tasks(model, None).cases
    assert [target.value for target in task.targets] == [0.9, 3.2, 4.8, 7.3, 8.8]
    found = sdcluster.posterior(model, task.targets, task.parameters, draws=8, burn=0, walkers=6)
    assert found["units"].values.tolist() == ["goods", "goods/year", "goods"]
    assert fitting.command()[:2] == ["fit", "straight.mdl"]


@pytest.mark.parametrize("block", [*fitting.BLOCKS.values(), r"```text\nstraight: post.*?```"])
def test_both_pages_show_the_same_files(block) -> None:
    pages = [DOCS / folder / "how-to" / "fitting.md" for folder in ("", "zh")]
    english, chinese = (re.findall(block, p.read_text(encoding="utf-8"), re.DOTALL) for p in pages)
    assert len(english) == 1
    assert english == chinese


@pytest.mark.parametrize("name", ["posterior", "corner"])
def test_the_charts_of_the_page_stay_small(name) -> None:
    for ending in (".png", ".zh.png"):
        assert 0 < (DOCS / "images" / f"{name}{ending}").stat().st_size < fitting.MOST
