"""A long run with inputs chosen by coverage: the fuzzer atheris learns which bytes reach new branches of the readers.

``python benchmarks/fuzz_atheris.py [--minutes 15] [--seed 1]`` needs the extra ``fuzz``. The readers, the grammars that
they use and the compiler are instrumented. The first inputs (seeds) are our models, the public suite, and an equation
with each function.

`benchmarks.mutations.attempt` decides whether an input passes: it may raise only `ModelError` and `SimulationError`,
within limits of time and memory, and the audit hook must not record anything. Instrumented code is slow, so each
failure is tried again in a new process without instrumentation, and counts only if it fails there, too. The script
rewrites its section of docs/evidence/fuzz-log.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fuzz import BAD, LOG, folders, prepared, section, write_section
from mutations import MEMORY, SECONDS, SOUND, VENSIM, WORDS, XMILE, Mutator, attempt

INSTRUMENTED = (
    "sdcluster.read",
    "sdcluster.model",
    "sdcluster.kernel",
)
LARGEST = 8_000  # bytes of an input
NOTE = 500  # the counts are written after this many inputs
_COVERAGE = re.compile(rb"#(\d+)\s+\w+\s+cov: (\d+)")


def suffix_of(content: bytes) -> str:
    """Return the file suffix of an input: ``.xmile`` if it begins with ``<``, otherwise ``.mdl``."""
    return ".xmile" if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else ".mdl"


# ---- the child process, because `atheris.Fuzz` never returns


def child(folder: Path, minutes: float, seed: int) -> None:
    """Fuzz until the time is over; write the failures to ``failures/`` and the counts to ``counts.json``."""
    import atheris

    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        import sdcluster.kernel
        import sdcluster.read.vensim.reader
        import sdcluster.read.xmile.reader  # noqa: F401
    work = folder / "work"
    work.mkdir()
    watch = prepared(work)
    mutator = Mutator.of_folders(*folders())
    outcomes: Counter[str] = Counter()

    def one(content: bytes) -> None:
        outcome, what = attempt(work / f"input{suffix_of(content)}", content, watch)
        outcomes[outcome] += 1
        if outcome in BAD:
            name = hashlib.sha256(f"{outcome} {what}".encode()).hexdigest()[:16]
            kept = folder / "failures" / f"{name}{suffix_of(content)}"
            if not kept.exists() or kept.stat().st_size > len(content):
                kept.write_bytes(content)
        if outcomes.total() % NOTE == 0:
            (folder / "counts.json").write_text(json.dumps(outcomes))
            for entry in (work / "cache").rglob("*.p*"):
                entry.unlink(missing_ok=True)

    def mutate(content: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(content, most))
        if chance.random() < 0.1:
            return mutator.make(chance)[1][:most]
        text = content.decode("utf-8", "replace")
        return mutator.damaged(text, chance).encode("utf-8", "replace")[:most]

    options = [
        f"-max_total_time={int(60 * minutes)}", f"-seed={seed}", f"-max_len={LARGEST}", "-timeout=0",
        f"-rss_limit_mb={MEMORY // 1024**2}", f"-dict={folder / 'words'}", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(folder / "corpus")], one, custom_mutator=mutate)
    atheris.Fuzz()


# ---- the parent


def seeds(folder: Path) -> int:
    """Write the seeds and the fuzzer's dictionary; return the number of seeds."""
    corpus = folder / "corpus"
    corpus.mkdir()
    texts = [text for _, text in Mutator.of_folders(*folders()).seeds]
    for word in SOUND:
        texts += [
            VENSIM.format(word),
            XMILE.format(word.replace("&", "&amp;").replace("<", "&lt;")),
        ]
    kept = {t.encode("utf-8", "replace") for t in texts if len(t) <= LARGEST}
    for content in kept:
        (corpus / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
    lines = []
    for word in WORDS:
        escaped = "".join(f"\\x{b:02x}" for b in word.encode("utf-8", "replace"))
        lines.append(f'"{escaped}"')
    (folder / "words").write_text("\n".join(lines) + "\n", encoding="ascii")
    return len(kept)


def confirmed(folder: Path) -> dict[str, bytes]:
    """Return the failures that occur without instrumentation, too: each message with its shortest input."""
    found: dict[str, bytes] = {}
    for file in sorted((folder / "failures").iterdir()):
        words = [sys.executable, __file__, "--try", str(file)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        try:
            outcome, what = json.loads(done.stdout.strip().splitlines()[-1])
        except (IndexError, ValueError):
            outcome, what = "crash", f"the process ended with {done.returncode}"
        if outcome in BAD:
            key = f"{outcome}: {what}"
            found[key] = min(found.get(key, file.read_bytes()), file.read_bytes(), key=len)
    return found


def try_again(file: Path) -> None:
    """Read one input in this process, without instrumentation, and print the outcome."""
    with tempfile.TemporaryDirectory() as name:
        watch = prepared(Path(name))
        print(json.dumps(attempt(Path(name) / f"input{file.suffix}", file.read_bytes(), watch)))


def words_of(result: dict[str, Any], failures: dict[str, bytes]) -> list[str]:
    """Return the lines of the section "Inputs chosen by coverage"."""
    counts = result["counts"]
    first, last = result["coverage"]
    lines = [
        "## Inputs chosen by coverage", "",
        "Written by `benchmarks/fuzz_atheris.py`. The fuzzer atheris records which branches of the readers, the "
        "grammars and the compiler an input reaches,",
        "and prefers inputs that reach new branches. It changes inputs in two ways, each half of the time: with the",
        "fuzzer library libFuzzer, and as `benchmarks/fuzz.py` does. The limits and the audit hook are the same as "
        "above.",
        "",
        f"- {date.today().isoformat()}, Python {platform.python_version()}, {platform.system()}, atheris "
        f"{version('atheris')}, seed {result['seed']}",
        f"- inputs tried: **{result['inputs']:,}** in {result['minutes']:.1f} minutes, from {result['seeds']} seeds",
        f"- branches reached: {first:,} by the seeds, {last:,} at the end",
        "- outcomes of the inputs that were counted: "
        f"{', '.join(f'{n:,} {word}' for word, n in sorted(counts.items()))}",
        f"- crashes, inputs that took more than {SECONDS} s, and inputs with a forbidden action: "
        f"**{len(failures)}** kinds",
    ]  # fmt: skip
    if failures:
        lines += ["", "| what | shortest input |", "|---|---|"]
        for key, example in failures.items():
            shown = repr(example[:160])[2:-1].replace("|", "\\|").replace("`", "'")
            lines.append(f"| {key.replace('|', '/')[:300]} | `{shown}` |")
    return lines


def run(minutes: float, seed: int, keep: Path | None) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Run the fuzzer in a child process, and return its statistics and the confirmed failures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "failures").mkdir()
        number = seeds(folder)
        words = [
            sys.executable,
            __file__,
            "--child",
            name,
            "--minutes",
            str(minutes),
            "--seed",
            str(seed),
        ]
        begun = time.monotonic()
        with (folder / "log").open("wb") as log:
            done = subprocess.run(words, stdout=log, stderr=subprocess.STDOUT, check=False)
        text = (folder / "log").read_bytes()
        points = [(int(n), int(cov)) for n, cov in _COVERAGE.findall(text)]
        if not points:
            raise SystemExit(text.decode("utf-8", "replace")[-3000:])
        loaded = next((c for line, c in _lines(text) if b"INITED" in line), points[0][1])
        counts = folder / "counts.json"
        result = {
            "inputs": points[-1][0],
            "minutes": (time.monotonic() - begun) / 60,
            "seeds": number,
            "seed": seed,
            "coverage": (loaded, max(c for _, c in points)),
            "counts": json.loads(counts.read_text()) if counts.exists() else {},
        }
        failures = confirmed(folder)
        if done.returncode and not failures:
            failures[f"crash: atheris ended with {done.returncode}"] = text[-400:]
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            for i, example in enumerate(failures.values()):
                (keep / f"{i}{suffix_of(example)}").write_bytes(example)
        return result, failures


def _lines(text: bytes) -> list[tuple[bytes, int]]:
    found = ((line, _COVERAGE.search(line)) for line in text.splitlines())
    return [(line, int(match.group(2))) for line, match in found if match]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--minutes", type=float, default=15.0)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--log", type=Path, default=LOG)
    words.add_argument("--keep", type=Path, help="folder for the shortest input of each failure")
    words.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    words.add_argument("--try", type=Path, dest="again", help=argparse.SUPPRESS)
    chosen = words.parse_args()
    if chosen.child:
        child(chosen.child, chosen.minutes, chosen.seed)
    elif chosen.again:
        try_again(chosen.again)
    else:
        os.environ.setdefault("PYTHONHASHSEED", "0")
        result, failures = run(chosen.minutes, chosen.seed, chosen.keep)
        lines = words_of(result, failures)
        write_section(chosen.log, "atheris", lines)
        print("\n".join(section(chosen.log, "atheris")))
        raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
