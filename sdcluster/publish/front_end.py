"""The built front end: script and style sheet of the laboratory, made of `frontend/` by `make frontend`.

Crosses the border: `bundle()`.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from sdcluster.errors import ModelError

FOLDER = "static"
FILES = ("laboratory.js", "laboratory.css")


@cache
def bundle() -> tuple[str, str]:
    """Return script and style sheet; neither can end the element of a page in which it stands.

    Raises
    ------
    ModelError
        If the front end was not built: a clone of the repository does not hold it, wheels and source archives do.
    """
    folder = resources.files("sdcluster.publish").joinpath(FOLDER)
    try:
        script, style = (folder.joinpath(name).read_text(encoding="utf-8") for name in FILES)
    except FileNotFoundError:
        raise ModelError(
            "the laboratory's front end is not built yet; run `make frontend` in the repository once"
        ) from None
    if "</script" in script.lower() or "<!--" in script or "</style" in style.lower():
        raise ModelError("the front end holds a tag that would end it; run `make frontend` again")
    return script, style
