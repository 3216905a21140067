"""The ``measure`` of an experiment: a TOML table becomes a `Quantity`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.measure.quantity import KEYS, WHATS, WITH_LEVEL, WITH_OTHER, Quantity
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.toml_file import Key, TomlFile


def quantity_of_table(file: TomlFile, table: Mapping[str, Any], model: Model, *at: Key) -> Quantity:
    """Read the ``measure`` of an experiment.

    Raises
    ------
    ModelError
        With file, line and key.
    """
    file.known_keys(table, KEYS, *at)
    what = file.words(table.get("what", "final"), *at, "what").replace("_", " ")
    if what not in WHATS:
        hint = did_you_mean(what, WHATS) or f"; there are: {', '.join(WHATS)}"
        raise file.error(f'"{what}" is not measured{hint}', *at, "what")
    for key, wanted in (("on", what in WITH_OTHER), ("level", what in WITH_LEVEL)):
        if wanted and key not in table:
            raise file.error(f'measuring the {what} needs "{key}"', *at)
    named = {key: file.words(table[key], *at, key) for key in ("variable", "on") if key in table}
    if "variable" not in named:
        raise file.error('a measure needs a "variable"', *at)
    try:
        found = {key: one(model, name).name for key, name in named.items()}
    except ModelError as error:
        raise file.error(error.sentence, *at, "variable") from None
    start, stop = (
        file.number(table[key], *at, key) if key in table else None for key in ("from", "to")
    )
    every = file.number(table.get("every", 1.0), *at, "every")
    if every <= 0 or (start is not None and stop is not None and stop <= start):
        raise file.error('"to" must come after "from", and "every" be above 0', *at)
    return Quantity(
        what=what,
        level=file.number(table.get("level", 0.0), *at, "level"),
        start=start,
        stop=stop,
        every=every,
        **found,
    )
