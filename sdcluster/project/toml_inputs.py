"""Read the series and lookups of a scenario, as points in the scenario file or in a table in the same folder.

`Input` reads a single series or lookup; `join_inputs` returns all of them, by variable, as settings of a run. Example::

    [scenario.boom.series]                     # values over time that replace an equation
    demand = [[0, 5], [10, 8]]                 # pairs of time and value, linear interpolation
    price = "prices.csv"                       # column "price" over the first column
    wage = { file = "data.csv", column = "north", between = "hold" }

    [scenario.boom.lookups]                    # new points of a lookup
    effect = [[0, 0], [60, 1], [120, 4]]
    pressure = { scale = 1.2 }                 # the model's points, y multiplied by 1.2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import labelled, message
from sdcluster.model.points import Points
from sdcluster.project.schema import NUMBER, PAIRS, TEXT, Kind, Named, Table
from sdcluster.project.schema import Key as entry
from sdcluster.project.toml_file import Key, TomlFile, listed, place, shown
from sdcluster.read.tables.external import allowed_folders
from sdcluster.read.tables.points import PointsFile, Scale


@dataclass(frozen=True)
class Input(Kind):
    """The points of a series or lookup: pairs of numbers, a table in a file, or, for a lookup, a factor."""

    lookup: bool
    name = "points, or the name of a file"

    def __call__(self, file: TomlFile, value: Any, *at: Key) -> Points | PointsFile | Scale:
        """Return the points, the reference to a file of points, or the factor, after checking the value."""
        try:
            return _input(file, value, self.lookup, *at)
        except ModelError as error:
            if error.file is not None:
                raise
            raise file.error(labelled(place(*at), error.sentence), *at) from None

    def takes(self, value: Any) -> bool:
        """Return whether a value is a text, a list or a table."""
        return isinstance(value, (str, list, dict))

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        return {"anyOf": [TEXT.json(), PAIRS.json(), POINTS.json()]}


POINTS = Table(
    "points",
    {
        "points": entry(PAIRS, "pairs of x (or time) and value"),
        "file": entry(TEXT, "table in the folder of the scenario file"),
        "column": entry(TEXT, "column of the table; by default, the name of the variable"),
        "between": entry(TEXT, "how values between the points are computed"),
        "scale": entry(NUMBER, "factor for the y values of the lookup in the model"),
    },
)
KEYS = {
    "series": entry(
        Named(Input(False)), "values over time, which replace the equation of a variable"
    ),
    "lookups": entry(
        Named(Input(True)), "points of lookups, which replace the points in the model"
    ),
}


def join_inputs(
    file: TomlFile, table: Mapping[str, Any], *keys: Key
) -> dict[str, Points | PointsFile | Scale]:
    """Return the series and lookups of a validated table, by variable name.

    Raises
    ------
    ModelError
        If a variable is set twice; the message names file, line and key.
    """
    found: dict[str, Points | PointsFile | Scale] = {}
    for kind in KEYS:
        for name, value in table.get(kind, {}).items():
            if name in found or name in table.get("settings", {}):
                here = (*keys, kind, name)
                raise file.error(
                    message("project.sets_variable_set_twice", here=place(*here)), *here
                )
            found[name] = value
    return found


def _input(file: TomlFile, value: Any, lookup: bool, *keys: Key) -> Points | PointsFile | Scale:
    if isinstance(value, str):
        value = {"file": value}
    if isinstance(value, list):
        value = {"points": value}
    table = file.table(value, *keys)
    file.known_keys(table, POINTS.keys, *keys)
    sources = [key for key in ("points", "file", "scale") if key in table]
    if len(sources) != 1 or (sources == ["scale"] and not lookup):
        known = ("points", "file", "scale") if lookup else ("points", "file")
        words = listed(known, "or")
        raise file.error(message("project.needs_one", keys=place(*keys), words=words), *keys)
    between = file.words(table["between"], *keys, "between") if "between" in table else ""
    if sources == ["scale"]:
        return Scale(file.number(table["scale"], *keys, "scale"))
    if sources == ["points"]:
        pairs = file.items(table["points"], *keys, "points")
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2:
                raise file.error(
                    message("project.holds_not_pair_x", keys=place(*keys), pair=shown(pair)), *keys
                )
        return Points.of(
            [[file.number(v, *keys) for v in pair] for pair in pairs], between, lookup=lookup
        )
    return _beside(file, table, between, lookup, *keys)


def _beside(
    file: TomlFile, table: Mapping[str, Any], between: str, lookup: bool, *keys: Key
) -> PointsFile:
    """Return a reference to the table file that a scenario names.

    The file must be in the folder of the scenario file, or in a folder that the user allows.
    """
    named = file.words(table["file"], *keys, "file")
    folder = file.path.resolve().parent
    path = (folder / named).resolve()
    if not any(path.is_relative_to(known) for known in allowed_folders(folder)):
        raise file.error(
            message("project.names_lies_outside_folder", keys=place(*keys), named=named), *keys
        )
    column = file.words(table["column"], *keys, "column") if "column" in table else ""
    return PointsFile(path, column, between, lookup)
