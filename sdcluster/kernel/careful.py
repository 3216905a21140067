"""Rewrite plain Python functions so that division by zero gives infinity or NaN, as in machine code.

`careful(module)` returns the rewritten module.
"""

from __future__ import annotations

from sdcluster.kernel import ir


def careful(module: ir.Module) -> ir.Module:
    """Return the module with each division replaced by a call of ``divide``, which does not raise errors."""
    functions, *rest = module.parts()
    return ir.Module.of(map(_divided, functions), *rest)


def _divided(function: ir.Function) -> ir.Function:
    return function._replace(body=tuple(ir.mapped(s, _division) for s in function.body))


def _division(node: ir.Expression) -> ir.Expression:
    match node:
        case ir.Binary("/", left, right):
            return ir.Call("divide", (left, right))
    return node
