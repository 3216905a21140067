"""The robustness tables that people read are those that were measured, and nothing in them is out of date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sdcluster
from benchmarks import robustness
from sdcluster.study.experiments import load_experiments

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


@pytest.fixture(scope="module")
def measured() -> dict[str, dict]:
    """What would be kept of the test model, without the runs."""
    model = sdcluster.load(ROOT / "tests" / "study" / "growth_and_policy")
    found = {}
    for question in load_experiments(model):
        kept = robustness.answer(model, question)
        kept |= {"deciding": robustness.deciders(model, question, 64)}
        found[question.name] = kept | dict.fromkeys(robustness.WAYS, 0.5)
    return json.loads(json.dumps(found))


def test_causes_rivals_thresholds_and_what_decides_are_in_the_tables(measured) -> None:
    english, chinese = (robustness.details(measured, code) for code in ("en", "zh"))
    row = next(line for line in english.splitlines() if line.startswith("| Policy harms"))
    _, claim, cause, rival, threshold, decided, _ = (cell.strip() for cell in row.split("|"))
    assert (claim, cause, rival) == ("Policy harms", "no (1)", "growth: yes (0.607)")
    assert threshold.startswith("holds while `harm` is above 0.0223; holds over the whole")
    assert decided.startswith("`harm` 1")
    assert "否（1）" in chinese
    assert "增长：是（0.607）" in chinese
    assert "2 of 2. Of all hypotheses, 1 name no rival explanation." in english


def test_identities_are_listed_and_not_counted(measured) -> None:
    assert "Without policy nothing is lost" not in robustness.table(measured)
    assert "- Without policy nothing is lost: yes (ratio 1)" in robustness.details(measured)
    assert [a["title"]["en"] for a in robustness.hypotheses(measured)] == [
        "Policy harms",
        "The end is middling",
    ]


def test_only_what_was_not_measured_is_asked_again() -> None:
    kept = {"title": {}, "deciding": {"base": 64}, "asked": dict.fromkeys(robustness.WAYS, 100)}
    assert robustness.missing(kept, 100, 64) == []
    assert robustness.missing(kept, 200, 64) == list(robustness.WAYS)
    assert robustness.missing(kept, 100, 128) == ["deciding"]
    assert robustness.missing(kept, 100, 0) == []
    assert robustness.missing({}, 100, 64) == ["answer", "deciding", *robustness.WAYS]
