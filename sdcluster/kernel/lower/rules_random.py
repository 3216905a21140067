"""Replace random functions by streams of random numbers: a new number in each step, reproducible by a seed.

Exports `RandomRules`, a base class of `sdcluster.kernel.lower.expand.Expander`. In the table of functions, the field
`rewrite` names the method for each function.
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

# The numbers that identify distributions in the library functions `chance_below` and `quantile`.
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
_NOISE_SEED = 4487556.0  # the NOISE SEED of Vensim models that do not set one


class RandomRules(InternalVariables):
    """Replaces calls of random functions by hidden variables and simpler calls. Each function has its own method."""

    def uniform(self, low: _E, high: _E, seed: _O = None, _size: _O = None) -> _E:
        """Return an expression for RANDOM UNIFORM, a number uniformly distributed between `low` and `high`."""
        return Binary("+", low, Binary("*", Binary("-", high, low), self.random(seed)))

    def unit(self) -> Expression:
        """Return an expression for RANDOM 0 1(), a number uniformly distributed between 0 and 1."""
        return self.random(None)

    def normal(
        self,
        low: Expression,
        high: Expression,
        mean: Expression,
        deviation: Expression,
        seed: Expression | None = None,
    ) -> Expression:
        """Return an expression for Vensim's RANDOM NORMAL, a normal distribution truncated at `low` and `high`."""
        return Call("truncated normal", (self.random(seed), low, high, mean, deviation))

    # ---- Vensim: the arguments are least, greatest, parameters, shift, stretch, seed

    def shifted(
        self, kind: str, bounds: _Pair, parameters: _Pair, place: _Pair, seed: Expression | None
    ) -> Expression:
        """Return an expression for a random number from a scaled, shifted and truncated distribution."""
        code = Number(float(KINDS[kind]))
        return Call("drawn", (code, self.random(seed), *bounds, *place, *parameters))

    def exponential(self, low: _E, high: _E, shift: _E, stretch: _E, seed: _O = None) -> _E:
        """Return an expression for Vensim's RANDOM EXPONENTIAL, a shifted and truncated exponential distribution."""
        return self.shifted("exponential", (low, high), _NONE, (shift, stretch), seed)

    def random_beta(
        self, low: _E, high: _E, a: _E, b: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Return an expression for Vensim's RANDOM BETA, a scaled, shifted and truncated beta distribution."""
        return self.shifted("beta", (low, high), (a, b), (shift, stretch), seed)

    def random_binomial(
        self, low: _E, high: _E, p: _E, n: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Return an expression for Vensim's RANDOM BINOMIAL, the number of successes in `n` trials; `n` is rounded."""
        n = Call("round", (n,))
        return self.shifted("binomial", (low, high), (n, p), (shift, stretch), seed)

    def random_gamma(
        self, low: _E, high: _E, order: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Return an expression for Vensim's RANDOM GAMMA, a gamma distribution. An order below 1 counts as 1."""
        order = Call("max", (order, _ONE))
        return self.shifted("gamma", (low, high), (order, _ZERO), (shift, stretch), seed)

    def random_negative_binomial(
        self, low: _E, high: _E, p: _E, n: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Return an expression for Vensim's RANDOM NEGATIVE BINOMIAL, the number of trials up to the `n`-th success."""
        shift = Binary("+", shift, Binary("*", stretch, n))
        return self.shifted("negative binomial", (low, high), (n, p), (shift, stretch), seed)

    def random_poisson(
        self, low: _E, high: _E, mean: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Return an expression for Vensim's RANDOM POISSON, a scaled, shifted and truncated Poisson distribution."""
        return self.shifted("poisson", (low, high), (mean, _ZERO), (shift, stretch), seed)

    def random_triangular(
        self, low: _E, high: _E, start: _E, peak: _E, stop: _E, seed: _O = None
    ) -> _E:
        """Return an expression for Vensim's RANDOM TRIANGULAR, a truncated triangular distribution."""
        start, stop = self.named(start, "start"), self.named(stop, "stop")
        width = Binary("-", stop, start)
        place = Call("zidz", (Binary("-", peak, start), width))
        return self.shifted("triangular", (low, high), (place, _ZERO), (start, width), seed)

    def random_weibull(
        self, low: _E, high: _E, shape: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Return an expression for Vensim's RANDOM WEIBULL, a Weibull distribution that has mean 1 before scaling."""
        shape = self.named(shape, "shape")
        mean = Call("exp", (Call("gamma ln", (Binary("+", _ONE, Binary("/", _ONE, shape)),)),))
        place = (shift, Binary("/", stretch, mean))
        return self.shifted("weibull", (low, high), (shape, _ZERO), place, seed)

    def random_lookup(
        self, curve: _E, low: _E, high: _E, shift: _E, stretch: _E, seed: _O = None
    ) -> _E:
        """Return an expression for Vensim's RANDOM LOOKUP, a number whose probability density is a graphical function.

        `curve` is a lookup in this graphical function; its own argument is ignored.
        """
        assert isinstance(curve, Lookup)
        drawn = Lookup(curve.table, self.random(seed))
        return Call("density lookup", (drawn, low, high, shift, stretch))

    def pink_noise(self, mean: _E, deviation: _E, time: _E, seed: _O = None) -> _E:
        """Return an expression for Vensim's RANDOM PINK NOISE, which is smoothed white noise (E. Anderson).

        The noise is scaled so that its standard deviation does not depend on the time step.
        """
        mean, deviation = self.named(mean, "mean"), self.named(deviation, "deviation")
        time = self.named(time, "correlation time")
        white = self.named(self.normal(Number(-6.0), Number(6.0), _ZERO, _ONE, seed), "white noise")
        share = Binary("/", Call("dt", ()), time)
        scale = Call("sqrt", (Binary("/", Binary("-", Number(2.0), share), share),))
        goal = Binary("+", mean, Binary("*", deviation, Binary("*", scale, white)))
        start = Binary("+", mean, Binary("*", deviation, white))
        return self.stock("pink noise", lambda s: Binary("/", Binary("-", goal, s), time), start)

    # ---- Stella: the arguments are parameters, seed, least, greatest (XMILE 1.0, section 3.5.2)

    def plain(
        self, kind: str, parameters: _Pair, place: _Pair, rest: tuple[Expression, ...]
    ) -> Expression:
        """Return an expression for a random number of Stella.

        `rest` contains optional arguments: seed, least, greatest, size.
        """
        infinity = Call("inf", ())
        seed = rest[0] if rest else None
        low = rest[1] if len(rest) > 1 else Unary("-", infinity)
        high = rest[2] if len(rest) > 2 else infinity
        return self.shifted(kind, (low, high), parameters, place, seed)

    def bell(self, mean: _E, deviation: _E, *rest: _E) -> _E:
        """Return an expression for Stella's NORMAL, a normal distribution."""
        return self.plain("normal", _NONE, (mean, deviation), rest)

    def waiting(self, mean: _E, *rest: _E) -> _E:
        """Return an expression for Stella's EXPRND, an exponential distribution with a given mean."""
        return self.plain("exponential", _NONE, (_ZERO, mean), rest)

    def lognormal(self, mean: _E, deviation: _E, *rest: _E) -> _E:
        """Return an expression for Stella's LOGNORMAL. `mean` and `deviation` are those of the logarithm."""
        bounds = [Call("ln", (Call("max", (a, Number(1e-300))),)) for a in rest[1:3]]
        return Call("exp", (self.bell(mean, deviation, *rest[:1], *bounds),))

    def beta(self, a: _E, b: _E, *rest: _E) -> _E:
        """Return an expression for Stella's BETA, a beta distribution with parameters `a` and `b`."""
        return self.plain("beta", (a, b), _AS_IS, rest)

    def binomial(self, n: _E, p: _E, *rest: _E) -> _E:
        """Return an expression for Stella's BINOMIAL, the number of successes in `n` trials with probability `p`."""
        return self.plain("binomial", (n, p), _AS_IS, rest)

    def gamma(self, shape: _E, scale: _E, *rest: _E) -> _E:
        """Return an expression for Stella's GAMMA, a gamma distribution with a given shape and scale."""
        return self.plain("gamma", (shape, _ZERO), (_ZERO, scale), rest)

    def geometric(self, p: _E, *rest: _E) -> _E:
        """Return an expression for Stella's GEOMETRIC, the number of failures before the first success."""
        return self.plain("negative binomial", (_ONE, p), _AS_IS, rest)

    def logistic(self, mean: _E, scale: _E, *rest: _E) -> _E:
        """Return an expression for Stella's LOGISTIC, a logistic distribution with a given mean and scale."""
        return self.plain("logistic", _NONE, (mean, scale), rest)

    def negbinomial(self, n: _E, p: _E, *rest: _E) -> _E:
        """Return an expression for Stella's NEGBINOMIAL, the number of failures before the `n`-th success."""
        return self.plain("negative binomial", (n, p), _AS_IS, rest)

    def pareto(self, shape: _E, scale: _E, *rest: _E) -> _E:
        """Return an expression for Stella's PARETO, a Pareto distribution with a given shape and scale."""
        return self.plain("pareto", (shape, _ZERO), (_ZERO, scale), rest)

    def poisson(self, mean: _E, *rest: _E) -> _E:
        """Return an expression for Stella's POISSON, a Poisson distribution with a given mean."""
        return self.plain("poisson", (mean, _ZERO), _AS_IS, rest)

    def triangular(self, start: _E, peak: _E, stop: _E, *rest: _E) -> _E:
        """Return an expression for Stella's TRIANGULAR, a triangular distribution between `start` and `stop`."""
        infinity = Call("inf", ())
        low = rest[1] if len(rest) > 1 else Unary("-", infinity)
        high = rest[2] if len(rest) > 2 else infinity
        return self.random_triangular(low, high, start, peak, stop, rest[0] if rest else None)

    def weibull(self, shape: _E, scale: _E, *rest: _E) -> _E:
        """Return an expression for Stella's WEIBULL, a Weibull distribution with a given shape and scale."""
        return self.plain("weibull", (shape, _ZERO), (_ZERO, scale), rest)

    def montecarlo(self, percent: _E, *rest: _E) -> _E:
        """Return an expression for Stella's MONTECARLO: 1 with a probability in percent per time unit, otherwise 0."""
        seed = rest[0] if rest else None
        chance = Binary("*", Binary("*", percent, Number(0.01)), Call("dt", ()))
        return Binary("<", self.random(seed), chance)

    def noise_seed(self, stream: Expression | None) -> Expression:
        """Return the number that the model's NOISE SEED adds to the seed of stream 0. Other streams ignore it."""
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
        """Return an expression for a number between 0 and 1, new in each step, after Park & Miller (1988)."""

        def following(state: Expression, factor: float) -> Expression:
            return Call("modulo", (Binary("*", Number(factor), state), Number(_RANDOM_MODULUS)))

        # Each call, element and run has its own initial state. The states are spread over the generator's period.
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
