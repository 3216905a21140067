"""Replace functions that depend on the past, such as fixed delays, trends and samples, by stocks and stored values.

Exports `StatefulRules`, a base class of `sdcluster.kernel.lower.expand.Expander`. In the table of functions, the field
`rewrite` names the method for each function.
"""

from __future__ import annotations

import math

from sdcluster.kernel.lower.components import FixedDelay
from sdcluster.kernel.lower.internal_variables import InternalVariables
from sdcluster.messages import message
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, Unary


class StatefulRules(InternalVariables):
    """Replaces calls of functions that depend on the past by hidden variables. Each function has its own method."""

    def initial(self, value: Expression) -> Expression:
        """Return an expression for INIT(x), the initial value of x."""
        key = self.hide("initial value")
        self.program.initials[key] = self.whole(key, value)
        return self.refer(key)

    def previous(self, value: Expression, start: Expression) -> Expression:
        """Return an expression for PREVIOUS(x, start): x in the previous time step, and `start` in the first step."""
        return self.memory("previous value", lambda _: value, start)

    def sample(self, condition: Expression, value: Expression, start: Expression) -> Expression:
        """Return an expression for SAMPLE IF TRUE(condition, x, start).

        Its value is the x of the last time at which the condition was true, and `start` before the first such time.
        """
        key = self.hide("sample")
        now = self.refer(key)
        before = self.memory("last sample", lambda _: now, start)
        self.equations[key] = list(self.whole(key, Call("if", (condition, value, before))))
        return now

    def restricted_stock(
        self, rate: Expression, start: Expression, *rules: Expression
    ) -> Expression:
        """Return an expression for SINTEG, a stock that is restricted to bounds and rounded in each step.

        The arguments are rate, initial value, least, greatest, multiple, value and distance.

        Vensim's manual leaves open whether bounds and rounding change the stock or only its displayed value. Here they
        change the stock itself, so that amounts outside the bounds are lost.
        """
        numbers = tuple(map(_fixed_number, rules))
        if None in numbers:
            raise self.resolver.error(
                message("kernel.lower.sinteg_takes_numbers_last"),
                self.owner,
            )
        reference = self.stock("stock", lambda _: rate, Call("restricted", (start, *rules)))
        self.program.stocks[reference.name].restriction = numbers  # type: ignore[assignment]
        return reference

    def fixed(self, value: Expression, time: Expression, start: Expression) -> Expression:
        """Return an expression for DELAY FIXED(x, time, start): x one delay time ago, and `start` before that."""
        entering = self.named(value, "delay input", always=True)
        assert isinstance(entering, Reference)
        key = self.hide("fixed delay")
        self.program.delays[key] = FixedDelay(
            entering.name, self.whole(key, time), self.whole(key, start)
        )
        return self.refer(key)

    def trend(self, value: Expression, time: Expression, start: Expression) -> Expression:
        """Return an expression for TREND(x, averaging time, initial trend): the growth rate relative to the average."""
        value, time = self.named(value, "trend input"), self.named(time, "trend time")
        divisor = Binary("+", Number(1.0), Binary("*", start, time))
        average = self.average(value, time, Binary("/", value, divisor))
        change = Binary("-", value, average)
        return Call("zidz", (change, Binary("*", time, Call("abs", (average,)))))

    def forecast(
        self, value: Expression, time: Expression, horizon: Expression, start: Expression
    ) -> Expression:
        """Return an expression for FORECAST(x, averaging time, horizon, initial trend): x extrapolated by its trend."""
        value, time = self.named(value, "forecast input"), self.named(time, "forecast time")
        average = self.average(value, time, Binary("/", value, Binary("+", Number(1.0), start)))
        growth = Call("zidz", (Binary("-", value, average), Binary("*", time, average)))
        return Binary("*", value, Binary("+", Number(1.0), Binary("*", growth, horizon)))

    def average(self, value: Expression, time: Expression, start: Expression) -> Reference:
        """Add a hidden stock that is an exponential average, and return a reference to it."""
        return self.stock("average", lambda s: Binary("/", Binary("-", value, s), time), start)

    def of_run_before(self, value: Expression, start: Expression | None = None) -> Expression:
        """Return an expression for ENDVAL(x, start), the final value of x in the previous run.

        Each run counts as the first of a session, so the value is `start`, or the initial x if there is no `start`.
        """
        return self.initial(value if start is None else start)

    def history(self, value: Expression, time: Expression) -> Expression:
        """Return an expression for HISTORY(x, time), the value of x at an earlier time."""
        value = self.named(value, "history input")
        return Call("history at", (value, time, self.record(value)))

    def information(self, value: Expression, time: Expression, start: Expression) -> Expression:
        """Return an expression for DELAY INFORMATION: among the values that have arrived, the most recent value."""
        return Call("arrived last", (self.initial(start), self.record(value), self.record(time)))

    def material(
        self, value: Expression, time: Expression, start: Expression, missing: Expression
    ) -> Expression:
        """Return an expression for DELAY MATERIAL(x, time, start, missing): the sum of the values that arrive now."""
        time = self.named(time, "delay time")
        # Values older than the longest delay so far have arrived. This limits the part of the history to search.
        longest = self.memory("longest delay", lambda so_far: Call("max", (so_far, time)), time)
        courses = (self.record(value), self.record(time))
        return Call("arriving", (self.initial(start), missing, longest, *courses))


def _fixed_number(node: Expression) -> float | None:
    """Return the value of a number, infinity included; None for anything else."""
    match node:
        case Number(value):
            return value
        case Call("inf", ()):
            return math.inf
        case Unary("-", operand):
            positive = _fixed_number(operand)
            return None if positive is None else -positive
    return None
