"""The samples of the pages on ``lab.toml`` are read as they are, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sdcluster
from sdcluster.measure.words import SPELLINGS
from sdcluster.project.lab_file import lab_beside
from sdcluster.project.story_file import FORMATS, MODES, WHATS
from sdcluster.view.story import tell

DOCS = Path(__file__).resolve().parents[2] / "docs"
FISHERY = """{UTF-8}
fish = INTEG(-fish / 10, 100) ~ fish ~|
boats = 5 + 0 * Time ~ boat ~|
price = 3 ~ coin ~|
FINAL TIME = 60 ~ year ~|
INITIAL TIME = 0 ~ year ~|
TIME STEP = 1 ~ year ~|
SAVEPER = 1 ~ year ~|
"""
SCENARIOS = """
[scenario.default]
[scenario.drought]
[scenario.closed]
[set.droughts]
scenarios = ["drought"]
[set.prices]
scenarios = ["closed"]
"""


@pytest.mark.parametrize("page", ["reference/lab-toml.md", "zh/reference/lab-toml.md"])
def test_the_samples_are_read(page: str, tmp_path: Path) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    charts, told, story, demo = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "fishery.mdl").write_text(FISHERY, encoding="utf-8")
    (tmp_path / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    (tmp_path / "lab.toml").write_text(told + charts + story + demo, encoding="utf-8")
    model = sdcluster.load(tmp_path / "fishery.mdl")
    found = lab_beside(model)
    assert found.buttons == ("default", "drought")
    assert found.switch is not None
    assert found.demo.columns[0].measure == "loss"
    assert found.story is not None
    run = sdcluster.simulate(model)
    said = tell(run["time"], {"fish": run["fish"]}, story=found.story)
    assert said[0].kind == "decline"


@pytest.mark.parametrize("page", ["how-to/laboratory.md", "zh/how-to/laboratory.md"])
def test_the_guide_arranges_the_cup_of_the_tutorial(page: str, tmp_path: Path) -> None:
    (arranged,) = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    tutorial = (DOCS / page).parents[1].joinpath("tutorials", "modeller.md").read_text("utf-8")
    model, *_ = re.findall(r"```text\n(\{UTF-8\}.*?)```", tutorial, re.DOTALL)
    (tmp_path / "teacup.mdl").write_text(model, encoding="utf-8")
    (tmp_path / "lab.toml").write_text(arranged, encoding="utf-8")
    found = lab_beside(sdcluster.load(tmp_path / "teacup.mdl"))
    assert [chart.title["zh"] for chart in found.charts] == ["茶渐渐变凉"]
    assert [slider.constant for slider in found.sliders] == ["cooling time"]


@pytest.mark.parametrize("page", ["reference/lab-toml.md", "zh/reference/lab-toml.md"])
def test_every_mode_format_and_measure_of_a_story_is_on_the_page(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    own = [what for what in WHATS if what not in SPELLINGS]  # the page of sweeps lists the others
    for word in (*MODES, *FORMATS, *own):
        assert f"`{word}`" in text, word
    assert "](../how-to/sweeps.md)" in text
    assert "<!-- made: measures -->" in (DOCS / page).parents[1].joinpath(
        "how-to", "sweeps.md"
    ).read_text("utf-8")
