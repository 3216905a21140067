"""From equations to ordered, placed statements, and their printed text: expand, order, place, print.

Crosses the border: a `Model` in, a `Program` and its text out (`sdcluster.kernel.program`, `sdcluster.kernel.source`).
"""
