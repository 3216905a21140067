"""Runs as a spreadsheet (.xlsx): a sheet for each run and one that describes the columns.

`save_xlsx` takes runs by name and a path. Names are written as text, so a name that begins with ``=`` never becomes a
formula.
"""

from __future__ import annotations

import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.run.frames import to_frame

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_000  # Excel's limits
MOST_SHEETS = 200
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def save_xlsx(runs: Mapping[str, xr.Dataset], path: Path) -> None:
    """Write runs, given by scenario, as one Excel file; never leaves a partial file.

    Raises
    ------
    ModelError
        If there are more runs, rows or columns than a spreadsheet can hold.
    """
    sheets: dict[str, Iterable[Sequence[object]]] = {}
    for name, ds in runs.items():
        table = to_frame(ds)
        if len(table) >= MOST_ROWS or len(table.columns) >= MOST_COLUMNS or len(runs) > MOST_SHEETS:
            raise ModelError(
                message(
                    "run.sheets_rows_columns_more",
                    count=len(runs),
                    count_2=len(table),
                    count_3=len(table.columns),
                    most_rows=MOST_ROWS,
                    most_columns=MOST_COLUMNS,
                ),
                file=path,
            )
        sheets[name or "run"] = _rows(table)
    write_sheets({**sheets, "about": _about(runs)}, path)


def write_sheets(sheets: Mapping[str, Iterable[Sequence[object]]], path: Path) -> None:
    """Write an Excel file with a sheet for each title, from rows of numbers and texts."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    titles: set[str] = set()
    for name, rows in sheets.items():
        sheet = book.create_sheet(_title(name, titles))
        sheet.freeze_panes = "B2"
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        book.save(temporary)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _rows(table: pd.DataFrame) -> Iterator[list[object]]:
    yield ["time", *table.columns]
    for time, values in zip(table.index.tolist(), table.to_numpy().tolist(), strict=True):
        yield [time, *values]


def _about(runs: Mapping[str, xr.Dataset]) -> Iterator[list[str]]:
    """Yield the rows of the sheet that describes the columns."""
    yield ["variable", "unit", "kind", "documentation"]
    seen: set[str] = set()
    for ds in runs.values():
        for name, one in ds.data_vars.items():
            if str(name) not in seen:
                seen.add(str(name))
                about = one.attrs
                yield [
                    str(name),
                    *(str(about.get(k, "")) for k in ("units", "kind", "description")),
                ]
    for run, ds in runs.items():
        yield []
        for key, value in ds.attrs.items():
            yield [run, str(key), str(value)] if run else [str(key), str(value)]


def _cell(sheet: Any, value: object) -> Any:
    """Return a cell: a number, empty for a missing value, or text that Excel never reads as a formula."""
    if isinstance(value, float | int):
        return value if math.isfinite(value) else None
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=_NOT_IN_XML.sub(" ", str(value))[:MOST_CHARACTERS])
    cell.data_type = "s"
    return cell


def _title(name: str, taken: set[str]) -> str:
    """Return a title that Excel allows for a sheet: at most 31 characters, and unique even if case is ignored."""
    plain = _NOT_IN_XML.sub(" ", _NOT_IN_TITLES.sub("_", name)).strip("'")[:31] or "run"
    found, number = plain, 2
    while found.casefold() in taken:
        suffix = f" {number}"
        found, number = plain[: 31 - len(suffix)] + suffix, number + 1
    taken.add(found.casefold())
    return found
