"""Statefuls become stocks, kept values and memories; array functions get arrays of their own to work on.

Crosses the border: `Expander.parts` takes the equations of one variable and gives its `Part`s; what
else comes up goes into the program that it was given. Names of hidden variables stand in angle brackets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sdcluster.compile.parts import Loop, Part, Resolver, Shape
from sdcluster.compile.pieces import Block, FixedDelay, Memory, StockParts
from sdcluster.model import Equation, Model
from sdcluster.model.expression import (
    AGGREGATES,
    Array,
    Binary,
    Call,
    ElementIndex,
    Expression,
    Number,
    Reference,
    Unary,
    children,
    rebuilt,
    walk,
)
from sdcluster.model.functions import FUNCTIONS

if TYPE_CHECKING:
    from sdcluster.compile.program import Program

MAX_ORDER = 1000
_RANDOM_MODULUS = 2147483647.0


def without_start(node: Expression, at_start: bool) -> Expression:
    """Return an expression with ACTIVE INITIAL replaced by its start, or by what holds later."""
    if isinstance(node, Call) and node.function == "active initial":
        return without_start(node.arguments[1 if at_start else 0], at_start)
    return rebuilt(node, lambda child: without_start(child, at_start))


class Expander:
    """Turns equations into parts; see the module.

    Parameters
    ----------
    model : Model
    resolver : Resolver
        Gets the shapes of hidden variables.
    program : Program
        Gets stocks, kept values, memories and delays.
    equations : dict of str to list
        Gets hidden auxiliaries.
    """

    def __init__(
        self,
        model: Model,
        resolver: Resolver,
        program: Program,
        equations: dict[str, list[Part | Block]],
    ) -> None:
        self.model, self.resolver, self.program, self.equations = (
            model,
            resolver,
            program,
            equations,
        )
        self.counter = 0
        self.owner = ""
        self.loops: tuple[Loop, ...] = ()

    def parts(self, key: str, equations: Sequence[tuple[Equation, Expression]]) -> list[Part]:
        """Return the parts of one variable's equations."""
        made: list[Part] = []
        for equation, expression in equations:
            part = self.resolver.part(key, equation.subscripts, expression, equation.exceptions)
            if isinstance(expression, Array):
                singles = self.resolver.single(part)
                made += [
                    replace(s, expression=Number(v))
                    for s, v in zip(singles, expression.values, strict=False)
                ]
                continue
            self.owner, self.loops = key, part.loops
            made.append(replace(part, expression=self.visit(expression)))
        return made

    def visit(self, node: Expression) -> Expression:
        """Return `node` without stateful calls."""
        if isinstance(node, Call):
            if node.function in AGGREGATES and self.loops and self.stands_still(node):
                return self.once(node)
            rewrite = FUNCTIONS[node.function].rewrite
            if rewrite:
                rule: Callable[..., Expression] = getattr(self, rewrite)
                if rewrite == "row":
                    return self.row(node.function, *(self.visit(a) for a in node.arguments))
                return rule(*(self.visit(a) for a in node.arguments))
        return rebuilt(node, self.visit)

    def stands_still(self, node: Expression) -> bool:
        """Whether a sum over dimensions is the same for all elements of the present equation."""
        running = {loop.name for loop in self.loops}
        for inner in walk(node):
            if isinstance(inner, ElementIndex):
                return False
            if isinstance(inner, Reference):
                shape = self.resolver.shapes[inner.name].dimensions
                if len(inner.subscripts) != len(shape) or running & set(inner.subscripts):
                    return False
                fixed = {e for d in shape for e in d.elements}
                if any(not s.endswith("!") and s not in fixed for s in inner.subscripts):
                    return False
        return True

    def once(self, node: Expression) -> Expression:
        """Evaluate an expression before the loops, in a hidden scalar."""
        loops, self.loops = self.loops, ()
        try:
            return self.named(self.visit(node), "total")
        finally:
            self.loops = loops

    # ---- hidden variables over the loops of the present equation

    def hide(self, what: str) -> str:
        """Register a hidden variable over the present loops, and return its name."""
        self.counter += 1
        key = f"⟨{what} {self.counter} in {self.owner}⟩"
        self.resolver.shapes[key] = Shape(
            tuple(self.resolver.dimension(loop.name) for loop in self.loops)
        )
        return key

    def whole(self, key: str, expression: Expression) -> list[Part]:
        """Return the one part that defines a hidden variable everywhere."""
        if _loose_bang(expression):
            raise self.resolver.error("a delay, smooth or memory inside a sum over a dimension is not supported; "
                                      "give it a variable of its own", self.owner)  # fmt: skip
        axes = tuple(Loop(loop.name, tuple(range(len(loop.positions)))) for loop in self.loops)
        return [Part(key, axes, expression)]

    def refer(self, key: str) -> Reference:
        """Return a reference to a hidden variable."""
        return Reference(key, tuple(loop.name for loop in self.loops))

    def named(self, node: Expression, what: str, always: bool = False) -> Expression:
        """Give a compound expression a hidden name, so that it is evaluated once."""
        if isinstance(node, Number) and not always:
            return node
        if isinstance(node, Reference) and not always:
            return node
        key = self.hide(what)
        self.equations[key] = list(self.whole(key, node))
        return self.refer(key)

    def stock(
        self, what: str, net: Callable[[Reference], Expression], start: Expression
    ) -> Reference:
        """Add a hidden stock; `net` gets a reference to it."""
        key = self.hide(what)
        reference = self.refer(key)
        self.program.stocks[key] = StockParts(
            self.whole(key, net(reference)), self.whole(key, start)
        )
        return reference

    # ---- rules, named like the table's `rewrite`

    def initial(self, value: Expression) -> Expression:
        """INIT(x)."""
        key = self.hide("initial value")
        self.program.initials[key] = self.whole(key, value)
        return self.refer(key)

    def memory(
        self, what: str, keep: Callable[[Reference], Expression], start: Expression
    ) -> Reference:
        """Add a value kept from step to step; `keep` gets a reference to it."""
        key = self.hide(what)
        reference = self.refer(key)
        self.program.memories[key] = Memory(
            self.whole(key, keep(reference)), self.whole(key, start)
        )
        return reference

    def previous(self, value: Expression, start: Expression) -> Expression:
        """PREVIOUS(x, start)."""
        return self.memory("previous value", lambda _: value, start)

    def sample(self, condition: Expression, value: Expression, start: Expression) -> Expression:
        """SAMPLE IF TRUE(condition, x, start)."""
        key = self.hide("sample")
        now = self.refer(key)
        before = self.memory("last sample", lambda _: now, start)
        self.equations[key] = list(self.whole(key, Call("if", (condition, value, before))))
        return now

    def smooth(
        self, value: Expression, time: Expression, start: Expression, n: Expression
    ) -> Expression:
        """SMOOTH of order n: n stocks in a row, each adjusting in a share of the time."""
        count = self.order_of(n)
        previous = self.named(value, "smooth input")
        time = self.named(time, "smooth time")
        rate = Binary("/", Number(float(count)), time)
        for _ in range(count):
            previous = self.stock("smooth", partial(_adjust, previous, rate), start)
        return previous

    def delay(
        self, value: Expression, time: Expression, start: Expression, n: Expression
    ) -> Expression:
        """Material delay of order n: n stocks in a row, each emptying in a share of the time."""
        count = self.order_of(n)
        inflow = self.named(value, "delay input")
        time = self.named(time, "delay time")
        stage = Binary("/", time, Number(float(count)))
        for _ in range(count):
            key = self.hide("delay output")
            outflow = self.refer(key)
            net = partial(_net, inflow, outflow)
            level = self.stock("delay", net, Binary("*", start, stage))
            self.equations[key] = list(self.whole(key, Binary("/", level, stage)))
            inflow = outflow
        return inflow

    def fixed(self, value: Expression, time: Expression, start: Expression) -> Expression:
        """DELAY FIXED(x, time, start)."""
        entering = self.named(value, "delay input", always=True)
        assert isinstance(entering, Reference)
        key = self.hide("fixed delay")
        self.program.delays[key] = FixedDelay(
            entering.name, self.whole(key, time), self.whole(key, start)
        )
        return self.refer(key)

    def trend(self, value: Expression, time: Expression, start: Expression) -> Expression:
        """TREND(x, averaging time, initial trend)."""
        value, time = self.named(value, "trend input"), self.named(time, "trend time")
        divisor = Binary("+", Number(1.0), Binary("*", start, time))
        average = self.average(value, time, Binary("/", value, divisor))
        change = Binary("-", value, average)
        return Call("zidz", (change, Binary("*", time, Call("abs", (average,)))))

    def forecast(
        self, value: Expression, time: Expression, horizon: Expression, start: Expression
    ) -> Expression:
        """FORECAST(x, averaging time, horizon, initial trend)."""
        value, time = self.named(value, "forecast input"), self.named(time, "forecast time")
        average = self.average(value, time, Binary("/", value, Binary("+", Number(1.0), start)))
        growth = Call("zidz", (Binary("-", value, average), Binary("*", time, average)))
        return Binary("*", value, Binary("+", Number(1.0), Binary("*", growth, horizon)))

    def average(self, value: Expression, time: Expression, start: Expression) -> Reference:
        """Add a hidden exponential average."""
        return self.stock("average", lambda s: Binary("/", Binary("-", value, s), time), start)

    def npv(
        self, stream: Expression, rate: Expression, start: Expression, factor: Expression
    ) -> Expression:
        """Net present value: Vensim's NPV(stream, discount rate, initial value, factor)."""
        rate = self.named(rate, "discount rate")
        step = Call("dt", ())
        discount = self.stock(
            "discount factor",
            lambda s: Binary(
                "/",
                Unary("-", Binary("*", s, rate)),
                Binary("+", Number(1.0), Binary("*", rate, step)),
            ),
            Number(1.0),
        )
        flow = Binary("*", stream, discount)
        total = self.stock("present value", lambda _: flow, start)
        return Binary(
            "*", Binary("+", total, Binary("*", Binary("*", stream, step), discount)), factor
        )

    def uniform(
        self, low: Expression, high: Expression, seed: Expression | None = None
    ) -> Expression:
        """RANDOM UNIFORM(low, high, seed)."""
        return Binary("+", low, Binary("*", Binary("-", high, low), self.random(seed)))

    def unit(self) -> Expression:
        """RANDOM 0 1()."""
        return self.random(None)

    def normal(
        self,
        low: Expression,
        high: Expression,
        mean: Expression,
        deviation: Expression,
        seed: Expression | None = None,
    ) -> Expression:
        """RANDOM NORMAL(low, high, mean, deviation, seed)."""
        return Call("truncated normal", (self.random(seed), low, high, mean, deviation))

    def bell(
        self, mean: Expression, deviation: Expression, seed: Expression | None = None
    ) -> Expression:
        """XMILE's NORMAL(mean, deviation, seed), cut off where no number of a stream ever falls."""
        mean, deviation = self.named(mean, "mean"), self.named(deviation, "deviation")
        reach = Binary("*", Number(8.0), deviation)
        return self.normal(
            Binary("-", mean, reach), Binary("+", mean, reach), mean, deviation, seed
        )

    def waiting(self, mean: Expression, seed: Expression | None = None) -> Expression:
        """XMILE's EXPRND(mean, seed)."""
        tail = Call("ln", (Binary("-", Number(1.0), self.random(seed)),))
        return Unary("-", Binary("*", mean, tail))

    def exponential(
        self,
        low: Expression,
        high: Expression,
        start: Expression,
        stretch: Expression,
        seed: Expression | None = None,
    ) -> Expression:
        """RANDOM EXPONENTIAL(low, high, start, stretch, seed)."""
        tail = Call("ln", (Binary("-", Number(1.0), self.random(seed)),))
        value = Binary("-", start, Binary("*", stretch, tail))
        return Call("min", (Call("max", (value, low)), high))

    def random(self, seed: Expression | None) -> Expression:
        """A stream of numbers between 0 and 1: Park & Miller (1988), a new number each step."""

        def following(state: Expression, factor: float) -> Expression:
            return Call("modulo", (Binary("*", Number(factor), state), Number(_RANDOM_MODULUS)))

        # Every call, element and run gets its own start, spread over the period.
        mixed: Expression = Binary("*", Call("seed", ()), Number(7919.0))
        mixed = Binary("+", mixed, Number(104729.0 * (self.counter + 1)))
        if seed is not None:
            mixed = Binary("+", mixed, Binary("*", Call("abs", (seed,)), Number(15485863.0)))
        for i, loop in enumerate(self.loops):
            mixed = Binary(
                "+", mixed, Binary("*", ElementIndex(loop.name), Number(32452843.0 + 2 * i))
            )
        start: Expression = Binary(
            "+", Number(1.0), Call("modulo", (mixed, Number(_RANDOM_MODULUS - 2)))
        )
        for factor in (69621.0, 48271.0, 16807.0):
            start = following(start, factor)
        state = self.memory("random state", lambda s: following(s, 16807.0), start)
        return Binary("/", state, Number(_RANDOM_MODULUS))

    def row(self, function: str, *arguments: Expression) -> Expression:
        """A function along the last dimension of the left side, or over the last two."""
        if not self.loops:
            raise self.resolver.error(
                f"{function.upper()} needs an array on the left side", self.owner
            )
        if function == "invert matrix":
            arguments = arguments[
                :1
            ]  # Vensim's second argument is the size, which the left side tells
        if function == "allocate available":
            arguments = (arguments[0], *self.profile(arguments[1]), arguments[2])
        inputs = []
        for argument in arguments:
            reference = self.named(
                _unbanged(argument, {loop.name for loop in self.loops}),
                f"{function} input",
                always=True,
            )
            assert isinstance(reference, Reference)
            inputs.append(reference.name)
        key = self.hide(function)
        lengths = [len(loop.positions) for loop in self.loops]
        depth = 2 if function == "invert matrix" else 1
        if len(lengths) < depth or (depth == 2 and lengths[-1] != lengths[-2]):
            raise self.resolver.error(
                "INVERT MATRIX needs two dimensions of the same length", self.owner
            )
        total = self.resolver.shapes[key].size
        length = lengths[-1]
        name = function.replace(" ", "_")
        self.equations[key] = [Block(key, name, tuple(inputs), total // length**depth, length)]
        return self.refer(key)

    def profile(self, priority: Expression) -> list[Expression]:
        """Return the four columns of a priority profile: kind, priority, width, extra."""
        if not isinstance(priority, Reference) or not priority.subscripts:
            raise self.resolver.error(
                "ALLOCATE AVAILABLE needs a priority profile with subscripts", self.owner
            )
        axis = self.resolver.shapes[priority.name].dimensions[-1]
        last = priority.subscripts[-1]
        first = axis.elements.index(last) if last in axis.elements else 0
        columns = axis.elements[first : first + 4]
        if len(columns) < 4:
            raise self.resolver.error(
                "the priority profile of ALLOCATE AVAILABLE needs four elements", self.owner
            )
        return [Reference(priority.name, (*priority.subscripts[:-1], column)) for column in columns]

    def order_of(self, node: Expression) -> int:
        """Return the order of a delay, which must be a whole number known beforehand."""
        value: float | None = None
        if isinstance(node, Number):
            value = node.value
        elif isinstance(node, Reference) and node.name in self.model.variables:
            variable = self.model.variables[node.name]
            numbers = {e.expression for e in variable.equations}
            if len(numbers) == 1 and isinstance(next(iter(numbers)), Number):
                value = next(iter(numbers)).value  # type: ignore[union-attr]
                self.program.structural.add(node.name)
        elif isinstance(node, Call) and node.function in ("integer", "round"):
            return self.order_of(node.arguments[0])
        if value is None or not 1 <= round(value) <= MAX_ORDER or abs(value - round(value)) > 1e-9:
            raise self.resolver.error(
                f"the order of a delay or smooth must be a whole number from 1 to {MAX_ORDER}, "
                "written as a number or a constant",
                self.owner,
            )
        return round(value)


def _loose_bang(node: Expression) -> bool:
    """Whether a ``dimension!`` stands outside of every function over dimensions."""
    if isinstance(node, Call) and (node.function in AGGREGATES or node.function == "vector select"):
        return False
    if isinstance(node, Reference):
        return any(s.endswith("!") for s in node.subscripts)
    return any(_loose_bang(child) for child in children(node))


def _adjust(goal: Expression, rate: Expression, stock: Reference) -> Expression:
    return Binary("*", Binary("-", goal, stock), rate)


def _net(inflow: Expression, outflow: Expression, _stock: Reference) -> Expression:
    return Binary("-", inflow, outflow)


def _unbanged(node: Expression, running: set[str]) -> Expression:
    """Return `node` with ``region!`` read as ``region`` where the left side runs over region."""
    if isinstance(node, Reference):
        return Reference(
            node.name,
            tuple(s.rstrip("!") if s.rstrip("!") in running else s for s in node.subscripts),
        )
    return rebuilt(node, lambda child: _unbanged(child, running))
