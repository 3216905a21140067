"""XMILE files: our strict XML walk, PySD's equation grammar, our `Model`.

Crosses the border: `read_xmile(file, data)`. Everything in the file that matters is taken in one
walk: equations, units, documentation, ranges, flows of stocks, the view, and the marks of our own
namespace (slider constants, Chinese wording).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Dimension, Equation, Model, Range, TimeSettings, Variable
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    walk,
)
from sdcluster.model.names import canonical, display
from sdcluster.read.equations import parse_equation
from sdcluster.read.translate import make_table, translate
from sdcluster.read.view import read_view
from sdcluster.read.xml import local_name, parse_xml

SDC = "{https://sdcluster.org/ns/1}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_INTERPOLATION = {
    "continuous": "interpolate",
    "extrapolate": "extrapolate",
    "discrete": "hold_backward",
}
_KINDS = ("stock", "flow", "aux", "gf")
_REFUSED = {
    "module": "modules are not read yet; save the model as one flat model",
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
        nodes = self.variable_nodes(models[0])
        self.lookups = {k: self.shared_table(n) for k, n in nodes.items() if self.has_points(n)}
        self.behaviour = self.default_non_negative()
        variables = {key: self.variable(node, nodes) for key, node in nodes.items()}
        self.check_references(variables, nodes)
        view_node = self.find(models[0], "views/view")
        return Model(
            name=self.text(self.root, "header/name") or self.file.stem,
            doc=self.text(self.root, "header/doc"),
            path=self.file,
            hash=digest,
            variables=MappingProxyType(variables),
            time=self.time(),
            dimensions=self.dimensions(),
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

    def dimensions(self) -> tuple[Dimension, ...]:
        found = []
        for node in self.root.iterfind(f"{self.tag('dimensions')}/{self.tag('dim')}"):
            elements = tuple(e.get("name", "") for e in node.findall(self.tag("elem")))
            if not elements and node.get("size", "").isdigit():
                elements = tuple(
                    str(i + 1) for i in range(min(int(node.get("size", "0")), 1_000_000))
                )
            found.append(Dimension(node.get("name", ""), elements))
        return tuple(found)

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

    def variable_nodes(self, model: etree._Element) -> dict[str, etree._Element]:
        holder = self.find(model, "variables")
        nodes: dict[str, etree._Element] = {}
        for node in [] if holder is None else holder:
            if local_name(node) not in _KINDS:
                continue
            name = node.get("name")
            if not name:
                raise self.fail(f"a <{local_name(node)}> has no name", node)
            key = canonical(name)
            if key in nodes:
                raise self.fail(
                    f'"{display(name)}" is defined twice, first in line {nodes[key].sourceline}',
                    node,
                )
            nodes[key] = node
        if not nodes:
            raise self.fail("the model has no variables", model)
        return nodes

    def has_points(self, node: etree._Element) -> bool:
        return local_name(node) == "gf" or self.find(node, "gf") is not None

    def shared_table(self, node: etree._Element) -> Table | None:
        """Return the points of a variable that has an equation as well: `LOOKUP(name, x)` uses the points alone."""
        graphical = self.find(node, "gf")
        if graphical is None or self.is_lookup(node):
            return None
        with self.at(node, display(node.get("name", ""))):
            return self.table(graphical)

    def is_lookup(self, node: etree._Element) -> bool:
        kind = local_name(node)
        if kind == "gf":
            return True
        return (
            kind in ("aux", "flow")
            and self.find(node, "gf") is not None
            and not self.text(node, "eqn")
        )

    def variable(self, node: etree._Element, nodes: dict[str, etree._Element]) -> Variable:
        tag = local_name(node)
        name = display(node.get("name", ""))
        with self.at(node, name):
            if node.findall(self.tag("element")) or self.find(node, "dimensions") is not None:
                raise ModelError(
                    "arrays are not supported yet; write one variable for each element"
                )
            inflows, outflows = (
                tuple(
                    canonical("".join(n.itertext())) for n in node.findall(self.tag(f"{way}flow"))
                )
                for way in ("in", "out")
            )
            equation = (
                self.stock(node, inflows, outflows, nodes)
                if tag == "stock"
                else self.equation(node, nodes)
            )
            kind = {"stock": "stock", "flow": "flow", "gf": "lookup", "aux": "auxiliary"}[tag]
            if self.is_lookup(node):
                kind = "lookup"
            elif kind == "auxiliary" and isinstance(equation.expression, Number):
                kind = "constant"
            return Variable(
                name=name,
                kind=kind,  # type: ignore[arg-type]
                equations=(equation,),
                units=self.text(node, "units"),
                doc=self.text(node, "doc"),
                range=self.range(node),
                line=node.sourceline,
                lever=node.get(SDC + "lever"),
                labels=self.by_language(node, "label"),
                # <sdc:about> rather than <sdc:doc>: some programs overlook the namespace
                docs={**self.by_language(node, "doc"), **self.by_language(node, "about")},
                inflows=inflows,
                outflows=outflows,
                non_negative=tag == "stock" and self.non_negative(node, "stock"),
            )

    def equation(self, node: etree._Element, nodes: dict[str, etree._Element]) -> Equation:
        table_node = node if local_name(node) == "gf" else self.find(node, "gf")
        table = None if table_node is None else self.table(table_node)
        if self.is_lookup(node):
            if table is None:
                raise ModelError("the graphical function has no points")
            return Equation(table)
        text = self.text(node, "eqn")
        if not text:
            raise ModelError("the variable has no equation; write an <eqn>")
        expression = self.expression(text, nodes)
        if table is not None:
            expression = Lookup(table, expression)
        if local_name(node) == "flow" and self.non_negative(node, "flow"):
            expression = Call("max", (expression, Number(0.0)))
        return Equation(expression)

    def stock(
        self,
        node: etree._Element,
        inflows: tuple[str, ...],
        outflows: tuple[str, ...],
        nodes: dict[str, etree._Element],
    ) -> Equation:
        for flow in inflows + outflows:
            if flow not in nodes:
                raise ModelError(f'its flow "{flow}" is not defined{did_you_mean(flow, nodes)}')
        text = self.text(node, "eqn")
        if not text:
            raise ModelError("the stock has no initial value; write an <eqn>")
        return Equation(_net(inflows, outflows), self.expression(text, nodes))

    def expression(self, text: str, nodes: dict[str, etree._Element]) -> Expression:
        try:
            return Number(float(text))
        except ValueError:
            return translate(parse_equation(text), self.lookups, nodes)

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

    def check_references(
        self, variables: dict[str, Variable], nodes: dict[str, etree._Element]
    ) -> None:
        for key, variable in variables.items():
            with self.at(nodes[key]):
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
            if node.subscripts:
                raise ModelError(f'variable "{variable.name}": arrays are not supported yet')
            if variables[node.name].kind == "lookup" and id(node) not in tables:
                raise ModelError(
                    f'{variable.kind} "{variable.name}" uses the graphical function "{node.name}" without an argument; '
                    f"write {node.name.replace(' ', '_')}(x)"
                )


def _net(inflows: tuple[str, ...], outflows: tuple[str, ...]) -> Expression:
    """Return inflows minus outflows."""
    if not inflows and not outflows:
        return Number(0.0)
    terms = [Reference(f) for f in inflows + outflows]
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
