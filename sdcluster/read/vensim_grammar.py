"""Vensim equations: PySD's grammars and visitors, made strict, give PySD's abstract syntax.

Crosses the border: `parse_left(equation)` gives PySD's component, `parse_right(expression)` its abstract syntax.

What is changed against PySD 3.14, and why:

- its visitors pass numbers, points and strings to ``eval``; here numbers go through ``float`` and nothing is evaluated;
- ``:AND:`` binds tighter than ``:OR:``; signs may be repeated, and bind less than a power also before numbers;
- names may hold any character beyond ASCII, as in Vensim; arguments must be separated by commas;
- explicit mappings ``-> (Dim: a, b)`` keep their elements;
- lookups may also be written as x values followed by y values;
- macros may be called with further outputs, ``NAME(a, b : c)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import parsimonious
from pysd.translators.structures import abstract_expressions as ae
from pysd.translators.vensim import vensim_element as ve
from pysd.translators.vensim import vensim_utils as vu
from pysd.translators.vensim.vensim_structures import parsing_ops, structures

from sdcluster.errors import ModelError
from sdcluster.recursion import deep_recursion

MAX_LENGTH = 100_000
MAX_NESTING = 100
MAX_ELEMENTS = 100_000

_NUMBER = r"[+-]?\s*(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_WHOLE_NUMBER = re.compile(_NUMBER)
_POINT = re.compile(rf"\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)")
_NUMBERS = re.compile(r"[\d\s.,;eE+-]+")
_TABBED = re.compile(r"TABBED[ _]ARRAY\s*\(([^()]*)\)", re.IGNORECASE)
_SPREAD = re.compile(r"\s*\[[^\]]*\]\s*,?")
_NAMES = r'~r"[\w\u0080-\U0010ffff][\w\u0080-\U0010ffff\'\$\s]*"'

_LEFT_RULES = {
    "empty_data_definition": 'name _ subscript_component? _ keyword? !~r"."',
    "basic_id": _NAMES,
    "subscript_list_except": r'~r":EXCEPT:"I _ subscript_except_group (_ "," _ subscript_except_group)*',
    "constraint_definition": r'name _ subscript_component? _ ~r":THE CONDITION:"I _ expression',
    "test_inputs_definition": r'name _ subscript_component? _ ~r":TEST INPUT:"I _ expression',
    "subscript_mapping": '(_ "(" _ name_mapping _ ":" _ mapping_list _ ")" _) / (_ name_mapping _)',
    "mapping_list": 'mapping_item (_ "," _ mapping_item)*',
    "mapping_item": "basic_id / escape_group",
}
# Every token takes the blanks behind it along, and operators of all ranks stand in one chain that the visitor ranks:
# a rule for each rank, as in PySD's grammar, makes five times as many nodes.
_RIGHT_RULES = {
    "expr_type": "_ final_expr",
    "final_expr": "term (binary term)*",
    "term": "prefixes expr",
    "prefixes": r'~r"((:NOT:|[+-])[\s\\]*)*"I',
    "binary": r'~r"(:AND:|:OR:|<>|<=|>=|[-=<>+*/^])[\s\\]*"I',
    "expr": "lookup_with_def / number / named / parens / nan",
    "lookup_with_def": r'~r"WITH[ _]LOOKUP\s*\("I _ final_expr comma points _ close',
    "points": '"(" (~r"[^()]+" / points)* ")"',
    "named": "name subscript_list? call?",
    "call": "open arguments? outputs? close",
    "arguments": "argument (comma argument)* comma?",
    "argument": "string / final_expr",
    "outputs": "colon name (comma name)*",
    "parens": "open final_expr close",
    "number": r'~r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(?![\w.])[\s\\]*"',
    "string": r"""~r"'[^']*'[\s\\]*" """,
    "name": "basic_id / quoted",
    "basic_id": r'''~r"([^\W\d]|[\u0080-\U0010ffff])[\w\u0080-\U0010ffff'$\s]*"''',
    "quoted": r'''~r"\"(\\\"|[^\"])*\"[\s\\]*"''',
    "subscript_list": r'~r"\[[\s\\]*" subscript (comma subscript)* ~r"\][\s\\]*"',
    "subscript": r'name ~r"(![\s\\]*)?"',
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
    """A call with further outputs, ``NAME(inputs : outputs)``; PySD's syntax has no such node."""

    call: Any
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A literal list of numbers, in the order of the file."""

    values: tuple[float, ...]


def parse_left(equation: str) -> Any:
    """Return PySD's component or subscript range for a whole definition; its right side stays text.

    Raises
    ------
    ModelError
        Without file and line: the caller adds them.
    """
    with _readable(equation):
        return _Left(_left_grammar().parse(equation)).component


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
    tabbed = _TABBED.fullmatch(text)
    if tabbed or _NUMBERS.fullmatch(text):
        numbers = parse_numbers(tabbed.group(1), " \t\n,;") if tabbed else parse_numbers(text)
        if numbers is not None:
            return numbers
    if len(text) > MAX_LENGTH:
        raise ModelError(
            f"the formula has {len(text):,} characters; more than {MAX_LENGTH:,} are not read"
        )
    _check_nesting(text)
    with _readable(text):
        return _Right(_right_grammar().parse(text)).result


def parse_numbers(text: str, separators: str = ",;") -> float | Numbers | None:
    """Return a number, or a list of numbers parted by `separators`, or None for anything else."""
    parts = re.split(f"[{re.escape(separators)}]+", text.strip(separators + " "))
    if not all(_WHOLE_NUMBER.fullmatch(p.strip()) for p in parts):
        return None
    values = tuple(_float(p) for p in parts)
    return values[0] if len(values) == 1 else Numbers(values)


def parse_lookup(text: str) -> Any:
    """Return PySD's structure for what follows a lookup's name: points or a ``GET DIRECT LOOKUPS``."""
    inner = text.strip()
    if not (inner.startswith("(") and inner.endswith(")")):
        raise ModelError(
            f'the lookup "{_short(text)}" is not closed; write (x1,y1),(x2,y2),… in parentheses'
        )
    inner = inner[1:-1].strip()
    if re.match(r"GET[ _]", inner, re.IGNORECASE):
        return parse_right(inner)
    inner = _SPREAD.sub("", inner, count=1) if inner.startswith("[") else inner
    xs, ys = _points(inner)
    return ae.LookupsStructure(xs, ys, (), (), "interpolate")


def _points(text: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    found = _POINT.findall(text)
    if found:
        if re.sub(r"[\s,\\]+", "", _POINT.sub("", text)):
            raise ModelError(f'the points "{_short(text)}" hold something else than (x,y)')
        points = [(_float(x), _float(y)) for x, y in found]
        return tuple(p[0] for p in points), tuple(p[1] for p in points)
    numbers = parse_numbers(text)
    if not isinstance(numbers, Numbers) or len(numbers.values) % 2:
        raise ModelError(f'"{_short(text)}" gives no points; write (x1,y1),(x2,y2),…')
    half = len(numbers.values) // 2
    return numbers.values[:half], numbers.values[half:]


def _float(text: str) -> float:
    return float(re.sub(r"\s", "", text))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _check_nesting(text: str) -> None:
    depth = deepest = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise ModelError(
            f"the equation nests {deepest} parentheses; more than {MAX_NESTING} are not read, "
            "split it into several variables"
        )


class _readable:
    """Turns what parsimonious raises inside the block into one sentence."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.deep = deep_recursion()

    def __enter__(self) -> None:
        self.deep.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.deep.__exit__(None, None, None)
        if error is None or isinstance(error, ModelError) or not isinstance(error, Exception):
            return
        raise _sentence(error, self.text) from None


def _sentence(error: Exception, text: str) -> ModelError:
    if isinstance(error, RecursionError):
        return ModelError(f'the equation "{_short(text)}" is nested too deeply')
    if isinstance(error, parsimonious.exceptions.VisitationError):
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ModelError):
            return cause
        if isinstance(cause, RecursionError):
            return ModelError(f'the equation "{_short(text)}" is nested too deeply')
        lines = str(cause or error).splitlines()
        return ModelError(f"the equation cannot be understood: {lines[0] if lines else error}")
    position = getattr(error, "pos", 0)
    rest = text[position : position + 20]
    found = f'at "{rest}"' if rest.strip() else "at its end"
    return ModelError(f'the equation "{_short(text)}" cannot be understood {found}')


@cache
def _left_grammar() -> parsimonious.Grammar:
    return parsimonious.Grammar(_changed(vu.Grammar._read_grammar("element_object"), _LEFT_RULES))


@cache
def _right_grammar() -> parsimonious.Grammar:
    source = vu.Grammar._read_grammar("components") % parsing_ops
    return parsimonious.Grammar(_changed(source, _RIGHT_RULES))


def _changed(source: str, rules: dict[str, str]) -> str:
    """Return a grammar with `rules` in place of those of the same name."""
    kept = [line for line in source.splitlines() if line.partition("=")[0].strip() not in rules]
    first = next(i for i, line in enumerate(source.splitlines()) if "=" in line and line[0] != "#")
    start = source.splitlines()[first].partition("=")[0].strip()
    lines = {name: f"{name} = {rule}" for name, rule in rules.items()}
    # The first rule is where parsing starts.
    return "\n".join(([lines.pop(start)] if start in lines else []) + kept + list(lines.values()))


class _Left(ve.ElementsComponentVisitor):
    """PySD's visitor of left sides, with bounded numeric ranges and whole mappings."""

    subscripts: Any

    def __init__(self, ast: Any) -> None:
        self.mapped: list[str] = []
        super().__init__(ast)

    def visit_mapping_item(self, n: Any, vc: Any) -> str:
        self.mapped.append(n.text.strip())
        return str(n.text)

    def visit_name_mapping(self, n: Any, vc: Any) -> str:
        self.target = n.text.strip()
        return self.target

    def visit_subscript_mapping(self, n: Any, vc: Any) -> None:
        self.mapping.append((self.target, tuple(self.mapped)))
        self.mapped = []

    def visit_subscript_copy(self, n: Any, vc: Any) -> None:
        self.component = ve.SubscriptRange(self.name, self.target)

    def visit_imported_subscript(self, n: Any, vc: Any) -> None:
        if len(self.qargs) not in (4, 5):
            raise ModelError(
                "GET DIRECT SUBSCRIPT takes 5 texts: file, sheet, first cell, last cell, prefix"
            )
        self.subscripts = {"arguments": tuple(self.qargs) + ("",) * (5 - len(self.qargs))}

    def visit_subscript_range(self, n: Any, vc: Any) -> None:
        ends = [re.fullmatch(r"(.*?)(\d+)", vc[i].strip(), re.DOTALL) for i in (2, 6)]
        first, last = ends
        if (
            not first
            or not last
            or not first.group(1)
            or first.group(1).lower() != last.group(1).lower()
        ):
            raise ModelError(
                f'the range "{_short(n.text)}" must run between equal names that end in numbers, like (a1-a9)'
            )
        low, high = int(first.group(2)[:9]), int(last.group(2)[:9])
        if low >= high or high - low >= MAX_ELEMENTS:
            raise ModelError(
                f'the range "{_short(n.text)}" must rise, and hold at most {MAX_ELEMENTS:,} elements'
            )
        self.subscripts.extend(first.group(1) + str(i) for i in range(low, high + 1))


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
        return float("nan")

    def visit_string(self, n: Any, vc: Any) -> str:
        return str(n.text).rstrip("\\ ")[1:-1].strip()

    def visit_name(self, n: Any, vc: Any) -> str:
        return str(n.text).rstrip("\\ ")

    def visit_subscript(self, n: Any, vc: Any) -> str:
        return vc[0] + vc[1].rstrip("\\ ")

    def visit_subscript_list(self, n: Any, vc: Any) -> tuple[str, ...]:
        return (vc[1], *(part[1] for part in _repeated(vc[2])))

    def visit_named(self, n: Any, vc: Any) -> Any:
        subscripts = _repeated(vc[1])
        found = ae.SubscriptsReferenceStructure(subscripts[0]) if subscripts else None
        reference = ae.ReferenceStructure(vc[0], found)
        if not _repeated(vc[2]):
            return reference
        arguments, outputs = vc[2][0]
        call = ae.CallStructure(reference, arguments)
        return MacroCall(call, outputs) if outputs else call

    def visit_argument(self, n: Any, vc: Any) -> Any:
        return vc[0]

    def visit_arguments(self, n: Any, vc: Any) -> tuple[Any, ...]:
        return (vc[0], *(part[1] for part in _repeated(vc[1])))

    def visit_outputs(self, n: Any, vc: Any) -> tuple[str, ...]:
        return (vc[1], *(part[1] for part in _repeated(vc[2])))

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
        given = len(call.arguments)
        shown = name.replace("_", " ").upper()
        raise ModelError(
            f"{shown} cannot be called with {given} argument{'s' * (given != 1)}"
        ) from None


_NOT_CALLS = frozenset(
    {"reference", "subscripts_ref", "arithmetic", "logic", "with_lookup", "call", "lookup", "data"}
)


def _repeated(children: Any) -> list[Any]:
    """Return the matches of a ``*`` or ``?``; parsimonious gives the text ``""`` for none."""
    return children if isinstance(children, list) else []
