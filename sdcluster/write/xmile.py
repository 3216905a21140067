"""Write a `Model` as an XMILE file, whatever format it was read from.

`write_xmile(model, path)` writes the file. The model that is read from this file has the same trajectories as the
original. Names, units, documentation, ranges, marks of variables with a slider, translations and views are preserved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically
from sdcluster.messages import comma_separated, message
from sdcluster.model import Equation, Model, RealityCheck, TestInput, Variable
from sdcluster.model.expression import Call, Expression, Lookup, Number, Table
from sdcluster.model.names import canonical
from sdcluster.model.view import Connector, Node, Point, View
from sdcluster.progress import report
from sdcluster.recursion import deep_recursion
from sdcluster.write import discrete
from sdcluster.write.equations import EquationNotation, Spellings, number, print_equation
from sdcluster.write.parts import Writable
from sdcluster.write.readers import READERS, Reader

XMILE = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"
SDC = "https://sdcluster.org/ns/1"
ISEE = "http://iseesystems.com/XMILE"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {"interpolate": "continuous", "extrapolate": "extrapolate", "hold_backward": "discrete"}
_TAGS = {"stock": "stock", "flow": "flow"}
_MOST_PARENTHESES = 100  # limit of our reader


def write_xmile(model: Model, path: str | Path, reader: str = "standard") -> Path:
    """Write a model as an XMILE file.

    Parameters
    ----------
    model : Model
    path : str or path
        The file to write, which is replaced atomically.
    reader : {"standard", "pysd"}
        ``"pysd"`` writes only what PySD's XMILE reader supports: sums over whole ranges as ``SUM(stock[region!])``,
        graphical functions in arrays as variables, and equivalents for missing functions. PySD uses Euler's method and
        saves every time step, so its results may differ from ours.

    Returns
    -------
    Path
        The path of the file.

    Raises
    ------
    ModelError
        If a part of the model cannot be expressed in XMILE, or in a form that the reader supports. In this case, no
        file is written.
    """
    target = Path(path)
    report("writing")
    write_atomically(target, xmile_text(model, reader))
    return target


def xmile_text(model: Model, reader: str = "standard") -> bytes:
    """Return the content of the XMILE file in UTF-8; the parameters are those of `write_xmile`.

    Raises
    ------
    ModelError
        If a part of the model cannot be expressed in XMILE, if the model's data are missing, or if the reader is
        unknown.
    """
    model.require_data(unwritten=True)
    if reader not in READERS:
        raise ModelError(
            message(
                "write.cannot_write_expected_one", reader=reader, readers=comma_separated(READERS)
            )
        )
    program = READERS[reader]
    with deep_recursion():
        model = program.prepared(model)
        found = program.variables(model)
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
        names = _Names(
            {w.variable.key: w.variable.dimensions for w in found},
            Spellings(
                _written(model, (w.variable for w in found), program),
                model.spellings,
                _clock_variables(model),
            ),
            program,
            program.notation,
        )
        for writable in found:
            try:
                _variable(holder, writable, names)
            except ModelError as error:
                variable = writable.variable
                raise ModelError(
                    message(
                        "write.cannot_written_xmile", variable=variable.name, reason=error.sentence
                    ),
                    file=model.path,
                    line=variable.line,
                    variable=variable.name,
                ) from None
    if model.views:
        views = _child(holder.getparent(), "views")
        for view in model.views:
            named = {"name": view.title} if view.title else {}
            _view(_child(views, "view", type="stock_flow", **named), names, view)
    etree.indent(root)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


@dataclass(frozen=True)
class _Names:
    """The dimensions of each variable, and the spelling of names and equations in the file."""

    axes: Mapping[str, tuple[str, ...]]
    spellings: Spellings
    program: Reader
    notation: type[EquationNotation]

    @cached_property
    def taken(self) -> set[str]:
        """The canonical names of all variables in the file."""
        return {canonical(name) for name in self.spellings.variables.values()}


def _written(model: Model, variables: Iterable[Variable], program: Reader) -> dict[str, str]:
    """Return the name of each variable in the file; a name that the reader reserves gets a suffix."""
    listed = list(variables)
    taken, reserved = {v.key for v in listed}, program.reserved(model)
    found = {}
    for variable in listed:
        wanted = name = program.name(variable)
        number = 1
        while canonical(name) in reserved or (name != variable.name and canonical(name) in taken):
            name = f"{wanted} {variable.kind}" + (f" {number}" if number > 1 else "")
            number += 1
        taken.add(canonical(name))
        found[variable.key] = name
    return found


def _clock_variables(model: Model) -> dict[str, str]:
    """Return the variables that hold the time settings in Vensim files, by the built-in name of the setting."""
    found = {}
    for key in ("time step", "initial time", "final time"):
        variable = model.variables.get(key)
        match variable.equations if variable else ():
            case (Equation(expression=Call(function, ())),):
                found[function] = key.upper()
    return found


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
        shown = model.spelled(dimension.name)
        node = _child(holder, "dim", name=shown, size=str(len(dimension.elements)))
        for element in dimension.elements:
            inside = _child(node, "elem", name=model.spelled(element))
            _in_languages(inside, "label", dimension.labels.get(element, {}))
        for other, images in dimension.mappings:
            mapping = _child(node, f"{{{SDC}}}mapping", dimension=model.spelled(other))
            for image in images:
                _child(mapping, "elem", name=model.spelled(image))


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


def _variable(holder: etree._Element, writable: Writable, names: _Names) -> None:
    variable, equations = writable.variable, writable.equations
    scalar_table = variable.kind == "lookup" and not variable.dimensions
    if variable.key in map(canonical, names.spellings.built_ins.values()):
        own = replace(names.spellings, built_ins={})
        names = replace(names, spellings=own, notation=EquationNotation)
    tag = "gf" if scalar_table else _TAGS.get(variable.kind, "aux")
    shown, subscript = names.spellings.variables[variable.key], names.spellings.subscript
    node = _child(holder, tag, name=shown, **discrete.attributes(variable))
    if shown != variable.name:
        node.set(f"{{{SDC}}}name", _clean(variable.name))
    if variable.spread:
        node.set(f"{{{ISEE}}}spreadflow", variable.spread)
    if variable.lever:
        node.set(f"{{{SDC}}}lever", _clean(variable.lever))
    if variable.dimensions:
        shape = _child(node, "dimensions")
        for name in variable.dimensions:
            _child(shape, "dim", name=subscript(name))
    for equation in equations:
        inside = node
        if equation.subscripts:
            inside = _child(
                node, "element", subscript=",".join(map(subscript, equation.subscripts))
            )
        if scalar_table:
            _points(node, _table(equation.expression))
        else:
            _equation(inside, variable, equation, names)
    for way, flows in (("inflow", variable.inflows), ("outflow", variable.outflows)):
        for flow in flows:
            _child(node, way, names.program.identifier(names.spellings.variables[flow]))
    if variable.non_negative:
        _child(node, "non_negative")
    for mark in discrete.marks(variable):
        _child(node, mark)
    if variable.profile:
        _child(node, f"{{{ISEE}}}distrib_eq", names.spellings.variable(variable.profile))
    device = discrete.device(variable)
    if device is not None:
        inside = _child(node, device[0], **device[1])
        for name, expression in writable.governing.items():
            _child(inside, name, _printed(expression, names))
    _description(node, variable, subscript, names.program)


def _equation(node: etree._Element, variable: Variable, equation: Equation, names: _Names) -> None:
    if discrete.contents(variable):
        _child(node, "eqn", discrete.contents(variable))
    elif variable.kind == "stock":
        initial = Number(0.0) if equation.initial is None else equation.initial
        _child(node, "eqn", _printed(initial, names))
    elif isinstance(equation.expression, Table):
        _graphical(node, equation.expression)
    elif isinstance(equation.expression, Lookup) and isinstance(equation.expression.table, Table):
        _child(node, "eqn", _printed(equation.expression.argument, names))
        _graphical(node, equation.expression.table)
    else:
        _child(node, "eqn", _printed(equation.expression, names))


def _printed(expression: Expression, names: _Names) -> str:
    text = print_equation(expression, names.taken, names.axes, names.spellings, names.notation)
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > _MOST_PARENTHESES:
        raise ModelError(message("write.equation_nests_parentheses_split", deepest=deepest))
    return text


def _table(expression: Expression) -> Table:
    if not isinstance(expression, Table):
        raise ModelError(message("write.lookup_no_points"))
    return expression


def _graphical(node: etree._Element, table: Table) -> None:
    _points(_child(node, "gf"), table)


def _points(node: etree._Element, table: Table) -> None:
    node.set("type", _TYPES.get(table.interpolation, table.interpolation))
    _child(node, "xpts", ",".join(map(repr, table.x)))
    _child(node, "ypts", ",".join(map(repr, table.y)))


def _description(
    node: etree._Element, variable: Variable, subscript: Callable[[str], str], program: Reader
) -> None:
    if variable.units:
        _child(node, "units", variable.units)
    if variable.doc:
        _child(node, "doc", variable.doc)
    bounds = variable.range
    if bounds is not None:
        given = {"min": bounds.minimum, "max": bounds.maximum}
        ends = {k: number(v) for k, v in given.items() if v is not None}
        whole = program.takes_half_ranges or len(ends) == 2
        _child(node, "range" if whole else f"{{{SDC}}}range", **ends)
        if bounds.step is not None:
            _child(node, f"{{{SDC}}}step", number(bounds.step))
    for name, texts in (("label", variable.labels), ("doc", variable.docs)):
        _in_languages(node, name, texts)
    for name, parts in (("label", variable.element_labels), ("doc", variable.element_docs)):
        for place, texts in parts.items():
            _in_languages(node, name, texts, subscript=", ".join(map(subscript, place)))


def _in_languages(
    node: etree._Element, name: str, texts: Mapping[str, str], **attributes: str
) -> None:
    for language, text in texts.items():
        child = _child(node, f"{{{SDC}}}{name}", text, **attributes)
        if language:
            child.set(_LANG, _clean(language))


# ---- the view


def _view(node: etree._Element, names: _Names, view: View) -> None:
    for label in view.labels:
        if label.size is None:
            _child(node, "text_box", label.text, **_place(label.position))
        else:
            _child(node, "group", name=label.text, **_place(label.position), **_extent(label.size))
    ghosts = [symbol for symbol in view.nodes if symbol.kind == "alias"]
    uids = {(ghost.name, ghost.position): str(i) for i, ghost in enumerate(ghosts, 1)}
    for symbol in view.nodes:
        _symbol(node, names, symbol, uids)
    for connector in view.connectors:
        _connector(node, names, connector, uids)


_Uids = dict[tuple[str, Point], str]  # ids of aliases (ghosts), by name and position


def _symbol(parent: etree._Element, names: _Names, symbol: Node, uids: _Uids) -> None:
    if symbol.kind == "module":
        return  # the contents of a module are written next to it, in a separate view
    shown = names.spellings.variables.get(symbol.name, symbol.name)
    attributes = {
        **_place(symbol.position),
        **({} if symbol.size is None else _extent(symbol.size)),
    }
    if symbol.label_side != "bottom":
        attributes["label_side"] = symbol.label_side
    if symbol.kind == "alias":
        attributes["uid"] = uids[symbol.name, symbol.position]
        _child(_child(parent, "alias", **attributes), "of", names.spellings.variable(symbol.name))
        return
    _course(_child(parent, symbol.kind, name=shown, **attributes), symbol.points)


def _connector(parent: etree._Element, names: _Names, connector: Connector, uids: _Uids) -> None:
    node = _child(parent, "connector")
    if connector.angle is not None:
        node.set("angle", number(connector.angle))
    uid = connector.start and uids.get((connector.source, connector.start))
    if uid:
        _child(_child(node, "from"), "alias", uid=uid)
    else:
        _child(node, "from", names.spellings.variable(connector.source))
    _child(node, "to", names.spellings.variable(connector.target))
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
