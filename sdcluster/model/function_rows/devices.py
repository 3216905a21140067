"""Conveyors and queues: what they decide, and what can be asked of them."""

from __future__ import annotations

from sdcluster.model.function import Function

ROWS = (
    Function(
        "leaving",
        "",
        "",
        (),
        (1, 2),
        "outflow",
        rewrite="leaving",
        meaning="what leaves a conveyor at its end, or a queue: the stock, the transit time",
    ),
    Function(
        "leaking",
        "",
        "",
        (),
        (2, 2),
        "outflow",
        rewrite="leaving",
        meaning="what leaks from a conveyor: the conveyor, the leak fraction",
    ),
)
