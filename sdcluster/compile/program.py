"""A model ready for printing: statefuls expanded into stocks, initial slots and memories; equations sorted into stages.

Crosses the border: `expand(model)` takes a `Model` and gives a `Program`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.model.expression import (
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

MAX_ORDER = 1000


@dataclass(frozen=True)
class StockEquation:
    """A stock of the program; `hidden` ones come from delays and smooths."""

    net: Expression
    initial: Expression
    non_negative: bool = False
    hidden: bool = False


@dataclass
class Program:
    """Equations by canonical name, in the order in which they can be evaluated.

    Parameters
    ----------
    model : Model
        Where it came from.
    parameters : dict of str to float
        Variables that are one number; a run may set them.
    stocks : dict of str to StockEquation
        Integrated states.
    fixed : dict of str to Expression
        Run constants: depend on parameters (and each other) alone.
    dynamic : dict of str to Expression
        Evaluated at each time, in this order; names in angle brackets are hidden.
    initials : dict of str to Expression
        Values kept from the start (INIT).
    memories : dict of str to tuple
        Values kept from one step to the next (PREVIOUS): what to keep, and the value at the start.
    tables : dict of str to Table
        Graphical functions with a name.
    structural : set of str
        Constants whose value shaped the program (orders of delays); setting one needs another program.
    """

    model: Model
    parameters: dict[str, float] = field(default_factory=dict)
    stocks: dict[str, StockEquation] = field(default_factory=dict)
    fixed: dict[str, Expression] = field(default_factory=dict)
    dynamic: dict[str, Expression] = field(default_factory=dict)
    initials: dict[str, Expression] = field(default_factory=dict)
    memories: dict[str, tuple[Expression, Expression]] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    structural: set[str] = field(default_factory=set)


def expand(model: Model) -> Program:
    """Return the program of `model`.

    Raises
    ------
    ModelError
        For circular equations, shown as the circle, and for delays whose order is no constant.
    """
    program = Program(model)
    equations: dict[str, Expression] = {}
    expander = _Expander(program, equations)
    for key, variable in model.variables.items():
        equation = variable.equations[0]
        if variable.kind == "lookup":
            if not isinstance(equation.expression, Table):
                raise ModelError(
                    "the lookup has no points",
                    file=model.path,
                    line=variable.line,
                    variable=variable.name,
                )
            program.tables[key] = equation.expression
        elif variable.kind == "stock":
            net = expander.visit(equation.expression, key)
            initial = expander.visit(equation.initial or Number(0.0), key)
            program.stocks[key] = StockEquation(net, initial, variable.non_negative)
        elif isinstance(equation.expression, Number):
            program.parameters[key] = equation.expression.value
        else:
            equations[key] = expander.visit(equation.expression, key)
    _sort(program, equations)
    return program


def _sort(program: Program, equations: dict[str, Expression]) -> None:
    """Order `equations` by dependence and part run constants from dynamic ones."""
    for key in order(program.model, {k: references(e) for k, e in equations.items()}):
        expression = equations[key]
        known = program.parameters.keys() | program.fixed.keys()
        timeless = not any(
            isinstance(n, Call) and FUNCTIONS[n.function].uses_time for n in walk(expression)
        )
        # Lookup tables are references too, and always fixed.
        if timeless and all(r in known or r in program.tables for r in references(expression)):
            program.fixed[key] = expression
        else:
            program.dynamic[key] = expression


def order(model: Model, needs: dict[str, Iterable[str]]) -> list[str]:
    """Return the keys of `needs` so that each comes after what it needs.

    Raises
    ------
    ModelError
        Naming the circle, where there is one.
    """
    graph = {key: [n for n in names if n in needs] for key, names in needs.items()}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        names = " → ".join(f'"{_shown(model, k)}"' for k in circle)
        first = model.variables.get(next((k for k in circle if k in model.variables), ""))
        raise ModelError(
            f"these variables define each other in a circle: {names}; break it with a stock, a delay or PREVIOUS",
            file=model.path,
            line=first.line if first else None,
            variable=first.name if first else None,
        ) from None


def _shown(model: Model, key: str) -> str:
    return model.variables[key].name if key in model.variables else key


class _Expander:
    """Replaces calls of stateful functions by references to hidden stocks, slots and memories."""

    def __init__(self, program: Program, equations: dict[str, Expression]) -> None:
        self.program = program
        self.equations = equations
        self.counter = 0

    def visit(self, node: Expression, owner: str) -> Expression:
        if not children(node):
            return node
        match node:
            case Unary(operator, operand):
                return Unary(operator, self.visit(operand, owner))
            case Binary(operator, left, right):
                return Binary(operator, self.visit(left, owner), self.visit(right, owner))
            case Lookup(table, argument):
                return Lookup(table, self.visit(argument, owner))
            case Call(function, arguments):
                inner = tuple(self.visit(a, owner) for a in arguments)
                rewrite = FUNCTIONS[function].rewrite
                if not rewrite:
                    return Call(function, inner)
                rule: Callable[..., Expression] = getattr(self, rewrite)
                return rule(owner, *inner)
        return node

    def hidden(self, what: str, owner: str) -> str:
        self.counter += 1
        return f"⟨{what} {self.counter} in {owner}⟩"

    def named(self, node: Expression, what: str, owner: str) -> Expression:
        """Give a compound expression a hidden name, so that it is evaluated once."""
        if isinstance(node, (Reference, Number)):
            return node
        key = self.hidden(what, owner)
        self.equations[key] = node
        return Reference(key)

    # Rules, named like the table's `rewrite`.

    def initial(self, owner: str, value: Expression) -> Expression:
        key = self.hidden("initial value", owner)
        self.program.initials[key] = value
        return Reference(key)

    def previous(self, owner: str, value: Expression, start: Expression) -> Expression:
        key = self.hidden("previous value", owner)
        self.program.memories[key] = (value, start)
        return Reference(key)

    def smooth(
        self, owner: str, value: Expression, time: Expression, start: Expression, n: Expression
    ) -> Expression:
        count = self.order_of(n, owner)
        previous = self.named(value, "smooth input", owner)
        time = self.named(time, "smooth time", owner)
        rate = Binary("/", Number(float(count)), time)
        for _ in range(count):
            key = self.hidden("smooth", owner)
            net = Binary("*", Binary("-", previous, Reference(key)), rate)
            self.program.stocks[key] = StockEquation(net, start, hidden=True)
            previous = Reference(key)
        return previous

    def delay(
        self, owner: str, value: Expression, time: Expression, start: Expression, n: Expression
    ) -> Expression:
        count = self.order_of(n, owner)
        inflow = self.named(value, "delay input", owner)
        time = self.named(time, "delay time", owner)
        stage = Binary("/", time, Number(float(count)))
        for _ in range(count):
            key = self.hidden("delay", owner)
            outflow = self.named(Binary("/", Reference(key), stage), "delay output", owner)
            net = Binary("-", inflow, outflow)
            self.program.stocks[key] = StockEquation(net, Binary("*", start, stage), hidden=True)
            inflow = outflow
        return inflow

    def trend(
        self, owner: str, value: Expression, time: Expression, start: Expression
    ) -> Expression:
        value, time = self.named(value, "trend input", owner), self.named(time, "trend time", owner)
        divisor = Binary("+", Number(1.0), Binary("*", start, time))
        average = self.average(owner, value, time, Binary("/", value, divisor))
        change = Binary("-", value, average)
        return Call("zidz", (change, Binary("*", time, Call("abs", (average,)))))

    def forecast(
        self,
        owner: str,
        value: Expression,
        time: Expression,
        horizon: Expression,
        start: Expression,
    ) -> Expression:
        value, time = (
            self.named(value, "forecast input", owner),
            self.named(time, "forecast time", owner),
        )
        average = self.average(
            owner, value, time, Binary("/", value, Binary("+", Number(1.0), start))
        )
        growth = Call("zidz", (Binary("-", value, average), Binary("*", time, average)))
        return Binary("*", value, Binary("+", Number(1.0), Binary("*", growth, horizon)))

    def average(
        self, owner: str, value: Expression, time: Expression, start: Expression
    ) -> Reference:
        key = self.hidden("average", owner)
        net = Binary("/", Binary("-", value, Reference(key)), time)
        self.program.stocks[key] = StockEquation(net, start, hidden=True)
        return Reference(key)

    def order_of(self, node: Expression, owner: str) -> int:
        model = self.program.model
        value: float | None = None
        if isinstance(node, Number):
            value = node.value
        elif isinstance(node, Reference) and model.variables[node.name].kind == "constant":
            value = model.variables[node.name].value
            self.program.structural.add(node.name)
        if value is None or value != int(value) or not 1 <= value <= MAX_ORDER:
            variable = model.variables[owner]
            raise ModelError(
                f'variable "{variable.name}": the order of a delay or smooth must be a whole number from 1 to '
                f"{MAX_ORDER}, written as a number or a constant",
                file=model.path,
                line=variable.line,
                variable=variable.name,
            )
        return int(value)
