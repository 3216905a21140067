"""Orders of delays and smooths, and DELAY N with a changing delay time, as Vensim has them.

Crosses the border: `settle_delays(variables, settings)`. The translator leaves ``Call("delay n", …)`` for DELAY N; none
is left afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from sdcluster.model import Equation, TimeSettings, Variable
from sdcluster.model.clock import expression_moves, smallest_at_start
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, walk
from sdcluster.model.names import canonical
from sdcluster.read.vensim_check import mapped
from sdcluster.recursion import deep_recursion


def settle_delays(variables: Mapping[str, Variable], settings: TimeSettings) -> dict[str, Variable]:
    """Give every delay and smooth its order, and write out DELAY N where its delay time changes.

    The order is the value at the start, cut to a whole number (Vensim, "DELAY N": it cannot change). DELAY N with
    stages shorter than a time step gets fewer of them. With a changing delay time each stage of DELAY N empties by the
    delay time that held when its content came in, one step earlier for each stage (as PySD's ``DelayN``).
    """
    settler = _Settler(variables, settings)
    with deep_recursion():
        for variable in variables.values():
            settler.take(variable)
    return settler.found


class _Settler:
    def __init__(self, variables: Mapping[str, Variable], settings: TimeSettings) -> None:
        self.variables = variables
        self.settings = settings
        self.found: dict[str, Variable] = {}
        self.count = 0

    def take(self, variable: Variable) -> None:
        equations = []
        for equation in variable.equations:
            parts = (equation.expression, equation.initial)
            if any(_has_order(n) for p in parts if p is not None for n in walk(p)):
                change = _Change(self, variable, equation)
                first, second = (None if p is None else mapped(p, change) for p in parts)
                equation = replace(equation, expression=first or Number(0.0), initial=second)
            equations.append(equation)
        self.found[variable.key] = replace(variable, equations=tuple(equations))

    def order(self, node: Expression) -> float | None:
        known = smallest_at_start(self.variables, node, self.settings.start)
        return None if known is None else max(1.0, float(int(known + 1e-9)))

    def is_constant(self, node: Expression) -> bool:
        return isinstance(node, Reference) and self.variables[node.name].kind == "constant"


def _has_order(node: Expression) -> bool:
    return isinstance(node, Call) and node.function in ("delay", "delay n", "smooth")


class _Change:
    """Rewrites the delays of one equation."""

    def __init__(self, settler: _Settler, variable: Variable, equation: Equation) -> None:
        self.settler = settler
        self.variable = variable
        self.equation = equation

    def __call__(self, node: Expression) -> Expression | None:
        if not isinstance(node, Call) or not _has_order(node):
            return None
        value, time, initial, order = (mapped(a, self) for a in node.arguments)
        name = "smooth" if node.function == "smooth" else "delay"
        settler = self.settler
        count = settler.order(order)
        if count is None:
            return Call(name, (value, time, initial, order))
        fewer = count
        if node.function == "delay n":
            start, dt = settler.settings.start, settler.settings.dt
            length = smallest_at_start(settler.variables, time, start)
            if length is not None and fewer * dt > length * (1 + 1e-9):
                fewer = (
                    max(1.0, math.floor(length * (1 + 1e-9) / dt)) if math.isfinite(length) else 1.0
                )
            if fewer <= 100 and expression_moves(settler.variables, time):
                return self.stages(value, time, initial, int(fewer))
        kept = order if fewer == count and settler.is_constant(order) else Number(fewer)
        return Call(name, (value, time, initial, kept))

    def stages(
        self, value: Expression, time: Expression, initial: Expression, count: int
    ) -> Expression:
        """Write a delay out as stocks, each with a delay time of one step before."""
        times = [self.hide("delay time", time)]
        for _ in range(max(count - 1, 1)):
            times.append(self.hide("delay time", Call("previous", (times[-1], times[-1]))))
        inflow = self.hide("delay input", value)
        start = Binary("*", initial, times[0])
        level = inflow
        for stage in range(count):
            name = self.name("delay")
            level = Reference(name, self.equation.subscripts)
            outflow = Binary("/", level, times[stage])
            net = Binary("*", Binary("-", inflow, outflow), Number(float(count)))
            self.add(name, "stock", net, start)
            inflow = self.hide("delay output", outflow)
        return Binary("/", level, times[1])

    def name(self, what: str) -> str:
        self.settler.count += 1
        return canonical(f"⟨{what} {self.settler.count} of {self.variable.key}⟩")

    def hide(self, what: str, expression: Expression) -> Reference:
        name = self.name(what)
        self.add(name, "auxiliary", expression, None)
        return Reference(name, self.equation.subscripts)

    def add(self, name: str, kind: str, expression: Expression, initial: Expression | None) -> None:
        equation = replace(self.equation, expression=expression, initial=initial)
        hidden = Variable(name, kind, (equation,), dimensions=self.variable.dimensions)  # type: ignore[arg-type]
        self.settler.found[name] = hidden
