"""Replace financial functions: present values by stocks, other functions by calls that use a recorded history.

Exports `FinanceRules`, a base class of `sdcluster.kernel.lower.expand.Expander`. In the table of functions, the field
`rewrite` names the method for each function.
"""

from __future__ import annotations

from sdcluster.kernel.lower.rules_stateful import StatefulRules
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, Unary


class FinanceRules(StatefulRules):
    """Replaces calls of financial functions by hidden stocks and simpler calls. Each function has its own method."""

    def npv(
        self, stream: Expression, rate: Expression, start: Expression, factor: Expression
    ) -> Expression:
        """Return an expression for Vensim's NPV(stream, discount rate, initial value, factor), a net present value.

        One hidden stock holds the discount factor, another the sum of the discounted stream.
        """
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
        """Return an expression for Vensim's NPVE: NPV with payments discounted as of the end of each time step."""
        rate = self.named(rate, "discount rate")
        end = Binary("+", Number(1.0), Binary("*", rate, Call("dt", ())))
        return self.npv(Binary("/", stream, end), rate, start, factor)

    def irr(self, stream: Expression, missing: Expression) -> Expression:
        """Return an expression for Stella's IRR: the rate of return of a stream so far, or `missing` if not found."""
        stream = self.named(stream, "stream")
        return Call("rate so far", (stream, missing, self.record(stream)))

    def internal_rate(
        self, stream: Expression, period: Expression, investment: Expression, time: Expression
    ) -> Expression:
        """Return an expression for Vensim's INTERNAL RATE OF RETURN, a rate per fiscal period.

        The arguments are the stream, the fiscal period, an investment and the time of this investment.
        """
        stream = self.named(stream, "stream")
        course = self.record(stream)
        return Call("rate per period", (stream, period, investment, time, course))

    def straight_line(
        self, stream: Expression, life: Expression, period: Expression, start: Expression
    ) -> Expression:
        """Return an expression for DEPRECIATE STRAIGHTLINE(stream, lifetime, fiscal period, initial depreciation)."""
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
        """Return an expression for DEPRECIATE BY SCHEDULE, which depreciates investments in unequal shares.

        The arguments are the stream of investments, the schedule, the initial depreciation, the lifetime, and the
        start of the fiscal periods. If this start is Time, fiscal periods begin at the initial time.
        """
        stream = self.named(stream, "stream")
        if switch == Call("time", ()):
            switch = Call("start", ())
        array = isinstance(start, Reference) and self.resolver.shapes[start.name].dimensions
        if not array:
            start = self.initial(start)
        return Call("by schedule", (stream, schedule, start, life, switch, self.record(stream)))
