"""Random numbers."""

from __future__ import annotations

from sdcluster.model.function import Function

ROWS = (
    Function(
        "random uniform",
        "UNIFORM, RANDOM",
        "RANDOM UNIFORM",
        ("random_uniform", "uniform", "random"),
        (2, 3),
        "first",
        rewrite="uniform",
        meaning="evenly distributed between two bounds",
    ),
    Function(
        "normal",
        "NORMAL",
        "",
        ("normal",),
        (2, 3),
        "first",
        rewrite="bell",
        meaning="normally distributed: mean, standard deviation, seed",
    ),
    Function(
        "exprnd",
        "EXPRND",
        "",
        ("exprnd",),
        (1, 2),
        "first",
        rewrite="waiting",
        meaning="exponentially distributed: mean, seed",
    ),
    Function(
        "random 0 1",
        "",
        "RANDOM 0 1",
        ("random_0_1",),
        (0, 0),
        "dimensionless",
        rewrite="unit",
        meaning="evenly distributed between 0 and 1",
    ),
    Function(
        "random normal",
        "",
        "RANDOM NORMAL",
        ("random_normal",),
        (4, 5),
        "first",
        rewrite="normal",
        meaning="normally distributed, cut off at two bounds: least, greatest, mean, deviation",
    ),
    Function(
        "random exponential",
        "",
        "RANDOM EXPONENTIAL",
        ("random_exponential",),
        (4, 5),
        "first",
        rewrite="exponential",
        meaning="exponentially distributed: least, greatest, start, stretch",
    ),
    Function(
        "truncated normal",
        "",
        "",
        (),
        (5, 5),
        "first",
        "truncated_normal({0}, {1}, {2}, {3}, {4})",
        meaning="quantile of a truncated normal distribution",
    ),
    Function("seed", "", "", (), (0, 0), "dimensionless", "{seed}", meaning="the seed of the run"),
)
