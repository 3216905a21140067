"""``lesson.toml`` and ``course.toml``: what does not fit is an error with file, line, key and the nearest name."""

from __future__ import annotations

import shutil

import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.project import library
from sdcluster.project.lesson_file import check_lesson, read_lesson

SOURCE = library.models_folder() / "upgrading_cycle"
TEXT = (SOURCE / "lesson.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def model():
    return sdcluster.load(SOURCE)


def read(path, model):
    file, table = read_lesson(path)
    if model is not None:
        check_lesson(file, table, model)


def refusal(tmp_path, old, new, model=None):
    """Return the error about a lesson with a change, and the line of the change."""
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    path = tmp_path / "lesson.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        read(path, model)
    assert caught.value.file == str(path)
    return caught.value, text[: text.index(new)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('form = "curve"', 'form = "curv"', '[prediction.form] cannot be "curv"; did you mean "curve"?'),
        ("within = 4\n", "withn = 4\n", 'exercise 2 has an unknown key \'withn\'; did you mean "within"?'),
        ('kind = "balancing"', 'kind = "balanced"', 'did you mean "balancing"'),
        ("minutes = 8", "minutes = 8.5", "must be a whole number"),
        ("number = 2", "number = -2", "[number] must be at least 0, not -2"),
        ("tolerance = 0.05", 'tolerance = "5 %"', "must be a number"),
    ],
)  # fmt: skip
def test_a_key_that_does_not_fit_is_named_with_its_line(tmp_path, old, new, words):
    error, line = refusal(tmp_path, old, new)
    assert words in str(error)
    assert error.line == line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("points = [24, 33, 45, 60, 80, 100]\n", "", 'form = "curve" needs "points"'),
        ('form = "curve"', 'form = "choice"', 'form = "choice" needs "option"'),
        ("question = {", "# question = {", 'the file lacks "question"'),
        ('areas = ["Capability", "Technology"]', "", '[diagram] lacks "areas"'),
    ],
)
def test_what_a_lesson_lacks_is_named(tmp_path, old, new, words):
    path = tmp_path / "lesson.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ModelError, match=r"lesson\.toml") as caught:
        read_lesson(path)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('variable = "knowledge stock"\nrange', 'variable = "knowlege stock"\nrange', 'did you mean "knowledge stock"'),
        ('scenario = "d_k_rigidity"', 'scenario = "rigidity"', 'no scenario "rigidity"'),
        ('what = "fall"', 'what = "fal"', '"fal" is not a measure; did you mean "fall"'),
        ('what = "fall"', 'what = "first above"', 'the measure first above needs "level"'),
        ('what = "fall"', 'what = "peak", level = 3', 'does not take "level"; remove it'),
        ('"relative gap", at = 65 }', '"relative gap", at = 65, to = 70 }', 'does not take "to"'),
        ('"answer to lost rents" = 0.5', '"answer to rents" = 0.5', "answer to lost rents"),
    ],
)  # fmt: skip
def test_a_name_that_the_model_lacks_is_named_with_its_line(tmp_path, model, old, new, words):
    error, line = refusal(tmp_path, old, new, model)
    assert words in str(error)
    assert error.line == line


@pytest.mark.parametrize("name", [n for n in library.lesson_names() if library.lesson(n)["number"]])
def test_our_lessons_name_what_their_models_have(name):
    model = sdcluster.load(library.models_folder() / library.lesson(name)["model"])
    assert library.lesson_of(name, model) is library.lesson(name)


def test_two_lessons_of_one_name_are_an_error(tmp_path, monkeypatch):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy(SOURCE / "lesson.toml", tmp_path / folder)
    monkeypatch.setattr(library, "models_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match=r'is also called "upgrading_cycle"; rename one'):
        library.lesson_names()


def test_a_lesson_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(ModelError, match='did you mean "value_chain"'):
        library.lesson("value_chian")
