"""Replace functions of order n: delays and smooths by chains of stocks, derivatives by differences.

Exports `StageRules`, a base class of `kernel.lower.expand.Expander`. The methods take arguments in which functions are
not replaced yet, because they examine the variables from which an order or a delay time is computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel.lower.orders import MAX_ORDER, orders_at_start
from sdcluster.kernel.lower.rules_stateful import StatefulRules
from sdcluster.messages import message
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference
from sdcluster.model.steady import changing

UNVISITED = frozenset(row.rewrite for row in FUNCTIONS.values() if row.order_at >= 0)


@dataclass(frozen=True)
class _Stages:
    """The number of stages of a delay or smooth.

    Parameters
    ----------
    count : int
        Largest number of stages of any element.
    working : Expression
        Number of active stages of the current element.
    idle : Expression or None
        Number of inactive stages. These are the first stages of the chain, and their outflow is ignored. None if all
        stages are active.
    """

    count: int
    working: Expression
    idle: Expression | None = None

    def inflow(self, stage: int, entering: Expression, before: Expression) -> Expression:
        """Return the input of a stage: `entering` up to the first active stage, and `before` for later stages.

        Parameters
        ----------
        stage : int
            Number of the stage, from 0.
        entering : Expression
            The input of the delay or smooth.
        before : Expression
            The output of the previous stage.
        """
        if self.idle is None or stage == 0:
            return entering if stage == 0 else before
        first = Binary(">=", self.idle, Number(float(stage)))
        return Call("if", (first, entering, before))


class StageRules(StatefulRules):
    """Replaces calls of functions with an order by chains of stocks. Each function has its own method."""

    def visit(self, node: Expression) -> Expression:
        """Return an expression in which references to hidden variables replace calls of stateful functions."""
        raise NotImplementedError

    def smooth(
        self, value: Expression, time: Expression, start: Expression, n: Expression
    ) -> Expression:
        """Add a chain of n stocks for SMOOTH, each with an equal share of the smoothing time; return the last stock."""
        time = self.named(self.visit(time), "smooth time")
        return self.smoothed(value, time, start, self.stages(n))

    def smooth_n(
        self, value: Expression, time: Expression, start: Expression, n: Expression
    ) -> Expression:
        """Return an expression for Vensim's SMOOTH N, whose order is at most the number of time steps in `time`."""
        time = self.named(self.visit(time), "smooth time")
        return self.smoothed(value, time, start, self.stages(n, time))

    def smoothed(
        self, value: Expression, time: Expression, start: Expression, stages: _Stages
    ) -> Expression:
        """Return the last stock of a chain in which each stock adjusts to the previous one."""
        entering = level = self.named(self.visit(value), "smooth input")
        rate = Binary("/", stages.working, time)
        start = self.visit(start)
        for stage in range(stages.count):
            goal = stages.inflow(stage, entering, level)
            level = self.stock("smooth", partial(_adjust, goal, rate), start)
        return level

    def delay(
        self, value: Expression, time: Expression, start: Expression, n: Expression
    ) -> Expression:
        """Add a chain of n stocks for a delay, each with an equal share of the delay time; return the last outflow."""
        time = self.named(self.visit(time), "delay time")
        return self.delayed(value, time, time, start, self.stages(n))

    def delay_n(
        self, value: Expression, time: Expression, start: Expression, n: Expression
    ) -> Expression:
        """Return an expression for Vensim's DELAY N, whose order is at most the number of time steps in `time`.

        The last stage uses the delay time of the previous step, and the other stages use the current delay time. A
        comparison with runs of Vensim showed this. Vensim's manual says that the output depends on earlier delay times
        only.
        """
        now = self.named(self.visit(time), "delay time")
        stages = self.stages(n, now)
        last = self.previous(now, now) if changing(self.model.variables, time) else now
        return self.delayed(value, now, last, start, stages)

    def delayed(
        self,
        value: Expression,
        inner: Expression,
        last: Expression,
        start: Expression,
        stages: _Stages,
    ) -> Expression:
        """Return the outflow of a chain of stocks. The last stock has the delay time `last`, the others `inner`."""
        entering = flow = self.named(self.visit(value), "delay input")
        initial = Binary("*", self.visit(start), Binary("/", inner, stages.working))
        for stage in range(stages.count):
            key = self.hide("delay output")
            outflow = self.refer(key)
            net = partial(_net, stages.inflow(stage, entering, flow), outflow)
            level = self.stock("delay", net, initial)
            time = last if stage == stages.count - 1 else inner
            self.equations[key] = list(
                self.whole(key, Binary("/", level, Binary("/", time, stages.working)))
            )
            flow = outflow
        return flow

    def derivative(self, value: Expression, n: Expression) -> Expression:
        """Return an expression for Stella's DERIVN(x, n): the n-th derivative, by backward differences.

        The value is 0 in the first n steps.
        """
        if n == Number(0.0):
            return self.visit(value)
        count = self.single_order(n)
        step = Call("dt", ())
        found = self.named(self.visit(value), "derivative")
        for _ in range(count):
            before = self.previous(found, found)
            found = self.named(Binary("/", Binary("-", found, before), step), "derivative")
        known = Binary("+", Call("start", ()), Binary("*", Number(count - 0.5), step))
        return Call("if", (Binary("<", Call("time", ()), known), Number(0.0), found))

    # ---- the number of stages

    def stages(self, n: Expression, time: Expression | None = None) -> _Stages:
        """Return the stages of a delay or smooth of order `n`.

        With `time`, the number of active stages is `n` rounded down, at most the number of time steps in `time`, and at
        least 1, as in Vensim. The other stages are inactive.
        """
        orders = self.orders(n, cut=time is not None)
        count = int(max(orders))
        if time is None and len(set(orders)) == 1:
            return _Stages(count, Number(float(count)))
        own = Number(float(count)) if len(set(orders)) == 1 else self.visit(n)
        if time is not None:
            steps = Binary("/", Binary("*", time, Number(1 + 1e-9)), Call("dt", ()))
            wanted = Call("min", (Binary("+", own, Number(1e-9)), steps))
            own = Call("max", (Call("integer", (wanted,)), Number(1.0)))
        working = self.initial(own)
        return _Stages(count, working, Binary("-", Number(float(count)), working))

    def orders(self, n: Expression, cut: bool) -> list[float]:
        """Return the order of each element of the current equation.

        With `cut`, orders are rounded down, to 1 at least.
        """
        found = orders_at_start(self.resolver, self.owner, self.loops, n, fixed=not cut)
        if cut:
            found = tuple(max(1.0, math.floor(v + 1e-9)) if math.isfinite(v) else v for v in found)
        wrong = next((v for v in found if not _is_order(v)), None)
        if wrong is not None:
            raise self.resolver.error(
                message("kernel.lower.order_delay_smooth_must", max_order=MAX_ORDER, wrong=wrong),
                self.owner,
            )
        return [float(round(v)) for v in found]

    def single_order(self, n: Expression) -> int:
        """Return the order of all elements; raise an error if their orders differ."""
        found = set(self.orders(n, cut=False))
        if len(found) > 1:
            raise self.resolver.error(
                message("kernel.lower.order_derivative_must_same"), self.owner
            )
        return int(found.pop())


def _is_order(value: float) -> bool:
    return 0.5 < value < MAX_ORDER + 0.5 and abs(value - round(value)) <= 1e-9


def _adjust(goal: Expression, rate: Expression, stock: Reference) -> Expression:
    return Binary("*", Binary("-", goal, stock), rate)


def _net(inflow: Expression, outflow: Expression, _stock: Reference) -> Expression:
    return Binary("-", inflow, outflow)
