"""Checks of units, documentation and names.

For each rule, a generator yields the findings in a model.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from sdcluster.lint.finding import CLOCK, Finding, Subject, visible
from sdcluster.messages import message
from sdcluster.model import Variable
from sdcluster.model.units import check_units

SHORTEST = 5  # minimum word length for a one-letter typo
_SEPARATORS = re.compile(r"[\W_]+")


def liberties(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each part of the file that the reader corrected or did not interpret literally."""
    for remark in subject.model.remarks:
        remedy = remark.remedy or (
            message("lint.correct_file_save_again")
            if remark.fixed
            else message("lint.write_other_programs_need")
        )
        yield Finding("fixed", "warning", remark.sentence, remedy, remark.variable, remark.line)


def unit_clashes(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each inconsistent unit, and for each unit that cannot be parsed."""
    for found in check_units(subject.model):
        if "has no unit" in found.sentence:
            continue
        clash = found.severity == "error"
        yield Finding(
            "units",
            "error" if clash else "warning",
            found.sentence,
            message("lint.correct_unit_equation_constant")
            if clash
            else message("lint.write_words_joined_such"),
            found.variable,
            found.line,
        )


def missing_units(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each variable without a unit."""
    for variable in visible(subject):
        if not variable.units.strip() and variable.key not in CLOCK:
            remedy = message("lint.write_one_dmnl_if", part=subject.place("units"))
            yield _about(variable, "no-units", message("lint.no_unit"), remedy)


def missing_docs(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each variable without documentation."""
    for variable in visible(subject):
        if not variable.doc.strip() and variable.key not in CLOCK:
            remedy = message("lint.say_where_value_comes", part=subject.place("doc"))
            yield _about(variable, "no-docs", message("lint.no_documentation"), remedy)


def _about(variable: Variable, rule: str, what: str, remedy: str) -> Finding:
    return Finding(
        rule,
        "note",
        message("lint.quoted", name=variable.name, sentence=what),
        remedy,
        variable.name,
        variable.line,
    )


def names_alike(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each pair of names that differ only in a hyphen, a plural or one letter."""
    told: set[frozenset[str]] = set()
    groups: dict[tuple[str, ...], list[Variable]] = defaultdict(list)
    for variable in visible(subject):
        words = _words(variable)
        groups[("", "".join(map(_singular, words)))].append(variable)
        for at, word in enumerate(words):
            if len(word) >= SHORTEST and word.isalpha():
                for gap in range(len(word)):
                    key = (*words[:at], word[:gap] + "·" + word[gap + 1 :], *words[at + 1 :])
                    groups[("letter", *key)].append(variable)
                    groups[
                        ("gap", *words[:at], word[:gap] + word[gap + 1 :], *words[at + 1 :])
                    ].append(variable)
        groups[("gap", *words)].append(variable)
    for key, variables in groups.items():
        first = variables[0]
        for other in variables[1:]:
            pair = frozenset((first.key, other.key))
            if (
                len(pair) < 2
                or pair in told
                or (key[0] == "gap" and not _one_letter_more(first, other))
            ):
                continue
            told.add(pair)
            yield Finding(
                "names-alike",
                "warning",
                message("lint.nearly_alike", other=other.name, first=first.name),
                message("lint.if_they_mean_same"),
                other.name,
                other.line,
            )


def _words(variable: Variable) -> tuple[str, ...]:
    return tuple(w for w in _SEPARATORS.split(variable.key) if w)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _one_letter_more(first: Variable, other: Variable) -> bool:
    return abs(len("".join(_words(first))) - len("".join(_words(other)))) == 1
