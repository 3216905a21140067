"""Expressions as HTML that people read: real signs, fractions, and names that link to their definitions.

Crosses the border: an expression in, HTML out. The text of it without its tags is the equation in one line: reading
it again (× as ``*``, − as ``-``, links as their names) gives the same expression, which a test holds.
"""

from __future__ import annotations

import math
from html import escape
from itertools import islice

from sdcluster.document.edition import Edition
from sdcluster.model.expression import (
    COMPARISONS,
    Array,
    Binary,
    Call,
    ElementIndex,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    walk,
)
from sdcluster.recursion import deep_recursion
from sdcluster.write.equations import (
    ATOM,
    COMPARISON,
    CONDITION,
    LEVELS,
    LOGIC,
    MOD,
    NOT,
    POWER,
    SIGN,
    SUM,
    spelling,
)

SIGNS = {"*": "×", "-": "−", "<=": "≤", ">=": "≥", "<>": "≠"}
LARGEST = 4_000  # nodes of an expression that is still shown
PRODUCT_LEVEL = LEVELS["*"]
MOST_STACKED = 12  # nodes above or below a fraction's bar


def formula(edition: Edition, expression: Expression) -> str:
    """Return an expression as HTML."""
    if sum(1 for _ in islice(walk(expression), LARGEST + 1)) > LARGEST:
        return f'<span class="soft">{edition.say("too_long")}</span>'
    with deep_recursion():
        try:
            return _Printer(edition).text(expression)
        except RecursionError:
            return f'<span class="soft">{edition.say("too_long")}</span>'


def number(value: float) -> str:
    """Return a number, every digit of it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    text = (
        str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    )
    return text.replace("-", "−")


class _Printer:
    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.stacking = True

    def text(self, node: Expression, least: int = CONDITION) -> str:
        """Return `node`, in parentheses if it binds less than `least`."""
        level, text = self.form(node)
        return text if level >= least else f"({text})"

    def form(self, node: Expression) -> tuple[int, str]:
        match node:
            case Number(value):
                return (SIGN if math.copysign(1.0, value) < 0 else ATOM), number(value)
            case Reference(name, subscripts):
                return ATOM, self.edition.link(name) + indices(subscripts)
            case ElementIndex(name):
                return ATOM, f"<i>{escape(name)}</i>"
            case Unary("not", operand):
                return SIGN, f"<b>not</b> {self.text(operand, ATOM)}"
            case Unary(_, operand):
                return SIGN, "−" + self.text(operand, ATOM)
            case Binary("/", left, right) if self.stacks(left, right):
                return PRODUCT_LEVEL, self.fraction(left, right)
            case Binary(operator, left, right):
                return self.binary(operator, left, right)
            case Call(function, arguments):
                return self.call(function, arguments)
            case Lookup(Reference() as table, argument):
                return ATOM, f"{self.text(table)}({self.text(argument)})"
            case Lookup(_, argument):
                return ATOM, f"<i>{self.edition.say('graph')}</i>({self.text(argument)})"
            case Table():
                return ATOM, f"<i>{self.edition.say('graph')}</i>"
            case Array(values, _):
                shown = ", ".join(number(v) for v in values[:60])
                return ATOM, f"{{{shown}{', …' if len(values) > 60 else ''}}}"
        return ATOM, escape(type(node).__name__)

    def stacks(self, left: Expression, right: Expression) -> bool:
        """Return whether a quotient is drawn with a bar: short parts, and no bar above or around it."""
        sizes = [sum(1 for _ in walk(part)) for part in (left, right)]
        return self.stacking and max(sizes) > 1 and max(sizes) <= MOST_STACKED

    def fraction(self, left: Expression, right: Expression) -> str:
        self.stacking = False
        above, below = self.part(left, PRODUCT_LEVEL), self.part(right, POWER)
        self.stacking = True
        return (
            f'<span class="fraction"><span class="above">{above}</span>'
            f'<span class="bar"> / </span><span class="below">{below}</span></span>'
        )

    def part(self, node: Expression, least: int) -> str:
        """Return what stands above or below a bar: parentheses are there when copied, but not seen."""
        level, text = self.form(node)
        quiet = '<span class="quiet">{}</span>'
        return text if level >= least else quiet.format("(") + text + quiet.format(")")

    def binary(self, operator: str, left: Expression, right: Expression) -> tuple[int, str]:
        sign = SIGNS.get(operator, escape(operator))
        if operator in COMPARISONS:
            return COMPARISON, f"{self.text(left, SUM)} {sign} {self.text(right, SUM)}"
        level = LEVELS[operator]
        if operator == "^":
            before, self.stacking = self.stacking, False
            base, exponent = self.text(left, ATOM), self.text(right, POWER)
            self.stacking = before
            return level, f'{base}<sup><span class="quiet">^</span>{exponent}</sup>'
        if level == LOGIC:
            same = isinstance(left, Binary) and left.operator == operator
            first, second = self.text(left, LOGIC if same else NOT), self.text(right, NOT)
            return level, f"{first} <b>{operator}</b> {second}"
        second = self.text(right, MOD if level == SUM else POWER)
        if second.startswith("−"):
            second = f"({second})"
        return level, f"{self.text(left, level)} {sign} {second}"

    def call(self, function: str, arguments: tuple[Expression, ...]) -> tuple[int, str]:
        if function == "if":
            condition, yes, no = arguments
            parts = (self.text(condition, LOGIC), self.text(yes, LOGIC), self.text(no))
            return CONDITION, "<b>if</b> {} <b>then</b> {} <b>else</b> {}".format(*parts)
        if function == "modulo":
            left, right = (self.text(a, POWER) for a in arguments)
            return MOD, f"{left} <b>mod</b> {right}"
        if not arguments:
            return ATOM, f'<span class="function">{escape(function)}</span>'
        name, ordered = spelling(function, arguments)
        inside = ", ".join(self.text(a) for a in ordered)
        return ATOM, f'<span class="function">{escape(name.lower())}</span>({inside})'


def indices(subscripts: tuple[str, ...]) -> str:
    """Return subscripts as HTML."""
    inside = ", ".join(escape(s) for s in subscripts)
    return f'<span class="indices">[{inside}]</span>' if inside else ""
