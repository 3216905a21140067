"""Rules for finance: present values become stocks; rates of return and depreciation look at a stream's course.

Crosses the border: `FinanceRules`, a part of `sdcluster.kernel.lower.expand.Expander`; its methods are named like the
`rewrite` of a row in the table of functions.
"""

from __future__ import annotations

from sdcluster.kernel.lower.rules_stateful import StatefulRules
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, Unary


class FinanceRules(StatefulRules):
    """One method for each rule."""

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

    def npve(
        self, stream: Expression, rate: Expression, start: Expression, factor: Expression
    ) -> Expression:
        """NPVE: like NPV, but each step's stream counts as if it came at the step's end (Vensim)."""
        rate = self.named(rate, "discount rate")
        end = Binary("+", Number(1.0), Binary("*", rate, Call("dt", ())))
        return self.npv(Binary("/", stream, end), rate, start, factor)

    def irr(self, stream: Expression, missing: Expression) -> Expression:
        """Expand IRR(stream, missing)."""
        stream = self.named(stream, "stream")
        return Call("rate so far", (stream, missing, self.record(stream)))

    def internal_rate(
        self, stream: Expression, period: Expression, investment: Expression, time: Expression
    ) -> Expression:
        """Expand INTERNAL RATE OF RETURN(stream, fiscal period, investment, its time)."""
        stream = self.named(stream, "stream")
        course = self.record(stream)
        return Call("rate per period", (stream, period, investment, time, course))

    def straight_line(
        self, stream: Expression, life: Expression, period: Expression, start: Expression
    ) -> Expression:
        """Expand DEPRECIATE STRAIGHTLINE(stream, lifetime, fiscal period, initial)."""
        stream = self.named(stream, "stream")
        return Call("depreciated", (stream, life, period, start, self.record(stream)))

    def scheduled(
        self,
        stream: Expression,
        schedule: Expression,
        start: Expression,
        life: Expression,
        switch: Expression,
    ) -> Expression:
        """DEPRECIATE BY SCHEDULE(stream, schedule, initial, lifetime, fiscal start), which may be Time: the start."""
        stream = self.named(stream, "stream")
        if switch == Call("time", ()):
            switch = Call("start", ())
        array = isinstance(start, Reference) and self.resolver.shapes[start.name].dimensions
        if not array:
            start = self.initial(start)
        return Call("by schedule", (stream, schedule, start, life, switch, self.record(stream)))
