"""Run one engine in a separate process and print JSON: `python engine_worker.py ENGINE TASK MODEL`.

Tasks: ``first`` ends with the first trajectories of all variables, and the parent measures the time of the whole
process. ``again`` measures new runs after the slider of openness was moved. ``values`` writes the trajectories of an
Euler run, whose numbers the parent compares.

PySD runs the Python code that it generates from the model file. That is safe here only because the model is ours;
sdcluster itself never does it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

LEVER = "openness"
MOVES = np.linspace(0.2, 0.8, 13)
Rerun = Callable[[float], object]


def sdcluster_rerun(model: str, backend: str) -> Rerun:
    import sdcluster

    simulator = sdcluster.Simulator(sdcluster.load(model), backend=backend)
    if backend != "python":
        simulator.warm(wait=True)
        assert simulator.backend == backend
    return lambda value: simulator.run({LEVER: value})


def pysd_rerun(model: str) -> Rerun:
    import pysd

    loaded = pysd.read_xmile(model)
    return lambda value: loaded.run(params={LEVER: value})


def simlin_rerun(model: str) -> Rerun:
    import simlin

    loaded = simlin.load(model)
    return lambda value: loaded.run(overrides={LEVER: value}, analyze_loops=False).results


def first(engine: str, model: str) -> None:
    if engine == "sdcluster":
        import sdcluster

        sdcluster.simulate(model)
    elif engine == "pysd":
        pysd_rerun(model)(0.5)
    elif engine == "pysd translated":
        import pysd

        pysd.load(str(Path(model).with_suffix(".py"))).run()
    else:
        simlin_rerun(model)(0.5)


def again(engine: str, model: str) -> dict[str, float]:
    made = {
        "sdcluster python": lambda: sdcluster_rerun(model, "python"),
        "sdcluster native": lambda: sdcluster_rerun(model, "native"),
        "pysd": lambda: pysd_rerun(model),
        "simlin": lambda: simlin_rerun(model),
    }[engine]
    begun = time.perf_counter()
    rerun = made()
    ready = time.perf_counter() - begun
    rerun(0.5)
    times = []
    rounds = 20 if engine == "sdcluster native" else 1
    for _ in range(rounds):
        for value in MOVES:
            begun = time.perf_counter()
            rerun(float(value))
            times.append(time.perf_counter() - begun)
    return {
        "ready": ready,
        "median": float(np.median(times)),
        "p95": float(np.quantile(times, 0.95)),
        "runs": len(times),
    }


def values(engine: str, model: str, out: str) -> None:
    from sdcluster.model.names import canonical

    if engine == "pysd":
        import pysd

        frame = pysd.read_xmile(model).run()
        columns = {canonical(name): frame[name].to_numpy(dtype=float) for name in frame.columns}
    else:
        import sdcluster

        ds = sdcluster.simulate(model, method="euler")
        columns = {canonical(str(name)): ds[name].values for name in ds.data_vars}
    np.savez(out, **columns)


if __name__ == "__main__":
    chosen, task, path, *rest = sys.argv[1:]
    result = {"first": first, "again": again, "values": values}[task](chosen, path, *rest)
    print(json.dumps(result))
