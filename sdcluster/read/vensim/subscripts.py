"""Subscript ranges of a Vensim file: parts, numeric ranges, copies and mappings become `Dimension` objects.

Crosses the border: `Subscripts`, made from PySD's subscript ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Dimension
from sdcluster.model.names import canonical, spellings

MAX_PARTS = 1_000_000


@dataclass
class _Range:
    items: tuple[str, ...]
    mapping: list[tuple[str, tuple[str, ...]]]
    copy_of: str | None = None


class Subscripts:
    """All ranges of a model.

    Parameters
    ----------
    elements : callable
        Gives the elements for the texts of a ``GET DIRECT SUBSCRIPT``.
    """

    def __init__(self, elements: Callable[..., tuple[str, ...]]) -> None:
        self._external = elements
        self._ranges: dict[str, _Range] = {}
        self._expanded: dict[str, tuple[str, ...]] = {}
        self._mappings: dict[str, dict[str, tuple[str, ...]]] = {}
        self._elements: set[str] = set()
        self._written: list[str] = []

    def add(self, component: Any) -> None:
        """Take a range as PySD's visitor gives it."""
        name = canonical(component.name)
        if name in self._ranges:
            raise ModelError(f'the subscript range "{component.name}" is defined twice')
        definition = component.definition
        mapping = [(canonical(t), tuple(map(canonical, e))) for t, e in component.mapping]
        if isinstance(definition, str):
            self._ranges[name] = _Range((), mapping, canonical(definition))
        else:
            items = (
                self._external(*definition["arguments"])
                if isinstance(definition, dict)
                else definition
            )
            self._ranges[name] = _Range(tuple(map(canonical, items)), mapping)
            self._written += items
        self._written.append(component.name)

    def finish(self, name: str) -> None:
        """Expand a range, once all were added."""
        elements = self._expand(name, ())
        if not elements:
            raise ModelError("the subscript range has no elements")
        self._elements.update(elements)

    def _expand(self, name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in self._expanded:
            return self._expanded[name]
        if name in path:
            raise ModelError(f'the subscript range "{name}" contains itself')
        found = self._ranges[name]
        if found.copy_of is not None:
            if found.copy_of not in self._ranges:
                hint = did_you_mean(found.copy_of, self._ranges)
                raise ModelError(f'it copies "{found.copy_of}", which is no subscript range{hint}')
            elements = self._expand(found.copy_of, (*path, name))
        else:
            parts: list[str] = []
            for item in found.items:
                # A range may have an element of its own name.
                inner = item in self._ranges and item != name
                parts.extend(self._expand(item, (*path, name)) if inner else (item,))
            elements = tuple(dict.fromkeys(parts))
        self._expanded[name] = elements
        return elements

    def map_all(self, name: str) -> None:
        """Work out the mappings of a range; each is kept in both directions where it is one to one."""
        found = self._ranges[name]
        own = self._expanded[name]
        if found.copy_of is not None:
            self._keep(name, found.copy_of, own)
            self._keep(found.copy_of, name, own)
        for target, listed in found.mapping:
            if target not in self._expanded:
                hint = did_you_mean(target, self._expanded)
                raise ModelError(f'it is mapped to "{target}", which is no subscript range{hint}')
            theirs = self._expanded[target]
            images = (
                [self._expanded.get(i, (i,)) for i in listed] if listed else [(e,) for e in theirs]
            )
            if len(images) != len(own) and sum(map(len, images)) == len(own):
                images = [(e,) for part in images for e in part]
            if len(images) != len(own):
                raise ModelError(
                    f'it has {len(own)} elements, but its mapping to "{target}" names {len(images)}; name one for each'
                )
            stray = next((e for part in images for e in part if e not in theirs), None)
            if stray is not None:
                raise ModelError(f'its mapping names "{stray}", which is no element of "{target}"')
            back = {e: mine for mine, part in zip(own, images, strict=True) for e in part}
            if all(len(part) == 1 for part in images):
                self._keep(name, target, tuple(part[0] for part in images))
            if all(e in back for e in theirs):
                self._keep(target, name, tuple(back[e] for e in theirs))

    def _keep(self, source: str, target: str, images: tuple[str, ...]) -> None:
        self._mappings.setdefault(source, {}).setdefault(target, images)

    @property
    def names(self) -> Iterable[str]:
        """All ranges, in the file's order."""
        return self._ranges.keys()

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The ranges with elements and mappings."""
        return tuple(
            Dimension(n, self._expanded[n], tuple(self._mappings.get(n, {}).items()))
            for n in self._ranges
        )

    @property
    def spellings(self) -> dict[str, str]:
        """Ranges and elements as the file writes them, by canonical name."""
        return spellings(self._written)

    def is_range(self, name: str) -> bool:
        """Whether `name` is a subscript range."""
        return name in self._expanded

    def is_element(self, name: str) -> bool:
        """Whether `name` is an element of some range."""
        return name in self._elements

    def places(self, name: str) -> tuple[int, ...]:
        """Return the positions, from 1, of a range's elements (or of an element) in the whole that they belong to.

        Vensim counts in the largest range that holds them all, the first of several that are equally large.
        """
        elements = self.elements(name)
        wanted = set(elements)
        fitting = [r for r in self._expanded.values() if wanted <= set(r)]
        whole = max(fitting, key=len)
        place = {e: i for i, e in enumerate(whole, start=1)}
        return tuple(place[e] for e in elements)

    def elements(self, name: str) -> tuple[str, ...]:
        """Return the elements of a range, or the element itself."""
        return self._expanded.get(name) or (name,)

    def check(self, subscripts: Sequence[str]) -> None:
        """Raise a `ModelError` for a subscript that is neither range nor element."""
        for subscript in subscripts:
            name = subscript.rstrip("!")
            if not self.is_range(name) and not self.is_element(name):
                hint = did_you_mean(name, [*self._expanded, *self._elements])
                raise ModelError(f'the subscript "{name}" is neither a range nor an element{hint}')

    def shape(self, subscripts: Sequence[str]) -> tuple[int, ...]:
        """Return the number of elements along the ranges among `subscripts`."""
        return tuple(len(self._expanded[s]) for s in subscripts if self.is_range(s))

    def parts(self, subscripts: Sequence[str]) -> list[tuple[str, ...]]:
        """Return every combination of elements under `subscripts`, row-major."""
        rows = [self.elements(s) for s in subscripts]
        count = 1
        for row in rows:
            count *= len(row)
        if count > MAX_PARTS:
            raise ModelError(f"the array has {count:,} parts; more than {MAX_PARTS:,} are not read")
        return list(product(*rows))

    def inside(
        self, left: Sequence[str], exceptions: Sequence[tuple[str, ...]]
    ) -> list[tuple[str, ...]]:
        """Return what `exceptions` take away from the parts under `left`; what lies outside takes nothing away."""
        found: list[tuple[str, ...]] = []
        for exception in exceptions:
            if len(exception) != len(left):
                raise ModelError(
                    f":EXCEPT: [{', '.join(exception)}] has {len(exception)} subscripts, but the left side has "
                    f"{len(left)}"
                )
            rows = []
            for name, outside in zip(exception, left, strict=True):
                mine, wanted = self.elements(name), set(self.elements(outside))
                kept = tuple(e for e in mine if e in wanted)
                rows.append((name,) if len(kept) == len(mine) else kept)
            found += product(*rows)
            if len(found) > MAX_PARTS:
                raise ModelError(f":EXCEPT: lists more than {MAX_PARTS:,} parts")
        return found

    def whole(self, axes: Sequence[Iterable[str]]) -> tuple[str, ...]:
        """Return, for each axis, the smallest range that holds all that is defined along it.

        Parameters
        ----------
        axes : sequence of iterables of str
            The subscripts that equations use on each axis.
        """
        found = []
        for used in axes:
            used = list(dict.fromkeys(used))
            wanted = {e for name in used for e in self.elements(name)}
            named = [n for n in used if self.is_range(n) and wanted <= set(self._expanded[n])]
            fitting = [n for n in self._ranges if wanted <= set(self._expanded[n])]
            candidates = named or fitting
            if not candidates:
                raise ModelError(
                    f"no subscript range holds all of {', '.join(sorted(wanted)[:8])}; define one that does"
                )
            found.append(min(candidates, key=lambda n: len(self._expanded[n])))
        return tuple(found)
