"""The front page of the server: bundled models and lessons, the user's own models, the documentation, JupyterLab.

`front(shelf, …)` returns the page.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from sdcluster.publish.front_page import Card, Own, front_page
from sdcluster.publish.site import cards_of
from sdcluster.serve.copies import copies_folder, originals
from sdcluster.serve.shelf import Shelf

BOOK = Path("out") / "book"


def book_folder(shelf: Shelf) -> Path | None:
    """Return the folder of the built documentation (the book), or None if it is not built.

    The function looks in the folder of the user's models, and in the clone of the repository with the bundled models.
    """
    folders = [shelf.folder, *(path.parents[2] for path in shelf.shipped().values())]
    return next((f / BOOK for f in folders if (f / BOOK / "index.html").is_file()), None)


def cards(shelf: Shelf) -> list[Card]:
    """Return the cards of the bundled models for the front page."""
    return cards_of(
        list(shelf.shipped()),
        lambda name: f"lesson/{name}/",
        lambda name: f"lab/{name}/",
        lambda name: f"picture/{name}.svg",
    )


def front(shelf: Shelf, language: str, token: str) -> str:
    """Return the front page.

    Parameters
    ----------
    shelf : Shelf
    language : str
    token : str
        The token that a request needs to start JupyterLab.
    """
    notebooks = find_spec("jupyterlab") is not None and bool(originals())
    own = Own(
        str(shelf.folder),
        [(path, f"lab/{quote(path)}/") for path in shelf.own()],
        "book/index.html" if book_folder(shelf) else "",
        f"notebooks?token={token}" if notebooks else "",
        str(copies_folder()),
    )
    return front_page(cards(shelf), language, own)
