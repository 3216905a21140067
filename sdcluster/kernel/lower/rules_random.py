"""Rules for random numbers: streams with one new number per step, reproducible by seed.

Crosses the border: `RandomRules`, a part of `sdcluster.kernel.lower.expand.Expander`; its methods are named like the
`rewrite` of a row in the table of functions.
"""

from __future__ import annotations

from sdcluster.kernel.lower.internal_variables import InternalVariables
from sdcluster.model.expression import (
    Binary,
    Call,
    ElementIndex,
    Expression,
    Lookup,
    Number,
    Reference,
    Unary,
)

# The numbers by which `chance_below` and `quantile` of the prelude know distributions.
KINDS = {
    "uniform": 1,
    "normal": 2,
    "exponential": 3,
    "gamma": 4,
    "beta": 5,
    "weibull": 6,
    "logistic": 7,
    "pareto": 8,
    "triangular": 9,
    "poisson": 10,
    "binomial": 11,
    "negative binomial": 12,
}

_E = Expression
_O = Expression | None
_Pair = tuple[Expression, Expression]
_ZERO, _ONE = Number(0.0), Number(1.0)
_NONE = (_ZERO, _ZERO)
_AS_IS = (_ZERO, _ONE)
_RANDOM_MODULUS = 2147483647.0
_NOISE_SEED = 4487556.0  # without a NOISE SEED, Vensim runs as with this one


class RandomRules(InternalVariables):
    """One method for each rule."""

    def uniform(self, low: _E, high: _E, seed: _O = None, _size: _O = None) -> _E:
        """Expand RANDOM UNIFORM(low, high, seed)."""
        return Binary("+", low, Binary("*", Binary("-", high, low), self.random(seed)))

    def unit(self) -> Expression:
        """Expand RANDOM 0 1()."""
        return self.random(None)

    def normal(
        self,
        low: Expression,
        high: Expression,
        mean: Expression,
        deviation: Expression,
        seed: Expression | None = None,
    ) -> Expression:
        """Expand RANDOM NORMAL(low, high, mean, deviation, seed)."""
        return Call("truncated normal", (self.random(seed), low, high, mean, deviation))

    # ---- Vensim: least, greatest, parameters, shift, stretch, seed

    def shifted(
        self, kind: str, bounds: _Pair, parameters: _Pair, place: _Pair, seed: Expression | None
    ) -> Expression:
        """Return a random number from a scaled and shifted distribution, truncated at two bounds."""
        code = Number(float(KINDS[kind]))
        return Call("drawn", (code, self.random(seed), *bounds, *place, *parameters))

    def exponential(self, low: _E, high: _E, shift: _E, stretch: _E, seed: _O = None) -> _E:
        """Expand RANDOM EXPONENTIAL."""
        return self.shifted("exponential", (low, high), _NONE, (shift, stretch), seed)

    def random_beta(
        self, low: _E, high: _E, a: _E, b: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Expand RANDOM BETA."""
        return self.shifted("beta", (low, high), (a, b), (shift, stretch), seed)

    def random_binomial(
        self, low: _E, high: _E, p: _E, n: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Expand RANDOM BINOMIAL; the number of draws is rounded."""
        n = Call("round", (n,))
        return self.shifted("binomial", (low, high), (n, p), (shift, stretch), seed)

    def random_gamma(
        self, low: _E, high: _E, order: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Expand RANDOM GAMMA; an order below 1 counts as 1."""
        order = Call("max", (order, _ONE))
        return self.shifted("gamma", (low, high), (order, _ZERO), (shift, stretch), seed)

    def random_negative_binomial(
        self, low: _E, high: _E, p: _E, n: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Expand RANDOM NEGATIVE BINOMIAL: the number of trials, successes included."""
        shift = Binary("+", shift, Binary("*", stretch, n))
        return self.shifted("negative binomial", (low, high), (n, p), (shift, stretch), seed)

    def random_poisson(
        self, low: _E, high: _E, mean: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Expand RANDOM POISSON."""
        return self.shifted("poisson", (low, high), (mean, _ZERO), (shift, stretch), seed)

    def random_triangular(
        self, low: _E, high: _E, start: _E, peak: _E, stop: _E, seed: _O = None
    ) -> _E:
        """Expand RANDOM TRIANGULAR."""
        start, stop = self.named(start, "start"), self.named(stop, "stop")
        width = Binary("-", stop, start)
        place = Call("zidz", (Binary("-", peak, start), width))
        return self.shifted("triangular", (low, high), (place, _ZERO), (start, width), seed)

    def random_weibull(
        self, low: _E, high: _E, shape: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Expand RANDOM WEIBULL; the distribution has mean 1 before scaling."""
        shape = self.named(shape, "shape")
        mean = Call("exp", (Call("gamma ln", (Binary("+", _ONE, Binary("/", _ONE, shape)),)),))
        place = (shift, Binary("/", stretch, mean))
        return self.shifted("weibull", (low, high), (shape, _ZERO), place, seed)

    def random_lookup(
        self, curve: _E, low: _E, high: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """RANDOM LOOKUP; `curve` is a graphical function, whose argument does not matter."""
        assert isinstance(curve, Lookup)
        drawn = Lookup(curve.table, self.random(seed))
        return Call("density lookup", (drawn, low, high, shift, stretch))

    def pink_noise(self, mean: _E, deviation: _E, time: _E, seed: _O = None) -> _E:
        """RANDOM PINK NOISE: white noise, smoothed, with a deviation that the step does not change (E. Anderson)."""
        mean, deviation = self.named(mean, "mean"), self.named(deviation, "deviation")
        time = self.named(time, "correlation time")
        white = self.named(self.normal(Number(-6.0), Number(6.0), _ZERO, _ONE, seed), "white noise")
        share = Binary("/", Call("dt", ()), time)
        scale = Call("sqrt", (Binary("/", Binary("-", Number(2.0), share), share),))
        goal = Binary("+", mean, Binary("*", deviation, Binary("*", scale, white)))
        start = Binary("+", mean, Binary("*", deviation, white))
        return self.stock("pink noise", lambda s: Binary("/", Binary("-", goal, s), time), start)

    # ---- Stella: parameters, seed, least, greatest (XMILE 1.0, section 3.5.2)

    def plain(
        self, kind: str, parameters: _Pair, place: _Pair, rest: tuple[Expression, ...]
    ) -> Expression:
        """Return a number of a distribution; `rest` is what may follow: seed, least, greatest, size."""
        infinity = Call("inf", ())
        seed = rest[0] if rest else None
        low = rest[1] if len(rest) > 1 else Unary("-", infinity)
        high = rest[2] if len(rest) > 2 else infinity
        return self.shifted(kind, (low, high), parameters, place, seed)

    def bell(self, mean: _E, deviation: _E, *rest: _E) -> _E:
        """Expand NORMAL."""
        return self.plain("normal", _NONE, (mean, deviation), rest)

    def waiting(self, mean: _E, *rest: _E) -> _E:
        """Expand EXPRND."""
        return self.plain("exponential", _NONE, (_ZERO, mean), rest)

    def lognormal(self, mean: _E, deviation: _E, *rest: _E) -> _E:
        """Expand LOGNORMAL; mean and deviation are those of the logarithm."""
        bounds = [Call("ln", (Call("max", (a, Number(1e-300))),)) for a in rest[1:3]]
        return Call("exp", (self.bell(mean, deviation, *rest[:1], *bounds),))

    def beta(self, a: _E, b: _E, *rest: _E) -> _E:
        """Expand BETA."""
        return self.plain("beta", (a, b), _AS_IS, rest)

    def binomial(self, n: _E, p: _E, *rest: _E) -> _E:
        """Expand BINOMIAL."""
        return self.plain("binomial", (n, p), _AS_IS, rest)

    def gamma(self, shape: _E, scale: _E, *rest: _E) -> _E:
        """Expand GAMMA."""
        return self.plain("gamma", (shape, _ZERO), (_ZERO, scale), rest)

    def geometric(self, p: _E, *rest: _E) -> _E:
        """Expand GEOMETRIC: the number of failures before the first success."""
        return self.plain("negative binomial", (_ONE, p), _AS_IS, rest)

    def logistic(self, mean: _E, scale: _E, *rest: _E) -> _E:
        """Expand LOGISTIC."""
        return self.plain("logistic", _NONE, (mean, scale), rest)

    def negbinomial(self, n: _E, p: _E, *rest: _E) -> _E:
        """Expand NEGBINOMIAL: the number of failures before n successes."""
        return self.plain("negative binomial", (n, p), _AS_IS, rest)

    def pareto(self, shape: _E, scale: _E, *rest: _E) -> _E:
        """Expand PARETO."""
        return self.plain("pareto", (shape, _ZERO), (_ZERO, scale), rest)

    def poisson(self, mean: _E, *rest: _E) -> _E:
        """Expand POISSON."""
        return self.plain("poisson", (mean, _ZERO), _AS_IS, rest)

    def triangular(self, start: _E, peak: _E, stop: _E, *rest: _E) -> _E:
        """Expand TRIANGULAR."""
        infinity = Call("inf", ())
        low = rest[1] if len(rest) > 1 else Unary("-", infinity)
        high = rest[2] if len(rest) > 2 else infinity
        return self.random_triangular(low, high, start, peak, stop, rest[0] if rest else None)

    def weibull(self, shape: _E, scale: _E, *rest: _E) -> _E:
        """Expand WEIBULL."""
        return self.plain("weibull", (shape, _ZERO), (_ZERO, scale), rest)

    def montecarlo(self, percent: _E, *rest: _E) -> _E:
        """Expand MONTECARLO: 1 with the given probability (percent per unit of time), otherwise 0."""
        seed = rest[0] if rest else None
        chance = Binary("*", Binary("*", percent, Number(0.01)), Call("dt", ()))
        return Binary("<", self.random(seed), chance)

    def noise_seed(self, stream: Expression | None) -> Expression:
        """Return what the model's NOISE SEED adds to the start of stream 0; other streams do not follow it (Vensim)."""
        variable = self.model.variables.get("noise seed")
        if variable is None or variable.dimensions or variable.kind == "lookup":
            return _ZERO
        added = Call("abs", (Binary("-", Reference("noise seed"), Number(_NOISE_SEED)),))
        if stream is None or stream == _ZERO:
            return added
        return (
            _ZERO
            if isinstance(stream, Number)
            else Call("if", (Binary("=", stream, _ZERO), added, _ZERO))
        )

    def random(self, seed: Expression | None) -> Expression:
        """A stream of numbers between 0 and 1: Park & Miller (1988), a new number each step."""

        def following(state: Expression, factor: float) -> Expression:
            return Call("modulo", (Binary("*", Number(factor), state), Number(_RANDOM_MODULUS)))

        # Every call, element and run gets its own start, spread over the period.
        mixed: Expression = Binary("*", Call("seed", ()), Number(7919.0))
        mixed = Binary("+", mixed, Number(104729.0 * (self.counter + 1)))
        if seed is not None:
            mixed = Binary("+", mixed, Binary("*", Call("abs", (seed,)), Number(15485863.0)))
        mixed = Binary("+", mixed, Binary("*", self.noise_seed(seed), Number(7907.0)))
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
