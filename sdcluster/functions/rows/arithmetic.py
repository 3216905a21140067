"""Rows of the table of functions: arithmetic and logic."""

from __future__ import annotations

from sdcluster.functions.function import Function

_MEANINGS = {
    "abs": "absolute value of x",
    "exp": "e to the power x",
    "log10": "decimal logarithm of x",
    "sqrt": "square root of x",
    "sin": "sine of x, in radians",
    "cos": "cosine of x, in radians",
    "tan": "tangent of x, in radians",
    "arcsin": "inverse sine of x, in radians",
    "arccos": "inverse cosine of x, in radians",
    "arctan": "inverse tangent of x, in radians",
    "sinh": "hyperbolic sine of x",
    "cosh": "hyperbolic cosine of x",
    "tanh": "hyperbolic tangent of x",
}


def _elementary(
    name: str, xmile: str, vensim: str, template: str, units: str = "dimensionless", sign: str = ""
) -> Function:
    meaning = _MEANINGS[name]
    return Function(
        name, xmile, vensim, (name,), (1, 1), units, template, meaning=meaning, sign=sign
    )


ROWS = (
    _elementary("abs", "ABS", "ABS", "abs({0})", "same"),
    _elementary("exp", "EXP", "EXP", "exp({0})", sign="rising"),
    Function("ln", "LN", "LN", ("ln", "logn"), (1, 1), "dimensionless", "log({0})", meaning="natural logarithm of x",
        sign="rising"),
    _elementary("log10", "LOG10", "", "log10({0})", sign="rising"),
    _elementary("sqrt", "SQRT", "SQRT", "sqrt({0})", "free", sign="rising"),
    _elementary("sin", "SIN", "SIN", "sin({0})"),
    _elementary("cos", "COS", "COS", "cos({0})"),
    _elementary("tan", "TAN", "TAN", "tan({0})"),
    _elementary("arcsin", "ARCSIN", "ARCSIN", "asin({0})"),
    _elementary("arccos", "ARCCOS", "ARCCOS", "acos({0})"),
    _elementary("arctan", "ARCTAN", "ARCTAN", "atan({0})", sign="rising"),
    _elementary("sinh", "SINH", "SINH", "sinh({0})", sign="rising"),
    _elementary("cosh", "COSH", "COSH", "cosh({0})"),
    _elementary("tanh", "TANH", "TANH", "tanh({0})", sign="rising"),
    Function("pi", "PI", "", ("pi",), (0, 0), "dimensionless", "3.141592653589793", meaning="π"),
    Function("inf", "INF", "", ("inf",), (0, 0), "free", "INF", meaning="infinity"),
    Function("integer", "", "INTEGER", ("integer",), (1, 1), "same", "integer({0})",
        meaning="x without its fraction: rounded towards zero", sign="rising"),
    Function("floor", "INT", "", ("int",), (1, 1), "same", "floor_of({0})",
        meaning="the largest integer that is not greater than x", sign="rising", vensim_twin="integer"),
    Function("round", "ROUND", "", ("round",), (1, 1), "same", "round_half_up({0})",
        meaning="the nearest integer; halves are rounded up", sign="rising"),
    Function("modulo", "", "MODULO", ("modulo",), (2, 2), "first", "modulo({0}, {1})",
        meaning="remainder of x / y, with the sign of x"),
    Function("remainder", "MOD", "", ("mod",), (2, 2), "first", "remainder({0}, {1})",
        meaning="remainder of x / y, with the sign of y", vensim_twin="modulo"),
    Function("quantum", "", "QUANTUM", ("quantum",), (2, 2), "same", "quantum({0}, {1})",
        meaning="x rounded towards zero to a multiple of q (x, q)"),
    Function("min", "MIN", "MIN", ("min",), (2, 2), "same", "min({0}, {1})", meaning="the smaller of two values",
        sign="rising", over_array="vmin"),
    Function("max", "MAX", "MAX", ("max",), (2, 2), "same", "max({0}, {1})", meaning="the larger of two values",
        sign="rising", over_array="vmax"),
    Function("power", "", "POWER", ("power",), (2, 2), "free", "power({0}, {1})", meaning="x to the power y"),
    Function("log", "", "LOG", ("log",), (2, 2), "dimensionless", "logarithm({0}, {1})",
        meaning="logarithm of x to base b (x, b)"),
    Function("if", "IF THEN ELSE", "IF THEN ELSE", ("if_then_else",), (3, 3), "branch", "if",
        meaning="the second argument if the first is true, otherwise the third"),
    Function("zidz", "SAFEDIV", "ZIDZ", ("zidz",), (2, 2), "quotient", "safe_divide({0}, {1}, 0.0)",
        meaning="x / y, or 0 if |y| < 1e-6"),
    Function("xidz", "SAFEDIV", "XIDZ", ("xidz",), (3, 3), "quotient", "safe_divide({0}, {1}, {2})",
        meaning="x / y, or z if |y| < 1e-6 (x, y, z)"),
    Function("root", "ROOTN", "", ("rootn",), (2, 2), "free", "root({0}, {1})",
        meaning="the n-th root of x; an odd root of a negative number is negative (x, n)"),
    Function("sign", "SIGN", "", ("sign",), (1, 1), "free", "sign({0})",
        meaning="-1, 0 or 1 if x is negative, zero or positive"),
    Function("percent", "PERCENT, PCT", "", ("percent", "pct"), (1, 1), "dimensionless", "(100.0 * {0})",
        meaning="x as a percentage: 100 x"),
    Function("switch", "SWITCH", "", ("switch",), (2, 2), "free", "(1.0 if {0} > {1} else 0.0)",
        meaning="1 if the first argument is greater than the second, otherwise 0"),
    Function("clip", "CLIP", "", ("clip",), (4, 4), "first", "({0} if {2} >= {3} else {1})",
        meaning="the first argument if the third is at least the fourth, otherwise the second (as in DYNAMO)"),
    Function("sshape", "SSHAPE", "SSHAPE", ("sshape",), (3, 3), "free", "s_shape({0}, {1}, {2})",
        meaning="a logistic curve that rises from a bottom to a top as x goes from 0 to 1 (x, bottom, top)"),
    Function("gamma ln", "GAMMALN", "GAMMA LN", ("gamma_ln", "gammaln"), (1, 1), "dimensionless", "gamma_ln({0})",
        meaning="logarithm of the gamma function"),
    Function("factorial", "FACTORIAL", "", ("factorial",), (1, 1), "dimensionless", "factorial({0})", meaning="n!"),
    Function("combinations", "COMBINATIONS", "", ("combinations",), (2, 2), "dimensionless",
        "combinations({0}, {1})",
        meaning="number of ways to choose r of n elements, regardless of their order (n, r)"),
    Function("permutations", "PERMUTATIONS", "", ("permutations",), (2, 2), "dimensionless",
        "permutations({0}, {1})", meaning="number of ways to choose r of n elements in order (n, r)"),
    Function("normalcdf", "NORMALCDF", "", ("normalcdf",), (2, 4), "free", "normal_between({0}, {1}, {2}, {3})",
        defaults=(0.0, 1.0),
        meaning="probability that a normally distributed number is between two bounds (lower bound, upper bound, "
        "mean, standard deviation)"),
    Function("invnorm", "INVNORM", "", ("invnorm",), (1, 3), "free", "normal_quantile({0}, {1}, {2})",
        defaults=(0.0, 1.0), meaning="quantile of the normal distribution (probability, mean, standard deviation)"),
)  # fmt: skip
