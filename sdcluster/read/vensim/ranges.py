"""Build `Dimension` objects from the subscript ranges of a Vensim file: subranges, numbered ranges, copies, mappings.

`RangeList` collects the definitions and builds a `sdcluster.model.subscripts.Subscripts`.
"""

from __future__ import annotations

from collections.abc import Callable

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.model import Dimension
from sdcluster.model.names import canonical, spellings
from sdcluster.model.subscripts import Subscripts
from sdcluster.read.vensim.definitions import RangeDefinition
from sdcluster.read.vensim.parsed_variables import At


class RangeList:
    """The subscript ranges of a model, collected while the file is read.

    Parameters
    ----------
    elements : callable
        Takes the arguments of a ``GET DIRECT SUBSCRIPT`` and returns the elements.
    """

    def __init__(self, elements: Callable[..., tuple[str, ...]]) -> None:
        self._external = elements
        self._ranges: dict[str, RangeDefinition] = {}
        self._expanded: dict[str, tuple[str, ...]] = {}
        self._mappings: dict[str, dict[str, tuple[str, ...]]] = {}
        self._written: list[str] = []
        self._lines: dict[str, int] = {}

    def add(self, definition: RangeDefinition, line: int) -> None:
        """Add the definition of a range, which is on line `line` of the file."""
        name = canonical(definition.name)
        if name in self._ranges:
            raise ModelError(
                message("read.vensim.subscript_range_defined_twice", definition=definition.name)
            )
        items = self._external(*definition.source) if definition.source else definition.items
        self._ranges[name] = RangeDefinition(
            name,
            tuple(map(canonical, items)),
            tuple((canonical(t), tuple(map(canonical, e))) for t, e in definition.mappings),
            canonical(definition.copy_of),
        )
        self._lines[name] = line
        self._written += (*items, definition.name)

    @property
    def spellings(self) -> dict[str, str]:
        """Names of ranges and elements as the file writes them, keyed by canonical name."""
        return spellings(self._written)

    def finished(self, at: At) -> Subscripts:
        """Return all ranges with their elements and mappings.

        Parameters
        ----------
        at : callable
            ``at(line, name)`` is a context manager that adds file, line and range to errors.
        """
        for name in self._ranges:
            with at(self._lines[name], name):
                if not self._expand(name, ()):
                    raise ModelError(message("read.vensim.subscript_range_no_elements"))
        for name in self._ranges:
            with at(self._lines[name], name):
                self._map(name)
        return Subscripts(
            {
                n: Dimension(n, self._expanded[n], tuple(self._mappings.get(n, {}).items()))
                for n in self._ranges
            }
        )

    def _expand(self, name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in self._expanded:
            return self._expanded[name]
        if name in path:
            raise ModelError(message("read.vensim.subscript_range_contains_itself", name=name))
        found = self._ranges[name]
        if found.copy_of:
            if found.copy_of not in self._ranges:
                hint = did_you_mean(found.copy_of, self._ranges)
                raise ModelError(
                    message(
                        "read.vensim.copies_no_subscript_range", copy_of=found.copy_of, hint=hint
                    )
                )
            elements = self._expand(found.copy_of, (*path, name))
        else:
            parts: list[str] = []
            for item in found.items:
                # A range may contain an element that has the same name as the range.
                inner = item in self._ranges and item != name
                parts.extend(self._expand(item, (*path, name)) if inner else (item,))
            elements = tuple(dict.fromkeys(parts))
        self._expanded[name] = elements
        return elements

    def _map(self, name: str) -> None:
        """Resolve the mappings of a range. A mapping that is one-to-one is stored in both directions."""
        found = self._ranges[name]
        own = self._expanded[name]
        if found.copy_of:
            self._keep(name, found.copy_of, own)
            self._keep(found.copy_of, name, own)
        for target, listed in found.mappings:
            if target not in self._expanded:
                hint = did_you_mean(target, self._expanded)
                raise ModelError(
                    message("read.vensim.mapped_no_subscript_range", target=target, hint=hint)
                )
            theirs = self._expanded[target]
            images = (
                [self._expanded.get(i, (i,)) for i in listed] if listed else [(e,) for e in theirs]
            )
            if len(images) != len(own) and sum(map(len, images)) == len(own):
                images = [(e,) for part in images for e in part]
            if len(images) != len(own):
                raise ModelError(
                    message(
                        "read.vensim.elements_mapping_names_name",
                        count=len(own),
                        target=target,
                        count_2=len(images),
                    )
                )
            stray = next((e for part in images for e in part if e not in theirs), None)
            if stray is not None:
                raise ModelError(
                    message("read.vensim.mapping_names_no_element", stray=stray, target=target)
                )
            back = {e: mine for mine, part in zip(own, images, strict=True) for e in part}
            if all(len(part) == 1 for part in images):
                self._keep(name, target, tuple(part[0] for part in images))
            if all(e in back for e in theirs):
                self._keep(target, name, tuple(back[e] for e in theirs))

    def _keep(self, source: str, target: str, images: tuple[str, ...]) -> None:
        self._mappings.setdefault(source, {}).setdefault(target, images)
