"""Peak memory, time and file size for large models: 48,000 elements, a large Vensim file, and 1,500 stiff stocks.

``python benchmarks/large.py`` writes docs/evidence/large.md and benchmarks/results/large.json. Each ``--label`` is a
column of the table; columns with other labels keep their numbers. Every command runs in a separate process. Its peak
memory is that of the process or of a compiler that it started, according to `resource.getrusage`. Its time is processor
time, which a busy machine changes less than elapsed time.
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
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import growth

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.read.vensim.large_model import large_model  # noqa: E402

PAGE = ROOT / "docs" / "evidence" / "large.md"
RESULTS = ROOT / "benchmarks" / "results" / "large.json"
ELEMENTS = 48_000
STEPS = 250
STOCKS = 1_500
GASES = 20  # with about 45 variables each
PAGE_VARIABLES = 12_000  # scalars, because an array has only one definition on the page
LIMIT = 900  # seconds of one command
READ = "import sys, sdcluster; sdcluster.load(sys.argv[1])"
LINT = "import sys, sdcluster; from sdcluster.lint import lint; lint(sdcluster.load(sys.argv[1]))"
SOLVE = """
import sys, sdcluster
run = sdcluster.simulate(sys.argv[1], method=sys.argv[2], rtol=1e-6, atol=1e-8)
print(float(run["level 90"][-1]))
"""


def stiff(stocks: int) -> str:
    """Return a chain of stocks whose rates differ by four orders of magnitude."""
    parts = []
    for i in range(stocks):
        before = f"level_{i - 1}" if i else "5"
        parts.append(
            f'<stock name="level {i}"><eqn>1</eqn><inflow>flow_{i}</inflow></stock>'
            f'<flow name="flow {i}"><eqn>{(1000, 10, 0.1)[i % 3]} * ({before} * 0.9 - level_{i})</eqn></flow>'
        )
    return f"{growth.HEAD}<model><variables>{''.join(parts)}</variables></model></xmile>"


def measured(words: list[str], folder: Path) -> dict[str, Any]:
    """Run a command, and return its processor time and elapsed time in seconds and its peak memory in MiB."""
    if "--child" not in sys.argv:
        # Run the command from a new process, whose `RUSAGE_CHILDREN` then includes only this command.
        between = [sys.executable, __file__, "--child", json.dumps(words)]
        done = subprocess.run(between, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            return {"failed": (done.stderr.strip().splitlines() or ["?"])[-1][:200]}
        return dict(json.loads(done.stdout.splitlines()[-1]))
    begun = time.perf_counter()
    try:
        done = subprocess.run(
            words,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"more than {LIMIT} s"}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["?"])[-1][:200]}
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return {
        "clock": time.perf_counter() - begun,
        "processor": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / unit,
    }


def run_all(only: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Measure every command whose title contains `only`; yield the title and the numbers of each."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SDCLUSTER_CACHE"] = str(folder / "cache")
        long = f"<stop>{STEPS}</stop>"
        arrays = growth.elements(ELEMENTS).replace(f"<stop>{growth.STEPS}</stop>", long)
        (folder / "arrays.xmile").write_text(arrays, encoding="utf-8")
        (folder / "scalars.xmile").write_text(growth.variables(PAGE_VARIABLES), encoding="utf-8")
        (folder / "stiff.xmile").write_text(stiff(STOCKS), encoding="utf-8")
        (folder / "gases.mdl").write_text(large_model(GASES), encoding="utf-8")
        (folder / "many.xmile").write_text(growth.variables(ELEMENTS), encoding="utf-8")
        for title, words in commands().items():
            if only not in title:
                continue
            found = measured(words, folder)
            if (folder / "page.html").exists() and "page.html" in words:
                found["file"] = (folder / "page.html").stat().st_size / 1e6
            yield title, found


def commands() -> dict[str, list[str]]:
    """Return the commands that are measured, by title."""
    python = [sys.executable, "-c"]
    sdcluster = [sys.executable, "-m", "sdcluster"]
    found = {
        "Python with numpy and llvmlite, nothing else": [*python, "import numpy, llvmlite.binding"],
        f"`run` of {ELEMENTS:,} elements, {STEPS} steps, to CSV": [
            *sdcluster, "run", "arrays.xmile", "--out", "run.csv",
        ],
        f"reading {ELEMENTS:,} variables": [*python, READ, "many.xmile"],
        f"`document` of {PAGE_VARIABLES:,} variables": [
            *sdcluster, "document", "scalars.xmile", "--no-run", "--out", "page.html",
        ],
        f"`lint` of a Vensim file with {GASES * 45:,} variables": [*python, LINT, "gases.mdl"],
    }  # fmt: skip
    for method in ("LSODA", "BDF", "Radau"):
        found[f"{STOCKS:,} stocks by {method}"] = [*python, SOLVE, "stiff.xmile", method]
    return found


def page(results: dict[str, Any]) -> str:
    labels = list(results)
    lines = [
        "# Large models", "",
        "Written by `benchmarks/large.py`; do not edit. Each command runs in a separate process, starts from "
        "the model file, and has an empty cache. The table",
        "shows seconds of processor time, elapsed seconds in brackets (longer, because the machine does other",
        "work), and the peak memory. The 48,000 elements are three array variables of 16,000 elements each,",
        "which depend on each other in a chain. The 1,500 stocks are a chain whose rates differ by four orders of",
        "magnitude. `tests/read/vensim/large_model.py` writes the Vensim file; `lint` runs this model twice.", "",
        "`run` writes each row of a CSV or tab-separated file as soon as it is computed. Much of the memory of `run` "
        "is needed for Python, numpy and the compiler; the first row of the table shows how",
        "much. The whole run is kept in memory for other kinds of files, with `--times`, with a saved state, and for",
        "the datasets of the Python API. In Python, `Simulator.table` returns a run row by row instead.", "",
        "| | " + " | ".join(labels) + " |",
        "|---|" + "---|" * len(labels),
    ]  # fmt: skip
    for title in commands():
        cells = [_cell(results[label]["found"].get(title, {})) for label in labels]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    lines += [
        "",
        *(f"{label}: {results[label]['when']}, {os.cpu_count()} cores." for label in labels),
    ]
    return "\n".join(lines) + "\n"


def _cell(result: dict[str, Any]) -> str:
    if not result or "failed" in result:
        return result.get("failed", "–")
    parts = [
        f"{result['processor']:.3g} s ({result['clock']:.3g} s)",
        f"{result['memory']:,.0f} MiB",
    ]
    if "file" in result:
        parts.append(f"file of {result['file']:.3g} MB")
    return ", ".join(parts)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--label", default="now", help="the column of the table")
    words.add_argument(
        "--only", default="", help="measure only rows whose title contains this text"
    )
    words.add_argument("--child")
    chosen = words.parse_args()
    if chosen.child:
        print(json.dumps(measured(json.loads(chosen.child), Path.cwd())))
        return
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    column = results.setdefault(chosen.label, {"found": {}})
    column["when"] = date.today().isoformat()
    for title, found in run_all(chosen.only):
        print(title, found, flush=True)
        column["found"][title] = found
        RESULTS.write_text(json.dumps(results, indent=1), encoding="utf-8")
        PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
