"""Right sides of Vensim equations: PySD's grammar and visitor, made strict, give PySD's abstract syntax.

Crosses the border: `parse_right(expression)`, and `parse_lookup(text)` for what follows a lookup's name.

What is changed against PySD 3.14, and why:

- its visitors pass numbers, points and strings to ``eval``; here numbers go through ``float`` and nothing is evaluated;
- ``:AND:`` binds tighter than ``:OR:``; signs may be repeated, and bind less than a power also before numbers;
- names may hold any character beyond ASCII, as in Vensim; arguments must be separated by commas;
- the elements of a subscript range may be numbers;
- lookups may also be written as x values followed by y values;
- macros may be called with further outputs, ``NAME(a, b : c)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, signature
from typing import Any

import parsimonious

from sdcluster.errors import ModelError
from sdcluster.functions.table import miscounted
from sdcluster.model.missing import NA
from sdcluster.read.vensim.numbers import literal, points, short
from sdcluster.read.vensim.peg import changed, check_nesting, readable
from sdcluster.read.vensim.pysd_parser import ae, parsing_ops, structures, ve, vu

MAX_LENGTH = 100_000

_SPREAD = re.compile(r"\s*\[[^\]]*\]\s*,?")
# Every token takes the blanks behind it along, and operators of all ranks stand in one chain that the visitor ranks:
# a rule for each rank, as in PySD's grammar, makes five times as many nodes.
_RIGHT_RULES = {
    "expr_type": "_ final_expr",
    "final_expr": "term (binary term)*",
    "term": "prefixes expr",
    "prefixes": r'~r"((:NOT:|[+-])[\s\\]*)*"I',
    "binary": r'~r"(:AND:|:OR:|<>|<=|>=|[-=<>+*/^])[\s\\]*"I',
    "expr": "lookup_with_def / number / running / named / parens / nan",
    "running": r'name ~r"![\s\\]*"',
    "lookup_with_def": r'~r"WITH[ _]LOOKUP\s*\("I _ final_expr comma points _ close',
    "points": '"(" (~r"[^()]+" / points)* ")"',
    "named": "name subscript_list? call?",
    "call": "open arguments? outputs? close",
    "arguments": "argument (comma argument)* comma?",
    "argument": "string / final_expr",
    "outputs": "colon output (comma output)*",
    "output": "name subscript_list?",
    "parens": "open final_expr close",
    "number": r'~r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(?![\w.])[\s\\]*"',
    "string": r"""~r"'[^']*'[\s\\]*" """,
    "name": "basic_id / quoted",
    "basic_id": r'''~r"([^\W\d]|[\u0080-\U0010ffff])[\w\u0080-\U0010ffff'$\s]*"''',
    "quoted": r'''~r"\"(\\\"|[^\"])*\"[\s\\]*"''',
    "subscript_list": r'~r"\[[\s\\]*" subscript (comma subscript)* ~r"\][\s\\]*"',
    "subscript": r'(name / element) ~r"(![\s\\]*)?"',
    "element": r'~r"\d\w*[\s\\]*"',
    "nan": r'~r":NA:[\s\\]*"I',
    "open": r'~r"\([\s\\]*"',
    "close": r'~r"\)[\s\\]*"',
    "comma": r'~r",[\s\\]*"',
    "colon": r'~r":[\s\\]*"',
}
_RANKS = ((":OR:",), (":AND:",), ("=", "<>", "<", "<=", ">", ">="), ("+", "-"), ("*", "/"))
_NOT, _LOGIC = 2, 3  # ":NOT:" binds looser than comparisons; the ranks before _LOGIC are logic


@dataclass(frozen=True, slots=True)
class MacroCall:
    """A call with further outputs, ``NAME(inputs : outputs)``; PySD's syntax has no such node.

    Parameters
    ----------
    call : CallStructure
    outputs : tuple of str
    subscripts : tuple of tuple of str
        Of each output as written, empty where the call names it without.
    """

    call: Any
    outputs: tuple[str, ...]
    subscripts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Running:
    """A subscript range with ``!`` as a value: the position of the element that a function is at."""

    name: str


def parse_right(expression: str) -> Any:
    """Return the abstract syntax of a right side.

    Raises
    ------
    ModelError
        Without file and line: the caller adds them.
    """
    text = expression.strip()
    if not text:
        raise ModelError("the equation is empty; write a number or a formula")
    numbers = literal(text)
    if numbers is not None:
        return numbers
    if len(text) > MAX_LENGTH:
        raise ModelError(
            f"the formula has {len(text):,} characters; more than {MAX_LENGTH:,} are not read"
        )
    check_nesting(text)
    with readable(text):
        return _Right(_right_grammar().parse(text)).result


def parse_lookup(text: str) -> Any:
    """Return PySD's structure for what follows a lookup's name: points or a ``GET DIRECT LOOKUPS``."""
    inner = text.strip()
    if not (inner.startswith("(") and inner.endswith(")")):
        raise ModelError(
            f'the lookup "{short(text)}" is not closed; write (x1,y1),(x2,y2),… in parentheses'
        )
    inner = inner[1:-1].strip()
    if re.match(r"GET[ _]", inner, re.IGNORECASE):
        return parse_right(inner)
    inner = _SPREAD.sub("", inner, count=1) if inner.startswith("[") else inner
    xs, ys = points(inner)
    return ae.LookupsStructure(xs, ys, (), (), "interpolate")


@cache
def _right_grammar() -> parsimonious.Grammar:
    source = vu.Grammar._read_grammar("components") % parsing_ops
    return parsimonious.Grammar(changed(source, _RIGHT_RULES))


class _Right(ve.EquationVisitor):
    """PySD's visitor of right sides on a stricter grammar: every rule returns its structure."""

    def __init__(self, ast: Any) -> None:
        self.result = self.visit(ast)

    def generic_visit(self, n: Any, vc: Any) -> Any:
        return vc or n.text

    def visit_expr_type(self, n: Any, vc: Any) -> Any:
        return vc[1]

    def visit_final_expr(self, n: Any, vc: Any) -> Any:
        terms = [vc[0], *(part[1] for part in _repeated(vc[1]))]
        return _Chain(terms, [part[0] for part in _repeated(vc[1])]).rank(0)

    def visit_prefixes(self, n: Any, vc: Any) -> list[str]:
        return re.findall(r":NOT:|[+-]", n.text.upper())

    def visit_binary(self, n: Any, vc: Any) -> str:
        return n.text.rstrip(" \\").upper()

    def visit_term(self, n: Any, vc: Any) -> Any:
        return vc[0], vc[1]

    def visit_expr(self, n: Any, vc: Any) -> Any:
        return vc[0]

    def visit_parens(self, n: Any, vc: Any) -> Any:
        return vc[1]

    def visit_number(self, n: Any, vc: Any) -> float:
        return float(n.text.rstrip("\\ "))

    def visit_nan(self, n: Any, vc: Any) -> float:
        return NA

    def visit_string(self, n: Any, vc: Any) -> str:
        return str(n.text).rstrip("\\ ")[1:-1].strip()

    def visit_name(self, n: Any, vc: Any) -> str:
        return str(n.text).rstrip("\\ ")

    def visit_element(self, n: Any, vc: Any) -> str:
        return str(n.text).rstrip("\\ ")

    def visit_subscript(self, n: Any, vc: Any) -> str:
        return vc[0][0] + vc[1].rstrip("\\ ")

    def visit_subscript_list(self, n: Any, vc: Any) -> tuple[str, ...]:
        return (vc[1], *(part[1] for part in _repeated(vc[2])))

    def visit_running(self, n: Any, vc: Any) -> Any:
        return Running(vc[0])

    def visit_named(self, n: Any, vc: Any) -> Any:
        subscripts = _repeated(vc[1])
        found = ae.SubscriptsReferenceStructure(subscripts[0]) if subscripts else None
        reference = ae.ReferenceStructure(vc[0], found)
        if not _repeated(vc[2]):
            return reference
        arguments, outputs = vc[2][0]
        call = ae.CallStructure(reference, arguments)
        return MacroCall(call, *zip(*outputs, strict=True)) if outputs else call

    def visit_argument(self, n: Any, vc: Any) -> Any:
        return vc[0]

    def visit_arguments(self, n: Any, vc: Any) -> tuple[Any, ...]:
        return (vc[0], *(part[1] for part in _repeated(vc[1])))

    def visit_outputs(self, n: Any, vc: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (vc[1], *(part[1] for part in _repeated(vc[2])))

    def visit_output(self, n: Any, vc: Any) -> tuple[str, tuple[str, ...]]:
        return vc[0], (vc[1][0] if _repeated(vc[1]) else ())

    def visit_call(self, n: Any, vc: Any) -> Any:
        return (vc[1][0] if _repeated(vc[1]) else ()), (vc[2][0] if _repeated(vc[2]) else ())

    def visit_points(self, n: Any, vc: Any) -> str:
        return str(n.text)

    def visit_lookup_with_def(self, n: Any, vc: Any) -> Any:
        return ae.InlineLookupsStructure(vc[2], parse_lookup(vc[4]))


class _Chain:
    """Operands and operators in a row, ranked: or, and, not, comparisons, sums, products, signs, powers.

    Parameters
    ----------
    terms : list of (list of str, structure)
        Operands with the signs and ``:NOT:`` before them.
    operators : list of str
        What stands between them.
    """

    def __init__(self, terms: list[tuple[list[str], Any]], operators: list[str]) -> None:
        self.prefixes = [list(p) for p, _ in terms]
        self.operands = [operand for _, operand in terms]
        self.operators = [*operators, ""]
        self.place = 0

    def rank(self, rank: int) -> Any:
        """Return what stands from here on, as far as operators of `rank` and tighter ones reach."""
        if rank == _NOT and ":NOT:" in self.prefixes[self.place][:1]:
            prefixes = self.prefixes[self.place]
            count = next((i for i, p in enumerate(prefixes) if p != ":NOT:"), len(prefixes))
            del prefixes[:count]
            result = self.rank(rank)
            for _ in range(2 - count % 2):
                result = ae.LogicStructure([":NOT:"], (result,))
            return result
        if rank == len(_RANKS):
            return self.signed()
        found: list[Any] = [self.rank(rank + 1)]
        operators: list[str] = []
        while self.operators[self.place] in _RANKS[rank]:
            if rank == _NOT and operators:
                raise ModelError("two comparisons stand in a row; join them with :AND:")
            operators.append(self.operators[self.place])
            self.place += 1
            found.append(self.rank(rank + 1))
        if not operators:
            return found[0]
        structure = ae.LogicStructure if rank < _LOGIC else ae.ArithmeticStructure
        return structure(operators, tuple(found))

    def signed(self) -> Any:
        """Return a power with its signs; these bind less, but a power may have signs of its own."""
        prefixes = self.prefixes[self.place]
        if ":NOT:" in prefixes:
            raise ModelError(":NOT: stands before a part of a calculation; write it in parentheses")
        result = self.operands[self.place]
        if self.operators[self.place] == "^":
            self.place += 1
            result = ae.ArithmeticStructure(["^"], (result, self.signed()))
        if prefixes.count("-") % 2 == 0:
            return result
        number = isinstance(result, float)
        return -result if number else ae.ArithmeticStructure(["negative"], (result,))


def structured(call: Any) -> Any:
    """Return PySD's own structure for a call of a function that has one (INTEG, SMOOTH, …), else the call itself.

    Raises
    ------
    ModelError
        For a wrong number of arguments.
    """
    name = "_".join(call.function.reference.lower().replace("_", " ").split())
    make = structures.get(name)
    if make is None or name in _NOT_CALLS:
        return ae.CallStructure(
            ae.ReferenceStructure(name, call.function.subscripts), call.arguments
        )
    try:
        return make(*call.arguments)
    except TypeError:
        counts = signature(make).parameters.values()
        least = sum(p.default is Parameter.empty for p in counts)
        shown = name.replace("_", " ").upper()
        raise ModelError(miscounted(shown, least, least, len(call.arguments))) from None


_NOT_CALLS = frozenset(
    {"reference", "subscripts_ref", "arithmetic", "logic", "with_lookup", "call", "lookup", "data"}
)


def _repeated(children: Any) -> list[Any]:
    """Return the matches of a ``*`` or ``?``; parsimonious gives the text ``""`` for none."""
    return children if isinstance(children, list) else []
