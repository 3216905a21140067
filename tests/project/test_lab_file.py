"""What a ``lab.toml`` arranges, and how its mistakes are said: file, line, what is wrong, what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.measure.turning_points import extremes, first_time, settled, swing_ratio
from sdcluster.project.lab_file import Chart, LabFile, Line, lab_beside
from sdcluster.view.story import find, phrase, standard_story, stories, tell

TANK = """{UTF-8}
tank = INTEG(inflow - tank / delay, 10) ~ box ~|
inflow = 2 ~ box/day ~|
delay = 5 ~ day ~|
FINAL TIME = 60 ~ day ~|
INITIAL TIME = 0 ~ day ~|
TIME STEP = 1 ~ day ~|
SAVEPER = 1 ~ day ~|
"""
SCENARIOS = "[scenario.default]\n[scenario.dry]\nsettings = { inflow = 0 }\n[set.all]\nscenarios = ['default', 'dry']\n"
RULE = '[[story.rule]]\ntext = "a"\n'
TIME = np.linspace(0, 60, 241)


@pytest.fixture
def tank(tmp_path):
    (tmp_path / "tank.mdl").write_text(TANK, encoding="utf-8")
    (tmp_path / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    return sdcluster.load(tmp_path / "tank.mdl")


def lab(tank, text):
    (tank.folder / "lab.toml").write_text(text, encoding="utf-8")
    return lab_beside(tank)


def test_without_a_file_everything_is_left_to_guesses(tank):
    assert lab_beside(tank) == LabFile()


def test_charts_sliders_buttons_and_units_are_read(tank):
    found = lab(
        tank,
        """
        buttons = "all"
        [[chart]]
        lines = ["tank", { variable = "inflow", label = { en = "in" }, colour = "green" }]
        range = [0, 20]
        group = { en = "Water", zh = "水" }
        [[slider]]
        constant = "delay"
        min = 1
        max = 9
        [switch]
        scenario = "dry"
        latest = 30
        [unit.box]
        label = { en = "boxes" }
        """,
    )
    assert found.buttons == ("default", "dry")
    (chart,) = found.charts
    assert chart.title["en"] == "tank"
    assert [(line.name, line.colour) for line in chart.lines] == [
        ("tank", "blue"),
        ("inflow", "green"),
    ]
    assert chart.fixed == (0, 20)
    assert (found.sliders[0].minimum, found.sliders[0].maximum) == (1, 9)
    assert found.switch.latest == 30
    assert found.units["box"].label == {"en": "boxes"}


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ('[[chart]]\nlines = ["tnak"]', 2, 'did you mean "tank"'),
        ("[[chart]]\nlines = []", 2, "must list 1 to 4, not 0"),
        ("[[chart]]\nrange = [0, 1]", 1, 'chart 1 lacks "lines"'),
        ('[[chart]]\nlines = ["tank"]\nwidth = "haf"', 3, 'did you mean "half"'),
        ('[[chart]]\nlines = "tank"', 2, "must be a list"),
        ('[[chart]]\nlines = ["tank"]\nrange = [1, 0]', 3, "the smaller one first"),
        ('[[chart]]\nlines = ["tank"]\ncolor = "red"', 3, "unknown key 'color'"),
        ('[[chart]]\nlines = [{ variable = "tank", colour = "red" }]', 2, 'cannot be "red"'),
        ('[[slider]]\nconstant = "delay"\nstep = 0', 3, "must be above 0, not 0"),
        ('[[slider]]\nconstant = "tank"', 2, "a slider needs a constant"),
        ('[[slider]]\nconstant = "delay"\nmin = 3\nmax = 2', 3, '"min" must be below "max"'),
        ('buttons = ["dri"]', 1, 'did you mean "dry"'),
        ('[switch]\nscenario = "wet"', 2, 'no scenario "wet"'),
        ('[measure.x]\nvariable = "tank"\nwhat = "finale"', 3, 'did you mean "final"'),
        ('[measure.x]\nwhat = "final"', 1, 'either "variable" or "each"'),
        ('[measure.x]\nvariable = "tank"\nwhat = "first above"', 1, 'needs "level" or "share"'),
        ('[measure.x]\nvariable = "tank"\nto = "then"', 3, 'no measure "then"'),
        ('[measure.end]\nvariable = "tank"', 1, "cannot name a measure"),
        (
            '[[story]]\nabout = "tank"\n[[story.rule]]\ntext = "{x}"',
            4,
            "but no measure has that name",
        ),
        (
            '[[story]]\nabout = "tank"\n[[story.rule]]\ntext = "{end.__class__}"',
            4,
            "no measure has that name",
        ),
        ('[[story]]\nabout = "tank"\n[[story.rule]]\ntext = "a } b"', 4, "an unmatched brace"),
        (
            '[[story]]\nabout = "tank"\n[[story.rule]]\nmode = "grows"\ntext = "a"',
            4,
            'did you mean "growth"',
        ),
        (
            f'[[story]]\nabout = "tank"\n{2 * RULE}if = [{{ measure = "y" }}]',
            7,
            'no measure "y"',
        ),
        ('[demo]\nsets = ["none"]', 2, 'no set "none"'),
        ('[[demo.column]]\ntitle = "t"\nmeasure = "m"', 3, 'no measure "m"'),
        ('[[story]]\nabout = "tank"', 1, 'lacks "rule"'),
        ("[[story]]\nabout = []\nrule = []", 2, "must list at least 1, not 0"),
        ("[measure.x]\neach = []", 2, "must list at least 1, not 0"),
        ('[measure.x]\nvariable = "tank"\ndigits = 1.5', 3, "must be a whole number"),
        ('[measure.x]\nvariable = "tank"\nwhat = "elasticity"', 3, 'cannot be "elasticity"'),
        ('[measure.x]\nvariable = "tank"\nlast = -3', 3, '"last" of [measure.x] must be above 0'),
        ('[measure.x]\nvariable = "tank"\nfrom = 5\nto = 2', 4, "must be later than"),
        ('[[slider]]\nconstant = "delay"\nmin = 6', 3, "excludes the model's own value, 5"),
        ("[switch]\nlatest = 3", 1, '[switch] lacks "scenario"'),
        ("stories = 1", 1, "unknown key 'stories'"),
    ],
)
def test_a_mistake_is_said_with_its_line(tank, text, line, part):
    with pytest.raises(sdcluster.ModelError) as caught:
        lab(tank, text)
    assert Path(caught.value.file).name == "lab.toml"
    assert caught.value.line == line
    assert part in str(caught.value)


def test_a_story_compares_measures_and_shows_them(tank):
    found = lab(
        tank,
        """
        [measure.half]
        variable = "tank"
        what = "first below"
        level = 5
        as = "moment"
        [measure.least]
        variable = "tank"
        what = "minimum"
        digits = 2
        [measure.fall]
        variable = "tank"
        what = "drop from peak"
        [[story]]
        about = "tank"
        [[story.rule]]
        mode = "decline"
        if = [{ measure = "fall", min = 0.5 }, { measure = "half", max = "middle" }]
        text = { en = "Half is gone by {half}, {fall} % at the end ({least})." }
        [[story.rule]]
        text = "Nothing happens."
        """,
    )
    said = tell(TIME, {"tank": 10 * 0.5 ** (TIME / 10)}, story=found.story)
    assert said[0].text == "Half is gone by day 10, 98 % at the end (0.16)."
    assert said[0].label == "Decline"
    assert tell(TIME, {"tank": 10 - TIME / 60}, story=found.story)[0].text == "Nothing happens."
    assert tell(TIME, {}, story=found.story) == []


def test_the_variable_with_the_highest_measure_is_named(tank):
    found = lab(
        tank,
        """
        [measure.cause]
        each = ["inflow", { variable = "delay", name = { en = "slowness" } }]
        what = "mean"
        choose = "highest"
        [[story]]
        about = ["inflow", "delay"]
        [[story.rule]]
        text = "It is {cause}."
        """,
    )
    run = {"inflow": np.full_like(TIME, 2.0), "delay": np.full_like(TIME, 5.0)}
    assert tell(TIME, run, story=found.story)[0].text == "It is slowness."


SHAPES = {
    "steady": np.full_like(TIME, 3.0),
    "growth": 1.05**TIME,
    "decline": 20 - TIME / 4,
    "saturation": 10 / (1 + np.exp(-(TIME - 20) / 3)),
    "overshoot": TIME * np.exp(-TIME / 15),
    "setback": 5 - 3 * np.exp(-(((TIME - 30) / 8) ** 2)),
    "oscillation": 5 + np.sin(TIME / 3),
}


@pytest.mark.parametrize("mode", SHAPES)
@pytest.mark.parametrize("offset", [0.0, -50.0])
def test_the_standard_story_names_the_mode_of_any_variable(tank, mode, offset):
    story = standard_story(tank, "tank")
    run = {"tank": SHAPES[mode] + offset}
    (said,) = tell(TIME, run, story=story)
    assert said.kind == mode
    assert said.text.startswith("Tank ")
    assert tell(TIME, run, story=story, language="zh")[0].text


def test_swings_that_die_out_are_told_from_swings_that_grow(tank):
    story = standard_story(tank, "tank")
    wave = np.sin(TIME / 2)
    assert "die out" in tell(TIME, {"tank": 5 + wave * np.exp(-TIME / 20)}, story=story)[0].text
    assert "grow:" in tell(TIME, {"tank": 5 + wave * np.exp(TIME / 20)}, story=story)[0].text


def test_the_standard_story_compares_with_the_baseline(tank):
    story = standard_story(tank, "tank")
    run = {"tank": SHAPES["decline"]}
    said = tell(TIME, run, story=story, baseline={"tank": 2 * SHAPES["decline"]})
    assert said[1].text == "At the end it is 50 % below the baseline."
    assert len(tell(TIME, run, story=story, baseline=run)) == 1


def test_values_that_are_not_numbers_end_in_no_sentence(tank):
    broken = np.where(TIME > 30, np.nan, 1.0)
    assert find(TIME, {"tank": broken}, standard_story(tank, "tank")) == []
    assert phrase([], "en") == []


def test_a_model_without_a_lab_file_tells_of_what_is_charted(tank):
    told = stories(tank, LabFile(), (Chart({}, (Line("tank", "blue", "solid"),)),))
    assert told[0].variables == ("tank",)


def test_turning_points_of_made_up_curves():
    wave = np.sin(TIME)
    found = extremes(TIME, wave, 0.5)
    assert [round(t / np.pi - 0.5) for t, _ in found] == list(range(len(found)))
    assert swing_ratio(TIME, wave * 0.9**TIME, 0.01) < 0.5
    assert first_time(TIME, TIME / 60, 0.51) == pytest.approx(30.6)
    assert np.isnan(first_time(TIME, TIME / 60, 2.0))
    assert settled(TIME, np.minimum(TIME, 20), 1.0) == pytest.approx(19.0, abs=0.3)
