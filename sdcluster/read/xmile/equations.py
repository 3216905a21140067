"""Build the variables of an XMILE file: parse their equations, and resolve the names and subscripts in them.

`Equations` builds a `Variable` from each definition in a file.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from lxml import etree

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.functions.table import UNWRITTEN
from sdcluster.messages import message
from sdcluster.model import Equation, Remark, Variable
from sdcluster.model.expression import (
    Array,
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
)
from sdcluster.model.names import canonical
from sdcluster.read import syntax
from sdcluster.read.translate import translated
from sdcluster.read.xmile.arrays import Arrays, Scope
from sdcluster.read.xmile.discrete import Discrete
from sdcluster.read.xmile.document import SDC, Document, content
from sdcluster.read.xmile.flat_model import FlatModel
from sdcluster.read.xmile.macros import Macros
from sdcluster.read.xmile.modules import Definition
from sdcluster.read.xmile.parse import parse_equation
from sdcluster.read.xmile.translate import XmileMeaning
from sdcluster.read.xmile.xml import local_name
from sdcluster.recursion import deep_recursion

_UNWRITTEN = Call(UNWRITTEN, ())
_DATA = re.compile(r"\{\s*GET[_ ](?:DIRECT|XLS|VDF|123)", re.IGNORECASE)


class Equations:
    """Builds a `Variable` from each definition in a file.

    Parameters
    ----------
    document : Document
    model : FlatModel
    macros : mapping of str to list of element
        The ``<macro>`` elements, by canonical name.
    remarks : list of Remark
        Remarks on equations are appended.
    """

    def __init__(
        self,
        document: Document,
        model: FlatModel,
        macros: dict[str, list[etree._Element]],
        remarks: list[Remark],
    ) -> None:
        self.document, self.model, self.remarks = document, model, remarks
        self.macros = Macros(self, macros)
        self.discrete = Discrete(self)
        self.arrays = Arrays(model, self.discrete.capacity, remarks)
        self._known_lookups: tuple[Mapping[str, str], int, dict[str, Table | None]] | None = None

    def variable(self, definition: Definition) -> Variable:
        """Return the `Variable` for a `Definition` of the file, with its equations translated."""
        node = definition.node
        tag = local_name(node)
        with self.document.at(node, definition.name):
            equations = self.discrete.equations(definition) or self.equations(definition)
            kind = {"stock": "stock", "flow": "flow", "gf": "lookup", "aux": "auxiliary"}[tag]
            if definition.source:
                kind = "auxiliary"
            elif self.model.is_lookup(node) or all(
                isinstance(e.expression, Table) for e in equations
            ):
                kind = "lookup"
            elif kind == "auxiliary" and all(
                isinstance(e.expression, (Number, Array)) for e in equations
            ):
                kind = "constant"
            stock = kind == "stock"
            made = Variable(
                name=definition.name,
                kind=kind,  # type: ignore[arg-type]
                equations=equations,
                units=self.document.text(node, "units"),
                doc=self.document.text(node, "doc"),
                range=self.document.range(node),
                line=node.sourceline,
                lever=node.get(SDC + "lever"),
                labels=self.document.by_language(node, "label"),
                docs=self.document.by_language(node, "doc")
                or self.document.by_language(node, "about"),
                inflows=self.flows(definition, "inflow") if stock else (),
                outflows=self.flows(definition, "outflow") if stock else (),
                non_negative=stock and self.non_negative(node, "stock"),
                dimensions=self.model.axes_of(definition),
                element_labels=self.document.by_element(node, "label"),
                element_docs=self.document.by_element(node, "doc")
                or self.document.by_element(node, "about"),
                missing=self.document.linked.missing(node),
            )
            marks = self.discrete.marks(definition)
            return replace(made, **marks) if marks else made

    def flows(self, definition: Definition, way: str) -> tuple[str, ...]:
        """Return the names, in the flat model, of a stock's inflows or outflows.

        `way` is ``"inflow"`` or ``"outflow"``.
        """
        found = []
        for node in self.document.children(definition.node, self.document.tag(way)):
            name = canonical(content(node))
            if name not in definition.names:
                raise ModelError(
                    message(
                        "read.xmile.flow_not_defined",
                        name=name,
                        hint=did_you_mean(name, definition.names),
                    )
                )
            found.append(definition.names[name])
        return tuple(found)

    def equations(self, definition: Definition) -> tuple[Equation, ...]:
        """Return the equations of a variable. There is one, unless elements of an array have equations of their own."""
        node = definition.node
        if definition.source:
            if definition.source not in self.model.defined:
                hint = did_you_mean(definition.source, self.model.defined)
                raise ModelError(
                    message("read.xmile.connected_not_defined", source=definition.source, hint=hint)
                )
            return (Equation(Reference(definition.source)),)
        elements = self.document.children(node, self.document.tag("element"))
        axes = self.model.axes_of(definition)
        if elements and not axes and not self.document.written(node, "eqn"):
            raise ModelError(message("read.xmile.element_each_part_no"))
        if elements and axes:
            places = [self.model.places(e, axes) for e in elements]
            pairs = zip(elements, places, strict=True)
            made = tuple(self.equation(definition, e, p, node) for e, p in pairs)
            if self.document.written(node, "eqn") and not self.covers(places, axes):
                # The equation of the whole array applies to those elements that have no equation of their own.
                rest = self.equation(definition, node, axes, node)
                return (replace(rest, exceptions=tuple(places)), *made)
            return made
        texts = self.document.children(node, self.document.tag("eqn"))
        if (
            len(texts) > 1
            and len(axes) == 1
            and len(texts) == len(self.model.dimensions[axes[0]].elements)
        ):
            own = self.model.dimensions[axes[0]].elements
            return tuple(
                self.equation(definition, node, (e,), node, "".join(t.itertext()).strip())
                for e, t in zip(own, texts, strict=True)
            )
        return (self.equation(definition, node, axes, node),)

    def covers(self, places: list[tuple[str, ...]], axes: tuple[str, ...]) -> bool:
        """Return whether the parts `places` of an array together contain all of its elements."""
        elements = self.model.subscripts.elements_on
        rows = ([elements(s, a) for s, a in zip(p, axes, strict=True)] for p in places)
        cells = {cell for row in rows for cell in product(*row)}
        return len(cells) == prod(self.model.subscripts.shape(axes))

    def equation(
        self,
        definition: Definition,
        node: etree._Element,
        subscripts: tuple[str, ...],
        whole: etree._Element,
        text: str | None = None,
    ) -> Equation:
        """Return the equation in the XML element `node`, which is a variable or one of the parts of an array.

        `whole` is the element of the whole variable. `text` replaces the text of the equation.
        """
        tag = local_name(whole)
        own_table = node if local_name(node) == "gf" else self.document.find(node, "gf")
        if own_table is None and node is not whole:
            own_table = self.document.find(whole, "gf")
        table = None if own_table is None else self.document.table(own_table)
        text = self.document.written(node, "eqn") if text is None else text
        if not text and node is not whole:
            text = self.document.written(whole, "eqn")
        if (
            table is not None
            and tag in ("gf", "aux", "flow")
            and not text
            and not self.document.written(whole, "eqn")
        ):
            return Equation(table, None, subscripts)
        if tag == "stock":
            own = self.model.axes_of(definition)
            net = _net(
                tuple(self.arriving(f, own, subscripts) for f in self.flows(definition, "inflow")),
                tuple(
                    self.flow_reference(f, own, subscripts)
                    for f in self.flows(definition, "outflow")
                ),
            )
            first = self.expression(text, definition, subscripts) if text else _UNWRITTEN
            return Equation(net, first, subscripts)
        if not text and whole.get("access") == "input":
            raise ModelError(message("read.xmile.input_module_nothing_connected"))
        if not text:
            return Equation(_UNWRITTEN, None, subscripts)
        self.tell_lost(definition, node, text, table)
        expression = self.expression(text, definition, subscripts)
        if table is not None:
            expression = Lookup(table, expression)
        start = self.document.text(node, "init_eqn") or self.document.text(whole, "init_eqn")
        if start:
            # xmutil writes Vensim's ACTIVE INITIAL this way.
            first = self.expression(start, definition, subscripts)
            expression = Call("active initial", (expression, first))
        if tag == "flow" and self.non_negative(whole, "flow"):
            expression = Call("max", (expression, Number(0.0)))
        return Equation(expression, None, subscripts)

    @cached_property
    def by_xmutil(self) -> bool:
        """Whether the program xmutil wrote the file."""
        vendor = self.document.text(self.document.root, "header/vendor") + self.document.text(
            self.document.root, "header/product"
        )
        return "xmutil" in vendor

    def tell_lost(
        self, definition: Definition, node: etree._Element, text: str, table: Table | None
    ) -> None:
        """Add a remark if xmutil lost the data of a variable when it converted the model.

        In place of the data, xmutil writes 0 or a graphical function that is always 1.
        """
        if not self.by_xmutil:
            return
        lost = table is not None and table.y == (1.0, 1.0) and table.x == (0.0, 1.0)
        if _DATA.search(text) or (lost and text.upper() == "TIME"):
            sentence = message(
                "read.xmile.data_lost_when_file",
                definition=definition.name,
                lost="1" if lost else "0",
            )
            self.remarks.append(Remark(sentence, node.sourceline, definition.name, fixed=True))

    def arriving(self, flow: str, own: tuple[str, ...], subscripts: tuple[str, ...]) -> Expression:
        """Return the amount per time unit that a flow adds to a stock.

        The amount is the value of the flow, multiplied by the ``<multiplier>`` of the flow if there is one.
        """
        reference = self.flow_reference(flow, own, subscripts)
        definition = self.model.defined.get(flow)
        text = "" if definition is None else self.document.written(definition.node, "multiplier")
        if definition is None or not text:
            return reference
        return Binary("*", reference, self.expression(text, definition, subscripts))

    def flow_reference(
        self, flow: str, own: tuple[str, ...], subscripts: tuple[str, ...]
    ) -> Expression:
        """Return a flow of a stock, for the given subscripts of the stock.

        If the flow has dimensions that the stock lacks, the result is the sum over these dimensions.
        """
        axes = self.model.axes[flow]
        if len(axes) > len(own) and set(own) < set(axes):
            left = dict(zip(own, subscripts, strict=True))
            return Call("sum", (Reference(flow, tuple(left.get(a, f"{a}!") for a in axes)),))
        return Reference(flow, subscripts if len(axes) == len(subscripts) else ())

    def expression(
        self, text: str, definition: Definition, subscripts: tuple[str, ...]
    ) -> Expression:
        """Return the expression for the text of an equation, with names and subscripts of the flat model."""
        if not text[:1].isalpha() or text[:3].lower() in ("nan", "inf"):
            with suppress(ValueError):
                return Number(float(text.replace("_", "?")))
        parsed = self.macros.expanded(self.parsed(text, definition), definition, subscripts)
        if isinstance(parsed, syntax.Numbers):
            lengths = self.model.subscripts.shape(subscripts)
            if len(parsed.values) != prod(lengths) or not lengths:
                raise ModelError(
                    message(
                        "read.xmile.list_numbers_needed",
                        count=len(parsed.values),
                        prod=prod(lengths),
                    )
                )
            return Array(parsed.values, lengths)
        return self.made(parsed, definition, subscripts)

    def parsed(self, text: str, definition: Definition) -> Any:
        """Return the syntax tree of an equation. Deviations from the standard are added to the remarks."""
        # A union of sets for each equation would make the time quadratic in the number of names.
        names = ChainMap(definition.names, self.macros.nodes, self.model.dimensions)  # type: ignore[arg-type, misc]
        notes: list[str] = []
        try:
            return parse_equation(text, names, notes)
        except ModelError as error:
            beside = self.document.file.with_suffix(".mdl")
            lost = "was lost" in error.sentence or "nor a macro" in error.sentence
            if lost and beside.is_file():
                raise ModelError(
                    message(
                        "read.xmile.open_beside_file_converted",
                        reason=error.sentence,
                        beside=beside.name,
                    )
                ) from None
            raise
        finally:
            line = definition.node.sourceline
            self.remarks += [Remark(note, line, definition.name) for note in notes]

    def lookups_of(self, names: Mapping[str, str]) -> dict[str, Table | None]:
        """Return the graphical functions that a module can refer to, by the names that its equations use.

        The result is cached, because all equations of a module share it.
        """
        known = self._known_lookups
        if known is None or known[0] is not names or known[1] != len(names):
            found = {
                n: self.model.lookups[names[n]] for n in names if names[n] in self.model.lookups
            }
            self._known_lookups = known = (names, len(names), found)
        return known[2]

    def made(self, tree: Any, definition: Definition, subscripts: tuple[str, ...]) -> Expression:
        """Return the expression for a syntax tree. `subscripts` are those of the equation's left-hand side."""
        lookups = self.lookups_of(definition.names)
        own = self.model.axes_of(definition)
        left = dict(zip(own, subscripts, strict=False))
        self.arrays.notes = []
        scope = Scope(definition.names, left, owner=canonical(definition.name))
        with deep_recursion():
            try:
                meaning = XmileMeaning(lookups, definition.names, self.model.axes)
                made = self.arrays.bound(translated(tree, meaning), scope)
            except RecursionError:
                raise ModelError(message("read.xmile.equation_too_many_terms")) from None
        line = definition.node.sourceline
        self.remarks += [Remark(note, line, definition.name) for note in self.arrays.notes]
        return made

    def non_negative(self, node: etree._Element, kind: str) -> bool:
        """Return whether the file requires that a stock or flow does not become negative."""
        return self.document.switched(node, "non_negative", self.behaviour[kind])

    @cached_property
    def behaviour(self) -> dict[str, bool]:
        """Whether stocks and flows are non-negative by default, keyed by ``"stock"`` and ``"flow"``."""
        switched, root = self.document.switched, self.document.root
        everywhere = switched(root, "behavior/non_negative", False)
        return {
            kind: switched(root, f"behavior/{kind}/non_negative", everywhere)
            for kind in ("stock", "flow")
        }


def _net(inflows: tuple[Expression, ...], outflows: tuple[Expression, ...]) -> Expression:
    """Return the sum of the inflows minus the sum of the outflows, as an expression."""
    if not inflows and not outflows:
        return Number(0.0)
    terms = inflows + outflows
    result: Expression = terms[0] if inflows else Unary("-", terms[0])
    for index, term in enumerate(terms[1:], start=1):
        result = Binary("+" if index < len(inflows) else "-", result, term)
    return result
