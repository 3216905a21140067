"""Writing trajectories to CSV, tab-separated text, Excel and NetCDF. A failed write never leaves a partial file.

The functions, such as `save_table` and `save_netcdf`, write runs to a file at a path.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sdcluster.errors import ModelError
from sdcluster.files import replacing, write_atomically
from sdcluster.messages import comma_separated, message
from sdcluster.progress import report

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from sdcluster.run.blocks import Table

ALONE = ""  # the name of a single run
STREAMED = (".csv", ".tab")  # formats that can be written row by row
TABLES = (*STREAMED, ".xlsx")
DATA = (".dat",)  # formats for a single run
ARRAYS = (".nc", ".netcdf")
PICTURES = (".png", ".svg")
PAGES = (".html", ".htm")
BLOCK = 100_000  # values converted at a time


def check_ending(path: Path, *allowed: tuple[str, ...]) -> str:
    """Return the lower-case ending of `path`.

    Raises
    ------
    ModelError
        If the ending is not among `allowed`.
    """
    endings = [ending for group in allowed for ending in group]
    ending = path.suffix.lower()
    if ending not in endings:
        raise ModelError(
            message("run.ends_format_chosen_ending", path=path, ending=ending)
            + comma_separated(endings)
        )
    if path.is_dir():
        raise ModelError(message("run.folder_name_file", path=path))
    return ending


def write_dat(run: xr.Dataset, out: TextIO) -> None:
    """Write one run in Vensim's data format: each name, followed by lines with a time and a value.

    A constant is written at the first time only; missing values are left out.
    """
    from sdcluster.run.elements import columns_of, curves

    times = run["time"].values.tolist()
    for name, key, place in curves(run):
        values = columns_of(run.variables[key])[:, place]
        constant = run.variables[key].attrs.get("kind") == "constant"
        out.write(f"{name}\n")
        out.writelines(
            f"{time!r}\t{value!r}\n"
            for time, value in zip(times, values.tolist()[: 1 if constant else None], strict=False)
            if not math.isnan(value)
        )


def save_table(runs: Mapping[str, xr.Dataset], path: Path) -> None:
    """Write runs, given by scenario name, as a table in the format that the ending of `path` names.

    ``.csv`` and ``.tab`` are text (see `write_rows`), ``.tab`` in the form that Vensim exports and imports. ``.dat``
    is Vensim's data format (see `write_dat`). ``.xlsx`` has a sheet for each run.
    """
    if path.suffix.lower() == ".xlsx":
        from sdcluster.run.spreadsheet import save_xlsx

        save_xlsx(runs, path)
        return
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        if path.suffix.lower() in DATA:
            write_dat(runs[ALONE], out)
        else:
            write_rows(runs, out, _delimiter(path))


def save_streams(table: Table, paths: Sequence[Path]) -> None:
    """Write a run as a text table to each of `paths` while it is computed; only one block of rows is in memory."""
    with ExitStack() as stack:
        writers = []
        for path in paths:
            temporary = stack.enter_context(replacing(path))
            out = stack.enter_context(temporary.open("w", encoding="utf-8", newline=""))
            writers.append((out, _RowWriter(out, _delimiter(path))))
        for first, times, values in table.blocks:
            for out, writer in writers:
                if first == 0:
                    out.seek(0)
                    out.truncate()
                    writer.head(table.names)
                writer.rows(times, [values])


def _delimiter(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tab" else ","


class _RowWriter:
    """Writes times and columns of numbers as delimited text.

    Parameters
    ----------
    out : file
    delimiter : str
    label : list of str
        Texts of the columns before the time; all rows have the same.
    """

    def __init__(self, out: TextIO, delimiter: str, label: Sequence[str] = ()) -> None:
        self._writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        self._label = label

    def head(self, names: Iterable[str]) -> None:
        """Write the names of the columns."""
        self._writer.writerow([*(["scenario"] if self._label else []), "time", *names])

    def rows(
        self, times: np.ndarray, arrays: Sequence[np.ndarray], done: Callable[[int], object] = int
    ) -> None:
        """Write a row for each of `times`, shape (T,): the time, then the columns of all `arrays`, shape (T, any).

        At most `BLOCK` values are converted to Python numbers at a time; after each such part, `done` is called with
        the number of its rows.
        """
        height = max(1, BLOCK // (sum(array.shape[1] for array in arrays) + 1))
        moments = times.tolist()
        for first in range(0, len(moments), height):
            part = slice(first, first + height)
            rows = _cells([array[part] for array in arrays])
            self._writer.writerows(
                [*self._label, time, *row] for time, row in zip(moments[part], rows, strict=True)
            )
            done(len(rows))


def write_rows(runs: Mapping[str, xr.Dataset], out: TextIO, delimiter: str = ",") -> None:
    """Write runs as delimited text with the columns ``scenario`` and ``time``, and a column for each variable.

    The column ``scenario`` is left out if there is only one run and its name is `ALONE`. Arrays have a column for each
    element. Numbers are written with enough digits to read back the same float64; a missing value is an empty cell.
    """
    from sdcluster.run.elements import columns_of, curves

    total = sum(ds.sizes["time"] for ds in runs.values())
    written = 0

    def done(rows: int) -> None:
        nonlocal written
        written += rows
        report("writing", written, total, "rows")

    for number, (name, ds) in enumerate(runs.items()):
        places: dict[Hashable, list[int]] = {}
        names = []
        for curve, key, place in curves(ds):
            names.append(curve)
            places.setdefault(key, []).append(place)
        writer = _RowWriter(out, delimiter, [] if name == ALONE else [name])
        if number == 0:
            writer.head(names)
        arrays = [_columns(columns_of(ds.variables[key]), at) for key, at in places.items()]
        writer.rows(ds["time"].values, arrays, done)


def _columns(array: np.ndarray, places: list[int]) -> np.ndarray:
    """Return the chosen columns of an array; if all are chosen, the array itself rather than a copy."""
    return array if len(places) == array.shape[1] else array[:, places]


def _cells(arrays: Sequence[np.ndarray]) -> list[list[object]]:
    """Return rows of cells to write: a missing value becomes an empty cell, and -0.0 (from 0 times :NA:) 0.0."""
    import numpy as np

    block = np.concatenate(arrays, axis=1) + 0.0
    rows: list[list[object]] = block.tolist()
    if np.isnan(block).any():
        return [["" if value != value else value for value in row] for row in rows]
    return rows


def save_sweep(table: xr.Dataset, path: Path) -> None:
    """Write the results of a sweep as a table: a row for each run."""
    rows = table.to_dataframe().reset_index()
    if path.suffix.lower() == ".xlsx":
        from sdcluster.run.spreadsheet import write_sheets

        write_sheets({"sweep": [rows.columns.tolist(), *rows.to_numpy().tolist()]}, path)
    else:
        separator = "\t" if path.suffix.lower() == ".tab" else ","
        write_atomically(path, rows.to_csv(index=False, sep=separator))


def save_netcdf(ds: xr.Dataset, path: Path) -> None:
    """Write a dataset as NetCDF, with units, docs and provenance as attributes.

    Names that the format does not allow, such as ``GDP/capita``, are changed; ``original_name`` keeps the original.
    """
    from sdcluster.run.netcdf_names import portable

    with replacing(path, ".nc") as temporary:
        portable(ds).to_netcdf(temporary)


def side_by_side(runs: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Return runs as one dataset with a dimension ``scenario``; shorter runs end in NaN."""
    import xarray as xr

    labels = xr.DataArray(list(runs), dims="scenario", name="scenario")
    joined = xr.concat(
        list(runs.values()), dim=labels, join="outer", combine_attrs="drop_conflicts"
    )
    return joined
