"""Replace a module whose file is missing by a placeholder model, so that the rest of the model can be viewed.

`stand_in(root, module, name, tag)` returns a ``<model>`` with those variables of the module that the file uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from sdcluster.model.names import canonical
from sdcluster.read.xmile.grammar import qualified

_PART = r'(?:"[^"]+"|\w+)'
_DOTTED = re.compile(rf"({_PART}(?:\.{_PART})+)\s*(?:\[([^\[\]]*)\])?")


def stand_in(
    root: etree._Element, module: str, name: str, tag: Callable[[str], str]
) -> etree._Element:
    """Return a model in which each variable of a module that the file uses is 0.

    Parameters
    ----------
    root : element
        The file's ``<xmile>``.
    module : str
        Name of the module.
    name : str
        Name of the new model.
    tag : callable
        Adds the namespace to the name of an XML element.
    """
    model = etree.Element(tag("model"), name=name)
    variables = etree.SubElement(model, tag("variables"))
    known: dict[str, list[str]] = {}
    for variable, subscripts in _used(root, canonical(module)):
        along = [_dimension(root, s, tag) for s in subscripts.split(",") if s.strip()]
        known[variable] = known.get(variable) or (along if all(along) else [])
    for variable, along in (known or {"⟨variables⟩": []}).items():
        node = etree.SubElement(variables, tag("aux"), name=variable)
        if along:
            holder = etree.SubElement(node, tag("dimensions"))
            for dimension in along:
                etree.SubElement(holder, tag("dim"), name=dimension)
        etree.SubElement(node, tag("eqn")).text = "0"
    return model


def _used(root: etree._Element, module: str) -> Iterator[tuple[str, str]]:
    """Yield each name after ``module.`` in equations and connections, with the text in the brackets that follow it."""
    for node in root.iter():
        for text in (node.text, node.get("to"), node.get("from")):
            for found in _DOTTED.finditer(text or ""):
                _, dot, inside = f".{qualified(found[1])}".partition(f".{module}.")
                if dot:
                    yield inside, found[2] or ""


def _dimension(root: etree._Element, subscript: str, tag: Callable[[str], str]) -> str:
    """Return the dimension that a subscript means, which is the dimension itself or one of its elements.

    If no dimension fits, the result is empty.
    """
    wanted = canonical(subscript)
    for node in root.iterfind(f"{tag('dimensions')}/{tag('dim')}"):
        elements = {canonical(e.get("name", "")) for e in node.findall(tag("elem"))}
        if wanted in elements | {canonical(node.get("name", ""))}:
            return str(node.get("name"))
    return ""
