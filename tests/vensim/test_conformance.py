"""The public suite's Vensim models against the outputs stored beside them.

The suite is found at $SDX_TEST_MODELS, else in ../shared/test-models.
"""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sdcluster
from sdcluster.model import Model
from sdcluster.model.names import canonical

ROOT = Path(__file__).parents[2]
SUITE = Path(os.environ.get("SDX_TEST_MODELS", ROOT.parent / "shared" / "test-models"))
FILES = sorted(p for p in SUITE.glob("*/*/*") if p.suffix.lower() == ".mdl")
# Outputs of another file in the same folder, and what no program can meet.
OTHERS = {
    "model_to_generate_data.mdl": "the stored output is that of another model in the folder",
    "test_get_time_value.mdl": "asks for the computer's clock, so no two runs are alike",
    "Query_file.mdl": "uses RANDOM UNIFORM, whose numbers are Vensim's own",
    "roessler_chaos.mdl": "chaotic: single precision gives another trajectory",
}


def stored(folder: Path) -> list[pd.DataFrame]:
    found = []
    for file in sorted([*folder.glob("output*.csv"), *folder.glob("output*.tab")]):
        text = file.read_bytes()
        encoding = "utf-8" if _is_utf8(text) else "cp1252"
        separator = "\t" if file.suffix == ".tab" else ","
        table = pd.read_csv(file, sep=separator, index_col=0, encoding=encoding)
        if not pd.to_numeric(table.index, errors="coerce").notna().all():
            table = table.T
        found.append(table)
    return found


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def by_element(model: Model, run: object) -> dict[str, np.ndarray]:
    """Return trajectories by ``name[element,element]``."""
    elements = {d.name: d.elements for d in model.dimensions}
    found = {}
    for variable in model.variables.values():
        if variable.name not in run:  # type: ignore[operator]
            continue
        values = run[variable.name].transpose("time", ...).to_numpy()  # type: ignore[index]
        rows = product(*(elements[d] for d in variable.dimensions))
        flat = values.reshape(len(values), -1)
        for place, row in enumerate(rows):
            found[variable.key + (f"[{','.join(row)}]" if row else "")] = flat[:, place]
    return found


def key(column: str) -> str:
    name, bracket, rest = column.partition("[")
    inner = ",".join(canonical(e) for e in rest.rstrip("]").split(","))
    return canonical(name) + (f"[{inner}]" if bracket else "")


@pytest.mark.skipif(
    not FILES,
    reason="the SDXorg test models are not here: clone github.com/SDXorg/test-models and set SDX_TEST_MODELS to it",
)
@pytest.mark.parametrize("file", FILES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_stored_output(file: Path, request: pytest.FixtureRequest) -> None:
    tables = stored(file.parent)
    if not tables:
        pytest.skip("the suite stores no output for this model")
    if file.name in OTHERS:
        pytest.skip(OTHERS[file.name])
    model = sdcluster.load(file)
    run = sdcluster.simulate(model, method="euler", backend="python")
    ours = by_element(model, run)
    time = run["time"].to_numpy()
    assert min(difference(ours, time, table) for table in tables) < 1e-3


def difference(ours: dict[str, np.ndarray], time: np.ndarray, table: pd.DataFrame) -> float:
    """Return the largest difference, relative or absolute, at the times that both have."""
    index = table.index.to_numpy(dtype=float)
    shared = np.abs(time[:, None] - index[None, :]).min(axis=0) < 1e-6
    worst = [0.0] if any(key(c) in ours for c in table.columns) else [np.inf]
    for column in table.columns:
        if key(column) not in ours:
            continue
        theirs = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float)
        known = shared & np.isfinite(theirs)
        gap = np.abs(np.interp(index, time, ours[key(column)]) - theirs)[known]
        worst.append(float((gap / np.maximum(1, np.abs(theirs[known]))).max(initial=0)))
    return max(worst) if np.isfinite(worst).all() else np.inf
