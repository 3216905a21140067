"""The syntax tree of equations, the same for XMILE and Vensim: what the grammars give and the translators take.

Crosses the border: the classes below. A number is a ``float``, and a text in single quotes is a ``str``; any other node
is one of these. XMILE's grammar gives names in canonical spelling, Vensim's as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Numbers:
    """A literal list of numbers, in the order of the file."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands joined by operators of equal rank, from the left.

    Parameters
    ----------
    operators : tuple of str
        As in `sdcluster.model.expression.Binary`, and ``//`` and ``mod``; or one of ``negative`` and ``not``, with one
        operand.
    operands : tuple
    """

    operators: tuple[str, ...]
    operands: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A range of an index, ``first:last``; ``*`` is None."""

    first: Any
    last: Any


@dataclass(frozen=True, slots=True)
class Reference:
    """A name, perhaps with indices.

    Parameters
    ----------
    name : str
    indices : tuple
        For each index a name (str), in XMILE also a `Span` or the syntax tree of the index.
    transposed : bool
        Whether XMILE's apostrophe follows it.
    """

    name: str
    indices: tuple[Any, ...] = ()
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A subscript range with ``!`` as a value: the position of the element that a function is at (Vensim)."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function, macro or graphical function, and its arguments.

    Parameters
    ----------
    name : str
    arguments : tuple
    indices : tuple
        Of the name: a graphical function may be an array.
    outputs : tuple of Reference
        Further outputs of Vensim's macros, ``NAME(inputs : outputs)``.
    """

    name: str
    arguments: tuple[Any, ...]
    indices: tuple[Any, ...] = ()
    outputs: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a graphical function."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class WithLookup:
    """A value looked up in points that follow it (Vensim's WITH LOOKUP); they may be a call that reads them."""

    argument: Any
    points: Any
