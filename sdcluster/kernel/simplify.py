"""Rewrite functions so that they have fewer branches.

`simplified(function)` returns an equivalent function. Branches cost time: if several runs share a vector register, both
sides are computed for all of them, and in a single run LLVM optimises little across branches. Therefore a function that
returns one of two cheap values becomes a conditional expression, which gives the same bits. Powers with exponent 2, 3
or 4 become calls of ``square``, ``cube`` or ``fourth_power``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

from sdcluster.kernel import ir

CHEAP_CALLS = frozenset({"abs", "min", "max", "bits", "from_bits", "isnan"})
PRODUCTS = {2.0: "square", 3.0: "cube", 4.0: "fourth_power"}
MOST = 12  # nodes of the largest expression that may be evaluated without being used
_ARITHMETIC = (ir.Number, ir.Name, ir.Unary, ir.Binary, ir.Compare, ir.Logic, ir.Choice)


def is_cheap(node: ir.Expression) -> bool:
    """Whether an expression is cheap and cannot fail, so that it may be evaluated even if its value is not used."""
    if isinstance(node, ir.Call):
        if node.function not in CHEAP_CALLS:
            return False
    elif isinstance(node, ir.Element):
        return isinstance(node.vector, ir.Name) and isinstance(node.at, ir.Number)
    elif not isinstance(node, _ARITHMETIC) or (
        isinstance(node, ir.Binary) and node.operator in ("%", "//")
    ):
        return False
    return all(is_cheap(child) for child in ir.children(node))


def simplified(
    function: ir.Function,
    defined: Callable[[str], bool],
    mentions: Callable[[ir.Statement], ir.Mentions] = ir.mentions,
    known: dict[int, tuple[ir.Statement, ir.Statement]] | None = None,
) -> ir.Function:
    """Return an equivalent function with fewer branches.

    Parameters
    ----------
    function : ir.Function
    defined : callable
        Returns whether the module has a function of the given name.
    mentions : callable
        `sdcluster.kernel.ir.mentions`, or a function that caches its results.
    known : dict of int to pair of statement, optional
        Cache of changed statements: the original and the changed one, by the id of the original. With it, functions
        that share a statement still share it afterwards.
    """
    changed = {} if known is None else known

    def product(node: ir.Expression) -> ir.Expression:
        match node:
            case ir.Call("power", (base, ir.Number(value))) if value in PRODUCTS:
                return ir.Call(PRODUCTS[value], (base,)) if defined(PRODUCTS[value]) else node
        return node

    def simple(statement: ir.Statement) -> ir.Statement:
        if "power" not in mentions(statement).called:
            return statement
        if id(statement) not in changed:
            changed[id(statement)] = statement, ir.mapped(statement, product)
        return changed[id(statement)][1]

    return function._replace(body=_chosen(tuple(map(simple, function.body))))


def _chosen(body: ir.Block) -> ir.Block:
    """Replace ``if test: return a`` before a final ``return b`` by ``return a if test else b``."""
    while len(body) > 1:
        match body[-2:]:
            case (ir.If(test, (ir.Return(yes),), ()), ir.Return(no)) if _vain(yes) and _vain(no):
                body = (*body[:-2], ir.Return(ir.Choice(test, yes, no)))
            case _:
                break
    return body


def _vain(node: ir.Expression | None) -> TypeGuard[ir.Expression]:
    """Whether an expression is cheap and small enough to be evaluated even if its value is not used."""
    return node is not None and is_cheap(node) and _size(node) <= MOST


def _size(node: ir.Expression) -> int:
    return 1 + sum(_size(child) for child in ir.children(node))
