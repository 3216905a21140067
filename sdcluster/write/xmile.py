"""XMILE files written from a `Model`: what was read comes out again, whatever format it was read from.

Crosses the border: `write_xmile(model, path)`. Reading the file gives a model with the same trajectories; names, units,
documentation, ranges, slider marks, wording in other languages and the view are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically
from sdcluster.model import Equation, Model, RealityCheck, TestInput, Variable
from sdcluster.model.expression import Expression, Lookup, Number, Table
from sdcluster.model.view import Connector, Node, Point, View
from sdcluster.recursion import deep_recursion
from sdcluster.write import discrete
from sdcluster.write.equations import identifier, number, print_equation
from sdcluster.write.parts import Writable, writables

XMILE = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"
SDC = "https://sdcluster.org/ns/1"
ISEE = "http://iseesystems.com/XMILE"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {
    "interpolate": "continuous",
    "extrapolate": "extrapolate",
    "hold_backward": "discrete",
}
_TAGS = {"stock": "stock", "flow": "flow"}
_MOST_PARENTHESES = 100  # what the reader takes


def write_xmile(model: Model, path: str | Path) -> Path:
    """Write a model as an XMILE file.

    Parameters
    ----------
    model : Model
    path : str or path
        Replaced as a whole once all of it is written.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ModelError
        Where something of the model has no form in XMILE; no file is written then.
    """
    target = Path(path)
    write_atomically(target, xmile_text(model))
    return target


def xmile_text(model: Model) -> bytes:
    """Return the content of the file, UTF-8.

    Raises
    ------
    ModelError
        Where something of the model has no form in XMILE.
    """
    root = etree.Element(
        _tag("xmile"), {"version": "1.0"}, nsmap={None: XMILE, "sdc": SDC, "isee": ISEE}
    )
    header = _child(root, "header")
    _child(header, "vendor", "sdcluster")
    _child(header, "product", "sdcluster", version="1.0", lang="en")
    _child(header, "name", model.name)
    needed = discrete.options(model)
    if needed:
        holder = _child(header, "options")
        for option, details in needed:
            _child(holder, option, **details)
    if model.doc:
        _child(header, "doc", model.doc)
    _time(root, model)
    _units(root, model)
    _dimensions(root, model)
    _reality_checks(root, model)
    holder = _child(_child(root, "model"), "variables")
    with deep_recursion():
        found = writables(model)
        axes = {w.variable.key: w.variable.dimensions for w in found}
        for writable in found:
            try:
                _variable(holder, writable, axes)
            except ModelError as error:
                variable = writable.variable
                raise ModelError(
                    f'"{variable.name}" cannot be written as XMILE: {error.sentence}',
                    file=model.path,
                    line=variable.line,
                    variable=variable.name,
                ) from None
    if model.views:
        views = _child(holder.getparent(), "views")
        for view in model.views:
            named = {"name": view.title} if view.title else {}
            _view(_child(views, "view", type="stock_flow", **named), model, view)
    etree.indent(root)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _tag(name: str) -> str:
    return f"{{{XMILE}}}{name}"


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub(" ", text)


def _child(
    parent: etree._Element, name: str, text: str = "", /, **attributes: str
) -> etree._Element:
    tag = name if name.startswith("{") else _tag(name)
    node = etree.SubElement(parent, tag, {k: _clean(v) for k, v in attributes.items()})
    if text:
        node.text = _clean(text)
    return node


def _time(root: etree._Element, model: Model) -> None:
    clock = model.time
    specs = _child(root, "sim_specs", method=clock.method)
    if clock.units:
        specs.set("time_units", _clean(clock.units))
    if clock.saveper != clock.dt:
        specs.set(f"{{{ISEE}}}save_interval", number(clock.saveper))
    for name in ("start", "stop", "dt"):
        _child(specs, name, number(getattr(clock, name)))


def _units(root: etree._Element, model: Model) -> None:
    if model.unit_aliases:
        holder = _child(root, "model_units")
        for alias, target in model.unit_aliases:
            _child(_child(holder, "unit", name=_clean(alias)), "eqn", _clean(target))


def _dimensions(root: etree._Element, model: Model) -> None:
    if not model.dimensions:
        return
    holder = _child(root, "dimensions")
    for dimension in model.dimensions:
        node = _child(holder, "dim", name=dimension.name, size=str(len(dimension.elements)))
        for element in dimension.elements:
            _in_languages(
                _child(node, "elem", name=element), "label", dimension.labels.get(element, {})
            )
        for other, images in dimension.mappings:
            mapping = _child(node, f"{{{SDC}}}mapping", dimension=other)
            for image in images:
                _child(mapping, "elem", name=image)


def _reality_checks(root: etree._Element, model: Model) -> None:
    if not model.reality_checks and not model.test_inputs:
        return
    holder = _child(root, f"{{{SDC}}}reality_checks")
    statements: tuple[TestInput | RealityCheck, ...] = (*model.test_inputs, *model.reality_checks)
    for one in statements:
        tag = "test_input" if isinstance(one, TestInput) else "reality_check"
        node = _child(holder, f"{{{SDC}}}{tag}", name=one.name)
        if one.subscripts:
            node.set("subscripts", _clean(", ".join(one.subscripts)))
        _child(node, f"{{{SDC}}}rule", one.text)
        if one.doc:
            _child(node, f"{{{SDC}}}doc", one.doc)


# ---- variables


def _variable(
    holder: etree._Element, writable: Writable, axes: Mapping[str, tuple[str, ...]]
) -> None:
    variable, equations = writable.variable, writable.equations
    scalar_table = variable.kind == "lookup" and not variable.dimensions
    tag = "gf" if scalar_table else _TAGS.get(variable.kind, "aux")
    node = _child(holder, tag, name=variable.name, **discrete.attributes(variable))
    if variable.spread:
        node.set(f"{{{ISEE}}}spreadflow", variable.spread)
    if variable.lever:
        node.set(f"{{{SDC}}}lever", _clean(variable.lever))
    if variable.dimensions:
        shape = _child(node, "dimensions")
        for name in variable.dimensions:
            _child(shape, "dim", name=name)
    for equation in equations:
        inside = node
        if equation.subscripts:
            inside = _child(node, "element", subscript=", ".join(equation.subscripts))
        if scalar_table:
            _points(node, _table(equation.expression))
        else:
            _equation(inside, variable, equation, axes)
    for way, flows in (("inflow", variable.inflows), ("outflow", variable.outflows)):
        for flow in flows:
            _child(node, way, identifier(flow))
    if variable.non_negative:
        _child(node, "non_negative")
    for mark in discrete.marks(variable):
        _child(node, mark)
    if variable.profile:
        _child(node, f"{{{ISEE}}}distrib_eq", identifier(variable.profile))
    device = discrete.device(variable)
    if device is not None:
        inside = _child(node, device[0], **device[1])
        for name, expression in writable.governing.items():
            _child(inside, name, _printed(expression, axes))
    _description(node, variable)


def _equation(
    node: etree._Element,
    variable: Variable,
    equation: Equation,
    axes: Mapping[str, tuple[str, ...]],
) -> None:
    if discrete.contents(variable):
        _child(node, "eqn", discrete.contents(variable))
    elif variable.kind == "stock":
        initial = Number(0.0) if equation.initial is None else equation.initial
        _child(node, "eqn", _printed(initial, axes))
    elif isinstance(equation.expression, Table):
        _graphical(node, equation.expression)
    elif isinstance(equation.expression, Lookup) and isinstance(equation.expression.table, Table):
        _child(node, "eqn", _printed(equation.expression.argument, axes))
        _graphical(node, equation.expression.table)
    else:
        _child(node, "eqn", _printed(equation.expression, axes))


def _printed(expression: Expression, axes: Mapping[str, tuple[str, ...]]) -> str:
    text = print_equation(expression, axes.keys(), axes)
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > _MOST_PARENTHESES:
        raise ModelError(
            f"its equation nests {deepest} parentheses; split it into several variables"
        )
    return text


def _table(expression: Expression) -> Table:
    if not isinstance(expression, Table):
        raise ModelError("the lookup has no points")
    return expression


def _graphical(node: etree._Element, table: Table) -> None:
    _points(_child(node, "gf"), table)


def _points(node: etree._Element, table: Table) -> None:
    node.set("type", _TYPES.get(table.interpolation, table.interpolation))
    _child(node, "xpts", ",".join(map(repr, table.x)))
    _child(node, "ypts", ",".join(map(repr, table.y)))


def _description(node: etree._Element, variable: Variable) -> None:
    if variable.units:
        _child(node, "units", variable.units)
    if variable.doc:
        _child(node, "doc", variable.doc)
    bounds = variable.range
    if bounds is not None:
        given = {"min": bounds.minimum, "max": bounds.maximum}
        _child(node, "range", **{k: number(v) for k, v in given.items() if v is not None})
        if bounds.step is not None:
            _child(node, f"{{{SDC}}}step", number(bounds.step))
    for name, texts in (("label", variable.labels), ("doc", variable.docs)):
        _in_languages(node, name, texts)
    for name, parts in (("label", variable.element_labels), ("doc", variable.element_docs)):
        for place, texts in parts.items():
            _in_languages(node, name, texts, subscript=", ".join(place))


def _in_languages(
    node: etree._Element, name: str, texts: Mapping[str, str], **attributes: str
) -> None:
    for language, text in texts.items():
        child = _child(node, f"{{{SDC}}}{name}", text, **attributes)
        if language:
            child.set(_LANG, _clean(language))


# ---- the view


def _view(node: etree._Element, model: Model, view: View) -> None:
    for label in view.labels:
        if label.size is None:
            _child(node, "text_box", label.text, **_place(label.position))
        else:
            _child(node, "group", name=label.text, **_place(label.position), **_extent(label.size))
    for symbol in view.nodes:
        _symbol(node, model, symbol)
    for connector in view.connectors:
        _connector(node, connector)


def _symbol(parent: etree._Element, model: Model, symbol: Node) -> None:
    if symbol.kind == "module":
        return  # what a module holds is written beside it, and has a view of its own
    shown = model.variables[symbol.name].name if symbol.name in model.variables else symbol.name
    attributes = {
        **_place(symbol.position),
        **({} if symbol.size is None else _extent(symbol.size)),
    }
    if symbol.label_side != "bottom":
        attributes["label_side"] = symbol.label_side
    if symbol.kind == "alias":
        _child(_child(parent, "alias", **attributes), "of", identifier(symbol.name))
        return
    _course(_child(parent, symbol.kind, name=shown, **attributes), symbol.points)


def _connector(parent: etree._Element, connector: Connector) -> None:
    node = _child(parent, "connector")
    if connector.angle is not None:
        node.set("angle", number(connector.angle))
    _child(node, "from", identifier(connector.source))
    _child(node, "to", identifier(connector.target))
    _course(node, connector.points)


def _course(node: etree._Element, points: tuple[Point, ...]) -> None:
    if points:
        holder = _child(node, "pts")
        for point in points:
            _child(holder, "pt", **_place(point))


def _place(point: Point) -> dict[str, str]:
    return {"x": number(point[0]), "y": number(point[1])}


def _extent(size: Point) -> dict[str, str]:
    return {"width": number(size[0]), "height": number(size[1])}
