"""Reading stored runs as datasets, from files of Vensim (``.vdf .dat .tab .csv``) and of ``sdcluster run``.

`load_run(path)` returns an `xarray.Dataset`, `read_stored(path)` a `StoredRun`.
"""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError, ModelWarning, short_traceback
from sdcluster.files import reason as os_reason
from sdcluster.messages import comma_separated, joined, message
from sdcluster.model import Model
from sdcluster.model.elements import element_names
from sdcluster.model.names import canonical
from sdcluster.read.run_bytes import BINARY, by_spelling, run_in
from sdcluster.read.stored_run import Series, StoredRun
from sdcluster.read.vensim.data import head_and_elements, spelling

if TYPE_CHECKING:
    import xarray as xr

TEXT = (".dat", ".tab", ".tsv", ".csv")
NETCDF = (".nc", ".netcdf")
MAX_BYTES = 512 * 1024 * 1024
MOST_DOUBTS = 5
CLOCK = {"initial time", "final time", "time step", "saveper"}


@short_traceback
def load_run(path: str | Path, model: Model | str | Path | None = None) -> xr.Dataset:
    """Read a stored run from a file.

    Parameters
    ----------
    path : path
        ``.vdf`` as Vensim writes it (``.vdfx`` where it has the same form), ``.dat``, ``.tab`` or ``.csv`` as Vensim
        exports it, or ``.csv``, ``.tab`` and ``.nc`` as `sdcluster run --out` writes them.
    model : Model or path, optional
        The model of the run. With it, the dataset has the same names, units and array dimensions as one from
        `simulate`.

    Returns
    -------
    xarray.Dataset
        Dimension ``time``; float64. Without a model each element of an array is a variable ``name[a,b]``. A ``.vdf``
        holds float32 values. A constant or time is read as the shortest decimal number that rounds to the stored
        float32 (0.1 rather than 0.10000000149); other values are read as stored. A variable with a single value, at the
        first time, is read as a constant. ``attrs["origin"]`` is the description in the file, ``attrs["not in model"]``
        a JSON list of the variables in the file that `model` lacks.

    Raises
    ------
    ModelError
        For a file that cannot be read, is damaged, or has none of the model's variables.

    Warns
    -----
    ModelWarning
        For each variable that is left out because its values cannot be identified with certainty.

    Examples
    --------
    >>> import sdcluster
    >>> base = sdcluster.load_run("base.vdf", "model.mdl")  # doctest: +SKIP
    """
    run = read_stored(path)
    for doubt in [*run.doubts[:MOST_DOUBTS], *_more(len(run.doubts) - MOST_DOUBTS)]:
        warnings.warn(joined(": ", (str(path), doubt)), ModelWarning, stacklevel=3)
    if model is None:
        return _as_written(run, Path(path))
    if not isinstance(model, Model):
        from sdcluster.read import load

        model = load(model)
    return _as_simulated(run, Path(path), model)


def read_stored(path: str | Path) -> StoredRun:
    """Read the run in a file as `load_run` does, but without a model.

    Raises
    ------
    ModelError
        If the file cannot be read or is damaged.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in (*BINARY, *TEXT, *NETCDF):
        known = comma_separated((".vdf", ".vdfx", *TEXT, ".nc"))
        raise ModelError(
            message("run.run_cannot_read_file", ending=ending, known=known),
            file=path,
        )
    try:
        if not path.is_file():
            raise ModelError(message("run.no_such_file"), file=path)
        if path.stat().st_size > MAX_BYTES:
            raise ModelError(message("run.file_larger_bytes", max_bytes=MAX_BYTES), file=path)
        run = _netcdf(path) if ending in NETCDF else run_in(path, path.read_bytes())
    except OSError as error:
        raise ModelError(
            message("run.file_cannot_read", reason=os_reason(error)), file=path
        ) from None
    except ModelError as error:
        raise ModelError(error.sentence, file=path) from None
    if not run.series:
        raise ModelError(message("run.file_holds_no_variables"), file=path)
    return run


def _netcdf(path: Path) -> StoredRun:
    import xarray as xr

    from sdcluster.run.elements import spread
    from sdcluster.run.netcdf_names import restored

    try:
        with xr.open_dataset(path) as opened:
            flat = spread(restored(opened.load()))
        times = np.asarray(flat["time"].values, dtype=float)
        if times.ndim != 1 or not len(times) or np.any(np.diff(times) <= 0):
            raise ValueError("its times do not rise")
        series = []
        for name in flat.data_vars:
            head, elements = head_and_elements(str(name))
            kind = str(flat[name].attrs.get("kind", ""))
            values = np.broadcast_to(np.asarray(flat[name].values, dtype=float), times.shape)
            series.append(Series(head, elements, kind, values))
    except Exception as error:  # on a damaged file, the NetCDF libraries raise errors of any type
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(message("run.file_cannot_read_run", reason=reason)) from None
    return StoredRun(times, tuple(series), origin=str(flat.attrs.get("model", "")), exact=True)


def _more(count: int) -> list[str]:
    return [message("run.more_variables_left_out", count=count)] if count > 0 else []


def _as_written(run: StoredRun, path: Path) -> xr.Dataset:
    import xarray as xr

    data = {
        one.title: ("time", one.values, {"kind": one.kind} if one.kind else {})
        for one in reversed(run.series)
    }
    ordered = dict(reversed(data.items()))
    return xr.Dataset(ordered, {"time": run.times}, {"source": path.name, "origin": run.origin})


def _as_simulated(run: StoredRun, path: Path, model: Model) -> xr.Dataset:
    from sdcluster.run.dataset import make_dataset

    stored = by_spelling(run)
    columns: dict[str, list[np.ndarray]] = {}
    used: set[str] = set()
    missing = np.full(len(run.times), math.nan)
    for key, variable in model.variables.items():
        if variable.kind == "lookup" or variable.hidden:
            continue
        names = [spelling(name) for name in element_names(model, key)]
        if not used.issuperset(names) and any(name in stored for name in names):
            columns[key] = [stored[n].values if n in stored else missing for n in names]
            used.update(names)
    others = [one for name, one in stored.items() if name not in used]
    found = {canonical(model.variables[key].name) for key in columns} - CLOCK
    if not columns or (others and not found):
        raise ModelError(
            message("run.file_none_variables_model", model=model.name, title=others[0].title),
            file=path,
        )
    attributes = {
        "source": path.name,
        "origin": run.origin,
        "not in model": json.dumps([one.title for one in others], ensure_ascii=False),
    }
    ds = make_dataset(
        model, list(columns), run.times, lambda key: np.stack(columns[key], axis=-1), attributes
    )
    return ds.assign({o.title: ("time", o.values) for o in others if o.title not in ds.variables})
