"""Rewrites functions so that fewer branches are left: the same values, to the bit.

Crosses the border: `simplified(function)`. A vector of runs pays for every branch that lanes may take apart, and a
single run pays too, since nothing is computed across the ends of a block. So a function that returns one of two cheap
values chooses between them, and small whole powers, which the elementary functions define as products, are written as
products.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

from sdcluster.kernel import ir

CHEAP_CALLS = frozenset({"abs", "min", "max", "bits", "from_bits", "isnan"})
PRODUCTS = {2.0: "square", 3.0: "cube", 4.0: "fourth_power"}
MOST = 12  # nodes of a value that may be computed in vain
_ARITHMETIC = (ir.Number, ir.Name, ir.Unary, ir.Binary, ir.Compare, ir.Logic, ir.Choice)


def is_cheap(node: ir.Expression) -> bool:
    """Whether an expression may be evaluated even if unused: exact arithmetic that cannot fail."""
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
        Whether the module has a function of a name.
    mentions : callable
        `sdcluster.kernel.ir.mentions`, which may remember its answers.
    known : dict of int to pair of statement, optional
        Statements that were changed, before and after, by the id of the first: what functions share they share
        afterwards.
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
    """Return a block whose early returns, where they stand last, are choices."""
    while len(body) > 1:
        match body[-2:]:
            case (ir.If(test, (ir.Return(yes),), ()), ir.Return(no)) if _vain(yes) and _vain(no):
                body = (*body[:-2], ir.Return(ir.Choice(test, yes, no)))
            case _:
                break
    return body


def _vain(node: ir.Expression | None) -> TypeGuard[ir.Expression]:
    """Whether an expression is cheap enough to be evaluated even if unused."""
    return node is not None and is_cheap(node) and _size(node) <= MOST


def _size(node: ir.Expression) -> int:
    return 1 + sum(_size(child) for child in ir.children(node))
