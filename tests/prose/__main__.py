"""Says where texts of the repository break our rules of plain English and Chinese.

    python -m tests.prose                 # all texts
    python -m tests.prose docs/how-to     # those of a folder or file

Each line names a place, the words there and what to write instead; the exit code is 1 if there is one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.prose.check import LANGUAGES, findings, rules
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
