"""A model ready for printing: statefuls expanded into stocks, initial slots and memories; equations sorted into stages.

Crosses the border: `make_program(model)` takes a `Model` and gives a `Program`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from sdcluster.compile.expand import Expander, without_start
from sdcluster.compile.order import sort_parts
from sdcluster.compile.parts import Part, Resolver, Shape
from sdcluster.compile.pieces import Block, FixedDelay, Memory, StockParts
from sdcluster.model import Model
from sdcluster.model.expression import Array, Call, Expression, Lookup, Number, Table, walk
from sdcluster.model.functions import FUNCTIONS


@dataclass
class Program:
    """Equations by canonical name; hidden names stand in angle brackets.

    Parameters
    ----------
    model : Model
        Where it came from.
    resolver : Resolver
        Shapes of all variables and the meaning of subscripts.
    parameters : dict of str to tuple of float
        Variables that are numbers; a run may set them.
    stocks : dict of str to StockParts
        Integrated states.
    fixed, dynamic : list of Part or Block
        In the order of evaluation: what parameters alone decide, and what changes with time.
    starting : dict of str to list of Part
        Equations that differ at the start (ACTIVE INITIAL).
    initials : dict of str to list of Part
        Values kept from the start (INIT).
    memories : dict of str to Memory
        Values kept from one step to the next (PREVIOUS, SAMPLE IF TRUE).
    delays : dict of str to FixedDelay
        Delays of fixed length, each with a buffer.
    tables : dict of str to dict of int to Table
        Graphical functions by name and flat position.
    structural : set of str
        Constants whose value shaped the program (orders of delays); setting one needs another program.
    """

    model: Model
    resolver: Resolver
    parameters: dict[str, tuple[float, ...]] = field(default_factory=dict)
    stocks: dict[str, StockParts] = field(default_factory=dict)
    fixed: list[Part | Block] = field(default_factory=list)
    dynamic: list[Part | Block] = field(default_factory=list)
    starting: dict[str, list[Part]] = field(default_factory=dict)
    initials: dict[str, list[Part]] = field(default_factory=dict)
    memories: dict[str, Memory] = field(default_factory=dict)
    delays: dict[str, FixedDelay] = field(default_factory=dict)
    tables: dict[str, dict[int, Table]] = field(default_factory=dict)
    structural: set[str] = field(default_factory=set)

    @property
    def fixed_names(self) -> list[str]:
        """Names of run constants, each once, in order."""
        return list(dict.fromkeys(p.name for p in self.fixed))

    @property
    def dynamic_names(self) -> list[str]:
        """Names of what changes with time, each once, in order."""
        return list(dict.fromkeys(p.name for p in self.dynamic))

    @property
    def may_be_missing(self) -> set[str]:
        """Names that may rightly be NaN: data with gaps, :NA:, and what depends on them."""
        parts = [*self.dynamic, *(p for s in self.stocks.values() for p in (*s.net, *s.initial))]
        gaps = {
            name for name, tables in self.tables.items() if any(map(_has_gaps, tables.values()))
        }
        gaps |= {name for name, values in self.parameters.items() if any(map(math.isnan, values))}
        own = {p.name for p in parts if any(_may_miss(n) for e in p.expressions for n in walk(e))}
        found = gaps | own
        if not found:
            return found
        changed = True
        while changed:
            more = {
                p.name
                for p in (*self.fixed, *parts)
                if p.name not in found and found & set(p.needs)
            }
            changed = bool(more)
            found |= more
        return found

    def size(self, name: str) -> int:
        """Return the number of elements of a variable."""
        return self.resolver.shapes[name].size


def make_program(model: Model) -> Program:
    """Return the program of `model`.

    Raises
    ------
    ModelError
        For circular equations, shown as the circle, for subscripts that fit nothing, and for delays whose order is no
        constant.
    """
    resolver = Resolver(model)
    for key, variable in model.variables.items():
        resolver.shapes[key] = Shape(tuple(resolver.dimension(d, key) for d in variable.dimensions))
    program = Program(model, resolver)
    parts: dict[str, list[Part | Block]] = {}
    expander = Expander(model, resolver, program, parts)
    for key, variable in model.variables.items():
        if variable.kind == "lookup":
            program.tables[key] = _tables(resolver, key, model)
        elif variable.kind == "stock":
            program.stocks[key] = StockParts(
                expander.parts(key, [(e, e.expression) for e in variable.equations]),
                expander.parts(key, [(e, e.initial or Number(0.0)) for e in variable.equations]),
                variable.non_negative,
            )
        elif all(isinstance(e.expression, (Number, Array)) for e in variable.equations):
            program.parameters[key] = _numbers(resolver, key, model)
        else:
            made = expander.parts(key, [(e, e.expression) for e in variable.equations])
            parts.setdefault(key, []).extend(made)
    _separate_starts(program, parts)
    _sort(program, parts)
    return program


def _has_gaps(table: Table) -> bool:
    return table.interpolation == "raw" or any(map(math.isnan, table.y))


def _may_miss(node: Expression) -> bool:
    if isinstance(node, Number):
        return math.isnan(node.value)
    return isinstance(node, Lookup) and isinstance(node.table, Table) and _has_gaps(node.table)


def _separate_starts(program: Program, parts: dict[str, list[Part | Block]]) -> None:
    """Part what holds at the start alone from what holds later (ACTIVE INITIAL)."""
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
    """Return the points of a graphical function for each flat position."""
    found: dict[int, Table] = {}
    for equation in model.variables[key].equations:
        if not isinstance(equation.expression, Table):
            raise resolver.error("the graphical function has no points", key)
        part = resolver.part(key, equation.subscripts, equation.expression, equation.exceptions)
        for single in resolver.single(part):
            found[resolver.flat(resolver.shapes[key], single.axes)] = equation.expression  # type: ignore[arg-type]
    return found


def _numbers(resolver: Resolver, key: str, model: Model) -> tuple[float, ...]:
    """Return the numbers of a parameter, row-major; parts without a number are NaN."""
    values = [math.nan] * resolver.shapes[key].size
    for equation in model.variables[key].equations:
        part = resolver.part(key, equation.subscripts, equation.expression, equation.exceptions)
        singles = list(resolver.single(part))
        literal = equation.expression
        if isinstance(literal, Array) and len(literal.values) != len(singles):
            raise resolver.error(
                f"its list has {len(literal.values)} numbers, but {len(singles)} are needed", key
            )
        for i, single in enumerate(singles):
            number = literal.values[i] if isinstance(literal, Array) else literal.value  # type: ignore[union-attr]
            values[resolver.flat(resolver.shapes[key], single.axes)] = number  # type: ignore[arg-type]
    return tuple(values)


def _sort(program: Program, parts: dict[str, list[Part | Block]]) -> None:
    """Order the parts by dependence, and part run constants from what changes with time."""
    ordered = sort_parts(program.resolver, parts)
    names = list(dict.fromkeys(p.name for p in ordered))
    needs = {name: {r for p in own for r in p.needs} for name, own in parts.items()}
    moving = {n for n in names if n in program.starting or not all(map(_is_timeless, parts[n]))}
    still = program.parameters.keys() | program.tables.keys() | parts.keys()
    changed = True
    while changed:
        found = {
            n for n in names if n not in moving and (needs[n] & moving or not needs[n] <= still)
        }
        changed = bool(found)
        moving |= found
    for part in ordered:
        (program.dynamic if part.name in moving else program.fixed).append(part)


def _is_timeless(part: Part | Block) -> bool:
    calls = [n for e in part.expressions for n in walk(e) if isinstance(n, Call)]
    return not any(FUNCTIONS[c.function].uses_time for c in calls)
