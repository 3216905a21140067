"""Sparsity of the Jacobian: the stocks on which the derivative of each stock depends, element by element.

Exports `jacobian_structure(kernel)`, which returns a sparse matrix for scipy's implicit solvers.

The function ``rhs`` is run once with sets instead of numbers. A set holds the states on which a value depends, as the
bits of an integer. The set of an expression is the union of the sets of its operands. For an IF, it is the union of the
sets of the condition and both branches. Loops over elements run as in a simulation, so that hidden stocks and
subscripts need no special treatment. If an index is known only during a simulation, the value is assumed to depend on
every element of the vector. The result can therefore have too many entries, but never too few.

A. Curtis, M. Powell & J. Reid describe how solvers use such a pattern ("On the estimation of sparse Jacobian
matrices", IMA J. Appl. Math. 13, 1974).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.kernel import ir
from sdcluster.kernel.lower.nodes import Operand, call
from sdcluster.kernel.targets.python import function_text
from sdcluster.recursion import deep_recursion

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

    from sdcluster.kernel.kernel import Kernel

MOST_BITS = 2_000_000_000  # largest size of all sets together: a quarter of a gigabyte
_TABLE = re.compile(r"I\d+")
_VECTORS = ("y", "p", "dy")
_NOTHING = ir.Number(0)


class Unknown(Exception):
    """Raised if the function contains a statement that cannot be evaluated with sets."""


class Sets(list[int]):
    """A vector of sets of states. Each set is an integer with one bit per state.

    Attributes
    ----------
    all : int
        Union of all sets written.
    anywhere : int
        Union of the sets written to indices that are known only at run time.
    """

    def __init__(self, values: list[int], all_of: int) -> None:
        super().__init__(values)
        self.all, self.anywhere = all_of, 0

    def put(self, place: int, value: int, weak: bool) -> None:
        """Write a set. A weak write, which depends on a condition, adds to the existing set."""
        self[place] = (self[place] | value) if weak else value
        self.all |= value

    def scatter(self, value: int) -> int:
        """Write a set to an index that is known only at run time, and return the set."""
        self.anywhere |= value
        self.all |= value
        return value

    def rows(self, first: int, count: int, stride: int = 1) -> int:
        """Return the union of the sets at equally spaced positions."""
        found = self.anywhere
        for place in range(first, first + count * stride, stride):
            found |= self[place]
        return found


def jacobian_structure(kernel: Kernel) -> csc_matrix | None:
    """Return the sparsity pattern of the Jacobian of a kernel's ``rhs``.

    Parameters
    ----------
    kernel : Kernel

    Returns
    -------
    csc_matrix of bool, shape (width, width), or None
        True where the derivative of the stock in row i can depend on the stock in column j. None if a statement of
        ``rhs`` cannot be evaluated with sets, or if the model is too large.
    """
    source = kernel.source
    if source.width * (source.size + source.columns) > MOST_BITS:
        return None
    try:
        with deep_recursion():
            run = _runnable(source.module)
    except (Unknown, RecursionError):
        return None
    whole = (1 << source.width) - 1
    y = Sets([1 << i for i in range(source.width)], whole)
    dy, p = Sets([0] * source.width, 0), Sets([0] * (source.size + source.cells + 1), 0)
    run(y, p, dy)
    return _matrix([row | dy.anywhere for row in dy], source.width)


def _matrix(rows: list[int], width: int) -> csc_matrix:
    from scipy.sparse import csr_matrix

    starts, columns = [0], []
    for row in rows:
        packed = np.frombuffer(row.to_bytes(width // 8 + 1, "little"), dtype=np.uint8)
        columns.append(np.flatnonzero(np.unpackbits(packed, bitorder="little")[:width]))
        starts.append(starts[-1] + len(columns[-1]))
    places = np.concatenate(columns) if columns else np.empty(0, dtype=int)
    return csr_matrix((np.ones(len(places), dtype=bool), places, starts), (width, width)).tocsc()


def _runnable(module: ir.Module) -> Any:
    """Return ``rhs`` as a Python function of three `Sets`.

    The function's source contains no text from the model file.
    """
    function = _Reader(module.functions["rhs"]()).function()
    namespace: dict[str, Any] = {"jit": _same, **module.indexes}
    namespace |= {"put": Sets.put, "scatter": Sets.scatter, "rows": Sets.rows}
    namespace |= {"all_of": lambda sets: sets.all, "anywhere": lambda sets: sets.anywhere}
    exec(compile(function_text(function), "<sets of a kernel of sdcluster>", "exec"), namespace)
    return namespace["structure"]


def _same(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


class _Reader:
    """Rewrites the tree of ``rhs`` so that it computes with sets instead of numbers."""

    def __init__(self, function: ir.Function) -> None:
        self.body = function.body
        inside = list(ir.walk(function.body))
        self.counters = {s.name for s in inside if isinstance(s, ir.For)}
        self.locals = sorted({s.name for s in inside if isinstance(s, ir.Assign)} - self.counters)

    def function(self) -> ir.Function:
        """Return the rewritten function, ``structure(y, p, dy)``."""
        empty = tuple(ir.Assign(name, _NOTHING) for name in self.locals)
        return ir.Function("structure", ("y", "p", "dy"), (*empty, *self.block(self.body, ())))

    # ---- statements

    def block(self, body: ir.Block, conditions: tuple[ir.Expression, ...]) -> ir.Block:
        return tuple(made for s in body for made in self.statement(s, conditions))

    def statement(self, statement: ir.Statement, conditions: tuple[ir.Expression, ...]) -> ir.Block:
        match statement:
            case ir.Assign(name, value):
                value = self.union(value, *conditions)
                return (ir.Assign(name, _joined(ir.Name(name), value) if conditions else value),)
            case ir.Store(ir.Name(vector), at, value) if vector in _VECTORS:
                value = self.union(value, *conditions)
                if self.is_index(at):
                    return (_do("put", vector, at, value, bool(conditions)),)
                return (_do("scatter", vector, _joined(value, self.sets(at))),)
            case ir.If(test, body, otherwise):
                return self.block((*body, *otherwise), (*conditions, test))
            case ir.For(_, first, last, _, body) if self.is_index(first) and self.is_index(last):
                return (statement._replace(body=self.block(body, conditions)),)
            case ir.Do(ir.Call() as made):
                return self.procedure(made, conditions)
        raise Unknown(type(statement).__name__)

    def procedure(self, made: ir.Call, conditions: tuple[ir.Expression, ...]) -> ir.Block:
        """Return the statements that replace a call that writes into `p`.

        A function that works on rows of arrays writes to a known range of indices. For any other function, every index
        counts as written.
        """
        vectors = {a.name for a in made.arguments if isinstance(a, ir.Name) and a.name in _VECTORS}
        if vectors != {"p"}:
            raise Unknown(made.function)
        value = self.union(made, *conditions)
        match made.arguments:
            case [_, ir.Number(int(rows)), ir.Number(int(length)), ir.Number(int(out)), *_]:
                put = _do("put", "p", "_at", "_block", True)
                ends = ir.Number(out), ir.Number(out + rows * length)
                return ir.Assign("_block", value), ir.For("_at", *ends, 1, (put,))
        return (_do("scatter", "p", value),)

    # ---- values

    def union(self, *nodes: ir.Expression) -> ir.Expression:
        return _joined(*map(self.sets, nodes))

    def sets(self, value: ir.Expression) -> ir.Expression:
        """Return an expression for the set of states on which a value depends."""
        match value:
            case ir.Name(name):
                if name in _VECTORS:
                    return call("all_of", name)
                return value if name in self.locals else _NOTHING
            case ir.Element(ir.Name(vector), at) if vector in _VECTORS:
                if not self.is_index(at):
                    return _joined(call("all_of", vector), self.sets(at))
                return _joined(value, call("anywhere", "p")) if vector == "p" else value
            case ir.Element(ir.Name(), at):  # a table of numbers
                return self.sets(at)
            case ir.Call("pick", (ir.Name(vector), base, size, at)) if (
                vector in _VECTORS and self.is_index(base) and self.is_index(size)
            ):
                return _joined(call("rows", vector, base, size), self.sets(at))
        return self.union(*ir.children(value))

    def is_index(self, at: ir.Expression) -> bool:
        """Whether an index is known before a run, because it has only numbers, loop counters and constant tables."""
        match at:
            case ir.Number(int()):
                return True
            case ir.Name(name):
                return name in self.counters
            case ir.Binary("+" | "-" | "*", left, right):
                return self.is_index(left) and self.is_index(right)
            case ir.Element(ir.Name(table), place):
                return bool(_TABLE.fullmatch(table)) and self.is_index(place)
        return False


def _joined(*sets: ir.Expression) -> ir.Expression:
    """Return the union of sets."""
    some = [s for s in sets if s != _NOTHING]
    return reduce(lambda one, other: ir.Binary("|", one, other), some) if some else _NOTHING


def _do(function: str, *arguments: Operand) -> ir.Do:
    return ir.Do(call(function, *arguments))
