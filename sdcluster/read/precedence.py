"""Operators by precedence: the one parser of both languages, which differ in ranks, words and values.

Crosses the border: `Rank` and `ranked(ranks, operand, operator)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sdcluster.read.syntax import Operation


@dataclass(frozen=True)
class Rank:
    """Operators that bind equally tightly.

    Parameters
    ----------
    signs : frozenset of str
        Between operands.
    before : frozenset of str
        The operator in front of an operand of this rank, if there is one.
    """

    signs: frozenset[str]
    before: frozenset[str] = frozenset()


def ranked(
    ranks: Sequence[Rank],
    operand: Callable[[], Any],
    operator: Callable[[frozenset[str]], str | None],
    join: Callable[[tuple[str, ...], tuple[Any, ...]], Any] = Operation,
    level: int = 0,
) -> Any:
    """Return the syntax tree of operands and the operators between them.

    Parameters
    ----------
    ranks : sequence of Rank
        From the loosest to the tightest.
    operand : callable
        Goes past an operand and returns its tree.
    operator : callable
        Goes past an operator if it is one of the given ones, and returns it, else None.
    join : callable
        Makes a tree of operators and operands.
    level : int
        The rank to begin with.
    """
    result, inner = None, len(ranks)  # what has been read, and the rank at which it ends
    for at in range(level, len(ranks)):
        before = ranks[at].before
        negations = 0
        while before and operator(before):
            negations += 1
        if negations:
            result, inner = ranked(ranks, operand, operator, join, at), at
            for _ in range(2 - negations % 2):
                result = join(tuple(before), (result,))
            break
    if inner == len(ranks):
        result = operand()
    for at in range(inner - 1, level - 1, -1):
        sign = operator(ranks[at].signs)
        if sign is None:
            continue
        signs, operands = [], [result]
        while sign is not None:
            signs.append(sign)
            operands.append(ranked(ranks, operand, operator, join, at + 1))
            sign = operator(ranks[at].signs)
        result = join(tuple(signs), tuple(operands))
    return result
