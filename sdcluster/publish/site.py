"""Write all bundled models and lessons as a folder for any web host or a memory stick.

`publish_site(folder)` writes the folder, and `cards_of(…)` returns the cards of its front page. All links are relative,
and no page loads anything from other sites.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically
from sdcluster.messages import message
from sdcluster.progress import report
from sdcluster.project.library import lesson, lesson_names, models_folder
from sdcluster.publish.front_end import bundle
from sdcluster.publish.front_page import Card, front_page
from sdcluster.words import ENGLISH

Address = Callable[[str], str]


def publish_site(folder: str | Path, *, language: str = "en") -> list[Path]:
    """Write the front page, and a laboratory and a lesson for each bundled model.

    Parameters
    ----------
    folder : path
        The folder to write, created if it does not exist; files with the same names are replaced.
    language : str
        The language that the pages show first; a button on each page changes the language.

    Returns
    -------
    list of Path
        The files that were written, ``index.html`` first.
    """
    from sdcluster.publish.laboratory import publish
    from sdcluster.publish.lesson import publish_lesson
    from sdcluster.publish.thumbnail import thumbnail

    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ModelError(message("publish.not_folder_name_one"), file=folder)
    bundle()
    models = models_folder()
    cards = cards_of(
        sorted(path.parent.name for path in models.glob("*/*.xmile")),
        lambda name: f"{name}-lesson.html",
        lambda name: f"{name}.html",
        lambda name: f"pictures/{name}.svg",
    )
    written = [folder / "index.html"]
    write_atomically(written[0], front_page(cards, language))
    for done, card in enumerate(cards):
        report("publishing", done, len(cards))
        path = models / card.name
        written.append(publish(path, folder / card.laboratory, language=language))
        write_atomically(folder / card.picture, thumbnail(path))
        written.append(folder / card.picture)
        if card.lesson:
            written.append(publish_lesson(path, folder / card.lesson, language=language))
    return written


def cards_of(
    models: Sequence[str], lesson_at: Address, laboratory_at: Address, picture_at: Address
) -> list[Card]:
    """Return a card of the front page for each model, in the order of the course.

    Parameters
    ----------
    models : sequence of str
        Names of bundled models.
    lesson_at, laboratory_at, picture_at : callable
        Functions that return the address of the lesson, laboratory or thumbnail for the name of a model.
    """
    lessons = {
        table["model"]: table for name in lesson_names() if (table := lesson(name))["number"] > 0
    }
    taught = [name for name in lessons if name in models]
    cards = []
    for name in [*taught, *(name for name in models if name not in lessons)]:
        taught_by = lessons.get(name)
        plain = name.replace("_", " ")
        cards.append(
            Card(
                name,
                _texts(taught_by["title"]) if taught_by else {ENGLISH: plain},
                _texts(taught_by["question"]) if taught_by else {},
                taught_by["number"] if taught_by else 0,
                lesson_at(taught_by["name"]) if taught_by else "",
                laboratory_at(name),
                picture_at(name),
            )
        )
    return cards


def _texts(texts: Any) -> dict[str, str]:
    return {ENGLISH: texts} if isinstance(texts, str) else dict(texts)
