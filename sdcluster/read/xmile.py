"""XMILE files: our strict XML walk, PySD's equation grammar, our `Model`.

Crosses the border: `read_xmile(file, data)`. Everything in the file that matters is taken in one
walk: equations, units, documentation, ranges, flows of stocks, the view, and the marks of our own
namespace (slider constants, Chinese wording).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from types import MappingProxyType

import numpy as np
from lxml import etree

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Dimension, Equation, Model, Range, TimeSettings, Variable
from sdcluster.model.expression import (
    AGGREGATES,
    Array,
    Binary,
    Call,
    ElementIndex,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    rebuilt,
    walk,
)
from sdcluster.model.names import canonical
from sdcluster.read.equations import parse_equation
from sdcluster.read.modules import Definition, definitions
from sdcluster.read.translate import make_table, translate
from sdcluster.read.view import read_view
from sdcluster.read.xml import local_name, parse_xml
from sdcluster.recursion import deep_recursion

MAX_ELEMENTS = 1_000_000
SDC = "{https://sdcluster.org/ns/1}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_INTERPOLATION = {
    "continuous": "interpolate",
    "extrapolate": "extrapolate",
    "discrete": "hold_backward",
}
_REFUSED = {
    "macro": "macros are not read yet; write their equations out in the model",
    "conveyor": "conveyors are not supported; use a DELAY3 or DELAYN flow",
    "queue": "queues are not supported; use an ordinary stock",
    "oven": "ovens are not supported; use an ordinary stock",
}


def read_xmile(file: Path, data: bytes) -> Model:
    """Read an XMILE file.

    Parameters
    ----------
    file : path
        For messages and for `Model.path`.
    data : bytes
        The content.

    Raises
    ------
    ModelError
        With file, line and variable.
    """
    return _Reader(file, parse_xml(file, data)).read(hashlib.sha256(data).hexdigest())


class _Reader:
    def __init__(self, file: Path, root: etree._Element) -> None:
        self.file = file
        self.root = root
        self.running: frozenset[str] = frozenset()
        if local_name(root) != "xmile":
            raise ModelError(
                f"this is an XML file of kind <{local_name(root)}>, not XMILE",
                file=file,
                line=root.sourceline,
            )
        self.namespace = root.tag.rpartition("}")[0].lstrip("{")

    def tag(self, name: str) -> str:
        return f"{{{self.namespace}}}{name}" if self.namespace else name

    def find(self, node: etree._Element, path: str) -> etree._Element | None:
        return node.find("/".join(self.tag(part) for part in path.split("/")))

    def text(self, node: etree._Element, path: str) -> str:
        found = self.find(node, path)
        return "" if found is None else "".join(found.itertext()).strip()

    @contextmanager
    def at(self, node: etree._Element, variable: str | None = None) -> Iterator[None]:
        """Add file, line and variable to errors from deeper down."""
        try:
            yield
        except ModelError as error:
            if error.file:
                raise
            sentence = f'variable "{variable}": {error.sentence}' if variable else error.sentence
            raise ModelError(
                sentence, file=self.file, line=node.sourceline, variable=variable
            ) from None

    def fail(self, sentence: str, node: etree._Element) -> ModelError:
        return ModelError(sentence, file=self.file, line=node.sourceline)

    # ---- the whole file

    def read(self, digest: str) -> Model:
        for tag, sentence in _REFUSED.items():
            for node in self.root.iter(self.tag(tag)):
                if node.getparent() is not None and not self._in_view(node):
                    raise self.fail(sentence, node)
        models = self.root.findall(self.tag("model"))
        if not models:
            raise self.fail("the file has no <model>", self.root)
        defined = definitions(models, self.tag, self.fail)
        self.dimensions = self.read_dimensions()
        self.axes = {key: self.axes_of(d) for key, d in defined.items()}
        self.defined = defined
        self.lookups = {
            k: self.shared_table(d) for k, d in defined.items() if self.has_points(d.node)
        }
        self.behaviour = self.default_non_negative()
        variables = {key: self.variable(d) for key, d in defined.items()}
        self.check_references(variables)
        view_node = self.find(models[0], "views/view")
        return Model(
            name=self.text(self.root, "header/name") or self.file.stem,
            doc=self.text(self.root, "header/doc"),
            path=self.file,
            hash=digest,
            variables=MappingProxyType(variables),
            time=self.time(),
            dimensions=tuple(self.dimensions.values()),
            view=None if view_node is None else read_view(view_node, self.namespace),
        )

    def _in_view(self, node: etree._Element) -> bool:
        return any(local_name(a) in ("view", "views") for a in node.iterancestors())

    def time(self) -> TimeSettings:
        specs = self.find(self.root, "sim_specs")
        if specs is None:
            raise self.fail("the file has no <sim_specs> with start, stop and dt", self.root)
        start, stop, dt = (self.number(specs, name) for name in ("start", "stop", "dt"))
        node = self.find(specs, "dt")
        if node is not None and node.get("reciprocal", "").lower() == "true":
            dt = 1 / dt if dt else 0.0
        if not dt > 0:
            raise self.fail(
                f"the time step is {dt:g}; it must be above 0", specs if node is None else node
            )
        if not stop > start:
            raise self.fail(
                f"the simulation stops at {stop:g}, not after its start at {start:g}", specs
            )
        if (stop - start) / dt > 1e8:
            raise self.fail(
                f"the simulation would take {(stop - start) / dt:.3g} steps; use a larger <dt>",
                specs,
            )
        saveper = next(
            (
                float(v)
                for k, v in specs.attrib.items()
                if k.endswith("save_interval") and _is_positive(v)
            ),
            dt,
        )
        method = specs.get("method", "euler").split(",")[0].strip().lower()
        return TimeSettings(start, stop, dt, max(saveper, dt), specs.get("time_units", ""), method)

    def number(self, parent: etree._Element, name: str) -> float:
        text = self.text(parent, name)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.fail(f'<{name}> of <sim_specs> is "{text}"; a number is expected', parent)
        return value

    def read_dimensions(self) -> dict[str, Dimension]:
        found = {}
        for node in self.root.iterfind(f"{self.tag('dimensions')}/{self.tag('dim')}"):
            name = canonical(node.get("name", ""))
            elements = tuple(canonical(e.get("name", "")) for e in node.findall(self.tag("elem")))
            size = node.get("size", "")
            if not elements and size.isdigit():
                if not 1 <= int(size) <= MAX_ELEMENTS:
                    raise self.fail(
                        f'the dimension "{name}" has {size} elements; 1 to {MAX_ELEMENTS:,} are read',
                        node,
                    )
                elements = tuple(str(i + 1) for i in range(int(size)))
            if not name or not elements:
                raise self.fail("a <dim> needs a name, and elements or a size", node)
            if len(set(elements)) < len(elements):
                raise self.fail(f'the dimension "{name}" names an element twice', node)
            found[name] = Dimension(name, elements, self.mappings(node, elements))
        return found

    def mappings(
        self, node: etree._Element, elements: tuple[str, ...]
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return what a dimension maps to: a mark of ours, for models that come from Vensim."""
        found = []
        for mapping in node.findall(SDC + "mapping"):
            there = tuple(canonical(e.get("name", "")) for e in mapping.findall(self.tag("elem")))
            if len(there) != len(elements):
                raise self.fail(
                    f"the mapping has {len(there)} elements, but {len(elements)} are needed", mapping
                )
            found.append((canonical(mapping.get("dimension", "")), there))
        return tuple(found)

    def axes_of(self, definition: Definition) -> tuple[str, ...]:
        """Return the dimensions of a variable."""
        holder = self.find(definition.node, "dimensions")
        if holder is None:
            return ()
        axes = tuple(canonical(n.get("name", "")) for n in holder.findall(self.tag("dim")))
        for axis in axes:
            if axis not in self.dimensions:
                hint = did_you_mean(axis, self.dimensions) or "; define it in <dimensions>"
                raise self.fail(
                    f'variable "{definition.name}" has the unknown dimension "{axis}"{hint}',
                    definition.node,
                )
        total = prod(len(self.dimensions[a].elements) for a in axes)
        if total > MAX_ELEMENTS:
            raise self.fail(
                f'variable "{definition.name}" has {total:,} elements; more than {MAX_ELEMENTS:,} are not read',
                definition.node,
            )
        return axes

    def default_non_negative(self) -> dict[str, bool]:
        behaviour = self.find(self.root, "behavior")
        if behaviour is None:
            return {"stock": False, "flow": False}
        everywhere = self.find(behaviour, "non_negative") is not None
        return {
            kind: everywhere or self.find(behaviour, f"{kind}/non_negative") is not None
            for kind in ("stock", "flow")
        }

    # ---- variables

    def has_points(self, node: etree._Element) -> bool:
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

    def is_lookup(self, node: etree._Element) -> bool:
        kind = local_name(node)
        if kind == "gf":
            return True
        return (
            kind in ("aux", "flow")
            and self.graphical(node) is not None
            and not self.text(node, "eqn")
            and not self.text(node, "element/eqn")
        )

    def variable(self, definition: Definition) -> Variable:
        node = definition.node
        tag = local_name(node)
        with self.at(node, definition.name):
            equations = self.equations(definition)
            kind = {"stock": "stock", "flow": "flow", "gf": "lookup", "aux": "auxiliary"}[tag]
            if definition.source:
                kind = "auxiliary"
            elif self.is_lookup(node) or all(isinstance(e.expression, Table) for e in equations):
                kind = "lookup"
            elif kind == "auxiliary" and all(
                isinstance(e.expression, (Number, Array)) for e in equations
            ):
                kind = "constant"
            stock = kind == "stock"
            return Variable(
                name=definition.name,
                kind=kind,  # type: ignore[arg-type]
                equations=equations,
                units=self.text(node, "units"),
                doc=self.text(node, "doc"),
                range=self.range(node),
                line=node.sourceline,
                lever=node.get(SDC + "lever"),
                labels=self.by_language(node, "label"),
                docs=self.by_language(node, "doc") or self.by_language(node, "about"),
                inflows=self.flows(definition, "inflow") if stock else (),
                outflows=self.flows(definition, "outflow") if stock else (),
                non_negative=stock and self.non_negative(node, "stock"),
                dimensions=self.axes[canonical(definition.name)],
            )

    def flows(self, definition: Definition, way: str) -> tuple[str, ...]:
        """Return the canonical names of a stock's flows."""
        found = []
        for node in definition.node.findall(self.tag(way)):
            name = canonical("".join(node.itertext()))
            if name not in definition.names:
                raise ModelError(
                    f'its flow "{name}" is not defined{did_you_mean(name, definition.names)}'
                )
            found.append(definition.names[name])
        return tuple(found)

    def equations(self, definition: Definition) -> tuple[Equation, ...]:
        """Return the equations of a variable: one, or one for each element that has its own."""
        node = definition.node
        if definition.source:
            if definition.source not in self.defined:
                hint = did_you_mean(definition.source, self.defined)
                raise ModelError(
                    f'it is connected to "{definition.source}", which is not defined{hint}'
                )
            return (Equation(Reference(definition.source)),)
        elements = node.findall(self.tag("element"))
        axes = self.axes[canonical(definition.name)]
        if elements and axes:
            return tuple(self.equation(definition, e, self.places(e, axes), node) for e in elements)
        texts = node.findall(self.tag("eqn"))
        if (
            len(texts) > 1
            and len(axes) == 1
            and len(texts) == len(self.dimensions[axes[0]].elements)
        ):
            own = self.dimensions[axes[0]].elements
            return tuple(
                self.equation(definition, node, (e,), node, "".join(t.itertext()).strip())
                for e, t in zip(own, texts, strict=True)
            )
        return (self.equation(definition, node, axes, node),)

    def places(self, element: etree._Element, axes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the subscripts of an ``<element>``."""
        places = tuple(canonical(s) for s in element.get("subscript", "").split(","))
        if len(places) != len(axes):
            raise ModelError(
                f'<element subscript="{element.get("subscript", "")}"> needs {len(axes)} subscripts'
            )
        for place, axis in zip(places, axes, strict=True):
            if place not in self.dimensions[axis].elements and place not in self.dimensions:
                hint = did_you_mean(place, self.dimensions[axis].elements)
                raise ModelError(f'"{place}" is no element of the dimension "{axis}"{hint}')
        return places

    def equation(
        self,
        definition: Definition,
        node: etree._Element,
        subscripts: tuple[str, ...],
        whole: etree._Element,
        text: str | None = None,
    ) -> Equation:
        """Return one equation, from a variable's element or from a part of it."""
        tag = local_name(whole)
        own_table = node if local_name(node) == "gf" else self.find(node, "gf")
        if own_table is None and node is not whole:
            own_table = self.find(whole, "gf")
        table = None if own_table is None else self.table(own_table)
        text = self.text(node, "eqn") if text is None else text
        if (
            table is not None
            and tag in ("gf", "aux", "flow")
            and not text
            and not self.text(whole, "eqn")
        ):
            return Equation(table, None, subscripts)
        if tag == "stock":
            if not text:
                raise ModelError("the stock has no initial value; write an <eqn>")
            ways = (self.flows(definition, "inflow"), self.flows(definition, "outflow"))
            net = _net(*(tuple(self.flow_reference(f, subscripts) for f in way) for way in ways))
            return Equation(net, self.expression(text, definition, subscripts), subscripts)
        if not text:
            raise ModelError("the variable has no equation; write an <eqn>")
        expression = self.expression(text, definition, subscripts)
        if table is not None:
            expression = Lookup(table, expression)
        if tag == "flow" and self.non_negative(whole, "flow"):
            expression = Call("max", (expression, Number(0.0)))
        return Equation(expression, None, subscripts)

    def flow_reference(self, flow: str, subscripts: tuple[str, ...]) -> Reference:
        """Return a stock's flow for the part of the stock that an equation defines."""
        return Reference(flow, subscripts if len(self.axes[flow]) == len(subscripts) else ())

    def expression(
        self, text: str, definition: Definition, subscripts: tuple[str, ...]
    ) -> Expression:
        """Return the expression of an equation's text, with names and subscripts of the flat model."""
        try:
            return Number(float(text))
        except ValueError:
            pass
        parsed = parse_equation(text)
        if isinstance(parsed, np.ndarray):
            lengths = tuple(
                len(self.dimensions[s].elements) for s in subscripts if s in self.dimensions
            )
            if parsed.size != prod(lengths) or not lengths:
                raise ModelError(
                    f"its list has {parsed.size} numbers, but {prod(lengths)} are needed"
                )
            return Array(tuple(float(v) for v in parsed.ravel()), lengths)
        lookups = {
            local: self.lookups[key]
            for local, key in definition.names.items()
            if key in self.lookups
        }
        self.running = frozenset(subscripts)
        own = self.axes[canonical(definition.name)]
        left = dict(zip(own, subscripts, strict=False))
        with deep_recursion():
            return self.bound(translate(parsed, lookups, definition.names), definition, left)

    def bound(
        self,
        node: Expression,
        definition: Definition,
        left: Mapping[str, str],
        inside_sum: bool = False,
    ) -> Expression:
        """Return `node` with names of the flat model and all wildcards as ``dimension!``.

        Parameters
        ----------
        node : Expression
        definition : Definition
            The variable whose equation it is.
        left : mapping of str to str
            For each dimension of the variable, the subscript on the equation's left side.
        inside_sum : bool
            Whether a function over dimensions stands around `node`.
        """
        if isinstance(node, Reference):
            return self.bound_reference(node, definition, left, inside_sum)
        if isinstance(node, Lookup) and isinstance(node.table, Reference):
            table = self.bound_reference(node.table, definition, left, False)
            return Lookup(table, self.bound(node.argument, definition, left, inside_sum))  # type: ignore[arg-type]
        inside = inside_sum or (isinstance(node, Call) and node.function in AGGREGATES)
        return rebuilt(node, lambda child: self.bound(child, definition, left, inside))

    def bound_reference(
        self, node: Reference, definition: Definition, left: Mapping[str, str], inside_sum: bool
    ) -> Expression:
        key = definition.names.get(node.name, node.name)
        if key not in self.axes:
            if node.name in self.dimensions or any(
                node.name in d.elements for d in self.dimensions.values()
            ):
                return ElementIndex(node.name)
            return Reference(key, node.subscripts)
        axes = self.axes[key]
        written = tuple(canonical(s) for s in node.subscripts)
        if not written:
            return Reference(key, tuple(f"{a}!" if inside_sum else left.get(a, a) for a in axes))
        if len(written) != len(axes):
            raise ModelError(
                f'"{node.name}" has {len(axes)} dimensions, but is used with {len(written)} subscripts'
            )
        pairs = zip(written, axes, strict=True)
        return Reference(
            key,
            tuple(self.subscript(s, a, inside_sum and s not in left.values()) for s, a in pairs),
        )

    def subscript(self, written: str, axis: str, inside_sum: bool) -> str:
        """Return a subscript of a reference as the intermediate form has it."""
        elements = self.dimensions[axis].elements
        if written == "*":
            return f"{axis}!"
        if written in elements:
            return written
        if written.isdigit() and 1 <= int(written) <= len(elements):
            return elements[int(written) - 1]
        if written in self.dimensions:
            return f"{written}!" if inside_sum and written not in self.running else written
        if written.endswith("!") and written[:-1] in self.dimensions:
            return written
        hint = did_you_mean(written, [*elements, *self.dimensions])
        raise ModelError(f'"{written}" is neither an element nor a dimension{hint}')

    def non_negative(self, node: etree._Element, kind: str) -> bool:
        own = self.find(node, "non_negative")
        if own is None:
            return self.behaviour[kind]
        return "false" not in (own.text or "").lower()

    def table(self, node: etree._Element) -> Table:
        ys = self._points(node, "ypts")
        xs = self._points(node, "xpts")
        scale = self.find(node, "xscale")
        if not xs and scale is not None and ys:
            low, high = _float(scale.get("min")), _float(scale.get("max"))
            if low is None or high is None:
                raise ModelError("<xscale> of the graphical function needs numbers as min and max")
            xs = [low + (high - low) * i / max(len(ys) - 1, 1) for i in range(len(ys))]
        kind = node.get("type", "continuous").lower()
        return make_table(xs, ys, _INTERPOLATION.get(kind, kind))

    def _points(self, node: etree._Element, name: str) -> list[float]:
        found = self.find(node, name)
        if found is None or not (found.text or "").strip():
            return []
        parts = (found.text or "").replace("\n", " ").split(found.get("sep", ","))
        try:
            return [float(p) for p in parts if p.strip()]
        except ValueError as error:
            raise ModelError(
                f"<{name}> of the graphical function holds something else than numbers ({error})"
            ) from None

    def range(self, node: etree._Element) -> Range | None:
        found = self.find(node, "range")
        low, high = (
            (None, None) if found is None else (_float(found.get("min")), _float(found.get("max")))
        )
        step = _float(node.findtext(SDC + "step"))
        if low is None and high is None and step is None:
            return None
        if low is not None and high is not None and low > high:
            raise ModelError(f"its range runs from {low:g} down to {high:g}")
        return Range(low, high, step)

    def by_language(
        self, node: etree._Element, name: str
    ) -> MappingProxyType[str, str] | dict[str, str]:
        return {n.get(_LANG, ""): (n.text or "").strip() for n in node.findall(SDC + name)}

    def check_references(self, variables: dict[str, Variable]) -> None:
        for key, variable in variables.items():
            with self.at(self.defined[key].node):
                for equation in variable.equations:
                    self.check_expression(variable, equation.expression, variables)
                    if equation.initial is not None:
                        self.check_expression(variable, equation.initial, variables)

    def check_expression(
        self, variable: Variable, expression: Expression, variables: dict[str, Variable]
    ) -> None:
        tables = {id(n.table) for n in walk(expression) if isinstance(n, Lookup)}
        for node in walk(expression):
            if not isinstance(node, Reference):
                continue
            if node.name not in variables:
                names = [v.name for v in variables.values()]
                hint = did_you_mean(node.name, names) or "; define it or correct the name"
                raise ModelError(
                    f'{variable.kind} "{variable.name}" uses "{node.name}", which no equation defines{hint}',
                    file=self.file,
                    line=variable.line,
                    variable=variable.name,
                )
            if variables[node.name].kind == "lookup" and id(node) not in tables:
                raise ModelError(
                    f'{variable.kind} "{variable.name}" uses the graphical function "{node.name}" without an argument; '
                    f"write {node.name.replace(' ', '_')}(x)"
                )


def _net(inflows: tuple[Reference, ...], outflows: tuple[Reference, ...]) -> Expression:
    """Return inflows minus outflows."""
    if not inflows and not outflows:
        return Number(0.0)
    terms = inflows + outflows
    result: Expression = terms[0] if inflows else Unary("-", terms[0])
    for index, term in enumerate(terms[1:], start=1):
        result = Binary("+" if index < len(inflows) else "-", result, term)
    return result


def _float(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _is_positive(text: str) -> bool:
    value = _float(text)
    return value is not None and value > 0
