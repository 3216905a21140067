"""The layout of a model's stock-and-flow views: positions of symbols, arrows and texts; `sdcluster.view` draws them."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """A stock, auxiliary, flow valve, alias or module symbol.

    Parameters
    ----------
    name : str
        Canonical name of the variable.
    kind : str
        Kind of symbol: ``stock``, ``flow``, ``aux``, ``alias`` or ``module``.
    position : tuple of float
        Centre, in pixels.
    size : tuple of float or None
        Width and height, if given in the file.
    label_side : str
        Position of the name relative to the symbol: ``top``, ``bottom``, ``left``, ``right`` or ``center``.
    points : tuple of tuple of float
        Points along a flow's pipe; empty for other symbols.
    text : str
        The name of a module as written in the file; empty for variables.
    hidden : bool
        Whether the file marks the symbol as hidden.
    """

    name: str
    kind: str
    position: Point
    size: Point | None = None
    label_side: str = "bottom"
    points: tuple[Point, ...] = ()
    text: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Connector:
    """A causal arrow between two named nodes.

    Parameters
    ----------
    source, target : str
        Canonical names.
    angle : float or None
        Angle at the source, in degrees counter-clockwise.
    points : tuple of tuple of float
        Intermediate points of the arrow.
    start : tuple of float or None
        Position of the symbol where the arrow starts, because a variable can have several symbols.
    hidden : bool
        Whether the file marks the arrow as hidden.
    """

    source: str
    target: str
    angle: float | None = None
    points: tuple[Point, ...] = ()
    start: Point | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A text in a view. If it has a `size`, it is the title of a group, which is drawn as a box of that size."""

    text: str
    position: Point
    size: Point | None = None

    @property
    def titles(self) -> dict[str, str]:
        """The text by language code. A bilingual text such as ``Knowledge · 知识`` is split into its two languages."""
        parts = [part.strip() for part in self.text.split("·")]
        chinese = [p for p in parts if any("\u4e00" <= c <= "\u9fff" for c in p)]
        others = [p for p in parts if p not in chinese]
        both = " · ".join(parts)
        return {"en": " · ".join(others) or both, "zh": " · ".join(chinese) or both}


@dataclass(frozen=True, slots=True)
class View:
    """One view: symbols, arrows and texts in the order of the file.

    Parameters
    ----------
    stocks, flows, auxiliaries, others : tuple of Node
        Symbols; `others` are aliases and modules.
    connectors : tuple of Connector
    labels : tuple of Label
    title : str
        Name of the view, or of the module that it shows; empty if the file does not name it.
    """

    stocks: tuple[Node, ...] = ()
    flows: tuple[Node, ...] = ()
    auxiliaries: tuple[Node, ...] = ()
    others: tuple[Node, ...] = ()
    connectors: tuple[Connector, ...] = ()
    labels: tuple[Label, ...] = ()
    title: str = ""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All symbols of the view."""
        return self.stocks + self.flows + self.auxiliaries + self.others

    @property
    def clouds(self) -> tuple[Point, ...]:
        """Positions of the clouds: ends of a flow's pipe at which there is no stock."""
        ends = [p for flow in self.flows if flow.points for p in (flow.points[0], flow.points[-1])]
        return tuple(p for p in ends if not any(_touches(p, stock) for stock in self.stocks))


def _touches(point: Point, stock: Node, margin: float = 4.0) -> bool:
    width, height = stock.size or (45.0, 35.0)
    return (
        abs(point[0] - stock.position[0]) <= width / 2 + margin
        and abs(point[1] - stock.position[1]) <= height / 2 + margin
    )
