"""Parse the subset of Python in which kernels and the numeric library are written.

Exports `parse(text)`, which returns a `Module` of the intermediate representation. The text comes from the numeric
library or from `sdcluster.kernel.lower.lowering`, and is not executed. Constructs outside the subset raise
`Unsupported`.

The subset has functions of doubles, integers, booleans and vectors; ``if``, ``for … in range``, ``while``, ``break``,
``continue``, ``return``; arithmetic, comparisons, ``and or not``, ``a if c else b``; elements of vectors; calls by
name. Constants and tables are at module level: ``NAME = float("inf")``, ``NAME = TABLE((…))``, ``NAME = INDEX((…))``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache, partial

from sdcluster.kernel import ir
from sdcluster.messages import message

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.FloorDiv: "//", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


class Unsupported(Exception):
    """The text contains a construct that this compiler does not support."""


def parse(text: str) -> ir.Module:
    """Return the module for the source text of a kernel or of a library file.

    Raises
    ------
    Unsupported
        If the text contains a construct outside the subset.
    """
    head, *functions = re.split(r"^@jit\n", text, flags=re.MULTILINE)
    found = {}
    for source in functions:
        body, rest = _parted(source)
        found[body[4 : body.index("(")]] = cache(partial(_function, body))
        head += rest
    module = ir.Module(found)
    for statement in ast.parse(head).body:
        _top(module, statement)
    return module


def expressions(text: str) -> tuple[ir.Expression, ...]:
    """Return the expressions in a text such as ``a + 1, b[0]``.

    Raises
    ------
    Unsupported
        If the text contains a construct outside the subset.
    """
    node = ast.parse(text, mode="eval").body
    return tuple(_expression(n) for n in (node.elts if isinstance(node, ast.Tuple) else [node]))


def _parted(source: str) -> tuple[str, str]:
    """Return the lines of the first function in a text, and the lines of the module that follow this function."""
    lines = source.splitlines(keepends=True)
    end = 1
    while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t)#"):
        end += 1
    return "".join(lines[:end]), "".join(lines[end:])


def _top(module: ir.Module, node: ast.stmt) -> None:
    match node:
        case ast.Import() | ast.ImportFrom():
            pass
        case ast.Assign([ast.Name(name)], ast.Call(ast.Name("float"), [ast.Constant(str(word))])):
            module.numbers[name] = float(word)
        case ast.Assign([ast.Name(name)], ast.Call(ast.Name("TABLE"), [ast.Tuple(items)])):
            module.tables[name] = tuple(float(_number(i)) for i in items)
        case ast.Assign([ast.Name(name)], ast.Call(ast.Name("INDEX"), [ast.Tuple(items)])):
            module.indexes[name] = tuple(int(_number(i)) for i in items)
        case _:
            raise Unsupported(message("kernel.not_table_function"))


def _number(node: ast.expr) -> float:
    match node:
        case ast.Constant(int() | float() as value):
            return value
        case ast.UnaryOp(ast.USub(), inner):
            return -_number(inner)
        case ast.Name("INF"):
            return float("inf")
        case ast.Name("NAN"):
            return float("nan")
    raise Unsupported(message("kernel.table_not_numbers"))


def _function(source: str) -> ir.Function:
    node = ast.parse(source).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise Unsupported(message("kernel.not_function"))
    return ir.Function(node.name, tuple(a.arg for a in node.args.args), _block(node.body))


# ---- statements


def _block(statements: Sequence[ast.stmt]) -> ir.Block:
    return tuple(s for node in statements for s in _statement(node))


def _statement(node: ast.stmt) -> list[ir.Statement]:
    match node:
        case ast.Assign(targets, value):
            return _assignment(targets, value)
        case ast.AugAssign(ast.Name(name), operator, value):
            return [ir.Assign(name, _binary(ir.Name(name), operator, _expression(value)))]
        case ast.AugAssign(ast.Subscript(owner, index), operator, value):
            vector, place = _expression(owner), _expression(index)
            after = _binary(ir.Element(vector, place), operator, _expression(value))
            return [ir.Store(vector, place, after)]
        case ast.Expr(ast.Call() as call):
            return [ir.Do(_call(call))]
        case ast.Expr(ast.Constant()) | ast.Pass():
            return []
        case ast.If(test, body, otherwise):
            return [ir.If(_expression(test), _block(body), _block(otherwise))]
        case ast.For(ast.Name(name), ast.Call(ast.Name("range"), bounds), body, []):
            return [_counted(name, bounds, body)]
        case ast.While(test, body, []):
            return [ir.While(_expression(test), _block(body))]
        case ast.Return(None):
            return [ir.Return(None)]
        case ast.Return(ast.expr() as value):
            return [ir.Return(_expression(value))]
        case ast.Break():
            return [ir.Break()]
        case ast.Continue():
            return [ir.Continue()]
    raise Unsupported(message("kernel.statement", name=type(node).__name__))


def _assignment(targets: Sequence[ast.expr], value: ast.expr) -> list[ir.Statement]:
    if isinstance(value, ast.Tuple):
        return [s for target in targets for s in _several(target, value.elts)]
    given = _expression(value)
    first = _assign(targets[0], given)
    if len(targets) > 1 and isinstance(first, ir.Assign):
        given = ir.Name(first.name)
    return [first, *(_assign(target, given) for target in targets[1:])]


def _several(target: ast.expr, values: Sequence[ast.expr]) -> list[ir.Statement]:
    """Assign several values at once, after all of them have been evaluated."""
    if not isinstance(target, ast.Tuple) or len(target.elts) != len(values):
        raise Unsupported(message("kernel.assignment_several_values"))
    given = [_expression(v) for v in values]
    changed: set[str] = set()
    mixed = False
    for one, value in zip(target.elts, given, strict=True):
        mixed |= not changed.isdisjoint(ir.names(value))
        changed |= {n.id for n in ast.walk(one) if isinstance(n, ast.Name)}
    if not mixed:
        return [_assign(one, value) for one, value in zip(target.elts, given, strict=True)]
    kept = [f"_{i}" for i in range(len(given))]
    return [
        *(ir.Assign(name, value) for name, value in zip(kept, given, strict=True)),
        *(_assign(one, ir.Name(name)) for one, name in zip(target.elts, kept, strict=True)),
    ]


def _assign(target: ast.expr, value: ir.Expression) -> ir.Statement:
    match target:
        case ast.Name(name):
            return ir.Assign(name, value)
        case ast.Subscript(owner, index):
            return ir.Store(_expression(owner), _expression(index), value)
    raise Unsupported(message("kernel.assignment_not_name_element"))


def _counted(name: str, bounds: Sequence[ast.expr], body: Sequence[ast.stmt]) -> ir.For:
    values = [_expression(b) for b in bounds]
    first, last = (ir.Number(0), values[0]) if len(values) == 1 else values[:2]
    step: ir.Expression = values[2] if len(values) > 2 else ir.Number(1)
    if not isinstance(step, ir.Number) or not step.value:
        raise Unsupported(message("kernel.loop_whose_step_not"))
    return ir.For(name, first, last, int(step.value), _block(body))


# ---- expressions


def _expression(node: ast.expr) -> ir.Expression:
    match node:
        case ast.Constant(bool() | int() | float() as value):
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise Unsupported(message("kernel.whole_number_more_bits"))
            return ir.Number(value)
        case ast.Name(name):
            return ir.Name(name)
        case ast.BinOp(left, operator, right):
            return _binary(_expression(left), operator, _expression(right))
        case ast.UnaryOp(ast.USub(), operand):
            inner = _expression(operand)
            if isinstance(inner, ir.Number) and not isinstance(inner.value, bool):
                return ir.Number(-inner.value)
            return ir.Unary("-", inner)
        case ast.UnaryOp(ast.UAdd(), operand):
            return _expression(operand)
        case ast.UnaryOp(ast.Not(), operand):
            return ir.Unary("not", _expression(operand))
        case ast.Compare():
            return _compare(node)
        case ast.BoolOp(operator, parts):
            word = "and" if isinstance(operator, ast.And) else "or"
            return _joined(word, [_expression(p) for p in parts])
        case ast.IfExp(test, body, otherwise):
            return ir.Choice(_expression(test), _expression(body), _expression(otherwise))
        case ast.Subscript(owner, index):
            return ir.Element(_expression(owner), _expression(index))
        case ast.Call():
            return _call(node)
    raise Unsupported(message("kernel.expression", name=type(node).__name__))


def _binary(left: ir.Expression, operator: ast.operator, right: ir.Expression) -> ir.Expression:
    sign = _OPERATORS.get(type(operator))
    if sign is None:
        raise Unsupported(message("kernel.operator", name=type(operator).__name__))
    if sign != "**":
        return ir.Binary(sign, left, right)
    if isinstance(right, ir.Number) and right.value == 2:
        return ir.Binary("*", left, left)
    return ir.Call("power", (left, right))


def _compare(node: ast.Compare) -> ir.Expression:
    left = _expression(node.left)
    answers: list[ir.Expression] = []
    for operator, other in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, ast.In | ast.NotIn):
            answers.append(_among(left, operator, other))
            continue
        sign = _COMPARISONS.get(type(operator))
        if sign is None:
            raise Unsupported(message("kernel.operator", name=type(operator).__name__))
        right = _expression(other)
        answers.append(ir.Compare(sign, left, right))
        left = right
    return _joined("and", answers)


def _among(left: ir.Expression, operator: ast.cmpop, other: ast.expr) -> ir.Expression:
    if not isinstance(other, ast.Tuple | ast.List) or not other.elts:
        raise Unsupported(message("kernel.in_without_tuple"))
    found = _joined("or", [ir.Compare("==", left, _expression(e)) for e in other.elts])
    return ir.Unary("not", found) if isinstance(operator, ast.NotIn) else found


def _joined(word: str, parts: Sequence[ir.Expression]) -> ir.Expression:
    result = parts[0]
    for part in parts[1:]:
        result = ir.Logic(word, result, part)
    return result


def _call(node: ast.Call) -> ir.Call:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise Unsupported(message("kernel.call_not_function_name"))
    name = {"fabs": "abs", "pow": "power"}.get(node.func.id, node.func.id)
    return ir.Call(name, tuple(_expression(a) for a in node.args))
