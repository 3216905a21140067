"""The public suite of system-dynamics models (SDXorg/test-models), and the comparison of runs with its stored outputs.

`find_models` returns the models in the folder `SUITE`, `stored_outputs` their stored outputs, and `compare` compares a
run with an output. Benchmarks and tests use the same comparison. The suite is in the folder $SDX_TEST_MODELS, by
default ../shared/test-models.
"""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sdcluster.model import Model
from sdcluster.model.names import canonical

ROOT = Path(__file__).resolve().parents[1]
SUITE = Path(os.environ.get("SDX_TEST_MODELS", ROOT.parent / "shared" / "test-models"))
ABSENT = "the SDXorg test models are not here: clone github.com/SDXorg/test-models and set SDX_TEST_MODELS to it"
ENDINGS = (".mdl", ".xmile", ".stmx")
TOLERANCE = 1e-3  # relative or absolute; the stored outputs have single precision
MISSING = -1e33  # smaller values are Vensim's :NA:
# Columns that programs write in addition to the model's variables.
CLOCK = {
    "time step",
    "saveper",
    "initial time",
    "final time",
    "time",
    "dt",
    "starttime",
    "stoptime",
    "months",
    "seconds",
}

# Models of the suite that cannot be run, with a part of the error message; all other models must run.
# The models in LOST lost a part of their content when they were converted from the .mdl file in the same folder.
LOST = {
    **dict.fromkeys(
        ("macro_expression", "macro_multi_expression", "macro_multi_macros", "macro_stock"),
        "nor a macro of this file",
    ),
    **dict.fromkeys(
        (
            "multiple_subscripts", "subscript_1d_arrays", "subscript_constant_call", "subscript_subrange",
            "subscript_subrange_equal", "subscript_updimensioning", "subscripted_flows",
        ),
        "was lost when the file was converted",
    ),
    "subscript_mixed_assembly": "is not an element of the dimension",
}  # fmt: skip
REFUSED = {
    "test_logicals.stmx": "cannot be understood",
    "test_get_constants.mdl": 'file "data.csv" does not exist',
    "multipoint-connection.stmx": "its equation is not written yet",
    "1style.stmx": "its equation is not written yet",
}

Columns = dict[str, np.ndarray]


def find_models(suite: Path = SUITE, only: str = "") -> list[Path]:
    """Return the models that have a stored output and whose path contains `only`."""
    found = [p for p in suite.rglob("*") if p.suffix.lower() in ENDINGS and only in str(p)]
    return sorted(p for p in found if output_files(p))


def refusal(model: Path) -> str:
    """Return a part of the error message with which a model is refused; empty if the model must run."""
    converted = model.suffix.lower() != ".mdl"
    lost = LOST.get(model.stem.removeprefix("test_"), "") if converted else ""
    return lost or REFUSED.get(model.name, "")


def output_files(model: Path) -> list[Path]:
    """Return the files with stored outputs in a model's folder; a run has to agree with one of them."""
    return sorted([*model.parent.glob("output*.csv"), *model.parent.glob("output*.tab")])


def stored_outputs(model: Path) -> list[pd.DataFrame]:
    """Return the stored outputs for a model: a column for each variable or element, with the times as the index."""
    return [_read(path) for path in output_files(model)]


def _read(path: Path) -> pd.DataFrame:
    for encoding in ("utf-8-sig", "latin-1"):
        try:
            separator = "\t" if path.suffix == ".tab" else ","
            table = pd.read_csv(path, sep=separator, index_col=0, encoding=encoding)
            break
        except UnicodeDecodeError:
            continue
    heads = (str(i).strip().lower() for i in table.index)
    if "Time" not in str(table.index.name) and "time" in heads:
        table = table.T
    table = table.apply(pd.to_numeric, errors="coerce")
    table.index = pd.to_numeric(table.index, errors="coerce")
    return table[np.isfinite(table.index.to_numpy(dtype=float))]


def flat_key(column: str) -> str:
    """Return the canonical form ``name[element,element]`` of a column's name."""
    text = column.strip()
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        text = text[1:-1]
    if text.endswith("]") and "[" in text:
        name, _, elements = text[:-1].rpartition("[")
        return f"{canonical(name)}[{','.join(canonical(e) for e in elements.split(','))}]"
    return canonical(text)


def columns_of(model: Model, run: xr.Dataset) -> Columns:
    """Return the trajectories of a run, each of shape (T,), by canonical name; the key ``time`` holds the times."""
    elements = {d.name: d.elements for d in model.dimensions}
    columns: Columns = {"time": run["time"].to_numpy()}
    for variable in model.variables.values():
        if variable.name not in run:
            continue
        values = run[variable.name].to_numpy().reshape(len(run["time"]), -1)
        places = product(*(elements[d] for d in variable.dimensions))
        for at, place in enumerate(places):
            suffix = f"[{','.join(place)}]" if place else ""
            columns[variable.key + suffix] = values[:, at]
    return columns


def compare(columns: Columns, table: pd.DataFrame) -> tuple[float, str]:
    """Return the largest difference (relative or absolute, whichever is smaller) and a sentence that describes it."""
    missing = [
        str(c) for c in table.columns if flat_key(str(c)) not in columns and not _optional(str(c))
    ]
    if missing:
        return np.inf, f"lacks {len(missing)} of {len(table.columns)} columns, first {missing[0]!r}"
    worst, sentence = 0.0, ""
    times = table.index.to_numpy(dtype=float)
    for column in table.columns:
        ours = columns.get(flat_key(str(column)))
        if ours is None:
            continue
        gap, when = largest_gap(columns["time"], ours, times, table[column].to_numpy(dtype=float))
        if gap > worst:
            worst, sentence = gap, f"{str(column)!r} differs by {gap:.3g} at time {when:g}"
    return worst, sentence


def _optional(column: str) -> bool:
    key = flat_key(column)
    return key in CLOCK or key.startswith("unnamed:") or not key


def largest_gap(
    time: np.ndarray, ours: np.ndarray, moments: np.ndarray, theirs: np.ndarray
) -> tuple[float, float]:
    """Return the largest difference and its time; it is infinite if only one of the two has a value.

    Parameters
    ----------
    time, ours : ndarray, shape (T,)
        Times and values of a run.
    moments, theirs : ndarray, shape (S,)
        Times and values of the stored output.
    """
    inside = (moments >= time[0] - 1e-9) & (moments <= time[-1] + 1e-9)
    if not inside.all():
        return np.inf, float(moments[~inside][0])
    near = np.clip(
        np.searchsorted(time, moments - 1e-6 * np.maximum(1, np.abs(moments))), 0, len(time) - 1
    )
    exact = np.abs(time[near] - moments) <= 1e-5 * np.maximum(1, np.abs(moments))
    values = np.where(exact, ours[near], np.interp(moments, time, ours))
    known = np.isfinite(theirs) & (theirs > MISSING)
    if not known.any():
        return 0.0, 0.0
    gap = np.abs(values - theirs)[known] / np.maximum(1.0, np.abs(theirs[known]))
    gap = np.where(np.isfinite(gap), gap, np.inf)
    return float(gap.max()), float(moments[known][int(gap.argmax())])
