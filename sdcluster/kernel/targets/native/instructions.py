"""LLVM instructions, block after block: Python's arithmetic on doubles and whole numbers.

Crosses the border: `Instructions`, the base of `kernel.targets.native.expressions`. Where plain Python raises, the
instructions give infinity or NaN; everything else has Python's meaning, operation by operation, so that both agree to
the last bit wherever the mathematical library does.
"""

from __future__ import annotations

import ast
from typing import Protocol

from sdcluster.kernel.targets.native.inference import Inference
from sdcluster.kernel.targets.native.inference import Module as Kinds
from sdcluster.kernel.targets.native.values import MACHINE, Unsupported, Value, double

_FLOAT = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
_WHOLE = {ast.Add: "add nsw", ast.Sub: "sub nsw", ast.Mult: "mul nsw"}
_COMPARE = {
    ast.Lt: ("olt", "slt"), ast.LtE: ("ole", "sle"), ast.Gt: ("ogt", "sgt"), ast.GtE: ("oge", "sge"),
    ast.Eq: ("oeq", "eq"), ast.NotEq: ("une", "ne"),
}  # fmt: skip


class Module(Kinds, Protocol):
    """What instructions may ask about the rest of the module."""

    def global_value(self, name: str) -> Value:
        """Return a constant, or a table by its address."""

    def instance(self, name: str, kinds: tuple[str, ...]) -> str:
        """Return the machine's name of a function for arguments of these kinds."""

    def declare(self, line: str) -> None:
        """Note a function of the mathematical library or of LLVM."""


class Instructions:
    """The instructions of one function, block after block.

    Parameters
    ----------
    module : Module
    inference : Inference
        Kinds of the function's variables.
    places : dict of str to str
        Where variables that are numbers are stored.
    bound : dict of str to Value
        Vectors by name.
    """

    def __init__(
        self,
        module: Module,
        inference: Inference,
        places: dict[str, str],
        bound: dict[str, Value],
    ) -> None:
        self.module, self.inference, self.places, self.bound = module, inference, places, bound
        self.lines: list[str] = []
        self.count = 0
        self.block = "entry"
        self.open = True

    # ---- blocks

    def put(self, text: str) -> str:
        """Append an instruction that gives a value, and return its name."""
        self.count += 1
        name = f"%t{self.count}"
        self.lines.append(f"  {name} = {text}")
        return name

    def label(self) -> str:
        """Return an unused name for a block."""
        self.count += 1
        return f"b{self.count}"

    def start(self, label: str) -> None:
        """Begin a block; one that is still open goes on to it."""
        if self.open:
            self.lines.append(f"  br label %{label}")
        self.lines.append(f"{label}:")
        self.block, self.open = label, True

    def end(self, text: str) -> None:
        """End the block."""
        if self.open:
            self.lines.append(f"  {text}")
        self.open = False

    def branch(self, condition: str, yes: str, no: str) -> None:
        """End the block with a choice."""
        self.end(f"br i1 {condition}, label %{yes}, label %{no}")

    # ---- conversions

    def as_double(self, value: Value) -> str:
        """Return a number as a double."""
        if value.kind == "f":
            return value.text
        if value.kind == "i" and not value.text.startswith("%"):
            return double(float(int(value.text)))
        if value.kind in "ib":
            word = "sitofp" if value.kind == "i" else "uitofp"
            return self.put(f"{word} {MACHINE[value.kind]} {value.text} to double")
        raise Unsupported(f"{value.kind} as a number")

    def as_whole(self, value: Value) -> str:
        """Return a whole number or truth as a whole number."""
        if value.kind == "i":
            return value.text
        if value.kind == "b":
            return self.put(f"zext i1 {value.text} to i64")
        raise Unsupported(f"{value.kind} as a whole number")

    def as_truth(self, value: Value) -> str:
        """Return a number as true or false, as Python sees it."""
        if value.kind == "b":
            return value.text
        if value.kind == "i":
            return self.put(f"icmp ne i64 {value.text}, 0")
        return self.put(f"fcmp une double {self.as_double(value)}, 0.0")

    def converted(self, value: Value, kind: str) -> Value:
        """Return a value as another kind."""
        if value.kind == kind:
            return value
        make = {"f": self.as_double, "i": self.as_whole, "b": self.as_truth}.get(kind)
        if make is None:
            raise Unsupported(f"{value.kind} as {kind}")
        return Value(kind, make(value))

    # ---- arithmetic

    def combined(self, left: Value, operator: type[ast.operator], right: Value) -> Value:
        """Return the result of an operator."""
        if operator in (ast.Mod, ast.FloorDiv):
            return self._remainder(left, operator, right)
        if operator is not ast.Div and "f" not in (left.kind, right.kind):
            word = _WHOLE.get(operator)
            if word is None:
                raise Unsupported(f"the operator {operator.__name__}")
            a, b = self.as_whole(left), self.as_whole(right)
            return Value("i", self.put(f"{word} i64 {a}, {b}"))
        word = _FLOAT.get(operator)
        if word is None:
            raise Unsupported(f"the operator {operator.__name__}")
        a, b = self.as_double(left), self.as_double(right)
        return Value("f", self.put(f"{word} double {a}, {b}"))

    def _remainder(self, left: Value, operator: type[ast.operator], right: Value) -> Value:
        """Python's % and //: the remainder has the divisor's sign."""
        if "f" in (left.kind, right.kind):
            if operator is ast.FloorDiv:
                raise Unsupported("// of doubles")
            a, b = self.as_double(left), self.as_double(right)
            rest = self.put(f"frem double {a}, {b}")
            wrong = self._signs_differ(rest, b)
            shifted = self.put(f"fadd double {rest}, {b}")
            return Value("f", self.put(f"select i1 {wrong}, double {shifted}, double {rest}"))
        a, b = self.as_whole(left), self.as_whole(right)
        rest = self.put(f"srem i64 {a}, {b}")
        mixed = self.put(f"xor i64 {rest}, {b}")
        signs = self.put(f"icmp slt i64 {mixed}, 0")
        uneven = self.put(f"icmp ne i64 {rest}, 0")
        wrong = self.put(f"and i1 {signs}, {uneven}")
        if operator is ast.Mod:
            shifted = self.put(f"add i64 {rest}, {b}")
            return Value("i", self.put(f"select i1 {wrong}, i64 {shifted}, i64 {rest}"))
        quotient = self.put(f"sdiv i64 {a}, {b}")
        lower = self.put(f"sub i64 {quotient}, 1")
        return Value("i", self.put(f"select i1 {wrong}, i64 {lower}, i64 {quotient}"))

    def _signs_differ(self, rest: str, divisor: str) -> str:
        uneven = self.put(f"fcmp une double {rest}, 0.0")
        one = self.put(f"fcmp olt double {rest}, 0.0")
        other = self.put(f"fcmp olt double {divisor}, 0.0")
        signs = self.put(f"xor i1 {one}, {other}")
        return self.put(f"and i1 {uneven}, {signs}")

    def compared(self, left: Value, operator: type[ast.cmpop], right: Value) -> str:
        """Return the answer of a comparison."""
        words = _COMPARE.get(operator)
        if words is None:
            raise Unsupported(f"the operator {operator.__name__}")
        if "f" in (left.kind, right.kind):
            a, b = self.as_double(left), self.as_double(right)
            return self.put(f"fcmp {words[0]} double {a}, {b}")
        a, b = self.as_whole(left), self.as_whole(right)
        return self.put(f"icmp {words[1]} i64 {a}, {b}")

    def extreme(self, name: str, values: list[Value]) -> Value:
        """Python's min and max: the first one stays unless a later one is smaller or larger."""
        kind = "f" if any(v.kind == "f" for v in values) else "i"
        best, *others = (self.converted(v, kind).text for v in values)
        machine, word = MACHINE[kind], "lt" if name == "min" else "gt"
        test = f"fcmp o{word}" if kind == "f" else f"icmp s{word}"
        for other in others:
            better = self.put(f"{test} {machine} {other}, {best}")
            best = self.put(f"select i1 {better}, {machine} {other}, {machine} {best}")
        return Value(kind, best)

    def library(self, name: str, *arguments: str) -> Value:
        """Call a function of the mathematical library."""
        types = ", ".join("double" for _ in arguments)
        self.module.declare(f"declare double @{name}({types}) #0")
        given = ", ".join(f"double {a}" for a in arguments)
        return Value("f", self.put(f"call double @{name}({given})"))
