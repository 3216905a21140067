"""The elements of a program besides parts: stocks, memories, delays of fixed length, blocks of array functions."""

from __future__ import annotations

from dataclasses import dataclass

from sdcluster.model.expression import Expression
from sdcluster.model.resolver import Part


@dataclass
class StockParts:
    """A stock: its net flow and its initial value, part by part.

    Parameters
    ----------
    net, initial : list of Part
    non_negative : bool
        Whether the stock is restricted to values >= 0.
    restriction : tuple of float
        The action of each step on it: least, greatest, multiple, value and distance (SINTEG); empty for nothing.
    """

    net: list[Part]
    initial: list[Part]
    non_negative: bool = False
    restriction: tuple[float, ...] = ()


@dataclass
class Memory:
    """A value kept from one step to the next: the expression to keep, and the initial value."""

    keep: list[Part]
    initial: list[Part]


@dataclass
class FixedDelay:
    """A delay of fixed length: name of the array that comes in, its length, and what comes out before that."""

    entering: str
    time: list[Part]
    initial: list[Part]


@dataclass
class Record:
    """A recorded history, one value per step: name of the scalar or array."""

    entering: str


@dataclass(frozen=True)
class Block:
    """A call of a function that works on whole rows of arrays.

    Parameters
    ----------
    name : str
        The array that it fills.
    function : str
        Name in the prelude of kernels.
    inputs : tuple of str
        Arrays of the same shape as the result.
    rows, length : int
        Number of rows, and their length.
    first : int
        The first of these rows in the arrays.
    depth : int
        2 for functions of square matrices: each row is then one of `length` rows of `length` numbers.
    """

    name: str
    function: str
    inputs: tuple[str, ...]
    rows: int
    length: int
    first: int = 0
    depth: int = 1

    @property
    def width(self) -> int:
        """Number of values that the function needs at once: those of a row, or of a matrix."""
        return int(self.length**self.depth)

    @property
    def needs(self) -> list[str]:
        """Names that the block reads."""
        return list(self.inputs)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Always empty, because a block contains no expressions."""
        return ()
