"""Read simulation runs that other programs stored in ``.vdf``, ``.dat``, ``.tab`` or ``.csv`` files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.names import canonical
from sdcluster.read.stored_run import Series, StoredRun
from sdcluster.read.vensim.data import head_and_elements, spelling, tables
from sdcluster.read.vensim.vdf import MAX_VALUES, read_vdf

BINARY = (".vdf", ".vdfx", ".vdf64")


def run_in(path: Path, data: bytes) -> StoredRun:
    """Return the run stored in a file, from the file's bytes. The extension of `path` determines the format.

    NetCDF files are read elsewhere.
    """
    if path.suffix.lower() in BINARY:
        return read_vdf(data)
    found = dict(tables(path, data))
    exact = data[:5] in (b"time,", b"time\t")
    if data[:9] in (b"scenario,", b"scenario\t"):
        raise ModelError(message("read.file_holds_several_runs"))
    if not found:
        raise ModelError(message("read.no_variable_time_value"))
    times = np.array(sorted({time for xs, _ in found.values() for time in xs}))
    if len(times) * len(found) > MAX_VALUES:
        raise ModelError(message("read.file_would_give_more", max_values=MAX_VALUES))
    series = []
    for name, (xs, ys) in found.items():
        head, elements = head_and_elements(name)
        if canonical(head) != "time":
            series.append(Series(head, elements, *_column(times, xs, ys)))
    return StoredRun(times, tuple(series), exact=exact)


def _column(
    times: np.ndarray, xs: tuple[float, ...], ys: tuple[float, ...]
) -> tuple[str, np.ndarray]:
    """Return the kind of a variable, and its values at all times of the run.

    Vensim stores the value of a constant only at the first time. Here, a constant has the kind ``"constant"`` and the
    same value at all times. Other variables are NaN at times without a value.
    """
    if len(xs) == 1 and xs[0] == times[0] and len(times) > 1:
        return "constant", np.full(len(times), ys[0])
    values = np.full(len(times), math.nan)
    values[np.searchsorted(times, xs)] = ys
    return "", values


def by_spelling(run: StoredRun) -> Mapping[str, Series]:
    """Return the curves of a run, keyed by normalised name.

    If two curves have the same name, the first one is returned.
    """
    found: dict[str, Series] = {}
    for one in run.series:
        found.setdefault(spelling(one.title), one)
    return found
