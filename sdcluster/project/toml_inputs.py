"""Series and lookups of a scenario: points written in the file, or a table beside it.

Crosses the border: `read_inputs(file, table, …)` gives settings of a run by name. In a scenario stand::

    [scenario.boom.series]                     # values over time, instead of a variable's equation
    demand = [[0, 5], [10, 8]]                 # pairs of time and value, linear between them
    price = "prices.csv"                       # the column "price", over the first one
    wage = { file = "data.csv", column = "north", between = "hold" }

    [scenario.boom.lookups]                    # other points of a lookup
    effect = [[0, 0], [60, 1], [120, 4]]
    pressure = { scale = 1.2 }                 # its own points, stretched upwards
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.model.points import Points
from sdcluster.project.toml_file import Key, TomlFile, place, shown
from sdcluster.read.tables.external import allowed_folders
from sdcluster.read.tables.points import PointsFile, Scale

INPUTS = ("series", "lookups")
_KEYS = ("points", "file", "column", "between", "scale")


def read_inputs(
    file: TomlFile, table: Mapping[str, Any], *keys: Key
) -> dict[str, Points | PointsFile | Scale]:
    """Return the series and lookups of a scenario, by the name of the variable.

    Parameters
    ----------
    file : TomlFile
    table : mapping
        The scenario; `INPUTS` are read.
    *keys : str or int
        The way to it.

    Raises
    ------
    ModelError
        With file, line and key, for anything that is not points.
    """
    found: dict[str, Points | PointsFile | Scale] = {}
    for kind in INPUTS:
        for name, value in file.table(table.get(kind, {}), *keys, kind).items():
            here = (*keys, kind, name)
            if name in found or name in table.get("settings", {}):
                raise file.error(f"{place(*here)} sets a variable that is set twice", *here)
            try:
                found[name] = _input(file, value, kind == "lookups", *here)
            except ModelError as error:
                if error.file is not None:
                    raise
                raise file.error(f"{place(*here)}: {error.sentence}", *here) from None
    return found


def _input(file: TomlFile, value: Any, lookup: bool, *keys: Key) -> Points | PointsFile | Scale:
    if isinstance(value, str):
        value = {"file": value}
    if isinstance(value, list):
        value = {"points": value}
    table = file.table(value, *keys)
    file.known_keys(table, _KEYS, *keys)
    sources = [key for key in ("points", "file", "scale") if key in table]
    if len(sources) != 1 or (sources == ["scale"] and not lookup):
        words = "points, file or scale" if lookup else "points or file"
        raise file.error(f"{place(*keys)} needs one of {words}", *keys)
    between = file.words(table["between"], *keys, "between") if "between" in table else ""
    if sources == ["scale"]:
        return Scale(file.number(table["scale"], *keys, "scale"))
    if sources == ["points"]:
        pairs = file.items(table["points"], *keys, "points")
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2:
                raise file.error(f"{place(*keys)} holds {shown(pair)}, not a pair [x, y]", *keys)
        return Points.of(
            [[file.number(v, *keys) for v in pair] for pair in pairs], between, lookup=lookup
        )
    return _beside(file, table, between, lookup, *keys)


def _beside(
    file: TomlFile, table: Mapping[str, Any], between: str, lookup: bool, *keys: Key
) -> PointsFile:
    """Return a table that lies in the folder of the scenario file, or in one that the user allows."""
    named = file.words(table["file"], *keys, "file")
    folder = file.path.resolve().parent
    path = (folder / named).resolve()
    if not any(path.is_relative_to(known) for known in allowed_folders(folder)):
        raise file.error(f'{place(*keys)} names "{named}", which lies outside the folder', *keys)
    column = file.words(table["column"], *keys, "column") if "column" in table else ""
    return PointsFile(path, column, between, lookup)
