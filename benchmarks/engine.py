"""Compare speed and results of sdcluster, PySD and pysimlin on the cluster model.

`make bench` runs this script. It writes ``benchmarks/results/engine.json`` and the table between the marks in
docs/evidence/speed.md. The times are those of one machine. On other machines the ratios of the times are similar.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
WORKER = Path(__file__).with_name("engine_worker.py")
MODEL = ROOT / "models" / "cluster"
RESULTS = ROOT / "benchmarks" / "results" / "engine.json"
PAGE = ROOT / "docs" / "evidence" / "speed.md"
REPEATS = 5
PACKAGES = ("sdcluster", "numpy", "llvmlite", "scipy", "xarray", "pysd", "pysimlin")


def work(*words: str, cache: Path, folder: Path) -> tuple[float, Any]:
    """Run `engine_worker.py` in a new process, and return the seconds it took and the JSON it printed."""
    env = {**os.environ, "SDCLUSTER_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(WORKER), *words],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr}")
    return seconds, json.loads(done.stdout.strip().splitlines()[-1])


def plain(folder: Path, file: Path) -> Path:
    """Copy a model without the elements of our own namespace, and return the path of the copy.

    pysimlin mistakes `sdc:doc` for a second `doc`.
    """
    from lxml import etree

    tree = etree.parse(file)
    for element in tree.xpath("//*[namespace-uri() = 'https://sdcluster.org/ns/1']"):
        element.getparent().remove(element)
    copy = folder / "plain.xmile"
    tree.write(copy, encoding="utf-8", xml_declaration=True)
    return copy


def cold_starts(folder: Path, file: Path) -> dict[str, float]:
    """Return, for each program, the median seconds from starting Python to the first trajectories."""
    found: dict[str, list[float]] = {}

    def note(key: str, engine: str, model: Path, cache: Path) -> None:
        seconds, _ = work(engine, "first", str(model), cache=cache, folder=folder)
        found.setdefault(key, []).append(seconds)

    warm = folder / "warm-cache"
    work("sdcluster", "first", str(MODEL), cache=warm, folder=folder)
    for turn in range(REPEATS):
        note("sdcluster, first time ever", "sdcluster", MODEL, folder / f"empty-cache-{turn}")
        note("sdcluster, afterwards", "sdcluster", MODEL, warm)
        note("pysd, first time ever", "pysd", file, warm)
        note("pysd, afterwards", "pysd translated", file, warm)
        if find_spec("simlin"):
            note("pysimlin", "simlin", plain(folder, file), warm)
    return {key: statistics.median(seconds) for key, seconds in found.items()}


def reruns(folder: Path, file: Path) -> dict[str, dict[str, float]]:
    """Return, for each program, the seconds of a new run of all variables after a slider was moved."""
    cache = folder / "warm-cache"
    engines = {"sdcluster python": str(MODEL), "pysd": str(file)}
    if find_spec("llvmlite"):
        engines["sdcluster native"] = str(MODEL)
    if find_spec("simlin"):
        engines["simlin"] = str(plain(folder, file))
    found = {
        engine: work(engine, "again", model, cache=cache, folder=folder)[1]
        for engine, model in engines.items()
    }
    if "sdcluster native" in found:  # once more, with the compiled kernel in the cache
        second = work("sdcluster native", "again", str(MODEL), cache=cache, folder=folder)[1]
        found["sdcluster native, compiled before"] = second
    return found


def agreement(folder: Path, file: Path) -> dict[str, Any]:
    """Return the largest difference from PySD's Euler run, relative to the largest value of the variable."""
    cache = folder / "warm-cache"
    ours, theirs = folder / "ours.npz", folder / "pysd.npz"
    work("sdcluster", "values", str(MODEL), str(ours), cache=cache, folder=folder)
    work("pysd", "values", str(file), str(theirs), cache=cache, folder=folder)
    with np.load(ours) as a, np.load(theirs) as b:
        common = sorted(set(a.files) & set(b.files))
        worst, where = 0.0, ""
        for name in common:
            x, y = np.broadcast_arrays(a[name], b[name])
            size = float(np.max(np.abs(y))) or 1.0
            difference = float(np.max(np.abs(x - y))) / size
            if difference > worst:
                worst, where = difference, name
    return {"variables": len(common), "largest relative difference": worst, "in": where}


def machine() -> dict[str, Any]:
    """Return the number of cores, the operating system, and the versions of Python and the packages."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions,
    }


def table(results: dict[str, Any]) -> str:
    """Return the table for the page, and the sentences below it."""
    agree, machine = results["agreement"], results["machine"]
    lines = [
        "| engine | from starting Python to the first curves, the first time | … later "
        "| from moving a slider to all curves |",
        "|---|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in rows(results)),
        "",
        f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}. The times are medians; the "
        f"numbers in brackets say how many times faster than PySD. {compiling(results['re-run'])}With Euler's method, "
        f"all {agree['variables']} variables agree with those of PySD: the largest difference is "
        f"{agree['largest relative difference']:.1e} of the variable's largest value.",
    ]
    return "\n".join(lines)


def rows(results: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each program: its name, both cold starts and the new run after moving a slider."""
    cold, again, versions = results["cold start"], results["re-run"], results["machine"]["versions"]
    first, after = cold["pysd, first time ever"], cold["pysd, afterwards"]
    pysd = again["pysd"]["median"]

    def started(first_key: str, after_key: str) -> tuple[str, ...]:
        pairs = ((cold[first_key], first), (cold[after_key], after))
        return tuple(f"{own:.2f} s ({base / own:.1f}×)" for own, base in pairs)

    def moved(key: str) -> str:
        if key not in again:
            return "n/a"
        median = again[key]["median"]
        return f"{median * 1000:.2f} ms ({pysd / median:.0f}×)"

    ours = started("sdcluster, first time ever", "sdcluster, afterwards")
    found: list[tuple[str, ...]] = [
        (
            f"PySD {versions['pysd']}, Euler",
            f"{first:.2f} s",
            f"{after:.2f} s",
            f"{pysd * 1000:.0f} ms",
        ),
        ("sdcluster, plain Python, RK4", *ours, moved("sdcluster python")),
        ("sdcluster, compiled, RK4", "as above", "as above", moved("sdcluster native")),
    ]
    if "pysimlin" in cold:
        simlin = started("pysimlin", "pysimlin")
        found.append((f"pysimlin {versions['pysimlin']}", *simlin, moved("simlin")))
    return found


def compiling(again: dict[str, dict[str, float]]) -> str:
    """Return a sentence about how long compiling takes; empty if there is no compiler."""
    if "sdcluster native" not in again:
        return ""
    ready, cached = (
        again[k]["ready"] for k in ("sdcluster native", "sdcluster native, compiled before")
    )
    return (
        f"Machine code is compiled in the background. It is ready after {ready:.1f} s the first time, and after "
        f"{cached:.1f} s later. "
    )


def into_page(text: str, name: str = "bench") -> None:
    """Replace the text between the marks ``name`` in docs/evidence/speed.md."""
    between(PAGE, name, text)


def between(page: Path, name: str, text: str) -> None:
    """Replace the text between the marks ``name`` in a page."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, begun, rest = page.read_text(encoding="utf-8").partition(start)
    _, ended, after = rest.partition(end)
    if not (begun and ended):
        raise SystemExit(f"{page.relative_to(ROOT)} has no {start} … {end}")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "cluster.xmile"
        shutil.copy(MODEL / "cluster.xmile", file)
        results = {
            "machine": machine(),
            "cold start": cold_starts(folder, file),
            "re-run": reruns(folder, file),
            "agreement": agreement(folder, file),
        }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = table(results)
    into_page(text)
    print(text)


if __name__ == "__main__":
    main()
