"""A measure in a TOML file: a text, ``"peak births from 10"``, or a table, ``{ variable = "births", what = "peak" }``.

The grammar is that of `sdcluster.measure.measures`; the keys of the table are its parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.measure.measures import Measure, check_part, parse_measure
from sdcluster.measure.words import SPELLINGS, WORDS
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.schema import NUMBER, TEXT, Either, Number, Table
from sdcluster.project.schema import Key as entry
from sdcluster.project.toml_file import Key, TomlFile

KEYS = {
    "variable": entry(TEXT, "a variable, or an element of an array", required=True),
    "what": entry(TEXT, "a word for the number; the final value by default"),
    "level": entry(NUMBER, "in the variable's unit, where the word needs one"),
    "on": entry(TEXT, "the other variable of a regression"),
    "at": entry(NUMBER, "the time of a value"),
    "from": entry(NUMBER, "the first time that counts"),
    "to": entry(NUMBER, "the last time that counts"),
    "every": entry(Number(above=0), "time between the points of a regression, 1 by default"),
}
MEASURE = Either((TEXT, Table("measure", KEYS)))
"""A measure as a text, or as a table."""


def read_measure(file: TomlFile, value: Any, model: Model, *at: Key) -> Measure:
    """Return a measure that the schema `MEASURE` has read.

    Raises
    ------
    ModelError
        With file, line and key.
    """
    if isinstance(value, str):
        try:
            return parse_measure(value, model)
        except ModelError as error:
            raise file.error(error.sentence, *at) from None
    return measure_of_table(file, value, model, *at)


def measure_of_table(file: TomlFile, table: Mapping[str, Any], model: Model, *at: Key) -> Measure:
    """Return the measure of a table with `KEYS`, and perhaps others; raises as `read_measure`."""
    what = table.get("what", "final").replace("_", " ")
    if what not in SPELLINGS:
        hint = did_you_mean(what, SPELLINGS) or f"; there are: {', '.join(WORDS)}"
        raise file.error(f'"{what}" is not a measure{hint}', *at, "what")
    word = SPELLINGS[what]
    for key in ("on", "level", "at"):
        if (key == word.needs) and key not in table:
            raise file.error(f'measuring the {what} needs "{key}"', *at)
    named = {key: table[key] for key in ("variable", "on") if key in table}
    try:
        found = {key: one(model, name).name for key, name in named.items()}
    except ModelError as error:
        raise file.error(error.sentence, *at, "variable") from None
    start, stop = table.get("at" if word.needs == "at" else "from"), table.get("to")
    try:
        check_part(what, start, stop)
    except ModelError as error:
        raise file.error(error.sentence, *at) from None
    variable, on = found["variable"], found.get("on", "")
    level, every = table.get("level", 0.0), table.get("every", 1.0)
    return Measure(word.name, variable, level, on, start, stop, every)
