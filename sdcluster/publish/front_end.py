"""The built front end: script and style sheet of the laboratory, made of `frontend/` by `make frontend`.

Crosses the border: `bundle()` for pages, `widget_script()` for notebooks.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from sdcluster.errors import ModelError

FOLDER = "static"
FILES = ("laboratory.js", "laboratory.css")
WIDGET = "widget.mjs"


@cache
def bundle() -> tuple[str, str]:
    """Return script and style sheet; neither can end the element of a page in which it stands.

    Raises
    ------
    ModelError
        If the front end was not built: a clone of the repository does not hold it, wheels and source archives do.
    """
    script, style = map(_built, FILES)
    if "</script" in script.lower() or "<!--" in script or "</style" in style.lower():
        raise ModelError("the front end holds a tag that would end it; run `make frontend` again")
    return script, style


@cache
def widget_script() -> str:
    """Return the ES module of the widget for notebooks, which holds the style sheet, too.

    Raises
    ------
    ModelError
        If the front end was not built.
    """
    return _built(WIDGET)


def _built(name: str) -> str:
    path = resources.files("sdcluster.publish").joinpath(FOLDER, name)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelError(
            "the laboratory's front end is not built yet; run `make frontend` in the repository once"
        ) from None
