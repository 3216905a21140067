"""Draw the stock-and-flow diagram of a model, from the view in the model's file, as SVG.

`diagram_svg` takes a `Model` with a view and returns an SVG text that needs no scripts, fonts or other files. All text
from the model's file is escaped. Stocks are boxes, flows pipes with valves and clouds, auxiliaries circles, and
constants dots. Levers, the constants that a policy can change, are amber knobs. Arrays are stacked symbols. A name in
italics is a ghost: a second symbol of a variable, close to where the variable is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from xml.sax.saxutils import quoteattr

from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, message, quoted
from sdcluster.model.model import Model, Variable
from sdcluster.model.names import canonical
from sdcluster.model.view import Connector, Label, Node, View
from sdcluster.view.diagram_arrows import arrow
from sdcluster.view.diagram_geometry import CLOUD, Geometry
from sdcluster.view.diagram_shapes import (
    ACCENT,
    ACCENT_INK,
    FONT,
    INK,
    LEVER_EDGE,
    PAPER,
    QUIET,
    QUIET_INK,
    Box,
    circle,
    cloud,
    dot,
    escape,
    knob,
    label,
    module,
    pipe,
    stack,
    stock,
    valve,
)

_MARGIN = 24.0
ELEMENTS_TOLD = 12


def diagram_svg(
    model: Model,
    language: str = "en",
    highlight: Collection[str] | None = None,
    *,
    influences: Collection[tuple[str, str]] | None = None,
    area: str | None = None,
    constants: bool = True,
    links: Mapping[str, str] | None = None,
    tight: bool = False,
    view: int = 0,
) -> str:
    """Draw one of the model's stock-and-flow views.

    Parameters
    ----------
    model : Model
        Read from a file that has a laid-out view.
    language : str
        Language of the names and tooltips. A variable without a translation has the name in the model.
    highlight : collection of str or None
        Variables to draw in the accent colour, with the influences between them.
    influences : collection of (str, str) or None
        If given, draw only these influences (pairs of cause and effect), such as the links of a loop.
    area : str or None
        If given, draw only the group of the view whose title begins with this text.
    constants : bool
        Whether to show constants other than levers.
    links : mapping of str to str or None
        The address to which the symbol of a variable links, by the variable's canonical name.
    tight : bool
        Whether to crop the area to its content, so that the diagram can be larger on the page.
    view : int
        The index of the view to draw, from 0.

    Returns
    -------
    str
        An ``<svg>`` element with ``viewBox``, width and height in pixels.

    Raises
    ------
    ModelError
        If the file has no view, or if there is no such area or variable.
    """
    if not model.views:
        raise ModelError(
            message("view.model_no_laid_out", model=model.name),
            file=model.path,
        )
    marked = frozenset(model[name].key for name in highlight or ())
    lit = None
    if influences is not None:
        lit = frozenset((model[a].key, model[b].key) for a, b in influences)
    drawing = _Drawing(
        model, model.views[view], language, marked, lit, area, constants, links or {}
    )
    if tight:
        drawing.tighten()
    return drawing.svg()


class _Drawing:
    def __init__(
        self,
        model: Model,
        view: View,
        language: str,
        marked: frozenset[str],
        lit: frozenset[tuple[str, str]] | None,
        area: str | None,
        constants: bool,
        links: Mapping[str, str],
    ) -> None:
        self.links = links
        self.model, self.view, self.language = model, view, language
        self.marked, self.lit = marked, lit
        self.frame = self.find_area(area) if area else None
        self.geometry = Geometry(model, view, language, area=self.frame, constants=constants)
        self.view, self.frame, self.nodes = (
            self.geometry.view,
            self.geometry.area,
            self.geometry.nodes,
        )
        self.groups = [
            g for g in self.view.labels if g.size and (self.frame is None or g is self.frame)
        ]
        self.boxes, self.names = self.geometry.boxes, self.geometry.names
        # A ghost is highlighted only if an influence of the loop begins at it.
        joined = [self.geometry.ends(c) for c in self.view.connectors if self.is_marked(c)]
        self.lit_ghosts = {id(ends[0]) for ends in joined if ends}

    def tighten(self) -> None:
        """Shrink the frame of the area to its symbols, names and pipes, with space for the title above."""
        if self.frame is None or not self.nodes:
            return
        xs, ys = self.extent()
        for x, y in (point for node in self.nodes for point in node.points):
            xs += [x - 24, x + 24]
            ys += [y - 16, y + 16]
        left, top = min(xs), min(ys) - 36
        size = (max(xs) - left, max(ys) - top)
        self.frame = replace(self.frame, position=(left, top), size=size)
        self.groups = [self.frame]

    def find_area(self, title: str) -> Label:
        wanted = canonical(title)
        groups = [g for g in self.view.labels if g.size]
        for group in groups:
            if canonical(group.text).startswith(wanted):
                return group
        names = comma_separated([quoted(g.text) for g in groups]) or "—"
        raise ModelError(
            message("view.view_no_area_areas", model=self.model.name, title=title, names=names),
            file=self.model.path,
        )

    # The parts of the diagram, from back to front

    def svg(self) -> str:
        parts = [*self.backgrounds(), *self.arrows(), *self.pipes()]
        parts += [shape for node in self.nodes for shape in self.symbol(node)]
        left, top, width, height = self.bounds()
        title = f"{self.model.name}: stock-and-flow diagram"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} '
            f'viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" font-family="{FONT}" font-size="12">'
            f"<title>{escape(title)}</title>"
            f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" '
            f'fill="{PAPER}"/>' + "".join(parts) + "</svg>"
        )

    def bounds(self) -> tuple[float, float, float, float]:
        xs, ys = self.extent()
        for group in self.groups:
            width, height = group.size or (0.0, 0.0)
            xs += [group.position[0], group.position[0] + width]
            ys += [group.position[1], group.position[1] + height]
        if self.frame is not None:
            xs, ys = xs[-2:], ys[-2:]
        left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
        return left, top, max(xs) + _MARGIN - left, max(ys) + _MARGIN - top

    def extent(self) -> tuple[list[float], list[float]]:
        """Return the x coordinates, and the y coordinates, that the drawing must include for all symbols and names."""
        xs, ys = [], []
        for box in self.boxes.values():
            xs += [box.x - box.half_width - 50, box.x + box.half_width + 50]
            ys += [box.y - box.half_height - 12, box.y + box.half_height + 34]
        for x, y in (end for node in self.nodes for end in self.geometry.clouds(node)):
            xs += [x - CLOUD, x + CLOUD]
            ys += [y - CLOUD, y + CLOUD]
        for name in filter(None, self.names.values()):
            xs += [name.x - name.half_width, name.x + name.half_width]
            ys += [name.y - name.half_height, name.y + name.half_height]
        return xs, ys

    def backgrounds(self) -> list[str]:
        parts = []
        for group in self.groups:
            (x, y), (width, height) = group.position, group.size or (0.0, 0.0)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="14" '
                f'fill="#f4f6f8" stroke="#d5dbe1"/>'
                f'<text x="{x + 16:.1f}" y="{y + 26:.1f}" font-size="17" font-weight="600" '
                f'fill="{QUIET_INK}">{escape(group.titles.get(self.language, group.text))}</text>'
            )
        return parts

    def arrows(self) -> list[str]:
        ordered = sorted(self.view.connectors, key=self.is_marked)
        return [shape for connector in ordered for shape in self.connector(connector)]

    def is_marked(self, connector: Connector) -> bool:
        if self.lit is not None:
            return (connector.source, connector.target) in self.lit
        return connector.source in self.marked and connector.target in self.marked

    def is_lit(self, node: Node) -> bool:
        if self.lit is not None and node.kind == "alias":
            return id(node) in self.lit_ghosts
        return node.name in self.marked

    def connector(self, connector: Connector) -> list[str]:
        ends = self.geometry.ends(connector)
        if ends is None:
            return []
        marked = self.is_marked(connector)
        variable = self.model.variables.get(connector.source)  # None for a module
        colour = LEVER_EDGE if variable and variable.lever else "#5f7488"
        if variable and variable.kind == "constant" and not variable.lever:
            colour = QUIET
        if marked:
            colour = ACCENT
        return [arrow(self.geometry.curve(connector, ends), colour, 2.2 if marked else 1.1)]

    def pipes(self) -> list[str]:
        parts = []
        for node in self.nodes:
            course = self.geometry.pipe(node)
            if course:
                parts.append(pipe(course, ACCENT if node.name in self.marked else INK))
                parts += [cloud(*end) for end in self.geometry.clouds(node)]
        return parts

    def symbol(self, node: Node) -> list[str]:
        if node.kind == "module":
            return [module(self.boxes[id(node)], self.geometry.lines[id(node)])]
        variable = self.model.variables[node.name]
        lines = self.geometry.lines[id(node)]
        box = self.boxes[id(node)]
        colour, ink = (ACCENT, ACCENT_INK) if self.is_lit(node) else (None, None)
        if node.kind == "stock":
            shapes = [stock(box, lines, colour)]
        elif node.kind == "alias":
            shapes = [label(box.x, box.y, lines, "center", ink or QUIET_INK, italic=True)]
        elif node.kind == "word":
            shapes = [label(box.x, box.y, lines, "center", ink or INK)]
        elif node.kind == "flow":
            shapes = [valve(box, colour), *self.caption(node, box, lines, ink or INK)]
        elif variable.lever:
            shapes = [knob(box, colour), *self.caption(node, box, lines, ink or INK, bold=True)]
        elif variable.kind == "constant":
            shapes = [dot(box, colour), *self.caption(node, box, lines, ink or QUIET_INK)]
        else:
            shapes = [circle(box, colour), *self.caption(node, box, lines, ink or INK)]
        if variable.dimensions and node.kind != "alias":
            shapes.insert(0, stack(box))
        group = [
            f"<g data-name={quoteattr(variable.name)}><title>{self.tooltip(variable)}</title>",
            *shapes,
            "</g>",
        ]
        if variable.key in self.links:
            return [f"<a href={quoteattr(self.links[variable.key])}>", *group, "</a>"]
        return group

    def caption(
        self, node: Node, box: Box, lines: list[str], colour: str, bold: bool = False
    ) -> list[str]:
        side = self.geometry.sides[id(node)]
        return [label(box.x, box.y, lines, side, colour, box.half_height, bold=bold)]

    def tooltip(self, variable: Variable) -> str:
        name = self.model.label(variable.name, self.language)
        doc = self.model.doc_of(variable.name, self.language)
        unit = f" [{variable.units}]" if variable.units else ""
        kinds = "".join(f"\n{line}" for line in self.kinds(variable))
        return escape(f"{name}{unit}\n{doc}{kinds}".strip())

    def kinds(self, variable: Variable) -> list[str]:
        """Return a line for each dimension of an array, with the names of its elements in the diagram's language."""
        known = self.model.subscripts.dimensions
        lines = []
        for axis in variable.dimensions:
            names = [
                known[axis].labels.get(e, {}).get(self.language, self.model.spelled(e))
                for e in known[axis].elements
            ]
            shown = names[:ELEMENTS_TOLD] + (["…"] if len(names) > ELEMENTS_TOLD else [])
            lines.append(f"{self.model.spelled(axis)}: {', '.join(shown)}")
        return lines
