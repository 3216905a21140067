"""A long run with damaged models: counts the inputs and the crashes, and records any code that was executed.

``python benchmarks/fuzz.py [--inputs 100000] [--seed 1] [--processes 1]`` writes docs/evidence/fuzz-log.md. The other
script, `fuzz_atheris.py`, chooses inputs by coverage and writes its own section of the same page.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

from mutations import (
    LARGEST_RUN,
    MEMORY,
    ROOT,
    SECONDS,
    VENSIM,
    XMILE,
    Mutator,
    Watch,
    attempt,
    limit_memory,
)
from suite import SUITE

LOG = ROOT / "docs" / "evidence" / "fuzz-log.md"
RUNS = ROOT / "benchmarks" / "results" / "fuzz.json"
BAD = ("crash", "slow", "acted")


def folders() -> list[Path]:
    return [f for f in (SUITE, ROOT / "models") if f.exists()]


def prepared(folder: Path) -> Watch:
    """Import everything that a run needs, and return a watch that therefore does not record these imports.

    The cache is placed inside `folder`.
    """
    os.environ["SDCLUSTER_CACHE"] = str(folder / "cache")
    sys.dont_write_bytecode = True
    watch = Watch((folder,))
    for suffix, content in ((".xmile", XMILE_SEED), (".mdl", MDL_SEED)):
        outcome, what = attempt(folder / f"first{suffix}", content, watch)
        if outcome == "crash":
            raise SystemExit(f"even a sound model does not run: {what}")
    limit_memory()
    return watch


def part(
    seed: int, inputs: int, seconds: float
) -> tuple[Counter[str], dict[str, tuple[int, bytes]], int]:
    """Try up to `inputs` inputs in this process.

    Returns
    -------
    Counter
        The number of inputs with each outcome.
    dict of str to (int, bytes)
        For each kind of failure, how often it occurred and its shortest input.
    int
        The number of inputs tried, which is smaller if the time runs out.
    """
    mutator = Mutator.of_folders(*folders())
    outcomes: Counter[str] = Counter()
    failures: dict[str, tuple[int, bytes]] = {}
    begun = time.monotonic()
    done = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        watch = prepared(folder)
        for number in range(inputs):
            if time.monotonic() - begun > seconds:
                break
            chance = random.Random(f"{seed}-{number}")
            suffix, content = mutator.make(chance)
            outcome, what = attempt(folder / f"input{suffix}", content, watch)
            outcomes[outcome] += 1
            done += 1
            if outcome in BAD:
                key = f"{outcome}: {what}".replace(name, "…")
                count, example = failures.get(key, (0, content))
                failures[key] = (count + 1, min(example, content, key=len))
            if number % 500 == 499:
                for entry in (folder / "cache").rglob("*.p*"):
                    entry.unlink()
                print(f"{seed}: {done} {dict(outcomes)}", flush=True)
    return outcomes, failures, done


XMILE_SEED = XMILE.format("b").encode()
MDL_SEED = VENSIM.format("b").encode()


def section(log: Path, name: str) -> list[str]:
    """Return the lines between the marks of a section of the log; an empty list if the section is missing."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if start not in lines or end not in lines:
        return []
    return lines[lines.index(start) + 1 : lines.index(end)]


def write_section(log: Path, name: str, content: list[str]) -> None:
    """Replace the lines between the marks of a section of the log; append the section if it is missing."""
    text = log.read_text(encoding="utf-8") if log.exists() else "# Fuzz log\n"
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    if start not in text:
        text = f"{text.rstrip()}\n\n{start}{end}"
    before, _, rest = text.partition(start)
    after = rest.partition(end)[2]
    log.write_text(before + start + "\n".join(content) + "\n" + end + after, encoding="utf-8")


def page(
    outcomes: Counter[str],
    failures: dict[str, tuple[int, bytes]],
    done: int,
    seconds: float,
    seed: int,
) -> str:
    bad = sum(outcomes[b] for b in BAD)
    lines = [
        "# Fuzz log", "",
        "Written by `benchmarks/fuzz.py`; do not edit. The script gives damaged and malicious models to "
        "sdcluster. Some inputs are equations made of words of",
        "both languages (XMILE and Vensim), extreme values and Python code; others are damaged copies of our models",
        "and of the models in the SDXorg suite. sdcluster reads and compiles each input and, if it has at most",
        f"{LARGEST_RUN:,} values, runs it. An input may take at most {SECONDS} s and {MEMORY / 1024**3:g} GiB, and may",
        "raise no errors except `ModelError` and `SimulationError`. An audit hook of the Python interpreter records",
        "every program that is started and every connection. It also records files that are written outside the",
        "cache or read outside the model's folder, and code that does not come from an installed package. The only",
        "such code that is allowed is the code that the compiler generates from a model, and this may contain only",
        "arithmetic.", "",
        f"- {date.today().isoformat()}, Python {platform.python_version()}, {platform.system()}, seed {seed}",
        f"- inputs tried: **{done:,}** in {seconds / 60:.1f} minutes",
        f"- crashes, inputs that took too long, and inputs with a forbidden action: **{bad}**", "",
        "| outcome | inputs | what it means |", "|---|---:|---|",
    ]  # fmt: skip
    meanings = {
        "refused": "an error with file, line and remedy",
        "stopped": "the run ended with an error (division by zero, overflow)",
        "ran": "the model still works in spite of the damage",
        "read": "read and checked; too large to run",
        "crash": "any other exception",
        "slow": f"more than {SECONDS} s",
        "acted": "a program, file or connection that is not allowed",
    }
    lines += [f"| {name} | {outcomes[name]:,} | {meaning} |" for name, meaning in meanings.items()]
    return "\n".join([*lines, *failures_told(failures), *earlier_runs()]) + "\n"


def failures_told(failures: dict[str, tuple[int, bytes]]) -> list[str]:
    if not failures:
        return []
    lines = ["", "## Failures", "", "| times | what | shortest input |", "|---:|---|---|"]
    for key, (count, example) in sorted(failures.items(), key=lambda f: -f[1][0]):
        shown = repr(example[:160])[2:-1].replace("|", "\\|").replace("`", "'")
        lines.append(f"| {count} | {key.replace('|', '/')[:300]} | `{shown}` |")
    return lines


def earlier_runs() -> list[str]:
    runs = json.loads(RUNS.read_text(encoding="utf-8")) if RUNS.exists() else []
    heads = ["| date | seed | inputs | failures | what they were |", "|---|---:|---:|---:|---|"]
    rows = [
        f"| {r['date']} | {r['seed']} | {r['inputs']:,} | {r['failures']} | {r['what']} |"
        for r in runs
    ]
    return ["", "## Earlier runs", "", *heads, *rows] if runs else []


def remember(failures: dict[str, tuple[int, bytes]], done: int, seed: int) -> None:
    """Append this run to the list of earlier runs."""
    runs = json.loads(RUNS.read_text(encoding="utf-8")) if RUNS.exists() else []
    what = "; ".join(key.replace("|", "/")[:160] for key in failures)
    count = sum(times for times, _ in failures.values())
    runs.append(
        {
            "date": date.today().isoformat(),
            "seed": seed,
            "inputs": done,
            "failures": count,
            "what": what,
        }
    )
    RUNS.write_text(json.dumps(runs, indent=1), encoding="utf-8")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--inputs", type=int, default=100_000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--processes", type=int, default=1)
    words.add_argument("--seconds", type=float, default=36_000.0)
    words.add_argument("--log", type=Path, default=LOG)
    words.add_argument("--keep", type=Path, help="folder for the shortest input of each failure")
    chosen = words.parse_args()
    begun = time.monotonic()
    outcomes: Counter[str] = Counter()
    failures: dict[str, tuple[int, bytes]] = {}
    done = 0
    share = -(-chosen.inputs // chosen.processes)
    with ProcessPoolExecutor(chosen.processes) as pool:
        seeds = [chosen.seed * 1000 + i for i in range(chosen.processes)]
        for one, failed, count in pool.map(
            part, seeds, [share] * len(seeds), [chosen.seconds] * len(seeds)
        ):
            outcomes += one
            done += count
            for key, (times, example) in failed.items():
                before = failures.get(key, (0, example))
                failures[key] = (before[0] + times, min(before[1], example, key=len))
    text = page(outcomes, failures, done, time.monotonic() - begun, chosen.seed)
    by_coverage = section(chosen.log, "atheris")
    chosen.log.write_text(text, encoding="utf-8")
    if by_coverage:
        write_section(chosen.log, "atheris", by_coverage)
    if chosen.log == LOG:
        remember(failures, done, chosen.seed)
    if chosen.keep:
        chosen.keep.mkdir(parents=True, exist_ok=True)
        for number, (_, example) in enumerate(failures.values()):
            (chosen.keep / f"{number}.bin").write_bytes(example)
    print(text)
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
