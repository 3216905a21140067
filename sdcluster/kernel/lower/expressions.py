"""Translate the expressions of equations: numbers, references, operators, functions, sums over elements.

Exports `Expressions`, the base class of `sdcluster.kernel.lower.body.Body`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, reduce

from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel import ir
from sdcluster.kernel.lower.array_calls import ArrayCalls
from sdcluster.kernel.lower.nodes import (
    binary,
    call,
    choice,
    compared,
    element,
    negative,
    number,
    plus,
    sum_of,
    times,
)
from sdcluster.kernel.lower.rows import ROW_FUNCTIONS
from sdcluster.kernel.lower.statements import Values
from sdcluster.kernel.lower.templates import filled, times_in
from sdcluster.messages import message
from sdcluster.model.expression import (
    AGGREGATES,
    COMPARISONS,
    Binary,
    Call,
    ElementIndex,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    banged,
    children,
)
from sdcluster.model.missing import NA

_SPILL = 30  # a deeper expression is cut into several statements: parsers limit nesting
_ARITHMETIC = frozenset("+-*/")
_TABLE_FUNCTION = {
    "interpolate": "lookup",
    "extrapolate": "lookup_extrapolate",
    "hold_backward": "lookup_hold",
    "look_forward": "lookup_forward",
    "raw": "lookup_raw",
}
_START = {"prod": ir.Number(1.0), "vmin": ir.Name("INF"), "vmax": negative("INF")}
_KINDS = {"extrapolate": 1, "hold_backward": 2, "look_forward": 3, "raw": 4}


class Expressions(ArrayCalls):
    """Translates expressions. Loops and other statements that an expression needs are appended before it is used."""

    def spill(self, expression: Expression) -> ir.Name:
        """Append the assignment of an expression to a new local variable, and return its name."""
        return self.keep(self.value(expression))

    def value(self, node: Expression, depth: int = 0) -> ir.Expression:
        """Translate `node` into the intermediate representation. `depth` counts the enclosing operators."""
        if depth > _SPILL and children(node):
            return self.spill(node)
        below = depth + 1
        match node:
            case Number(value):
                return number(value)
            case Reference():
                return self.reference(node)
            case ElementIndex(name):
                return self.element_index(name)
            case Unary("-", operand):
                return negative(self.value(operand, below))
            case Binary("^", left, right):
                return self.power(left, right, below)
            case Binary(operator, left, right) if operator in _ARITHMETIC:
                return ir.Binary(operator, self.value(left, below), self.value(right, below))
            case Binary() | Unary():
                return choice(self.condition(node, below), 1.0, 0.0)
            case Lookup(table, argument):
                return self.lookup(table, self.value(argument, below))
            case Call(function, arguments):
                return self.call(function, arguments, below)
        raise self.layout.resolver.error(
            message("kernel.lower.stands_where_number_expected", name=type(node).__name__.lower()),
            self.owner,
        )

    def condition(self, node: Expression, depth: int) -> ir.Expression:
        """Return `node` as a boolean expression."""
        if depth > _SPILL and children(node):
            return compared(self.spill(node), "!=", 0.0)
        below = depth + 1
        match node:
            case Unary("not", operand):
                return ir.Unary("not", self.condition(operand, below))
            case Binary("and" | "or" as operator, left, right):
                return ir.Logic(operator, self.condition(left, below), self.condition(right, below))
            case Binary(operator, left, right) if operator in COMPARISONS:
                sign = {"=": "==", "<>": "!="}.get(operator, operator)
                return compared(self.value(left, below), sign, self.value(right, below))
        return compared(self.value(node, below), "!=", 0.0)

    def reference(self, node: Reference) -> ir.Expression:
        """Return the local variable, or the element of a vector, that holds the value of a reference."""
        if node.name in self.layout.locals:
            return ir.Name(self.layout.locals[node.name])
        vector, base = self.layout.vectors[node.name]
        terms, offset = self.flat(node)
        return element(vector, sum_of(terms, base + offset))

    def element_index(self, name: str) -> ir.Expression:
        """Return the position of a subscript in its range, counted from 1."""
        if name in self.running:
            variable = self.running[name][0]
            return number(variable + 1.0) if isinstance(variable, int) else plus(variable, 1.0)
        resolver = self.layout.resolver
        for dimension in resolver.dimensions.values():
            if name in dimension.elements:
                return number(dimension.elements.index(name) + 1.0)
        elements = {n: e for n, (_, e) in self.running.items()}
        found = resolver.positions(name, resolver.dimension(name, self.owner), elements, self.owner)
        if isinstance(found, int):
            return number(found + 1.0)
        terms, offset = self.moved(self.running[found[0]][0], found[1], 1)
        return plus(sum_of(terms, offset), 1.0)

    def power(self, left: Expression, right: Expression, depth: int) -> ir.Expression:
        """Return a power. The square of a variable becomes a product."""
        base = self.value(left, depth)
        if right == Number(2.0) and isinstance(left, Reference):
            return times(base, base)
        return call("power", base, self.value(right, depth))

    def lookup(self, table: Expression, argument: ir.Expression) -> ir.Expression:
        """Return the value of a graphical function at an argument."""
        kind, points = self.points(table)
        return call(_TABLE_FUNCTION[kind], argument, *points)

    def points(self, table: Expression) -> tuple[str, Values]:
        """Return the kind of interpolation of a graphical function, and the arguments that locate its points."""
        if isinstance(table, Reference):
            pool = self.layout.tables.get(table.name)
            if pool is None:
                shown = self.layout.resolver.model.variables[table.name].name
                raise self.layout.resolver.error(
                    message("kernel.lower.looked_up_like_graphical", shown=shown),
                    self.owner,
                )
            if not self.layout.resolver.shapes[table.name].dimensions:
                return self.points(pool[0])
            terms, offset = self.flat(table)
            if not terms:
                return self.points(pool[offset])
            all_points = tuple(pool.get(i, Table((0.0,), (NA,))) for i in range(max(pool) + 1))
            i, place = self.layout.pool(all_points), sum_of(terms, offset)
            kind = next(iter(pool.values())).interpolation
            ends = element(f"O{i}", place), element(f"O{i}", plus(place, 1))
            return kind, (ir.Name(f"X{i}"), ir.Name(f"Y{i}"), *ends)
        assert isinstance(table, Table)
        return table.interpolation, self.layout.whole_table(table)

    def of_points(
        self, function: str, arguments: tuple[Expression, ...], depth: int
    ) -> ir.Expression:
        """Return a call of a function that takes the points of a graphical function."""
        table, row = arguments[0], FUNCTIONS[function]
        if not isinstance(table, Lookup):
            shown = row.vensim or row.xmile
            raise self.layout.resolver.error(
                message("kernel.lower.takes_graphical_function_data", shown=shown), self.owner
            )
        given = [self.value(a, depth) for a in (table.argument, *arguments[1:])]
        kind, points = self.points(table.table)
        made = call(row.points, *given, _KINDS.get(kind, 0), *points)
        return filled(row.template, [(made,)])[0] if row.template else made

    # ---- functions

    def call(self, function: str, arguments: tuple[Expression, ...], depth: int) -> ir.Expression:
        """Return the value of a call of any function in the table of functions."""
        if function == "if":
            condition = self.condition(arguments[0], depth)
            return ir.Choice(condition, *(self.value(a, depth) for a in arguments[1:]))
        if function in AGGREGATES:
            return self.aggregate(function, arguments[0])
        if function in ROW_FUNCTIONS:
            return self.of_rows(function, arguments)
        if function == "vector select":
            return self.select(*arguments)
        if function == "element":
            return self.element_at(arguments[0], arguments[1:])
        if function == "vector elm map":
            return self.element_map(arguments[0], arguments[1], depth)
        if FUNCTIONS[function].points:
            return self.of_points(function, arguments, depth)
        template = FUNCTIONS[function].template
        assert template, function
        self.layout.times |= times_in(template)
        given: list[Values] = []
        for i, argument in enumerate(arguments):
            values = self.arguments(argument, depth)
            if template.count(f"{{{i}}}") > 1 and children(argument):
                values = (self.keep(*values),)
            given.append(values)
        return filled(template, given)[0]

    @contextmanager
    def over(self, *expressions: Expression) -> Iterator[int]:
        """Loop over all subscripts such as ``region!`` in the expressions; yield the number of iterations."""
        names = list(dict.fromkeys(s for e in expressions for s in banged(e)))
        before = dict(self.running)
        rounds = 1
        with ExitStack() as loops:
            for name in names:
                elements = self.layout.resolver.dimension(name.rstrip("!"), self.owner).elements
                variable = self.fresh("i")
                loops.enter_context(self.each(variable, range(len(elements))))
                self.running[name] = (variable, elements)
                rounds *= len(elements)
            yield rounds
        self.running = before

    def aggregate(self, function: str, argument: Expression) -> ir.Expression:
        """Append a loop that computes a sum, mean, minimum or other aggregate, and return the aggregate."""
        name = self.fresh()
        self.set(name, _START.get(function, ir.Number(0.0)))
        with self.over(argument) as rounds:
            item = self.value(argument)
            if function in ("vmin", "vmax"):
                self.set(name, call(function[1:], name, item))
            else:
                self.set(name, binary(name, "*" if function == "prod" else "+", item))
        if function == "stddev":
            mean, squares = self.fresh(), self.fresh()
            self.set(mean, binary(name, "/", float(rounds)))
            self.set(squares, 0.0)
            with self.over(argument):
                apart = binary(self.value(argument), "-", mean)
                self.set(squares, plus(squares, times(apart, apart)))
            return call("sqrt", binary(squares, "/", float(rounds)))
        return binary(name, "/", float(rounds)) if function == "mean" else ir.Name(name)

    def select(
        self,
        selection: Expression,
        value: Expression,
        missing: Expression,
        action: Expression,
        error: Expression,
    ) -> ir.Expression:
        """Append a loop that computes Vensim's VECTOR SELECT, and return the value of the function."""
        kind, total, count, weight = (self.fresh() for _ in range(4))
        self.set(kind, self.value(action))
        self.set(total, call("select_start", kind))
        self.set(count, 0.0)
        with self.over(selection, value):
            self.set(weight, self.value(selection))
            with self.when(compared(weight, "!=", 0.0)):
                self.set(total, call("select_step", kind, total, weight, self.value(value)))
                self.set(count, plus(count, 1.0))
        otherwise = self.value(error)
        return call("select_end", kind, otherwise, total, count, self.value(missing))

    def element_at(self, array: Expression, indices: tuple[Expression, ...]) -> ir.Expression:
        """Return the element of an array at computed positions, or 0 outside the array.

        `indices` holds pairs: the number of an axis (from 0), and the position along it (from 1).
        """
        if not isinstance(array, Reference) or array.name not in self.layout.vectors:
            raise self.layout.resolver.error(message("kernel.lower.index_needs_array"), self.owner)
        vector, base = self.layout.vectors[array.name]
        terms, offset = self.flat(array)
        shape = self.layout.resolver.shapes[array.name]
        inside: list[ir.Expression] = []
        for axis, index in zip(indices[::2], indices[1::2], strict=True):
            if not isinstance(axis, Number) or not 0 <= axis.value < len(shape.dimensions):
                raise self.layout.resolver.error(
                    message("kernel.lower.axis_index_must_number"), self.owner
                )
            at = int(axis.value)
            place = self.spill(index)
            behind = len(shape.dimensions[at].elements) + 1.0
            bounds = compared(1.0, "<=", place), compared(place, "<", behind)
            inside.append(ir.Logic("and", *bounds))
            terms.append(times(binary(call("int", place), "-", 1), shape.strides[at]))
        everywhere = reduce(partial(ir.Logic, "and"), inside)
        return choice(everywhere, element(vector, sum_of(terms, base + offset)), 0.0)

    def element_map(self, start: Expression, offset: Expression, depth: int) -> ir.Expression:
        """Return the value of Vensim's VECTOR ELM MAP: the element that comes `offset` elements after `start`."""
        if not isinstance(start, Reference) or start.name not in self.layout.vectors:
            raise self.layout.resolver.error(
                message("kernel.lower.vector_elm_map_needs"), self.owner
            )
        vector, base = self.layout.vectors[start.name]
        terms, constant = self.flat(start)
        size = self.layout.resolver.shapes[start.name].size
        place = plus(sum_of(terms, constant), self.value(offset, depth))
        return call("pick", vector, base, size, place)
