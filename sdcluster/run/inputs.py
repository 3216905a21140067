"""Settings other than single numbers: points of lookups, and values of variables over time.

`take(model, settings)` returns a model that contains the points, and the settings that are numbers. The new model has a
hash of its own, under which its kernel is cached, so a model with the same points is compiled only once.
"""

from __future__ import annotations

import hashlib
import numbers
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.calls import is_unwritten
from sdcluster.model.elements import Element, element_names, elements, equation_of, find_element
from sdcluster.model.elements import number as number_of
from sdcluster.model.expression import (
    Array,
    Call,
    Expression,
    Interpolation,
    Lookup,
    Number,
    Table,
    rebuilt,
)
from sdcluster.model.names import canonical
from sdcluster.model.points import Points, points_in, variant
from sdcluster.read.tables.points import PointsFile, Scale, read_input, read_points
from sdcluster.run.array_values import by_element

_TIME = Call("time", ())
_VARIANT = re.compile(r"⟨(points|cumulate|cumulatef|interpolate|extrapolate|hold_backward|look_forward|raw)"
                      r" of (.+)⟩")  # fmt: skip
_END = re.compile(r"⟨(first|last) time of (.+)⟩")


def is_number(value: Any) -> bool:
    """Whether a setting is one number."""
    if isinstance(value, (float, int, numbers.Real)):
        return True
    return getattr(value, "shape", None) == () and getattr(value, "dtype", None) is not None


def merged(*layers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the settings of several mappings; a setting in a later mapping overrides that in an earlier one.

    An overriding setting also moves to the end of the order.
    """
    found: dict[str, Any] = {}
    for layer in layers:
        for name, value in (layer or {}).items():
            found.pop(name, None)
            found[name] = value
    return found


def plain(value: Any) -> Any:
    """Return a setting of one variable or element in JSON form: a number, points, a scale, or a file."""
    if is_number(value):
        return float(value)
    if isinstance(value, PointsFile):
        return {"file": str(value.path), "column": value.column, "between": value.between}
    if isinstance(value, Scale):
        return {"scale": value.factor}
    if isinstance(value, (str, Path)):
        return str(value)
    points = Points.of(value)
    pairs = [list(pair) for pair in zip(points.x, points.y, strict=True)]
    return {"points": pairs, "between": points.between, "lookup": points.lookup}


def take(model: Model, settings: Mapping[str, Any] | None) -> tuple[Model, dict[str, float]]:
    """Return a model that contains the points in `settings`, and the settings that are numbers.

    Parameters
    ----------
    model : Model
    settings : mapping of str to number, Points or whatever `Points.of` takes
        The name is that of a variable, or of an element as in ``"sales[north]"``. Points for a lookup replace its
        points. Points for any other variable except a stock give its values over time; if their `Points.lookup` is
        true, they replace the lookup inside its equation instead. An array also accepts one value for each element (see
        `by_element`). If the value is the path of a table (a `Path` or a text), the points are read from the column
        with the variable's name. Later settings override earlier ones.

    Raises
    ------
    ModelError
        For unknown names, values that are neither numbers nor points, points for a stock, and a number for a lookup.
    """
    given = settings or {}
    numbers = all(type(value) is float or is_number(value) for value in given.values())
    if numbers and not model.without_data:
        return model, dict(given)
    parts: dict[str, dict[int | None, float | Points]] = {}
    names: dict[str, list[tuple[str, float]]] = {}
    for name, value in given.items():
        for part, meant in _meant(model, name, value):
            key, place = find_element(model, part)
            own = parts.setdefault(key, {})
            if place is None:
                own.clear()
                names[key] = []
            own.pop(place, None)
            own[place] = meant
            if not isinstance(meant, Points):
                names.setdefault(key, []).append((part, meant))
    # The model cannot be compiled while a data file is missing, so a number that replaces it becomes an equation.
    lacking = {k for k in model.without_data if model.variables[k].kind != "stock"}
    driven = {
        k: own
        for k, own in parts.items()
        if k in lacking or any(isinstance(v, Points) for v in own.values())
    }
    left = {part: v for key, pairs in names.items() if key not in driven for part, v in pairs}
    return _with_points(model, driven), left


def _meant(model: Model, name: str, value: Any) -> Iterable[tuple[str, float | Points]]:
    """Yield pairs of a name and a number or points: one pair for the variable, or one for each of its elements."""
    key, place = find_element(model, name)
    variable = model.variables[key]
    parts = element_names(model, key) if variable.dimensions and place is None else []
    try:
        if is_number(value):
            yield name, float(value)
        elif isinstance(value, Scale):
            yield from _scaled(model, name, parts, value.factor)
        elif isinstance(value, (str, Path)):
            yield from _meant(model, name, read_input(str(value)))
        elif isinstance(value, PointsFile):
            yield from read_points(value, name, parts).items()
        elif (own := by_element(model, name, value)) is not None:
            for part, inner in own.items():
                yield from _meant(model, part, inner)
        else:
            yield name, Points.of(value)
    except ModelError as error:
        if error.file is not None:
            raise
        raise ModelError(
            message("run.setting", name=name, sentence=error.sentence),
            file=model.path,
            line=variable.line,
            variable=variable.name,
        ) from None


def _scaled(
    model: Model, name: str, parts: list[str], factor: float
) -> Iterable[tuple[str, Points]]:
    """Return the name and the scaled points of a lookup, or of each element in an array of lookups."""
    known = {_spelled(own): points for own, points in model.lookups.items()}
    found = [(part, known[_spelled(part)]) for part in parts or [name] if _spelled(part) in known]
    if not found:
        raise ModelError(message("run.no_points_own_could"))
    return [(part, points.scaled(factor)) for part, points in found]


def _spelled(name: str) -> str:
    return canonical(name).replace(" ", "")


def resolved(model: Model, settings: Mapping[str, Any] | None) -> dict[str, float | Points]:
    """Return all settings as numbers or points by name: files are read, and scaled lookups become points."""
    pairs = (
        pair for name, value in (settings or {}).items() for pair in _meant(model, name, value)
    )
    return merged(dict(pairs))


# ---- the model that contains the points


def _with_points(model: Model, driven: Mapping[str, Mapping[int | None, float | Points]]) -> Model:
    if not driven:
        return model
    variables = dict(model.variables)
    for key, own in driven.items():
        old = variables[key]
        named = [(None if p is None else elements(model, old)[p], v) for p, v in own.items()]
        variables[key] = _changed(model, old, named)
    for key in driven:
        _follow(variables, key)
    what = repr([(key, list(own.items())) for key, own in driven.items()])
    digest = hashlib.sha256(f"{model.hash} points {what}".encode()).hexdigest()
    return replace(model, variables=MappingProxyType(variables), hash=digest)


def _changed(
    model: Model, old: Variable, parts: list[tuple[Element | None, float | Points]]
) -> Variable:
    """Return a variable whose equations contain its settings: points over time, points of a lookup, or numbers."""

    def fail(sentence: str) -> ModelError:
        return ModelError(
            message("run.quoted", name=old.name, sentence=sentence),
            file=model.path,
            line=old.line,
            variable=old.name,
        )

    if old.kind == "stock":
        raise fail(message("run.stock_follows_flows_not"))
    inside = old.kind == "lookup"
    if not inside:
        model.check_free(old)
    equations = list(old.equations)
    for element, value in parts:
        if not isinstance(value, Points):
            if inside:
                raise fail(message("run.graphical_function_set_points"))
            made: Callable[[Expression], Expression] = partial(_fixed, value)
        elif inside or value.lookup:
            made = partial(_other_points, value, fail)
        else:
            made = partial(_over_time, value)
        equations = _replaced(model, old, equations, element, made)
    kind = "auxiliary" if old.kind == "constant" else old.kind
    new = replace(old, kind=kind, equations=tuple(equations))
    return replace(new, missing=_still_missing(model, old, new, [e for e, _ in parts]))


def _still_missing(model: Model, old: Variable, new: Variable, given: list[Element | None]) -> str:
    """Return why some elements of the variable still lack values after the settings; ``""`` if no element does."""
    known = {element.place for element in given if element is not None}
    left = [] if None in given else [e for e in elements(model, new) if e.place not in known]
    if old.unwritten:
        left = [e for e in left if is_unwritten(equation_of(model, e).expression)]
    return old.missing if left else ""


def _fixed(value: float, _own: Expression) -> Expression:
    """Return the expression of a constant, which replaces any expression."""
    return Number(value)


def _over_time(points: Points, own: Expression) -> Expression:
    """Return a lookup of time with the given points, which replaces the expression `own`."""
    return Lookup(points.table(_data(own)), _TIME)


def _other_points(points: Points, fail: Callable[[str], ModelError], own: Expression) -> Expression:
    """Return the expression `own` with new points in its lookup. The expression must contain exactly one lookup."""
    if isinstance(own, Table):
        return points.table(own)
    if len(points_in(own)) != 1:
        raise fail(message("run.lookups_inside_equation_only", count=len(points_in(own))))

    def change(node: Expression) -> Expression:
        if isinstance(node, Lookup) and isinstance(node.table, Table):
            return Lookup(points.table(node.table), change(node.argument))
        return rebuilt(node, change)

    return change(own)


def _data(own: Expression) -> Table | None:
    """Return the table of a data variable with interpolation "hold backward" or "look forward"; otherwise None."""
    kinds: tuple[Interpolation, ...] = ("hold_backward", "look_forward")
    if isinstance(own, Lookup) and isinstance(own.table, Table) and own.argument == _TIME:
        return own.table if own.table.interpolation in kinds else None
    return None


def _replaced(
    model: Model,
    variable: Variable,
    equations: list[Equation],
    element: Element | None,
    made: Callable[[Expression], Expression],
) -> list[Equation]:
    """Return a variable's equations after replacing that of one element, or of all elements if `element` is None."""
    if element is None:
        if not all(isinstance(e.expression, Table) or points_in(e.expression) for e in equations):
            return [Equation(made(equations[0].expression), None, variable.dimensions)]
        return [replace(e, expression=made(e.expression)) for e in equations]
    own = element.subscripts
    holds = model.subscripts.holds
    kept: list[Equation] = []
    found: Expression = Number(0.0)
    for equation in equations:
        left = equation.subscripts or variable.dimensions
        if not holds(left, own) or own in equation.exceptions:
            kept.append(equation)
            continue
        found = equation.expression
        if isinstance(equation.expression, Array):
            # A list of numbers must cover all elements, so it becomes one equation for each other element.
            kept += [
                Equation(Number(number_of(model, e)), None, e.subscripts)
                for e in elements(model, variable)
                if e.subscripts != own and holds(left, e.subscripts)
            ]
        elif left != own:
            kept.append(replace(equation, exceptions=(*equation.exceptions, own)))
    return [*kept, Equation(made(found), None, own)]


def _follow(variables: dict[str, Variable], key: str) -> None:
    """Update the hidden variables computed from a variable's points, such as cumulated values, first and last time."""
    source = variables[key]
    for name, hidden in list(variables.items()):
        made, end = _VARIANT.fullmatch(name), _END.fullmatch(name)
        if not ((made and made[2] == key) or (end and end[2] == key)):
            continue
        equations = []
        for equation in source.equations:
            tables = points_in(equation.expression)
            if not tables:
                continue
            new: Expression = (
                variant(tables[0], made[1])
                if made
                else Number(tables[0].x[-1 if end and end[1] == "last" else 0])
            )
            equations.append(replace(equation, expression=new))
        variables[name] = replace(hidden, equations=tuple(equations), missing=source.missing)
