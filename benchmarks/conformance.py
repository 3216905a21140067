"""Compare sdcluster, PySD and pysimlin with the stored outputs of the SDXorg test suite, and sdcluster with PySD.

``python benchmarks/conformance.py [--suite FOLDER] [--only TEXT] [--engines sdcluster,pysd,simlin]`` writes
docs/evidence/conformance.md and benchmarks/results/conformance.json. A model passes if every value differs from the
stored value by at most 1e-3, relative or absolute. Some folders hold the outputs of several programs; there a model
passes if it agrees with one of them. For models that do not pass, conformance_reasons.toml says why, and which program
or file is at fault.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from suite import (
    ENDINGS,
    ROOT,
    SUITE,
    TOLERANCE,
    Columns,
    compare,
    find_models,
    largest_gap,
    stored_outputs,
)

WORKER = Path(__file__).with_name("conformance_worker.py")
REASONS = Path(__file__).with_name("conformance_reasons.toml")
PAGE = ROOT / "docs" / "evidence" / "conformance.md"
RESULTS = ROOT / "benchmarks" / "results" / "conformance.json"
PACKAGES = {"sdcluster": "sdcluster", "pysd": "PySD", "simlin": "pysimlin"}
CLOSE = 1e-6
LIMIT = 60.0  # seconds a model


@dataclass
class Job:
    """One model to be run by one engine, and the result."""

    engine: str
    file: Path
    status: str = "waiting"
    reason: str = ""
    seconds: float = 0.0
    columns: Columns = field(default_factory=dict)
    verdict: str = ""


class Worker:
    """A process that runs models with one engine. It is killed if a model takes too long."""

    def __init__(self, engine: str, cache: Path) -> None:
        self.engine, self.cache = engine, cache
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        """Return the process, which is started if it does not run yet."""
        if self.process is None:
            env = {**os.environ, "PYTHONPATH": str(ROOT), "SDCLUSTER_CACHE": str(self.cache)}
            self.process = subprocess.Popen(
                [sys.executable, str(WORKER), self.engine], env=env, cwd=self.cache, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        return self.process

    def do(self, job: Job, wanted: list[str], method: str) -> None:
        """Run one model, and store the status, the reason and the trajectories in `job`."""
        process = self.start()
        out = self.cache / f"{self.engine}-{threading.get_ident()}.npz"
        question = {"file": str(job.file), "wanted": wanted, "method": method, "out": str(out)}
        watch = threading.Timer(LIMIT, process.kill)
        watch.start()
        try:
            process.stdin.write(json.dumps(question) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = process.stdout.readline()  # type: ignore[union-attr]
        except BrokenPipeError:
            line = ""
        finally:
            watch.cancel()
        if not line:
            self.stop()
            job.status, job.reason = "died", f"the process ended, or took more than {LIMIT:g} s"
            return
        answer = json.loads(line)
        job.status, job.seconds = answer["status"], answer["seconds"]
        job.reason = answer.get("reason", "")
        if job.status == "failed":
            job.reason = f"{answer['kind']}: {job.reason}"
        if job.status == "ran":
            with np.load(out) as stored:
                job.columns = {str(n): stored[f"c{i}"] for i, n in enumerate(stored["names"])}

    def stop(self) -> None:
        """Kill the process and wait for its end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


# ---- running


def judge(job: Job, tables: list[pd.DataFrame]) -> None:
    if job.status != "ran":
        job.verdict = job.status
        return
    gap, sentence = min((compare(job.columns, table) for table in tables), key=lambda f: f[0])
    job.verdict = "same" if gap <= TOLERANCE else "differs"
    if job.verdict == "differs":
        job.reason = sentence


def run_all(models: list[Path], engines: list[str], threads: int) -> dict[tuple[str, Path], Job]:
    jobs: queue.Queue[Job] = queue.Queue()
    for file in models:
        for engine in engines:
            jobs.put(Job(engine, file))
    done: dict[tuple[str, Path], Job] = {}

    def work(cache: Path) -> None:
        workers = {engine: Worker(engine, cache) for engine in engines}
        while True:
            try:
                job = jobs.get_nowait()
            except queue.Empty:
                break
            tables = stored_outputs(job.file)
            wanted = [str(c) for c in tables[0].columns]
            workers[job.engine].do(job, wanted, "euler")
            judge(job, tables)
            if job.engine == "sdcluster" and job.verdict == "differs":
                second = Job(job.engine, job.file)
                workers[job.engine].do(second, wanted, "rk4")
                judge(second, tables)
                if second.verdict == "same":
                    second.reason = "with rk4"
                    job = second
            done[job.engine, job.file] = job
            print(
                f"{len(done):4d} {job.engine:10s} {job.verdict:8s} {job.file.name}  {job.reason[:110]}",
                flush=True,
            )
        for worker in workers.values():
            worker.stop()

    with tempfile.TemporaryDirectory() as folder:
        team = []
        for number in range(threads):
            cache = Path(folder) / str(number)
            cache.mkdir()
            team.append(threading.Thread(target=work, args=(cache,)))
        for one in team:
            one.start()
        for one in team:
            one.join()
    return done


def against_pysd(ours: Job, theirs: Job) -> tuple[int, float, str]:
    """Return the number of common columns, the largest difference of their values, and the column where it occurs."""
    common, worst, where = 0, 0.0, ""
    for name, values in theirs.columns.items():
        if name == "time" or name not in ours.columns:
            continue
        common += 1
        gap, _ = largest_gap(
            ours.columns["time"], ours.columns[name], theirs.columns["time"], values
        )
        if gap > worst:
            worst, where = gap, name
    return common, worst, where


# ---- the page


def reasons() -> dict[str, dict[str, str]]:
    if not REASONS.exists():
        return {}
    return tomllib.loads(REASONS.read_text(encoding="utf-8"))


def whose_fault(
    job: Job, others: list[Job], known: dict[str, dict[str, str]], relative: str
) -> tuple[str, str]:
    if relative in known:
        return known[relative]["whose"], known[relative]["why"]
    for words, told in known.get("words", {}).items():
        if words in job.reason:
            return told["whose"], told["why"]  # type: ignore[index]
    if any(o.verdict == "same" for o in others):
        return "sdcluster", job.reason
    return "not yet known", job.reason


def write_page(
    done: dict[tuple[str, Path], Job], models: list[Path], engines: list[str], suite: Path
) -> str:
    known = reasons()
    counts = {
        e: Counter(m.suffix.lower() for m in models if done[e, m].verdict == "same")
        for e in engines
    }
    totals = Counter(m.suffix.lower() for m in models)
    lines = [
        "# Conformance", "",
        "Written by `benchmarks/conformance.py`; do not edit. The script runs every model of the public SDXorg "
        "test suite that has a stored output. A model passes if",
        f"all results agree with the stored values to {TOLERANCE:g}, relative or absolute. On {date.today()},",
        "three programs were tested in this way. The table shows how many models of each format pass with each",
        "program; the total number of models is in brackets.", "",
        "| | " + " | ".join(f"`{e}` ({totals[e]})" for e in ENDINGS) + " |", "|---|" + "---:|" * len(ENDINGS),
    ]  # fmt: skip
    for engine in engines:
        cells = " | ".join(str(counts[engine][e]) for e in ENDINGS)
        lines.append(f"| {PACKAGES[engine]} {_version(engine)} | {cells} |")
    lines += ["", *_beside_pysd(done, models, suite), "", "## Models that do not pass", ""]
    failing = [m for m in models if done["sdcluster", m].verdict != "same"]
    lines += ["| model | result | at fault | reason | other programs |", "|---|---|---|---|---|"]
    for model in failing:
        relative = model.relative_to(suite).as_posix()
        job = done["sdcluster", model]
        others = [done[e, model] for e in engines if e != "sdcluster"]
        whose, why = whose_fault(job, others, known, relative)
        peers = ", ".join(f"{PACKAGES[o.engine]} {o.verdict}" for o in others)
        lines.append(f"| {relative} | {job.verdict} | {whose} | {_cell(why)} | {peers} |")
    lines += [
        "",
        "## Every model",
        "",
        "| model | " + " | ".join(PACKAGES[e] for e in engines) + " |",
    ]
    lines.append("|---|" + "---|" * len(engines))
    for model in models:
        cells = " | ".join(_verdict(done[e, model]) for e in engines)
        lines.append(f"| {model.relative_to(suite).as_posix()} | {cells} |")
    return "\n".join(lines) + "\n"


def _verdict(job: Job) -> str:
    return job.verdict + (" (rk4)" if job.reason == "with rk4" else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:300]


def _beside_pysd(done: dict[tuple[str, Path], Job], models: list[Path], suite: Path) -> list[str]:
    if not any(engine == "pysd" for engine, _ in done):
        return []
    both = [m for m in models if done["sdcluster", m].status == done["pysd", m].status == "ran"]
    found = {m: against_pysd(done["sdcluster", m], done["pysd", m]) for m in both}
    apart = {m: f for m, f in found.items() if f[1] > CLOSE}
    lines = [
        f"sdcluster and PySD both run {len(both)} models, and agree to {CLOSE:g} in all variables of "
        f"{len(both) - len(apart)} of them."
    ]
    if apart:
        known = reasons()
        lines += [
            "",
            "| model | largest difference | variable | stored output agrees with | why |",
            "|---|---:|---|---|---|",
        ]
        for model, (_, gap, where) in apart.items():
            relative = model.relative_to(suite).as_posix()
            sides = {
                name: done[engine, model].verdict == "same"
                for engine, name in (("sdcluster", "sdcluster"), ("pysd", "PySD"))
            }
            right = " and ".join(n for n, same in sides.items() if same) or "neither"
            why = known.get(relative, {}).get("beside_pysd", "")
            lines.append(f"| {relative} | {gap:.2g} | {_cell(where)} | {right} | {_cell(why)} |")
    return lines


def _version(engine: str) -> str:
    try:
        return version({"simlin": "pysimlin"}.get(engine, engine))
    except PackageNotFoundError:
        return ""


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--suite", type=Path, default=SUITE)
    words.add_argument("--only", default="")
    words.add_argument("--engines", default="sdcluster,pysd,simlin")
    words.add_argument("--threads", type=int, default=2)
    chosen = words.parse_args()
    suite = chosen.suite.resolve()
    models = find_models(suite, chosen.only)
    if not models:
        raise SystemExit(
            f"no models with stored outputs in {suite}: clone github.com/SDXorg/test-models there"
        )
    engines = [e for e in chosen.engines.split(",") if e == "sdcluster" or find_spec(e)]
    done = run_all(models, engines, chosen.threads)
    page = write_page(done, models, engines, suite)
    print(page[: page.index("## Every model")])
    if not chosen.only and len(engines) > 1:
        PAGE.write_text(page, encoding="utf-8")
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(_summary(done, suite), indent=1), encoding="utf-8")


def _summary(done: dict[tuple[str, Path], Job], suite: Path) -> list[dict[str, Any]]:
    return [
        {
            "engine": e,
            "model": m.relative_to(suite).as_posix(),
            "verdict": j.verdict,
            "reason": j.reason,
            "seconds": j.seconds,
        }
        for (e, m), j in sorted(done.items(), key=lambda item: (str(item[0][1]), item[0][0]))
    ]


if __name__ == "__main__":
    main()
