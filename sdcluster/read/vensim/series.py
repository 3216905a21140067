"""Translate calls that use lookup and data variables as series: values at other times, first and last time, statistics.

The equation translator looks up these functions by name in `CALLS`. The other functions of this module take a
translator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS, names
from sdcluster.messages import joined, message
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Interpolation,
    Lookup,
    Number,
    Reference,
    Table,
)
from sdcluster.model.missing import NA
from sdcluster.model.names import canonical
from sdcluster.model.points import variant
from sdcluster.read import syntax
from sdcluster.read.translate import subscripts_of

if TYPE_CHECKING:
    from sdcluster.read.vensim.translate import EquationTranslator, SpecialCall

MAX_ALIASES = 100

_TIME = Call("time", ())
_OF_POINTS = {
    name.lower(): row for row in FUNCTIONS.values() if row.points for name in names(row, "Vensim")
}
# Vensim's statistics of a series. The index is the number that our function "data statistic" takes.
_STATISTICS = ("mean", "min", "max", "stdv", "total points")
_VARIANTS: Mapping[str, Interpolation | None] = {
    "table": None,
    "lookup extrapolate": "extrapolate",
    "lookup forward": "look_forward",
    "lookup backward": "hold_backward",
}


def lookup_named(at: EquationTranslator, node: Any) -> Reference | None:
    """Return a reference to the lookup variable that `node` names, or None if `node` is anything else."""
    if not isinstance(node, syntax.Reference):
        return None
    found = at.resolved(canonical(node.name), subscripts_of(node))
    return found if isinstance(found, Reference) and found.name in at.model.lookups else None


def data_named(at: EquationTranslator, node: Any) -> Reference | None:
    """Return a reference to the data variable that `node` names, directly or by an alias, or None."""
    if not isinstance(node, syntax.Reference):
        return None
    found = at.resolved(canonical(node.name), subscripts_of(node))
    for _ in range(MAX_ALIASES):
        if not isinstance(found, Reference) or found.name in at.model.data:
            break
        found = replace(found, name=at.model.aliases.get(found.name, ""))
    return found if isinstance(found, Reference) and found.name in at.model.data else None


def resampled(at: EquationTranslator, node: Any, interpolation: str) -> Expression | None:
    """Return a data variable's series with another interpolation, as in ``y :RAW: := x``.

    If `node` is not a data variable, the result is None.
    """
    data = data_named(at, node)
    if data is None or interpolation not in get_args(Interpolation):
        return None
    return Lookup(as_lookup(at, data, interpolation), _TIME)


def as_lookup(at: EquationTranslator, reference: Reference, change: str | None = None) -> Reference:
    """Return a reference to a hidden lookup that has the points of a lookup or data variable.

    `change` is another interpolation, or ``cumulate`` or ``cumulatef`` for the sums of the points.
    """
    name = canonical(f"⟨{change or 'points'} of {reference.name}⟩")
    if not at.model.knows(name):
        source = at.model.variable(reference.name)
        equations = tuple(
            replace(e, expression=variant(table, change))
            for e in source.equations
            if (table := _points(e.expression)) is not None
        )
        if len(equations) != len(source.equations):
            raise ModelError(
                message("read.vensim.equation_besides_points_functions", source=source.name)
            )
        at.model.add(replace(source, name=name, kind="lookup", equations=equations))
    return replace(reference, name=name)


def special(name: str) -> SpecialCall | None:
    """Return the function that translates calls of `name`, or None if `name` is not a function of points."""
    if name in _VARIANTS:
        return partial(_variant_call, name)
    row = _OF_POINTS.get(name)
    if row is None:
        return None
    return lambda at, arguments: _of_series(at, row.name, name.upper(), arguments, row.arity[1])


def _points(expression: Expression) -> Table | None:
    """Return the points of a lookup or data variable, or None if its equation has no points.

    If no file contains the variable, all points are missing (`NA`).
    """
    if expression == Number(NA):
        return Table((0.0,), (NA,))
    table = expression.table if isinstance(expression, Lookup) else expression
    return table if isinstance(table, Table) else None


def _argument(at: EquationTranslator, arguments: tuple[Any, ...]) -> Reference | None:
    """Return a reference to the lookup or data variable in the first argument, or None."""
    return lookup_named(at, arguments[0]) or data_named(at, arguments[0]) if arguments else None


def _no_points(at: EquationTranslator, node: Any) -> str:
    """Return the error message for an argument that is neither a lookup nor a data variable."""
    if not isinstance(node, syntax.Reference):
        return message("read.vensim.function_points_comes_before")
    name = canonical(node.name)
    if at.resolved(name, subscripts_of(node)) is None:
        return message("read.vensim.no_equation_defines", name=name)
    return message("read.vensim.computed_equation_no_points", name=name)


def _variant(
    at: EquationTranslator, arguments: tuple[Any, ...], interpolation: str | None
) -> Lookup:
    """Return a lookup that uses the points of a lookup or data variable with another interpolation."""
    table = _argument(at, arguments)
    if table is None:
        raise ModelError(
            message("read.vensim.give_lookup_data_variable", no_points=_no_points(at, arguments[0]))
        )
    return Lookup(as_lookup(at, table, interpolation), at.visit(arguments[1]))


def _variant_call(name: str, at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if len(arguments) != 2:
        raise ModelError(message("read.vensim.takes_arguments_lookup_variable", name=name.upper()))
    return _variant(at, arguments, _VARIANTS[name])


def _asked(
    at: EquationTranslator, arguments: tuple[Any, ...], interpolation: str | None
) -> Expression:
    """Return the value of a series at a time; `NA` beyond its points (Vensim, "GET DATA BETWEEN TIMES")."""
    return Call("data at", (_variant(at, arguments, interpolation),))


def _data_at_time(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if len(arguments) != 2:
        raise ModelError(message("read.vensim.get_data_time_takes"))
    return _asked(at, arguments, None)


def _data_between_times(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if len(arguments) != 3:
        raise ModelError(message("read.vensim.get_data_between_times"))
    mode = arguments[2]
    kinds: tuple[Interpolation, ...] = ("hold_backward", "interpolate", "look_forward")
    if isinstance(mode, float):
        return _asked(at, arguments[:2], kinds[1 + (mode >= 1) - (mode <= -1)])
    backward, between, forward = (_asked(at, arguments[:2], kind) for kind in kinds)
    late, early = (
        Binary(operator, at.visit(mode), Number(limit))  # type: ignore[arg-type]
        for operator, limit in ((">=", 1.0), ("<=", -1.0))
    )
    return Call("if", (late, forward, Call("if", (early, backward, between))))


def _end_of_data(place: int, at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Return the first or the last time of a data variable's points, as a reference to a hidden constant.

    `place` is 0 for the first time, and -1 for the last time.
    """
    data = data_named(at, arguments[0]) if len(arguments) == 1 else None
    if data is None:
        then = message("read.vensim.then")
        said = joined("", (then, _no_points(at, arguments[0]))) if len(arguments) == 1 else ""
        raise ModelError(message("read.vensim.get_data_first_time", said=said))
    points = at.model.variable(as_lookup(at, data).name)
    name = canonical(f"⟨{'last' if place else 'first'} time of {data.name}⟩")
    equations = tuple(
        replace(e, expression=Number(e.expression.x[place]))
        for e in points.equations
        if isinstance(e.expression, Table)
    )
    at.model.add(replace(points, name=name, kind="constant", equations=equations))
    return replace(data, name=name)


def _of_series(
    at: EquationTranslator, function: str, shown: str, arguments: tuple[Any, ...], numbers: int
) -> Expression:
    """Return the call of a function that takes a lookup or data variable, followed by `numbers` numbers."""
    table = _argument(at, arguments)
    if table is None or len(arguments) != numbers + 1:
        raise ModelError(
            message(
                "read.vensim.takes_lookup_data_variable",
                shown=shown,
                numbers=numbers,
            )
        )
    first, *rest = map(at.visit, arguments[1:])
    return Call(function, (Lookup(as_lookup(at, table), first), *rest))


def _lookup_slope(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if len(arguments) == 2:
        arguments = (*arguments, 0.0)
    return _of_series(at, "lookup slope", "LOOKUP SLOPE", arguments, 2)


def _random_lookup(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate ``RANDOM LOOKUP(lookup, minimum, maximum, shift, stretch, seed)``."""
    table = _argument(at, arguments)
    if table is None or len(arguments) not in (5, 6):
        raise ModelError(message("read.vensim.random_lookup_takes_lookup"))
    curve = Lookup(as_lookup(at, table), Number(0.0))
    return Call("random lookup", (curve, *map(at.visit, arguments[1:])))


def _statistic(code: int, at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Return a statistic of a series, over all points or over the points between two times."""
    shown = f"GET DATA {_STATISTICS[code].upper()}"
    if len(arguments) == 1:
        arguments = (*arguments, -math.inf, math.inf)
    if len(arguments) != 3:
        raise ModelError(message("read.vensim.takes_data_variable_perhaps", shown=shown))
    return _of_series(at, "data statistic", shown, (*arguments, float(code)), 3)


def _time_shift(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate ``TIME SHIFT(data, shift)``, the value of the data at the current time plus `shift`."""
    table = _argument(at, arguments)
    if table is None or len(arguments) != 2:
        raise ModelError(message("read.vensim.time_shift_takes_data"))
    time = Binary("+", _TIME, at.visit(arguments[1]))
    return Lookup(as_lookup(at, table), time)


def _cumulated(shown: str, at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Return the sum of a series' points up to the current time (CUMULATE), or of all its points (CUMULATEF)."""
    table = _argument(at, arguments) if len(arguments) == 1 else None
    if table is None:
        raise ModelError(message("read.vensim.takes_argument_data_variable", shown=shown))
    return Lookup(as_lookup(at, table, shown.lower()), _TIME)


CALLS: Mapping[str, SpecialCall] = {
    "get data at time": _data_at_time,
    "get data between times": _data_between_times,
    "get data first time": partial(_end_of_data, 0),
    "get data last time": partial(_end_of_data, -1),
    "lookup slope": _lookup_slope,
    "random lookup": _random_lookup,
    "time shift": _time_shift,
    "cumulate": partial(_cumulated, "CUMULATE"),
    "cumulatef": partial(_cumulated, "CUMULATEF"),
    **{f"get data {name}": partial(_statistic, code) for code, name in enumerate(_STATISTICS)},
}
