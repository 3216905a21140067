"""Print expressions as text with as few parentheses as possible: the traversal that all notations share.

`Notation` is the base class of the notations in `sdcluster.write.equations` (for files) and `sdcluster.publish.formula`
(for display). The kernel's printer, `sdcluster.kernel.lower.expressions`, is not based on this class, because it treats
conditions and numbers as different types, emits statements before them, and follows Python's precedence.

Add a notation
--------------
1. Implement `number`, `reference` and `element`.
2. Implement `function`, which returns the text of a call.
3. Implement `other` for the remaining nodes, or raise an error there.
4. Override `sign`, `word` and `power` if the notation is not plain text.
"""

from __future__ import annotations

import math

from sdcluster.model.expression import (
    COMPARISONS,
    Binary,
    Call,
    ElementIndex,
    Expression,
    Lookup,
    Number,
    Reference,
    Unary,
)

# Precedence of the forms (XMILE 1.0, section 3.3.1); the right operand of an operator needs a higher precedence.
CONDITION, LOGIC, NOT, COMPARISON, SUM, MOD, PRODUCT, SIGN, POWER, ATOM = range(10)
LEVELS = {"and": LOGIC, "or": LOGIC, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "^": POWER}


class Notation:
    """Prints an expression. The docstring of the module says how to add a notation."""

    def number(self, value: float) -> str:
        """Return the text of a number."""
        raise NotImplementedError

    def reference(self, node: Reference) -> str:
        """Return the text of a variable with its subscripts."""
        raise NotImplementedError

    def element(self, name: str) -> str:
        """Return the text of a subscript that is used as a value."""
        raise NotImplementedError

    def function(self, name: str, arguments: tuple[Expression, ...]) -> str:
        """Return the text of a call of any function except ``if`` and ``remainder``."""
        raise NotImplementedError

    def other(self, node: Expression) -> str:
        """Return the text of a table, a list of numbers, or a lookup in an unnamed table."""
        raise NotImplementedError

    def sign(self, operator: str) -> str:
        """Return the text of an arithmetic or comparison operator, such as ``*`` or ``<=``."""
        return operator

    def word(self, word: str) -> str:
        """Return the text of a keyword: ``if``, ``then``, ``else``, ``and``, ``or``, ``not`` or ``mod``."""
        return word

    def power(self, base: str, exponent: str) -> str:
        """Return the text of a power, given the texts of base and exponent."""
        return f"{base}^{exponent}"

    # ---- traversal

    def text(self, node: Expression, least: int = CONDITION) -> str:
        """Return the text of `node`, in parentheses if its precedence is below `least`."""
        level, text = self.form(node)
        return text if level >= least else f"({text})"

    def form(self, node: Expression) -> tuple[int, str]:
        """Return the precedence and the text of `node`."""
        match node:
            case Number(value):
                return (SIGN if math.copysign(1.0, value) < 0 else ATOM), self.number(value)
            case Reference():
                return ATOM, self.reference(node)
            case ElementIndex(name):
                return ATOM, self.element(name)
            case Unary("not", operand):
                return SIGN, f"{self.word('not')} {self.text(operand, ATOM)}"
            case Unary(_, operand):
                return SIGN, self.sign("-") + self.text(operand, ATOM)
            case Binary(operator, left, right):
                return self.binary(operator, left, right)
            case Lookup(Reference() as table, argument):
                return ATOM, f"{self.text(table)}({self.text(argument)})"
            case Call(function, arguments):
                return self.call(function, arguments)
        return ATOM, self.other(node)

    def binary(self, operator: str, left: Expression, right: Expression) -> tuple[int, str]:
        """Return the precedence and the text of an operation with two operands."""
        sign = self.sign(operator)
        if operator in COMPARISONS:
            return COMPARISON, f"{self.text(left, SUM)} {sign} {self.text(right, SUM)}"
        level = LEVELS[operator]
        if operator == "^":
            return level, self.power(self.text(left, ATOM), self.text(right, POWER))
        if level == LOGIC:
            # Some readers define no precedence between AND and OR, so mixtures are always in parentheses.
            same = isinstance(left, Binary) and left.operator == operator
            first, second = self.text(left, LOGIC if same else NOT), self.text(right, NOT)
            return level, f"{first} {self.word(operator)} {second}"
        second = self.text(right, MOD if level == SUM else POWER)
        if second.startswith(self.sign("-")):
            second = f"({second})"
        return level, f"{self.text(left, level)} {sign} {second}"

    def call(self, function: str, arguments: tuple[Expression, ...]) -> tuple[int, str]:
        """Return the precedence and the text of a call; conditions and remainders are written with keywords."""
        if function == "if":
            words = [self.word(w) for w in ("if", "then", "else")]
            parts = (
                self.text(a, least)
                for a, least in zip(arguments, (LOGIC, LOGIC, CONDITION), strict=True)
            )
            return CONDITION, " ".join(f"{w} {part}" for w, part in zip(words, parts, strict=True))
        if function == "remainder":
            left, right = (self.text(a, POWER) for a in arguments)
            return MOD, f"{left} {self.word('mod')} {right}"
        return ATOM, self.function(function, arguments)
