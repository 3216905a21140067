"""A language is one file: every word is there, says the same parts, and the program offers it everywhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sdcluster import words
from sdcluster.measure.words import WORDS
from sdcluster.project.story_file import MODES

OTHERS = [code for code in words.LANGUAGES if code != words.ENGLISH]
PACKAGE = Path(words.__file__).resolve().parents[1]
PARTS = re.compile(r"\{(\w+)")


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_word(language: str) -> None:
    assert words.lacking(language) == []
    assert set(words.catalogue(language)) == set(words.catalogue(words.ENGLISH))


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_names_no_part_that_english_lacks(language: str) -> None:
    free = ("signs.", "experiments.constant")
    for key, text in words.catalogue(language).items():
        known = set(PARTS.findall(words.catalogue(words.ENGLISH)[key]))
        assert set(PARTS.findall(text)) <= known or key.startswith(free), key


def test_every_measure_and_mode_has_words() -> None:
    keys = words.catalogue(words.ENGLISH)
    assert {f"measures.{name}" for name in WORDS} <= set(keys)
    assert {f"{part}.{mode}" for mode in MODES for part in ("modes", "becomes")} <= set(keys)


def test_no_module_asks_for_a_language_by_its_code() -> None:
    asking = re.compile(r"""[!=]= ["']zh["']|\(["']en["'], ["']zh["']\)|["']zh["']: """)
    found = [
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if asking.search(file.read_text(encoding="utf-8"))
    ]
    assert set(found) <= STILL


# What knows Chinese by more than its words: texts that hold both languages at once, the width of a line, and the cards
# of the lessons as notebooks.
STILL = {
    "model/view.py",
    "publish/folder.py",
    "view/diagram_shapes.py",
    "lab/exercise_wording.py",
}


def test_a_new_file_is_a_new_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(PACKAGE / "words" / "en.toml", tmp_path)
    (tmp_path / "de.toml").write_text(
        'name = "Deutsch"\ntag = "de"\n[signs]\nand = " und "\n[modes]\ngrowth = "Wachstum"\n'
    )
    monkeypatch.setattr(words, "_HERE", tmp_path)
    monkeypatch.setattr(words, "LANGUAGES", ("en", "de"))
    words.catalogue.cache_clear()
    assert words.say("modes.growth", "de") == "Wachstum"
    assert words.say("modes.decline", "de") == "Decline"
    assert words.join(["1", "2", "3"], "de") == "1, 2 und 3"
    assert words.texts("modes.growth") == {"en": "Growth", "de": "Wachstum"}
    assert "modes.decline" in words.lacking("de")
    words.catalogue.cache_clear()
