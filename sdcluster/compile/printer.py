"""Prints a program as the source of one scalar kernel, for plain Python and for numba alike.

Crosses the border: `print_kernel(program)` gives `KernelSource`. The printed text holds identifiers
made here and numbers formatted here, never text from the model file.

The kernel's functions
----------------------
``derive(p)``
    fills the slots of run constants from the parameters;
``initial(p, y)``
    fills the states, the kept initial values and the memories, at the start;
``rhs(t, y, p, dy)``
    the derivatives of the states;
``observe(t, y, p, dy, o)``
    the same, and the values of all states and dynamic variables into the row `o`;
``advance(t, y, p)``, ``clamp(y)``
    what happens once a step: memories, and stocks that must not fall below zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sdcluster.compile.program import Program, order
from sdcluster.model.expression import (
    COMPARISONS,
    FLIP,
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    children,
    references,
    walk,
)
from sdcluster.model.functions import FUNCTIONS

# Fixed slots at the head of `p`.
DT, START, STOP, EPS, TOL = range(5)
HEAD = 5

_SPILL = 30  # a deeper expression is cut into several statements: parsers limit nesting
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}
_TABLE_FUNCTION = {
    "interpolate": "lookup",
    "extrapolate": "lookup_extrapolate",
    "hold_backward": "lookup_hold",
}


@dataclass(frozen=True)
class KernelSource:
    """The printed kernel and the places of names in its vectors.

    Parameters
    ----------
    fast, careful : str
        The same functions; the careful ones divide through ``divide`` so that nothing raises.
    breakpoints : str
        A function ``breakpoints(p)`` that lists the times of jumps; plain Python only.
    parameters, initial_values, memories : dict of str to int
        Places in `p`: constants, overrides of initial values of stocks (NaN: none), kept values.
    fixed : dict of str to int
        Places in `p` of run constants.
    states : tuple of str
        Names of the states in `y`.
    observed : tuple of str
        Names of the columns of `o`.
    size : int
        Length of `p`.
    """

    fast: str
    careful: str
    breakpoints: str
    parameters: dict[str, int]
    initial_values: dict[str, int]
    fixed: dict[str, int]
    memories: dict[str, int]
    states: tuple[str, ...]
    observed: tuple[str, ...]
    size: int


def print_kernel(program: Program) -> KernelSource:
    """Return the printed kernel of `program`."""
    place = HEAD
    places: list[dict[str, int]] = []
    for names in (
        program.parameters,
        program.stocks,
        program.fixed,
        [*program.initials, *program.memories],
    ):
        places.append({name: place + i for i, name in enumerate(names)})
        place += len(names)
    parameters, initial_values, fixed, kept = places
    fast, careful = (
        _Kernel(program, parameters, initial_values, fixed, kept, careful).source()
        for careful in (False, True)
    )
    return KernelSource(
        fast=fast,
        careful=careful,
        breakpoints=_Kernel(program, parameters, initial_values, fixed, kept, True).breakpoints(),
        parameters=parameters,
        initial_values=initial_values,
        fixed=fixed,
        memories=kept,
        states=tuple(program.stocks),
        observed=(*program.stocks, *program.dynamic),
        size=place,
    )


@dataclass
class _Kernel:
    program: Program
    parameters: dict[str, int]
    initial_values: dict[str, int]
    fixed: dict[str, int]
    kept: dict[str, int]
    careful: bool
    tables: list[Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states = {name: i for i, name in enumerate(self.program.stocks)}
        self.values = {name: i for i, name in enumerate(self.program.dynamic)}

    # ---- whole functions

    def source(self) -> str:
        parts = [
            self.derive(),
            self.initial(),
            self.rhs(),
            self.observe(),
            self.advance(),
            self.clamp(),
        ]
        tables = "".join(
            f"X{i} = TABLE({_numbers(t.x)})\nY{i} = TABLE({_numbers(t.y)})\n"
            for i, t in enumerate(self.tables)
        )
        return tables + "\n\n".join(parts) + "\n"

    def derive(self) -> str:
        body = _Body(self)
        for name, expression in self.program.fixed.items():
            body.assign(f"p[{self.fixed[name]}]", expression)
        return body.function("derive(p)")

    def initial(self) -> str:
        program = self.program
        wanted: dict[str, Expression] = {k: s.initial for k, s in program.stocks.items()}
        wanted |= program.initials
        wanted |= {k: start for k, (_, start) in program.memories.items()}
        needs: dict[str, list[str]] = {}
        pending = list(wanted)
        while pending:
            name = pending.pop()
            if name not in needs:
                expression = wanted.get(name, program.dynamic.get(name))
                needs[name] = [] if expression is None else references(expression)
                pending += [r for r in needs[name] if r in wanted or r in program.dynamic]
        body = _Body(self)
        body.lines.append(f"t = p[{START}]")
        for name in order(program.model, needs):  # type: ignore[arg-type]
            if name in self.states:
                slot, target = self.initial_values[name], self.local(name)
                body.assign(target, wanted[name])
                body.lines.append(f"if p[{slot}] == p[{slot}]:")
                body.lines.append(f"    {target} = p[{slot}]")
                body.lines.append(f"y[{self.states[name]}] = {target}")
            elif name in self.kept:
                body.assign(f"p[{self.kept[name]}]", wanted[name])
            else:
                body.assign(self.local(name), program.dynamic[name])
        return body.function("initial(p, y)")

    def rhs(self) -> str:
        nets = [s.net for s in self.program.stocks.values()]
        body = self.evaluated(nets)
        self.derivatives(body)
        return body.function("rhs(t, y, p, dy)")

    def observe(self) -> str:
        body = _Body(self)
        self.load_states(body, self.states)
        for name, expression in self.program.dynamic.items():
            body.assign(self.local(name), expression)
        self.derivatives(body)
        for place, name in enumerate((*self.states, *self.values)):
            body.lines.append(f"o[{place}] = {self.local(name)}")
        return body.function("observe(t, y, p, dy, o)")

    def advance(self) -> str:
        body = self.evaluated([value for value, _ in self.program.memories.values()])
        for i, (value, _) in enumerate(self.program.memories.values()):
            body.assign(f"m{i}", value)
        for i, name in enumerate(self.program.memories):
            body.lines.append(f"p[{self.kept[name]}] = m{i}")
        return body.function("advance(t, y, p)")

    def clamp(self) -> str:
        body = _Body(self)
        for name, stock in self.program.stocks.items():
            if stock.non_negative:
                place = self.states[name]
                body.lines.append(f"if y[{place}] < 0.0:")
                body.lines.append(f"    y[{place}] = 0.0")
        return body.function("clamp(y)")

    def derivatives(self, body: _Body) -> None:
        for name, stock in self.program.stocks.items():
            body.assign(f"dy[{self.states[name]}]", stock.net)

    def evaluated(self, wanted: Iterable[Expression]) -> _Body:
        """Return a body that evaluates whatever `wanted` depends on, and no more."""
        used: set[str] = set()
        pending = [r for expression in wanted for r in references(expression)]
        while pending:
            name = pending.pop()
            if name not in used:
                used.add(name)
                if name in self.values:
                    pending += references(self.program.dynamic[name])
        body = _Body(self)
        self.load_states(body, [name for name in self.states if name in used])
        for name, expression in self.program.dynamic.items():
            if name in used:
                body.assign(self.local(name), expression)
        return body

    def load_states(self, body: _Body, names: Iterable[str]) -> None:
        body.lines += [f"{self.local(name)} = y[{self.states[name]}]" for name in names]

    def local(self, name: str) -> str:
        return f"s{self.states[name]}" if name in self.states else f"a{self.values[name]}"

    # ---- times of jumps

    def breakpoints(self) -> str:
        body = _Body(self)
        singles: list[str] = []
        trains: list[str] = []
        program = self.program
        expressions = [*program.dynamic.values(), *(s.net for s in program.stocks.values())]
        for node in (n for e in expressions for n in walk(e)):
            if isinstance(node, Call) and FUNCTIONS[node.function].breakpoints:
                arguments = [body.value(a) if self.is_fixed(a) else None for a in node.arguments]
                for template in FUNCTIONS[node.function].breakpoints:
                    text = _fill(template.lstrip("*"), arguments)
                    if text is not None:
                        (trains if template.startswith("*") else singles).append(text)
            elif isinstance(node, Binary) and node.operator in FLIP:
                sides = (node.left, node.right)
                for this, other in (sides, sides[::-1]):
                    if this == Call("time", ()) and self.is_fixed(other):
                        singles.append(body.value(other))
            elif isinstance(node, Lookup) and node.argument == Call("time", ()):
                table = (
                    program.tables[node.table.name]
                    if isinstance(node.table, Reference)
                    else node.table
                )
                singles += [_number(x) for x in table.x]
        lines = [
            f"    singles = [{', '.join(dict.fromkeys(singles))}]",
            f"    trains = [{''.join(f'({t}), ' for t in dict.fromkeys(trains))}]",
        ]
        spilled = [f"    {line}" for line in body.lines]
        return "\n".join(["def breakpoints(p):", *spilled, *lines, "    return singles, trains\n"])

    def is_fixed(self, expression: Expression) -> bool:
        return all(
            r in self.parameters or r in self.fixed for r in references(expression)
        ) and not any(
            isinstance(n, Call) and FUNCTIONS[n.function].uses_time for n in walk(expression)
        )


class _Body:
    """Statements of one printed function."""

    def __init__(self, kernel: _Kernel) -> None:
        self.kernel = kernel
        self.lines: list[str] = []
        self.spilled = 0

    def function(self, signature: str) -> str:
        return "\n".join(
            [f"@jit\ndef {signature}:", *(f"    {line}" for line in self.lines or ["pass"])]
        )

    def assign(self, target: str, expression: Expression) -> None:
        text = self.value(expression)
        self.lines.append(f"{target} = {text}")

    def spill(self, expression: Expression) -> str:
        text = self.value(expression)
        self.spilled += 1
        name = f"w{self.spilled}"
        self.lines.append(f"{name} = {text}")
        return name

    def value(self, node: Expression, depth: int = 0, binding: int = 0) -> str:
        """Return `node` as an expression; `binding` is the strength of the operator around it."""
        if depth > _SPILL and children(node):
            return self.spill(node)
        below = depth + 1
        match node:
            case Number(value):
                return _number(value)
            case Reference(name):
                return self.reference(name)
            case Unary("-", operand):
                return f"(-{self.value(operand, below, 3)})"
            case Binary("^", left, right):
                return self.power(left, right, below)
            case Binary("/", left, right) if self.kernel.careful:
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
        raise TypeError(f"cannot print {type(node).__name__}")

    def condition(self, node: Expression, depth: int) -> str:
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

    def reference(self, name: str) -> str:
        kernel = self.kernel
        for places in (kernel.parameters, kernel.fixed, kernel.kept):
            if name in places:
                return f"p[{places[name]}]"
        return kernel.local(name)

    def power(self, left: Expression, right: Expression, depth: int) -> str:
        base = self.value(left, depth)
        if right == Number(2.0) and isinstance(left, Reference):
            return f"({base} * {base})"
        return f"power({base}, {self.value(right, depth)})"

    def lookup(self, table: Expression, argument: str) -> str:
        if isinstance(table, Reference):
            table = self.kernel.program.tables[table.name]
        assert isinstance(table, Table)
        if table not in self.kernel.tables:
            self.kernel.tables.append(table)
        i = self.kernel.tables.index(table)
        return f"{_TABLE_FUNCTION[table.interpolation]}({argument}, X{i}, Y{i})"

    def call(self, function: str, arguments: tuple[Expression, ...], depth: int) -> str:
        row = FUNCTIONS[function]
        if function == "if":
            condition = self.condition(arguments[0], depth)
            return f"({self.value(arguments[1], depth)} if {condition} else {self.value(arguments[2], depth)})"
        template = row.template
        texts = []
        for i, argument in enumerate(arguments):
            repeated = template.count(f"{{{i}}}") > 1
            text = self.value(argument, depth, 3)
            if repeated and children(argument):
                self.spilled += 1
                name = f"w{self.spilled}"
                self.lines.append(f"{name} = {text}")
                text = name
            texts.append(text)
        filled = _fill(template, texts)
        assert filled is not None
        return filled


def _fill(template: str, arguments: list[str | None] | list[str]) -> str | None:
    """Put texts into a template; None where the template needs an argument that has none."""
    for i, text in enumerate(arguments):
        if text is None and f"{{{i}}}" in template:
            return None
        template = template.replace(f"{{{i}}}", text or "")
    names = {
        "t": "t",
        "dt": f"p[{DT}]",
        "start": f"p[{START}]",
        "stop": f"p[{STOP}]",
        "eps": f"p[{EPS}]",
        "tol": f"p[{TOL}]",
    }
    for name, text in names.items():
        template = template.replace(f"{{{name}}}", text)
    return template


def _number(value: float) -> str:
    text = repr(float(value))
    return f"({text})" if value < 0 or text == "-0.0" else text


def _numbers(values: tuple[float, ...]) -> str:
    return "(" + "".join(f"{v!r}, " for v in values) + ")"
