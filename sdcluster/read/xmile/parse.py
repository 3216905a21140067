"""Check and parse XMILE equations.

`parse_equation(text)` returns a syntax tree for `sdcluster.read.translate`. The text is never executed as code. Numbers
are converted by ``float``, and names remain texts.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.functions.forms import XMILE
from sdcluster.functions.table import is_function
from sdcluster.messages import message
from sdcluster.read.limits import check_size, short
from sdcluster.read.syntax import Numbers
from sdcluster.read.xmile.grammar import Parser
from sdcluster.recursion import deep_recursion

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|\{[^{}]*\}', re.DOTALL)
_LIST = re.compile(r"[-+\d.eE\s]+(?:[,;][-+\d.eE\s]+)+[,;]?\s*\Z")


def parse_equation(text: str, names: Collection[str] = (), notes: list[str] | None = None) -> Any:
    """Return the syntax tree of one XMILE equation.

    Parameters
    ----------
    text : str
        The content of an ``<eqn>``.
    names : collection of str, optional
        Canonical names of variables, macros and dimensions. In the equation, these names can be written with blanks.
    notes : list of str, optional
        A sentence is appended for each deviation from the standard that was accepted.

    Raises
    ------
    ModelError
        If the text is not an equation. The error has no file and line. The caller adds them.
    """
    _check(text)
    if _LIST.match(text):
        return _numbers(text)

    with deep_recursion():
        try:
            return Parser(text, names, _is_function, [] if notes is None else notes).parse()
        except RecursionError:
            raise ModelError(
                message("read.xmile.equation_nested_too_deeply", short=short(text))
            ) from None


def bare(text: str) -> str:
    """Return an equation without comments, and without blanks around it."""
    if "{" in text:
        text = _COMMENT.sub(lambda found: found.group(1) or " ", text)
    return text.replace("\\n", " ").strip()


def _check(text: str) -> None:
    plain = bare(text)
    if not plain:
        raise ModelError(message("read.xmile.equation_empty_write_number"))
    if not plain.strip("? \t\r\n"):
        raise ModelError(message("read.xmile.equation_lost_when_file", short=short(plain)))
    check_size(plain)


def _numbers(text: str) -> Numbers:
    """Return a list of numbers, in which semicolons separate rows and commas separate columns."""
    rows = [row.split(",") for row in text.strip(" ;,\t\r\n").split(";")]
    try:
        values = [[float(number) for number in row] for row in rows]
    except ValueError:
        values = []
    if not values or any(len(row) != len(values[0]) for row in values):
        raise ModelError(message("read.xmile.no_list_numbers", short=short(text)))
    return Numbers(tuple(number for row in values for number in row))


def _is_function(name: str) -> bool:
    return is_function(name.replace(" ", "_")) or name in XMILE
