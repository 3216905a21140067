"""Build a program from a model: expand the equations, separate initial values, and sort.

Exports `make_program(model)`, which takes a `Model` and returns a `sdcluster.kernel.program.Program`.
"""

from __future__ import annotations

import math
from dataclasses import replace

from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel.lower.components import Block, StockParts
from sdcluster.kernel.lower.devices import Action, find_devices, request
from sdcluster.kernel.lower.expand import Expander, without_start
from sdcluster.kernel.lower.graphs import reached, users_of
from sdcluster.kernel.lower.limits import equation_of, limits
from sdcluster.kernel.lower.order import sort_parts
from sdcluster.kernel.lower.undefined import check_reads, undefined_elements
from sdcluster.kernel.program import Program
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.expression import Array, Call, Number, Reference, Table, walk
from sdcluster.model.resolver import Part, Resolver, Shape


def make_program(model: Model) -> Program:
    """Return the program of `model`.

    Raises
    ------
    ModelError
        If equations form a cycle, the data file of a variable is missing, a subscript matches no element, or the
        order of a delay is not constant.
    """
    model.require_data()
    resolver = Resolver(model)
    for key, variable in model.variables.items():
        resolver.shapes[key] = Shape(tuple(resolver.dimension(d, key) for d in variable.dimensions))
    program = Program(model, resolver, devices=find_devices(model))
    parts: dict[str, list[Part | Block]] = {}
    expander = Expander(model, resolver, program, parts)
    for flow in program.devices.flows:
        resolver.shapes[request(flow)] = resolver.shapes[flow]
    held = limits(resolver, program.devices)
    for key, variable in model.variables.items():
        name = key
        if key in program.devices.source:
            continue
        if key in program.devices.target:
            name = request(key)
        if variable.kind == "lookup":
            program.tables[key] = _tables(resolver, key, model)
        elif variable.kind == "stock":
            program.stocks[key] = StockParts(
                expander.parts(key, [(e, e.expression) for e in variable.equations]),
                expander.parts(key, [(e, e.initial or Number(0.0)) for e in variable.equations]),
                variable.non_negative,
            )
        else:
            wishes = [e.expression for e in variable.equations]
            if all(isinstance(w, (Number, Array)) for w in wishes):
                place = equation_of(key) if key in held else name
                program.parameters[place] = _numbers(resolver, key, model)
                if key not in held:
                    continue
                resolver.shapes[place] = resolver.shapes[key]
                wishes = [Reference(place, e.subscripts) for e in variable.equations]
            if key in held:
                pairs = zip(wishes, variable.equations, strict=True)
                wishes = [held[key].applied(wish, e) for wish, e in pairs]
            made = expander.parts(name, list(zip(variable.equations, wishes, strict=True)))
            parts.setdefault(name, []).extend(made)
    _separate_starts(program, parts)
    stocks = program.stocks.values()
    program.undefined = undefined_elements(model, resolver)
    check_reads(model, resolver, program.undefined, (
        *(p for own in parts.values() for p in own),
        *(p for own in program.starting.values() for p in own),
        *(p for own in program.initials.values() for p in own),
        *(p for s in stocks for p in (*s.net, *s.initial)),
        *(p for m in program.memories.values() for p in (*m.keep, *m.initial)),
        *(p for d in program.delays.values() for p in (*d.time, *d.initial)),
    ))  # fmt: skip
    _sort(program, parts)
    return program


def _separate_starts(program: Program, parts: dict[str, list[Part | Block]]) -> None:
    """Separate equations for the initial time from those for later times (ACTIVE INITIAL)."""
    for name, own in parts.items():
        single = [p for p in own if isinstance(p, Part)]
        if any(
            isinstance(n, Call) and n.function == "active initial"
            for p in single
            for n in walk(p.expression)
        ):
            program.starting[name] = [
                replace(p, expression=without_start(p.expression, True)) for p in single
            ]
            parts[name] = [
                replace(p, expression=without_start(p.expression, False)) for p in single
            ]


def _tables(resolver: Resolver, key: str, model: Model) -> dict[int, Table]:
    """Return the graphical function of each element of a variable, by flat position."""
    found: dict[int, Table] = {}
    for equation in model.variables[key].equations:
        if not isinstance(equation.expression, Table):
            raise resolver.error(message("kernel.lower.graphical_function_no_points"), key)
        part = resolver.part(key, equation.subscripts, equation.expression, equation.exceptions)
        for single in resolver.single(part):
            found[resolver.flat(resolver.shapes[key], single.axes)] = equation.expression  # type: ignore[arg-type]
    return found


def _numbers(resolver: Resolver, key: str, model: Model) -> tuple[float, ...]:
    """Return the values of a parameter, row-major. Elements without an equation are NaN."""
    values = [math.nan] * resolver.shapes[key].size
    for equation in model.variables[key].equations:
        part = resolver.part(key, equation.subscripts, equation.expression, equation.exceptions)
        singles = list(resolver.single(part))
        literal = equation.expression
        if isinstance(literal, Array) and len(literal.values) != len(singles):
            raise resolver.error(
                message(
                    "kernel.lower.list_numbers_needed",
                    count=len(literal.values),
                    count_2=len(singles),
                ),
                key,
            )
        for i, single in enumerate(singles):
            number = literal.values[i] if isinstance(literal, Array) else literal.value  # type: ignore[union-attr]
            values[resolver.flat(resolver.shapes[key], single.axes)] = number  # type: ignore[arg-type]
    return tuple(values)


def _sort(program: Program, parts: dict[str, list[Part | Block]]) -> None:
    """Sort the equations by dependence, and separate values that are constant in a run from those that change."""
    ordered = sort_parts(program.resolver, parts)
    names = list(dict.fromkeys(p.name for p in ordered))
    needs = {name: {r for p in own for r in p.needs} for name, own in parts.items()}
    still = program.parameters.keys() | program.tables.keys() | parts.keys()
    moving = reached(
        (
            n
            for n in names
            if n in program.starting
            or not needs[n] <= still
            or not all(map(_is_timeless, parts[n]))
        ),
        users_of(needs),
    )
    for part in ordered:
        assert not isinstance(part, Action)
        (program.dynamic if part.name in moving else program.fixed).append(part)


def _is_timeless(part: Part | Block) -> bool:
    calls = [n for e in part.expressions for n in walk(e) if isinstance(n, Call)]
    return not any(FUNCTIONS[c.function].uses_time for c in calls)
