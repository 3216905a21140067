"""Rules for functions with a past: fixed delays, trends, samples become stocks, kept values and memories.

Crosses the border: `StatefulRules`, a part of `sdcluster.kernel.lower.expand.Expander`; its methods are named like the
`rewrite` of a row in the table of functions.
"""

from __future__ import annotations

import math

from sdcluster.kernel.lower.components import FixedDelay
from sdcluster.kernel.lower.internal_variables import InternalVariables
from sdcluster.messages import message
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, Unary


class StatefulRules(InternalVariables):
    """One method for each rule."""

    def initial(self, value: Expression) -> Expression:
        """Expand INIT(x)."""
        key = self.hide("initial value")
        self.program.initials[key] = self.whole(key, value)
        return self.refer(key)

    def previous(self, value: Expression, start: Expression) -> Expression:
        """Expand PREVIOUS(x, start)."""
        return self.memory("previous value", lambda _: value, start)

    def sample(self, condition: Expression, value: Expression, start: Expression) -> Expression:
        """Expand SAMPLE IF TRUE(condition, x, start)."""
        key = self.hide("sample")
        now = self.refer(key)
        before = self.memory("last sample", lambda _: now, start)
        self.equations[key] = list(self.whole(key, Call("if", (condition, value, before))))
        return now

    def restricted_stock(
        self, rate: Expression, start: Expression, *rules: Expression
    ) -> Expression:
        """SINTEG(rate, initial, least, greatest, multiple, value, distance): a stock that is changed each step.

        The manual says what a value "would be" and "will be"; it is the stock itself that is changed here, so that
        what lies outside the bounds is lost.
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
        """Expand DELAY FIXED(x, time, start)."""
        entering = self.named(value, "delay input", always=True)
        assert isinstance(entering, Reference)
        key = self.hide("fixed delay")
        self.program.delays[key] = FixedDelay(
            entering.name, self.whole(key, time), self.whole(key, start)
        )
        return self.refer(key)

    def trend(self, value: Expression, time: Expression, start: Expression) -> Expression:
        """Expand TREND(x, averaging time, initial trend)."""
        value, time = self.named(value, "trend input"), self.named(time, "trend time")
        divisor = Binary("+", Number(1.0), Binary("*", start, time))
        average = self.average(value, time, Binary("/", value, divisor))
        change = Binary("-", value, average)
        return Call("zidz", (change, Binary("*", time, Call("abs", (average,)))))

    def forecast(
        self, value: Expression, time: Expression, horizon: Expression, start: Expression
    ) -> Expression:
        """Expand FORECAST(x, averaging time, horizon, initial trend)."""
        value, time = self.named(value, "forecast input"), self.named(time, "forecast time")
        average = self.average(value, time, Binary("/", value, Binary("+", Number(1.0), start)))
        growth = Call("zidz", (Binary("-", value, average), Binary("*", time, average)))
        return Binary("*", value, Binary("+", Number(1.0), Binary("*", growth, horizon)))

    def average(self, value: Expression, time: Expression, start: Expression) -> Reference:
        """Add a hidden variable with an exponential average."""
        return self.stock("average", lambda s: Binary("/", Binary("-", value, s), time), start)

    def of_run_before(self, value: Expression, start: Expression | None = None) -> Expression:
        """ENDVAL(x, initial): a run is always the first of its session."""
        return self.initial(value if start is None else start)

    def history(self, value: Expression, time: Expression) -> Expression:
        """Expand HISTORY(x, time)."""
        value = self.named(value, "history input")
        return Call("history at", (value, time, self.record(value)))

    def information(self, value: Expression, time: Expression, start: Expression) -> Expression:
        """Expand DELAY INFORMATION(x, time, start)."""
        return Call("arrived last", (self.initial(start), self.record(value), self.record(time)))

    def material(
        self, value: Expression, time: Expression, start: Expression, missing: Expression
    ) -> Expression:
        """Expand DELAY MATERIAL(x, time, start, missing)."""
        time = self.named(time, "delay time")
        # What is older than the longest delay so far has arrived; without this each step looks at the whole past.
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
