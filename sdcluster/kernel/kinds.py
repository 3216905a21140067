"""Type inference: the type of each variable of a function for given argument types.

Exports `Kinds(module, function, types)`, with the attributes `variables` and `result`.

Machine code can perform several runs at once, one in each lane of a vector register. A type therefore also says whether
a value can differ between lanes.

A type is a letter. ``f`` is a double, ``i`` a 64-bit integer, ``b`` a boolean. A star after ``f``, ``i`` or ``b`` marks
a value that can differ between lanes. With a single lane, no type has a star. Vectors of doubles are ``v`` (separate
elements for each lane), ``p`` (the parameters: like ``v``, but all lanes share the clock at its head) and ``u`` (shared
by all lanes). ``k`` is a shared vector of integers, ``m`` a matrix whose rows are ``v``. ``F`` and ``I`` are constant
tables of doubles and integers. ``n`` means no value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sdcluster.kernel import ir
from sdcluster.kernel.library.records import Clock
from sdcluster.kernel.parse import Unsupported
from sdcluster.messages import message

NUMBERS = ("b", "i", "f")
VECTORS = "vpuk"
ROUNDS = 24  # passes after which types must have converged
# Indices at the head of `p` whose values are the same in all lanes: the clock and the buffer length.
SHARED_HEAD = frozenset(
    {Clock.dt, Clock.start, Clock.stop, Clock.slack, Clock.pulse_slack, Clock.length, Clock.now}
    | {Clock.origin, Clock.stride, Clock.parts}
)
_ELEMENTS = {"v": "f", "p": "f", "u": "f", "k": "i", "F": "f", "I": "i", "m": "v"}


class Answers(Protocol):
    """Facts about the constants and functions of a module, which type inference of one function uses."""

    lanes: int

    def global_kind(self, name: str) -> str | None:
        """Return the type of a table or constant, or None for an unknown name."""

    def defines(self, name: str) -> bool:
        """Whether the module has a function of this name."""

    def result_of(self, name: str, types: tuple[str, ...]) -> str:
        """Return the result type of a function for these argument types."""


def unified(one: str | None, other: str | None) -> str | None:
    """Return a type for the values of two types: as in Python, the wider one. None is a type that is not yet known."""
    if one is None or other is None or one == other:
        return one or other
    if one[0] in NUMBERS and other[0] in NUMBERS:
        return max(one[0], other[0], key=NUMBERS.index) + star(one, other)
    raise Unsupported(message("kernel.variable_both", one=one, other=other))


def star(*types: str) -> str:
    """Return ``*`` if values of one of the types can differ between lanes, and an empty string otherwise."""
    for kind in types:
        if kind[-1:] == "*":
            return "*"
    return ""


class Kinds:
    """Types of the variables of one function.

    Parameters
    ----------
    module : Answers
    function : ir.Function
    types : tuple of str
        Types of the arguments.

    Attributes
    ----------
    given : dict of str to str
        Types of the arguments.
    variables : dict of str to str
        Types of parameters and local variables. The type of a parameter can be wider here than that of the argument, if
        the function assigns to the parameter.
    result : str
        Type of the returned value; ``n`` if the function returns nothing.
    """

    def __init__(self, module: Answers, function: ir.Function, types: tuple[str, ...]) -> None:
        if len(function.parameters) != len(types):
            raise Unsupported(
                message("kernel.called_arguments", function=function.name, count=len(types))
            )
        self.module = module
        self.given: dict[str, str] = dict(zip(function.parameters, types, strict=True))
        self.variables: dict[str, str] = dict(self.given)
        self._result: str | None = None
        self._counters = _leaking(function.body) if module.lanes > 1 else frozenset()
        for _ in range(ROUNDS):
            self._again = False
            self._block(function.body, "")
            if not self._again:
                break
        else:
            raise Unsupported(message("kernel.types_variables_not_settle"))
        self.result = self._result or "n"

    # ---- statements

    def _block(self, block: ir.Block, region: str) -> None:
        """Infer types in a block of statements.

        `region` is ``*`` if some lanes can skip the block, and empty otherwise.
        """
        for statement in block:
            match statement:
                case ir.Assign(name, value):
                    self._become(name, self.of(value), region)
                case ir.Store():
                    pass
                case ir.For(name, first, last, _, body):
                    parted = "*" if self.parts(statement) else ""
                    bounds = [k for k in (self.of(first), self.of(last)) if k is not None]
                    apart = star(*bounds) or (parted or region if name in self._counters else "")
                    self._become(name, "i", apart)
                    self._block(body, region or parted)
                case ir.While(_, body):
                    self._block(body, region or ("*" if self.parts(statement) else ""))
                case ir.If(test, body, otherwise):
                    inner = region or star(self.of(test) or "")
                    self._block(body, inner)
                    self._block(otherwise, inner)
                case ir.Return(value) if value is not None:
                    found = self.of(value)
                    found = found and found[0] + (star(found) or region)
                    self._result = unified(self._result, found)
                    self._again |= found is None

    def _become(self, name: str, kind: str | None, region: str) -> None:
        before = self.variables.get(name)
        if kind is not None and kind[0] in NUMBERS:
            kind = kind[0] + (star(kind) or region)
        after = unified(before, kind)
        # The first type of a variable requests no further pass, because each earlier read of it has requested one.
        self._again |= kind is None or (before is not None and before != after)
        if after is not None:
            self.variables[name] = after

    def parts(self, loop: ir.For | ir.While) -> bool:
        """Whether lanes can leave a loop in different iterations."""
        if self.module.lanes == 1:
            return False
        tests = (loop.test,) if isinstance(loop, ir.While) else (loop.first, loop.last)
        return any(star(self.of(t) or "") for t in tests) or self._jumps(loop.body, False, True)

    def _jumps(self, block: ir.Block, region: bool, inner: bool) -> bool:
        """Whether some lanes can jump out of a block while others stay in it.

        Without `inner`, only ``return`` counts.
        """
        for statement in block:
            match statement:
                case ir.Break() | ir.Continue() if region and inner:
                    return True
                case ir.Return() if region:
                    return True
                case ir.If(test, body, otherwise):
                    parted = region or bool(star(self.of(test) or ""))
                    if self._jumps(body, parted, inner) or self._jumps(otherwise, parted, inner):
                        return True
                case ir.For(body=body) | ir.While(body=body):
                    parted = region or self.parts(statement)
                    if self._jumps(body, parted, False):
                        return True
        return False

    # ---- expressions

    def of(self, node: ir.Expression) -> str | None:
        """Return the type of an expression, or None if not yet known."""
        return _OF[type(node)](self, node)

    def _number(self, node: ir.Number) -> str:
        return _NUMBERS[type(node.value)]

    def _name(self, node: ir.Name) -> str | None:
        kind = self.variables.get(node.name) or self.module.global_kind(node.name)
        if kind is None:
            self._again = True
        return kind

    def _unary(self, node: ir.Unary) -> str | None:
        inner = self.of(node.operand)
        if node.operator == "not":
            return "b" + star(inner or "")
        return "i" + star(inner) if inner is not None and inner[0] == "b" else inner

    def _condition(self, node: ir.Compare | ir.Logic) -> str:
        return "b" + star(self.of(node.left) or "", self.of(node.right) or "")

    def _choice(self, node: ir.Choice) -> str | None:
        both = unified(self.of(node.yes), self.of(node.no))
        return both and both[0] + star(both, self.of(node.condition) or "")

    def _binary(self, node: ir.Binary) -> str | None:
        operator, left, right = node.operator, self.of(node.left), self.of(node.right)
        if left is None or right is None:
            return None
        if left[0] not in NUMBERS or right[0] not in NUMBERS:
            raise Unsupported(message("kernel.arithmetic_vectors"))
        wide = "f" if operator == "/" or "f" in (left[0], right[0]) else "i"
        return wide + star(left, right)

    def _element(self, node: ir.Element) -> str | None:
        owner, index = self.of(node.vector), node.at
        if owner is None:
            return None
        kind = _ELEMENTS.get(owner)
        if kind is None:
            raise Unsupported(message("kernel.element_not_vector"))
        if kind == "v" or self.module.lanes == 1:
            return kind
        if owner == "v" or (owner == "p" and not in_shared_head(index)):
            return kind + "*"
        return kind + star(self.of(index) or "")

    def _call(self, node: ir.Call) -> str | None:
        name, types = node.function, [self.of(a) for a in node.arguments]
        if any(t is None for t in types):
            return None
        known = [t for t in types if t is not None]
        if self.module.defines(name):
            return self.module.result_of(name, tuple(known))
        apart = star(*known)
        match name:
            case "len":
                return "i"
            case "int" | "bits":
                return "i" + apart
            case "float" | "sqrt" | "from_bits":
                return "f" + apart
            case "bool" | "isnan":
                return "b" + apart
            case "some":
                return "b"
            case "min" | "max" | "abs":
                if any(t[0] not in NUMBERS for t in known):
                    raise Unsupported(message("kernel.vector", name=name))
                return ("f" if any(t[0] == "f" for t in known) else "i") + apart
        raise Unsupported(message("kernel.function", name=name))


_NUMBERS = {bool: "b", int: "i", float: "f"}
_OF: dict[type, Callable[[Kinds, Any], str | None]] = {
    ir.Number: Kinds._number,
    ir.Name: Kinds._name,
    ir.Binary: Kinds._binary,
    ir.Unary: Kinds._unary,
    ir.Compare: Kinds._condition,
    ir.Logic: Kinds._condition,
    ir.Choice: Kinds._choice,
    ir.Element: Kinds._element,
    ir.Call: Kinds._call,
}


def in_shared_head(index: ir.Expression) -> bool:
    """Whether an index into the parameters refers to a value shared by all lanes."""
    return isinstance(index, ir.Number) and index.value in SHARED_HEAD


def _leaking(body: ir.Block) -> frozenset[str]:
    """Return the loop counters that are read outside their loop, where lanes may have different values."""
    loops = [s for s in ir.walk(body) if isinstance(s, ir.For)]
    if not loops:
        return frozenset()
    everywhere = _reads(body)
    inside: dict[str, int] = {}
    for loop in _outermost(body):
        for name, count in _reads(loop.body).items():
            if name in _counters(loop):
                inside[name] = inside.get(name, 0) + count
    return frozenset(
        loop.name for loop in loops if everywhere.get(loop.name, 0) > inside.get(loop.name, 0)
    )


def _outermost(block: ir.Block) -> list[ir.For]:
    found = []
    for statement in block:
        if isinstance(statement, ir.For):
            found.append(statement)
        else:
            for inner in ir.blocks(statement):
                found += _outermost(inner)
    return found


def _counters(loop: ir.For) -> set[str]:
    """Return the counters of a loop and its nested loops."""
    return {loop.name} | {s.name for s in ir.walk(loop.body) if isinstance(s, ir.For)}


def _reads(block: ir.Block) -> dict[str, int]:
    counts: dict[str, int] = {}
    for statement in ir.walk(block):
        for expression in ir.expressions(statement):
            for name in ir.names(expression):
                counts[name] = counts.get(name, 0) + 1
    return counts
