"""Trajectories written to files: CSV, tab-separated text, Excel and NetCDF, never half a file.

Crosses the border: `xarray.Dataset` and a path in, a file out.
"""

from __future__ import annotations

import csv
import io
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically

if TYPE_CHECKING:
    import xarray as xr

ALONE = ""  # the name of a run that stands beside no other
TABLES = (".csv", ".tab", ".xlsx")
DATA = (".dat",)  # of one run
ARRAYS = (".nc", ".netcdf")
PICTURES = (".png", ".svg")


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
            f'"{path}" ends in "{ending}"; the format is chosen by the ending, one of '
            + ", ".join(endings)
        )
    if path.is_dir():
        raise ModelError(f'"{path}" is a folder; name a file')
    return ending


def csv_text(runs: Mapping[str, xr.Dataset], delimiter: str = ",") -> str:
    """Return runs as delimited text: ``time`` and a column a variable; before them ``scenario``.

    A run by the name `ALONE` has no column ``scenario``. Arrays give a column for each element.
    Numbers are written so that reading them gives the same float64 again; a missing value is an empty cell.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    for number, (name, ds) in enumerate(runs.items()):
        from sdcluster.solve.elements import spread

        flat = spread(ds)
        columns = {str(column): flat.variables[column].values for column in flat.data_vars}
        label = [] if name == ALONE else [name]
        if number == 0:
            writer.writerow([*(["scenario"] if label else []), "time", *columns])
        values = [column.tolist() for column in (ds["time"].values, *columns.values())]
        writer.writerows([*label, *map(_cell, row)] for row in zip(*values, strict=True))
    return out.getvalue()


def _cell(value: float) -> str:
    return "" if value != value else repr(value + 0.0)  # 0 times :NA: is -0.0


def dat_text(run: xr.Dataset) -> str:
    """Return one run in Vensim's data format: a name, then a line with time and value for each value.

    A constant has its value at the first time only; a missing value has no line.
    """
    from sdcluster.solve.elements import spread

    flat = spread(run)
    times = flat["time"].values.tolist()
    lines: list[str] = []
    for name in flat.data_vars:
        variable = flat.variables[name]
        lines.append(str(name))
        constant = variable.attrs.get("kind") == "constant"
        values = variable.values.tolist()[: 1 if constant else None]
        lines += [
            f"{time!r}\t{value!r}"
            for time, value in zip(times, values, strict=False)
            if not math.isnan(value)
        ]
    return "\n".join([*lines, ""])


def save_table(runs: Mapping[str, xr.Dataset], path: Path) -> None:
    """Write runs, by scenario, as the kind of table that the ending of `path` names.

    ``.csv`` and ``.tab`` (as Vensim exports and imports it) are text, see `csv_text`; ``.dat`` is Vensim's data
    format, see `dat_text`; ``.xlsx`` has a sheet for each run.
    """
    if path.suffix.lower() == ".xlsx":
        from sdcluster.output.spreadsheet import save_xlsx

        save_xlsx(runs, path)
    elif path.suffix.lower() in DATA:
        write_atomically(path, dat_text(runs[ALONE]))
    else:
        write_atomically(path, csv_text(runs, "\t" if path.suffix.lower() == ".tab" else ","))


def save_sweep(table: xr.Dataset, path: Path) -> None:
    """Write the results of a sweep as a table: a row for each run."""
    rows = table.to_dataframe().reset_index()
    if path.suffix.lower() == ".xlsx":
        from sdcluster.output.spreadsheet import write_sheets

        write_sheets({"sweep": [rows.columns.tolist(), *rows.to_numpy().tolist()]}, path)
    else:
        separator = "\t" if path.suffix.lower() == ".tab" else ","
        write_atomically(path, rows.to_csv(index=False, sep=separator))


def save_netcdf(ds: xr.Dataset, path: Path) -> None:
    """Write a dataset as NetCDF, with units, docs and provenance as attributes.

    Names that the format does not allow, as ``GDP/capita``, are changed; ``original_name`` keeps them.
    """
    from sdcluster.output.netcdf_names import portable

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".nc")
    os.close(handle)
    try:
        portable(ds).to_netcdf(temporary)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def side_by_side(runs: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Return runs as one dataset with a dimension ``scenario``; shorter runs end in NaN."""
    import xarray as xr

    labels = xr.DataArray(list(runs), dims="scenario", name="scenario")
    joined = xr.concat(
        list(runs.values()), dim=labels, join="outer", combine_attrs="drop_conflicts"
    )
    return joined
