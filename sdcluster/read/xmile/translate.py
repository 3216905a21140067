"""Abstract syntax of XMILE equations becomes expressions: what Vensim has not is translated here.

Crosses the border: `XmileTranslator`, and `Indexed`, which `sdcluster.read.xmile.arrays` makes plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.functions.table import is_function
from sdcluster.model.expression import Call, Table
from sdcluster.model.names import canonical
from sdcluster.read.syntax import CallStructure
from sdcluster.read.translate import Translator, is_reference
from sdcluster.read.xmile.grammar import IndexedStructure, Span

# Stella asks for what limits a conveyor; `sdcluster.read.xmile.arrays` answers, so the call never leaves the reader.
CAPACITY = "capacity"
_CAPACITY = frozenset({"cap", CAPACITY})


@dataclass(frozen=True)
class Indexed:
    """A reference whose indices are still to be understood; it never leaves the reader.

    Parameters
    ----------
    name : str
        Canonical name, as the equation has it.
    indices : tuple of str, Expression or tuple
        A pair is a range; a ``*`` before a colon is None.
    transposed : bool
    flat : bool
        Whether the only index counts all elements, the last dimension fastest: ``array(5)``.
    """

    name: str
    indices: tuple[Any, ...]
    transposed: bool
    flat: bool = False


class XmileTranslator(Translator):
    """Translates what XMILE has and Vensim has not: indices that are ranges or expressions, and transposition.

    Parameters
    ----------
    lookups : mapping of str to Table or None
    variables : mapping of str to str
        For every name that the equation may use, the variable of the flat model.
    axes : mapping of str to tuple of str
        Dimensions of the variables.
    """

    def __init__(
        self,
        lookups: Mapping[str, Table | None],
        variables: Mapping[str, str],
        axes: Mapping[str, tuple[str, ...]],
    ) -> None:
        super().__init__(lookups, variables)
        self.known, self.axes = variables, axes

    def CallStructure(self, ast: Any) -> Any:  # noqa: D102
        name = canonical(ast.function.reference)
        array = self.axes.get(self.known.get(name, "")) and name not in self.lookups
        if array and not is_function(ast.function.reference):
            if len(ast.arguments) != 1:
                raise ModelError(
                    f'"{name}" is an array; in parentheses stands the number of one element, row by row'
                )
            return Indexed(name, (self.visit(ast.arguments[0]),), False, flat=True)
        if name in _CAPACITY and name not in self.known and name not in self.lookups:
            return Call(CAPACITY, tuple(self.visit(a) for a in ast.arguments))
        if name == "rank" and len(ast.arguments) > 1 and self.is_size(ast.arguments[1]):
            array, size, *rest = ast.arguments
            ast = replace(ast, arguments=(array, CallStructure(size, (array,)), *rest))
        return super().CallStructure(ast)

    def is_size(self, ast: Any) -> bool:
        """Whether SIZE stands alone, as in RANK(array, SIZE)."""
        return is_reference(ast) and ast.reference == "size" and "size" not in self.known

    def IndexedStructure(self, ast: IndexedStructure) -> Any:  # noqa: D102
        indices = tuple(
            (self._end(i.first), self._end(i.last)) if isinstance(i, Span) else self._end(i)
            for i in ast.indices
        )
        return Indexed(canonical(ast.reference), indices, ast.transposed)

    def _end(self, ast: Any) -> Any:
        return ast if ast is None or isinstance(ast, str) else self.visit(ast)
