"""How the times to compile and to run grow with the number of variables and of array elements.

``python benchmarks/growth.py`` compares sdcluster with PySD and pysimlin, and writes docs/images/growth.svg,
docs/evidence/growth.md and benchmarks/results/growth.json. There are two families of models: chains of scalar
variables, in which each variable has its own equation, and a single chain of arrays with few equations and more and
more elements. Each engine reads and runs a model in a separate process, within `LIMIT` seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "growth.svg"
PAGE = ROOT / "docs" / "evidence" / "growth.md"
RESULTS = ROOT / "benchmarks" / "results" / "growth.json"
SIZES = (10, 100, 1000, 5000, 20_000)
LIMIT = 60  # seconds; the whole script takes about ten minutes on two idle cores
ENOUGH = 5  # seconds after which no further run is measured
STEPS = 100
ENGINES = {
    "python": "sdcluster (Python)",
    "native": "sdcluster (compiled)",
    "pysd": "PySD",
    "simlin": "pysimlin",
}
NEEDS = {"native": "llvmlite"}  # the modules of engines that have another name than their module
COLOURS = {"python": "#1f6fb4", "native": "#d95f02", "pysd": "#3a923a", "simlin": "#7b4ea3"}
FAMILIES = {"variables": "separate variables", "elements": "elements of arrays"}
HEAD = (
    '<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><vendor>sdcluster</vendor>'
    '<product version="1">sdcluster</product><name>growth</name></header><sim_specs method="euler" time_units="year">'
    f"<start>0</start><stop>{STEPS}</stop><dt>1</dt></sim_specs>"
)


def variables(size: int) -> str:
    """Return a chain of stocks with about `size` scalar variables, three for each link of the chain."""
    links = max(1, size // 3)
    parts = []
    for i in range(links):
        before = f"level_{i - 1}" if i else "supply"
        parts.append(
            f'<stock name="level {i}"><eqn>{i % 7 + 1}</eqn><inflow>flow_{i}</inflow></stock>'
            f'<flow name="flow {i}"><eqn>gap_{i} / 20</eqn></flow>'
            f'<aux name="gap {i}"><eqn>{before} * 0.9 - level_{i}</eqn></aux>'
        )
    supply = '<aux name="supply"><eqn>5</eqn></aux>'
    return f"{HEAD}<model><variables>{supply}{''.join(parts)}</variables></model></xmile>"


def elements(size: int) -> str:
    """Return one link of the chain as arrays whose elements together number about `size`."""
    length = max(1, size // 3)
    dimension = '<dimensions><dim name="place"/></dimensions>'
    names = "".join(f'<elem name="p{i}"/>' for i in range(length))
    supply = '<aux name="supply"><eqn>5</eqn></aux>'
    return (
        f'{HEAD}<dimensions><dim name="place" size="{length}">{names}</dim></dimensions><model><variables>{supply}'
        f'<stock name="level">{dimension}<eqn>1</eqn><inflow>change</inflow></stock>'
        f'<flow name="change">{dimension}<eqn>gap[place] / 20</eqn></flow>'
        f'<aux name="gap">{dimension}<eqn>supply * 0.9 - level[place]</eqn></aux></variables></model></xmile>'
    )


MAKE = {"variables": variables, "elements": elements}

# ---- in the process of one engine


def measure(engine: str, file: str) -> dict[str, float]:
    """Return the seconds from the file to the first curves, the median of later runs, and the peak memory in GiB."""
    begun = time.perf_counter()
    if engine in ("python", "native"):
        import sdcluster

        assert sdcluster.Simulator  # import everything that a run needs, as the other engines do
        begun = time.perf_counter()
        simulator = sdcluster.Simulator(sdcluster.load(file), method="euler", backend=engine)
        simulator.warm(wait=True)
        simulator.run()
        run: Any = simulator.run
    elif engine == "pysd":
        import pysd

        begun = time.perf_counter()
        model = pysd.read_xmile(file)
        model.run()
        run = model.run
    else:
        import simlin

        begun = time.perf_counter()
        loaded = simlin.load(file)
        run = lambda: loaded.run(analyze_loops=False).results  # noqa: E731
        run()
    ready = time.perf_counter() - begun
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
        if sum(times) > ENOUGH:
            break
    return {"ready": ready, "run": sorted(times)[len(times) // 2], "memory": memory()}


def memory() -> float:
    """Return the peak memory of this process and its child processes in GiB: the larger of both."""
    unit = 1 if sys.platform == "darwin" else 1024
    used = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return max(used) * unit / 1024**3


# ---- in the parent


def measured(engine: str, file: Path, cache: Path) -> dict[str, Any]:
    env = {**os.environ, "SDCLUSTER_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, __file__, "--engine", engine, "--model", str(file)]
    process = subprocess.Popen(
        words,
        env=env,
        cwd=file.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, errors = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # also ends a compiler that the process has started
        process.communicate()
        return {"failed": f"more than {LIMIT} s"}
    if process.returncode:
        return {"failed": (errors.strip().splitlines() or ["?"])[-1][:200]}
    return dict(json.loads(out.strip().splitlines()[-1]))


def run_all(sizes: list[int], engines: list[str]) -> list[dict[str, Any]]:
    """Measure all sizes with all engines; an engine that fails at one size is not tried with larger sizes."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        for family, make in MAKE.items():
            given_up: dict[str, str] = {}
            for size in sizes:
                for engine in engines:
                    if engine in given_up:
                        result: dict[str, Any] = {"failed": given_up[engine]}
                    else:
                        folder = Path(name) / f"{family}-{size}-{engine}"
                        folder.mkdir()
                        load = os.getloadavg()[0]
                        file = folder / "growth.xmile"
                        file.write_text(make(size), encoding="utf-8")
                        result = measured(engine, file, folder / "cache")
                        result["load"] = load
                        if "failed" in result:
                            given_up[engine] = result["failed"]
                    found.append({"family": family, "size": size, "engine": engine, **result})
                    print(found[-1], flush=True)
    return found


def draw(found: list[dict[str, Any]]) -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams |= {
        "svg.fonttype": "none",
        "svg.hashsalt": "growth",
        "font.size": 9,
        "axes.spines.right": False,
    }
    plt.rcParams["axes.spines.top"] = False
    figure, axes = plt.subplots(
        2, 2, figsize=(8.2, 6.2), sharex=True, sharey="row", layout="constrained"
    )
    rows = (("ready", "read, compile, first run"), ("run", f"a run of {STEPS} steps"))
    for column, (family, words) in enumerate(FAMILIES.items()):
        for row, (key, title) in enumerate(rows):
            axis = axes[row][column]
            draw_engines(axis, [r for r in found if r["family"] == family and key in r], key)
            axis.set(xscale="log", yscale="log")
            axis.set_title(f"{words}: {title}", fontsize=9, loc="left")
            axis.grid(color="#e4e4e4", linewidth=0.6)
            axis.set_axisbelow(True)
            if row:
                axis.set_xlabel(f"number of {family}")
    for left, _ in axes:
        left.set_ylabel("seconds")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None})
    if (ROOT / "out").exists():
        figure.savefig(ROOT / "out" / "growth.png", dpi=110)


def draw_engines(axis: Any, found: list[dict[str, Any]], key: str) -> None:
    """Draw `key` against the model's size, with one curve for each engine."""
    for engine, label in ENGINES.items():
        points = [(r["size"], r[key]) for r in found if r["engine"] == engine]
        if points:
            sizes, seconds = zip(*points, strict=True)
            axis.plot(
                sizes, seconds, marker="o", markersize=3.5, color=COLOURS[engine], label=label
            )


def conditions(found: list[dict[str, Any]]) -> str:
    """Return sentences about the machine's load and about sdcluster's peak memory."""
    loads = [r["load"] for r in found if "load" in r]
    busy = max(loads) > 1.5
    words = f"Load of the machine before each measurement: {min(loads):.1f} to {max(loads):.1f}"
    words += "; it was busy, so compare engines, not clocks." if busy else "."
    ours = [r["memory"] for r in found if "memory" in r and r["engine"] in ("python", "native")]
    return f"{words} sdcluster took at most {max(ours):.1f} GiB of memory, its compiler included."


def page(found: list[dict[str, Any]], engines: list[str], note: str) -> str:
    versions = ", ".join(
        f"{n} {_version(n)}" for n in ("sdcluster", "llvmlite", "pysd", "pysimlin")
    )
    lines = [
        "# Growth", "",
        "Written by `benchmarks/growth.py`; do not edit. In each cell of the tables, the first number is the time in "
        "seconds from opening the file to the first",
        f"trajectories, with an empty cache. The second number is the time of a further run of {STEPS} Euler steps. "
        "Each",
        "engine runs in a separate process; the time to import the engine is not counted. "
        f"{date.today().isoformat()},",
        f"{os.cpu_count()} cores; {versions}.",
        f"{conditions(found)} {note}".strip(), "",
        "![Time against size](../images/growth.svg)",
    ]  # fmt: skip
    for family, words in FAMILIES.items():
        lines += [
            "",
            f"## {words}",
            "",
            "| | " + " | ".join(ENGINES[e] for e in engines) + " |",
            "|---:|" + "---:|" * len(engines),
        ]
        for size in dict.fromkeys(r["size"] for r in found):
            cells = [
                _cell(r)
                for e in engines
                for r in found
                if (r["family"], r["size"], r["engine"]) == (family, size, e)
            ]
            lines.append(f"| {size:,} | " + " | ".join(cells) + " |")
    failures = {(r["engine"], r["family"]): r["failed"] for r in found if "failed" in r}
    if failures:
        lines += [
            "",
            *(f"- {ENGINES[e]}, {FAMILIES[f]}: {why}" for (e, f), why in failures.items()),
        ]
    return "\n".join(lines) + "\n"


def _cell(result: dict[str, Any]) -> str:
    return "–" if "failed" in result else f"{result['ready']:.3g} + {result['run']:.3g}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--engine")
    words.add_argument("--model")
    words.add_argument("--sizes", default=",".join(map(str, SIZES)))
    words.add_argument(
        "--draw", action="store_true", help="draw the stored results again, measure nothing"
    )
    words.add_argument("--note", default="", help="a sentence about the machine for the page")
    chosen = words.parse_args()
    if chosen.engine:
        print(json.dumps(measure(chosen.engine, chosen.model)))
        return
    engines = [e for e in ENGINES if e == "python" or find_spec(NEEDS.get(e, e))]
    if chosen.draw:
        found = json.loads(RESULTS.read_text(encoding="utf-8"))
    else:
        found = run_all([int(s) for s in chosen.sizes.split(",")], engines)
        RESULTS.write_text(json.dumps(found, indent=1), encoding="utf-8")
    draw(found)
    PAGE.write_text(page(found, engines, chosen.note), encoding="utf-8")


if __name__ == "__main__":
    main()
