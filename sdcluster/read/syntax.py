"""The syntax tree of equations, shared by XMILE and Vensim: produced by the grammars, consumed by the translators.

Crosses the border: the classes below. A number is a ``float`` and a text in single quotes is a ``str``; every other
node is an instance of one of these classes. XMILE's grammar returns canonical names, Vensim's returns names as written.
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
    """Operands joined by operators of equal precedence, evaluated from left to right.

    Parameters
    ----------
    operators : tuple of str
        The operators of `sdcluster.model.expression.Binary`, ``//`` and ``mod``; or a single ``negative`` or ``not``
        with one operand.
    operands : tuple
    """

    operators: tuple[str, ...]
    operands: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A range of indices, ``first:last``; None for ``*``."""

    first: Any
    last: Any


@dataclass(frozen=True, slots=True)
class Reference:
    """A name, optionally with indices.

    Parameters
    ----------
    name : str
    indices : tuple
        Each index is a name (str); in XMILE it may also be a `Span` or a syntax tree.
    transposed : bool
        Whether XMILE's transpose operator (an apostrophe) follows.
    """

    name: str
    indices: tuple[Any, ...] = ()
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A subscript range with ``!`` as a value: the current element's position in a sum or the like (Vensim)."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function, macro or graphical function.

    Parameters
    ----------
    name : str
    arguments : tuple
    indices : tuple
        Indices of the name, because a graphical function may be an array.
    outputs : tuple of Reference
        Additional outputs of a Vensim macro, ``NAME(inputs : outputs)``.
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
    """Vensim's WITH LOOKUP: a value and the points to look it up in, or a call that reads the points."""

    argument: Any
    points: Any
