"""Facts that stand once: what else needs them asks there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sdcluster.files import LANGUAGES

PACKAGE = Path(__file__).resolve().parents[2] / "sdcluster"
FACTS = {
    "which endings model files have": (r'"\.(?:stmx|itmx)"', {"files.py"}),
    "which elements a subscript range has": (
        r"\{\s*(?:canonical\()?(\w+)\.name\)?: (?:len\()?\1(?:\.elements\)?)? for \1 in \w*(?:\.\w+)*\.dimensions",
        {"model/model.py"},
    ),
}


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_stands_in_one_file(fact):
    pattern, places = FACTS[fact]
    found = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if re.search(pattern, file.read_text(encoding="utf-8"))
    }
    assert found == places, fact


def test_each_language_of_model_files_has_a_reader():
    assert all((PACKAGE / "read" / folder / "reader.py").is_file() for folder in LANGUAGES.values())
