"""Finance."""

from __future__ import annotations

from sdcluster.model.function import Function

ROWS = (
    Function(
        "npv",
        "NPV",
        "NPV",
        ("npv",),
        (4, 4),
        "free",
        rewrite="npv",
        meaning="net present value: stream, discount rate, initial value, factor",
    ),
)
