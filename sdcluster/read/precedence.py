"""Parse operators by precedence, for XMILE and Vensim; each supplies its own ranks, operands and operators.

Crosses the border: `Rank` and `ranked(ranks, operand, operator)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sdcluster.read.syntax import Operation


@dataclass(frozen=True)
class Rank:
    """A set of operators with equal precedence.

    Parameters
    ----------
    signs : frozenset of str
        The infix operators.
    before : frozenset of str
        The prefix operator of this rank, if any.
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
    """Return the syntax tree of a sequence of operands and operators.

    Parameters
    ----------
    ranks : sequence of Rank
        From lowest to highest precedence.
    operand : callable
        Consumes an operand and returns its tree.
    operator : callable
        Consumes and returns the next operator if it is one of those given; returns None otherwise.
    join : callable
        Builds a tree from operators and operands.
    level : int
        The rank to begin with.
    """
    result, inner = None, len(ranks)  # the tree so far, and the rank at which it ends
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
