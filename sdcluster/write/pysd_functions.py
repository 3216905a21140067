"""Replace calls that PySD's XMILE reader does not support by equivalent expressions.

`with_known_calls(model)` returns a model with the same results. A function with internal state becomes one or more
stocks. The expressions are exact for Euler's method with the model's time step, which is PySD's only method.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Number,
    Reference,
    Unary,
    banged,
    rebuilt,
)
from sdcluster.model.names import canonical
from sdcluster.model.resolver import Resolver
from sdcluster.model.steady import changing

_TIME, _DT, _START = Call("time", ()), Call("dt", ()), Call("start", ())
_ZERO, _ONE = Number(0.0), Number(1.0)
_CIRCLE = Number(2 * math.pi)


def with_known_calls(model: Model) -> Model:
    """Return a model with the same results, in which calls that PySD does not support are replaced where possible.

    Raises
    ------
    ModelError
        If a function with internal state is inside a sum over a range, or a delay's number of stages is unknown.
    """
    writer = _Rewriting(model)
    variables = {key: writer.variable(v) for key, v in model.variables.items()}
    return replace(model, variables=MappingProxyType({**variables, **writer.added}))


class _Rewriting:
    """Rewrites the equations of a model; `added` contains the variables that the new equations need."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.resolver = Resolver.of_variables(model)
        self.added: dict[str, Variable] = {}
        self.owner, self.equation = next(iter(model.variables.values())), Equation(_ZERO)

    def variable(self, variable: Variable) -> Variable:
        """Return the variable with rewritten equations."""
        if variable.kind == "lookup":
            return variable
        self.owner = variable
        try:
            return replace(variable, equations=tuple(map(self.rewritten, variable.equations)))
        except ModelError as error:
            raise ModelError(
                message("write.cannot_written_pysd", variable=variable.name, reason=error.sentence),
                file=self.model.path,
                line=variable.line,
                variable=variable.name,
            ) from None

    def rewritten(self, equation: Equation) -> Equation:
        """Return the equation with its expression and its initial value rewritten."""
        self.equation = equation
        return equation.changed(self.put)

    def put(self, node: Expression) -> Expression:
        """Return the expression with all unsupported calls replaced for which there is an equivalent."""
        if isinstance(node, Call) and node.function in ("mean", "size"):
            return self.averaged(node)
        if (
            isinstance(node, Call)
            and node.function == "ramp"
            and node.arguments[2:] == (Call("inf", ()),)
        ):
            return replace(node, arguments=(*map(self.put, node.arguments[:2]), node.arguments[2]))
        made = rebuilt(node, self.put)
        if not isinstance(made, Call):
            return made
        if made.function in _FORMULAS:
            return _FORMULAS[made.function](*made.arguments)
        if made.function in _STATES:
            return _STATES[made.function](self, *made.arguments)
        return made

    def averaged(self, node: Call) -> Expression:
        """Return the mean of an array as a sum divided by the number of elements; return ``size`` as this number."""
        (what,) = node.arguments
        over = {name.rstrip("!") for name in banged(what)}
        if not over or not all(map(self.model.subscripts.is_range, over)):
            return node
        count = Number(float(math.prod(self.model.subscripts.shape(over))))
        return (
            count if node.function == "size" else Binary("/", Call("sum", (self.put(what),)), count)
        )

    # ---- functions with internal state

    def add(
        self, word: str, kind: str, expression: Expression, initial: Expression | None = None
    ) -> Reference:
        """Add a variable with the dimensions of the variable that is being rewritten, and return a reference to it.

        The new variable is named after the variable that is being rewritten, with `word` at the end.
        """
        for part in (expression, initial):
            if part is not None and list(banged(part)):
                raise ModelError(message("write.pysd_reads_no_delay"))
        owner = self.owner
        name, number = f"{owner.name} {word}", 1
        while canonical(name) in self.model.variables or canonical(name) in self.added:
            number += 1
            name = f"{owner.name} {word} {number}"
        start = _ZERO if kind == "stock" else None
        equations = tuple(
            replace(e, expression=expression, initial=initial)
            if e is self.equation
            else replace(e, expression=_ZERO, initial=start)
            for e in owner.equations
        )
        added = Variable(name, kind, equations, dimensions=owner.dimensions)  # type: ignore[arg-type]
        self.added[canonical(name)] = added
        return Reference(
            canonical(name), self.equation.subscripts if len(owner.equations) > 1 else ()
        )

    def change(self, stock: Reference, net: Expression) -> None:
        """Set the net flow of a stock that `add` added."""
        old = self.added[stock.name]
        equations = list(old.equations)
        at = self.owner.equations.index(self.equation)
        equations[at] = replace(equations[at], expression=net)
        self.added[stock.name] = replace(old, equations=tuple(equations))

    def sample(self, condition: Expression, value: Expression, start: Expression) -> Expression:
        """Return an expression for SAMPLE IF TRUE, with a stock that holds the last sample."""
        held = self.add("last sample", "stock", _ZERO, start)
        now = self.add("sample", "auxiliary", Call("if", (condition, value, held)))
        self.change(held, Binary("/", Binary("-", now, held), _DT))
        return now

    def previous(self, value: Expression, start: Expression) -> Expression:
        """Return an expression for PREVIOUS: a fixed delay of one time step."""
        return Call("delay fixed", (value, _DT, start))

    def delay(
        self, value: Expression, time: Expression, start: Expression, order: Expression
    ) -> Expression:
        """Return an expression for a material delay.

        PySD's own function is used if the delay time is constant and long enough for the stages, otherwise a chain of
        stocks.
        """
        most = max(self.numbers(order), default=0.0) * self.model.time.dt
        short = min(self.numbers(time), default=math.inf) < most * (1 - 1e-9)
        if short or changing(self.model.variables, time):
            return self.stages(value, time, time, start, order)
        return Call("delay", (value, time, start, order))

    def delay_n(
        self, value: Expression, time: Expression, start: Expression, order: Expression
    ) -> Expression:
        """Return an expression for Vensim's DELAY N: the outflow of a chain of stocks.

        If the delay time changes, the last outflow uses the delay time of the previous step, as in Vensim.
        """
        moving = changing(self.model.variables, time)
        return self.stages(
            value, time, self.previous(time, time) if moving else time, start, order, cut=True
        )

    def smooth_n(
        self, value: Expression, time: Expression, start: Expression, order: Expression
    ) -> Expression:
        """Return an expression for Vensim's SMOOTH N: the last stock in a chain of stocks."""
        count = self.count(order, time)
        rate = Binary("/", Number(float(count)), time)
        for _ in range(count):
            level = self.add("smooth stage", "stock", _ZERO, start)
            self.change(level, Binary("*", Binary("-", value, level), rate))
            value = level
        return value

    def stages(
        self,
        value: Expression,
        time: Expression,
        last: Expression,
        start: Expression,
        order: Expression,
        cut: bool = False,
    ) -> Expression:
        """Add a chain of stocks, one for each stage of a delay, and return the outflow of the last stock.

        `time` is the delay time, `last` the delay time for the last stage. If `cut`, a short delay time limits the
        number of stages.
        """
        count = self.count(order, time if cut else None)
        number = Number(float(count))
        initial = Binary("*", start, Binary("/", time, number))
        for stage in range(count):
            level = self.add("delay stage", "stock", _ZERO, initial)
            by = last if stage == count - 1 else time
            leaving = self.add(
                "delay output", "auxiliary", Binary("/", level, Binary("/", by, number))
            )
            self.change(level, Binary("-", value, leaving))
            value = leaving
        return value

    def count(self, order: Expression, time: Expression | None) -> int:
        """Return the number of stages of a delay.

        If a delay time `time` is given, the number is at most the number of time steps in the delay time.
        """
        (whole,) = self.at_start(order)
        count = max(int(whole + 1e-9), 1)
        if time is None or count == 1:
            return count
        most = {int(t * (1 + 1e-9) / self.model.time.dt) for t in self.at_start(time, alike=False)}
        fitting = {max(min(count, m), 1) for m in most}
        if len(fitting) != 1:
            raise ModelError(message("write.pysd_reads_no_delay_whose"))
        return fitting.pop()

    def at_start(self, node: Expression, alike: bool = True) -> set[float]:
        """Return the distinct values that an order or delay time has at the start of the run.

        If `alike`, raise a `ModelError` if the elements of an array have different values.
        """
        from sdcluster.kernel.lower.orders import orders_at_start

        equation = self.equation
        part = self.resolver.part(self.owner.key, equation.subscripts, node, equation.exceptions)
        found = set(orders_at_start(self.resolver, self.owner.key, part.loops, node, fixed=False))
        if alike and len(found) != 1:
            raise ModelError(message("write.pysd_reads_no_delay_whose_elements"))
        return found

    def numbers(self, node: Expression) -> set[float]:
        """Return the values of a constant; an empty set for any other expression."""
        if isinstance(node, Number):
            return {node.value}
        if isinstance(node, Reference) and node.name in self.model.variables:
            found = [self.numbers(e.expression) for e in self.model.variables[node.name].equations]
            return set().union(*found) if all(found) else set()
        return set()


def _if(condition: Expression, yes: Expression, no: Expression) -> Expression:
    return Call("if", (condition, yes, no))


def _floor(x: Expression) -> Expression:
    whole = Call("integer", (x,))
    return _if(Binary("<", x, whole), Binary("-", whole, _ONE), whole)


def _modulo(a: Expression, b: Expression) -> Expression:
    size = b if isinstance(b, Number) and b.value > 0 else Call("abs", (b,))
    return Call("modulo", (a, size))


def _remainder(a: Expression, b: Expression) -> Expression:
    rest = _modulo(a, b)
    return _if(Binary("<", Binary("*", rest, b), _ZERO), Binary("+", rest, b), rest)


def _root(x: Expression, n: Expression) -> Expression:
    if not isinstance(n, Number):
        raise ModelError(message("write.pysd_reads_root_only"))
    share = Binary("/", _ONE, n)
    if n.value % 2 != 1:
        return Binary("^", x, share)
    return _if(
        Binary("<", x, _ZERO), Unary("-", Binary("^", Unary("-", x), share)), Binary("^", x, share)
    )


def _wave(function: str) -> Callable[[Expression, Expression], Expression]:
    def formula(size: Expression, period: Expression) -> Expression:
        angle = Binary("/", Binary("*", _CIRCLE, _TIME), period)
        return Binary("*", Call("abs", (size,)), Call(function, (angle,)))

    return formula


def _middle() -> Expression:
    """Return the middle of the current step, at which Vensim evaluates pulses."""
    return Binary("+", _TIME, Binary("/", _DT, Number(2.0)))


def _pulse(start: Expression, width: Expression) -> Expression:
    end = Binary("+", start, _if(Binary("=", width, _ZERO), _DT, width))
    on = Binary("and", Binary(">", _middle(), start), Binary("<", _middle(), end))
    return _if(on, _ONE, _ZERO)


def _pulse_train(
    start: Expression, interval: Expression, width: Expression, end: Expression
) -> Expression:
    since = Binary("-", _middle(), start)
    lasting = Call("max", (width, _DT))
    on = Binary(
        "or", Binary("<=", interval, lasting), Binary("<", _modulo(since, interval), lasting)
    )
    inside = Binary("and", Binary(">", since, _ZERO), Binary("<", _middle(), Binary("+", end, _DT)))
    return _if(Binary("and", inside, on), _ONE, _ZERO)


def _sshape(x: Expression, bottom: Expression, top: Expression) -> Expression:
    power = Binary("*", Number(-4.0), Binary("-", Binary("*", Number(2.0), x), _ONE))
    curve = Binary("+", _ONE, Call("exp", (power,)))
    return Binary("+", bottom, Binary("/", Binary("-", top, bottom), curve))


_FORMULAS: dict[str, Callable[..., Expression]] = {
    "pi": lambda: Number(math.pi),
    "inf": lambda: Number(math.inf),
    "log10": lambda x: Call("log", (x, Number(10.0))),
    "floor": _floor,
    "round": lambda x: _floor(Binary("+", x, Number(0.5))),
    "modulo": _modulo,
    "remainder": _remainder,
    "root": _root,
    "sign": lambda x: _if(
        Binary(">", x, _ZERO), _ONE, _if(Binary("<", x, _ZERO), Number(-1.0), _ZERO)
    ),
    "percent": lambda x: Binary("*", Number(100.0), x),
    "switch": lambda a, b: _if(Binary(">", a, b), _ONE, _ZERO),
    "clip": lambda a, b, c, d: _if(Binary(">=", c, d), a, b),
    "sshape": _sshape,
    "sinwave": _wave("sin"),
    "coswave": _wave("cos"),
    "cgrowth": lambda x: Binary(
        "/",
        Binary("-", Binary("^", Binary("+", _ONE, Binary("*", Number(0.01), x)), _DT), _ONE),
        _DT,
    ),
    "pulse": _pulse,
    "pulse train": _pulse_train,
    "runcount": lambda: _ONE,
    "sensiruncount": lambda: _ZERO,
    "pause": lambda: _ZERO,
    "message": lambda: _ZERO,
    "sound": lambda _: _ZERO,
}
_STATES: dict[str, Callable[..., Expression]] = {
    "sample if true": _Rewriting.sample,
    "previous": _Rewriting.previous,
    "delay": _Rewriting.delay,
    "delay n": _Rewriting.delay_n,
    "smooth n": _Rewriting.smooth_n,
}
