"""Resolve the subscripts in equations of arrays to loops and to positions within arrays.

A `Resolver` resolves the subscripts of one model. A `Shape` contains the axes of a variable, and a `Part` is the part
of a variable that one equation defines. Positions within a variable are row-major; a scalar is an array without axes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import product
from math import prod

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Dimension, Model
from sdcluster.model.expression import Expression, Reference, references


@dataclass(frozen=True)
class Loop:
    """A loop over a subscript range along one axis of the variable that an equation defines.

    Parameters
    ----------
    name : str
        The subscript range, by the name that references on the right-hand side use.
    positions : tuple of int
        Position of each element of the range on the axis.
    run : range, optional
        Indices within the range that the loop visits, in order; by default, all of them.
    """

    name: str
    positions: tuple[int, ...]
    run: range | None = None

    @property
    def places(self) -> range:
        """Indices within the range that the loop visits, in order."""
        return range(len(self.positions)) if self.run is None else self.run


@dataclass(frozen=True)
class Part:
    """The part of a variable that one equation defines, or a piece of such a part, with the right-hand side.

    Parameters
    ----------
    name : str
        The variable that the equation defines.
    axes : tuple of Loop or int
        For each axis, a loop or a fixed position.
    expression : Expression
        The right-hand side.
    excluded : frozenset of int
        Flat positions excluded from the part.
    bound : tuple of (str, int)
        If the part contains only one element of a range: the name of this range, and the element's index in the range.
    whole : Part, optional
        If this part is a piece of a larger part: the larger part. With it, consecutive pieces can be merged again.
    """

    name: str
    axes: tuple[Loop | int, ...]
    expression: Expression
    excluded: frozenset[int] = frozenset()
    bound: tuple[tuple[str, int], ...] = ()
    whole: Part | None = field(default=None, compare=False, repr=False)

    @cached_property
    def needs(self) -> list[str]:
        """Names of the variables used in the right-hand side."""
        return references(self.expression)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """A tuple that contains only the right-hand side. Other parts of a kernel have a property of the same name."""
        return (self.expression,)

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """The axes that are loops, outermost first."""
        return tuple(a for a in self.axes if isinstance(a, Loop))

    @property
    def size(self) -> int:
        """Number of elements that the loops of the part visit."""
        return prod(len(loop.places) for loop in self.loops)


@dataclass(frozen=True)
class Shape:
    """The axes of a variable."""

    dimensions: tuple[Dimension, ...] = ()

    @property
    def size(self) -> int:
        """Number of elements of the variable."""
        return prod(len(d.elements) for d in self.dimensions)

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """Row-major strides, in elements."""
        lengths = [len(d.elements) for d in self.dimensions]
        return tuple(prod(lengths[i + 1 :]) for i in range(len(lengths)))


@dataclass
class Resolver:
    """Resolves the subscripts in a model's equations to positions.

    Parameters
    ----------
    model : Model
        The model, for its dimensions and for error messages.
    shapes : dict of str to Shape
        Shapes of all variables, including hidden ones.
    """

    model: Model
    shapes: dict[str, Shape] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dimensions = self.model.subscripts.dimensions
        # Caches of mapped elements, which every reference looks up.
        self._mapped_to: dict[tuple[str, tuple[str, ...]], tuple[int, ...] | None] = {}
        self._stand_for: dict[tuple[str, tuple[str, ...]], tuple[str, ...] | None] = {}

    @classmethod
    def of_variables(cls, model: Model) -> Resolver:
        """Return a resolver with the shapes of all variables of the model."""
        made = cls(model)
        for key, variable in model.variables.items():
            made.shapes[key] = Shape(tuple(made.dimension(d, key) for d in variable.dimensions))
        return made

    def dimension(self, name: str, owner: str = "") -> Dimension:
        """Return a subscript range by name.

        Raises
        ------
        ModelError
            If no dimension has this name.
        """
        found = self.dimensions.get(name)
        if found is None:
            raise self.error(message("model.neither_dimension_nor_element", name=name), owner)
        return found

    def error(self, sentence: str, owner: str) -> ModelError:
        """Return an error with the file and line of the variable `owner`."""
        variable = self.model.variables.get(owner)
        shown = variable.name if variable else owner
        return ModelError(
            message("model.the_variable", variable=shown, sentence=sentence),
            file=self.model.path,
            line=variable.line if variable else None,
            variable=shown,
        )

    def part(
        self,
        name: str,
        subscripts: tuple[str, ...],
        expression: Expression,
        exceptions: tuple[tuple[str, ...], ...] = (),
    ) -> Part:
        """Return the part that an equation with these subscripts on its left-hand side defines."""
        shape = self.shapes[name]
        if len(subscripts) != len(shape.dimensions):
            if subscripts:
                raise self.error(
                    message(
                        "model.equation_subscripts_dimensions",
                        count=len(subscripts),
                        count_2=len(shape.dimensions),
                    ),
                    name,
                )
            subscripts = tuple(d.name for d in shape.dimensions)
        axes = tuple(
            self._axis(s, d, name) for s, d in zip(subscripts, shape.dimensions, strict=True)
        )
        excluded: set[int] = set()
        for exception in exceptions:
            picked = [
                self._axis(s, d, name) for s, d in zip(exception, shape.dimensions, strict=False)
            ]
            rows = [(a,) if isinstance(a, int) else a.positions for a in picked]
            excluded |= {self.flat(shape, position) for position in product(*rows)}
        return Part(name, axes, expression, frozenset(excluded))

    def _axis(self, subscript: str, dimension: Dimension, owner: str) -> Loop | int:
        if subscript in self.dimensions:
            elements = self.dimensions[subscript].elements
            place = _places(dimension.elements)
            if all(e in place for e in elements):
                return Loop(subscript, tuple(place[e] for e in elements))
        if subscript in dimension.elements:
            return dimension.elements.index(subscript)
        raise self.error(
            message(
                "model.neither_element_nor_part", subscript=subscript, dimension=dimension.name
            ),
            owner,
        )

    @staticmethod
    def flat(shape: Shape, position: tuple[int, ...]) -> int:
        """Return the flat (row-major) position, given the position on each axis."""
        return sum(p * s for p, s in zip(position, shape.strides, strict=True))

    # ---- references

    def subscripts_of(self, reference: Reference, owner: str) -> tuple[str, ...]:
        """Return the subscripts of a reference. If it has none, return the names of the variable's dimensions."""
        shape = self.shapes[reference.name]
        if len(reference.subscripts) == len(shape.dimensions):
            return reference.subscripts
        if reference.subscripts:
            raise self.error(
                message(
                    "model.dimensions_used_subscripts",
                    reference=reference.name,
                    count=len(shape.dimensions),
                    count_2=len(reference.subscripts),
                ),
                owner,
            )
        return tuple(d.name for d in shape.dimensions)

    def profile_columns(self, profile: Reference, owner: str) -> tuple[str, ...]:
        """Return the four elements of a priority profile: kind, priority, width and extra.

        The four elements are consecutive on the last axis, beginning with the element that the reference names.
        """
        axis = self.shapes[profile.name].dimensions[-1]
        last = profile.subscripts[-1] if profile.subscripts else ""
        first = axis.elements.index(last) if last in axis.elements else 0
        columns = axis.elements[first : first + 4]
        if len(columns) < 4:
            raise self.error(message("model.priority_profile_needs_four"), owner)
        return columns

    def positions(
        self,
        subscript: str,
        dimension: Dimension,
        running: Mapping[str, tuple[str, ...]],
        owner: str,
    ) -> int | tuple[str, tuple[int, ...]]:
        """Return the positions on an axis that a subscript refers to.

        Parameters
        ----------
        subscript : str
            Subscript of a reference.
        dimension : Dimension
            The axis to which the subscript belongs, of the variable in the reference.
        running : mapping of str to tuple of str
            By the name of a range, all elements of this range. Contains the ranges of the enclosing loops, also of
            loops that are fixed to one element.
        owner : str
            The variable that the equation defines, for messages.

        Returns
        -------
        int, or (str, tuple of int)
            A fixed position; or a range, and the position for each element of the range.
        """
        place = _places(dimension.elements)
        if subscript in running:
            elements = running[subscript]
            if all(e in place for e in elements):
                return subscript, tuple(place[e] for e in elements)
            mapped = self._mapped(dimension, elements)
            if mapped is not None:
                return subscript, mapped
        if subscript in place:
            return place[subscript]
        wanted = self.dimensions.get(subscript)
        if wanted is not None:
            for range_name, elements in running.items():
                found = self._through(wanted, elements)
                if found is not None and all(e in place for e in found):
                    return range_name, tuple(place[e] for e in found)
            if len(wanted.elements) == 1 and wanted.elements[0] in place:
                return place[wanted.elements[0]]
            raise self.error(
                message("model.dimension_used_right_side", subscript=subscript),
                owner,
            )
        raise self.error(
            message(
                "model.neither_element_nor_dimension", subscript=subscript, dimension=dimension.name
            ),
            owner,
        )

    def _mapped(self, dimension: Dimension, elements: tuple[str, ...]) -> tuple[int, ...] | None:
        """Return the positions on `dimension` to which the elements of a range map; None without such a mapping."""
        key = (dimension.name, elements)
        if key not in self._mapped_to:
            self._mapped_to[key] = self._search(dimension, elements)
        return self._mapped_to[key]

    def _search(self, dimension: Dimension, elements: tuple[str, ...]) -> tuple[int, ...] | None:
        place = _places(dimension.elements)
        for candidate in self.dimensions.values():
            if all(e in place for e in candidate.elements):
                found = self._through(candidate, elements)
                if found is not None and all(e in place for e in found):
                    return tuple(place[e] for e in found)
        return None

    def _through(self, wanted: Dimension, elements: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the elements of `wanted` to which the elements of a range map; None without such a mapping."""
        key = (wanted.name, elements)
        if key not in self._stand_for:
            self._stand_for[key] = self._find(wanted, elements)
        return self._stand_for[key]

    def _find(self, wanted: Dimension, elements: tuple[str, ...]) -> tuple[str, ...] | None:
        if len(elements) == len(wanted.elements) and _places(wanted.elements).keys() >= set(
            elements
        ):
            return elements
        for source in self.dimensions.values():
            if not source.mappings or not set(elements) <= _places(source.elements).keys():
                continue
            for other, images in source.mappings:
                if other == wanted.name:
                    image = dict(zip(source.elements, images, strict=False))
                    if all(e in image for e in elements):
                        return tuple(image[e] for e in elements)
        for other, images in wanted.mappings:
            there = self.dimensions.get(other)
            if there is not None and set(elements) <= set(images):
                back = dict(zip(images, wanted.elements, strict=False))
                return tuple(back[e] for e in elements)
        return None

    def elements_of(self, part: Part) -> dict[str, tuple[str, ...]]:
        """Return the elements of each range in the part's loops and its attribute `bound`, by the name of the range."""
        running = {loop.name: self.dimensions[loop.name].elements for loop in part.loops}
        return running | {name: self.dimensions[name].elements for name, _ in part.bound}

    def single(self, part: Part) -> Iterator[Part]:
        """Yield a separate part for each element, in loop order."""
        loops = part.loops
        shape = self.shapes[part.name]
        for index in product(*(loop.places for loop in loops)):
            chosen = iter(zip(loops, index, strict=True))
            axes = tuple(a if isinstance(a, int) else _position(next(chosen)) for a in part.axes)
            if self.flat(shape, axes) in part.excluded:
                continue
            bound = (*part.bound, *((loop.name, i) for loop, i in zip(loops, index, strict=True)))
            yield Part(part.name, axes, part.expression, bound=bound)


@lru_cache(maxsize=256)
def _places(elements: tuple[str, ...]) -> dict[str, int]:
    """Return a dictionary with the index of each element."""
    return {e: i for i, e in enumerate(elements)}


def _position(chosen: tuple[Loop, int]) -> int:
    loop, index = chosen
    return loop.positions[index]
