"""Tables outside the model file: Excel sheets and delimited text, by cell or by named range.

Crosses the border: `ExternalFiles(model_file)` with `constants`, `series` and `elements`. Files must lie in the
model's folder, or in one named by the environment variable ``SDCLUSTER_ALLOW_PATHS`` (separated like ``PATH``). What a
cell range means is as in PySD's ``py_backend.external`` (Martin-Martinez et al. 2022), which follows Vensim.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import re
import zipfile
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError

MAX_BYTES = 64 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_CELLS = 4_000_000
MAX_ROW = 1_048_576
ALLOW = "SDCLUSTER_ALLOW_PATHS"

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")
_EXCEL = (".xlsx", ".xlsm", ".xltx", ".xltm")

Area = tuple[
    int, int, int, int
]  # first row, first column, last row, last column; from 0, all included


@dataclass
class Sheet:
    """The filled cells of one sheet."""

    cells: dict[tuple[int, int], Any]
    rows: int = 0
    columns: int = 0

    def number(self, row: int, column: int) -> float:
        """Return a cell as a number; NaN where it is empty or text."""
        value = self.cells.get((row, column))
        try:
            return math.nan if value is None else float(value)
        except (TypeError, ValueError):
            return math.nan


@dataclass
class Book:
    """A file's sheets by lower-case name, and its named ranges by (lower-case sheet or "", lower-case name)."""

    sheets: dict[str, Sheet]
    names: dict[tuple[str, str], tuple[str, Area]] = field(default_factory=dict)


class ExternalFiles:
    """The files that a model names.

    Parameters
    ----------
    model_file : path
        Relative paths start at its folder.
    """

    def __init__(self, model_file: Path) -> None:
        self.folder = model_file.parent
        self.digests: dict[Path, str] = {}
        self._books: dict[tuple[Path, str], Book] = {}
        self._bytes: dict[Path, bytes] = {}

    # ---- what equations ask for

    def constants(
        self, file: str, tab: str, cell: str, shape: tuple[int, ...]
    ) -> tuple[float, ...]:
        """Return the numbers of ``GET DIRECT CONSTANTS``, row-major over `shape`.

        Parameters
        ----------
        file, tab, cell : str
            As in the equation; a ``*`` at the end of `cell` turns rows and columns.
        shape : tuple of int
            Number of elements along each dimension of the left side; at most two are above 1.
        """
        sizes = [n for n in shape if n > 1]
        if len(sizes) > 2:
            raise ModelError(
                f"a sheet gives at most two dimensions at once, but the left side has {len(sizes)}"
            )
        rows, columns = ([1] * (2 - len(sizes)) + sizes)[:2]
        turned = cell.endswith("*") and bool(sizes)
        if turned:
            rows, columns = columns, rows
        sheet, (top, left, bottom, right) = self._area(file, tab, cell.rstrip("*"), rows, columns)
        if (bottom - top + 1, right - left + 1) != (rows, columns):
            raise ModelError(
                f'the range "{cell}" of "{file}" has {bottom - top + 1} rows and {right - left + 1} columns, '
                f"but the left side needs {rows} and {columns}"
            )
        if top >= sheet.rows or left >= sheet.columns:
            raise ModelError(f'the cells from "{cell}" of "{file}" are empty')
        grid = [
            [sheet.number(r, c) for c in range(left, right + 1)] for r in range(top, bottom + 1)
        ]
        if turned:
            grid = [list(column) for column in zip(*grid, strict=True)]
        return tuple(value for row in grid for value in row)

    def series(
        self, file: str, tab: str, x: str, cell: str, size: int, interpolation: str
    ) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
        """Return the points of ``GET DIRECT DATA`` or ``LOOKUPS``: x and y for each of `size` elements.

        Parameters
        ----------
        x : str
            Row number or column letter of the x values, or a range's name.
        cell : str
            The first cell of the y values, or a range's name.
        """
        xs, columns = self._columns(file, tab, x, cell, size)
        keep = sorted((i for i, v in enumerate(xs) if not math.isnan(v)), key=lambda i: xs[i])
        if not keep:
            raise ModelError(f'"{x}" of "{file}" holds no numbers')
        ordered = [xs[i] for i in keep]
        if any(a == b for a, b in pairwise(ordered)):
            raise ModelError(f'"{x}" of "{file}" holds the same value twice')
        found = []
        for values in columns:
            points = [(xs[i], values[i]) for i in keep if not math.isnan(values[i])]
            # With every value missing, the series says so instead of failing: other elements may be wanted.
            points = points or [(ordered[0], math.nan)]
            px, py = zip(*points, strict=True)
            found.append((px, py))
        return found

    def elements(self, file: str, tab: str, first: str, last: str, prefix: str) -> tuple[str, ...]:
        """Return the names of ``GET DIRECT SUBSCRIPT``, read row by row."""
        split = _split_cell(first)
        if split:
            book = self._book(file, tab)
            sheet = self._sheet(book, file, tab)
            bottom, right = sheet.rows - 1, sheet.columns - 1
            end = _split_cell(last)
            if end:
                bottom, right = end
            elif last.isdigit():
                bottom = int(last) - 1
            elif last.isalpha():
                right = _column(last)
            top, left = split
        else:
            sheet, (top, left, bottom, right) = self._area(file, tab, first, 1, 1)
        bottom, right = min(bottom, sheet.rows - 1), min(right, sheet.columns - 1)
        found = [
            prefix + _name(sheet.cells[r, c])
            for r in range(top, bottom + 1)
            for c in range(left, right + 1)
            if (r, c) in sheet.cells
        ]
        if not found:
            raise ModelError(
                f'the cells from "{first}" of "{file}" are empty, so the subscript has no elements'
            )
        return tuple(found)

    def _columns(
        self, file: str, tab: str, x: str, cell: str, size: int
    ) -> tuple[list[float], list[list[float]]]:
        start = _split_cell(cell)
        if start and x.strip().isdigit():
            sheet, row = self._sheet(self._book(file, tab), file, tab), int(x) - 1
            span = range(start[1], sheet.columns)
            xs = [sheet.number(row, c) for c in span]
            return xs, [[sheet.number(start[0] + k, c) for c in span] for k in range(size)]
        if start and x.strip().isalpha() and len(x.strip()) <= 3:
            sheet, column = self._sheet(self._book(file, tab), file, tab), _column(x.strip())
            span = range(start[0], sheet.rows)
            xs = [sheet.number(r, column) for r in span]
            return xs, [[sheet.number(r, start[1] + k) for r in span] for k in range(size)]
        sheet, (top, left, bottom, right) = self._area(file, tab, x, 1, 1)
        if bottom > top and right > left:
            raise ModelError(
                f'the range "{x}" of "{file}" is a table; the x values must be one row or column'
            )
        down = right == left
        xs = [sheet.number(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
        sheet, (top, left, bottom, right) = self._area(file, tab, cell, 1, 1)
        rows, columns = range(top, bottom + 1), range(left, right + 1)
        lines = (
            [[sheet.number(r, c) for r in rows] for c in columns]
            if down
            else [[sheet.number(r, c) for c in columns] for r in rows]
        )
        if len(lines) != size or len(lines[0]) != len(xs):
            raise ModelError(
                f'the range "{cell}" of "{file}" holds {len(lines)} series of {len(lines[0])} values, but {size} of '
                f"{len(xs)} are needed"
            )
        return xs, lines

    # ---- sheets and ranges

    def _area(self, file: str, tab: str, cell: str, rows: int, columns: int) -> tuple[Sheet, Area]:
        """Return the sheet and the cells that start at `cell`, or that a range's name stands for."""
        book = self._book(file, tab)
        sheet = self._sheet(book, file, tab)
        split = _split_cell(cell)
        if split:
            return sheet, (split[0], split[1], split[0] + rows - 1, split[1] + columns - 1)
        here, name = tab.lower(), cell.strip().lower()
        found = book.names.get((here, name)) or book.names.get(("", name))
        if found is None or found[0] != here:
            known = sorted(n for (s, n), (target, _) in book.names.items() if target == here)
            listed = f"; its names are {', '.join(known[:8])}" if known else ""
            raise ModelError(f'the sheet "{tab}" of "{file}" has no range named "{cell}"{listed}')
        return sheet, found[1]

    def _sheet(self, book: Book, file: str, tab: str) -> Sheet:
        if "" in book.sheets:
            return book.sheets[""]
        sheet = book.sheets.get(tab.lower())
        if sheet is None:
            raise ModelError(f'"{file}" has no sheet "{tab}"; it has {", ".join(book.sheets)}')
        return sheet

    def _book(self, file: str, tab: str) -> Book:
        path = self.resolve(file)
        key = (path, "" if path.suffix.lower() in (*_EXCEL, ".xls") else tab)
        if key not in self._books:
            data = self.read(path)
            if data[:4] == b"PK\3\4":
                book = _read_xlsx(file, data, tab)
            elif data[:4] == b"\xd0\xcf\x11\xe0":
                book = _read_xls(file, data)
            elif path.suffix.lower() in (*_EXCEL, ".xls"):
                raise ModelError(f'"{file}" is no Excel file, though its name says so')
            else:
                book = _read_text(path, data, tab)
            self._books[key] = book
        return self._books[key]

    # ---- paths and bytes

    def resolve(self, file: str) -> Path:
        """Return where `file` lies.

        Raises
        ------
        ModelError
            For an indirect name (``?…``), a missing file, and a file outside the allowed folders.
        """
        if file.startswith("?"):
            raise ModelError(f'"{file}" names a file indirectly; write the name of the file itself')
        if "\0" in file or len(file) > 500:
            raise ModelError("the name of the external file cannot be a path")
        home = self.folder.resolve()
        wanted = home / file.replace("\\", "/").strip()
        path = wanted.resolve()
        folders = [home]
        folders += [Path(p).resolve() for p in os.environ.get(ALLOW, "").split(os.pathsep) if p]
        if not any(path.is_relative_to(folder) for folder in folders):
            raise ModelError(
                f'the external file "{file}" lies outside the model\'s folder; move it there, or allow its folder with '
                f"the environment variable {ALLOW}"
            )
        if not path.is_file():
            # Models converted from .xls to .xlsx often keep the old name in their equations.
            other = path.with_suffix(
                {".xls": ".xlsx", ".xlsx": ".xls"}.get(path.suffix.lower(), path.suffix)
            )
            if not other.is_file() or not any(other.resolve().is_relative_to(f) for f in folders):
                raise ModelError(
                    f'the external file "{file}" is not there; put it beside the model'
                )
            path = other.resolve()
        return path

    def read(self, path: Path) -> bytes:
        """Return the content of a resolved file, and note its digest."""
        if path not in self._bytes:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise ModelError(
                    f'"{path.name}" has {size:,} bytes; more than {MAX_BYTES:,} are not read'
                )
            self._bytes[path] = path.read_bytes()
            self.digests[path] = hashlib.sha256(self._bytes[path]).hexdigest()
        return self._bytes[path]


def _split_cell(cell: str) -> tuple[int, int] | None:
    match = _CELL.fullmatch(cell.strip())
    return (int(match.group(2)) - 1, _column(match.group(1))) if match else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _name(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _parse_area(text: str) -> Area | None:
    parts = text.replace("$", "").split(":")
    first, last = _split_cell(parts[0]), _split_cell(parts[-1])
    return (*first, *last) if first and last and len(parts) <= 2 else None


def _filled(cells: dict[tuple[int, int], Any]) -> Sheet:
    return Sheet(
        cells,
        max((r for r, _ in cells), default=-1) + 1,
        max((c for _, c in cells), default=-1) + 1,
    )


def _read_xlsx(file: str, data: bytes, tab: str) -> Book:
    _check_zip(file, data)
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        found = Book({})
        for sheet in book.worksheets:
            found.sheets[sheet.title.lower()] = _xlsx_cells(file, sheet)
            _add_names(found, sheet.title.lower(), sheet.defined_names)
        _add_names(found, "", book.defined_names)
        book.close()
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(
            f'"{file}" cannot be read as an Excel file ({type(error).__name__})'
        ) from None
    return found


def _add_names(book: Book, scope: str, names: Any) -> None:
    for name, defined in names.items():
        for sheet, cells in defined.destinations:
            area = _parse_area(cells)
            if area:
                book.names[scope, name.lower()] = (sheet.lower(), area)


def _xlsx_cells(file: str, sheet: Any) -> Sheet:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()
    cells: dict[tuple[int, int], Any] = {}
    for row, values in enumerate(sheet.iter_rows(values_only=True)):
        if row >= MAX_ROW or len(cells) > MAX_CELLS:
            raise ModelError(f'a sheet of "{file}" has too many rows or cells to be read')
        for column, value in enumerate(values):
            if value is not None and value != "":
                cells[row, column] = value
    return _filled(cells)


def _check_zip(file: str, data: bytes) -> None:
    """Refuse archives that unpack to far more than they hold, and XML with document types."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > 10_000 or sum(e.file_size for e in entries) > MAX_UNPACKED:
                raise ModelError(f'"{file}" unpacks to more than {MAX_UNPACKED:,} bytes')
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if b"<!" in part.read(4096):
                            raise ModelError(
                                f'"{file}" declares a document type, which no Excel file needs'
                            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise ModelError(f'"{file}" is damaged and cannot be read as an Excel file') from None


def _read_xls(file: str, data: bytes) -> Book:
    try:
        import xlrd  # type: ignore[import-untyped]
    except ImportError:
        raise ModelError(
            f'"{file}" is in the old .xls format, for which the package xlrd is needed; save it as .xlsx'
        ) from None
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=False)
        found = Book({})
        for sheet in book.sheets():
            kinds = (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR)
            found.sheets[sheet.name.lower()] = _filled(
                {
                    (r, c): sheet.cell_value(r, c)
                    for r in range(sheet.nrows)
                    for c in range(sheet.row_len(r))
                    if sheet.cell_type(r, c) not in kinds
                }
            )
        for name in book.name_obj_list:
            scope = "" if name.scope < 0 else book.sheet_names()[name.scope].lower()
            try:
                sheet, top, bottom, left, right = name.area2d()
            except (xlrd.XLRDError, AttributeError, TypeError, AssertionError, IndexError):
                continue
            found.names[scope, name.name.lower()] = (
                sheet.name.lower(),
                (top, left, bottom - 1, right - 1),
            )
    except Exception as error:
        raise ModelError(
            f'"{file}" cannot be read as an Excel file ({type(error).__name__})'
        ) from None
    return found


def _read_text(path: Path, data: bytes, tab: str) -> Book:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    usual = "," if path.suffix.lower() == ".csv" else "\t"
    delimiter = tab[0] if tab and not tab[0].isalnum() else usual
    cells: dict[tuple[int, int], Any] = {}
    try:
        for row, values in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
            if len(cells) > MAX_CELLS:
                raise ModelError(f'"{path.name}" has too many cells to be read')
            cells.update({(row, c): v.strip() for c, v in enumerate(values) if v.strip()})
    except (csv.Error, TypeError, ValueError) as error:
        raise ModelError(f'"{path.name}" cannot be read as delimited text ({error})') from None
    return Book({"": _filled(cells)})
