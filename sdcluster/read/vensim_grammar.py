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
    "subscript_mapping": '(_ "(" _ name_mapping _ ":" _ mapping_list _ ")" _) / (_ name_mapping _)',
    "mapping_list": 'mapping_item (_ "," _ mapping_item)*',
    "mapping_item": "basic_id / escape_group",
}
_RIGHT_RULES = {
    "basic_id": _NAMES,
    "expr_type": "_ final_expr _",
    "final_expr": "and_expr (_ or_oper _ and_expr)*",
    "and_expr": "logic_expr (_ and_oper _ logic_expr)*",
    "logic_expr": "(not_oper _)* comp_expr",
    "comp_expr": "add_expr (_ comp_oper _ add_expr)?",
    "add_expr": "prod_expr (_ add_oper _ prod_expr)*",
    "prod_expr": "neg_expr (_ prod_oper _ neg_expr)*",
    "neg_expr": "(pre_oper _)* exp_expr",
    "exp_expr": "expr (_ exp_oper _ neg_expr)?",
    "expr": "lookup_with_def / call / parens / number / reference / nan",
    "lookup_with_def": '~r"WITH[ _]LOOKUP"I _ "(" _ final_expr _ "," _ points _ ")"',
    "points": '"(" (~r"[^()]+" / points)* ")"',
    "call": 'reference _ "(" _ arguments? _ outputs? _ ")"',
    "arguments": 'argument (_ "," _ argument)* _ ","?',
    "argument": "string / final_expr",
    "outputs": '":" _ name (_ "," _ name)*',
    "number": r'~r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"',
    "reference": "name (_ subscript_list)?",
    "subscript_list": '"[" _ subscript (_ "," _ subscript)* _ "]"',
    "subscript": 'name _ "!"?',
    "and_oper": '~r":AND:"I',
    "or_oper": '~r":OR:"I',
    "not_oper": '~r":NOT:"I',
    "nan": '~r":NA:"I',
}


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

    def visit__(self, n: Any, vc: Any) -> str:
        return ""

    def visit_expr_type(self, n: Any, vc: Any) -> Any:
        return vc[1]

    def visit_final_expr(self, n: Any, vc: Any) -> Any:
        return _folded(vc, ae.LogicStructure)

    visit_and_expr = visit_comp_expr = visit_final_expr

    def visit_add_expr(self, n: Any, vc: Any) -> Any:
        return _folded(vc, ae.ArithmeticStructure)

    visit_prod_expr = visit_add_expr
    visit_exp_expr = visit_add_expr

    def visit_logic_expr(self, n: Any, vc: Any) -> Any:
        result, count = vc[1], len(_repeated(vc[0]))
        for _ in range(min(count, 2 - count % 2)):
            result = ae.LogicStructure([":NOT:"], (result,))
        return result

    def visit_neg_expr(self, n: Any, vc: Any) -> Any:
        result = vc[1]
        if sum(sign == "-" for sign, _ in _repeated(vc[0])) % 2 == 0:
            return result
        number = isinstance(result, float)
        return -result if number else ae.ArithmeticStructure(["negative"], (result,))

    def visit_expr(self, n: Any, vc: Any) -> Any:
        return vc[0]

    def visit_parens(self, n: Any, vc: Any) -> Any:
        return vc[2]

    def visit_number(self, n: Any, vc: Any) -> float:
        return float(n.text)

    def visit_nan(self, n: Any, vc: Any) -> float:
        return float("nan")

    def visit_string(self, n: Any, vc: Any) -> str:
        return str(n.text)[1:-1].strip()

    def visit_name(self, n: Any, vc: Any) -> str:
        return str(n.text).strip()

    def visit_subscript(self, n: Any, vc: Any) -> str:
        return vc[0] + ("!" if _repeated(vc[2]) else "")

    def visit_subscript_list(self, n: Any, vc: Any) -> tuple[str, ...]:
        return (vc[2], *(part[3] for part in _repeated(vc[3])))

    def visit_reference(self, n: Any, vc: Any) -> Any:
        subscripts = [part[1] for part in _repeated(vc[1])]
        found = ae.SubscriptsReferenceStructure(subscripts[0]) if subscripts else None
        return ae.ReferenceStructure(vc[0], found)

    def visit_argument(self, n: Any, vc: Any) -> Any:
        return vc[0]

    def visit_arguments(self, n: Any, vc: Any) -> tuple[Any, ...]:
        return (vc[0], *(part[3] for part in _repeated(vc[1])))

    def visit_outputs(self, n: Any, vc: Any) -> tuple[str, ...]:
        return (vc[2], *(part[3] for part in _repeated(vc[3])))

    def visit_points(self, n: Any, vc: Any) -> str:
        return str(n.text)

    def visit_lookup_with_def(self, n: Any, vc: Any) -> Any:
        return ae.InlineLookupsStructure(vc[4], parse_lookup(vc[8]))

    def visit_call(self, n: Any, vc: Any) -> Any:
        reference = vc[0]
        arguments = vc[4][0] if _repeated(vc[4]) else ()
        if _repeated(vc[6]):
            return MacroCall(ae.CallStructure(reference, arguments), vc[6][0])
        return ae.CallStructure(reference, arguments)


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


def _folded(children: Any, structure: Any) -> Any:
    """Return PySD's flat chain of operators, or the lone operand."""
    first, rest = children[0], _repeated(children[1])
    if not rest:
        return first
    return structure([part[1] for part in rest], (first, *(part[3] for part in rest)))
