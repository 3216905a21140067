"""From equations to ordered, placed statements, and functions: expand, order, place, lower.

Crosses the border: a `Model` in, a `Program` and its functions out (`kernel.program`, `kernel.source`).
"""
