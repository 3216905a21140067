"""Read values for a Vensim model from other files, for GET functions and for data variables without an equation.

The methods of `FromFiles` return the numbers and points of the elements of a left-hand side.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.expression import Call, Expression, Lookup, Number, Table
from sdcluster.model.missing import NA
from sdcluster.model.names import canonical
from sdcluster.model.subscripts import Subscripts
from sdcluster.read.syntax import Numbers, Reference
from sdcluster.read.tables.external import ExternalFiles, MissingFile
from sdcluster.read.translate import make_table
from sdcluster.read.vensim.data import DataFiles, Points
from sdcluster.read.vensim.missing import MissingData
from sdcluster.read.vensim.parsed_variables import External, Part, is_table
from sdcluster.read.vensim.vdf_functions import VdfCall, VdfFiles

_NOTHING = ((0.0,), (NA,))


@dataclass(frozen=True)
class FromFiles:
    """Access to the data files of a model.

    Parameters
    ----------
    external : ExternalFiles
    data : DataFiles
    runs : VdfFiles
    missing : MissingData
        Collects a sentence for each missing file and each missing series.
    subscripts : Subscripts
    texts : mapping of str to str
        String variables, which may contain file names.
    """

    external: ExternalFiles
    data: DataFiles
    runs: VdfFiles
    missing: MissingData
    subscripts: Subscripts
    texts: Mapping[str, str]

    def numbers(self, tree: External | VdfCall, part: Part, name: str) -> Numbers:
        """Return the constants that a GET function reads, or `NA` if the file is missing."""
        shape = self.subscripts.shape(part.subscripts)
        try:
            if isinstance(tree, VdfCall):
                return Numbers(self.runs.constants(tree, self.texts, math.prod(shape)))
            file, tab, cell = self.with_texts(tree).arguments
            return Numbers(self.external.constants(file, tab, cell, shape))
        except MissingFile as error:
            self.missing.file(name, error.sentence)
            return Numbers((NA,))

    def series(
        self, tree: External | VdfCall, part: Part, name: str
    ) -> Iterator[tuple[tuple[str, ...], Expression]]:
        """Yield the subscripts and the expression of each element of a variable that reads data series from a file."""
        parts = self.subscripts.parts(part.subscripts)
        tree = tree if isinstance(tree, VdfCall) else self.with_texts(tree)
        kind = part.interpolation.replace(" ", "_") or "interpolate"
        if kind not in ("interpolate", "look_forward", "hold_backward", "raw"):
            raise ModelError(message("read.vensim.no_way_read_data", kind=kind.upper()))
        try:
            found = self._points(tree, parts, name, kind)
        except MissingFile as error:
            self.missing.file(name, error.sentence)
            found = [_NOTHING for _ in parts]
        for elements, (xs, ys) in zip(parts, found, strict=True):
            yield elements, _equation(tree, make_table(xs, ys, kind))

    def _points(
        self, tree: External | VdfCall, parts: Sequence[tuple[str, ...]], name: str, kind: str
    ) -> Sequence[Points]:
        if isinstance(tree, VdfCall):
            return self.runs.points(tree, self.texts, len(parts))
        if tree.kind == "stored":
            return self._stored(name, parts)
        file, tab, x, cell = tree.arguments
        return self.external.series(file, tab, x, cell, len(parts), kind)

    def with_texts(self, tree: External) -> External:
        """Return a GET function in which string variables are replaced by their texts."""

        def text(argument: Any) -> Any:
            named = isinstance(argument, Reference)
            return self.texts.get(canonical(argument.name), argument) if named else argument

        arguments = tuple(map(text, tree.arguments))
        if not all(isinstance(a, str) for a in arguments):
            raise ModelError(message("read.vensim.arguments_get_function_texts"))
        return replace(tree, arguments=arguments)

    def _stored(self, name: str, parts: Sequence[tuple[str, ...]]) -> list[Points]:
        """Return the points of each element of a data variable.

        Elements that no table contains have the value ``:NA:``.

        If no table contains any element, a run raises an error as soon as an equation uses the variable.
        """
        series = [self.data.series(name, elements) for elements in parts]
        if not any(series):
            column = f"{name}[{','.join(parts[0])}]" if parts[0] else name
            sentence = message(
                "read.vensim.no_data_file_holds", column=column, hint=self.data.hint()
            )
            self.missing.data(name, sentence)
        return [points or _NOTHING for points in series]


def _equation(tree: External | VdfCall, table: Table) -> Expression:
    if is_table(tree):
        return table
    return Number(NA) if set(table.y) == {NA} else Lookup(table, Call("time", ()))
