"""Lowering of equations to functions: expand, order, assign addresses, lower.

Crosses the border: takes a `Model`, returns a `Program` and its functions (`kernel.program`, `kernel.source`).
"""
