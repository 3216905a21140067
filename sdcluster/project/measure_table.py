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
from sdcluster.project.toml_file import Key, TomlFile

KEYS = ("variable", "what", "level", "on", "at", "from", "to", "every")


def read_measure(file: TomlFile, value: Any, model: Model, *at: Key) -> Measure:
    """Read a measure that is written as a text or as a table with `KEYS`.

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
    table = file.table(value, *at)
    file.known_keys(table, KEYS, *at)
    return measure_of_table(file, table, model, *at)


def measure_of_table(file: TomlFile, table: Mapping[str, Any], model: Model, *at: Key) -> Measure:
    """Read the `KEYS` of a table, which may hold other keys too; raises as `read_measure`."""
    what = file.words(table.get("what", "final"), *at, "what").replace("_", " ")
    if what not in SPELLINGS:
        hint = did_you_mean(what, SPELLINGS) or f"; there are: {', '.join(WORDS)}"
        raise file.error(f'"{what}" is not a measure{hint}', *at, "what")
    word = SPELLINGS[what]
    for key in ("on", "level", "at"):
        if (key == word.needs) and key not in table:
            raise file.error(f'measuring the {what} needs "{key}"', *at)
    named = {key: file.words(table[key], *at, key) for key in ("variable", "on") if key in table}
    if "variable" not in named:
        raise file.error('a measure needs a "variable"', *at)
    try:
        found = {key: one(model, name).name for key, name in named.items()}
    except ModelError as error:
        raise file.error(error.sentence, *at, "variable") from None
    start, stop = (
        file.number(table[key], *at, key) if key in table else None
        for key in ("at" if word.needs == "at" else "from", "to")
    )
    every = file.number(table.get("every", 1.0), *at, "every")
    try:
        check_part(what, start, stop, every)
    except ModelError as error:
        raise file.error(error.sentence, *at) from None
    level = file.number(table.get("level", 0.0), *at, "level")
    return Measure(word.name, level=level, start=start, stop=stop, every=every, **found)
