"""Read the positions of symbols in the stock-and-flow views of an XMILE file.

`read_views(main, defined, namespace)` returns `sdcluster.model.View` objects. Symbols with damaged positions are
skipped, because a model can run without a view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from sdcluster.model.names import canonical, display
from sdcluster.model.view import Connector, Label, Node, Point, View
from sdcluster.read.xmile.modules import Definition
from sdcluster.read.xmile.xml import local_name

_GROUPS = {
    "stock": "stocks",
    "flow": "flows",
    "aux": "auxiliaries",
    "gf": "auxiliaries",
    "alias": "others",
    "module": "others",
}


def read_views(
    main: etree._Element, defined: Mapping[str, Definition], namespace: str
) -> tuple[View, ...]:
    """Return the views that contain any symbols: those of the main model, then those of each module.

    Parameters
    ----------
    main : element
        The main ``<model>``.
    defined : mapping of str to Definition
        All variables. Each definition identifies its module.
    namespace : str
        The XMILE namespace of the file, or ``""``.
    """
    prefix = f"{{{namespace}}}" if namespace else ""
    # Variables of the same module share the same mapping `names`, so that its identity identifies the module.
    modules: dict[int, tuple[etree._Element, str, Mapping[str, str]]] = {}
    for one in defined.values():
        if id(one.names) not in modules:
            holder = next((a for a in one.node.iterancestors() if local_name(a) == "model"), main)
            modules[id(one.names)] = (holder, one.name.rpartition(".")[0], one.names)
    own = [entry for entry in modules.values() if entry[0] is main] or [(main, "", {})]
    others = [entry for entry in modules.values() if entry[0] is not main]
    found = []
    for model, title, names in (*own[:1], *others):
        for node in model.iterfind(f"{prefix}views/{prefix}view"):
            if node.get("type", "stock_flow") == "stock_flow":
                found.append(_view(node, prefix, names, node.get("name") or title))
    return tuple(view for view in found if view.nodes)


def _view(node: etree._Element, prefix: str, names: Mapping[str, str], title: str) -> View:
    """Return the symbols, arrows and texts in a ``<view>`` element."""

    def key(name: str | None) -> str:
        local = canonical(name or "")
        return names.get(local, local)

    groups: dict[str, list[Node]] = {
        name: [] for name in ("stocks", "flows", "auxiliaries", "others")
    }
    connectors, labels = [], []
    uids = {n.get("uid"): key(n.get("name")) for n in node if n.get("uid") and n.get("name")}
    uids |= {
        n.get("uid"): key(n.findtext(prefix + "of")) for n in node if n.tag == prefix + "alias"
    }
    places = {n.get("uid"): _point(n) for n in node if n.get("uid")}
    for child in node:
        tag = local_name(child)
        position = _point(child)
        if tag == "connector":
            connectors.append(_connector(child, prefix, uids, places, key))
        elif position is None:
            continue
        elif tag in _GROUPS:
            name = child.get("name") or child.findtext(prefix + "of") or ""
            groups[_GROUPS[tag]].append(
                Node(
                    key(name),
                    tag,
                    position,
                    _size(child),
                    child.get("label_side", "bottom"),
                    _points(child, prefix),
                    display(name) if tag == "module" else "",
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
        title=title,
    )


def _connector(
    node: etree._Element,
    prefix: str,
    uids: Mapping[str | None, str],
    places: Mapping[str | None, Point | None],
    key: Callable[[str | None], str],
) -> Connector:
    def end(name: str) -> str:
        holder = node.find(prefix + name)
        if holder is None:
            return ""
        alias = holder.find(prefix + "alias")
        if alias is not None:
            return uids.get(alias.get("uid"), "")
        return key("".join(holder.itertext()))

    alias = node.find(f"{prefix}from/{prefix}alias")
    start = None if alias is None else places.get(alias.get("uid"))
    angle, points = _number(node.get("angle")), _points(node, prefix)
    return Connector(end("from"), end("to"), angle, points, start)


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
