"""The page on the five sources: its names exist in the models, and no figure or table of a source is left out."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

import sdcluster

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "seeds.md"
MODELS = sorted(path.parent for path in (ROOT / "models").glob("*/*.xmile"))
PLACE = re.compile(r"\*\*(\w+)\*\*:")
LIST = re.compile(r"\b(variable|scenario|experiment|data)s? ((?:`[^`]+`(?:, )?)+)")
# Sources by the first word of their heading, with their numbered hypotheses, figures and tables.
NUMBERED = {
    "Wang": [
        *(f"hypothesis {n}" for n in (1, 2, 3)),
        *(f"table {n}" for n in (1, 2, 3, 4, 5)),
        *(f"figure {n}" for n in (1, 2)),
    ],
    "Ji": ["figure 1", "figure 2"],
    "Chi": [],
    "Yang": ["figure 1"],
    "The": [
        *(f"table {n}" for n in ("3-1", "3-2", "4-1", "4-2", "4-3")),
        *(f"figure {n}" for n in ("1-1", "1-2", "2-1", "2-2", "2-3", "2-4", "2-5")),
        *("figures 2-6 and 2-7", "figure 2-8", "figure 2-9", "figure 4-1", "figure 4-2"),
    ],
}


def rows() -> list[tuple[str, list[str]]]:
    """Return the heading and the three cells of every row."""
    found, heading = [], ""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif line.startswith("| ") and not line.startswith("| section"):
            found.append((heading, [cell.strip() for cell in line.strip("|").split("|")]))
    return found


def named() -> list[tuple[str, str, str]]:
    """Return model, kind and name of everything that the page says is in a model."""
    found = []
    for _, cells in rows():
        parts = PLACE.split(cells[-1])[1:]
        for model, text in zip(parts[::2], parts[1::2], strict=True):
            for kind, names in LIST.findall(text):
                found += [(model, kind, name) for name in re.findall("`([^`]+)`", names)]
    return found


@cache
def names_of(folder: Path) -> dict[str, set[str]]:
    """Return what a model has, by kind."""
    scenarios = tomllib.loads((folder / "scenarios.toml").read_text("utf-8"))["scenario"]
    experiments = tomllib.loads((folder / "experiments.toml").read_text("utf-8"))["experiment"]
    return {
        "variable": set(sdcluster.load(folder).variables),
        "scenario": set(scenarios),
        "experiment": {experiment["name"] for experiment in experiments},
        "data": {path.name for path in (folder / "data").glob("*")},
    }


@pytest.mark.parametrize("folder", MODELS, ids=lambda path: path.name)
def test_what_the_page_places_in_a_model_is_there(folder: Path) -> None:
    placed = [(kind, name) for model, kind, name in named() if model == folder.name]
    assert placed
    assert [(kind, name) for kind, name in placed if name not in names_of(folder)[kind]] == []


@pytest.mark.parametrize("folder", MODELS, ids=lambda path: path.name)
def test_every_question_of_a_model_goes_back_to_a_source(folder: Path) -> None:
    asked = {name for model, kind, name in named() if (model, kind) == (folder.name, "experiment")}
    assert names_of(folder)["experiment"] - asked == set()


def test_no_name_stands_outside_a_model() -> None:
    assert {model for model, _, _ in named()} == {folder.name for folder in MODELS}
    quoted = [name for _, cells in rows() for name in re.findall("`([^`]+)`", " ".join(cells))]
    assert quoted == [name for _, _, name in named()]


def test_every_row_has_a_place_or_a_reason() -> None:
    for _, cells in rows():
        assert [bool(cell) for cell in cells] == [True, True, True], cells
        placed = PLACE.match(cells[2]) and "`" in cells[2]
        assert placed or re.match("not modelled, because .{8}", cells[2]), cells


@pytest.mark.parametrize("source", NUMBERED)
def test_no_hypothesis_figure_or_table_is_left_out(source: str) -> None:
    sections = [cells[0] for heading, cells in rows() if heading.split()[0] == source]
    assert sections
    for number in NUMBERED[source]:
        assert any(re.search(rf"\b{number}\b", section) for section in sections), number
