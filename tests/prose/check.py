"""The rules of `english.toml` and `chinese.toml`, and where texts break them."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import accumulate
from pathlib import Path

from tests.prose.texts import prose

HERE = Path(__file__).resolve().parent
LANGUAGES = ("english", "chinese")


@dataclass(frozen=True)
class Rule:
    """A pattern that texts avoid.

    Parameters
    ----------
    pattern
        What it looks like.
    instead
        The wording to use.
    bad, good
        Sentences that the pattern finds, and sentences that it does not.
    not_in
        Files where the words have another meaning.
    """

    pattern: re.Pattern[str]
    instead: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    not_in: tuple[str, ...] = ()

    def holds_in(self, name: str) -> bool:
        """Return whether texts of a file, named from the root, must keep the rule."""
        return not any(fnmatch(name, glob) for glob in self.not_in)


def rules(language: str) -> list[Rule]:
    """Return the rules of a language: ``"english"`` or ``"chinese"``."""
    table = tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))
    return [
        Rule(
            re.compile(row["pattern"]),
            row["instead"],
            tuple(row["bad"]),
            tuple(row["good"]),
            tuple(row.get("not_in", ())),
        )
        for row in table["rule"]
    ]


def findings(path: Path, text: str, all_rules: list[Rule]) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the words and the better wording wherever a text breaks a rule.

    Parameters
    ----------
    path
        The file, from the root of the repository.
    text
        Its text.
    all_rules
        The rules to look at.
    """
    spans = list(re.finditer(r"[^\0]+", prose(path, text)))
    read = "".join(span[0] for span in spans)
    ends = list(accumulate(len(span[0]) for span in spans))
    for rule in all_rules:
        if not rule.holds_in(path.as_posix()):
            continue
        for match in rule.pattern.finditer(read):
            start = match.start() + len(match[0]) - len(match[0].lstrip(' ¶.!?;:"*(。'))
            number = bisect_right(ends, start)
            place = spans[number].end() - (ends[number] - start)
            words = " ".join(read[start : match.end()].strip("¶").split())
            yield text.count("\n", 0, place) + 1, words, rule.instead
