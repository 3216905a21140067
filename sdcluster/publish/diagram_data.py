"""The diagrams of a model as data for the front end: symbols and positions by language, and signs of links.

`diagram_data(model, places)` returns the data; `frontend/src/diagram/scene.ts` declares the same fields as types. All
positions come from `sdcluster.view.diagram_geometry`, rounded to whole pixels of the view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sdcluster.kernel.lower.graphs import components
from sdcluster.model import Model
from sdcluster.model.graph import signed_links
from sdcluster.model.view import Node, View
from sdcluster.view.diagram_geometry import Geometry
from sdcluster.view.diagram_shapes import label_start
from sdcluster.view.layout import automatic_view, causal_view
from sdcluster.words import ENGLISH, LANGUAGES

MARGIN = 16
MOST_MADE = 4  # the most diagrams in the cache
# The most variables for which a model with its own views also gets an automatic layout, and the most names in the view
# of feedback loops. Larger diagrams would be unreadable.
MOST_AGAIN = 250


def diagram_data(model: Model, places: Mapping[str, int]) -> dict[str, Any]:
    """Return the views of a model, and the links between its variables.

    Parameters
    ----------
    model : Model
    places : mapping of str to int
        Index of each variable in the data of the page, by the variable's key.

    Returns
    -------
    dict
        ``views``, each with ``kind``, ``title`` and ``scenes`` by language, and ``links``: cause, effect, and the sign
        of the link, ``"+"``, ``"-"`` or ``"?"``.
    """
    links = _links(model, places)
    symbols = tuple(
        (v.key, v.name, v.kind, v.lever, bool(v.dimensions), tuple(v.labels.items()))
        for v in model.variables.values()
    )
    # An open laboratory calls this function each time its file is saved; usually, the diagram has not changed.
    key = (model.views, symbols, tuple(map(tuple, links)), tuple(places.items()))
    if key not in _made:
        while len(_made) >= MOST_MADE:
            del _made[next(iter(_made))]
        _made[key] = {"links": links, "views": _views(model, links, places)}
    return _made[key]


_made: dict[Any, dict[str, Any]] = {}


def _views(model: Model, links: list[list[Any]], places: Mapping[str, int]) -> list[dict[str, Any]]:
    views = [("file", view) for view in model.views]
    if not views or len(places) <= MOST_AGAIN:
        views.append(("automatic", automatic_view(model)))
    parts = _parts(links, list(places))
    if parts and sum(map(len, parts)) <= MOST_AGAIN:
        views.append(("causal", causal_view(model, parts)))
    return [_view(model, view, kind, places) for kind, view in views if view.nodes]


def _parts(links: list[list[Any]], keys: Sequence[str]) -> list[list[str]]:
    """Return the keys of the variables in feedback loops, grouped by strongly connected component."""
    effects: dict[int, list[int]] = {place: [] for place in range(len(keys))}
    for cause, effect, _ in links:
        effects[cause].append(effect)
    return [[keys[i] for i in sorted(part)] for part in components(effects) if len(part) > 1]


def _links(model: Model, places: Mapping[str, int]) -> list[list[Any]]:
    known = {v.name: places[v.key] for v in model.variables.values() if v.key in places}
    return [
        [known[cause], known[effect], polarity]
        for cause, effect, polarity in signed_links(model)
        if cause in known and effect in known and cause != effect
    ]


def _view(model: Model, view: View, kind: str, places: Mapping[str, int]) -> dict[str, Any]:
    variables = model.variables.values()
    languages = [
        language
        for language in LANGUAGES
        if language == ENGLISH or any(v.labels.get(language, v.name) != v.name for v in variables)
    ]
    scenes = {language: _scene(Geometry(model, view, language), places) for language in languages}
    return {"kind": kind, "title": view.title, "scenes": scenes}


def _scene(geometry: Geometry, places: Mapping[str, int]) -> dict[str, Any]:
    """Return the symbols, names, pipes and arrows of a view in one language."""
    nodes = geometry.nodes
    number = {id(node): i for i, node in enumerate(nodes)}
    left, top, right, bottom = geometry.extent() if nodes else (0.0, 0.0, 100.0, 100.0)
    arrows = []
    for connector in geometry.view.connectors:
        ends = geometry.ends(connector)
        if ends is not None:
            points = [x for point in geometry.curve(connector, ends) for x in point]
            arrows.append([number[id(ends[0])], number[id(ends[1])], *_rounded(points)])
    pipes = []
    for node in nodes:
        course = geometry.pipe(node)
        if course:
            clouds = [x for point in geometry.clouds(node) for x in point]
            flat = [x for point in course for x in point]
            pipes.append([number[id(node)], _rounded(flat), _rounded(clouds)])
    return {
        "box": _rounded(
            [left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN]
        ),
        "areas": [
            [*_rounded([*g.position, *g.size]), g.titles.get(geometry.language, g.text)]
            for g in geometry.view.labels
            if g.size
        ],
        "texts": [[*_rounded(g.position), g.text] for g in geometry.view.labels if not g.size],
        "nodes": [_node(geometry, node, places) for node in nodes],
        "arrows": arrows,
        "pipes": pipes,
    }


def _node(geometry: Geometry, node: Node, places: Mapping[str, int]) -> list[Any]:
    """Return the data of a symbol: index of the variable, shape, box, and the lines of its name with their position."""
    box, lines = geometry.boxes[id(node)], geometry.lines[id(node)]
    centred = geometry.names[id(node)] is None
    side = "center" if centred else geometry.sides[id(node)]
    anchor, across, base = label_start(box.x, box.y, lines, side, box.half_height)
    sizes = _rounded([box.x, box.y, box.half_width, box.half_height, across, base])
    return [places.get(node.name, -1), _shape(geometry.model, node), *sizes, anchor, lines]


def _shape(model: Model, node: Node) -> str:
    if node.kind in ("stock", "flow", "alias", "module", "word"):
        return node.kind
    variable = model.variables[node.name]
    if variable.lever:
        return "lever"
    return "constant" if variable.kind == "constant" else "auxiliary"


def _rounded(numbers: Sequence[float]) -> list[int]:
    return [round(x) for x in numbers]
