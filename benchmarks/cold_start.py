"""How long a new process takes until its first curves of `cluster`, and what the exact Jacobian costs implicit solvers.

``python benchmarks/cold_start.py [--repeats 15]`` writes docs/evidence/cold-start.md and
benchmarks/results/cold_start.json. Every number is a median over several processes; the rows of a table are measured in
turn. The script measures elapsed time and also processor time, which a busy machine changes less. The cache of parsed
models is full, except where a row says that it is empty. No run uses machine code, because the first run does not wait
until it is compiled. The last table is about the laboratory: it measures the time from the command to the first curve
that follows a slider, in a Chromium that is already open.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "evidence" / "cold-start.md"
RESULTS = ROOT / "benchmarks" / "results" / "cold_start.json"
MODEL = ROOT / "models" / "cluster"
METHODS = ("BDF", "Radau", "LSODA")
CURVES = f"import sdcluster; sdcluster.Simulator(sdcluster.load({str(MODEL)!r})).run()"
STARTS = {
    "Python alone": ["-c", "pass"],
    "`import numpy`": ["-c", "import numpy"],
    "`import sdcluster`": ["-c", "import sdcluster"],
    "`sdcluster --version`": ["-m", "sdcluster", "--version"],
    "`Simulator(load(…)).run()`": ["-c", CURVES],
    "`Simulator(load(…)).run()` with an empty cache": ["-c", CURVES],
    "`sdcluster run … --out run.csv`": ["-m", "sdcluster", "run", str(MODEL), "--out", "run.csv"],
    "`simulate(…)`, an `xarray.Dataset`": ["-c", f"import sdcluster; sdcluster.simulate({str(MODEL)!r})"],
}  # fmt: skip
LABORATORIES = {
    "`sdcluster lab cluster`": ["lab", "cluster"],
    "`sdcluster lab` (`make lab`), on its start page": ["lab"],
}
RESULTS_NOW = "document.querySelector('#laboratory[data-ready]').session.results.value.now"
KNOWLEDGE = f"{RESULTS_NOW}.values['knowledge stock'].at(-1)"
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
UNCACHED = {"`Simulator(load(…)).run()` with an empty cache"}


def took(words: list[str], folder: Path, cache: Path) -> tuple[float, float]:
    """Run Python with these arguments, and return its elapsed time and its processor time in seconds."""
    env = {**os.environ, "SDCLUSTER_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words], env=env, cwd=folder, capture_output=True, text=True, check=False
    )
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def starts(folder: Path, repeats: int) -> dict[str, tuple[float, float]]:
    """Return, for each entry of `STARTS`, the median elapsed time and the median processor time in seconds."""
    warm = folder / "cache"
    for words in STARTS.values():
        took(words, folder, warm)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in STARTS}
    for turn in range(repeats):
        for name, words in STARTS.items():
            cache = folder / f"cache-{turn}" if name in UNCACHED else warm
            found[name].append(took(words, folder, cache))
    return {name: _medians(times) for name, times in found.items()}


def solve(method: str, exact: bool, runs: int = 5) -> dict[str, float]:
    """Return the processor time in seconds of the first run in this process, and the median of the later runs."""
    import scipy.integrate

    import sdcluster
    from sdcluster.run import sparse

    assert scipy.integrate.solve_ivp  # imported here, so that the first run does not include it
    if not exact:
        sparse.exact_jacobian = lambda *given: None
    simulator = sdcluster.Simulator(sdcluster.load(MODEL), method=method, backend="python")
    times = []
    for _ in range(runs):
        begun = time.process_time()
        simulator.run()
        times.append(time.process_time() - begun)
    return {"first": times[0], "later": statistics.median(times[1:])}


def solvers(folder: Path, repeats: int) -> dict[str, dict[str, float]]:
    """Return the medians of `solve` for each implicit method, with finite differences and with the exact Jacobian."""
    found: dict[str, list[dict[str, float]]] = {}
    for _ in range(repeats):
        for method in METHODS:
            for exact in ("differences", "exact"):
                words = [sys.executable, __file__, "--solve", method, exact]
                env = {**os.environ, "SDCLUSTER_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)}  # fmt: skip
                done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
                found.setdefault(f"{method} {exact}", []).append(json.loads(done.stdout))
    return {
        name: {key: statistics.median(own[key] for own in all_of) for key in all_of[0]}
        for name, all_of in found.items()
    }


def laboratories(folder: Path, repeats: int) -> dict[str, float]:
    """Return, for each entry of `LABORATORIES`, the median of `moving` over `repeats` starts."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {}
    with sync_playwright() as driver:
        path = shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for _ in range(repeats):
            for name, words in LABORATORIES.items():
                found.setdefault(name, []).append(moving(browser, words, folder))
        browser.close()
    return {name: statistics.median(times) for name, times in found.items()}


def moving(browser: Any, words: list[str], folder: Path) -> float:
    """Start the laboratory, move a slider once, and return the seconds from the command until the curves change."""
    own = {"SDCLUSTER_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    env = {**os.environ, **own, "PYTHONUNBUFFERED": "1"}
    begun = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "sdcluster", *words, "--no-browser"],
        env=env,
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    page = browser.new_page()
    try:
        assert server.stdout is not None
        page.goto(next(word for word in server.stdout.readline().split() if "://" in word))
        inside = page.main_frame
        if "cluster" not in words:  # the start page shows the laboratory in an iframe
            inside = page.wait_for_selector("iframe").content_frame()
        inside.wait_for_selector("#laboratory[data-ready]")
        before = inside.evaluate(KNOWLEDGE)
        inside.locator('input[data-name="openness"]').press("ArrowRight")
        inside.wait_for_function(f"(before) => {KNOWLEDGE} !== before", arg=before)
        inside.evaluate(FRAME)
        return time.perf_counter() - begun
    finally:
        page.close()
        server.send_signal(signal.SIGINT)
        server.wait()


def _medians(times: list[tuple[float, float]]) -> tuple[float, float]:
    clock, processor = zip(*times, strict=True)
    return statistics.median(clock), statistics.median(processor)


def page(
    begun: dict[str, tuple[float, float]],
    solved: dict[str, dict[str, float]],
    moved: dict[str, float],
) -> str:
    """Return the text of docs/evidence/cold-start.md."""
    lines = [
        "# Cold start", "",
        "Written by `benchmarks/cold_start.py`; do not edit. This page shows how long a new process takes until "
        "its first results. Each number is a median over several processes. The processes of the rows alternate, "
        "so that a busy moment of the machine affects all rows alike.",
        f"{date.today().isoformat()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, "
        f"numpy {version('numpy')}.",
        "", "## From starting Python to the end of the process", "",
        "The model is `cluster`. Its first run takes 1,280 steps of RK4 in plain Python, while a background "
        "thread compiles machine code.",
        "", "| command or call | seconds | seconds of processor time |", "|---|---:|---:|",
        *(f"| {name} | {clock:.2f} | {processor:.2f} |" for name, (clock, processor) in begun.items()),
        "", "## From the command to a curve that has followed a slider", "",
        "The browser is open already, and nothing is clicked.",
        "", "| | seconds |", "|---|---:|",
        *(f"| {name} | {seconds:.1f} |" for name, seconds in moved.items()),
        "", "## Implicit solvers: finite differences or the exact Jacobian", "",
        "The table shows the seconds of processor time for one run of `cluster`. With the exact Jacobian, the first",
        "run in a process also has to differentiate the equations; later runs do not.",
        "", "| method | differences: first run | later runs | exact: first run | later runs |",
        "|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    for method in METHODS:
        cells = [
            f"{solved[f'{method} {kind}'][key]:.3f}"
            for kind in ("differences", "exact")
            for key in ("first", "later")
        ]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure everything, write the page and the results, and print the page."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--repeats", type=int, default=15)
    words.add_argument("--solve", nargs=2, metavar=("METHOD", "JACOBIAN"), help=argparse.SUPPRESS)
    chosen = words.parse_args()
    if chosen.solve:
        method, kind = chosen.solve
        print(json.dumps(solve(method, kind == "exact")))
        return
    folder = Path(tempfile.mkdtemp())
    try:
        begun = starts(folder, chosen.repeats)
        solved = solvers(folder, max(1, chosen.repeats // 3))
        moved = laboratories(folder, max(1, chosen.repeats // 3))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    RESULTS.write_text(
        json.dumps({"starts": begun, "solvers": solved, "laboratories": moved}, indent=1) + "\n"
    )
    text = page(begun, solved, moved)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
