"""The stock-and-flow view of an XMILE file, as positions.

Crosses the border: `read_view(node, namespace)` gives a `sdcluster.model.View`. Damaged positions are left out rather
than refused: a model without a picture still runs.
"""

from __future__ import annotations

from lxml import etree

from sdcluster.model.names import canonical
from sdcluster.model.view import Connector, Label, Node, Point, View
from sdcluster.read.xml import local_name

_GROUPS = {
    "stock": "stocks",
    "flow": "flows",
    "aux": "auxiliaries",
    "gf": "auxiliaries",
    "alias": "others",
    "module": "others",
}


def read_view(node: etree._Element, namespace: str) -> View:
    """Return the symbols, arrows and texts of one ``<view>``.

    Parameters
    ----------
    node : element
        The ``<view>``.
    namespace : str
        The XMILE namespace of the file, or ``""``.
    """
    prefix = f"{{{namespace}}}" if namespace else ""
    groups: dict[str, list[Node]] = {
        name: [] for name in ("stocks", "flows", "auxiliaries", "others")
    }
    connectors, labels = [], []
    uids = {
        n.get("uid"): canonical(n.get("name", "")) for n in node if n.get("uid") and n.get("name")
    }
    uids |= {
        n.get("uid"): canonical(n.findtext(prefix + "of") or "")
        for n in node
        if n.tag == prefix + "alias"
    }
    for child in node:
        tag = local_name(child)
        position = _point(child)
        if tag == "connector":
            connectors.append(_connector(child, prefix, uids))
        elif position is None:
            continue
        elif tag in _GROUPS:
            name = child.get("name") or child.findtext(prefix + "of") or ""
            groups[_GROUPS[tag]].append(
                Node(
                    canonical(name),
                    tag,
                    position,
                    _size(child),
                    child.get("label_side", "bottom"),
                    _points(child, prefix),
                )
            )
        elif tag in ("text_box", "group", "label"):
            labels.append(
                Label(
                    child.get("name") or "".join(child.itertext()).strip(), position, _size(child)
                )
            )
    return View(
        **{name: tuple(nodes) for name, nodes in groups.items()},
        connectors=tuple(connectors),
        labels=tuple(labels),
    )


def _connector(node: etree._Element, prefix: str, uids: dict[str | None, str]) -> Connector:
    def end(name: str) -> str:
        holder = node.find(prefix + name)
        if holder is None:
            return ""
        alias = holder.find(prefix + "alias")
        if alias is not None:
            return uids.get(alias.get("uid"), "")
        return canonical("".join(holder.itertext()))

    return Connector(end("from"), end("to"), _number(node.get("angle")), _points(node, prefix))


def _points(node: etree._Element, prefix: str) -> tuple[Point, ...]:
    points = (_point(p) for p in node.iterfind(f"{prefix}pts/{prefix}pt"))
    return tuple(p for p in points if p is not None)


def _point(node: etree._Element) -> Point | None:
    x, y = _number(node.get("x")), _number(node.get("y"))
    return None if x is None or y is None else (x, y)


def _size(node: etree._Element) -> Point | None:
    width, height = _number(node.get("width")), _number(node.get("height"))
    return None if width is None or height is None else (width, height)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
