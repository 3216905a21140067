"""Right sides of an XMILE file's equations: as they are written, and with others in their places.

Crosses the border: `sides(file, data)` and `with_sides(file, data, changes)`. Variables of modules are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from sdcluster.model.names import canonical, display
from sdcluster.read.xmile.modules import main_model
from sdcluster.read.xmile.xml import local_name, parse_xml

_KINDS = ("flow", "aux")


def sides(file: Path, data: bytes) -> dict[str, dict[str, str]]:
    """Return the right sides of each variable's equations by their left sides."""
    root, _ = parse_xml(file, data)
    found: dict[str, dict[str, str]] = {}
    for variable, left, node in _places(root):
        found.setdefault(variable, {})[left] = "".join(node.itertext()).strip()
    return found


def with_sides(file: Path, data: bytes, changes: Mapping[str, str]) -> bytes:
    """Return the content of the file with other right sides.

    Parameters
    ----------
    file : path
        For messages.
    data : bytes
        Content of the file.
    changes : mapping of str to str
        Right sides by their left sides, which the file holds.
    """
    root, _ = parse_xml(file, data)
    for _, left, node in _places(root):
        if left in changes:
            del node[:]
            node.text = "".join(c for c in changes[left] if c.isprintable() or c.isspace())
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _places(root: etree._Element) -> Iterator[tuple[str, str, etree._Element]]:
    """Yield variable, left side and ``<eqn>`` of each equation of the main model."""
    models = [node for node in root if local_name(node) == "model"]
    if not models:
        return
    holders = [node for node in main_model(models) if local_name(node) == "variables"]
    for node in (node for holder in holders for node in holder if local_name(node) in _KINDS):
        name = display(node.get("name", ""))
        for part in [node, *(child for child in node if local_name(child) == "element")]:
            equation = next((child for child in part if local_name(child) == "eqn"), None)
            if equation is not None and "".join(equation.itertext()).strip():
                inside = part.get("subscript")
                yield canonical(name), f"{name}[{inside}]" if inside else name, equation
