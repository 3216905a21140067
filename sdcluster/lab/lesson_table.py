"""The wording tables of the lessons (``lessons/<name>.toml``), where their models lie, and how long they take."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.lab.exercise_wording import COURSE
from sdcluster.lab.wording import LANGUAGES

Text = dict[str, str]


@cache
def wording(name: str) -> dict[str, Any]:
    """Read the table of one lesson; raises `ModelError` naming the lessons there are."""
    table = files("sdcluster.lab") / "lessons" / f"{name}.toml"
    if not table.is_file():
        raise ModelError(f'there is no lesson "{name}"; there are {", ".join(lesson_names())}')
    return tomllib.loads(table.read_text(encoding="utf-8"))


def lesson_names() -> list[str]:
    """Names of all lessons, in the order of the course."""
    folder = files("sdcluster.lab") / "lessons"
    names = [f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")]
    return sorted(names, key=lambda name: (wording(name)["number"], name))


def minutes(name: str) -> int:
    """How long a lesson takes, by its teacher's note."""
    return sum(int(step["minutes"]) for step in wording(name)["teacher"]["step"])


def models_folder() -> Path:
    """Folder ``models`` beside the notebooks, here, or in the checkout; raises `ModelError` without one."""
    here = Path.cwd()
    for folder in (here.parent, here, Path(__file__).parents[2]):
        if (folder / "models").is_dir():
            return folder / "models"
    raise ModelError(f'no folder "models" beside {here} or in it; open the notebook where it lies')


def words(key: str) -> Text:
    """A wording that all lessons share, by language."""
    return {language: COURSE[language][key] for language in LANGUAGES}
