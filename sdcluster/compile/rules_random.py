"""Rules for random numbers: streams that give a new number each step, the same for the same seed.

Crosses the border: `RandomRules`, a part of `sdcluster.compile.expand.Expander`; its methods are named like the
`rewrite` of a row in the table of functions.
"""

from __future__ import annotations

from sdcluster.compile.hidden import Hidden
from sdcluster.model.expression import Binary, Call, ElementIndex, Expression, Number, Unary

_RANDOM_MODULUS = 2147483647.0


class RandomRules(Hidden):
    """One method for each rule."""

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
