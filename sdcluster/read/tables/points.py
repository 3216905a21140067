"""Read points from a table: the x values from the first column, the y values from another column.

`PointsFile` and `Scale` are settings that are replaced by points before a run. `read_points(file, name, elements)`
returns the points in a CSV or Excel file, and `read_input(text)` parses a value that the user typed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import comma_separated, message
from sdcluster.model.names import canonical
from sdcluster.model.points import Points, warn_of_gaps
from sdcluster.read.limits import MAX_TABLE_BYTES

if TYPE_CHECKING:
    from sdcluster.read.tables.cells import Sheet

_PAIR = re.compile(r"\(\s*([^\s(),;]+)\s*[,;]\s*([^\s(),;]+)\s*\)")
ENDINGS = (".csv", ".tab", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True)
class PointsFile:
    """Points for a variable, in a file that is not read yet.

    Parameters
    ----------
    path : Path
        A table. The first column contains x (the time, for a data series), and the first row contains the names of the
        columns.
    column : str
        Name of the column with the y values. If empty, the column that has the name of the variable is used.
    between, lookup
        As for `Points`.
    """

    path: Path
    column: str = ""
    between: str = ""
    lookup: bool = False


@dataclass(frozen=True)
class Scale:
    """A setting that multiplies the y values of a lookup in the model by a factor."""

    factor: float


def read_points(file: PointsFile, name: str, elements: Sequence[str]) -> dict[str, Points]:
    """Return the points of a variable, or of each element of an array, keyed by name.

    Parameters
    ----------
    file : PointsFile
    name : str
        Name of the variable or of one of its elements.
    elements : sequence of str
        If a whole array is set, the names of its elements. The file must have a column for each element. Otherwise
        empty.

    Raises
    ------
    ModelError
        If the file cannot be read or lacks the column. In the latter case, the message lists the existing columns.
    """
    rows = _rows(file.path)
    columns = _columns(rows)
    only = len(rows[0]) == 2

    def points(at: int) -> Points:
        known = [r for r in rows if _is_number(r[0])]
        found = [(r[0], r[at]) for r in known if _is_number(r[at])]
        # Empty cells are normal, because columns may have different times. A word instead of a number may be a mistake.
        words = [r[0] for r in known if isinstance(r[at], str) and str(r[at]).strip()]
        if words and found:
            warn_of_gaps(words, f'{file.path}: the column "{file.column or name}": ')
        return Points.of([(float(x), float(y)) for x, y in found], file.between, lookup=file.lookup)  # type: ignore[arg-type]

    wanted = _key(file.column or name)
    if wanted in columns:
        return {name: points(columns[wanted])}
    if only and not file.column and (file.lookup or not columns):
        return {name: points(1)}
    if elements and not file.column:
        missing = [e for e in elements if _key(e) not in columns]
        if len(missing) < len(elements):
            if missing:
                raise _lacks(file, missing[0], rows)
            return {e: points(columns[_key(e)]) for e in elements}
    raise _lacks(file, file.column or name, rows)


def _lacks(file: PointsFile, wanted: str, rows: list[list[float | str]]) -> ModelError:
    head = [str(cell) for cell in rows[0][1:] if cell != ""]
    hint = did_you_mean(wanted, head)
    shown = comma_separated(head[:12]) + (" …" if len(head) > 12 else "")
    return ModelError(
        message(
            "read.tables.table_no_column",
            wanted=wanted,
            hint=hint or message("read.tables.columns", shown=shown),
        ),
        file=file.path,
    )


def _rows(path: Path) -> list[list[float | str]]:
    """Return the rows of a table, transposed if necessary so that x is the first column. Empty cells are NaN."""
    from sdcluster.read.tables.cells import read_book

    if not path.is_file():
        raise ModelError(message("read.tables.no_such_file_name"), file=path)
    if path.stat().st_size > MAX_TABLE_BYTES:
        raise ModelError(
            message("read.tables.table_larger_bytes", max_table_bytes=MAX_TABLE_BYTES), file=path
        )
    data = path.read_bytes()
    sheet = next(iter(read_book(path.name, path, data, delimiter_of(data)).sheets.values()))
    rows = [[_cell(sheet, r, c) for c in range(sheet.columns)] for r in range(sheet.rows)]
    rows = [row for row in rows if any(cell == cell and cell != "" for cell in row)]
    if not rows or len(rows[0]) < 2:
        raise ModelError(message("read.tables.table_needs_first_column"), file=path)
    across = all(map(_is_number, rows[0][1:])) and not any(_is_number(r[0]) for r in rows[1:])
    if across and len(rows) > 1:
        rows = [list(column) for column in zip(*rows, strict=True)]
    if not any(_is_number(row[0]) for row in rows):
        raise ModelError(
            message("read.tables.first_column_table_holds"),
            file=path,
        )
    return rows


def delimiter_of(data: bytes) -> str:
    """Return the delimiter of the column names in the first line, or an empty text if there is only one name."""
    head = re.sub(rb'"[^"]*"', b"", data[:10_000].partition(b"\n")[0])
    counts = {d: head.count(d.encode()) for d in (";", "\t", ",", "|")}
    best = max(counts, key=lambda d: counts[d])
    return best if counts[best] else ""


def _cell(sheet: Sheet, row: int, column: int) -> float | str:
    number = sheet.number(row, column)
    return sheet.text(row, column) if math.isnan(number) else number


def _is_number(cell: float | str) -> bool:
    return isinstance(cell, float) and math.isfinite(cell)


def _columns(rows: list[list[float | str]]) -> dict[str, int]:
    """Return the index of each column, keyed by its name. The result is empty if the first row contains numbers."""
    if all(map(_is_number, rows[0])):
        return {}
    return {_key(str(cell)): at for at, cell in enumerate(rows[0]) if at and cell != ""}


def _key(name: str) -> str:
    head, bracket, inside = name.rstrip().partition("[")
    if not bracket:
        return canonical(name)
    parts = ",".join(canonical(part) for part in inside.rstrip("] ").split(","))
    return f"{canonical(head)}[{parts}]"


# ---- values typed by the user


def read_input(text: str, *, lookup: bool = False) -> float | list[float] | Points | PointsFile:
    """Parse a value typed by the user: a number, one number for each element, points, or the name of a table.

    Parameters
    ----------
    text : str
        The name of a table can be followed by the name of a column (``sales.csv:north``). Points and tables can be
        followed by an interpolation: ``hold`` (the previous value), ``next`` or ``linear``.
    lookup : bool
        Whether points replace the lookup in the variable's equation.

    Raises
    ------
    ModelError
        If the text has any other form.
    """
    text = text.strip()
    try:
        numbers = [float(part) for part in text.split(",")]
        return numbers if len(numbers) > 1 else numbers[0]
    except ValueError:
        pass
    words = re.fullmatch(r"(.*?)\s+(linear|hold|next)", text, re.DOTALL)
    body, between = (words[1], words[2]) if words else (text, "")
    if body.startswith("("):
        if _PAIR.sub("", body).strip(" ,;\t\n"):
            raise ModelError(message("read.tables.not_list_points_such", body=body))
        try:
            pairs = [(float(x), float(y)) for x, y in _PAIR.findall(body)]
        except ValueError:
            raise ModelError(message("read.tables.holds_point_no_pair", body=body)) from None
        return Points.of(pairs, between, lookup=lookup)
    path, column = body, ""
    if not Path(path).is_file() and not path.lower().endswith(ENDINGS):
        path, _, column = body.rpartition(":")
    if not (path and (Path(path).is_file() or path.lower().endswith(ENDINGS))):
        raise ModelError(message("read.tables.neither_number_nor_points", text=text))
    return PointsFile(Path(path), column.strip(), between, lookup)
