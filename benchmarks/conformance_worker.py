"""Run many models with one engine: ``python conformance_worker.py sdcluster|pysd|simlin``.

Each line of the standard input is a job in JSON. The worker writes the trajectories of the model to an .npz file and
answers with a line of JSON. The parent process kills the worker if a model hangs. PySD writes a Python file beside the
model and runs it, so the worker first copies the model's folder.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from suite import Columns, columns_of, flat_key


def run_sdcluster(file: Path, wanted: list[str], method: str) -> Columns:
    import sdcluster

    model = sdcluster.load(file)
    return columns_of(model, sdcluster.simulate(model, method=method, backend="python"))


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
