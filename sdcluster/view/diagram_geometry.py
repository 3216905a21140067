"""Positions of the symbols, names, pipes and arrows of a view, with names in one language.

A `Geometry` is created from a `Model` and one of its `View` objects. `sdcluster.view.diagram` draws the geometry as
SVG, and `sdcluster.publish.diagram_data` converts it for the diagram of the front end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from sdcluster.model.model import Model
from sdcluster.model.view import Connector, Label, Node, Point, View
from sdcluster.view.diagram_arrows import Curve, Obstacles, course, shortened
from sdcluster.view.diagram_shapes import (
    Box,
    label_box,
    pipe_course,
    text_width,
    wrap,
)

SIDES = ("bottom", "top", "right", "left")
# Factors by which to stretch a view in which names overlap, tried in this order.
STRETCHES = (1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
CLOUD = 14.0  # half the width of a cloud in pixels


class Geometry:
    """The boxes of symbols and names, and the paths of pipes and arrows, in pixels of the view.

    A name that would cover another symbol moves to a free side of its own symbol. If names and symbols still overlap,
    the whole view is stretched.

    Parameters
    ----------
    model : Model
    view : View
    language : str
        Language of the names. A variable without a translation has the name in the model.
    area : Label, optional
        The group whose symbols are shown; by default, all symbols are shown.
    constants : bool
        Whether to show constants other than levers.

    Attributes
    ----------
    view : View
        The view, stretched if necessary.
    nodes : list of Node
        The symbols that are shown.
    boxes, names : dict of int to Box
        The box of each symbol, and the box of the name next to the symbol (or None), by `id` of the node.
    sides : dict of int to str
        The side of the symbol on which the name is drawn, by `id` of the node.
    """

    def __init__(
        self,
        model: Model,
        view: View,
        language: str,
        *,
        area: Label | None = None,
        constants: bool = True,
    ) -> None:
        self.model, self.language, self.area, self.constants = model, language, area, constants
        place = view.labels.index(area) if area else None
        fewest = None
        for factor in STRETCHES:
            self._lay(view if factor == 1 else stretched(view, factor), place)
            found = len(self.overlaps())
            if fewest is None or found < fewest:
                fewest, best = found, self.view
            if not found:
                return
        if best is not self.view:
            self._lay(best, place)

    def _lay(self, view: View, place: int | None) -> None:
        self.view = view
        if place is not None:
            self.area = view.labels[place]
        self.nodes = [n for n in view.nodes if self._visible(n)]
        self.shown: dict[str, list[Node]] = {}
        for node in self.nodes:
            self.shown.setdefault(node.name, []).append(node)
        self.lines = {id(n): wrap(self.name(n), self.language) for n in self.nodes}
        self.boxes = {id(node): self._box(node) for node in self.nodes}
        self.sides = {id(node): node.label_side for node in self.nodes}
        self.names = {id(node): self._name_box(node) for node in self.nodes}
        self._choose_sides()
        covered = [(n, b) for n in self.nodes for b in (self.boxes[id(n)], self.names[id(n)])]
        self.obstacles = Obstacles([(id(node), box) for node, box in covered if box])

    # Symbols that are shown, and their boxes

    def _visible(self, node: Node) -> bool:
        if node.hidden:
            return False
        if node.kind == "module":
            return self.area is None or inside(node, self.area)
        variable = self.model.variables.get(node.name)
        if variable is None or variable.hidden:
            return False
        if variable.kind == "constant" and not variable.lever and not self.constants:
            return False
        return self.area is None or inside(node, self.area)

    def name(self, node: Node) -> str:
        """Return the name that is shown at a symbol."""
        # In the view of a module, the names of its variables do not need the prefix with the module's name.
        own = f"{self.view.title}."
        return node.text or self.model.label(node.name, self.language).removeprefix(own)

    def _box(self, node: Node) -> Box:
        x, y = node.position
        lines = self.lines[id(node)]
        wide = max(map(text_width, lines))
        if node.kind in ("stock", "module"):
            return Box(x, y, max(78.0, wide * 1.12 + 18) / 2, max(21.0, 7.0 * len(lines) + 4))
        if node.kind in ("alias", "word"):
            return Box(x, y, wide / 2 + 3, 7.5 * len(lines) + 1)
        variable = self.model.variables[node.name]
        radius = 12.0 if node.kind == "flow" else 10.0 if variable.lever else 4.0
        if variable.kind not in ("constant", "flow"):
            radius = 8.0
        return Box(x, y, radius, radius, round=True)

    def _name_box(self, node: Node) -> Box | None:
        """Return the box of the name beside a symbol; None for stocks, modules, ghosts and texts (name inside)."""
        if node.kind in ("stock", "alias", "module", "word"):
            return None
        box = self.boxes[id(node)]
        return label_box(box.x, box.y, self.lines[id(node)], self.sides[id(node)], box.half_height)

    def _choose_sides(self) -> None:
        """Move each name that overlaps other things to the side of its symbol on which it overlaps fewest of them."""
        clouds = [
            (key, Box(x, y, CLOUD, 0.7 * CLOUD)) for key, ends in self._open() for x, y in ends
        ]
        crowded = {key for pair in self.overlaps(clouds) for key in pair}
        for node in self.nodes:
            key = id(node)
            if key not in crowded or self.names[key] is None:
                continue
            first, least = self.sides[key], None
            best = first
            for side in (first, *_sides(node), *SIDES):
                self.sides[key] = side
                name = self.names[key] = self._name_box(node)
                others = [b for k, b in (*self._covered(), *clouds) if k != key]
                hits = sum(name is not None and _overlap(name, box) for box in others)
                if least is None or hits < least:
                    best, least = side, hits
                if not hits:
                    break
            self.sides[key] = best
            self.names[key] = self._name_box(node)

    def _open(self) -> Iterable[tuple[int, list[Point]]]:
        return ((id(n), self.clouds(n)) for n in self.nodes if n.kind == "flow")

    def _covered(self) -> Iterable[tuple[int, Box]]:
        for node in self.nodes:
            yield id(node), self.boxes[id(node)]
            name = self.names[id(node)]
            if name:
                yield id(node), name

    def overlaps(self, more: Sequence[tuple[int, Box]] = ()) -> list[tuple[int, int]]:
        """Return the pairs of nodes (by `id`) whose symbols or names overlap.

        `more` contains further boxes to check, each with the `id` of its node.
        """
        covered = [*self._covered(), *more]
        if not covered:
            return []
        keys = np.array([key for key, _ in covered], dtype=np.int64)
        box = np.array([(b.x, b.y, b.half_width, b.half_height) for _, b in covered])
        found = []
        # One row after the other, because a matrix of all pairs of a thousand symbols would be large.
        for i in range(len(box) - 1):
            apart = np.abs(box[i + 1 :, :2] - box[i, :2]) - box[i + 1 :, 2:] - box[i, 2:]
            close = np.flatnonzero((apart < -1).all(axis=1) & (keys[i + 1 :] != keys[i]))
            found += [(int(keys[i]), int(keys[i + 1 + j])) for j in close]
        return found

    # Pipes and arrows

    def pipe(self, node: Node) -> list[Point]:
        """Return the path of a flow's pipe between the borders of its stocks; an empty list if the view has no pipe."""
        if node.kind != "flow" or len(node.points) < 2:
            return []
        return pipe_course(node.points, self._joined(node))

    def clouds(self, node: Node) -> list[Point]:
        """Return the ends of a flow's pipe with a cloud, because the flow fills or drains no stock there."""
        joined = self._joined(node)
        pipe = self.pipe(node)
        return [
            pipe[i] for i in (0, -1) if pipe and not any(b.covers(node.points[i]) for b in joined)
        ]

    def _joined(self, flow: Node) -> list[Box]:
        stocks = [(n, self.model.variables[n.name]) for n in self.nodes if n.kind == "stock"]
        return [
            self.boxes[id(n)]
            for n, v in stocks
            if flow.name in v.inflows or flow.name in v.outflows
        ]

    def ends(self, connector: Connector) -> tuple[Node, Node] | None:
        """Return the two symbols that an arrow joins, or None if the arrow or one of its symbols is hidden.

        If a variable has several symbols, the arrow begins at the symbol that the file specifies. Otherwise, it joins
        two symbols in the same group if possible, and those that are nearest to each other.
        """
        if connector.hidden:
            return None
        sources = self.shown.get(connector.source, [])
        targets = [n for n in self.shown.get(connector.target, []) if n.kind != "alias"]
        if connector.start is not None and sources:
            sources = [min(sources, key=lambda n: _apart(n.position, connector.start))]
        pairs = [(s, t) for s in sources for t in targets]
        return min(
            pairs,
            key=lambda p: (
                self._area_of(p[0]) != self._area_of(p[1]),
                _apart(p[0].position, p[1].position),
            ),
            default=None,
        )

    def _area_of(self, node: Node) -> int | None:
        areas = enumerate(self.view.labels)
        return next((i for i, area in areas if area.size and inside(node, area)), None)

    def curve(self, connector: Connector, ends: tuple[Node, Node]) -> Curve:
        """Return the curve of an arrow between the borders of its symbols, without the parts under their names."""
        source, target = (id(node) for node in ends)
        bend = connector.points[0] if len(connector.points) == 1 else None
        curve = course(
            self.boxes[source],
            self.boxes[target],
            connector.angle,
            self.obstacles,
            (source, target),
            through=bend,
        )
        return shortened(curve, (self.names[source], self.names[target]))

    def extent(self) -> tuple[float, float, float, float]:
        """Return the left, top, right and bottom edges of the drawing."""
        xs, ys = [], []
        for _, box in self._covered():
            xs += [box.x - box.half_width, box.x + box.half_width]
            ys += [box.y - box.half_height, box.y + box.half_height]
        for node in self.nodes:
            for x, y in self.pipe(node):
                xs += [x - CLOUD, x + CLOUD]
                ys += [y - CLOUD, y + CLOUD]
        for group in self.view.labels:
            if group.size and (self.area is None or group is self.area):
                xs += [group.position[0], group.position[0] + group.size[0]]
                ys += [group.position[1], group.position[1] + group.size[1]]
        return min(xs), min(ys), max(xs), max(ys)


def _sides(node: Node) -> tuple[str, ...]:
    """Return the sides of a symbol at which its name may be placed; for a flow, those beside its pipe."""
    for (x0, y0), (x1, y1) in pairwise(node.points):
        if y0 == y1 == node.position[1]:
            return "bottom", "top"
        if x0 == x1 == node.position[0]:
            return "right", "left"
    return SIDES


def stretched(view: View, factor: float) -> View:
    """Return a view with all distances between its symbols multiplied by `factor`."""

    def far(point: Point) -> Point:
        return factor * point[0], factor * point[1]

    def nodes(group: Sequence[Node]) -> tuple[Node, ...]:
        return tuple(
            replace(n, position=far(n.position), points=tuple(map(far, n.points))) for n in group
        )

    return replace(
        view,
        stocks=nodes(view.stocks),
        flows=nodes(view.flows),
        auxiliaries=nodes(view.auxiliaries),
        others=nodes(view.others),
        connectors=tuple(
            replace(c, points=tuple(map(far, c.points)), start=c.start and far(c.start))
            for c in view.connectors
        ),
        labels=tuple(
            replace(g, position=far(g.position), size=g.size and far(g.size)) for g in view.labels
        ),
    )


def inside(node: Node, group: Label) -> bool:
    """Return whether the centre of a symbol is inside the box of a group."""
    (x, y), (width, height) = group.position, group.size or (0.0, 0.0)
    return x <= node.position[0] <= x + width and y <= node.position[1] <= y + height


def _overlap(one: Box, other: Box) -> bool:
    return (
        abs(one.x - other.x) < one.half_width + other.half_width - 1
        and abs(one.y - other.y) < one.half_height + other.half_height - 1
    )


def _apart(one: Point, other: Point | None) -> float:
    x, y = other or one
    return (one[0] - x) ** 2 + (one[1] - y) ** 2
