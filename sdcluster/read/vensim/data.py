"""Values for data variables without an equation, read from tables and stored runs in the model's folder.

`DataFiles.series(name, elements)` returns the values. The formats of the files are ``.tab`` and ``.csv`` as Vensim
exports them, with one column or one row for each variable; ``.dat``, in which lines of time and value follow each name;
and ``.vdf``.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.missing import is_exported_missing
from sdcluster.model.names import canonical
from sdcluster.read.tables.external import ExternalFiles
from sdcluster.read.tables.paths import listing
from sdcluster.read.vensim.vdf import read_vdf
from sdcluster.read.vensim.vdf_bytes import ORIGIN

_SUFFIXES = (".tab", ".csv", ".dat", ".tsv")
_BINARY = (".vdf", ".vdfx", ".vdf64")
MAX_FILES = 40

Points = tuple[tuple[float, ...], tuple[float, ...]]


class DataFiles:
    """The tables that are searched for the values of data variables.

    Parameters
    ----------
    external : ExternalFiles
        Reads files in the allowed folders.
    named : sequence of paths
        Files that the caller names. These files are searched first, and can be in any folder.
    model : str
        Name of the model file without its extension.
    """

    def __init__(
        self, external: ExternalFiles, named: Sequence[str | Path], model: str = ""
    ) -> None:
        self.external = external
        self.model = model.lower()
        self.named = [Path(p) for p in named]
        self._found: dict[str, Points] | None = None

    def series(self, name: str, elements: tuple[str, ...]) -> Points | None:
        """Return the times and values of a data variable or one of its elements, or None if no table contains them."""
        if self._found is None:
            self._found = self._read()
        key = canonical(name)
        column = spelling(f"{key}[{','.join(elements)}]") if elements else key
        return self._found.get(column)

    def hint(self) -> str:
        """Return a suggestion if the model's folder contains a run in Vensim's binary format.

        Otherwise, return an empty text.
        """
        binary = [p for p in sorted(self.external.folder.iterdir()) if p.suffix.lower() in _BINARY]
        if not binary:
            return ""
        return message("read.vensim.does_not_hold_cannot", name=binary[0].name)

    def _read(self) -> dict[str, Points]:
        found: dict[str, Points] = {}
        for path in self._files():
            for name, points in self._tables(path):
                found.setdefault(spelling(name), points)
        return found

    def _tables(self, path: Path) -> Iterator[tuple[str, Points]]:
        data = self.external.read(path)
        if path.suffix.lower() not in _BINARY:
            yield from tables(path, data)
            return
        try:
            run = read_vdf(data)
        except ModelError as error:
            if path in {p.resolve() for p in self.named}:
                raise ModelError(error.sentence, file=path) from None
            return  # `hint` mentions the file if data are missing
        for one in run.series:
            points = stored_points(run.times.tolist(), one.values.tolist())
            if points:
                yield one.title, points

    def _files(self) -> list[Path]:
        missing = next((p for p in self.named if not p.is_file()), None)
        if missing is not None:
            raise ModelError(message("read.vensim.data_file_not", missing=missing))
        folder = self.external.folder
        self.external.watched[folder.resolve()] = listing(folder)
        beside = [
            p
            for p in sorted(folder.iterdir(), key=lambda p: (p.suffix.lower() in _BINARY, p))
            if p.suffix.lower() in (*_SUFFIXES, *_BINARY) and p.is_file()
        ]
        # Results of the model itself come last, so that they are used only if no other file has the data.
        beside.sort(key=self._is_own_result)
        inside = [p for p in beside if p.resolve().is_relative_to(folder.resolve())]
        return [p.resolve() for p in self.named] + inside[:MAX_FILES]

    def _is_own_result(self, path: Path) -> bool:
        stem = path.stem.lower()
        if path.suffix.lower() not in _BINARY:
            return stem == self.model or stem.startswith("output")
        with path.open("rb") as file:
            head = file.read(ORIGIN.stop)
        return head[ORIGIN].split(b"\0")[0].lower().endswith(f"from {self.model}.mdl".encode())


def tables(path: Path, data: bytes) -> Iterator[tuple[str, Points]]:
    """Yield each series in a ``.tab``, ``.csv`` or ``.dat`` file: its name as written, its times and its values."""
    text = _text(data)
    return _dat(text) if path.suffix.lower() == ".dat" else _columns(path, text)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def spelling(name: str) -> str:
    """Return the normalised form of a name with subscripts: canonical names, as ``name[a,b]``."""
    head, bracket, rest = name.partition("[")
    if not bracket:
        return canonical(head)
    inner = ",".join(canonical(part) for part in rest.rstrip("] ").split(","))
    return f"{canonical(head)}[{inner}]"


def head_and_elements(name: str) -> tuple[str, tuple[str, ...]]:
    """Split a column name into the name of a variable and the elements in brackets, without knowing the model.

    Elements follow the variable's name directly, as in ``stock[a,b]``. Brackets after a blank or in quotes are part of
    the name, as in ``cost % [a]``.

    >>> head_and_elements("cost % [a][north, old]")
    ('cost % [a]', ('north', 'old'))
    >>> head_and_elements("cost % [a]")
    ('cost % [a]', ())
    """
    text = name.strip()
    head, _, inside = text.removesuffix("]").rpartition("[")
    if not text.endswith("]") or not head or head[-1].isspace():
        return text, ()
    return head, tuple(part.strip() for part in inside.split(","))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def stored_points(times: Sequence[float], values: Sequence[float]) -> Points | None:
    """Return the points of a stored series, sorted by time and without missing values, or None if no points remain."""
    kept = {
        t: v
        for t, v in zip(times, values, strict=False)
        if math.isfinite(t) and math.isfinite(v) and not is_exported_missing(v)
    }
    if not kept:
        return None
    order = sorted(kept)
    return tuple(order), tuple(kept[t] for t in order)


def _columns(path: Path, text: str) -> Iterator[tuple[str, Points]]:
    first = text.partition("\n")[0]
    delimiter = "\t" if "\t" in first else "," if path.suffix.lower() == ".csv" else "\t"
    try:
        rows = [
            r for r in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, r))
        ]
    except csv.Error:
        return
    if not rows or not rows[0]:
        return
    if math.isfinite(_number(rows[0][-1])):
        # Vensim's "time runs across": the first column contains the names.
        width = max(map(len, rows))
        rows = [list(c) for c in zip(*(r + [""] * (width - len(r)) for r in rows), strict=True)]
    times = [_number(r[0]) for r in rows[1:]]
    for column, name in enumerate(rows[0][1:], start=1):
        points = stored_points(
            times, [_number(r[column]) if column < len(r) else math.nan for r in rows[1:]]
        )
        if name.strip() and points:
            yield name.strip(), points


def _dat(text: str) -> Iterator[tuple[str, Points]]:
    name, times, values = "", [], []
    for line in [*text.splitlines(), "\0"]:
        parts = line.split("\t") if "\t" in line else line.split()
        numbers = [_number(p) for p in parts]
        if len(parts) >= 2 and all(map(math.isfinite, numbers[:2])):
            times.append(numbers[0])
            values.append(numbers[1])
        elif line.strip():
            points = stored_points(times, values)
            if name and points:
                yield name.strip(), points
            name, times, values = line.strip(), [], []
