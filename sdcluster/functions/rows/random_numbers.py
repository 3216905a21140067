"""Rows of the table of functions: random numbers.

Vensim's distributions can be scaled, shifted and truncated. Stella's distributions have fewer arguments.
"""

from __future__ import annotations

from sdcluster.functions.function import Function


def _vensim(name: str, parameters: int, rewrite: str, meaning: str) -> Function:
    """Return the row of a Vensim distribution.

    The arguments of the distribution are minimum, maximum, its `parameters` own parameters, shift, scale and,
    optionally,
    seed.
    """
    spelled = (name.replace(" ", "_"),)
    least = parameters + 4
    return Function(
        name,
        "",
        name.upper(),
        spelled,
        (least, least + 1),
        "free",
        rewrite=rewrite,
        meaning=meaning,
    )


def _stella(
    name: str, parameters: int, rewrite: str, meaning: str, units: str = "free"
) -> Function:
    """Return the row of a Stella distribution.

    The arguments of the distribution are its `parameters` own parameters and, optionally, seed, minimum, maximum and
    size.
    """
    return Function(
        name,
        name.upper(),
        "",
        (name,),
        (parameters, parameters + 4),
        units,
        rewrite=rewrite,
        meaning=f"{meaning}; seed, least, greatest",
    )


ROWS = (
    Function("random uniform", "UNIFORM, RANDOM", "RANDOM UNIFORM", ("random_uniform", "uniform", "random"), (2, 4),
        "first", rewrite="uniform", meaning="evenly distributed between two bounds: least, greatest, seed"),
    Function("random 0 1", "", "RANDOM 0 1", ("random_0_1",), (0, 0), "dimensionless", rewrite="unit",
        meaning="evenly distributed between 0 and 1"),
    Function("random normal", "", "RANDOM NORMAL", ("random_normal",), (4, 5), "first", rewrite="normal",
        meaning="normally distributed, cut off at two bounds: least, greatest, mean, deviation"),
    _vensim("random exponential", 0, "exponential", "exponential: least, greatest, shift, stretch"),
    _vensim("random beta", 2, "random_beta", "beta: least, greatest, α, β, shift, stretch"),
    _vensim("random binomial", 2, "random_binomial", "binomial: least, greatest, chance, draws, shift, stretch"),
    _vensim("random gamma", 1, "random_gamma", "gamma: least, greatest, order, shift, stretch"),
    _vensim("random negative binomial", 2, "random_negative_binomial",
        "trials until so many succeed: least, greatest, chance, successes, shift, stretch"),
    _vensim("random poisson", 1, "random_poisson", "Poisson: least, greatest, mean, shift, stretch"),
    _vensim("random weibull", 1, "random_weibull", "Weibull of mean 1: least, greatest, shape, shift, stretch"),
    Function("random triangular", "", "RANDOM TRIANGULAR", ("random_triangular",), (5, 6), "first",
        rewrite="random_triangular",
        meaning="triangular, cut off at two bounds: least, greatest, start, peak, stop"),
    Function("random lookup", "", "RANDOM LOOKUP", ("random_lookup",), (5, 6), "free", rewrite="random_lookup",
        meaning="with a lookup as its density: lookup, least, greatest, shift, stretch"),
    Function("random pink noise", "", "RANDOM PINK NOISE", ("random_pink_noise",), (3, 4), "first",
        rewrite="pink_noise", meaning="noise with a memory: mean, deviation, correlation time"),
    _stella("normal", 2, "bell", "normal: mean, deviation", "first"),
    _stella("exprnd", 1, "waiting", "exponential: mean", "first"),
    _stella("lognormal", 2, "lognormal", "its logarithm is normal: mean, deviation"),
    _stella("beta", 2, "beta", "beta: α, β"),
    _stella("binomial", 2, "binomial", "binomial: draws, chance"),
    _stella("gamma", 2, "gamma", "gamma: shape, scale"),
    _stella("geometric", 1, "geometric", "failures before the first success: chance"),
    _stella("logistic", 2, "logistic", "logistic: mean, scale", "first"),
    _stella("negbinomial", 2, "negbinomial", "failures before so many successes: successes, chance"),
    _stella("pareto", 2, "pareto", "Pareto: shape, scale"),
    _stella("poisson", 1, "poisson", "Poisson: mean"),
    _stella("triangular", 3, "triangular", "triangular: start, peak, stop", "first"),
    _stella("weibull", 2, "weibull", "Weibull: shape, scale"),
    Function("montecarlo", "MONTECARLO", "", ("montecarlo",), (1, 2), "free", rewrite="montecarlo",
        meaning="1 with so many percent chance per unit of time, else 0: percent, seed"),
    Function("truncated normal", "", "", (), (5, 5), "first", "truncated_normal({0}, {1}, {2}, {3}, {4})",
        meaning="quantile of a truncated normal distribution"),
    Function("drawn", "", "", (), (8, 8), "free", "drawn({0}, {1}, {2}, {3}, {4}, {5}, {6}, {7})",
        meaning="quantile of a distribution: kind, chance, least, greatest, shift, stretch, two parameters"),
    Function("density lookup", "", "", (), (5, 5), "free", points="random_lookup",
        meaning="quantile of a distribution whose density is a graphical function"),
    Function("seed", "", "", (), (0, 0), "dimensionless", "{seed}", meaning="the seed of the run"),
)  # fmt: skip
