"""Points from a table: a column of a CSV or Excel file, over its first column.

Crosses the border: `read_points(file, names)` for the columns that are named, `PointsFile` for a setting that names one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model.names import canonical
from sdcluster.model.points import Points
from sdcluster.read.external import MAX_BYTES
from sdcluster.read.external_tables import Sheet, read_book

ENDINGS = (".csv", ".tab", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True)
class PointsFile:
    """A setting that stands in a file.

    Parameters
    ----------
    path : Path
        A table whose first column is x (for a series the time) and whose first row names the columns.
    column : str
        The column of the values; the name of the variable if empty.
    between, lookup
        As for `Points`.
    """

    path: Path
    column: str = ""
    between: str = ""
    lookup: bool = False


def read_points(file: PointsFile, name: str, elements: Sequence[str]) -> dict[str, Points]:
    """Return the points of a variable, or of each element of an array.

    Parameters
    ----------
    file : PointsFile
    name : str
        Of the variable, or of one of its elements.
    elements : sequence of str
        For an array that is set as a whole the names of its elements, each a column; else empty.

    Raises
    ------
    ModelError
        For a file that cannot be read, and a column that it lacks: the sentence names those that it has.
    """
    rows = _rows(file.path)
    columns = _columns(rows)
    only = len(rows[0]) == 2

    def points(at: int) -> Points:
        found = [(r[0], r[at]) for r in rows if _is_number(r[0]) and _is_number(r[at])]
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
    shown = ", ".join(head[:12]) + (" …" if len(head) > 12 else "")
    return ModelError(
        f'the table has no column "{wanted}"{hint or f"; its columns are: {shown}"}', file=file.path
    )


def _rows(path: Path) -> list[list[float | str]]:
    """Return the cells of a table row by row, turned so that x runs down; empty cells are NaN."""
    if not path.is_file():
        raise ModelError("there is no such file; name a table with a column of values", file=path)
    if path.stat().st_size > MAX_BYTES:
        raise ModelError(f"the table is larger than {MAX_BYTES:,} bytes", file=path)
    data = path.read_bytes()
    book = read_book(path.name, path, data, "")
    if book.delimiter:
        book = read_book(path.name, path, data, book.delimiter)
    sheet = next(iter(book.sheets.values()))
    rows = [[_cell(sheet, r, c) for c in range(sheet.columns)] for r in range(sheet.rows)]
    rows = [row for row in rows if any(cell == cell and cell != "" for cell in row)]
    if not rows or len(rows[0]) < 2:
        raise ModelError(
            "the table needs a first column of times or x and a column of values", file=path
        )
    across = all(map(_is_number, rows[0][1:])) and not any(_is_number(r[0]) for r in rows[1:])
    if across and len(rows) > 1:
        rows = [list(column) for column in zip(*rows, strict=True)]
    if not any(_is_number(row[0]) for row in rows):
        raise ModelError(
            "the first column of the table holds no numbers; it must hold the times (or x)", file=path
        )
    return rows


def _cell(sheet: Sheet, row: int, column: int) -> float | str:
    number = sheet.number(row, column)
    return sheet.text(row, column) if math.isnan(number) else number


def _is_number(cell: float | str) -> bool:
    return isinstance(cell, float) and math.isfinite(cell)


def _columns(rows: list[list[float | str]]) -> dict[str, int]:
    """Return the place of each column by its name; none where the first row is numbers."""
    if all(map(_is_number, rows[0])):
        return {}
    return {_key(str(cell)): at for at, cell in enumerate(rows[0]) if at and cell != ""}


def _key(name: str) -> str:
    head, bracket, inside = name.rstrip().partition("[")
    if not bracket:
        return canonical(name)
    parts = ",".join(canonical(part) for part in inside.rstrip("] ").split(","))
    return f"{canonical(head)}[{parts}]"
