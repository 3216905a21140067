"""Vensim functions that read a stored run: GET VDF DATA, GET VDF CONSTANTS and GET VDF LOOKUPS.

`vdf_call(name, arguments)` returns a `VdfCall`, and `VdfFiles` returns the values that such a call reads.

Source: Vensim reference manual, fn_get_vdf_data.html, fn_get_vdf_constants.html, fn_get_vdf_lookups.html.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import joined, message, quoted
from sdcluster.model.names import canonical
from sdcluster.model.subscripts import Subscripts
from sdcluster.read.run_bytes import BINARY, by_spelling, run_in
from sdcluster.read.stored_run import StoredRun
from sdcluster.read.syntax import Reference
from sdcluster.read.tables.external import ExternalFiles, MissingFile
from sdcluster.read.vensim.data import Points, spelling, stored_points

_NUMBERS = {
    "data": lambda: message("read.vensim.start_and_slope"),
    "lookups": lambda: message("read.vensim.start_and_slope"),
    "constants": lambda: message("read.vensim.a_time"),
}


@dataclass(frozen=True)
class VdfCall:
    """A call of a GET VDF function.

    Parameters
    ----------
    kind : str
        ``data``, ``lookups`` or ``constants``.
    file, variable : str or Reference
        Texts, or references to string variables.
    numbers : tuple of float
        Start and slope of the time scale, or the time at which constants are read.
    """

    kind: str
    file: Any
    variable: Any
    numbers: tuple[float, ...]


def vdf_call(name: str, arguments: Sequence[Any]) -> VdfCall:
    """Return the call of the GET VDF function with a canonical name such as ``get vdf data``.

    Raises
    ------
    ModelError
        If the arguments are not two texts (or string variables) followed by the numbers that the function requires.
    """
    kind = name.split()[-1]
    texts, given = tuple(arguments[:2]), tuple(arguments[2:])
    numbers = tuple(n for n in given if isinstance(n, float))
    named = all(isinstance(t, (str, Reference)) for t in texts)
    wanted = 1 if kind == "constants" else 2
    if not named or len(texts) < 2 or len(given) != wanted or len(numbers) != wanted:
        raise ModelError(
            message(
                "read.vensim.takes_file_variable_single",
                name=name.upper(),
                numbers=_NUMBERS[kind](),
            )
        )
    return VdfCall(kind, texts[0], texts[1], numbers)


class VdfFiles:
    """The stored runs to which a model's equations refer.

    Parameters
    ----------
    external : ExternalFiles
        Reads files in the allowed folders.
    subscripts : Subscripts
        The subscript ranges of the model. In a variable's name, a range means its elements.
    """

    def __init__(self, external: ExternalFiles, subscripts: Subscripts) -> None:
        self.external, self.subscripts = external, subscripts
        self._runs: dict[Path, StoredRun] = {}

    def points(self, call: VdfCall, texts: Mapping[str, str], count: int) -> list[Points]:
        """Return the points of each of `count` elements.

        If the slope in the call is positive, x is start + slope × the stored time, otherwise the stored time.

        Raises
        ------
        ModelError
            If the file is missing (`MissingFile`) or unreadable, or if it lacks an element.
        """
        file, run, names = self._asked(call, texts, count)
        stored = by_spelling(run)
        lookups = {spelling(name): points for name, points in run.lookups.items()}
        start, slope = call.numbers if call.numbers[1] > 0.0 else (0.0, 1.0)
        found = []
        for name in names:
            if call.kind == "lookups" and name in lookups:
                xs, ys = (tuple(map(float, column)) for column in lookups[name])
            elif name in stored:
                points = stored_points(run.times.tolist(), stored[name].values.tolist())
                if points is None:
                    raise ModelError(message("read.vensim.no_values", name=name, file=file))
                xs, ys = points
            else:
                raise _lacks(file, name, [*stored, *(lookups if call.kind == "lookups" else ())])
            found.append((tuple(start + slope * x for x in xs), ys))
        return found

    def constants(self, call: VdfCall, texts: Mapping[str, str], count: int) -> tuple[float, ...]:
        """Return the values of `count` elements at the time in the call.

        The value is the last one stored at or before that time. If all stored values are later, it is the first of
        them. If the file name is empty, the result is the time itself, as in Vensim.
        """
        if _text(call.file, texts) == "":
            return call.numbers * count
        file, run, names = self._asked(call, texts, count)
        stored = by_spelling(run)
        values = []
        for name in names:
            if name not in stored:
                raise _lacks(file, name, list(stored))
            points = stored_points(run.times.tolist(), stored[name].values.tolist())
            if points is None:
                raise ModelError(message("read.vensim.no_values", name=name, file=file))
            before = [y for x, y in zip(*points, strict=True) if x <= call.numbers[0]]
            values.append(before[-1] if before else points[1][0])
        return tuple(values)

    def _asked(
        self, call: VdfCall, texts: Mapping[str, str], count: int
    ) -> tuple[str, StoredRun, list[str]]:
        """Return the file name in a call, the run in that file, and the normalised name of each element to read."""
        file, variable = _text(call.file, texts), _text(call.variable, texts)
        head, bracket, rest = variable.partition("[")
        inside = [canonical(s) for s in rest.rstrip("] ").split(",")] if bracket else []
        parts = self.subscripts.parts(inside)
        if len(parts) != count:
            raise ModelError(
                message(
                    "read.vensim.elements_left_side",
                    variable=variable,
                    file=file,
                    count=len(parts),
                    count_2=count,
                )
            )
        names = [spelling(f"{canonical(head)}[{','.join(p)}]" if p else head) for p in parts]
        return file, self._run(file), names

    def _run(self, file: str) -> StoredRun:
        path = self._resolved(file)
        if path not in self._runs:
            try:
                self._runs[path] = run_in(path, self.external.read(path))
            except ModelError as error:
                raise ModelError(joined(": ", (quoted(file), error.sentence))) from None
        return self._runs[path]

    def _resolved(self, file: str) -> Path:
        """Return the path of a file whose name in the model can lack the extension, as in Vensim's dialogs."""
        try:
            return self.external.resolve(file)
        except MissingFile:
            for ending in BINARY:
                try:
                    return self.external.resolve(file + ending)
                except MissingFile:
                    continue
            raise


def _text(value: Any, texts: Mapping[str, str]) -> str:
    """Return `value` if it is a text, or the text of the string variable to which it refers."""
    if isinstance(value, str):
        return value
    found = texts.get(canonical(value.name))
    if found is None:
        raise ModelError(message("read.vensim.not_string_variable_write", value=value.name))
    return found


def _lacks(file: str, name: str, known: Sequence[str]) -> ModelError:
    near = difflib.get_close_matches(name, known, 1)
    hint = message("read.vensim.did_you_mean", near=near[0]) if near else ""
    return ModelError(message("read.vensim.holds_no", file=file, name=name, hint=hint))
