"""Markets: shares of a supply."""

from __future__ import annotations

from sdcluster.model.function import Function

ROWS = (
    Function(
        "allocate available",
        "",
        "ALLOCATE AVAILABLE",
        (),
        (3, 3),
        "first",
        rewrite="row",
        meaning="shares of a supply by priority curves",
    ),
    Function(
        "allocate by priority",
        "",
        "ALLOCATE BY PRIORITY",
        (),
        (5, 5),
        "first",
        rewrite="row",
        meaning="shares of a supply by priority",
    ),
)
