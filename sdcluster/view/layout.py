"""Automatic layout of diagrams: chains of stocks and flows in rows, other variables near the variables they affect.

`automatic_view` takes a `Model` and lays out its stock-and-flow diagram; `causal_view` lays out a diagram of the
variables in feedback loops. Both return a `View`. The same model always has the same layout.

Each chain of stocks moves as one body; `sdcluster.view.layout_positions` computes the positions of the bodies.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdcluster.model.clock import CONTROLS
from sdcluster.model.expression import references
from sdcluster.model.graph import signed_links
from sdcluster.model.model import Model, Variable
from sdcluster.model.view import Connector, Node, Point, View
from sdcluster.view.diagram_shapes import text_width, wrap
from sdcluster.view.layout_positions import GAP, apart, distances, stressed
from sdcluster.words import LANGUAGES

Array = NDArray[np.float64]

COLUMN, ROW = 250.0, 150.0  # pixels between the stocks of a chain, across and down
BESIDE = 8.0  # pixels between the name of a flow and its stock
# Pixels from a stock to the cloud of a flow, and between flows on the same side of the stock.
REACH, STEP = 125.0, 52.0
MOST = 400  # variables; in larger models, only stocks and flows are laid out
OVER = 52.0  # degrees between the pipe and an arrow from a stock to its own flow
BEND = 24.0  # degrees by which opposite arrows between two symbols are bent


def automatic_view(model: Model) -> View:
    """Return a layout of a model's variables; if there are more than `MOST`, only of its stocks and flows."""
    shown = [v for v in model.variables.values() if not v.hidden and v.key not in CONTROLS]
    if len(shown) > MOST:
        shown = [v for v in shown if v.kind in ("stock", "flow")]
    stocks = [v for v in shown if v.kind == "stock"]
    bodies = _chains(
        stocks, {v.key: v for v in shown}, {v.key: _half_width(model, v) for v in shown}
    )
    placed = {key for body in bodies for key in body.keys}
    bodies += [_single(model, v) for v in shown if v.key not in placed]
    links = list(dict.fromkeys([*_keyed(model), *_starts(shown)]))
    _arrange(bodies, links)
    return _as_view(model, bodies, links)


def causal_view(model: Model, parts: Sequence[Sequence[str]]) -> View:
    """Return a layout of a model's causal-loop diagram.

    Parameters
    ----------
    model : Model
    parts : sequence of sequences of str
        The keys of the variables in each strongly connected component of the causal graph.
    """
    part = {key: i for i, keys in enumerate(parts) for key in keys}
    bodies = [_single(model, v, "word") for v in model.variables.values() if v.key in part]
    links = [(a, b) for a, b in _keyed(model) if a != b and part.get(a) == part.get(b) is not None]
    _arrange(bodies, links)
    words = tuple(Node(b.keys[0], "word", _point(b.centre)) for b in bodies)
    connectors = tuple(_bowed(words_by(words), a, b) for a, b in links)
    return View(others=words, connectors=connectors)


def words_by(nodes: Sequence[Node]) -> dict[str, Point]:
    """Return the position of each node, by the node's name."""
    return {node.name: node.position for node in nodes}


def _keyed(model: Model) -> list[tuple[str, str]]:
    keys = {v.name: v.key for v in model.variables.values() if not v.hidden}
    return [(keys[a], keys[b]) for a, b, _ in signed_links(model) if a in keys and b in keys]


def _starts(shown: Sequence[Variable]) -> list[tuple[str, str]]:
    """Return the links from variables to the stocks whose initial values use these variables."""
    starts = [(e.initial, v.key) for v in shown for e in v.equations if e.initial is not None]
    return [(cause, key) for start, key in starts for cause in references(start)]


# Bodies: groups of symbols that move together


@dataclass
class _Body:
    """Symbols that move together, such as a chain of stocks and flows.

    `offsets` are the positions relative to the centre, and `half` is half the width and height including names.
    """

    keys: list[str]
    offsets: Array  # shape (symbols, 2)
    half: Array  # shape (2,)
    nodes: list[Node]  # with positions around the origin
    centre: Array


def _single(model: Model, variable: Variable, kind: str = "aux") -> _Body:
    most = max(len(_lines(model, variable, language)) for language in LANGUAGES)
    # The name is drawn below its symbol and adds to the height of the body.
    height = 8.0 * most + (0 if kind == "word" else 22)
    if variable.kind == "flow" and kind != "word":
        kind = "flow"
    node = Node(variable.key, kind, (0.0, 0.0))
    half = np.array([_half_width(model, variable) + 4, height])
    return _Body([variable.key], np.zeros((1, 2)), half, [node], np.zeros(2))


def _lines(model: Model, variable: Variable, language: str) -> list[str]:
    return wrap(model.label(variable.name, language), language)


def _half_width(model: Model, variable: Variable) -> float:
    """Return half the width of a variable's name in the language in which it is widest."""
    lines = [line for language in LANGUAGES for line in _lines(model, variable, language)]
    return max(map(text_width, lines)) / 2


def _chains(
    stocks: Sequence[Variable], known: dict[str, Variable], widths: dict[str, float]
) -> list[_Body]:
    """Return a body for each set of stocks that are connected by flows."""
    drains, fills = _by_flow(stocks, "outflows"), _by_flow(stocks, "inflows")
    between = {f: (drains[f], fills[f]) for f in drains if f in fills and f in known}
    neighbours: dict[str, list[str]] = {s.key: [] for s in stocks}
    for one, other in between.values():
        neighbours[one].append(other)
        neighbours[other].append(one)
    bodies, done = [], set()
    for stock in stocks:
        if stock.key in done:
            continue
        chain, queue = [stock.key], deque([stock.key])
        done.add(stock.key)
        while queue:
            for other in neighbours[queue.popleft()]:
                if other not in done:
                    done.add(other)
                    chain.append(other)
                    queue.append(other)
        inside = {f: ends for f, ends in between.items() if ends[0] in chain}
        bodies.append(_chain([known[k] for k in chain], inside, known, widths))
    return bodies


def _by_flow(stocks: Sequence[Variable], side: str) -> dict[str, str]:
    return {flow: stock.key for stock in stocks for flow in getattr(stock, side)}


def _chain(
    stocks: Sequence[Variable],
    between: dict[str, tuple[str, str]],
    known: dict[str, Variable],
    widths: dict[str, float],
) -> _Body:
    """Return a body with a chain of stocks in columns.

    Flows between neighbouring columns are short pipes between the stocks; other flows run below the stocks.
    """
    spots = _spots([s.key for s in stocks], list(between.values()))
    # Columns are so wide that the name of a flow fits between two stocks.
    widest = max(_stock_half(widths[s.key]) for s in stocks)
    column_width = max(COLUMN, 2 * (widest + max((widths[f] for f in between), default=0) + BESIDE))
    places = {key: (column_width * column, ROW * row) for key, (column, row) in spots.items()}
    nodes = [Node(key, "stock", place) for key, place in places.items()]
    taken: set[tuple[str, str]] = set()
    detours = 0
    for flow, (source, target) in between.items():
        (x0, y0), (x1, y1) = places[source], places[target]
        (c0, r0), (c1, r1) = spots[source], spots[target]
        if c1 == c0 + 1 and (source, "right") not in taken and (target, "left") not in taken:
            taken |= {(source, "right"), (target, "left")}
            middle = (x0 + x1) / 2
            points: tuple[Point, ...] = ((x0, y0), (x1, y1))
            if r0 != r1:
                points = ((x0, y0), (middle, y0), (middle, y1), (x1, y1))
            valve = (middle, (y0 + y1) / 2)
        else:
            below = max(y for _, y in places.values()) + 85 + 60 * detours
            x0, x1 = x0 - 12 - 8 * detours, x1 + 12 + 8 * detours
            detours += 1
            points = ((x0, y0), (x0, below), (x1, below), (x1, y1))
            valve = ((x0 + x1) / 2, below)
        nodes.append(Node(flow, "flow", valve, points=points))
    for stock in stocks:
        nodes += _open_flows(stock, places[stock.key], between, taken, known, widths)
    return _body_of(nodes)


def _open_flows(
    stock: Variable,
    place: Point,
    between: dict[str, tuple[str, str]],
    taken: set[tuple[str, str]],
    known: dict[str, Variable],
    widths: dict[str, float],
) -> list[Node]:
    """Return the symbols of a stock's flows from and to clouds.

    The first inflow is at the left side of the stock and the first outflow at the right side, if these are free.
    Further inflows are above the stock, and further outflows below.
    """
    x, y = place
    nodes = []
    for flows, side, sign in ((stock.inflows, "left", -1), (stock.outflows, "right", 1)):
        own = [f for f in dict.fromkeys(flows) if f in known and f not in between]
        upright = 0
        for flow in own:
            if (stock.key, side) not in taken:
                taken.add((stock.key, side))
                out = _stock_half(widths[stock.key]) + max(widths[flow] + BESIDE, 40)
                far, valve = (x + sign * (out + 48), y), (x + sign * out, y)
                near = place
            else:
                # Further flows are placed alternately right and left of the middle, inflows above and outflows below.
                across = x + (-1) ** upright * STEP * ((upright + 1) // 2)
                upright += 1
                near = (max(x - 30, min(x + 30, across)), y)
                level = y + sign * REACH * 0.75
                far, valve = (near[0], level), (near[0], y + sign * REACH * 0.45)
                if near[0] != across:
                    nodes.append(_cornered(flow, near, across - x, level, sign))
                    continue
            points = (far, valve, near) if sign < 0 else (near, valve, far)
            side_of_name = "bottom" if far[1] == y else "right"
            nodes.append(Node(flow, "flow", valve, label_side=side_of_name, points=points))
    return nodes


def _cornered(flow: str, near: Point, aside: float, level: float, sign: int) -> Node:
    """Return the symbol of a flow whose pipe is horizontal above or below the stock, and then turns to the stock."""
    way = math.copysign(1, aside)
    far, corner = (near[0] + 120 * way, level), (near[0], level)
    points = (far, corner, near) if sign < 0 else (near, corner, far)
    return Node(flow, "flow", (near[0] + 60 * way, level), points=points)


def _spots(keys: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """Return column and row of each stock, by key.

    The column is the number of flows on the way from a first stock of the chain.
    """
    after: dict[str, list[str]] = {key: [] for key in keys}
    before = dict.fromkeys(keys, 0)
    for one, other in pairs:
        if one != other and other not in after[one]:
            after[one].append(other)
            before[other] += 1
    column: dict[str, int] = {}
    for start in sorted(keys, key=lambda key: before[key]):
        if start in column:
            continue
        column[start] = 0
        queue = deque([start])
        while queue:
            key = queue.popleft()
            for other in after[key]:
                if other not in column:
                    column[other] = column[key] + 1
                    queue.append(other)
    rows: dict[int, int] = {}
    spots = {}
    for key in keys:
        spots[key] = column[key], rows.get(column[key], 0)
        rows[column[key]] = spots[key][1] + 1
    return spots


def _stock_half(name: float) -> float:
    """Return half the width of a stock's box, given half the width of its name."""
    return max(39.0, name * 1.12 + 9)


def _body_of(nodes: list[Node]) -> _Body:
    # Half the size of a stock with its name, or of a valve with its name below.
    reach = {"stock": (62.0, 30.0), "flow": (58.0, 48.0)}
    spots = [(n.position, reach[n.kind]) for n in nodes]
    spots += [(p, (18.0, 18.0)) for n in nodes for p in n.points]
    corners = np.array([[(x - w, y - h), (x + w, y + h)] for (x, y), (w, h) in spots])
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    middle = (low + high) / 2
    offsets = np.array([n.position for n in nodes]) - middle
    moved = [_moved(n, -middle) for n in nodes]
    return _Body([n.name for n in nodes], offsets, (high - low) / 2, moved, np.zeros(2))


# Positions


def _arrange(bodies: Sequence[_Body], links: Sequence[tuple[str, str]]) -> None:
    """Set the centres of the bodies so that linked bodies are near each other and no bodies overlap."""
    if not bodies:
        return
    number = {key: (i, j) for i, body in enumerate(bodies) for j, key in enumerate(body.keys)}
    joined: list[set[int]] = [set() for _ in bodies]
    for a, b in links:
        if a in number and b in number and number[a][0] != number[b][0]:
            joined[number[a][0]].add(number[b][0])
            joined[number[b][0]].add(number[a][0])
    groups = _components(joined)
    for group in groups:
        _place(bodies, group, joined)
    _pack(bodies, groups)


def _place(bodies: Sequence[_Body], group: Sequence[int], joined: Sequence[set[int]]) -> None:
    place = {body: i for i, body in enumerate(group)}
    inside = [[place[j] for j in sorted(joined[i])] for i in group]
    half = np.array([bodies[i].half for i in group])
    spots = stressed(distances(inside, half))
    spots = apart(spots, half)
    for i, spot in zip(group, spots, strict=True):
        bodies[i].centre = spot


def _components(joined: Sequence[set[int]]) -> list[list[int]]:
    done: set[int] = set()
    groups = []
    for start in range(len(joined)):
        if start in done:
            continue
        group, queue = [], deque([start])
        done.add(start)
        while queue:
            here = queue.popleft()
            group.append(here)
            for other in sorted(joined[here] - done):
                done.add(other)
                queue.append(other)
        groups.append(sorted(group))
    return sorted(groups, key=len, reverse=True)


def _pack(bodies: Sequence[_Body], groups: Sequence[Sequence[int]]) -> None:
    """Arrange the unconnected parts of the diagram side by side, in rows at least as wide as the largest part."""
    boxes = []
    for group in groups:
        low = np.min([bodies[i].centre - bodies[i].half for i in group], axis=0)
        high = np.max([bodies[i].centre + bodies[i].half for i in group], axis=0)
        boxes.append((low, high - low))
    area = sum(float(size[0] * size[1]) for _, size in boxes)
    width = max(float(boxes[0][1][0]), 1.5 * math.sqrt(area))
    x = y = tallest = 0.0
    for group, (low, size) in zip(groups, boxes, strict=True):
        if x and x + size[0] > width:
            x, y, tallest = 0.0, y + tallest + 3 * GAP, 0.0
        for i in group:
            bodies[i].centre = bodies[i].centre - low + np.array([x, y])
        x, tallest = x + float(size[0]) + 3 * GAP, max(tallest, float(size[1]))


# The finished view


def _as_view(model: Model, bodies: Sequence[_Body], links: Sequence[tuple[str, str]]) -> View:
    nodes = [_moved(n, body.centre) for body in bodies for n in body.nodes]
    where = words_by(nodes)
    fills = {(f, s.key) for s in model.stocks for f in (*s.inflows, *s.outflows)}
    shown = [(a, b) for a, b in links if a in where and b in where and (a, b) not in fills]
    pairs = set(shown)
    connectors = tuple(
        _over(where, a, b)
        if (b, a) in fills
        else _bowed(where, a, b)
        if (b, a) in pairs
        else Connector(a, b)
        for a, b in shown
    )
    return View(
        tuple(n for n in nodes if n.kind == "stock"),
        tuple(n for n in nodes if n.kind == "flow"),
        tuple(n for n in nodes if n.kind == "aux"),
        (),
        connectors,
    )


def _bowed(where: dict[str, Point], source: str, target: str) -> Connector:
    (x0, y0), (x1, y1) = where[source], where[target]
    return Connector(source, target, math.degrees(math.atan2(y0 - y1, x1 - x0)) + BEND)


def _over(where: dict[str, Point], source: str, target: str) -> Connector:
    """Return an arrow from a stock to one of its flows, bowed above the pipe between them."""
    aside = where[target][0] - where[source][0]
    return Connector(source, target, OVER if aside > 0 else 180 - OVER)


def _moved(node: Node, by: Array) -> Node:
    def far(point: Point) -> Point:
        return point[0] + float(by[0]), point[1] + float(by[1])

    return Node(
        node.name,
        node.kind,
        far(node.position),
        node.size,
        node.label_side,
        tuple(map(far, node.points)),
    )


def _point(spot: Array) -> Point:
    return float(spot[0]), float(spot[1])
