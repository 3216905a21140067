"""Rows of the table of functions: random numbers.

Vensim's distributions can be scaled, shifted and truncated. Stella's distributions have fewer arguments.
"""

from __future__ import annotations

from sdcluster.functions.function import Function


def _vensim(name: str, parameters: int, rewrite: str, meaning: str) -> Function:
    """Return the row of a Vensim distribution.

    The arguments of the function are minimum, maximum, the parameters of the distribution (as many as `parameters`),
    shift, scale and, optionally, seed.
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

    The arguments of the function are the parameters of the distribution (as many as `parameters`) and, optionally,
    seed, minimum, maximum and size.
    """
    return Function(
        name,
        name.upper(),
        "",
        (name,),
        (parameters, parameters + 4),
        units,
        rewrite=rewrite,
        meaning=f"{meaning}, seed, minimum, maximum)",
    )


ROWS = (
    Function("random uniform", "UNIFORM, RANDOM", "RANDOM UNIFORM", ("random_uniform", "uniform", "random"), (2, 4),
        "first", rewrite="uniform", meaning="uniformly distributed random number (minimum, maximum, seed)"),
    Function("random 0 1", "", "RANDOM 0 1", ("random_0_1",), (0, 0), "dimensionless", rewrite="unit",
        meaning="random number that is uniformly distributed between 0 and 1"),
    Function("random normal", "", "RANDOM NORMAL", ("random_normal",), (4, 5), "first", rewrite="normal",
        meaning="normally distributed random number, truncated (minimum, maximum, mean, standard deviation, seed)"),
    _vensim("random exponential", 0, "exponential",
        "exponentially distributed random number, truncated (minimum, maximum, shift, scale, seed)"),
    _vensim("random beta", 2, "random_beta",
        "beta-distributed random number, truncated (minimum, maximum, α, β, shift, scale, seed)"),
    _vensim("random binomial", 2, "random_binomial",
        "binomially distributed random number, truncated (minimum, maximum, probability, number of trials, shift, "
        "scale, seed)"),
    _vensim("random gamma", 1, "random_gamma",
        "gamma-distributed random number, truncated (minimum, maximum, shape, shift, scale, seed)"),
    _vensim("random negative binomial", 2, "random_negative_binomial",
        "number of trials until a given number of successes, truncated (minimum, maximum, probability, successes, "
        "shift, scale, seed)"),
    _vensim("random poisson", 1, "random_poisson",
        "Poisson-distributed random number, truncated (minimum, maximum, mean, shift, scale, seed)"),
    _vensim("random weibull", 1, "random_weibull",
        "random number with a Weibull distribution of mean 1 before scaling, truncated (minimum, maximum, shape, "
        "shift, scale, seed)"),
    Function("random triangular", "", "RANDOM TRIANGULAR", ("random_triangular",), (5, 6), "first",
        rewrite="random_triangular",
        meaning="random number with a triangular distribution, truncated (minimum, maximum, start, peak, end, "
        "seed)"),
    Function("random lookup", "", "RANDOM LOOKUP", ("random_lookup",), (5, 6), "free", rewrite="random_lookup",
        meaning="random number whose density is a lookup (lookup, minimum, maximum, shift, scale, seed)"),
    Function("random pink noise", "", "RANDOM PINK NOISE", ("random_pink_noise",), (3, 4), "first",
        rewrite="pink_noise", meaning="autocorrelated noise (mean, standard deviation, correlation time, seed)"),
    _stella("normal", 2, "bell", "normally distributed random number (mean, standard deviation", "first"),
    _stella("exprnd", 1, "waiting", "exponentially distributed random number (mean", "first"),
    _stella("lognormal", 2, "lognormal",
        "random number whose logarithm is normally distributed (mean, standard deviation"),
    _stella("beta", 2, "beta", "beta-distributed random number (α, β"),
    _stella("binomial", 2, "binomial", "binomially distributed random number (number of trials, probability"),
    _stella("gamma", 2, "gamma", "gamma-distributed random number (shape, scale"),
    _stella("geometric", 1, "geometric", "number of failures before the first success (probability"),
    _stella("logistic", 2, "logistic", "random number with a logistic distribution (mean, scale", "first"),
    _stella("negbinomial", 2, "negbinomial",
        "number of failures before a given number of successes (successes, probability"),
    _stella("pareto", 2, "pareto", "random number with a Pareto distribution (shape, scale"),
    _stella("poisson", 1, "poisson", "Poisson-distributed random number (mean"),
    _stella("triangular", 3, "triangular", "random number with a triangular distribution (start, peak, end", "first"),
    _stella("weibull", 2, "weibull", "random number with a Weibull distribution (shape, scale"),
    Function("montecarlo", "MONTECARLO", "", ("montecarlo",), (1, 2), "free", rewrite="montecarlo",
        meaning="1 with a given probability per time unit, otherwise 0 (percentage, seed)"),
    Function("truncated normal", "", "", (), (5, 5), "first", "truncated_normal({0}, {1}, {2}, {3}, {4})",
        meaning="internal function: quantile of a truncated normal distribution"),
    Function("drawn", "", "", (), (8, 8), "free", "drawn({0}, {1}, {2}, {3}, {4}, {5}, {6}, {7})",
        meaning="internal function: quantile of a scaled, shifted and truncated distribution"),
    Function("density lookup", "", "", (), (5, 5), "free", points="random_lookup",
        meaning="internal function of random lookup"),
    Function("seed", "", "", (), (0, 0), "dimensionless", "{seed}", meaning="internal function: the seed of the run"),
)  # fmt: skip
