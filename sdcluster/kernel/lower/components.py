"""Components of a program other than plain equations: stocks, memories, fixed delays, calls of array functions."""

from __future__ import annotations

from dataclasses import dataclass

from sdcluster.model.expression import Expression
from sdcluster.model.resolver import Part


@dataclass
class StockParts:
    """A stock: the equations of its net flow and of its initial value.

    Parameters
    ----------
    net, initial : list of Part
    non_negative : bool
        Whether the stock is restricted to values >= 0.
    restriction : tuple of float
        Bounds and rounding that are applied to the stock after each step (Vensim's SINTEG): least, greatest, multiple,
        value and distance. Empty for all other stocks.
    """

    net: list[Part]
    initial: list[Part]
    non_negative: bool = False
    restriction: tuple[float, ...] = ()


@dataclass
class Memory:
    """A value kept from one step to the next: the equations of the value to keep and of the initial value."""

    keep: list[Part]
    initial: list[Part]


@dataclass
class FixedDelay:
    """A delay of fixed length: the name of its input, and the equations of its length and of its initial output."""

    entering: str
    time: list[Part]
    initial: list[Part]


@dataclass
class Record:
    """The history of a variable, recorded once per step. `entering` is the name of the variable."""

    entering: str


@dataclass(frozen=True)
class Block:
    """A call of a function that works on whole rows of arrays.

    Parameters
    ----------
    name : str
        The array that it fills.
    function : str
        Name of the library function.
    inputs : tuple of str
        Arrays of the same shape as the result.
    rows, length : int
        Number of rows, and number of elements in a row.
    first : int
        Index of the first of these rows in the arrays.
    depth : int
        2 for functions of square matrices, otherwise 1. With 2, `rows` counts matrices, each of `length` times
        `length` numbers.
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
        """Number of values in a row, or in a matrix if `depth` is 2."""
        return int(self.length**self.depth)

    @property
    def needs(self) -> list[str]:
        """Names of the arrays that the block reads."""
        return list(self.inputs)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Always empty, because a block contains no expressions."""
        return ()
