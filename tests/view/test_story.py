"""The words follow the curves: each verdict on made-up curves, then on the integrated model."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.project.lab_file import lab_beside
from sdcluster.project.scenario import Change
from sdcluster.view import story as stories
from sdcluster.view.story import find
from tests.lab.standin import NAMES, StandIn

YEARS = np.arange(0, 120.5, 0.5)
MODELS = Path(__file__).parents[2] / "models"
STORY = lab_beside(sdcluster.load(MODELS / "cluster")).story
CLOSED = {"openness": 0.05, "policy": 0.05}


def tell(time, series, **options):
    return stories.tell(time, series, story=STORY, **options)


def kind(knowledge, **options):
    return tell(YEARS, {"knowledge stock": knowledge}, **options)[0].kind


def test_flat_knowledge_is_a_plateau_and_says_since_when():
    knowledge = np.minimum(1 + YEARS / 20, 2)
    sentence = tell(YEARS, {"knowledge stock": knowledge})[0]
    assert sentence.kind == "plateau"
    assert "near 2 since year 20" in sentence.text


def test_a_fall_of_a_tenth_is_a_decline_and_less_is_not():
    assert kind(2 - 0.21 * YEARS / 120) == "decline"
    assert kind(2 - 0.19 * YEARS / 120) != "decline"


def test_a_fall_that_is_made_good_is_a_setback():
    knowledge = 2 - 0.5 * np.exp(-(((YEARS - 50) / 10) ** 2)) + YEARS / 1000
    sentence = tell(YEARS, {"knowledge stock": knowledge})[0]
    assert sentence.kind == "setback"
    assert "to 1.55 in year 50" in sentence.text


def test_lock_in_that_the_scenario_sets_has_no_warning_and_no_cause():
    lock_in = np.where(YEARS < 40, 0.05, 0.9)
    run = {"knowledge stock": 1.02**YEARS, "lock in": lock_in, "lock in risk": YEARS / 60}
    told = tell(YEARS, {**run, "cognitive pressure": lock_in})
    assert [s.text for s in told if s.about == ("lock in",)] == [
        "The scenario, not the cluster, sets lock in to 0.90 in year 40."
    ]


def test_decline_names_peak_year_and_loss():
    knowledge = 2 - np.abs(YEARS - 40) / 80
    sentence = tell(YEARS, {"knowledge stock": knowledge})[0]
    assert sentence.text == (
        "The knowledge stock peaks at 2 in year 40, then loses 50 %: 1 in year 120."
    )


def test_steady_growth_is_growth():
    sentence = tell(YEARS, {"knowledge stock": 1.02**YEARS})[0]
    assert sentence.kind == "growth"
    assert "2.0 % a year" in sentence.text


def test_gap_that_opens_again_and_again_is_a_cycle():
    gap = 0.1 + 0.1 * np.sin(2 * np.pi * YEARS / 30)
    run = {"knowledge stock": 1.02**YEARS, "relative gap": gap}
    said = tell(YEARS, run)[0]
    assert said.kind == "cycle"
    assert "in years 8, 38, 68 and 98" in said.text
    shallow = {**run, "relative gap": 0.1 + 0.01 * np.sin(2 * np.pi * YEARS / 30)}
    assert tell(YEARS, shallow)[0].kind == "growth"


def test_opening_that_helps_is_a_rescue_and_one_that_does_not_is_too_late():
    fell = np.where(YEARS < 60, 2 - YEARS / 100, 1.4)
    assert kind(fell, switch=60) == "late"
    assert kind(fell * np.where(YEARS > 60, 1.5, 1), switch=60) == "recovery"
    assert kind(fell, switch=60, stop=50) == "decline", "an opening after the last year shown"


def test_only_the_years_shown_count():
    knowledge = np.where(YEARS < 80, 2.0, 2 - (YEARS - 80) / 40)
    assert kind(knowledge, stop=80) == "plateau"
    assert kind(knowledge) == "decline"


def test_comparison_tells_sacrifice_before_gain():
    baseline = np.full_like(YEARS, 2.0)
    run = 1.6 + YEARS / 60
    sentence = tell(YEARS, {"knowledge stock": run}, baseline={"knowledge stock": baseline})[1]
    assert sentence.text.startswith(
        "First a sacrifice, then a gain: the knowledge stock is 12 % below"
    )
    same = find(YEARS, {"knowledge stock": run}, STORY, baseline={"knowledge stock": run})
    assert same[1:] == []


def test_growth_is_measured_over_the_last_twenty_years():
    values = np.where(YEARS < 100, 1.0, 1.01 ** (YEARS - 100))
    assert "grows 1.0 % a year" in tell(YEARS, {"knowledge stock": values})[0].text


@pytest.mark.parametrize(
    ("settings", "changes", "stop", "verdict"),
    [
        ({}, (), 80, "cycle"),
        ({"breeding rate": 0.0}, (), 80, "plateau"),
        ({"breeding share": 0.7}, (), 80, "cycle"),
        (CLOSED, (), 100, "decline"),
        ({"property right protection": 0, "policy": 0, "openness": 0.3}, (), 100, "decline"),
        ({"policy": 1.0}, (), 100, "decline"),
        (CLOSED, (Change(30, {"openness": 0.5, "policy": 0.3}),), 120, "recovery"),
        (CLOSED, (Change(74, {"openness": 0.5, "policy": 0.3}),), 80, "late"),
    ],
)
def test_scenarios_of_the_cluster_are_called_what_they_are(settings, changes, stop, verdict):
    simulator = StandIn()
    run = dict(zip(NAMES, simulator.run(settings, changes), strict=True))
    switch = changes[0].time if changes else None
    assert tell(simulator.time, run, switch=switch, stop=stop)[0].kind == verdict


def test_default_run_tells_peaks_and_order_of_ties():
    simulator = StandIn()
    run = dict(zip(NAMES, simulator.run(), strict=True))
    said = tell(simulator.time, run, stop=80)
    assert "years 5, 50 and 75" in said[0].text
    assert [s.kind for s in said] == ["cycle", "", ""]
    assert said[2].text.startswith("Lock in stays low")
    assert said[1].text.index("social") < said[1].text.index("economic")
    chinese = tell(simulator.time, run, stop=80, language="zh")
    assert "第5、50、75年" in chinese[0].text


def test_risk_warns_before_lock_in_shows():
    simulator = StandIn()
    run = dict(zip(NAMES, simulator.run(CLOSED), strict=True))
    run["cognitive pressure"] = np.ones(simulator.time.size)
    run["political pressure"] = np.zeros(simulator.time.size)
    said = [s.text for s in tell(simulator.time, run, stop=100) if s.about == ("lock in",)]
    assert "19 years ahead" in said[0]
    assert "closed minds" in said[1]


def test_both_languages_have_the_same_sentences_with_the_same_numbers():
    def fields(text):
        return {field.split(".")[0] for _, field, _, _ in string.Formatter().parse(text) if field}

    for passage in STORY.passages:
        for rule in passage.rules:
            assert fields(rule.text["zh"]) == fields(rule.text["en"])


def test_without_a_story_that_of_the_first_lesson_is_told_as_in_0_1_0():
    series = {"knowledge stock": 2 - 0.21 * YEARS / 120}
    assert stories.tell(YEARS, series) == tell(YEARS, series)


def test_years_of_a_calendar_in_short_runs_are_told_without_a_needless_decimal():
    time = np.linspace(1990, 1998, 17)
    model = sdcluster.load(MODELS / "wenzhou_firms")
    story = stories.standard_story(model, "firms")
    told = stories.Measuring(story, time, {"firms": time}, {}, None)
    assert told.time_text(1990.0) == "1990"
    assert told.time_text(1993.5) == "1993.5"
