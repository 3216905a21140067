"""The robustness tables that people read are those that were measured, and nothing in them is out of date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sdcluster
from benchmarks import robustness
from sdcluster.analyse.experiments import load_experiments

ROOT = Path(__file__).parents[2]
RESULTS = json.loads(robustness.RESULTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", robustness.models())
def test_readme_and_pages_tell_the_measured_shares_of_all_questions(name: str) -> None:
    found = RESULTS["models"][name]
    asked = load_experiments(sdcluster.load(ROOT / "models" / name))
    assert list(found) == [e.name for e in asked]
    assert [found[e.name]["title"] for e in asked] == [dict(e.title) for e in asked]
    readme = (ROOT / "models" / name / "README.md").read_text(encoding="utf-8")
    assert robustness.table(found) in readme
    for language, page in robustness.PAGES.items():
        assert robustness.table(found, language) in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("share", "words"),
    [(1.0, "100 %"), (0.9996, "99.9 %"), (0.955, "96 %"), (0.0, "0 %"), (0.0001, "0.1 %")],
)
def test_only_all_is_a_hundred_percent_and_only_none_is_nought(share: float, words: str) -> None:
    assert robustness.percent(share) == words
