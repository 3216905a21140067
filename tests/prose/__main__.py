"""Says where texts of the repository break our rules of plain English and Chinese.

    python -m tests.prose                 # all texts
    python -m tests.prose docs/how-to     # those of a folder or file
    python -m tests.prose --sample 20 --seed 7    # twenty texts drawn at random, to be read aloud
    python -m tests.prose --sample 20 --seed 7 --of scipy --of pandas    # as many docstrings of these packages

Each line names a place, the words there and what to write instead; the exit code is 1 if there is one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.prose.check import LANGUAGES, findings, rules
from tests.prose.sample import comparison, sample
from tests.prose.texts import ROOT, files


def main(wanted: list[str]) -> int:
    """Print what is found below the paths that are wanted; return the exit code."""
    all_rules = [rule for language in LANGUAGES for rule in rules(language)]
    below = [Path(name).resolve() for name in wanted] or [ROOT]
    count = 0
    for path in files():
        if not any(path.is_relative_to(folder) for folder in below):
            continue
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        for line, words, instead in sorted(findings(name, text, all_rules)):
            print(f"{name}:{line}: “{words[:90]}”: {instead}")
            count += 1
    if count:
        print(f"{count} places; the rules and their examples are in tests/prose/")
    return int(count > 0)


def command(arguments: list[str]) -> int:
    """Check texts, or print some drawn at random; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.prose", description=__doc__)
    parser.add_argument("paths", nargs="*", help="files and folders; all where none is named")
    parser.add_argument("--sample", type=int, metavar="N", help="print N texts instead")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--of", action="append", metavar="PACKAGE", help="draw from this package")
    chosen = parser.parse_args(arguments)
    if chosen.sample is None:
        return main(chosen.paths)
    drawn = (
        comparison(chosen.sample, chosen.seed, chosen.of)
        if chosen.of
        else sample(chosen.sample, chosen.seed)
    )
    for number, (place, text) in enumerate(drawn, 1):
        print(f"{number}. {place}\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
