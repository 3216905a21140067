"""Rules for functions with a past: delays, smooths, trends, samples become stocks, kept values and memories.

Crosses the border: `StatefulRules`, a part of `sdcluster.compile.expand.Expander`; its methods are named like the
`rewrite` of a row in the table of functions.
"""

from __future__ import annotations

from functools import partial

from sdcluster.compile.hidden import Hidden
from sdcluster.compile.pieces import FixedDelay
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference

MAX_ORDER = 1000


class StatefulRules(Hidden):
    """One method for each rule."""

    def initial(self, value: Expression) -> Expression:
        """INIT(x)."""
        key = self.hide("initial value")
        self.program.initials[key] = self.whole(key, value)
        return self.refer(key)

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

    def of_run_before(self, value: Expression, start: Expression | None = None) -> Expression:
        """ENDVAL(x, initial): a run is always the first of its session."""
        return self.initial(value if start is None else start)

    def history(self, value: Expression, time: Expression) -> Expression:
        """HISTORY(x, time)."""
        value = self.named(value, "history input")
        return Call("history at", (value, time, self.record(value)))

    def derivative(self, value: Expression, n: Expression) -> Expression:
        """DERIVN(x, n): differences of differences, over the step."""
        if n == Number(0.0):
            return value
        count = self.order_of(n)
        step = Call("dt", ())
        found = self.named(value, "derivative")
        for _ in range(count):
            before = self.previous(found, found)
            found = self.named(Binary("/", Binary("-", found, before), step), "derivative")
        known = Binary("+", Call("start", ()), Binary("*", Number(count - 0.5), step))
        return Call("if", (Binary("<", Call("time", ()), known), Number(0.0), found))

    def information(self, value: Expression, time: Expression, start: Expression) -> Expression:
        """DELAY INFORMATION(x, time, start)."""
        return Call("arrived last", (self.initial(start), self.record(value), self.record(time)))

    def material(
        self, value: Expression, time: Expression, start: Expression, missing: Expression
    ) -> Expression:
        """DELAY MATERIAL(x, time, start, missing)."""
        time = self.named(time, "delay time")
        # What is older than the longest delay so far has arrived; without this each step looks at the whole past.
        longest = self.memory("longest delay", lambda so_far: Call("max", (so_far, time)), time)
        courses = (self.record(value), self.record(time))
        return Call("arriving", (self.initial(start), missing, longest, *courses))

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
        elif isinstance(node, Call) and node.function in ("integer", "floor", "round"):
            return self.order_of(node.arguments[0])
        whole = value is not None and 0.5 < value < MAX_ORDER + 0.5
        if value is None or not whole or abs(value - round(value)) > 1e-9:
            raise self.resolver.error(
                f"the order of a delay or smooth must be a whole number from 1 to {MAX_ORDER}, "
                "written as a number or a constant",
                self.owner,
            )
        return round(value)


def _adjust(goal: Expression, rate: Expression, stock: Reference) -> Expression:
    return Binary("*", Binary("-", goal, stock), rate)


def _net(inflow: Expression, outflow: Expression, _stock: Reference) -> Expression:
    return Binary("-", inflow, outflow)
