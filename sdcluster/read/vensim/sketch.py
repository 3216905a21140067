"""Convert the sketches of a Vensim file to views: variables, valves and pipes, arrows, clouds, shadow variables.

`read_sketches(text, variables)` returns the views in the order of the file. Damaged lines are skipped, because a model
can run without a sketch.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace

from sdcluster.model import Variable
from sdcluster.model.names import canonical
from sdcluster.model.view import Connector, Label, Node, Point, View

MAX_LINES = 50_000

_POINTS = re.compile(r"\((-?\d+),(-?\d+)\)")


def read_sketches(text: str, variables: Mapping[str, Variable]) -> tuple[View, ...]:
    """Return the views that show any variables, in the order of the file."""
    found = []
    for view in text.split("\\\\\\---///"):
        if "///---\\\\\\" in view[:30]:
            break
        read = _view(view.partition("///---\\\\\\")[0], variables)
        if read.nodes:
            found.append(read)
    return tuple(found)


def _view(text: str, variables: Mapping[str, Variable]) -> View:
    written = text.splitlines()[:MAX_LINES]
    title = next((line[1:].strip() for line in written if line.startswith("*")), "")
    lines = [_fields(line) for line in written if line[:3] in _CODES]
    lines = [fields for fields in lines if len(fields) > 6]
    places = {f[1]: p for f in lines if f[0] != "1" and (p := _point(f[3], f[4])) is not None}
    names: dict[str, str] = {}
    groups: dict[str, list[Node]] = {"stock": [], "flow": [], "aux": [], "alias": []}
    labels: list[Label] = []
    valve = ""
    valves: dict[str, str] = {}
    for fields in lines:
        code, number, position = fields[0], fields[1], places.get(fields[1])
        if position is None:
            continue
        if code == "11":
            valve = number
        elif code == "12" and not fields[2].isdigit() and fields[2] not in ("", "Comment"):
            labels.append(Label(fields[2], position, _size(fields)))
        elif code == "10" and (variable := variables.get(canonical(fields[2]))):
            names[number] = variable.key
            if valve:
                # The line after a valve names the flow.
                valves[valve], names[valve] = number, variable.key
                position = places[valve]
            kind = {"stock": "stock", "flow": "flow"}.get(variable.kind, "flow" if valve else "aux")
            if not valve and fields[8:9] == [_SHADOW]:
                kind = "alias"
            pipe = _pipe(valve, lines, places) if valve else ()
            symbol = Node(variable.key, kind, position, _size(fields), "bottom", pipe)
            groups[kind].append(replace(symbol, hidden=fields[9:10] not in ([], ["0"])))
            valve = ""
    connectors = [
        Connector(names[f[2]], names[f[3]], None, _bends(f), places.get(f[2]), f[5] != "0")
        for f in lines
        if f[0] == "1" and f[2] in names and f[3] in names and f[2] not in valves
    ]
    return View(
        tuple(groups["stock"]),
        tuple(groups["flow"]),
        tuple(groups["aux"]),
        tuple(groups["alias"]),
        tuple(connectors),
        tuple(labels),
        title,
    )


_SHADOW = "2"  # the field that marks a shadow variable
_CODES = ("1,1", "1,2", "1,3", "1,4", "1,5", "1,6", "1,7", "1,8", "1,9", "10,", "11,", "12,")


def _fields(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _pipe(valve: str, lines: list[list[str]], places: Mapping[str, Point]) -> tuple[Point, ...]:
    """Return the points of the pipe of a flow, from its source through the valve to its destination."""
    ends = [f for f in lines if f[0] == "1" and f[2] == valve and f[3] in places]
    if len(ends) != 2:
        return ()
    # Field 4 is 4 for the arrow to the flow's destination, and 100 for the arrow to its source.
    ends.sort(key=lambda f: f[5] == "4" or f[4] == "4")
    return (places[ends[0][3]], places[valve], places[ends[1][3]])


def _bends(fields: list[str]) -> tuple[Point, ...]:
    return tuple(
        (float(x), float(y)) for x, y in _POINTS.findall(",".join(fields)) if (x, y) != ("0", "0")
    )


def _point(x: str, y: str) -> Point | None:
    try:
        return float(x), float(y)
    except ValueError:
        return None


def _size(fields: list[str]) -> Point | None:
    size = _point(fields[5], fields[6])
    return None if size is None else (2 * size[0], 2 * size[1])
