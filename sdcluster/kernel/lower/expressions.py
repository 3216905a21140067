"""Printed expressions: numbers, references, operators, functions, sums over dimensions.

Crosses the border: `Expressions`, the base of `sdcluster.kernel.lower.body`; `fill` puts texts into a template.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel.layout import DT, EPS, NOW, SEED, START, STOP, TOL, number
from sdcluster.kernel.lower.array_calls import ArrayCalls
from sdcluster.kernel.lower.rows import ROW_FUNCTIONS
from sdcluster.kernel.lower.statements import sum_of
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
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}
_TABLE_FUNCTION = {
    "interpolate": "lookup",
    "extrapolate": "lookup_extrapolate",
    "hold_backward": "lookup_hold",
    "look_forward": "lookup_forward",
    "raw": "lookup_raw",
}
_KINDS = {"extrapolate": 1, "hold_backward": 2, "look_forward": 3, "raw": 4}
_AGGREGATES = {"sum": ("0.0", "{0} + {1}"), "prod": ("1.0", "{0} * {1}"), "vmin": ("INF", "min({0}, {1})"),
               "vmax": ("-INF", "max({0}, {1})")}  # fmt: skip


class Expressions(ArrayCalls):
    """Prints values; what does not fit into an expression becomes statements before it."""

    def spill(self, expression: Expression) -> str:
        """Print an assignment to a fresh local name, and return the name."""
        text = self.value(expression)
        name = self.fresh()
        self.add(f"{name} = {text}")
        return name

    def value(self, node: Expression, depth: int = 0, binding: int = 0) -> str:
        """Return `node` as an expression; `binding` is the strength of the operator around it."""
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
                return f"(-{self.value(operand, below, 3)})"
            case Binary("^", left, right):
                return self.power(left, right, below)
            case Binary("/", left, right) if self.layout.careful:
                return f"divide({self.value(left, below)}, {self.value(right, below)})"
            case Binary(operator, left, right) if operator in _PRECEDENCE:
                strength = _PRECEDENCE[operator]
                text = f"{self.value(left, below, strength)} {operator} {self.value(right, below, strength + 1)}"
                return f"({text})" if strength < binding else text
            case Binary() | Unary():
                return f"(1.0 if {self.condition(node, below)} else 0.0)"
            case Lookup(table, argument):
                return self.lookup(table, self.value(argument, below))
            case Call(function, arguments):
                return self.call(function, arguments, below)
        raise self.layout.resolver.error(
            f"a {type(node).__name__.lower()} stands where a number is expected", self.owner
        )

    def condition(self, node: Expression, depth: int) -> str:
        """Return `node` as something true or false."""
        if depth > _SPILL and children(node):
            return f"{self.spill(node)} != 0.0"
        below = depth + 1
        match node:
            case Unary("not", operand):
                return f"(not {self.condition(operand, below)})"
            case Binary("and" | "or" as operator, left, right):
                return f"({self.condition(left, below)} {operator} {self.condition(right, below)})"
            case Binary(operator, left, right) if operator in COMPARISONS:
                sign = {"=": "==", "<>": "!="}.get(operator, operator)
                return f"{self.value(left, below, 1)} {sign} {self.value(right, below, 1)}"
        return f"{self.value(node, below, 1)} != 0.0"

    def reference(self, node: Reference) -> str:
        """Return where the value of a variable, or of an element, stands."""
        if node.name in self.layout.records:
            return self.course(node)
        if node.name in self.layout.locals:
            return self.layout.locals[node.name]
        vector, base = self.layout.vectors[node.name]
        terms, offset = self.flat(node)
        return f"{vector}[{sum_of(terms, base + offset)}]"

    def element_index(self, name: str) -> str:
        """Return the position of a subscript, from 1."""
        if name in self.running:
            variable = self.running[name][0]
            return number(variable + 1.0) if isinstance(variable, int) else f"({variable} + 1.0)"
        resolver = self.layout.resolver
        for dimension in resolver.dimensions.values():
            if name in dimension.elements:
                return number(dimension.elements.index(name) + 1.0)
        elements = {n: e for n, (_, e) in self.running.items()}
        found = resolver.positions(name, resolver.dimension(name, self.owner), elements, self.owner)
        if isinstance(found, int):
            return number(found + 1.0)
        terms, offset = self.moved(self.running[found[0]][0], found[1], 1)
        return f"({sum_of(terms, offset)} + 1.0)"

    def power(self, left: Expression, right: Expression, depth: int) -> str:
        """Return a power; the square of a name is a product."""
        base = self.value(left, depth)
        if right == Number(2.0) and isinstance(left, Reference):
            return f"({base} * {base})"
        return f"power({base}, {self.value(right, depth)})"

    def lookup(self, table: Expression, argument: str) -> str:
        """Return the value of a graphical function."""
        kind, points = self.points(table)
        return f"{_TABLE_FUNCTION[kind]}({argument}, {points})"

    def points(self, table: Expression) -> tuple[str, str]:
        """Return how a graphical function is interpolated, and the arguments that give its points."""
        if isinstance(table, Reference):
            pool = self.layout.tables.get(table.name)
            if pool is None:
                shown = self.layout.resolver.model.variables[table.name].name
                raise self.layout.resolver.error(
                    f'"{shown}" is looked up like a graphical function, but it is none; '
                    "a value of an array is taken with an index",
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
            return kind, f"X{i}, Y{i}, O{i}[{place}], O{i}[{place} + 1]"
        assert isinstance(table, Table)
        i = self.layout.pool((table,))
        return table.interpolation, f"X{i}, Y{i}, 0, {len(table.x)}"

    def of_points(self, function: str, arguments: tuple[Expression, ...], depth: int) -> str:
        """Return a function of a graphical function's points."""
        table, row = arguments[0], FUNCTIONS[function]
        if not isinstance(table, Lookup):
            shown = row.vensim or row.xmile
            raise self.layout.resolver.error(
                f"{shown} takes a graphical function or data variable first", self.owner
            )
        texts = [self.value(a, depth, 3) for a in (table.argument, *arguments[1:])]
        kind, points = self.points(table.table)
        code = _KINDS.get(kind, 0)
        made = f"{row.points}({', '.join(texts)}, {code}, {points})"
        return fill(row.template, [made]) or made if row.template else made

    # ---- functions

    def call(self, function: str, arguments: tuple[Expression, ...], depth: int) -> str:
        """Return a call of a function of the table."""
        if function == "if":
            condition = self.condition(arguments[0], depth)
            return f"({self.value(arguments[1], depth)} if {condition} else {self.value(arguments[2], depth)})"
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
        if not template:
            shown = FUNCTIONS[function].vensim or FUNCTIONS[function].xmile or function.upper()
            raise self.layout.resolver.error(f"{shown} is not supported here", self.owner)
        texts = []
        for i, argument in enumerate(arguments):
            text = self.value(argument, depth, 3)
            if template.count(f"{{{i}}}") > 1 and children(argument):
                name = self.fresh()
                self.add(f"{name} = {text}")
                text = name
            texts.append(text)
        filled = fill(template, texts)
        assert filled is not None
        return filled

    @contextmanager
    def over(self, *expressions: Expression) -> Iterator[int]:
        """Print loops over all ``dimension!`` subscripts in the expressions; gives the number of rounds."""
        names = list(dict.fromkeys(s for e in expressions for s in banged(e)))
        outer, before = self.indent, dict(self.running)
        rounds = 1
        for name in names:
            elements = self.layout.resolver.dimension(name.rstrip("!"), self.owner).elements
            variable = self.fresh("i")
            self.add(f"for {variable} in range({len(elements)}):")
            self.indent += "    "
            self.running[name] = (variable, elements)
            rounds *= len(elements)
        yield rounds
        self.indent, self.running = outer, before

    def aggregate(self, function: str, argument: Expression) -> str:
        """Print a sum, product, minimum or maximum over dimensions, and return its local name."""
        start, step = _AGGREGATES.get(function, _AGGREGATES["sum"])
        name = self.fresh()
        self.add(f"{name} = {start}")
        with self.over(argument) as rounds:
            text = self.value(argument, 0, 3)
            self.add(f"{name} = {step.format(name, text)}")
        if function == "stddev":
            mean, squares = self.fresh(), self.fresh()
            self.add(f"{mean} = {name} / {number(float(rounds))}")
            self.add(f"{squares} = 0.0")
            with self.over(argument):
                text = self.value(argument, 0, 3)
                self.add(f"{squares} = {squares} + ({text} - {mean}) * ({text} - {mean})")
            return f"sqrt({squares} / {number(float(rounds))})"
        return f"({name} / {number(float(rounds))})" if function == "mean" else name

    def select(
        self,
        selection: Expression,
        value: Expression,
        missing: Expression,
        action: Expression,
        error: Expression,
    ) -> str:
        """Print Vensim's VECTOR SELECT."""
        kind, total, count, weight = (self.fresh() for _ in range(4))
        self.add(f"{kind} = {self.value(action)}")
        self.add(f"{total} = select_start({kind})")
        self.add(f"{count} = 0.0")
        with self.over(selection, value):
            self.add(f"{weight} = {self.value(selection)}")
            self.add(f"if {weight} != 0.0:")
            self.indent += "    "
            text = self.value(value)
            self.add(f"{total} = select_step({kind}, {total}, {weight}, {text})")
            self.add(f"{count} += 1.0")
        rest = f"{self.value(error)}, {total}, {count}, {self.value(missing)}"
        return f"select_end({kind}, {rest})"

    def element_at(self, array: Expression, indices: tuple[Expression, ...]) -> str:
        """Return an element by places from 1 along some axes: pairs of an axis and a place; 0 outside the array."""
        if not isinstance(array, Reference) or array.name not in self.layout.vectors:
            raise self.layout.resolver.error("an index needs an array", self.owner)
        vector, base = self.layout.vectors[array.name]
        terms, offset = self.flat(array)
        shape = self.layout.resolver.shapes[array.name]
        inside = []
        for axis, index in zip(indices[::2], indices[1::2], strict=True):
            if not isinstance(axis, Number) or not 0 <= axis.value < len(shape.dimensions):
                raise self.layout.resolver.error(
                    "the axis of an index must be a number", self.owner
                )
            at = int(axis.value)
            place = self.spill(index)
            inside.append(f"1.0 <= {place} < {number(len(shape.dimensions[at].elements) + 1.0)}")
            terms.append(f"(int({place}) - 1) * {shape.strides[at]}")
        return f"({vector}[{sum_of(terms, base + offset)}] if {' and '.join(inside)} else 0.0)"

    def element_map(self, start: Expression, offset: Expression, depth: int) -> str:
        """Return Vensim's VECTOR ELM MAP: the element so many places further on."""
        if not isinstance(start, Reference) or start.name not in self.layout.vectors:
            raise self.layout.resolver.error(
                "VECTOR ELM MAP needs an element of an array", self.owner
            )
        vector, base = self.layout.vectors[start.name]
        terms, constant = self.flat(start)
        size = self.layout.resolver.shapes[start.name].size
        return f"pick({vector}, {base}, {size}, {sum_of(terms, constant)} + {self.value(offset, depth, 3)})"


def fill(template: str, arguments: list[str | None] | list[str]) -> str | None:
    """Put texts into a template; None where the template needs an argument that has none."""
    for i, text in enumerate(arguments):
        if text is None and f"{{{i}}}" in template:
            return None
        template = template.replace(f"{{{i}}}", text or "")
    places = {"dt": DT, "start": START, "stop": STOP, "eps": EPS, "tol": TOL, "seed": SEED}
    places["clock"] = NOW
    template = template.replace("{t}", "t")
    for name, place in places.items():
        template = template.replace(f"{{{name}}}", f"p[{place}]")
    return template
