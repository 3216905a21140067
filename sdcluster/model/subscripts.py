"""Subscripts: ranges, their elements, and the parts of an array that a left-hand side defines.

`Subscripts` contains the ranges of a model (`Model.subscripts`) or of a file being read. `DefinedParts` determines
which elements of an array have an equation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import comma_separated, message

if TYPE_CHECKING:
    from sdcluster.model.model import Dimension, Equation

MAX_PARTS = 1_000_000


class Subscripts:
    """All subscript ranges of a model.

    Parameters
    ----------
    dimensions : dict of str to Dimension
        The ranges by canonical name, in the order of the file. The XMILE reader adds subranges that equations use.
    """

    def __init__(self, dimensions: Mapping[str, Dimension]) -> None:
        self.dimensions = dimensions

    @cached_property
    def _all_elements(self) -> dict[str, None]:
        return dict.fromkeys(e for d in self.dimensions.values() for e in d.elements)

    def is_range(self, name: str) -> bool:
        """Whether `name` is a subscript range."""
        return name in self.dimensions

    def is_element(self, name: str) -> bool:
        """Whether `name` is an element of some range."""
        return name in self._all_elements

    def elements(self, name: str) -> tuple[str, ...]:
        """Return the elements of a range. If `name` is the name of an element, return only this element."""
        found = self.dimensions.get(name)
        return (name,) if found is None else found.elements

    def elements_on(self, name: str, axis: str) -> tuple[str, ...]:
        """Return the elements on an axis to which a subscript refers.

        If an element of the axis and a range have the same name, the subscript means the element.
        """
        return (name,) if name in self.dimensions[axis].elements else self.elements(name)

    def check(self, subscripts: Iterable[str]) -> None:
        """Raise a `ModelError` for a subscript that is neither a range nor an element."""
        for subscript in subscripts:
            name = subscript.rstrip("!")
            if not self.is_range(name) and not self.is_element(name):
                hint = did_you_mean(name, [*self.dimensions, *self._all_elements])
                raise ModelError(message("model.subscript_neither_range_nor", name=name, hint=hint))

    def shape(self, subscripts: Iterable[str]) -> tuple[int, ...]:
        """Return the number of elements of each subscript that is a range."""
        return tuple(len(self.dimensions[s].elements) for s in subscripts if self.is_range(s))

    def parts(self, subscripts: Iterable[str]) -> list[tuple[str, ...]]:
        """Return all combinations of elements for `subscripts`, in row-major order."""
        rows = [self.elements(s) for s in subscripts]
        count = prod(map(len, rows))
        if count > MAX_PARTS:
            raise ModelError(
                message("model.array_parts_more_not", count=count, max_parts=MAX_PARTS)
            )
        return list(product(*rows))

    def holds(self, under: Iterable[str], part: Iterable[str]) -> bool:
        """Return whether `under` contains `part`.

        `under` contains `part` if, at every position, the element in `part` equals the element in `under` or belongs to
        the range there.
        """
        return all(p in self.elements(s) for s, p in zip(under, part, strict=False))

    def places(self, name: str) -> tuple[int, ...]:
        """Return the one-based positions of an element, or of a range's elements, in the full range.

        As in Vensim, the full range is the largest range that contains all these elements; among ranges of the same
        size, the first in the file.
        """
        elements = self.elements(name)
        wanted = set(elements)
        fitting = [d.elements for d in self.dimensions.values() if wanted <= set(d.elements)]
        whole = max(fitting, key=len)
        place = {e: i for i, e in enumerate(whole, start=1)}
        return tuple(place[e] for e in elements)

    def inside(
        self, left: Sequence[str], exceptions: Iterable[tuple[str, ...]]
    ) -> list[tuple[str, ...]]:
        """Return the subscripts that `exceptions` exclude from the left-hand side `left`.

        An exception can contain elements that `left` does not contain; these elements are ignored.
        """
        found: list[tuple[str, ...]] = []
        for exception in exceptions:
            if len(exception) != len(left):
                raise ModelError(
                    message(
                        "model.except_subscripts_left_side",
                        exception=", ".join(exception),
                        count=len(exception),
                        count_2=len(left),
                    )
                )
            rows = []
            for name, outside in zip(exception, left, strict=True):
                mine, wanted = self.elements(name), set(self.elements(outside))
                kept = tuple(e for e in mine if e in wanted)
                rows.append((name,) if len(kept) == len(mine) else kept)
            found += product(*rows)
            if len(found) > MAX_PARTS:
                raise ModelError(message("model.except_lists_more_parts", max_parts=MAX_PARTS))
        return found

    def whole(self, axes: Iterable[Iterable[str]]) -> tuple[str, ...]:
        """Return for each axis the smallest range that contains all elements used on the axis.

        Parameters
        ----------
        axes : iterable of iterables of str
            For each axis, the subscripts that equations use there.
        """
        found = []
        for axis in axes:
            used = list(dict.fromkeys(axis))
            wanted = {e for name in used for e in self.elements(name)}
            named = [n for n in used if self.is_range(n) and wanted <= set(self.elements(n))]
            candidates = named or [
                n for n, d in self.dimensions.items() if wanted <= set(d.elements)
            ]
            if not candidates:
                raise ModelError(
                    message(
                        "model.no_subscript_range_holds", wanted=comma_separated(sorted(wanted)[:8])
                    )
                )
            found.append(min(candidates, key=lambda n: len(self.elements(n))))
        return tuple(found)


class DefinedParts:
    """Determines which elements of an array have an equation, because equations may define only a part of an array.

    Parameters
    ----------
    subscripts : Subscripts
    equations : mapping of str to tuple of Equation
        The equations of each variable.
    """

    def __init__(self, subscripts: Subscripts, equations: Mapping[str, Sequence[Equation]]) -> None:
        self.subscripts = subscripts
        self.equations = equations
        self._single: dict[str, set[tuple[str, ...]]] = {}
        self._wide: dict[str, list[Equation]] = {}

    def lacks(self, name: str, part: tuple[str, ...]) -> bool:
        """Return whether `part` is a single element that no equation of the variable defines."""
        is_range, holds = self.subscripts.is_range, self.subscripts.holds
        if not part or any(s.endswith("!") or is_range(s) for s in part):
            return False
        if name not in self._single:
            equations = [e for e in self.equations[name] if e.subscripts]
            wide = [e for e in equations if any(map(is_range, e.subscripts))]
            self._wide[name] = wide
            self._single[name] = {e.subscripts for e in equations} - {e.subscripts for e in wide}
        if part in self._single[name] or not self.equations[name][0].subscripts:
            return False
        return not any(
            holds(e.subscripts, part) and not any(holds(x, part) for x in e.exceptions)
            for e in self._wide[name]
        )
