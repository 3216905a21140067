"""Sentences about verdicts are translated as long as their English wording and the patterns agree."""

import pytest

import sdcluster
from sdcluster.messages import message
from sdcluster.project import scenarios_beside
from sdcluster.publish.sentences import translated

FIRST = (
    ("peaks_at", {"name": "water level", "times": "1, 2.5 and 3"}),
    ("peaks_none", {"name": "water level"}),
    ("passing_rising", {"level": 0.5, "passings": "water level at 3 and tap never"}),
    ("passing_falling", {"level": 0.5, "passings": "water level never"}),
    (
        "highest_with",
        {"name": "water level", "time": 3, "value": 8, "constant": "tap", "number": 2},
    ),
    ("value_at", {"name": "water level", "time": 3, "value": 8, "limits": "at least 7"}),
)
LATER = (
    ("other_order", {}),
    ("not_rising", {}),
    ("not_falling", {}),
    ("end_of_sweep", {}),
    ("peaks_none_near", {"times": "4 and 5"}),
    ("peaks_unexpected", {"times": "4"}),
    ("expected_near", {"times": "4 and 5", "within": 1}),
    ("expected", {"limits": "about 4 ± 1"}),
)


def english(key: str, parts: dict[str, object]) -> str:
    return message(f"checks.vocabulary.{key}", **parts).text("en")


@pytest.mark.parametrize(("key", "parts"), FIRST, ids=lambda part: str(part)[:30])
def test_each_first_clause_has_a_translation(tank, key, parts):
    model = sdcluster.load(tank)
    assert translated(english(key, parts), model, scenarios_beside(model), "zh")


@pytest.mark.parametrize(("key", "parts"), LATER, ids=lambda part: str(part)[:30])
def test_each_later_clause_has_a_translation(tank, key, parts):
    model = sdcluster.load(tank)
    sentence = f"{english(*FIRST[0])}; {english(key, parts)}"
    assert translated(sentence, model, scenarios_beside(model), "zh")
