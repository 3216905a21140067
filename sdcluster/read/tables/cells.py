"""Read the non-empty cells and the named ranges of Excel and delimited text files.

`read_book(…)` returns a `Book`. The files are untrusted. Zip bombs, XML document types and oversized sheets raise an
error.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message

MAX_TEXT = 32 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
# A sheet's XML compresses about ten to one; a far higher ratio indicates a zip bomb.
MAX_PACKED, BIG_PART = 150, 16 * 1024 * 1024
MAX_CELLS = 4_000_000
MAX_ROW = 1_048_576

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
EXCEL = (".xlsx", ".xlsm", ".xltx", ".xltm")

# First row, first column, last row, last column; zero-based and inclusive.
Area = tuple[int, int, int, int]


@dataclass
class Sheet:
    """The non-empty cells of one sheet, keyed by zero-based row and column, and the numbers of rows and columns."""

    cells: dict[tuple[int, int], Any]
    rows: int = 0
    columns: int = 0

    def number(self, row: int, column: int) -> float:
        """Return a cell as a number, or NaN if the cell is empty or contains text."""
        value = self.cells.get((row, column))
        try:
            return math.nan if value is None else float(value)
        except (TypeError, ValueError):
            return math.nan

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell, or an empty string if the cell is empty or contains a number.

        At most 60 characters are returned.
        """
        value = self.cells.get((row, column))
        return "" if value is None or not math.isnan(self.number(row, column)) else str(value)[:60]


@dataclass
class Book:
    """The sheets and named ranges of a file.

    `sheets` maps the name of a sheet, in lower case, to the sheet. `names` maps a pair of scope and name, in lower
    case, to a sheet and an area in this sheet. The scope is the sheet in which the name is valid, or ``""`` for the
    whole file.
    """

    sheets: dict[str, Sheet]
    names: dict[tuple[str, str], tuple[str, Area]] = field(default_factory=dict)
    delimiter: str = ""  # likely delimiter of a text file that lacks the requested one


def split_cell(cell: str) -> tuple[int, int] | None:
    """Return the zero-based row and column of a cell such as ``B12``, or None if the text is not a cell."""
    match = _CELL.fullmatch(cell.strip())
    return (int(match.group(2)) - 1, column_number(match.group(1))) if match else None


def column_number(letters: str) -> int:
    """Return the zero-based number of a column such as ``AB``."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(number: int) -> str:
    """Return the name of a column, such as ``A`` or ``AB``, from its zero-based number."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _parse_area(text: str) -> Area | None:
    parts = text.replace("$", "").split(":")
    first, last = split_cell(parts[0]), split_cell(parts[-1])
    return (*first, *last) if first and last and len(parts) <= 2 else None


def _filled(cells: dict[tuple[int, int], Any]) -> Sheet:
    return Sheet(
        cells,
        max((r for r, _ in cells), default=-1) + 1,
        max((c for _, c in cells), default=-1) + 1,
    )


def read_book(file: str, path: Path, data: bytes, tab: str) -> Book:
    """Return the non-empty cells and the named ranges of a file.

    Parameters
    ----------
    file : str
        Name of the file in the equation, for messages.
    path : path
        Path of the file. If `tab` is not a delimiter, the extension determines the delimiter of a text file.
    data : bytes
        Content of the file. The first bytes determine whether it is an Excel file.
    tab : str
        The delimiter of a text file. The argument is ignored if it is empty, or if it begins with a letter or digit and
        may therefore be the name of a sheet.
    """
    if data[:4] == b"PK\3\4":
        return _read_xlsx(file, data)
    if data[:4] == b"\xd0\xcf\x11\xe0":
        return _read_xls(file, data)
    if path.suffix.lower() in (*EXCEL, ".xls"):
        raise ModelError(message("read.tables.no_excel_file_though", file=file))
    return _read_text(path, data, tab)


def _read_xlsx(file: str, data: bytes) -> Book:
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
            message("read.tables.cannot_read_excel_file", file=file, name=type(error).__name__)
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
    seen = 0  # number of cells, with blank cells, which take as long to read
    for row, values in enumerate(sheet.iter_rows(values_only=True)):
        seen += len(values)
        if row >= MAX_ROW or len(cells) > MAX_CELLS or seen > 16 * MAX_CELLS:
            raise ModelError(message("read.tables.sheet_too_many_rows", file=file))
        for column, value in enumerate(values):
            if value is not None and value != "":
                cells[row, column] = value
    return _filled(cells)


def _check_zip(file: str, data: bytes) -> None:
    """Raise an error if the file is a zip bomb, or if its XML declares a document type."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > 10_000 or sum(e.file_size for e in entries) > MAX_UNPACKED:
                raise ModelError(
                    message("read.tables.unpacks_more_bytes", file=file, max_unpacked=MAX_UNPACKED)
                )
            for entry in entries:
                if entry.file_size > max(BIG_PART, MAX_PACKED * entry.compress_size):
                    raise ModelError(
                        message(
                            "read.tables.holds_part_bytes_packed",
                            file=file,
                            file_size=entry.file_size,
                            compress_size=entry.compress_size,
                        )
                    )
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if b"<!" in part.read(4096):
                            raise ModelError(
                                message("read.tables.declares_document_type_no", file=file)
                            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise ModelError(message("read.tables.damaged_cannot_read_excel", file=file)) from None


def _read_xls(file: str, data: bytes) -> Book:
    try:
        import xlrd  # type: ignore[import-untyped]
    except ImportError:
        raise ModelError(message("read.tables.old_xls_format_package", file=file)) from None
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
            message("read.tables.cannot_read_excel_file", file=file, name=type(error).__name__)
        ) from None
    return found


def _read_text(path: Path, data: bytes, tab: str) -> Book:
    if len(data) > MAX_TEXT:
        raise ModelError(
            message(
                "read.tables.bytes_text_read", path=path.name, count=len(data), max_text=MAX_TEXT
            )
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    usual = "," if path.suffix.lower() == ".csv" else "\t"
    tab = {"\\t": "\t"}.get(tab, tab)
    delimiter = tab[0] if tab and not tab[0].isalnum() else usual
    cells: dict[tuple[int, int], Any] = {}
    try:
        for row, values in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
            if len(cells) > MAX_CELLS:
                raise ModelError(message("read.tables.too_many_cells_read", path=path.name))
            for column, value in enumerate(values):
                if value.strip():
                    cells[row, column] = _plain(value.strip(), delimiter)
    except ModelError:
        raise
    except (csv.Error, TypeError, ValueError) as error:
        raise ModelError(
            message("read.tables.cannot_read_delimited_text", path=path.name, error=error)
        ) from None
    return Book({"": _filled(cells)}, delimiter=_other_delimiter(text, delimiter))


def _plain(text: str, delimiter: str) -> str:
    """Return a number as Python writes it: with a decimal point, and without thousands separators.

    Other texts are returned unchanged.
    """
    if delimiter != "," and _DECIMAL_COMMA.fullmatch(text):
        return text.replace(",", ".")
    return text.replace(",", "") if delimiter == "," and _THOUSANDS.fullmatch(text) else text


def _other_delimiter(text: str, delimiter: str) -> str:
    """Return a character that seems to separate the columns, if `delimiter` does not occur in the text.

    The result is empty if `delimiter` occurs, or if no other delimiter is found.
    """
    head = text[:10_000]
    if delimiter in head:
        return ""
    return next((d for d in (";", "\t", ",", "|") if d in head), "")
