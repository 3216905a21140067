"""Read tables outside the model file: Excel sheets and delimited text, by cell or by named range.

`ExternalFiles(model_file)` reads the tables with its methods `constants`, `series` and `elements`. The files must be in
the model's folder, or in a folder that the environment variable ``SDCLUSTER_ALLOW_PATHS`` lists (separated like
``PATH``). Cell ranges mean the same as in PySD's ``py_backend.external`` (Martin-Martinez et al. 2022), which follows
Vensim.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.files import reason as os_reason
from sdcluster.messages import comma_separated, message
from sdcluster.model import Remark
from sdcluster.model.missing import NA, is_exported_missing
from sdcluster.read.limits import MAX_TABLE_BYTES
from sdcluster.read.tables.cells import (
    EXCEL,
    MAX_CELLS,
    Area,
    Book,
    Sheet,
    column_letters,
    column_number,
    read_book,
    split_cell,
)
from sdcluster.read.tables.paths import any_case, leaves_folder, listing, other_excel, tails

ALLOW = "SDCLUSTER_ALLOW_PATHS"


class MissingFile(ModelError):
    """Raised if a file is missing or cannot be reached. The variables that read the file have no values then."""


class ExternalFiles:
    """The external files of a model.

    Parameters
    ----------
    model_file : path
        The model file. Relative paths start at its folder.

    Attributes
    ----------
    digests : dict of Path to str
        SHA-256 of each file that was read.
    watched : dict of Path to str
        Other files and folders on which the model depends: an empty text for a missing file, the `listing` for a
        folder.
    """

    def __init__(self, model_file: Path) -> None:
        self.folder = model_file.parent
        self.tags: Mapping[str, str] = {}
        self.remarks: list[Remark] = []
        self.digests: dict[Path, str] = {}
        self.watched: dict[Path, str] = {}
        self._books: dict[tuple[Path, str], Book] = {}
        self._bytes: dict[Path, bytes] = {}
        self._told: set[str] = set()

    # ---- interface for equations

    def constants(
        self, file: str, tab: str, cell: str, shape: tuple[int, ...]
    ) -> tuple[float, ...]:
        """Return the numbers that ``GET DIRECT CONSTANTS`` reads, in row-major order over `shape`.

        Parameters
        ----------
        file, tab, cell : str
            The arguments in the equation. A ``*`` at the end of `cell` transposes the table.
        shape : tuple of int
            Number of elements along each dimension of the left-hand side. At most two of these numbers can be greater
            than 1.
        """
        sizes = [n for n in shape if n > 1]
        if len(sizes) > 2:
            raise ModelError(message("read.tables.sheet_gives_most_two", count=len(sizes)))
        rows, columns = ([1] * (2 - len(sizes)) + sizes)[:2]
        turned = cell.endswith("*") and bool(sizes)
        if turned:
            rows, columns = columns, rows
        sheet, (top, left, bottom, right) = self._area(file, tab, cell.rstrip("*"), rows, columns)
        if (bottom - top + 1, right - left + 1) != (rows, columns):
            raise ModelError(
                message(
                    "read.tables.range_rows_columns_left",
                    cell=cell,
                    file=file,
                    bottom=bottom - top + 1,
                    right=right - left + 1,
                    rows=rows,
                    columns=columns,
                )
            )
        if top >= sheet.rows or left >= sheet.columns:
            raise ModelError(message("read.tables.cells_empty", cell=cell, file=file))
        grid = [
            [self._constant(file, sheet, r, c) for c in range(left, right + 1)]
            for r in range(top, bottom + 1)
        ]
        if turned:
            grid = [list(column) for column in zip(*grid, strict=True)]
        return tuple(value for row in grid for value in row)

    def _constant(self, file: str, sheet: Sheet, row: int, column: int) -> float:
        """Return a cell as a number: `NA` for a blank cell, and 0 with a remark for a cell that contains text."""
        text = sheet.text(row, column).strip()
        if not text or text.upper() == ":NA:":
            number = sheet.number(row, column)
            return NA if math.isnan(number) or is_exported_missing(number) else number
        place = f"{column_letters(column)}{row + 1}"
        self.remarks.append(
            Remark(
                message("read.tables.cell_holds_text_no", place=place, file=file, text=text),
                fixed=True,
                remedy=message("read.tables.write_number_cell"),
            )
        )
        return 0.0

    def series(
        self, file: str, tab: str, x: str, cell: str, size: int, interpolation: str
    ) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
        """Return the points that ``GET DIRECT DATA`` or ``GET DIRECT LOOKUPS`` reads.

        The result has the x and y values of each of `size` elements.

        Parameters
        ----------
        x : str
            Row number or column letter of the x values, or the name of a range.
        cell : str
            First cell of the y values, or the name of a range.
        """
        xs, columns = self._columns(file, tab, x, cell, size)
        keep = sorted(_one_table(xs), key=lambda i: xs[i])
        if not keep:
            other = self._book(file, tab).delimiter
            hint = (
                message("read.tables.columns_seem_parted_not", other=repr(other), tab=repr(tab))
                if other
                else ""
            )
            raise ModelError(message("read.tables.holds_no_numbers", x=x, file=file, hint=hint))
        ordered = [xs[i] for i in keep]
        if any(a == b for a, b in pairwise(ordered)):
            raise ModelError(message("read.tables.holds_same_value_twice", x=x, file=file))
        found = []
        for values in columns:
            points = [(xs[i], values[i]) for i in keep if not _is_gap(values[i])]
            # A series without values is :NA: and not an error, because other elements may have values.
            points = points or [(ordered[0], NA)]
            px, py = zip(*points, strict=True)
            found.append((px, py))
        return found

    def elements(self, file: str, tab: str, first: str, last: str, prefix: str) -> tuple[str, ...]:
        """Return the element names that ``GET DIRECT SUBSCRIPT`` reads, row by row."""
        split = split_cell(first)
        if split:
            book = self._book(file, tab)
            sheet = self._sheet(book, file, tab)
            bottom, right = sheet.rows - 1, sheet.columns - 1
            end = split_cell(last)
            if end:
                bottom, right = end
            elif last.isdigit():
                bottom = int(last) - 1
            elif last.isalpha():
                right = column_number(last)
            top, left = split
        else:
            sheet, (top, left, bottom, right) = self._area(file, tab, first, 1, 1)
        bottom, right = min(bottom, sheet.rows - 1), min(right, sheet.columns - 1)
        inside = sorted((r, c) for r, c in sheet.cells if top <= r <= bottom and left <= c <= right)
        found = [prefix + _name(sheet.cells[place]) for place in inside]
        if not found:
            raise ModelError(
                message("read.tables.cells_empty_subscript_no", first=first, file=file)
            )
        return tuple(found)

    def _columns(
        self, file: str, tab: str, x: str, cell: str, size: int
    ) -> tuple[list[float], list[list[float]]]:
        start = split_cell(cell)
        if start and x.strip().isdigit():
            sheet, row = self._sheet(self._book(file, tab), file, tab), int(x) - 1
            span = range(start[1], sheet.columns)
            xs = [sheet.number(row, c) for c in span]
            _check_size(file, size * len(span))
            return xs, [[sheet.number(start[0] + k, c) for c in span] for k in range(size)]
        if start and x.strip().isalpha() and len(x.strip()) <= 3:
            sheet, column = self._sheet(self._book(file, tab), file, tab), column_number(x.strip())
            span = range(start[0], sheet.rows)
            xs = [sheet.number(r, column) for r in span]
            _check_size(file, size * len(span))
            return xs, [[sheet.number(r, start[1] + k) for r in span] for k in range(size)]
        sheet, (top, left, bottom, right) = self._area(file, tab, x, 1, 1)
        if bottom > top and right > left:
            raise ModelError(message("read.tables.range_table_x_values", x=x, file=file))
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
                message(
                    "read.tables.range_holds_series_values",
                    cell=cell,
                    file=file,
                    count=len(lines),
                    count_2=len(lines[0]),
                    size=size,
                    count_3=len(xs),
                )
            )
        return xs, lines

    # ---- sheets and ranges

    def _area(self, file: str, tab: str, cell: str, rows: int, columns: int) -> tuple[Sheet, Area]:
        """Return the sheet and an area: `rows` by `columns` cells from `cell` on, or the named range `cell`."""
        book = self._book(file, tab)
        sheet = self._sheet(book, file, tab)
        split = split_cell(cell)
        if split:
            return sheet, (split[0], split[1], split[0] + rows - 1, split[1] + columns - 1)
        here, name = tab.lower(), cell.strip().lower()
        found = book.names.get((here, name)) or book.names.get(("", name))
        if found is None or found[0] != here:
            known = sorted(n for (s, n), (target, _) in book.names.items() if target == here)
            listed = message("read.tables.names", known=comma_separated(known[:8])) if known else ""
            raise ModelError(
                message(
                    "read.tables.sheet_no_range_named", tab=tab, file=file, cell=cell, listed=listed
                )
            )
        top, left, bottom, right = found[1]
        _check_size(file, (bottom - top + 1) * (right - left + 1))
        return sheet, found[1]

    def _sheet(self, book: Book, file: str, tab: str) -> Sheet:
        if "" in book.sheets:
            return book.sheets[""]
        sheet = book.sheets.get(tab.lower())
        if sheet is None:
            raise ModelError(
                message(
                    "read.tables.no_sheet", file=file, tab=tab, sheets=comma_separated(book.sheets)
                )
            )
        return sheet

    def _book(self, file: str, tab: str) -> Book:
        path = self.resolve(file)
        key = (path, "" if path.suffix.lower() in (*EXCEL, ".xls") else tab)
        if key not in self._books:
            self._books[key] = read_book(file, path, self.read(path), tab)
        return self._books[key]

    # ---- paths and bytes

    def resolve(self, file: str) -> Path:
        """Return the path to which `file` refers.

        In the model, `file` is a path, or a tag such as ``?data`` that the model's settings map to a path.

        Raises
        ------
        MissingFile
            If the file does not exist, or if the settings do not define the tag.
        ModelError
            If the file is outside the allowed folders.
        """
        if file.startswith("?"):
            named = self.tags.get(file.strip().lower()) or self._named_like(file.strip()[1:])
            if named is None:
                known = (
                    message("read.tables.tags", tags=comma_separated(sorted(self.tags)[:8]))
                    if self.tags
                    else ""
                )
                raise MissingFile(message("read.tables.tag_stands_no_file", file=file, known=known))
            file = named
        if "\0" in file or len(file) > 500:
            raise ModelError(message("read.tables.name_external_file_cannot"))
        try:
            return self._inside(file)
        except (OSError, RuntimeError) as error:
            # The name may be too long for the file system, or symbolic links may form a cycle.
            raise MissingFile(
                message("read.tables.external_file_cannot_reached", file=file, error=error)
            ) from None

    def _named_like(self, tag: str) -> str | None:
        """Return the name of a table in the model's folder that is named like an undefined tag, or None.

        Excel files take precedence over text files.
        """
        suffixes = (*EXCEL, ".xls", ".csv", ".txt", ".tab")
        found = [
            p.name
            for p in sorted(self.folder.iterdir())
            if p.stem.lower() == tag.lower() and p.suffix.lower() in suffixes
        ]
        found.sort(key=lambda name: not name.lower().endswith((*EXCEL, ".xls")))
        self.watched[self.folder.resolve()] = listing(self.folder)
        if not found:
            return None
        sentence = message("read.tables.tag_stands_no_file_settings", tag=tag, found=found[0])
        remark = Remark(
            sentence, remedy=message("read.tables.add_line_settings", tag=tag, found=found[0])
        )
        self._tell_once(remark)
        return found[0]

    def _inside(self, file: str) -> Path:
        """Return the file in an allowed folder to which a path in the model refers."""
        home = self.folder.resolve()
        folders = allowed_folders(home)
        text = file.replace("\\", "/").strip()
        named = home / text
        for wanted in (named, other_excel(named)):
            path = self._allowed(home, wanted, folders)
            if path is not None:
                return path
        inside = any(any_case(home, named).resolve().is_relative_to(f) for f in folders)
        if inside and not leaves_folder(text):
            raise MissingFile(
                message("read.tables.external_file_not", file=file, put=_put(home, text))
            )
        for tail in tails(text):
            for wanted in (home / tail, other_excel(home / tail)):
                path = self._allowed(home, wanted, [home])
                if path is not None:
                    self._tell_moved(file, path.relative_to(home).as_posix())
                    return path
        where = (
            message("read.tables.is_missing")
            if inside
            else message("read.tables.lies_outside_model_folder")
        )
        # An existing file outside the allowed folders is an error. If the file is missing, the model lacks its data.
        kind = ModelError if not inside and named.resolve().exists() else MissingFile
        raise kind(
            message(
                "read.tables.external_file_put_beside",
                file=file,
                where=where,
                tails=tails(text)[-1],
                allow=ALLOW,
            )
        )

    def _allowed(self, home: Path, wanted: Path, folders: list[Path]) -> Path | None:
        """Return the resolved path of a file in an allowed folder, or None.

        If the file is missing, its path is recorded, because the model must be read again once the file exists.
        """
        path = any_case(home, wanted).resolve()
        if not any(path.is_relative_to(folder) for folder in folders):
            return None
        if path.is_file():
            return path
        self.watched[path] = ""
        return None

    def _tell_moved(self, file: str, found: str) -> None:
        sentence = message("read.tables.external_file_lies_outside", file=file, found=found)
        remark = Remark(
            sentence, fixed=True, remedy=message("read.tables.write_only_equation", found=found)
        )
        self._tell_once(remark)

    def _tell_once(self, remark: Remark) -> None:
        if remark.sentence not in self._told:
            self._told.add(remark.sentence)
            self.remarks.append(remark)

    def read(self, path: Path) -> bytes:
        """Return the content of a file, and record its SHA-256."""
        if path not in self._bytes:
            size = path.stat().st_size
            if size > MAX_TABLE_BYTES:
                raise ModelError(
                    message(
                        "read.tables.bytes_more_not_read",
                        path=path.name,
                        size=size,
                        max_table_bytes=MAX_TABLE_BYTES,
                    )
                )
            try:
                self._bytes[path] = path.read_bytes()
            except OSError as error:
                raise ModelError(
                    message("read.tables.cannot_read", path=path.name, strerror=os_reason(error))
                ) from None
            self.digests[path] = hashlib.sha256(self._bytes[path]).hexdigest()
        return self._bytes[path]


def _is_gap(value: float) -> bool:
    return math.isnan(value) or is_exported_missing(value)


def allowed_folders(home: Path) -> list[Path]:
    """Return the folders from which a model or scenario is allowed to read files.

    The folder `home` of the model or scenario is always allowed. The environment variable ``SDCLUSTER_ALLOW_PATHS`` can
    list further folders.
    """
    named = os.environ.get(ALLOW, "").split(os.pathsep)
    return [home, *(Path(p).resolve() for p in named if p)]


def _one_table(xs: list[float]) -> list[int]:
    """Return the indices of those x values that are numbers and belong to the first table.

    Cells without a number are skipped. If the x value after a skipped cell is not greater than the x value before, a
    second table starts there.
    """
    found: list[int] = []
    for place, value in enumerate(xs):
        if math.isnan(value):
            continue
        if found and found[-1] < place - 1 and value <= xs[found[-1]]:
            break
        found.append(place)
    return found


def _put(home: Path, text: str) -> str:
    """Return advice on a file that is missing from the model's folder."""
    name = tails(text)[-1]
    if name != text.removeprefix("./") and any_case(home, home / name).is_file():
        return message("read.tables.lies_beside_model_write", name=name)
    return message("read.tables.put_beside_model")


def _name(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _check_size(file: str, cells: int) -> None:
    if cells > MAX_CELLS:
        raise ModelError(
            message(
                "read.tables.cells_asked_read_most", cells=cells, file=file, max_cells=MAX_CELLS
            )
        )
