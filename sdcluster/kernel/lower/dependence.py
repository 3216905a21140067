"""Which stock's slope depends on which stocks: the zeros of the Jacobian, element by element.

Crosses the border: `jacobian_structure(kernel)` gives a sparse matrix for scipy's implicit solvers.

The printed function ``rhs`` is run once with sets instead of numbers: a set holds the states that a value depends on,
as the bits of an integer. What an expression computes from values becomes the union of their sets, both branches of an
IF count, and loops over elements run as they do in a real run, so that hidden stocks of delays and smooths, subscripts
and ranges need no rule of their own. Where a place is read that is only known in a run, every state of that vector
counts. So the structure may hold too much, never too little. (Curtis, Powell & Reid 1974, "On the estimation of sparse
Jacobian matrices", IMA J. Appl. Math. 13, says what a solver saves by it.)
"""

from __future__ import annotations

import ast
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.kernel.targets.python import function_text
from sdcluster.recursion import deep_recursion

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

    from sdcluster.kernel.kernel import Kernel

MOST_BITS = 2_000_000_000  # of all sets together, at the worst: a quarter of a gigabyte
_TABLE = re.compile(r"I\d+")
_VECTORS = ("y", "p", "dy")


class Unknown(Exception):
    """The printed function holds a statement that has no reading in sets."""


class Sets(list[int]):
    """A vector of sets.

    Attributes
    ----------
    all : int
        The union of whatever was put in.
    anywhere : int
        What was written to places that are only known in a run.
    """

    def __init__(self, values: list[int], all_of: int) -> None:
        super().__init__(values)
        self.all, self.anywhere = all_of, 0

    def put(self, place: int, value: int, weak: bool) -> None:
        """Write a set; a weak write, which may not happen in a run, adds to what was there."""
        self[place] = (self[place] | value) if weak else value
        self.all |= value

    def scatter(self, value: int) -> int:
        """Write a set to a place that is not known."""
        self.anywhere |= value
        self.all |= value
        return value

    def rows(self, first: int, count: int, stride: int = 1) -> int:
        """Return the union of places at equal distances."""
        found = self.anywhere
        for place in range(first, first + count * stride, stride):
            found |= self[place]
        return found


def jacobian_structure(kernel: Kernel) -> csc_matrix | None:
    """Return where the Jacobian of a kernel's ``rhs`` may differ from zero.

    Parameters
    ----------
    kernel : Kernel

    Returns
    -------
    csc_matrix of bool, shape (width, width), or None
        Row: the stock whose slope it is; column: the stock that it may depend on. None where the equations hold
        something that cannot be read, and for models too large to be worth it.
    """
    source = kernel.source
    if source.width * (source.size + source.columns) > MOST_BITS:
        return None
    try:
        with deep_recursion():
            rhs = function_text(source.module.functions["rhs"]())
            run = _translated(rhs, kernel.functions("python"))
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


def _translated(text: str, functions: SimpleNamespace) -> Any:
    """Return the function of three `Sets`. Its text holds only what the kernel's printer wrote."""
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    made = _Reader(node).function()
    namespace = {name: value for name, value in vars(functions).items() if _TABLE.fullmatch(name)}
    exec(compile(made, "<sets of a kernel printed by sdcluster>", "exec"), namespace)
    return namespace["structure"]


class _Reader:
    """Rewrites the function's tree: numbers into sets."""

    def __init__(self, node: ast.FunctionDef) -> None:
        self.node = node
        inside = list(ast.walk(node))
        self.counters = {
            n.target.id for n in inside if isinstance(n, ast.For) and isinstance(n.target, ast.Name)
        }
        stored = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        self.locals = sorted(stored - self.counters)

    def function(self) -> ast.Module:
        """Return ``structure(y, p, dy)``."""
        module = ast.parse("def structure(y, p, dy):\n    pass")
        made = module.body[0]
        assert isinstance(made, ast.FunctionDef)
        made.body += [_assigned(name, _constant(0)) for name in self.locals]
        made.body += self.statements(self.node.body, [])
        return ast.fix_missing_locations(module)

    # ---- statements

    def statements(self, body: list[ast.stmt], conditions: list[ast.expr]) -> list[ast.stmt]:
        return [made for statement in body for made in self.statement(statement, conditions)]

    def statement(self, node: ast.stmt, conditions: list[ast.expr]) -> list[ast.stmt]:
        match node:
            case ast.Pass():
                return []
            case ast.Assign([target], value):
                return self.assign(target, [value, *conditions], weak=bool(conditions))
            case ast.AugAssign(target, _, value):
                return self.assign(target, [value, *conditions], weak=True)
            case ast.If(test, body, orelse):
                return self.statements([*body, *orelse], [*conditions, test])
            case ast.For(ast.Name(), ast.Call(ast.Name("range")) as span, body, []):
                if not all(map(self.is_index, span.args)):
                    raise Unknown("a loop whose length is only known in a run")
                inner = self.statements(body, conditions) or [ast.Pass()]
                return [ast.For(node.target, span, inner, [])]
            case ast.Expr(ast.Call() as call):
                return self.procedure(call, conditions)
        raise Unknown(type(node).__name__)

    def assign(self, target: ast.expr, values: list[ast.expr], weak: bool) -> list[ast.stmt]:
        value = self.union([self.sets(v) for v in values])
        match target:
            case ast.Name(name):
                return [_assigned(name, self.union([_name(name), value]) if weak else value)]
            case ast.Subscript(ast.Name(vector), place) if vector in _VECTORS:
                if self.is_index(place):
                    return [ast.Expr(_method(vector, "put", place, value, _constant(weak)))]
                value = self.union([value, self.sets(place)])
                return [ast.Expr(_method(vector, "scatter", value))]
        raise Unknown("an assignment to something else than a name or a place")

    def procedure(self, call: ast.Call, conditions: list[ast.expr]) -> list[ast.stmt]:
        """Read a call that writes into `p`: blocks of arrays say where, others may write anywhere."""
        vectors = {a.id for a in call.args if isinstance(a, ast.Name) and a.id in _VECTORS}
        if vectors != {"p"}:
            raise Unknown("a procedure that writes into other vectors than p")
        value = self.union([self.sets(call), *map(self.sets, conditions)])
        match call.args:
            case [
                ast.Name("p"),
                ast.Constant(int(rows)),
                ast.Constant(int(length)),
                ast.Constant(int(out)),
                *_,
            ]:
                stored = ast.parse(f"for _ in range({out}, {out + rows * length}):\n    pass").body[
                    0
                ]
                assert isinstance(stored, ast.For)
                stored.body = [
                    ast.Expr(_method("p", "put", _name("_"), _name("_block"), _constant(True)))
                ]
                return [_assigned("_block", value), stored]
        return [ast.Expr(_method("p", "scatter", value))]

    # ---- values

    def union(self, sets: list[ast.expr]) -> ast.expr:
        found = [s for s in sets if not (isinstance(s, ast.Constant) and s.value == 0)]
        if not found:
            return _constant(0)
        made = found[0]
        for other in found[1:]:
            made = ast.BinOp(made, ast.BitOr(), other)
        return made

    def sets(self, node: ast.expr) -> ast.expr:
        """Return the expression of the states on which a value depends."""
        match node:
            case ast.Constant():
                return _constant(0)
            case ast.Name(name):
                if name in _VECTORS:
                    return ast.Attribute(_name(name), "all", ast.Load())
                return _name(name) if name in self.locals else _constant(0)
            case ast.Subscript(ast.Name(vector), place) if vector in _VECTORS:
                if not self.is_index(place):
                    whole = ast.Attribute(_name(vector), "all", ast.Load())
                    return self.union([whole, self.sets(place)])
                item = ast.Subscript(_name(vector), place, ast.Load())
                if vector == "p":
                    return self.union([item, ast.Attribute(_name("p"), "anywhere", ast.Load())])
                return item
            case ast.Subscript(ast.Name(), place):  # a table of numbers
                return self.sets(place)
            case ast.Call(ast.Name("pick"), [ast.Name(vector), base, size, place], []) if (
                vector in _VECTORS and self.is_index(base) and self.is_index(size)
            ):
                return self.union([_method(vector, "rows", base, size), self.sets(place)])
            case ast.Call(ast.Name(), arguments, []):
                return self.union([self.sets(a) for a in arguments])
            case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
                inside = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
                return self.union([self.sets(n) for n in inside])
        raise Unknown(type(node).__name__)

    def is_index(self, node: ast.expr) -> bool:
        """Whether a place is known without a run: made of numbers, loop variables and tables of positions."""
        match node:
            case ast.Constant(int()):
                return True
            case ast.Name(name):
                return name in self.counters
            case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult(), right):
                return self.is_index(left) and self.is_index(right)
            case ast.Subscript(ast.Name(table), place):
                return bool(_TABLE.fullmatch(table)) and self.is_index(place)
        return False


def _constant(value: int) -> ast.expr:
    return ast.Constant(value)


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _method(vector: str, name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(_name(vector), name, ast.Load()), list(arguments), [])
