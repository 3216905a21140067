"""XMILE equations: PySD's grammar and visitor, made strict, give PySD's abstract syntax.

Crosses the border: `parse_equation(text)` gives what `sdcluster.read.translate` takes.

What is changed against PySD 3.14, and why:

- its visitor passes number texts to ``eval``; here numbers go through ``float`` and nothing is ever evaluated;
- a sign binds less than a power: ``-2^2`` is -4 (XMILE 1.0, 3.3.1);
- subscripts may be numbers and ``*``, and names may hold dots (variables of modules);
- ``IF … THEN … ELSE IF …`` nests without parentheses, and keywords may be written in any case (XMILE 1.0, 3.3);
- a wrong number of arguments is a sentence, not a ``KeyError``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import parsimonious
from pysd.translators.structures import abstract_expressions as ae
from pysd.translators.xmile import xmile_utils as vu
from pysd.translators.xmile.xmile_element import EquationVisitor
from pysd.translators.xmile.xmile_structures import parsing_ops, structures

from sdcluster.errors import ModelError
from sdcluster.recursion import deep_recursion

MAX_LENGTH = 100_000
MAX_NESTING = 100

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|\{[^{}]*\}', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\W\d]\w*|.', re.DOTALL)
_KEYWORDS = {
    "if": "IF",
    "then": "THEN",
    "else": "ELSE",
    "mod": "mod",
    "and": "and",
    "or": "or",
    "not": "not",
}
_STATEFUL = {
    "init", "delay", "delay1", "delay3", "delayn", "smth1", "smth3", "smthn", "trend", "forcst", "safediv", "ramp",
    "pulse", "max", "min", "int",
}  # fmt: skip


def parse_equation(text: str) -> Any:
    """Return PySD's abstract syntax of one XMILE equation.

    Parameters
    ----------
    text : str
        The content of an ``<eqn>``.

    Raises
    ------
    ModelError
        Without file and line: the caller adds them.
    """
    clean = _clean(text)
    with deep_recursion():
        try:
            tree = _grammar().parse(clean)
            return _Visitor(tree).translation
        except parsimonious.exceptions.VisitationError as error:
            raise _readable(error) from None
        except (parsimonious.ParseError, parsimonious.exceptions.IncompleteParseError) as error:
            rest = clean[error.pos : error.pos + 20]
            found = f'at "{rest}"' if rest.strip() else "at its end"
            raise ModelError(
                f'the equation "{_short(clean)}" cannot be understood {found}'
            ) from None
        except RecursionError:
            raise ModelError(f'the equation "{_short(clean)}" is nested too deeply') from None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _readable(error: Exception) -> ModelError:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ModelError):
        return cause
    first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ModelError(f"the equation cannot be understood: {first_line}")


def _clean(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise ModelError(
            f"the equation has {len(text):,} characters; more than {MAX_LENGTH:,} are not read"
        )
    text = _COMMENT.sub(lambda found: found.group(1) or " ", text)
    text = re.sub(r"\s+", " ", text.replace("\\n", " ")).strip()
    if not text:
        raise ModelError("the equation is empty; write a number or a formula")
    depth = deepest = 0
    tokens = []
    for token in _TOKEN.findall(text):
        depth += (token in "([") - (token in ")]")
        deepest = max(deepest, depth)
        tokens.append(_KEYWORDS.get(token.lower(), token))
    if deepest > MAX_NESTING:
        raise ModelError(
            f"the equation nests {deepest} parentheses; more than {MAX_NESTING} are not read, "
            "split it into several variables"
        )
    return "".join(tokens)


@cache
def _grammar() -> parsimonious.Grammar:
    source = vu.Grammar._read_grammar("equations") % parsing_ops
    changed = re.sub(
        r"conditional_statement = .*",
        'conditional_statement = "IF" _ logic2_expr _ "THEN" _ final_expr _ "ELSE" _ final_expr',
        source,
    )
    changed = re.sub(r'raw_number = \("\+"/"-"\)\? ', "unsigned = ", changed)
    changed = re.sub(
        r"number = raw_number", 'number = unsigned\nraw_number = ("+"/"-")? unsigned', changed
    )
    # "nothing" is a name, not the negation of "hing".
    changed = re.sub(r'not_oper = ~r"\((.*)\)"', r'not_oper = ~r"(\1)\\b"', changed)
    changed = changed.replace('(name _ "!"? _ ","? _)+', '(subscript _ "!"? _ ","? _)+')
    changed = changed.replace("array = ", 'subscript = "*" / ~r"[0-9]+" / name\narray = ')
    changed = changed.replace(r"[0-9\'\$\_]", r"[0-9\'\$\_\.]")
    return parsimonious.Grammar(changed)


class _Visitor(EquationVisitor):
    """PySD's visitor without ``eval`` and with sentences for wrong calls."""

    def visit_name(self, n: Any, vc: Any) -> str:
        return str(n.text).strip().replace('\\"', '"')

    def visit_array(self, n: Any, vc: Any) -> str:
        rows = [row.split(",") for row in n.text.strip(" ;,").split(";")]
        try:
            numbers = np.array(rows, dtype=float)
        except ValueError:
            raise ModelError(f'"{_short(n.text)}" is no number and no list of numbers') from None
        return self.add_element(float(numbers[0, 0]) if numbers.size == 1 else np.squeeze(numbers))

    def visit_neg_expr(self, n: Any, vc: Any) -> str:
        if vc[0] == "-":
            self.negatives.add(vc[2])
        return str(vc[2])

    def visit_expr(self, n: Any, vc: Any) -> str:
        return vc[0] if vc[0] in self.elements else self.add_element(float(vc[0]))

    def visit_arguments(self, n: Any, vc: Any) -> str:
        ids = [x.strip(",") for x in vc]
        return self.add_element(
            tuple(self.elements[i] if i in self.elements else float(i) for i in ids)
        )

    def visit_call(self, n: Any, vc: Any) -> str:
        function, arguments = self.elements[vc[0]], self.elements[vc[4]]
        name = function.reference
        if name in ("max", "min") and len(arguments) > 2:
            nested = arguments[0]
            for argument in arguments[1:]:
                nested = ae.CallStructure(function, (nested, argument))
            return self.add_element(nested)
        if name not in _STATEFUL:
            return self.add_element(ae.CallStructure(function, arguments))
        make = structures[name]
        try:
            made = make[len(arguments)] if isinstance(make, dict) else make
            return self.add_element(made(*arguments))
        except (KeyError, TypeError):
            expected = " or ".join(str(k) for k in make) if isinstance(make, dict) else "1"
            raise ModelError(
                f"{name.upper()} takes {expected} arguments, but {len(arguments)} were given"
            ) from None
