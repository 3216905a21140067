"""Lower the equations of a model to functions: expand stateful calls, sort, assign addresses, translate.

A `Model` becomes a `Program` (`kernel.program`), and a `Program` becomes functions (`kernel.source`).
"""
