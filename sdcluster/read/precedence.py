"""Parse operators by precedence, for XMILE and Vensim.

`ranked(ranks, operand, operator)` returns a syntax tree; a `Rank` is a set of operators with equal precedence. Each
language supplies its own ranks of operators, and its own functions that parse an operand and an operator.
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
        The infix operators, written between two operands.
    before : frozenset of str
        The prefix operator of this rank, if there is one.
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
    """Return the syntax tree of operands that operators connect.

    Parameters
    ----------
    ranks : sequence of Rank
        The ranks, from lowest to highest precedence.
    operand : callable
        Consumes an operand and returns its tree.
    operator : callable
        Takes a set of operators. Consumes and returns the next operator if it is in the set, and returns None
        otherwise.
    join : callable
        Builds a tree from operators and operands.
    level : int
        Index of the lowest rank to parse.
    """
    result, inner = None, len(ranks)  # the tree so far, and the rank of its outermost operator
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
