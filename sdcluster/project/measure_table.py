"""Read a measure of a run in a TOML file.

A measure is a text, ``"peak births from 10"``, or a table, ``{ variable = "births", what = "peak", from = 10 }``. The
text has the grammar of `sdcluster.measure.measures`, and the keys of the table are the parts of this grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.measure.measures import Measure, check_part, parse_measure
from sdcluster.measure.words import SPELLINGS, WORDS, Word
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.schema import NUMBER, TEXT, Either, Number, Table
from sdcluster.project.schema import Key as entry
from sdcluster.project.toml_file import Key, TomlFile

KEYS = {
    "variable": entry(TEXT, "variable or element of an array", required=True),
    "what": entry(
        TEXT, "keyword of the measure; by default, the value at time `at`, or the final value"
    ),
    "level": entry(NUMBER, "level in the variable's unit, if the keyword needs one"),
    "on": entry(TEXT, "independent variable of a regression"),
    "at": entry(NUMBER, "time of the value"),
    "from": entry(NUMBER, "start of the measured interval"),
    "to": entry(NUMBER, "end of the measured interval"),
    "every": entry(Number(above=0), "time between the points of a regression; by default, 1"),
}
MEASURE = Either((TEXT, Table("measure", KEYS)))
"""A measure as a text, or as a table."""


def read_measure(file: TomlFile, value: Any, model: Model, *at: Key) -> Measure:
    """Return the measure for a value validated by the schema `MEASURE`.

    Raises
    ------
    ModelError
        If the measure is invalid; the message names file, line and key.
    """
    if not isinstance(value, str):
        return measure_of_table(value, model, lambda said, *keys: file.error(said, *at, *keys))
    try:
        return parse_measure(value, model)
    except ModelError as error:
        raise file.error(error.sentence, *at) from None


def _plain_error(sentence: str, *_keys: str) -> ModelError:
    return ModelError(sentence)


def measure_of_table(
    table: Mapping[str, Any], model: Model, fail: Callable[..., ModelError] = _plain_error
) -> Measure:
    """Return the measure for a table with the keys of `KEYS`; other keys are ignored.

    Parameters
    ----------
    table : mapping
        The table. Without ``what``, the measure is the value at time ``at`` or, without ``at``, the final value.
    model : Model
    fail : callable
        ``fail(sentence, *keys)`` returns the exception to raise about the given keys of the table.

    Raises
    ------
    ModelError
        If the word in ``what`` or the variable is unknown, or if keys are missing or not allowed for the word.
    """
    what = table.get("what", "value" if "at" in table else "final").replace("_", " ")
    if what not in SPELLINGS:
        hint = did_you_mean(what, SPELLINGS) or message(
            "project.there_are", known=comma_separated(WORDS)
        )
        raise fail(message("project.not_measure", what=what, hint=hint), "what")
    word = SPELLINGS[what]
    _check_keys(table, word, fail)
    found = {}
    for key in ("variable", "on"):
        if key in table:
            try:
                found[key] = one(model, table[key]).name
            except ModelError as error:
                raise fail(error.sentence, key) from None
    start, stop = table.get("at", table.get("from")), table.get("to")
    try:
        check_part(what, start, stop)
    except ModelError as error:
        raise fail(error.sentence) from None
    variable, on = found["variable"], found.get("on", "")
    level, every = table.get("level", 0.0), table.get("every", 1.0)
    return Measure(word.name, variable, level, on, start, stop, every)


def _check_keys(table: Mapping[str, Any], word: Word, fail: Callable[..., ModelError]) -> None:
    for key in ("on", "level", "at"):
        if key == word.needs and key not in table:
            raise fail(message("project.measuring_needs", word=word.name, key=key))
        if key != word.needs and key in table:
            raise fail(message("project.measuring_no_use_remove", word=word.name, key=key), key)
    if word.needs == "at":
        useless = [key for key in ("from", "to", "every") if key in table]
    else:
        useless = ["every"] if "every" in table and word.needs != "on" else []
    for key in useless:
        raise fail(message("project.measuring_no_use_remove", word=word.name, key=key), key)
