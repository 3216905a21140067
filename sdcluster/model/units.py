"""Parse the units of variables, and check the units in every operation of every equation.

`parse_unit(text)` returns a `Unit`, and `check_units(model)` returns a list of `Finding`.

Units of system-dynamics models are free words (firm, knowledge, dollar) without conversions, so a unit is a product of
words with exponents; no registry of physical units is needed (see docs/decisions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS
from sdcluster.messages import message
from sdcluster.model.expression import (
    COMPARISONS,
    Array,
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
)
from sdcluster.model.model import Model, Variable
from sdcluster.progress import counted
from sdcluster.recursion import deep_recursion

MAX_ALIASES = 8  # maximum length of a chain of aliases, which may be cyclic
_DIMENSIONLESS = {
    "",
    "1",
    "dmnl",
    "dimensionless",
    "unitless",
    "fraction",
    "percent",
    "%",
    "no unit",
    "none",
    "nil",
}
_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|[^\W\d][\w$€£¥%' ]*|[$€£¥%]+[\w ]*|[*·/^()\-])")


@dataclass(frozen=True)
class Unit:
    """A unit as a product of words with exponents: sorted pairs (word, exponent), each with a non-zero exponent."""

    powers: tuple[tuple[str, Fraction], ...] = ()

    @classmethod
    def of(cls, powers: Mapping[str, Fraction]) -> Unit:
        """Build a unit from a mapping of words to exponents."""
        return cls(tuple(sorted((w, e) for w, e in powers.items() if e)))

    def __mul__(self, other: Unit) -> Unit:
        powers = dict(self.powers)
        for word, exponent in other.powers:
            powers[word] = powers.get(word, Fraction(0)) + exponent
        return Unit.of(powers)

    def __truediv__(self, other: Unit) -> Unit:
        return self * other.power(Fraction(-1))

    def power(self, exponent: Fraction) -> Unit:
        """Return the unit raised to a power."""
        return Unit.of({w: e * exponent for w, e in self.powers})

    def __str__(self) -> str:
        def side(positive: bool) -> str:
            chosen = [(w, abs(e)) for w, e in self.powers if (e > 0) == positive]
            return "·".join(w if e == 1 else f"{w}^{e}" for w, e in chosen)

        above, below = side(True), side(False)
        if not below:
            return above or "dimensionless"
        return f"{above or '1'}/{f'({below})' if '·' in below else below}"


ONE = Unit()


@dataclass(frozen=True)
class Finding:
    """A finding about the units of a model.

    Parameters
    ----------
    severity : {"error", "warning", "note"}
    sentence : str
        The problem, and how to correct it.
    variable : str
        Name of the variable.
    line : int or None
        Line of the variable in the file.
    """

    severity: str
    sentence: str
    variable: str
    line: int | None


def parse_unit(text: str) -> Unit:
    """Parse a unit such as ``knowledge/year``, ``1/(firm*year)`` or ``m^2``.

    Singular and plural are the same unit (year, years), and case is ignored.

    Raises
    ------
    ModelError
        If the text is not a product of words and powers.
    """
    if text.strip().lower() in _DIMENSIONLESS:
        return ONE
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ModelError(
                message("model.unit_cannot_understood", text=text, text_2=text[position:])
            )
        tokens.append(match.group(1).strip())
        position = match.end()
    reader = _UnitReader(text, tokens)
    unit = reader.product()
    if reader.tokens:
        raise ModelError(
            message("model.unit_cannot_understood_2", text=text, tokens=reader.tokens[0])
        )
    return unit


class _UnitReader:
    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text, self.tokens = text, tokens

    def product(self) -> Unit:
        unit = self.factor()
        while self.tokens and self.tokens[0] in "*·/-":
            operator = self.tokens.pop(0)
            right = self.factor()
            unit = unit / right if operator == "/" else unit * right
        return unit

    def factor(self) -> Unit:
        unit = self.atom()
        if self.tokens[:1] == ["^"]:
            self.tokens.pop(0)
            sign = -1 if self.tokens[:1] == ["-"] and self.tokens.pop(0) else 1
            try:
                unit = unit.power(sign * Fraction(self.tokens.pop(0)))
            except (ValueError, IndexError):
                raise ModelError(message("model.unit_power_no_number", text=self.text)) from None
        return unit

    def atom(self) -> Unit:
        token = self.tokens.pop(0) if self.tokens else ""
        if token == "(":
            unit = self.product()
            if self.tokens[:1] != [")"]:
                raise ModelError(message("model.unit_lacks_closing_parenthesis", text=self.text))
            self.tokens.pop(0)
            return unit
        if not token or token in "*·/^)-":
            raise ModelError(message("model.unit_not_complete", text=self.text))
        if token[0].isdigit():
            return ONE
        word = _singular(" ".join(token.lower().replace("_", " ").split()))
        return ONE if word in _DIMENSIONLESS else Unit(((word, Fraction(1)),))


def _singular(word: str) -> str:
    if word == "people":
        return "person"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def replaced(unit: Unit, words: Mapping[str, Unit]) -> Unit:
    """Return a unit in which each alias is replaced by its definition (in XMILE, in ``<model_units>``).

    >>> str(replaced(parse_unit("kg/yr"), {"yr": parse_unit("year")}))
    'kg/year'
    """
    for _ in range(MAX_ALIASES):
        before = unit
        unit = ONE
        for word, exponent in before.powers:
            unit = unit * words.get(word, Unit(((word, Fraction(1)),))).power(exponent)
        if unit == before:
            break
    return unit


def alias_words(model: Model) -> dict[str, Unit]:
    """Return the definition of each unit alias in the file, by alias."""
    words: dict[str, Unit] = {}
    for alias, target in model.unit_aliases:
        with suppress(ModelError):
            left, right = parse_unit(alias), parse_unit(target)
            if len(left.powers) == 1 and left.powers[0][1] == 1 and left != right:
                words.setdefault(left.powers[0][0], right)
    return words


class _Clash(Exception):
    """Raised if the units in an expression do not match; the message names the units."""


def check_units(model: Model) -> list[Finding]:
    """Check the units in every equation of a model.

    A number in an equation matches any unit. A variable without a unit is reported once and then matches any unit.

    Parameters
    ----------
    model : Model

    Returns
    -------
    list of Finding
        Errors for units that do not match, and warnings for missing or unreadable units.
    """
    units: dict[str, Unit | None] = {}
    findings: list[Finding] = []
    words = alias_words(model)
    for key, variable in model.variables.items():
        units[key] = None
        if not variable.units.strip():
            if variable.hidden:
                continue
            findings.append(_finding("warning", variable, message("model.no_unit_write_one")))
            continue
        try:
            units[key] = replaced(parse_unit(variable.units), words)
        except ModelError as error:
            findings.append(
                _finding(
                    "warning", variable, message("model.write_words_joined", reason=error.sentence)
                )
            )
    checker = _Checker(model, units)
    with deep_recursion():
        for variable in counted(model.variables.values(), "checking units", "equations"):
            findings += checker.findings(variable)
    return findings


def _finding(severity: str, variable: Variable, sentence: str) -> Finding:
    return Finding(
        severity,
        message("model.quoted", name=variable.name, sentence=sentence),
        variable.name,
        variable.line,
    )


class _Checker:
    """Infers the units of expressions. A unit of None means a number or an unknown unit, and matches any unit."""

    def __init__(self, model: Model, units: Mapping[str, Unit | None]) -> None:
        self.units = units
        self.time: Unit | None
        try:
            unit = parse_unit(model.time.units) if model.time.units else None
            self.time = None if unit is None else replaced(unit, alias_words(model))
        except ModelError:
            self.time = None

    def findings(self, variable: Variable) -> Iterator[Finding]:
        own = self.units[variable.key]
        for equation in variable.equations:
            try:
                if variable.kind == "lookup":
                    continue
                found = self.unit(equation.expression)
                if variable.kind == "stock":
                    start = self.unit(equation.initial) if equation.initial is not None else None
                    self.same(own, start, message("model.its_unit"), message("model.initial_value"))
                    rate = None if own is None or self.time is None else own / self.time
                    self.same(
                        rate, found, message("model.its_unit_per_time"), message("model.net_flow")
                    )
                else:
                    self.same(own, found, message("model.its_unit"), message("model.its_equation"))
            except _Clash as clash:
                yield _finding("error", variable, message("model.units_clash", clash=clash.args[0]))

    def same(self, a: Unit | None, b: Unit | None, first: str, second: str) -> Unit | None:
        if a is not None and b is not None and a != b:
            raise _Clash(message("model.gives", first=first, a=a, second=second, b=b))
        return b if a is None else a

    def plain(self, node: Expression, where: str) -> None:
        unit = self.unit(node)
        if unit is not None and unit != ONE:
            raise _Clash(message("model.must_dimensionless", where=where, unit=unit))

    def unit(self, node: Expression) -> Unit | None:
        match node:
            case Reference(name):
                return self.units[name]
            case Unary("-", operand):
                return self.unit(operand)
            case Binary("+" | "-", left, right):
                return self.same(
                    self.unit(left),
                    self.unit(right),
                    message("model.left", operator=node.operator),
                    message("model.right"),
                )
            case Binary("*" | "/", left, right):
                return self.scaled(node.operator, left, right)
            case Binary("^", left, right):
                return self.raised(left, right)
            case Binary(operator, left, right) if operator in COMPARISONS:
                self.same(
                    self.unit(left),
                    self.unit(right),
                    message("model.left", operator=operator),
                    message("model.right"),
                )
                return ONE
            case Lookup(_, argument):
                self.unit(argument)
                return None
            case Call(function, arguments):
                return self.call(function, arguments)
            case Number() | Table() | Array():
                return None
        return ONE

    def scaled(self, operator: str, left: Expression, right: Expression) -> Unit | None:
        a, b = self.unit(left), self.unit(right)
        if isinstance(left, Number):
            a = ONE
        if isinstance(right, Number):
            b = ONE
        if a is None or b is None:
            return None
        return a * b if operator == "*" else a / b

    def raised(self, left: Expression, right: Expression) -> Unit | None:
        base = self.unit(left)
        self.plain(right, message("model.exponent"))
        if isinstance(right, Number) and base is not None:
            return base.power(Fraction(right.value).limit_denominator(1000))
        if base is not None and base != ONE:
            raise _Clash(message("model.raised_power_varies", base=base))
        return base

    def call(self, function: str, arguments: tuple[Expression, ...]) -> Unit | None:
        rule = FUNCTIONS[function].units
        units = [self.unit(a) for a in arguments]
        match rule:
            case "same":
                result = None
                for unit in units:
                    result = self.same(
                        result, unit, message("model.one_argument"), message("model.another")
                    )
                return result
            case "first":
                return units[0]
            case "time":
                return self.time
            case "dimensionless":
                for argument in (
                    arguments if function != "pulse" and function != "pulse train" else ()
                ):
                    self.plain(argument, message("model.argument", function=function))
                return ONE
            case "branch":
                return self.same(
                    units[1], units[2], message("model.one_branch"), message("model.other_branch")
                )
            case "quotient":
                return None if units[0] is None or units[1] is None else units[0] / units[1]
            case "slope":
                return None if units[0] is None or self.time is None else units[0] * self.time
            case "integral":
                if units[0] is None or self.time is None:
                    return units[1]
                return self.same(
                    units[0] * self.time,
                    units[1],
                    message("model.rate_over_time"),
                    message("model.initial_value_2"),
                )
            case "outflow":
                return None if units[0] is None or self.time is None else units[0] / self.time
            case "rate":
                return None if units[1] is None or self.time is None else units[1] / self.time
            case "trend":
                return None if self.time is None else ONE / self.time
            case "smooth":
                self.same(self.time, units[1], message("model.time"), message("model.delay_time"))
                return units[0]
        return (
            units[0].power(Fraction(1, 2)) if function == "sqrt" and units[0] is not None else None
        )
