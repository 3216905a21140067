"""Access to the elements of an XMILE file: find them, read numbers, tables and ranges, and add locations to errors.

A `Document` gives access to one file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Range
from sdcluster.model.expression import Table
from sdcluster.model.names import canonical
from sdcluster.read.translate import make_table
from sdcluster.read.xmile.linked import Linked
from sdcluster.read.xmile.parse import bare
from sdcluster.read.xmile.xml import local_name

SDC = "{https://sdcluster.org/ns/1}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_INTERPOLATION = {
    "continuous": "interpolate",
    "extrapolate": "extrapolate",
    "discrete": "hold_backward",
}


class Document:
    """Access to the elements of one file.

    Parameters
    ----------
    file : path
        Path for messages.
    root : element
        The ``<xmile>`` element.
    linked : Linked, optional
        The parts of the model that come from other files.
    """

    def __init__(self, file: Path, root: etree._Element, linked: Linked | None = None) -> None:
        self.file = file
        self.linked = linked or Linked()
        self.root = root
        self._node, self._children = root, _by_tag(root)
        self._tags: dict[str, str] = {}
        self.namespace = root.tag.rpartition("}")[0].lstrip("{")
        if "{" in self.namespace or "}" in self.namespace:
            raise ModelError(
                message("read.xmile.namespace_no_address", namespace=self.namespace),
                file=file,
                line=root.sourceline,
            )

    def tag(self, name: str) -> str:
        """Return the name of an XML element with the file's namespace."""
        tag = self._tags.get(name)
        if tag is None:
            tag = self._tags[name] = f"{{{self.namespace}}}{name}" if self.namespace else name
        return tag

    def children(self, node: etree._Element, tag: str) -> Sequence[etree._Element]:
        """Return the child elements that have a tag (with its namespace), in order.

        The children of the node of the last call are cached, because a dozen tags are looked up in each variable.
        """
        if self._node is not node:
            self._node, self._children = node, _by_tag(node)
        return self._children.get(tag, ())

    def find(self, node: etree._Element, path: str) -> etree._Element | None:
        """Return the first descendant of `node` at a path of tags such as ``conveyor/len``, or None."""
        if "/" not in path:
            inside = self.children(node, self.tag(path))
            return inside[0] if inside else None
        first, _, rest = path.partition("/")
        inside = self.children(node, self.tag(first))
        return next((f for e in inside if (f := self.find(e, rest)) is not None), None)

    def text(self, node: etree._Element, path: str) -> str:
        """Return the text of the first element at a path, without surrounding blanks.

        If there is no such element, the result is empty.
        """
        found = self.find(node, path)
        return "" if found is None else content(found)

    def written(self, node: etree._Element, path: str) -> str:
        """Return the text of an equation. If it consists only of a comment, return an empty text.

        Stella writes a comment where an equation is missing.
        """
        text = self.text(node, path)
        return text if bare(text) else ""

    def switched(self, node: etree._Element, path: str, otherwise: bool) -> bool:
        """Return whether a property is on.

        The property is on if its XML element exists and does not contain ``false``. Without such an element, the result
        is `otherwise`.
        """
        own = self.find(node, path)
        return otherwise if own is None else "false" not in (own.text or "").lower()

    def at(self, node: etree._Element, variable: str | None = None) -> Place:
        """Return a context manager that adds file, line and variable to errors raised in its block."""
        return Place(self, node, variable)

    def fail(self, sentence: str, node: etree._Element) -> ModelError:
        """Return an error with the file and line of an element."""
        file, line = self.linked.place(node)
        return ModelError(sentence, file=file or self.file, line=line)

    def number(self, parent: etree._Element, name: str) -> float:
        """Return the number in a child element, or raise an error if it is not a finite number."""
        text = self.text(parent, name)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.fail(
                message("read.xmile.sim_specs_number_expected", name=name, text=text), parent
            )
        return value

    def table(self, node: etree._Element) -> Table:
        """Return the points of a ``<gf>`` element."""
        ys = self._points(node, "ypts")
        xs = self._points(node, "xpts")
        if not xs and not ys:
            raise ModelError(message("read.xmile.graph_without_points"))
        scale = self.find(node, "xscale")
        if not xs and scale is not None and ys:
            low, high = finite(scale.get("min")), finite(scale.get("max"))
            if low is None or high is None:
                raise ModelError(message("read.xmile.xscale_graphical_function_needs"))
            xs = [low + (high - low) * i / max(len(ys) - 1, 1) for i in range(len(ys))]
        kind = node.get("type", "continuous").lower()
        return make_table(xs, ys, _INTERPOLATION.get(kind, kind))

    def _points(self, node: etree._Element, name: str) -> list[float]:
        found = self.find(node, name)
        if found is None or not (found.text or "").strip():
            return []
        separator, text = found.get("sep"), found.text or ""
        parts = (
            text.replace("\n", " ").split(separator) if separator else re.split(r"[,;\s]+", text)
        )
        try:
            return [float(p) for p in parts if p.strip()]
        except ValueError as error:
            raise ModelError(
                message("read.xmile.graphical_function_holds_something", name=name, error=error)
            ) from None

    def range(self, node: etree._Element) -> Range | None:
        """Return the ``<range>`` and slider step of a variable, or None if the file specifies neither of them."""
        found = self.find(node, "range")
        if found is None:
            # We write ranges with a single bound as our own element, because PySD cannot read them.
            own = self.children(node, SDC + "range")
            found = own[0] if own else None
        steps = self.children(node, SDC + "step")
        if found is None and not steps:
            return None
        low, high = (
            (None, None) if found is None else (finite(found.get("min")), finite(found.get("max")))
        )
        step = finite(steps[0].text) if steps else None
        if low is None and high is None and step is None:
            return None
        if low is not None and high is not None and low > high:
            raise ModelError(message("read.xmile.range_runs_down", low=low, high=high))
        return Range(low, high, step)

    def by_language(self, node: etree._Element, name: str) -> dict[str, str]:
        """Return the texts in our own elements called `name`, by language code."""
        return {
            n.get(_LANG, ""): (n.text or "").strip()
            for n in self.children(node, SDC + name)
            if n.get("subscript") is None
        }

    def by_element(self, node: etree._Element, name: str) -> dict[tuple[str, ...], dict[str, str]]:
        """Return the texts about single elements of an array, from our own XML elements called `name`.

        The result maps the subscripts of an element to texts by language. In the file, such a text is inside an
        ``<element>``, or has an attribute ``subscript``.
        """
        found: dict[tuple[str, ...], dict[str, str]] = {}
        parts, own = self.children(node, self.tag("element")), self.children(node, SDC + name)
        inside = [(e, n) for e in parts for n in e.findall(SDC + name)]
        beside = [(n, n) for n in own if n.get("subscript") is not None]
        for holder, text in [*inside, *beside]:
            place = tuple(canonical(s) for s in holder.get("subscript", "").split(","))
            found.setdefault(place, {})[text.get(_LANG, "")] = (text.text or "").strip()
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """A context manager, returned by `Document.at`, that adds file, line and variable to errors."""

    document: Document
    node: etree._Element
    variable: str | None

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, error: object, trace: object) -> None:
        if not isinstance(error, ModelError) or error.file:
            return
        variable = self.variable
        sentence = error.sentence
        if variable:
            sentence = message("read.the_variable", variable=variable, sentence=sentence)
        file, line = self.document.linked.place(self.node)
        raise ModelError(
            sentence,
            file=file or self.document.file,
            line=error.line or line,
            variable=variable or error.variable,
        ) from None


def content(node: etree._Element) -> str:
    """Return all text inside an element, without surrounding blanks."""
    text = "".join(node.itertext()) if len(node) else node.text or ""
    return text.strip()


def _by_tag(node: etree._Element) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    for child in node:
        found.setdefault(child.tag, []).append(child)
    return found


def check_root(file: Path, root: etree._Element) -> None:
    """Raise a `ModelError` if the root element is not ``<xmile>``."""
    if local_name(root) != "xmile":
        raise ModelError(
            message("read.xmile.xml_file_kind_not", local_name=local_name(root)),
            file=file,
            line=root.sourceline,
        )


def finite(text: str | None) -> float | None:
    """Return the finite number that a text contains, or None if it contains anything else."""
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_positive(text: str) -> bool:
    """Return whether a text is a number above zero."""
    value = finite(text)
    return value is not None and value > 0
