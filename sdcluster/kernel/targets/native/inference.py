"""Which kind each variable of a printed function has, found from what is assigned to it.

Crosses the border: `Inference(module, parameters)` gives `kinds` and `result`. `module` answers for tables, constants
and the functions that are called.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sdcluster.kernel.targets.native.values import NUMBERS, Unsupported, arithmetic, unified

MATH = {
    "acos": "acos", "acosh": "acosh", "asin": "asin", "asinh": "asinh", "atan": "atan", "atan2": "atan2",
    "atanh": "atanh", "copysign": "copysign", "cos": "cos", "cosh": "cosh", "erf": "erf", "erfc": "erfc", "exp": "exp",
    "expm1": "expm1", "fabs": "fabs", "fmod": "fmod", "gamma": "tgamma", "hypot": "hypot", "lgamma": "lgamma",
    "log": "log", "log10": "log10", "log1p": "log1p", "log2": "log2", "pow": "pow", "power": "pow", "sin": "sin",
    "sinh": "sinh", "sqrt": "sqrt", "tan": "tan", "tanh": "tanh",
}  # fmt: skip
ROUNDS = 8  # after which kinds must be settled


class Module(Protocol):
    """What a function may ask about the rest of the module."""

    def global_kind(self, name: str) -> str | None:
        """Return the kind of a table or constant, and None for an unknown name."""

    def defines(self, name: str) -> bool:
        """Whether the module has a function of this name."""

    def result_of(self, name: str, kinds: tuple[str, ...]) -> str:
        """Return the kind of what a function gives for arguments of these kinds."""


class Inference:
    """Kinds of the variables of one function.

    Parameters
    ----------
    module : Module
    parameters : dict of str to str
        Kinds of the parameters.
    body : sequence of statements

    Attributes
    ----------
    kinds : dict of str to str
        Of parameters and variables.
    result : str
        Of what is returned; ``n`` if nothing is.
    """

    def __init__(
        self, module: Module, parameters: dict[str, str], body: Sequence[ast.stmt]
    ) -> None:
        self.module = module
        self.kinds: dict[str, str] = dict(parameters)
        self._result: str | None = None
        for _ in range(ROUNDS):
            self._again = False
            self._block(body)
            if not self._again:
                break
        else:
            raise Unsupported("kinds of variables do not settle")
        self.result = self._result or "n"

    # ---- statements

    def _block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.Assign(targets, value):
                    for target in targets:
                        self._assign(target, value)
                case ast.AugAssign(ast.Name(name), operator, value):
                    self._become(name, self._binary(self.kinds.get(name), operator, value))
                case ast.For(ast.Name(name), _, body=inner):
                    self._become(name, "i")
                    self._block(inner)
                case ast.While(body=inner):
                    self._block(inner)
                case ast.If(body=inner, orelse=other):
                    self._block(inner)
                    self._block(other)
                case ast.Return(value) if value is not None:
                    found = self.kind(value)
                    before, self._result = self._result, unified(self._result, found)
                    self._again |= found is None or (before is not None and before != self._result)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._become(target.id, self.kind(value))
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=True):
                self._assign(one, other)

    def _become(self, name: str, kind: str | None) -> None:
        before = self.kinds.get(name)
        after = unified(before, kind)
        self._again |= kind is None or (before is not None and before != after)
        if after is not None:
            self.kinds[name] = after

    def _binary(self, left: str | None, operator: ast.operator, right: ast.expr) -> str | None:
        return "f" if isinstance(operator, ast.Div) else arithmetic(left, self.kind(right))

    # ---- expressions

    def kind(self, node: ast.expr) -> str | None:
        """Return the kind of an expression, and None while it is not known."""
        rule = self._RULES.get(type(node))
        if rule is None:
            raise Unsupported(f"{type(node).__name__} in an expression")
        return rule(self, node)

    def _constant(self, node: ast.Constant) -> str:
        kind = {bool: "b", int: "i", float: "f"}.get(type(node.value))
        if kind is None:
            raise Unsupported(f"the constant {node.value!r}")
        return kind

    def _name(self, node: ast.Name) -> str | None:
        return self.kinds.get(node.id) or self.module.global_kind(node.id)

    def _binop(self, node: ast.BinOp) -> str | None:
        return self._binary(self.kind(node.left), node.op, node.right)

    def _unary(self, node: ast.UnaryOp) -> str | None:
        inner = self.kind(node.operand)
        if isinstance(node.op, ast.Not):
            return "b"
        return "i" if inner == "b" else inner

    def _logic(self, _node: ast.expr) -> str:
        return "b"

    def _ternary(self, node: ast.IfExp) -> str | None:
        return unified(self.kind(node.body), self.kind(node.orelse))

    def _subscript(self, node: ast.Subscript) -> str | None:
        kind = self.kind(node.value)
        return None if kind is None else {"v": "f", "F": "f", "I": "i", "m": "v"}.get(kind)

    def _call(self, node: ast.Call) -> str | None:
        if not isinstance(node.func, ast.Name):
            raise Unsupported("a call of something without a name")
        name = node.func.id
        if not self.module.defines(name):
            if name in ("int", "len"):
                return "i"
            if name == "float" or name in MATH:
                return "f"
        kinds = [self.kind(a) for a in node.args]
        if any(k is None for k in kinds):
            return None
        if self.module.defines(name):
            return self.module.result_of(name, tuple(kinds))  # type: ignore[arg-type]
        if name in ("min", "max", "abs"):
            if any(k not in NUMBERS for k in kinds):
                raise Unsupported(f"{name} of a vector")
            return "f" if "f" in kinds else "i"
        if name in ("isnan", "isinf", "isfinite", "bool"):
            return "b"
        raise Unsupported(f"the function {name}")

    _RULES: dict[type, Callable[[Inference, Any], str | None]] = {  # noqa: RUF012
        ast.Constant: _constant,
        ast.Name: _name,
        ast.BinOp: _binop,
        ast.UnaryOp: _unary,
        ast.Compare: _logic,
        ast.BoolOp: _logic,
        ast.IfExp: _ternary,
        ast.Subscript: _subscript,
        ast.Call: _call,
    }
