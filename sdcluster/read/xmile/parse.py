"""XMILE equations: our grammar gives abstract syntax.

Crosses the border: `parse_equation(text)` gives what `sdcluster.read.translate` takes. Nothing is ever evaluated:
numbers go through ``float``, names stay names.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.functions.table import is_function
from sdcluster.model.names import canonical
from sdcluster.read.syntax import FORMS, ArithmeticStructure, CallStructure, ReferenceStructure
from sdcluster.read.xmile.grammar import Parser
from sdcluster.read.xmile.tokens import short
from sdcluster.recursion import deep_recursion

MAX_LENGTH = 100_000
MAX_NESTING = 100

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|\{[^{}]*\}', re.DOTALL)
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[()\[\]]', re.DOTALL)
_LIST = re.compile(r"[-+\d.eE\s]+(?:[,;][-+\d.eE\s]+)+[,;]?\s*\Z")


def parse_equation(
    text: str,
    names: Collection[str] = (),
    notes: list[str] | None = None,
    called: Collection[str] = (),
) -> Any:
    """Return PySD's abstract syntax of one XMILE equation.

    Parameters
    ----------
    text : str
        The content of an ``<eqn>``.
    names : collection of str, optional
        Canonical names of variables, macros and dimensions; these may be written with blanks.
    notes : list of str, optional
        Gets a sentence for each liberty that was taken in reading.
    called : collection of str, optional
        Canonical names of macros and graphical functions, which hide functions of the same name.

    Raises
    ------
    ModelError
        Without file and line: the caller adds them.
    """
    _check(text)
    if _LIST.match(text):
        return _numbers(text)

    def call(function: Any, arguments: tuple[Any, ...]) -> Any:
        if canonical(function.reference) in called:
            return CallStructure(function, arguments)
        return _call(function, arguments)

    with deep_recursion():
        try:
            return Parser(text, call, names, _is_function, [] if notes is None else notes).parse()
        except RecursionError:
            raise ModelError(f'the equation "{short(text)}" is nested too deeply') from None


def bare(text: str) -> str:
    """Return an equation without comments and without blanks around it."""
    return _COMMENT.sub(lambda found: found.group(1) or " ", text).replace("\\n", " ").strip()


def _check(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise ModelError(
            f"the equation has {len(text):,} characters; more than {MAX_LENGTH:,} are not read"
        )
    plain = bare(text)
    if not plain:
        raise ModelError("the equation is empty; write a number or a formula")
    if set(plain) <= set("? \t\r\n"):
        raise ModelError(
            f"the equation was lost when the file was converted (it reads {short(plain)})"
        )
    depth = deepest = 0
    for sign in _BRACKETS.findall(plain):
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise ModelError(
            f"the equation nests {deepest} parentheses; more than {MAX_NESTING} are not read, "
            "split it into several variables"
        )


def _numbers(text: str) -> np.ndarray:
    """Return a list of numbers: rows between semicolons, columns between commas."""
    rows = [row.split(",") for row in text.strip(" ;,\t\r\n").split(";")]
    try:
        numbers = np.array(rows, dtype=float)
    except ValueError:
        raise ModelError(f'"{short(text)}" is no list of numbers') from None
    return np.squeeze(numbers)


def _is_function(name: str) -> bool:
    return is_function(name.replace(" ", "_")) or name in FORMS


def _call(function: Any, arguments: tuple[Any, ...]) -> Any:
    """Return the abstract syntax of a call; functions with memory have structures of their own."""
    name = function.reference
    if name in ("max", "min") and len(arguments) > 2:
        nested = arguments[0]
        for argument in arguments[1:]:
            nested = CallStructure(function, (nested, argument))
        return nested
    if len(arguments) == 1 and name == "pulse":  # the volume in each step
        return ArithmeticStructure(["/"], (arguments[0], ReferenceStructure("dt")))
    if len(arguments) == 1 and name == "ramp":  # from the start of the run
        arguments += (ReferenceStructure("starttime"),)
    if name == "nan":  # Stella's equation of a diagram that names causes only
        return CallStructure(ReferenceStructure("a_function_of"), arguments)
    if name not in FORMS:
        return CallStructure(function, arguments)
    make = FORMS[name]
    try:
        made = make[len(arguments)] if isinstance(make, dict) else make
        return made(*arguments)
    except (KeyError, TypeError):
        expected = " or ".join(str(k) for k in make) if isinstance(make, dict) else "1"
        raise ModelError(
            f"{name.upper()} takes {expected} arguments, but was given {len(arguments)}"
        ) from None
