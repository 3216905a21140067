"""The syntax tree of equations, which the grammars of XMILE and Vensim produce and the translators consume.

The classes of this module are the nodes of the tree. In a tree, a number is a ``float`` and a text in single quotes is
a ``str``. Every other node is an instance of one of these classes. XMILE's grammar returns canonical names, Vensim's
returns names as written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of numbers written in an equation, in the order of the file."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands joined by operators of equal precedence, evaluated from left to right.

    Parameters
    ----------
    operators : tuple of str
        The operators between the operands: ``//``, ``mod``, or an operator of `sdcluster.model.expression.Binary`. If
        there is only one operand, the one operator before it: ``negative`` or ``not``.
    operands : tuple
        Syntax trees.
    """

    operators: tuple[str, ...]
    operands: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A range of indices, ``first:last``. For ``*:dimension``, `first` is None."""

    first: Any
    last: Any


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in an equation, with its indices if it has any.

    Parameters
    ----------
    name : str
    indices : tuple
        Each index is a name (str). In XMILE, an index can also be a `Span` or a syntax tree.
    transposed : bool
        Whether XMILE's transpose operator (an apostrophe) follows the name.
    """

    name: str
    indices: tuple[Any, ...] = ()
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A subscript range with ``!`` that is used as a value (Vensim).

    Its value is the position of the current element while a function such as SUM iterates over the range.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function, macro or graphical function.

    Parameters
    ----------
    name : str
    arguments : tuple
    indices : tuple
        Indices that follow the name if a graphical function is an array.
    outputs : tuple of Reference
        Additional outputs of a Vensim macro, ``NAME(inputs : outputs)``.
    """

    name: str
    arguments: tuple[Any, ...]
    indices: tuple[Any, ...] = ()
    outputs: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a graphical function, as written in an equation."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class WithLookup:
    """Vensim's WITH LOOKUP: an argument, and the points between which it is looked up.

    `points` can also be a call that reads the points from a file.
    """

    argument: Any
    points: Any
