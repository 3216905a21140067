"""Expressions of printed functions as LLVM instructions.

Crosses the border: `Expressions`, the base of `sdcluster.kernel.targets.native.functions`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from sdcluster.kernel.targets.native.inference import MATH
from sdcluster.kernel.targets.native.instructions import Instructions
from sdcluster.kernel.targets.native.values import (
    MACHINE,
    Unsupported,
    Value,
    double,
    passed,
    unified,
)

_CHEAP = (ast.Constant, ast.Name, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp)


class Expressions(Instructions):
    """Prints what an expression needs and gives its value."""

    def value(self, node: ast.expr) -> Value:
        """Print an expression and return its value."""
        rule = self._RULES.get(type(node))
        if rule is None:
            raise Unsupported(f"{type(node).__name__} in an expression")
        return rule(self, node)

    def number(self, node: ast.expr) -> str:
        """Print an expression and return it as a double."""
        return self.as_double(self.value(node))

    def truth(self, node: ast.expr) -> str:
        """Print a condition."""
        return self.as_truth(self.value(node))

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if isinstance(value, bool):
            return Value("b", "true" if value else "false")
        if isinstance(value, int):
            if not -(2**63) <= value < 2**63:
                raise Unsupported("a whole number of more than 64 bits")
            return Value("i", str(value))
        if not isinstance(value, float):
            raise Unsupported(f"the constant {value!r}")
        return Value("f", double(value))

    def _name(self, node: ast.Name) -> Value:
        name = node.id
        if name in self.bound:
            return self.bound[name]
        if name in self.places:
            kind = self.inference.kinds[name]
            return Value(kind, self.put(f"load {MACHINE[kind]}, ptr {self.places[name]}"))
        return self.module.global_value(name)

    def _binop(self, node: ast.BinOp) -> Value:
        operator = type(node.op)
        if operator is ast.Pow:
            return self._power(node)
        return self.combined(self.value(node.left), operator, self.value(node.right))

    def _power(self, node: ast.BinOp) -> Value:
        base = self.number(node.left)
        if isinstance(node.right, ast.Constant) and node.right.value == 2:
            return Value("f", self.put(f"fmul double {base}, {base}"))
        return self.library("pow", base, self.number(node.right))

    def _unary(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            return Value("b", self.put(f"xor i1 {self.truth(node.operand)}, true"))
        if isinstance(node.operand, ast.Constant) and isinstance(node.op, ast.USub):
            return self._constant(ast.Constant(-node.operand.value))  # type: ignore[operator]
        inner = self.value(node.operand)
        if isinstance(node.op, ast.UAdd):
            return inner
        if inner.kind == "f":
            return Value("f", self.put(f"fneg double {inner.text}"))
        return Value("i", self.put(f"sub nsw i64 0, {self.as_whole(inner)}"))

    def _compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        answers = []
        for operator, other in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, (ast.In, ast.NotIn)):
                answers.append(self._among(left, operator, other))
                continue
            right = self.value(other)
            answers.append(self.compared(left, type(operator), right))
            left = right
        result = answers[0]
        for answer in answers[1:]:
            result = self.put(f"and i1 {result}, {answer}")
        return Value("b", result)

    def _among(self, left: Value, operator: ast.cmpop, other: ast.expr) -> str:
        if not isinstance(other, (ast.Tuple, ast.List)) or not other.elts:
            raise Unsupported("in, of something else than a tuple")
        found = [self.compared(left, ast.Eq, self.value(e)) for e in other.elts]
        result = found[0]
        for one in found[1:]:
            result = self.put(f"or i1 {result}, {one}")
        return self.put(f"xor i1 {result}, true") if isinstance(operator, ast.NotIn) else result

    def _logic(self, node: ast.BoolOp) -> Value:
        """``and`` and ``or`` of conditions: the right side is evaluated only if need be, or if that costs nothing."""
        for part in node.values:
            if self.inference.kind(part) != "b":
                raise Unsupported("and, or of something else than conditions")
        word = "and" if isinstance(node.op, ast.And) else "or"
        result = self.truth(node.values[0])
        for part in node.values[1:]:
            if _cheap(part):
                result = self.put(f"{word} i1 {result}, {self.truth(part)}")
                continue
            before, more, done = self.block, self.label(), self.label()
            self.branch(result, more, done) if word == "and" else self.branch(result, done, more)
            self.start(more)
            second = self.truth(part)
            last = self.block
            self.start(done)
            short = "false" if word == "and" else "true"
            result = self.put(f"phi i1 [ {short}, %{before} ], [ {second}, %{last} ]")
        return Value("b", result)

    def _ternary(self, node: ast.IfExp) -> Value:
        kind = unified(self.inference.kind(node.body), self.inference.kind(node.orelse))
        if kind not in ("f", "i", "b"):
            raise Unsupported("a choice between vectors")
        condition, machine = self.truth(node.test), MACHINE[kind]
        if _cheap(node.body) and _cheap(node.orelse):
            yes = self.converted(self.value(node.body), kind).text
            no = self.converted(self.value(node.orelse), kind).text
            text = f"select i1 {condition}, {machine} {yes}, {machine} {no}"
            return Value(kind, self.put(text))
        first, second, done = self.label(), self.label(), self.label()
        self.branch(condition, first, second)
        ends = []
        for label, side in ((first, node.body), (second, node.orelse)):
            self.start(label)
            ends.append((self.converted(self.value(side), kind).text, self.block))
            self.end(f"br label %{done}")
        self.start(done)
        sources = ", ".join(f"[ {text}, %{block} ]" for text, block in ends)
        return Value(kind, self.put(f"phi {machine} {sources}"))

    def place(self, node: ast.Subscript) -> tuple[str, str]:
        """Return kind and address of an element."""
        owner = self.value(node.value)
        index = self.as_whole(self.value(node.slice))
        kind = {"v": "f", "F": "f", "I": "i"}.get(owner.kind)
        if kind is None:
            raise Unsupported("an element of something else than a vector")
        return kind, self.put(
            f"getelementptr inbounds {MACHINE[kind]}, ptr {owner.text}, i64 {index}"
        )

    def _subscript(self, node: ast.Subscript) -> Value:
        if self.inference.kind(node.value) == "m":
            owner = self.value(node.value)
            row = self.as_whole(self.value(node.slice))
            first = self.put(f"mul nsw i64 {row}, {owner.extra}")
            start = self.put(f"getelementptr inbounds double, ptr {owner.text}, i64 {first}")
            return Value("v", start, owner.extra)
        kind, address = self.place(node)
        return Value(kind, self.put(f"load {MACHINE[kind]}, ptr {address}"))

    # ---- calls

    def _call(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise Unsupported("a call of something without a name")
        name = node.func.id
        if self.module.defines(name):
            values = [self.value(a) for a in node.args]
            return self._own(name, values)
        if name in MATH:
            return self.library(MATH[name], *(self.number(a) for a in node.args))
        values = [self.value(a) for a in node.args]
        if name in ("min", "max"):
            return self.extreme(name, values)
        if len(values) != 1:
            raise Unsupported(f"the function {name}")
        return self._builtin(name, values[0])

    def _own(self, name: str, values: list[Value]) -> Value:
        kinds = tuple(v.kind for v in values)
        machine = self.module.instance(name, kinds)
        result = self.module.result_of(name, kinds)
        given = ", ".join(text for v in values for text in passed(v))
        if result == "n":
            self.lines.append(f"  call void @{machine}({given})")
            return Value("n", "")
        return Value(result, self.put(f"call {MACHINE[result]} @{machine}({given})"))

    def _builtin(self, name: str, value: Value) -> Value:
        match name:
            case "len" if value.kind == "v":
                return Value("i", value.extra)
            case "float":
                return Value("f", self.as_double(value))
            case "bool":
                return Value("b", self.as_truth(value))
            case "int" if value.kind == "f":
                self.module.declare("declare i64 @llvm.fptosi.sat.i64.f64(double)")
                return Value(
                    "i", self.put(f"call i64 @llvm.fptosi.sat.i64.f64(double {value.text})")
                )
            case "int":
                return Value("i", self.as_whole(value))
            case "abs" if value.kind == "f":
                self.module.declare("declare double @llvm.fabs.f64(double)")
                return Value("f", self.put(f"call double @llvm.fabs.f64(double {value.text})"))
            case "abs":
                whole = self.as_whole(value)
                other = self.put(f"sub nsw i64 0, {whole}")
                below = self.put(f"icmp slt i64 {whole}, 0")
                return Value("i", self.put(f"select i1 {below}, i64 {other}, i64 {whole}"))
            case "isnan":
                number = self.as_double(value)
                return Value("b", self.put(f"fcmp uno double {number}, {number}"))
        raise Unsupported(f"the function {name}")

    _RULES: dict[type, Callable[[Expressions, Any], Value]] = {  # noqa: RUF012
        ast.Constant: _constant,
        ast.Name: _name,
        ast.BinOp: _binop,
        ast.UnaryOp: _unary,
        ast.Compare: _compare,
        ast.BoolOp: _logic,
        ast.IfExp: _ternary,
        ast.Subscript: _subscript,
        ast.Call: _call,
    }


def _cheap(node: ast.expr) -> bool:
    """Whether an expression may be evaluated although its value is not wanted: arithmetic on numbers at hand."""
    return all(
        isinstance(
            inner, (*_CHEAP, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
        )
        for inner in ast.walk(node)
    ) and not any(isinstance(n, (ast.Mod, ast.FloorDiv, ast.Pow)) for n in ast.walk(node))
