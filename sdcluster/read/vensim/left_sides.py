"""Left sides of Vensim definitions: PySD's grammar and visitor, made strict.

Crosses the border: `parse_left(equation)` gives PySD's component or subscript range.

What is changed against PySD 3.14, and why:

- names may hold any character beyond ASCII, as in Vensim;
- explicit mappings ``-> (Dim: a, b)`` keep their elements;
- numeric ranges are bounded, and ``:EXCEPT:`` may be followed by blanks.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import parsimonious

from sdcluster.errors import ModelError
from sdcluster.read.vensim.numbers import short
from sdcluster.read.vensim.peg import changed, readable
from sdcluster.read.vensim.pysd_parser import ve, vu

MAX_ELEMENTS = 100_000

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


def parse_left(equation: str) -> Any:
    """Return PySD's component or subscript range for a whole definition; its right side stays text.

    Raises
    ------
    ModelError
        Without file and line: the caller adds them.
    """
    with readable(equation):
        return _Left(_left_grammar().parse(equation)).component


@cache
def _left_grammar() -> parsimonious.Grammar:
    return parsimonious.Grammar(changed(vu.Grammar._read_grammar("element_object"), _LEFT_RULES))


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
                f'the range "{short(n.text)}" must run between equal names that end in numbers, like (a1-a9)'
            )
        low, high = int(first.group(2)[:9]), int(last.group(2)[:9])
        if low >= high or high - low >= MAX_ELEMENTS:
            raise ModelError(
                f'the range "{short(n.text)}" must rise, and hold at most {MAX_ELEMENTS:,} elements'
            )
        self.subscripts.extend(first.group(1) + str(i) for i in range(low, high + 1))
