"""One engine, many models: reads a JSON line for each job, writes trajectories as .npz, answers with a JSON line.

``python conformance_worker.py sdcluster|pysd|simlin``. The parent kills it where a model hangs.
PySD runs Python that it generates beside the model, so each model's folder is copied first.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from itertools import product
from pathlib import Path

import numpy as np

from sdcluster.model.names import canonical

Columns = dict[str, np.ndarray]


def flat_key(column: str) -> str:
    """Return ``name[element,element]`` in canonical spelling."""
    text = column.strip()
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        text = text[1:-1]
    if text.endswith("]") and "[" in text:
        name, _, elements = text[:-1].rpartition("[")
        return f"{canonical(name)}[{','.join(canonical(e) for e in elements.split(','))}]"
    return canonical(text)


def run_sdcluster(file: Path, wanted: list[str], method: str) -> Columns:
    import sdcluster

    run = sdcluster.simulate(sdcluster.load(file), method=method, backend="python")
    columns: Columns = {"time": run["time"].to_numpy()}
    for name, variable in run.data_vars.items():
        axes = variable.dims[1:]
        elements = [[canonical(str(e)) for e in run[axis.split(" ")[0] if axis not in run.coords else axis].values]
                    if axis in run.coords else _twin(run, axis) for axis in axes]  # fmt: skip
        values = variable.to_numpy().reshape(len(run["time"]), -1)
        for at, place in enumerate(product(*elements)):
            suffix = f"[{','.join(place)}]" if place else ""
            columns[canonical(str(name)) + suffix] = values[:, at]
    return columns


def _twin(run: object, axis: str) -> list[str]:
    """Return the elements of a dimension that a variable has twice: the second axis is called ``name 2``."""
    return [canonical(str(e)) for e in run[axis.rpartition(" ")[0]].values]  # type: ignore[index]


def run_pysd(file: Path, wanted: list[str], method: str) -> Columns:
    import pysd

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model"
        shutil.copytree(file.parent, copy)
        read = pysd.read_vensim if file.suffix.lower() == ".mdl" else pysd.read_xmile
        model = read(str(copy / file.name))
        try:
            frame = model.run(return_columns=wanted) if wanted else model.run()
        except (KeyError, ValueError):
            frame = model.run()
        else:
            everything = read(str(copy / file.name)).run()
            for column in everything.columns.difference(frame.columns):
                frame[column] = everything[column]
    return from_frame(frame)


def run_simlin(file: Path, wanted: list[str], method: str) -> Columns:
    import simlin

    return from_frame(simlin.load(str(file)).run(analyze_loops=False).results)


def from_frame(frame: object) -> Columns:
    columns = {"time": np.asarray(frame.index, dtype=float)}  # type: ignore[attr-defined]
    for name in frame.columns:  # type: ignore[attr-defined]
        try:
            columns[flat_key(str(name))] = np.asarray(frame[name], dtype=float)  # type: ignore[index]
        except (TypeError, ValueError):
            continue
    return columns


ENGINES = {"sdcluster": run_sdcluster, "pysd": run_pysd, "simlin": run_simlin}


def main(engine: str) -> None:
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what engines print must not disturb the answers
    for line in sys.stdin:
        job = json.loads(line)
        begun = time.perf_counter()
        try:
            columns = ENGINES[engine](Path(job["file"]), job["wanted"], job["method"])
            np.savez(
                job["out"],
                names=np.array(list(columns)),
                **{f"c{i}": v for i, v in enumerate(columns.values())},
            )
            answer = {"status": "ran"}
        except Exception as error:
            first = str(error).strip().splitlines() or [""]
            answer = {
                "status": "refused" if type(error).__name__ in ("ModelError", "SimulationError") else "failed",
                "kind": type(error).__name__,
                "reason": getattr(error, "sentence", first[0]),
            }  # fmt: skip
        answer["seconds"] = round(time.perf_counter() - begun, 3)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
