"""Generate LLVM instructions for Python's arithmetic on doubles and integers.

Exports `Builder` and `Value`. The instructions compute a single run, or several runs, one in each lane of a vector.
Each operation has Python's meaning, except that it gives infinity or NaN if Python raises an error. Operations are
neither fused nor reordered, so that all machines give the same bits with any number of lanes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sdcluster.kernel.kinds import NUMBERS, star
from sdcluster.kernel.parse import Unsupported
from sdcluster.messages import message

_FLOAT = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_WHOLE = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor", "<<": "shl", ">>": "ashr"}  # fmt: skip
_COMPARE = {
    "<": ("olt", "slt"), "<=": ("ole", "sle"), ">": ("ogt", "sgt"), ">=": ("oge", "sge"), "==": ("oeq", "eq"),
    "!=": ("une", "ne"),
}  # fmt: skip
_SCALAR = {"f": "double", "i": "i64", "b": "i1", "n": "void"}


class Value(NamedTuple):
    """A computed value: its type, its name in LLVM IR, and the length or width of a vector or matrix."""

    kind: str
    text: str
    extra: str = ""


class Declares(Protocol):
    """A module that records declarations of external functions."""

    lanes: int

    def declare(self, line: str) -> None:
        """Record the declaration of an external function, such as an LLVM intrinsic."""


def double(value: float) -> str:
    """Return the bits of a double as hexadecimal text, which LLVM reads."""
    return "0x" + _bytes(value).hex().upper()


_bytes = struct.Struct(">d").pack


class Builder:
    """Builds the instructions of one function, one basic block after another.

    Parameters
    ----------
    module : Declares
    """

    def __init__(self, module: Declares) -> None:
        self.module, self.lanes = module, module.lanes
        self._machines: dict[str, str] = {}
        self.heading: list[str] = []
        self.lines: list[str] = []
        self.count = 0
        self.block = "entry"
        self.open = True

    # ---- types

    def machine(self, kind: str) -> str:
        """Return the LLVM type of a number or of a vector's address."""
        found = self._machines.get(kind)
        if found is None:
            scalar = _SCALAR.get(kind[0], "ptr")
            found = f"<{self.lanes} x {scalar}>" if kind.endswith("*") else scalar
            self._machines[kind] = found
        return found

    def same(self, scalar: str, text: str) -> str:
        """Return a vector constant with the same value in each lane."""
        return f"<{', '.join([f'{scalar} {text}'] * self.lanes)}>"

    @property
    def mask(self) -> str:
        """Return the LLVM type of a mask: one condition per lane."""
        return f"<{self.lanes} x i1>"

    # ---- blocks

    def put(self, text: str) -> str:
        """Append an instruction with a result, and return the result's name."""
        self.count += 1
        name = f"%t{self.count}"
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        """Append an instruction without a result."""
        self.lines.append(f"  {text}")

    def room(self, machine: str, name: str = "") -> str:
        """Allocate a local variable at the function's entry and return its address."""
        self.count += 1
        place = f"%v.{name}" if name else f"%r{self.count}"
        self.heading.append(f"  {place} = alloca {machine}")
        return place

    def load(self, machine: str, place: str) -> str:
        """Append a load of a local variable, and return the name of the loaded value."""
        return self.put(f"load {machine}, ptr {place}")

    def store(self, machine: str, text: str, place: str) -> None:
        """Append a store to a local variable."""
        self.do(f"store {machine} {text}, ptr {place}")

    def label(self) -> str:
        """Return an unused name for a block."""
        self.count += 1
        return f"b{self.count}"

    def start(self, label: str) -> None:
        """Begin a block. If the previous block has not ended, it ends with a jump to this block."""
        if self.open:
            self.lines.append(f"  br label %{label}")
        self.lines.append(f"{label}:")
        self.block, self.open = label, True

    def end(self, text: str) -> None:
        """End the block with an instruction, unless it has already ended."""
        if self.open:
            self.lines.append(f"  {text}")
        self.open = False

    def branch(self, condition: str, yes: str, no: str) -> None:
        """End the block with a conditional branch."""
        self.end(f"br i1 {condition}, label %{yes}, label %{no}")

    # ---- conversions

    def spread(self, value: Value) -> Value:
        """Return a number as a vector with the same value in each lane. A vector is returned unchanged."""
        if value.kind.endswith("*"):
            return value
        scalar, vector = self.machine(value.kind), self.machine(value.kind + "*")
        if not value.text.startswith("%"):
            return Value(value.kind + "*", self.same(scalar, value.text))
        first = self.put(f"insertelement {vector} poison, {scalar} {value.text}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        every = self.put(f"shufflevector {vector} {first}, {vector} poison, {zeros}")
        return Value(value.kind + "*", every)

    def converted(self, value: Value, kind: str) -> Value:
        """Convert a number to another type. A value that differs between lanes cannot become a scalar."""
        if value.kind == kind:
            return value
        if kind[0] not in NUMBERS or value.kind[0] not in NUMBERS:
            raise _misfit(value, kind)
        if value.kind[0] != kind[0]:
            value = self._as(value, kind[0])
        if kind.endswith("*"):
            return self.spread(value)
        if value.kind.endswith("*"):
            raise _misfit(value, kind)
        return value

    def _as(self, value: Value, letter: str) -> Value:
        before, apart = value.kind[0], star(value.kind)
        source, target = self.machine(value.kind), self.machine(letter + apart)
        if letter == "b":
            zero = "zeroinitializer" if apart else ("0.0" if before == "f" else "0")
            test = "fcmp une" if before == "f" else "icmp ne"
            return Value("b" + apart, self.put(f"{test} {source} {value.text}, {zero}"))
        if before == "f":
            raise _misfit(value, letter)
        if letter == "f" and before == "i" and value.text.lstrip("-").isdigit():
            return Value("f", double(float(int(value.text))))
        words = {("i", "f"): "sitofp", ("b", "f"): "uitofp", ("b", "i"): "zext"}
        word = words[before, letter]
        return Value(letter + apart, self.put(f"{word} {source} {value.text} to {target}"))

    def as_double(self, value: Value) -> Value:
        """Convert a number to a double."""
        return value if value.kind == "f" else self.converted(value, "f" + star(value.kind))

    def as_whole(self, value: Value) -> Value:
        """Convert an integer or a boolean to an integer."""
        return value if value.kind == "i" else self.converted(value, "i" + star(value.kind))

    def as_truth(self, value: Value) -> Value:
        """Return the truth value of a number, as in Python."""
        return self.converted(value, "b" + star(value.kind))

    def together(self, letter: str, values: Sequence[Value]) -> tuple[str, list[str]]:
        """Convert numbers to one common type with a given letter.

        Return this type and the converted numbers in LLVM IR.
        """
        kind = letter + star(*[v.kind for v in values])
        return kind, [v.text if v.kind == kind else self.converted(v, kind).text for v in values]

    # ---- arithmetic

    def unary(self, operator: str, value: Value) -> Value:
        """Return ``-`` or ``not`` of a value."""
        if operator == "not":
            truth = self.as_truth(value)
            machine = self.machine(truth.kind)
            ones = self.same("i1", "true") if star(truth.kind) else "true"
            return Value(truth.kind, self.put(f"xor {machine} {truth.text}, {ones}"))
        if value.kind[0] == "f":
            return Value(value.kind, self.put(f"fneg {self.machine(value.kind)} {value.text}"))
        whole = self.as_whole(value)
        zero = "zeroinitializer" if star(whole.kind) else "0"
        return Value(whole.kind, self.put(f"sub {self.machine(whole.kind)} {zero}, {whole.text}"))

    def combined(
        self, left: Value, operator: str, right: Value, active: str | None = None
    ) -> Value:
        """Return the result of a binary operator. In an integer division, lanes outside `active` divide by 1."""
        doubles = operator == "/" or "f" in (left.kind[0], right.kind[0])
        if operator in ("%", "//"):
            if doubles:
                raise Unsupported(
                    message("kernel.targets.llvm.operator_doubles", operator=operator)
                )
            return self._whole_remainder(left, operator, right, active)
        word = (_FLOAT if doubles else _WHOLE).get(operator)
        if word is None:
            raise Unsupported(message("kernel.targets.llvm.operator_doubles", operator=operator))
        kind, (a, b) = self.together("f" if doubles else "i", (left, right))
        return Value(kind, self.put(f"{word} {self.machine(kind)} {a}, {b}"))

    def _whole_remainder(
        self, left: Value, operator: str, right: Value, active: str | None
    ) -> Value:
        """Return Python's % or // of integers; the remainder has the sign of the divisor."""
        kind, (a, b) = self.together("i", (left, right))
        machine, zero, one = self.machine(kind), "0", "1"
        if star(kind):
            zero, one = "zeroinitializer", self.same("i64", "1")
            if active is not None:
                b = self.put(f"select {self.mask} {active}, {machine} {b}, {machine} {one}")
        rest = self.put(f"srem {machine} {a}, {b}")
        mixed = self.put(f"xor {machine} {rest}, {b}")
        signs = self.put(f"icmp slt {machine} {mixed}, {zero}")
        uneven = self.put(f"icmp ne {machine} {rest}, {zero}")
        truth = self.machine("b" + star(kind))
        wrong = self.put(f"and {truth} {signs}, {uneven}")
        if operator == "%":
            other, before = self.put(f"add {machine} {rest}, {b}"), rest
        else:
            before = self.put(f"sdiv {machine} {a}, {b}")
            other = self.put(f"sub {machine} {before}, {one}")
        text = f"select {truth} {wrong}, {machine} {other}, {machine} {before}"
        return Value(kind, self.put(text))

    def remainder(self, left: str, right: Value, rest: Value) -> Value:
        """Return Python's % of doubles, which has the sign of the divisor. `rest` is the result of C's ``fmod``."""
        kind, (r, b) = self.together("f", (rest, right))
        machine, truth = self.machine(kind), self.machine("b" + star(kind))
        zero = "zeroinitializer" if star(kind) else "0.0"
        uneven = self.put(f"fcmp une {machine} {r}, {zero}")
        one = self.put(f"fcmp olt {machine} {r}, {zero}")
        other = self.put(f"fcmp olt {machine} {b}, {zero}")
        signs = self.put(f"xor {truth} {one}, {other}")
        wrong = self.put(f"and {truth} {uneven}, {signs}")
        shifted = self.put(f"fadd {machine} {r}, {b}")
        return Value(kind, self.put(f"select {truth} {wrong}, {machine} {shifted}, {machine} {r}"))

    def compared(self, left: Value, operator: str, right: Value) -> Value:
        """Return the result of a comparison."""
        doubles = "f" in (left.kind[0], right.kind[0])
        kind, (a, b) = self.together("f" if doubles else "i", (left, right))
        test = f"fcmp {_COMPARE[operator][0]}" if doubles else f"icmp {_COMPARE[operator][1]}"
        return Value("b" + star(kind), self.put(f"{test} {self.machine(kind)} {a}, {b}"))

    def extreme(self, name: str, values: Sequence[Value]) -> Value:
        """Return Python's min or max: the first value, unless a later one is smaller or larger."""
        letter = "f" if any(v.kind[0] == "f" for v in values) else "i"
        kind, (best, *others) = self.together(letter, values)
        machine, word = self.machine(kind), "lt" if name == "min" else "gt"
        truth = self.machine("b" + star(kind))
        test = f"fcmp o{word}" if letter == "f" else f"icmp s{word}"
        for other in others:
            better = self.put(f"{test} {machine} {other}, {best}")
            best = self.put(f"select {truth} {better}, {machine} {other}, {machine} {best}")
        return Value(kind, best)

    def chosen(self, condition: Value, yes: Value, no: Value) -> Value:
        """Return `yes` where a condition is true, and `no` elsewhere. The types of the two have the same letter."""
        kind, (a, b) = self.together(yes.kind[0], (yes, no))
        if star(condition.kind) and not star(kind):
            kind, a, b = kind + "*", self.spread(yes).text, self.spread(no).text
        machine, truth = self.machine(kind), self.machine(condition.kind)
        text = f"select {truth} {condition.text}, {machine} {a}, {machine} {b}"
        return Value(kind, self.put(text))

    # ---- calls

    def intrinsic(self, name: str, kind: str, value: Value) -> Value:
        """Call an LLVM intrinsic on a number, in each lane, and return the result."""
        suffix = {"f": "f64", "i": "i64"}
        given, taken = self.machine(kind), self.machine(value.kind)
        ends = [suffix[kind[0]], suffix[value.kind[0]]] if kind[0] != value.kind[0] else ["f64"]
        if star(kind):
            ends = [f"v{self.lanes}{e}" for e in ends]
        function = f"@llvm.{name}.{'.'.join(ends)}"
        self.module.declare(f"declare {given} {function}({taken})")
        return Value(kind, self.put(f"call {given} {function}({taken} {value.text})"))

    def any(self, mask: str) -> str:
        """Return whether a condition holds in at least one lane."""
        name = f"@llvm.vector.reduce.or.v{self.lanes}i1"
        self.module.declare(f"declare i1 {name}({self.mask})")
        return self.put(f"call i1 {name}({self.mask} {mask})")

    def both(self, mask: str, condition: str) -> str:
        """Return the lanes of a mask in which a condition holds. Outside the mask, the condition can be undefined."""
        text = f"select {self.mask} {mask}, {self.mask} {condition}, {self.mask} zeroinitializer"
        return self.put(text)

    def inverted(self, mask: str) -> str:
        """Return the lanes that are not in a mask."""
        return self.put(f"xor {self.mask} {mask}, {self.same('i1', 'true')}")

    def lane(self, machine: str, text: str, number: int) -> str:
        """Return the value in one lane of a vector."""
        return self.put(f"extractelement {machine} {text}, i64 {number}")


def _misfit(value: Value, wanted: str) -> Unsupported:
    given = message("kernel.targets.llvm.value_other_type", given=value.kind, wanted=wanted)
    return Unsupported(given)
