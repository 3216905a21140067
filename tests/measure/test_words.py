"""Numbers of a run: each word on a trajectory with a known answer, and the grammar that asks for them."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.measure.measures import (
    Measure,
    measure_of_target,
    parse_measure,
    parse_measures,
)
from sdcluster.measure.words import SPELLINGS, WORDS

TIME = np.linspace(0, 10, 101)
HILL = 9 - (TIME - 4.03) ** 2  # its top lies between two samples
DECAY = np.exp(-TIME / 2)
WAVE = np.sin(TIME) * np.exp(-TIME / 10)

KNOWN = [
    (Measure("initial", "x"), HILL, HILL[0]),
    (Measure("final", "x"), HILL, HILL[-1]),
    (Measure("value", "x", start=4.03), HILL, pytest.approx(9, abs=3e-3)),
    (Measure("peak", "x"), HILL, HILL.max()),
    (Measure("peak", "x", start=6.03), HILL, pytest.approx(5, abs=3e-3)),
    (Measure("minimum", "x"), HILL, HILL.min()),
    (Measure("mean", "x"), TIME, pytest.approx(5)),
    (Measure("mean", "x", stop=4), TIME, pytest.approx(2)),
    (Measure("time of peak", "x"), HILL, pytest.approx(4.03)),
    (Measure("time of minimum", "x"), -HILL, pytest.approx(4.03)),
    (Measure("time of peak", "x"), TIME, 10),
    (Measure("drop from peak", "x"), DECAY, pytest.approx(1 - np.exp(-5))),
    (Measure("growth", "x"), 1 + TIME, pytest.approx(1000)),
    (Measure("growth rate", "x"), 1.02**TIME, pytest.approx(2)),
    (Measure("time above", "x", 5.05), TIME, pytest.approx(4.95)),
    (Measure("time to", "x", 5, start=2), TIME, pytest.approx(3)),
    (Measure("first above", "x", 5), TIME, pytest.approx(5)),
    (Measure("first below", "x", 0.5), DECAY, pytest.approx(2 * np.log(2), abs=1e-3)),
    (Measure("number of peaks", "x", 0.5), WAVE, 2),
    (Measure("time settled", "x", 1), TIME, pytest.approx(9)),
    (Measure("swing ratio", "x", 0.1), WAVE, pytest.approx(np.exp(-np.pi / 10), rel=2e-2)),
    (Measure("elasticity", "x", on="y"), (1 + TIME) ** 0.8, pytest.approx(0.8)),
    (Measure("intercept", "x", on="y"), 3 * (1 + TIME) ** 0.8, pytest.approx(np.log(3))),
    (Measure("fit", "x", on="y"), 3 * (1 + TIME) ** 0.8, pytest.approx(1)),
    (Measure("range", "x"), TIME, 10),
    (Measure("relative range", "x"), TIME - 20, pytest.approx(0.5)),
    (Measure("net change", "x"), TIME, 1),
    (Measure("rise before peak", "x"), HILL, pytest.approx(4.03**2 / 5.97**2, rel=1e-3)),
    (Measure("fall after peak", "x"), HILL, pytest.approx(1)),
    (Measure("fall before minimum", "x"), -HILL, pytest.approx(4.03**2 / 5.97**2, rel=1e-3)),
    (Measure("rise after minimum", "x"), -HILL, pytest.approx(1)),
    (Measure("change in second half", "x"), TIME**2, pytest.approx(0.75)),
    (Measure("largest fall", "x"), DECAY, pytest.approx(1 - np.exp(-5))),
    (Measure("time before largest fall", "x"), HILL + 30, pytest.approx(4)),
    (Measure("time after largest fall", "x"), HILL + 30, 10),
    (Measure("largest step", "x"), np.where(TIME < 3, 0.0, 7.0), 7),
    (Measure("time of largest step", "x"), np.where(TIME < 3.05, 0.0, 7.0), pytest.approx(3.1)),
    (Measure("time of fastest rise", "x"), np.tanh(TIME - 6), pytest.approx(6)),
    (Measure("time of fastest fall", "x"), -np.tanh(TIME - 6), pytest.approx(6)),
]


@pytest.mark.parametrize(
    ("measure", "values", "number"), KNOWN, ids=[str(case[0]) for case in KNOWN]
)
def test_a_word_gives_the_number_that_is_known(measure, values, number) -> None:
    assert measure.of(TIME, values, 1 + TIME) == number


def test_every_word_is_tested() -> None:
    assert {measure.what for measure, *_ in KNOWN} == set(WORDS)


@pytest.mark.parametrize(
    ("measure", "values", "number"), KNOWN, ids=[str(case[0]) for case in KNOWN]
)
def test_many_runs_at_once_give_the_bits_of_one_run(measure, values, number) -> None:
    runs = np.stack([values, 2 * values, values - 1], axis=1)
    other = np.stack([1 + TIME] * 3, axis=1)
    many = measure.of(TIME, runs, other)
    each = [measure.of(TIME, runs[:, i].copy(), 1 + TIME) for i in range(3)]
    assert many.shape == (3,)
    assert np.array_equal(many, each, equal_nan=True)


@pytest.mark.parametrize(
    ("measure", "values"),
    [
        (Measure("first above", "x", 99), TIME),
        (Measure("time to", "x", 99), TIME),
        (Measure("first below", "x", -1), TIME),
        (Measure("growth", "x"), TIME),
        (Measure("drop from peak", "x"), -1 - TIME),
        (Measure("swing ratio", "x", 0.1), TIME),
        (Measure("elasticity", "x", on="y"), -TIME),
        (Measure("net change", "x"), np.ones(101)),
        (Measure("largest fall", "x"), -1 - TIME),
    ],
    ids=str,
)
def test_what_never_happens_is_nan_with_a_reason(measure, values) -> None:
    assert np.isnan(measure.of(TIME, values, 1 + TIME))
    assert measure.word.never


def test_a_search_sees_how_much_of_a_level_is_lacking() -> None:
    measure = Measure("time to", "x", 20)
    assert measure.of(TIME, TIME, beyond=True) == pytest.approx(15)
    assert measure.of(TIME, TIME + 5, beyond=True) == pytest.approx(12.5)


def test_missing_values_count_only_as_first_and_last() -> None:
    values = np.where((TIME < 1) | (TIME > 9), np.nan, HILL)
    both = np.stack([values, HILL], axis=1)
    assert np.isnan(Measure("final", "x").of(TIME, values))
    assert Measure("minimum", "x").of(TIME, both) == pytest.approx([HILL[90], HILL[100]])


def test_a_part_outside_the_run_is_refused() -> None:
    with pytest.raises(
        ModelError, match=r'"peak x to 12" cannot be measured, because time 12 is outside'
    ):
        Measure("peak", "x", stop=12).of(TIME, TIME)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("words") / "m.mdl"
    path.write_text(
        "side: up, down ~~|\n"
        "births = 3 ~ person/year ~|\nfall rate = 1 ~~|\npeak time = 2 ~~|\n"
        "cut to 5 = 1 ~~|\nshare on land = 2 ~~|\nland = 1 ~~|\n"
        "size[side] = 1, 2 ~ m ~|\n"
        "population = INTEG(births, 1) ~ person ~|\n"
        "INITIAL TIME = 0 ~~|\nFINAL TIME = 10 ~~|\nTIME STEP = 1 ~ year ~|\nSAVEPER = 1 ~~|\n",
        encoding="utf-8",
    )
    return sdcluster.load(path)


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("population", Measure("final", "population")),
        ("Final_Population", Measure("final", "population")),
        ("peak births from 2 to 8", Measure("peak", "births", start=2, stop=8)),
        ("time of peak births", Measure("time of peak", "births")),
        ("time above births 3 to 8", Measure("time above", "births", 3, stop=8)),
        ("time to population 1e1 from 1", Measure("time to", "population", 10, start=1)),
        ("number of peaks births 0.02", Measure("number of peaks", "births", 0.02)),
        ("value births at 2.5", Measure("value", "births", start=2.5)),
        ("final size[up]", Measure("final", "size[up]")),
        (
            "elasticity births on population from 1 to 9 every 2",
            Measure("elasticity", "births", on="population", start=1, stop=9, every=2),
        ),
        ("fit births on share on land", Measure("fit", "births", on="share on land")),
        ("fit share on land on births", Measure("fit", "share on land", on="births")),
        # Names that look like parts of the grammar.
        ("fall rate", Measure("final", "fall rate")),
        ("peak time", Measure("final", "peak time")),
        ("peak peak time", Measure("peak", "peak time")),
        ("peak cut to 5", Measure("peak", "cut to 5")),
        ("peak cut to 5 to 8", Measure("peak", "cut to 5", stop=8)),
        ("time above cut to 5 0.5", Measure("time above", "cut to 5", 0.5)),
        # Other spellings of lessons.
        ("peak time births", Measure("time of peak", "births")),
        ("fall births", Measure("drop from peak", "births")),
    ],
)
def test_a_text_is_read_and_written_the_same(text, measure, model) -> None:
    assert parse_measure(text, model) == measure
    assert parse_measure(str(measure), model) == measure
    assert parse_measure(text, [v.name for v in model.variables.values()] + ["size[up]"]) == measure


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("maximun births", '"maximun births" is not a measure'),
        ("time of paek births", 'did you mean "time of peak"'),
        ("peak birhts", 'did you mean "births"'),
        ("time above births", "needs a level"),
        ("time above births much", '"much" in "time above births much" is not a number'),
        ("peak births from 8 to 2", "ends before it begins, at 8"),
        ("elasticity births", "needs two variables"),
        ("value births", "needs a time"),
        ("peak births at 3", '"from" and "to", not "at"'),
        ("fit births on land every 0", '"every" in .* must be above 0'),
        ("peak size", "is an array; name one of its elements"),
    ],
)
def test_what_cannot_be_read_is_said(text, words, model) -> None:
    with pytest.raises(ModelError, match=words):
        parse_measure(text, model)


def test_an_array_is_measured_element_by_element(model) -> None:
    found = parse_measures("time above size 1.5 from 2", model)
    assert [str(measure) for measure in found] == [
        "time above size[up] 1.5 from 2",
        "time above size[down] 1.5 from 2",
    ]


@pytest.mark.parametrize(
    ("words", "measure"),
    [
        ("", Measure("value", "births", start=4)),
        ("value", Measure("value", "births", start=4)),
        ("time to 0.7", Measure("time to", "births", 0.7, start=4)),
        ("time above 0.7 to 9", Measure("time above", "births", 0.7, start=4, stop=9)),
        ("growth to 8.5", Measure("growth", "births", start=4, stop=8.5)),
        ("peak", Measure("peak", "births", start=4)),
        ("elasticity on land to 8", Measure("elasticity", "births", on="land", start=4, stop=8)),
    ],
)
def test_a_target_begins_at_its_time(words, measure, model) -> None:
    assert measure_of_target(words, "births", 4, model) == measure


@pytest.mark.parametrize("name", WORDS)
def test_a_word_has_a_unit_and_words_in_both_languages(name, model) -> None:
    measure = Measure(name, "births", 2, on="land" if WORDS[name].needs == "on" else "")
    assert isinstance(measure.units(model), str)
    for language in ("en", "zh"):
        assert "{" not in measure.says(language)


def test_a_spelling_means_one_word() -> None:
    assert len(SPELLINGS) == sum(1 + len(word.also) for word in WORDS.values())
