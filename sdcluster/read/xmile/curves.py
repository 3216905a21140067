"""Graphical functions of an XMILE file: which variables have one, and what their points are.

Crosses the border: `Curves`, the base of `sdcluster.read.xmile.equations`. See XMILE 1.0, sections 3.1.4 and 4.1.3.
"""

from __future__ import annotations

from lxml import etree

from sdcluster.model import Equation, Variable
from sdcluster.model.expression import Table
from sdcluster.model.names import canonical
from sdcluster.read.xmile.arrays import Arrays
from sdcluster.read.xmile.modules import Definition
from sdcluster.read.xmile.parse import bare
from sdcluster.read.xmile.xml import local_name


class Curves(Arrays):
    """Finds graphical functions.

    Attributes
    ----------
    defined : dict of str to Definition
    lookups : dict of str to Table or None
        Variables with a graphical function; the table where they have an equation besides.
    """

    defined: dict[str, Definition]
    lookups: dict[str, Table | None]

    def has_points(self, node: etree._Element) -> bool:
        """Whether a variable has a graphical function."""
        return local_name(node) == "gf" or self.graphical(node) is not None

    def graphical(self, node: etree._Element) -> etree._Element | None:
        """Return the first graphical function of a variable or of one of its elements."""
        own = self.find(node, "gf")
        return self.find(node, "element/gf") if own is None else own

    def shared_table(self, definition: Definition) -> Table | None:
        """Return the points of a variable that has an equation as well: `LOOKUP(name, x)` uses the points alone."""
        graphical = self.find(definition.node, "gf")
        if graphical is None or self.is_lookup(definition.node):
            return None
        with self.at(definition.node, definition.name):
            return self.table(graphical)

    def points_of(self, key: str) -> Table | None:
        """Return the points of a graphical function without dimensions, and nothing for any other variable."""
        if key not in self.lookups or self.axes[key]:
            return None
        node = self.defined[key].node
        own = node if local_name(node) == "gf" else self.find(node, "gf")
        return None if own is None else self.table(own)

    def is_curve(self, key: str) -> bool:
        """Whether a variable is nothing but a graphical function."""
        return key in self.defined and self.is_lookup(self.defined[key].node)

    def point_arrays(self) -> dict[str, Variable]:
        """Return hidden graphical functions for arrays of them that have equations besides.

        ``LOOKUP(name[element], x)`` uses the points alone; `Arrays.points` leads there.
        """
        found: dict[str, Variable] = {}
        for key, definition in self.defined.items():
            axes = self.axes[key]
            node = definition.node
            if key not in self.lookups or not axes or self.is_lookup(node):
                continue
            with self.at(node, definition.name):
                tables = [
                    Equation(self.table(gf), None, self.places(e, axes))
                    for e in node.findall(self.tag("element"))
                    if (gf := self.find(e, "gf")) is not None
                ]
                own = self.find(node, "gf")
                if own is not None and not tables:
                    tables = [Equation(self.table(own), None, axes)]
            name = f"⟨points of {definition.name}⟩"
            found[canonical(name)] = Variable(name, "lookup", tuple(tables), dimensions=axes)
            self.points[key] = canonical(name)
            self.lookups[key] = None
        for key, variable in found.items():
            self.axes[key] = variable.dimensions
        return found

    def written(self, node: etree._Element, path: str) -> str:
        """Return the text of an equation; nothing, if it is a comment alone, as Stella writes where one is missing."""
        text = self.text(node, path)
        return text if bare(text) else ""

    def is_lookup(self, node: etree._Element) -> bool:
        """Whether a variable is nothing but a graphical function."""
        kind = local_name(node)
        if kind == "gf":
            return True
        return (
            kind in ("aux", "flow")
            and self.graphical(node) is not None
            and not self.written(node, "eqn")
            and not self.written(node, "element/eqn")
        )
