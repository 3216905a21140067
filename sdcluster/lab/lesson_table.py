"""The wording tables of the lessons, how long they take, and the words that all of them share."""

from __future__ import annotations

from sdcluster.lab.exercise_wording import COURSE
from sdcluster.project.library import lesson as wording
from sdcluster.project.library import lesson_names, models_folder
from sdcluster.words import LANGUAGES

__all__ = ["Text", "lesson_names", "minutes", "models_folder", "wording", "words"]

Text = dict[str, str]


def minutes(name: str) -> int:
    """How long a lesson takes, by its teacher's note."""
    return sum(int(step["minutes"]) for step in wording(name)["teacher"]["step"])


def words(key: str) -> Text:
    """A wording that all lessons share, by language."""
    return {language: COURSE[language][key] for language in LANGUAGES}
