"""No module of the library names one of our models or a variable of theirs: what belongs to a model lies with it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sdcluster

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted(path.parent for path in (ROOT / "models").glob("*/*.xmile"))
SUFFIXES = (".py", ".js", ".ts", ".tsx", ".css", ".toml", ".html")
BUILT = ROOT / "sdcluster" / "publish" / "static"  # from the sources in frontend/
FILES = sorted(
    path
    for folder in ("sdcluster", "frontend/src")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in SUFFIXES and BUILT not in path.parents
)
# Ordinary words of programs or of English that models happen to use too.
ORDINARY = {"passed on", "return rate", "take off"}
WORDS = {
    "combination",
    "entry",
    "exit",
    "firms",
    "fit",
    "gap",
    "leaving",
    "members",
    "output",
    "release",
    "room",
    "search",
    "selection",
}


def names() -> set[str]:
    """Names of models and of their variables, in lower case with blanks."""
    found = {folder.name.replace("_", " ") for folder in MODELS}
    for folder in MODELS:
        variables = sdcluster.load(folder).variables.values()
        found |= {v.name.casefold().replace("_", " ") for v in variables if not v.hidden}
    return found


NAMES = names()
PHRASES = sorted((n for n in NAMES if " " in n and n not in ORDINARY), key=len, reverse=True)
SINGLE = {n for n in NAMES if " " not in n and n not in WORDS}
PHRASE = re.compile(
    r"(?<![^\W_])(?:"
    + "|".join(re.escape(p).replace(r"\ ", "[ _]") for p in PHRASES)
    + r")(?![^\W_])",
    re.IGNORECASE,
)
FOLDER = re.compile(r"models/(?:" + "|".join(folder.name for folder in MODELS) + r")\b")
QUOTED = re.compile(r"""["'`]([a-z]+)["'`]""")


def chinese() -> set[str]:
    """Chinese names of the variables; short ones are ordinary words."""
    variables = [v for folder in MODELS for v in sdcluster.load(folder).variables.values()]
    return {v.labels["zh"] for v in variables if len(v.labels.get("zh", "")) >= 4}


CHINESE = chinese()


def named(text: str, suffix: str) -> list[str]:
    """What a file names: phrases and folders anywhere, a single word only where it is a text by itself."""
    found = PHRASE.findall(text) + FOLDER.findall(text)
    found += [label for label in CHINESE if label in text]
    words = QUOTED.findall(text)
    if suffix == ".py":
        nodes = ast.walk(ast.parse(text))
        words = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return found + [word for word in words if word.casefold() in SINGLE]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_library_names_none_of_our_models_or_their_variables(path):
    assert named(path.read_text(encoding="utf-8"), path.suffix) == []


@pytest.mark.parametrize(
    "text",
    [
        'x = "lock in risk"',
        "run models/value_chain",
        "LOCK_IN_RISK = 1",
        'x = "openness"',
        "知识存量",
    ],
)
def test_a_name_of_a_model_is_found(text):
    assert named(text, ".js")


def test_ordinary_words_are_not_taken_for_variables():
    assert named("# the policy of openness\nfit = 1", ".py") == []
