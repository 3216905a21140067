"""How the cost of an ensemble grows with the number of runs: time, memory, bytes on disk, overhead of a cluster.

``python benchmarks/scaling.py [--most 1000000]`` writes docs/evidence/scaling.md, docs/images/scaling.svg and
benchmarks/results/scaling.json, in about three minutes on two idle cores. Each ensemble is computed in a separate
process, of which the operating system reports the peak memory. The section about adaptive steps is written by
`benchmarks/adaptive.py --write`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from adaptive import RESULTS as STEPS
from adaptive import section
from engine import ROOT, machine

import sdcluster

MODEL = ROOT / "models" / "cluster"
PAGE = ROOT / "docs" / "evidence" / "scaling.md"
CHART = ROOT / "docs" / "images" / "scaling.svg"
RESULTS = ROOT / "benchmarks" / "results" / "scaling.json"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
ON_DISK = 10_000
ON_CLUSTER = 20_000
ASKED: dict[str, Any] = {
    "measures": ("final knowledge stock", "first above knowledge stock 3"),
    "bands": ("knowledge stock",),
    "saveper": 1.0,
}

now = time.perf_counter


def child(runs: int) -> dict[str, float]:
    """Compute an ensemble, and return its seconds and the peak memory in MB before and after it.

    Importing and compiling are done before.
    """
    model = sdcluster.load(MODEL)
    sdcluster.ensemble(model, sdcluster.design(model, 16), **ASKED)
    before = peak()
    begun = now()
    made = sdcluster.ensemble(model, sdcluster.design(model, runs), **ASKED)
    return {
        "runs": runs,
        "seconds": now() - begun,
        "before": before,
        "peak": peak(),
        "error": made.attrs["quantile_error"],
    }


def peak() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def alone(*words: str) -> dict[str, Any]:
    """Run this script with other arguments in a separate process, and return the JSON that it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(Path(__file__).resolve()), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]


def on_disk() -> dict[str, float]:
    """Return the bytes per run in Zarr: of the points and measures, and of a curve with 81 times."""
    model = sdcluster.load(MODEL)
    points = sdcluster.design(model, ON_DISK)
    sizes = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, keep in (("numbers", ()), ("and a curve", ("knowledge stock",))):
            path = Path(folder) / f"{name}.zarr"
            begun = now()
            sdcluster.ensemble(model, points, keep=keep, to=path, **ASKED)
            sizes[f"{name}, seconds"] = now() - begun
            files = [file for file in path.rglob("*") if file.is_file()]
            sizes[name] = sum(file.stat().st_size for file in files) / ON_DISK
        sizes["names"] = len(points.names)
    return sizes


def on_cluster() -> dict[str, float]:
    """Return the seconds of the same runs in threads and with two workers, and the scheduler's time for a task."""
    from distributed import Client, LocalCluster

    model = sdcluster.load(MODEL)
    points = sdcluster.design(model, ON_CLUSTER)
    few = sdcluster.design(model, 64)
    sdcluster.ensemble(model, few, **ASKED)
    begun = now()
    sdcluster.ensemble(model, points, **ASKED)
    threads = now() - begun
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        sdcluster.ensemble(model, few, client=client, **ASKED)
        begun = now()
        sdcluster.ensemble(model, points, client=client, **ASKED)
        workers = now() - begun
        begun = now()
        client.gather(client.map(abs, range(1000), pure=False))
        task = (now() - begun) / 1000
    return {"runs": ON_CLUSTER, "threads": threads, "workers": workers, "task": task}


def draw(sizes: list[dict[str, float]]) -> None:
    """Draw peak memory and time against the number of runs."""
    from sdcluster.view.figure import COLOURS, drawing, paneled_figure, write_figure

    with drawing():
        figure, (memory, seconds) = paneled_figure(2, "", below=0)
        runs = [one["runs"] for one in sizes]
        memory.plot(runs, [one["peak"] for one in sizes], "o-", color=COLOURS[0])
        memory.set_ylim(0, None)
        memory.set_title("peak of memory (MB)")
        seconds.plot(runs, [one["seconds"] for one in sizes], "o-", color=COLOURS[0])
        seconds.set_yscale("log")
        seconds.set_title("seconds")
        for axes in (memory, seconds):
            axes.set_xscale("log")
            axes.set_xlabel("runs")
        write_figure(figure, CHART)


def page(found: dict[str, Any]) -> str:
    """Return the text of docs/evidence/scaling.md."""
    here, disk, cluster = found["machine"], found["disk"], found["cluster"]
    cores = here["cores"]
    largest = found["sizes"][-1]
    cost = largest["seconds"] * cores / largest["runs"]
    grown = largest["peak"] - found["sizes"][0]["peak"]
    parts = cluster["runs"] / 512
    extra = max(0.0, cluster["workers"] - cluster["threads"]) / parts
    lines = [
        "# Scaling",
        "",
        f"Written by `benchmarks/scaling.py` on {date.today()}; do not edit. {cores} cores, {here['system']}, Python "
        f"{here['python']}. The model is `cluster`: 1,280 steps of RK4, {disk['names']:.0f} constants that vary, "
        "81 saved times, two measures, quantiles of one variable over time. The [guide to "
        "ensembles](../how-to/ensembles.md) describes how to make such runs.",
        "",
        "## Time and memory",
        "",
        "| runs | seconds | runs per second | peak memory | memory before the runs |",
        "|---:|---:|---:|---:|---:|",
        *(
            f"| {one['runs']:,} | {one['seconds']:.3g} | {one['runs'] / one['seconds']:,.0f} | {one['peak']:,.0f} MB "
            f"| {one['before']:,.0f} MB |"
            for one in found["sizes"]
        ),
        "",
        "![Memory and time against the number of runs](../images/scaling.svg)",
        "",
        f"A run costs {1e6 * cost:,.0f} µs of one core. From {found['sizes'][0]['runs']:,} to {largest['runs']:,} runs "
        f"the peak memory grows by {grown:,.0f} MB. The quantiles of small ensembles are exact, because all numbers "
        "stay in memory: up to 17 million numbers of curves, and 8 million numbers of points and measures. In larger "
        "ensembles, points are drawn part by part, and runs are counted in 1,024 classes, so the quantiles are "
        f"approximate. In the largest ensemble, the rank of a quantile was wrong by at most "
        f"{100 * largest['error']:.2g} %.",
        "",
        "## On disk",
        "",
        f"In the format Zarr, a run takes {disk['numbers']:,.0f} bytes for the values of {disk['names']:.0f} "
        f"constants and two measures, and {disk['and a curve']:,.0f} bytes with an additional curve of 81 times. "
        f"{ON_DISK:,} runs took {disk['numbers, seconds']:.3g} s without the curve and "
        f"{disk['and a curve, seconds']:.3g} s with it.",
        "",
        "## On a cluster",
        "",
        f"{cluster['runs']:,.0f} runs took {cluster['threads']:.3g} s in threads of one process and "
        f"{cluster['workers']:.3g} s on two workers of a `dask.distributed` cluster on the same cores. "
        f"So the cluster adds {1e3 * extra:,.1f} ms for each task of 512 runs. The scheduler itself needs "
        f"{1e3 * cluster['task']:.2g} ms for each task.",
        "",
        "## A billion runs",
        "",
        *_billion(cost, disk, cluster, extra),
    ]
    lines += [
        "",
        "[Speed](speed.md#an-ensemble-beside-other-programs) shows how fast other programs are.",
    ]
    if STEPS.is_file():
        lines += ["", section(json.loads(STEPS.read_text(encoding="utf-8"))).rstrip()]
    return "\n".join(lines) + "\n"


def _billion(
    cost: float, disk: dict[str, float], cluster: dict[str, float], extra: float
) -> list[str]:
    """Return lines about the needs of 1e9 runs, calculated from the measured numbers."""
    runs = 1e9
    hours = runs * cost / 3600
    tasks = runs / 1024
    asks = tasks * max(extra, cluster["task"]) / 3600
    return [
        "These numbers are calculated from those above, not measured:",
        "",
        "| resource | need |",
        "|---|---|",
        f"| time | {hours:,.0f} hours of one core, {hours / 256:,.1f} hours on 256 cores |",
        "| memory | as above, in the main process and in each worker |",
        "| disk, statistics only | less than 1 MB |",
        f"| disk, points and measures | {runs * disk['numbers'] / 1e9:,.0f} GB |",
        f"| disk, points, measures and a curve | {runs * disk['and a curve'] / 1e12:,.1f} TB |",
        f"| scheduler | {tasks:,.0f} tasks of 1,024 runs, {tasks * cluster['task'] / 60:,.0f} minutes of its time |",
        f"| main process | {asks:,.1f} hours, to draw points and to add up the sums of {tasks:,.0f} tasks |",
        "",
        "A Sobol' sequence has at most 1,073,741,824 points; for more runs, use random points. After an "
        "interruption, an ensemble continues from its `.zarr` folder.",
    ]


def main() -> None:
    """Measure everything, draw the chart and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="runs of the largest ensemble")
    parser.add_argument("--child", type=int, help="compute so many runs and print their cost")
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(child(chosen.child)))
        return
    found = {
        "machine": machine(),
        "sizes": [alone("--child", str(n)) for n in SIZES if n <= chosen.most],
        "disk": on_disk(),
        "cluster": on_cluster(),
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw(found["sizes"])
    PAGE.write_text(page(found), encoding="utf-8")
    print(page(found))


if __name__ == "__main__":
    main()
