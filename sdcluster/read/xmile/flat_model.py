"""The flat model of an XMILE file while it is built: all variables to which equations can refer.

A `FlatModel` is called flat because the variables of all modules are merged in it.

Source for graphical functions: XMILE 1.0, sections 3.1.4 and 4.1.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lxml import etree

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.model import Dimension, Equation, Variable
from sdcluster.model.expression import Table
from sdcluster.model.names import canonical
from sdcluster.model.subscripts import Subscripts
from sdcluster.read.xmile.document import Document
from sdcluster.read.xmile.modules import Definition
from sdcluster.read.xmile.xml import local_name


@dataclass
class FlatModel:
    """The variables of all modules, keyed by canonical name. Calls of macros add more variables.

    Parameters
    ----------
    document : Document
    defined : dict of str to Definition
    dimensions : dict of str to Dimension
        All dimensions, with the parts of dimensions that equations use as ranges.
    from_vensim : bool
        Whether the file was converted from a Vensim file, so that INT, MOD and RAMP have Vensim's meaning.
    axes : dict of str to tuple of str
        Dimensions of each variable.
    lookups : dict of str to Table or None
        Variables with a graphical function. The value is its table if the variable also has an equation, and otherwise
        None.
    points : dict of str to str
        For each array with both graphical functions and equations, the hidden array of its graphical functions.
    containers : set of str
        Conveyors and queues.
    """

    document: Document
    defined: dict[str, Definition]
    dimensions: dict[str, Dimension]
    from_vensim: bool = False
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lookups: dict[str, Table | None] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    containers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.subscripts = Subscripts(self.dimensions)

    def axes_of(self, definition: Definition) -> tuple[str, ...]:
        """Return the dimensions of the variable that a definition describes."""
        return self.axes[canonical(definition.name)]

    # ---- parts of arrays

    def places(self, element: etree._Element, axes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the subscripts of an ``<element>``, which is a part of an array with the dimensions `axes`."""
        written = element.get("subscript", "")
        places = [canonical(s) for s in written.split(",")]
        if len(places) != len(axes):
            raise ModelError(
                message(
                    "read.xmile.element_subscript_needs_subscripts",
                    written=written,
                    count=len(axes),
                )
            )
        for at, (place, axis) in enumerate(zip(places, axes, strict=True)):
            own = self.subscripts.elements(axis)
            if place not in own and place.isdecimal() and 1 <= int(place) <= len(own):
                places[at] = own[int(place) - 1]
        for place, axis in zip(places, axes, strict=True):
            if place not in self.subscripts.elements(axis) and place not in self.dimensions:
                hint = did_you_mean(place, self.subscripts.elements(axis))
                raise ModelError(
                    message("read.xmile.no_element_dimension", place=place, axis=axis, hint=hint)
                )
        return tuple(places)

    def twin(self, name: str, number: int) -> str:
        """Add a copy of a dimension under another name, and return that name.

        An array that has the same dimension twice needs such a copy.
        """
        twin = f"{name} {number}"
        known = self.dimensions.setdefault(twin, replace(self.dimensions[name], name=twin))
        if known.elements != self.dimensions[name].elements:
            raise ModelError(
                message("read.xmile.array_dimension_twice_second", name=name, twin=twin),
                file=self.document.file,
            )
        return twin

    def part_of(
        self,
        dimension: Dimension,
        part: tuple[str, ...],
        label: str,
        mappings: tuple[tuple[str, tuple[str, ...]], ...] = (),
    ) -> str:
        """Add a part of a dimension as a dimension of its own, and return its name."""
        name = f"⟨{dimension.name} {label}⟩"
        self.dimensions.setdefault(name, Dimension(name, part, mappings))
        return name

    # ---- graphical functions

    def graphical(self, node: etree._Element) -> etree._Element | None:
        """Return the first ``<gf>`` element of a variable or of one of its array elements, or None."""
        if local_name(node) == "gf":
            return node
        own = self.document.find(node, "gf")
        return self.document.find(node, "element/gf") if own is None else own

    def is_curve(self, key: str) -> bool:
        """Return whether a variable, given by its canonical name, is only a graphical function, without an equation."""
        return key in self.defined and self.is_lookup(self.defined[key].node)

    def is_lookup(self, node: etree._Element) -> bool:
        """Return whether a variable, given by its XML element, is only a graphical function, without an equation."""
        kind, written = local_name(node), self.document.written
        if kind == "gf":
            return True
        return (
            kind in ("aux", "flow")
            and self.graphical(node) is not None
            and not written(node, "eqn")
            and not written(node, "element/eqn")
        )

    def points_of(self, key: str) -> Table | None:
        """Return the points of a variable with one graphical function, or None for arrays and other variables."""
        if key not in self.lookups or self.axes[key]:
            return None
        node = self.defined[key].node
        own = node if local_name(node) == "gf" else self.document.find(node, "gf")
        return None if own is None else self.document.table(own)

    def find_lookups(self) -> None:
        """Find all variables with a graphical function, and add them to the attribute `lookups`."""
        for key, definition in self.defined.items():
            node, document = definition.node, self.document
            if self.graphical(node) is None:
                continue
            own = document.find(node, "gf")
            self.lookups[key] = None
            if own is not None and not self.is_lookup(node):
                with document.at(node, definition.name):
                    self.lookups[key] = document.table(own)

    def point_arrays(self) -> dict[str, Variable]:
        """Return hidden arrays of graphical functions, one for each array with both graphical functions and equations.

        In ``LOOKUP(name[element], x)``, only the graphical functions count. The attribute `points` maps the name of an
        array to the name of its hidden array.
        """
        found: dict[str, Variable] = {}
        for key, definition in self.defined.items():
            axes, node, document = self.axes[key], definition.node, self.document
            if key not in self.lookups or not axes or self.is_lookup(node):
                continue
            with document.at(node, definition.name):
                tables = [
                    Equation(document.table(gf), None, self.places(e, axes))
                    for e in node.findall(document.tag("element"))
                    if (gf := document.find(e, "gf")) is not None
                ]
                own = document.find(node, "gf")
                if own is not None and not tables:
                    tables = [Equation(document.table(own), None, axes)]
            name = f"⟨points of {definition.name}⟩"
            found[canonical(name)] = Variable(name, "lookup", tuple(tables), dimensions=axes)
            self.points[key] = canonical(name)
            self.lookups[key] = None
        for key, variable in found.items():
            self.axes[key] = variable.dimensions
        return found
