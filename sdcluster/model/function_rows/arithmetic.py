"""Arithmetic and logic."""

from __future__ import annotations

from sdcluster.model.function import Function


def _elementary(
    name: str, xmile: str, vensim: str, template: str, units: str = "dimensionless"
) -> Function:
    return Function(name, xmile, vensim, (name,), (1, 1), units, template, meaning=f"{name} of x")


ROWS = (
    _elementary("abs", "ABS", "ABS", "abs({0})", "same"),
    _elementary("exp", "EXP", "EXP", "exp({0})"),
    _elementary("ln", "LN", "LN", "log({0})"),
    _elementary("log10", "LOG10", "", "log10({0})"),
    _elementary("sqrt", "SQRT", "SQRT", "sqrt({0})", "free"),
    _elementary("sin", "SIN", "SIN", "sin({0})"),
    _elementary("cos", "COS", "COS", "cos({0})"),
    _elementary("tan", "TAN", "TAN", "tan({0})"),
    _elementary("arcsin", "ARCSIN", "ARCSIN", "asin({0})"),
    _elementary("arccos", "ARCCOS", "ARCCOS", "acos({0})"),
    _elementary("arctan", "ARCTAN", "ARCTAN", "atan({0})"),
    _elementary("sinh", "SINH", "SINH", "sinh({0})"),
    _elementary("cosh", "COSH", "COSH", "cosh({0})"),
    _elementary("tanh", "TANH", "TANH", "tanh({0})"),
    Function("pi", "PI", "", ("pi",), (0, 0), "dimensionless", "3.141592653589793", meaning="π"),
    Function("inf", "INF", "", ("inf",), (0, 0), "free", "INF", meaning="infinity"),
    Function(
        "integer",
        "INT",
        "INTEGER",
        ("integer", "int"),
        (1, 1),
        "same",
        "integer({0})",
        meaning="the integer part, towards zero",
    ),
    Function(
        "round",
        "ROUND",
        "",
        ("round",),
        (1, 1),
        "same",
        "round_half_up({0})",
        meaning="the nearest integer, halves up",
    ),
    Function(
        "modulo",
        "MOD",
        "MODULO",
        ("modulo", "mod"),
        (2, 2),
        "first",
        "modulo({0}, {1})",
        meaning="remainder of x / y, with the sign of x",
    ),
    Function(
        "quantum",
        "",
        "QUANTUM",
        ("quantum",),
        (2, 2),
        "same",
        "quantum({0}, {1})",
        meaning="the largest multiple of q that is not above x, towards zero",
    ),
    Function(
        "min", "MIN", "MIN", ("min",), (2, 2), "same", "min({0}, {1})", meaning="the smaller one"
    ),
    Function(
        "max", "MAX", "MAX", ("max",), (2, 2), "same", "max({0}, {1})", meaning="the larger one"
    ),
    Function(
        "power",
        "",
        "POWER",
        ("power",),
        (2, 2),
        "free",
        "power({0}, {1})",
        meaning="x to the power y",
    ),
    Function(
        "log",
        "",
        "LOG",
        ("log",),
        (2, 2),
        "dimensionless",
        "logarithm({0}, {1})",
        meaning="logarithm of x to base b",
    ),
    Function(
        "if",
        "IF THEN ELSE",
        "IF THEN ELSE",
        ("if_then_else",),
        (3, 3),
        "branch",
        "if",
        meaning="the second argument where the first is true, else the third",
    ),
    Function(
        "zidz",
        "SAFEDIV",
        "ZIDZ",
        ("zidz",),
        (2, 2),
        "quotient",
        "safe_divide({0}, {1}, 0.0)",
        meaning="x / y, and 0 where |y| < 1e-6",
    ),
    Function(
        "xidz",
        "SAFEDIV",
        "XIDZ",
        ("xidz",),
        (3, 3),
        "quotient",
        "safe_divide({0}, {1}, {2})",
        meaning="x / y, and z where |y| < 1e-6",
    ),
)
