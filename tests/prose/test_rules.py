"""Each rule of plain language finds its bad examples and lets its good ones pass, in every kind of file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prose.check import LANGUAGES, findings, rules
from tests.prose.sample import comparison, docstrings, messages, paragraphs, sample

RULES = [rule for language in LANGUAGES for rule in rules(language)]


def found(rule, name, text):
    return [line for line, _, _ in findings(Path(name), text, [rule])]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.instead)
def test_a_rule_finds_its_bad_sentences_and_no_good_one(rule):
    assert rule.bad
    assert rule.good
    for sentence in rule.bad:
        assert found(rule, "page.md", f"Some text.\n\n{sentence}\n"), sentence
    for sentence in rule.good:
        assert not found(rule, "page.md", f"{sentence}\n"), sentence


TOLD = rules("english")[0]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("page.md", "# A page\n\nThat is told\nto people.\n", 3),
        ("page.md", "One line, and that is\ntold to people.\n", 1),
        ("module.py", '"""A module.\n\nThat is told to people.\n"""\n', 3),
        ("module.py", 'x = 1\nraise E(f"{name} is told " "to {x}")\n', 2),
        ("module.py", 'raise E(\n    f"{name} is "\n    f"told to {x}"\n)\n', 2),
        ("words.toml", '[a]\nb = "It is told to people."\n', 2),
        ("words.ts", 'export const en = {\n  key: "It is told to {n} people.",\n};\n', 2),
        (
            "book.ipynb",
            '{"cells": [\n {"cell_type": "code", "source": ["it is told"]},\n'
            ' {"cell_type": "markdown", "source": [\n  "It is told to people."]}]}',
            4,
        ),
    ],
)
def test_the_line_of_a_finding_is_the_line_in_the_file(name, text, line):
    assert found(TOLD, name, text) == [line]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.md", "The option `is told` is code.\n\n```\nthis is told\n```\n"),
        ("page.md", "This is\n\n- told\n"),
        ("module.py", "# what is told in a comment\nis_told = 1\n"),
        ("module.py", 'a = ["this is", "told so"]\n'),
    ],
)
def test_code_comments_and_separate_texts_are_not_prose(name, text):
    assert not found(TOLD, name, text)


def test_a_comparison_draws_docstrings_of_another_package_and_a_seed_repeats_it():
    drawn = comparison(5, 3, ["xarray"])
    assert len({place for place, _ in drawn}) == 5
    assert all(place.startswith("xarray/") and len(text) <= 800 for place, text in drawn)
    assert drawn == comparison(5, 3, ["xarray"]) != comparison(5, 4, ["xarray"])


def test_a_sample_has_a_third_of_each_kind_and_a_seed_repeats_it():
    drawn = sample(12, seed=3)
    assert drawn == sample(12, seed=3) != sample(12, seed=4)
    for kind in (paragraphs, messages, docstrings):
        assert len(set(drawn) & set(kind())) == 4
