"""The parts of equations in an XMILE file that can be replaced, and their positions in the text.

`editable(file, data)` returns an `EditableText`. Modules that use the same model share its equations. Connected inputs,
macros, and modules in separate files cannot be edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape

from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.names import canonical, display
from sdcluster.read.side import Edit, EditableText, Kind, Side
from sdcluster.read.tables.external import ExternalFiles
from sdcluster.read.xmile.document import Document, content
from sdcluster.read.xmile.linked import link
from sdcluster.read.xmile.modules import definitions, main_model
from sdcluster.read.xmile.xml import local_name, parsed_text

_TAG = re.compile(r"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_POINT = re.compile(rf"\(\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*\)")
_WINDOW = re.compile(r"\s*\[[^\]]*\]\s*,?")
_FLOW = re.compile(r'\s*([+-]?)\s*("(?:\\"|[^"])+"|[^+\-*/()"]+?)\s*(?=[+-]|\Z)')
_FLOWS = ("inflow", "outflow")
_KEEPERS = ("conveyor", "queue", "oven")


@dataclass(frozen=True)
class _Place:
    """Positions of an XML element in the text: its start, the start and end of its content, and its end."""

    start: int
    inner: int
    inner_end: int
    end: int


def editable(file: Path, data: bytes) -> EditableText:
    """Return the text of a file with its replaceable parts."""
    root, _, source = parsed_text(file, data)
    nodes = list(root.iter())
    found = _places(source.text)
    places = dict(zip(nodes, found, strict=True)) if len(nodes) == len(found) else {}
    linked = link(file, root, ExternalFiles(file))
    document = Document(file, root, linked)
    models = root.findall(document.tag("model"))
    shared: dict[etree._Element, list[str]] = {}
    for key, definition in definitions(models, document.tag, document.fail, linked.roots).items():
        if not definition.source and definition.node in places:
            shared.setdefault(definition.node, []).append(key)
    main = main_model(models)
    sides: list[Side] = []
    for node, keys in shared.items():
        model = next(n for n in node.iterancestors() if local_name(n) == "model")
        prefix = "" if model is main else f"{display(model.get('name', ''))}."
        name = f"{prefix}{display(node.get('name', ''))}"
        sides += _Variable(source.text, places, tuple(keys), node, name).sides()
    return EditableText(source.text, source.encoding, tuple(sides), source.mark, escaped=True)


@dataclass(frozen=True)
class _Variable:
    """The XML element of a variable, with the parts of it that can be replaced."""

    text: str
    places: Mapping[etree._Element, _Place]
    keys: tuple[str, ...]
    node: etree._Element
    name: str

    def sides(self) -> Iterator[Side]:
        parts = [self.node, *_children(self.node, "element")]
        stock = local_name(self.node) == "stock"
        for part in parts:
            inside = part.get("subscript")
            left = f"{self.name}[{inside}]" if inside else self.name
            equations = _children(part, "eqn")
            if len(equations) == 1 and content(equations[0]):
                if stock:
                    yield self.side(f"{left} (0)", "initial", equations[0])
                else:
                    yield self.side(left, "equation", equations[0], whole=part is self.node)
            graph = part if local_name(part) == "gf" else next(iter(_children(part, "gf")), None)
            points = None if graph is None else _points(graph)
            if graph is not None and points:
                yield self.points(f"{left}(·)", graph, points)
        if stock and not any(local_name(child) in _KEEPERS for child in self.node):
            yield from self.net()

    def side(self, left: str, kind: Kind, node: etree._Element, whole: bool = False) -> Side:
        place = self.places[node]
        there = self.text[place.inner : place.inner_end]
        begin = place.inner + len(there) - len(there.lstrip())
        end = max(begin, place.inner_end - len(there) + len(there.rstrip()))

        def replaced(new: str) -> list[Edit]:
            return [(begin, end, _escaped(new))]

        def element(texts: Mapping[str, str]) -> list[Edit]:
            added = "".join(
                f'<element subscript="{escape(subscripts, {chr(34): "&quot;"})}"><eqn>{_escaped(new)}</eqn></element>'
                for subscripts, new in texts.items()
            )
            return [(place.end, place.end, added)]

        array = whole and bool(_children(self.node, "dimensions"))
        right = content(node)
        return Side(self.keys, left, right, kind, replaced, element if array else None)

    def points(self, left: str, graph: etree._Element, points: list[tuple[str, str]]) -> Side:
        place = self.places[graph]
        inner = self.text[place.inner : place.inner_end]

        def replaced(new: str) -> list[Edit]:
            return [(place.inner, place.inner_end, _with_points(inner, _read_points(new, left)))]

        right = ", ".join(f"({x}, {y})" for x, y in points)
        return Side(self.keys, left, right, "points", replaced)

    def net(self) -> Iterator[Side]:
        """Yield the sum of a stock's flows as a replaceable part.

        If other XML elements are between the flows, the sum cannot be edited, and nothing is yielded.
        """
        own = [n for n in self.node if isinstance(n.tag, str)]
        flows = [i for i, n in enumerate(own) if local_name(n) in _FLOWS]
        if any(b != a + 1 for a, b in pairwise(flows)):
            return
        signed = [("+" if local_name(own[i]) == "inflow" else "-", own[i]) for i in flows]
        known = {
            (sign, canonical(content(n))): self.text[self.places[n].start : self.places[n].end]
            for sign, n in signed
        }
        if signed:
            first, last = self.places[signed[0][1]], self.places[signed[-1][1]]
            begin, end = first.start, last.end
            second = self.places[signed[1][1]].start if len(signed) > 1 else first.end
            between = self.text[first.end : second] if len(signed) > 1 else ""
        else:
            equation = next(iter(_children(self.node, "eqn")), None)
            if equation is None:
                return
            begin = end = self.places[equation].end
            between = ""

        def replaced(new: str) -> list[Edit]:
            made = [
                known.get((sign, canonical(name))) or f"<{_tag(sign)}>{escape(name)}</{_tag(sign)}>"
                for sign, name in _read_flows(new, self.name)
            ]
            return [(begin, end, between.join(made))]

        right = " ".join(f"{sign} {_named(content(n))}" for sign, n in signed)
        yield Side(
            self.keys, f"d {self.name} / dt", right.removeprefix("+ ") or "0", "net", replaced
        )


def _named(name: str) -> str:
    """Return a name, in quotes if any of its characters could be read as an operator."""
    return f'"{name}"' if re.search(r"[+\-*/()]", name) and '"' not in name else name


def _tag(sign: str) -> str:
    return _FLOWS[sign == "-"]


def _children(node: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in node if local_name(child) == name]


def _escaped(text: str) -> str:
    return escape("".join(c for c in text.strip() if c.isprintable() or c.isspace()))


def _read_flows(text: str, stock: str) -> list[tuple[str, str]]:
    """Return the sign and the name of each flow in a sum such as ``births - deaths``."""
    found, where = [], 0
    if text.strip() == "0":
        return []
    while where < len(text.rstrip()):
        flow = _FLOW.match(text, where)
        if flow is None or (where and not flow.group(1)):
            raise ModelError(
                message("read.xmile.xmile_net_flow_stock"),
                variable=stock,
            )
        found.append((flow.group(1) or "+", flow.group(2).strip()))
        where = flow.end()
    return found


def _points(graph: etree._Element) -> list[tuple[str, str]]:
    """Return the points of a graphical function as pairs of texts. The result is empty if they cannot be read."""
    named = {local_name(child): child for child in graph}
    ys = _numbers(named.get("ypts"))
    xs = _numbers(named.get("xpts"))
    scale = named.get("xscale")
    if not xs and scale is not None:
        try:
            low, high = float(scale.get("min", "")), float(scale.get("max", ""))
        except ValueError:
            return []
        xs = [f"{low + (high - low) * i / max(len(ys) - 1, 1):.12g}" for i in range(len(ys))]
    return list(zip(xs, ys, strict=True)) if len(xs) == len(ys) else []


def _numbers(node: etree._Element | None) -> list[str]:
    if node is None:
        return []
    found = (content(node).replace(node.get("sep") or ",", " ")).replace(",", " ").split()
    return found if all(re.fullmatch(_NUMBER, text) for text in found) else []


def _read_points(text: str, left: str) -> list[tuple[str, str]]:
    plain = _WINDOW.sub("", text, count=1) if text.lstrip().startswith("[") else text
    points = [(m.group(1), m.group(2)) for m in _POINT.finditer(plain)]
    if len(points) < 2 or _POINT.sub("", plain).replace(",", "").replace(";", "").strip():
        raise ModelError(
            message("read.xmile.points_cannot_read_write"),
            variable=left.removesuffix("(·)"),
        )
    return points


def _with_points(inner: str, points: list[tuple[str, str]]) -> str:
    """Return the content of a ``<gf>`` with new points.

    The x scale is kept if the points are evenly spaced along it.
    """
    xs, ys = ([point[i] for point in points] for i in (0, 1))
    written = re.search(r"<((?:\w+:)?)ypts\b[^>]*>[^<]*</\1ypts>", inner)
    assert written is not None
    prefix = written.group(1)
    own = re.search(rf"<{prefix}xpts\b[^>]*>[^<]*</{prefix}xpts>", inner)
    made = f"<{prefix}ypts>{','.join(ys)}</{prefix}ypts>"
    if own or not _on_scale(inner, prefix, xs):
        places = f"<{prefix}xpts>{','.join(xs)}</{prefix}xpts>"
        made = made if own else f"{places}{made}"  # the standard puts x before y
    inner = f"{inner[: written.start()]}{made}{inner[written.end() :]}"
    if own:
        inner = inner.replace(own.group(), places, 1)
    else:
        ends = f'min="{min(xs, key=float)}" max="{max(xs, key=float)}"'
        inner = re.sub(
            rf"<{prefix}xscale\b[^>]*?(/?)>", rf"<{prefix}xscale {ends}\1>", inner, count=1
        )
    return inner


def _on_scale(inner: str, prefix: str, xs: list[str]) -> bool:
    """Return whether the ``<xscale>`` alone, without ``<xpts>``, gives these x values."""
    scale = re.search(rf"<{prefix}xscale\b[^>]*>", inner)
    ends = (
        [re.search(rf"""\b{end}\s*=\s*["']([^"']*)""", scale.group()) for end in ("min", "max")]
        if scale
        else []
    )
    if not all(ends) or not ends:
        return False
    low, high = (float(end.group(1)) for end in ends if end)
    step = (high - low) / (len(xs) - 1)
    return all(abs(float(x) - low - i * step) <= 1e-9 * abs(high - low) for i, x in enumerate(xs))


def _places(text: str) -> list[_Place]:
    """Return the positions of all XML elements in the text, in document order. The list is empty for invalid XML."""
    data = text.encode()
    events: list[tuple[int, int]] = []  # byte offset of each start tag, and index of its element
    ends: dict[int, int] = {}
    opened: list[int] = []
    parser = expat.ParserCreate("utf-8")

    def start(*_: object) -> None:
        opened.append(len(events))
        events.append((parser.CurrentByteIndex, len(events)))

    def end(_: str) -> None:
        ends[opened.pop()] = parser.CurrentByteIndex

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return []  # the reader corrects some XML errors, but positions are unknown then
    at = _characters(data, [*(byte for byte, _ in events), *ends.values()])
    places = []
    for byte, which in events:
        begin, stop = at[byte], at[ends[which]]
        tag = _TAG.match(text, begin)
        inner = tag.end() if tag else begin
        if ends[which] == byte or (tag and tag.group().endswith("/>")):
            places.append(_Place(begin, inner, inner, inner))
        else:
            places.append(_Place(begin, inner, stop, text.index(">", stop) + 1))
    return places


def _characters(data: bytes, places: list[int]) -> dict[int, int]:
    """Return the character offset for each of the byte offsets `places` in `data`."""
    if data.isascii():
        return {at: at for at in places}
    found, done, count = {}, 0, 0
    for at in sorted(set(places)):
        count += len(data[done:at].decode())
        found[at], done = count, at
    return found
