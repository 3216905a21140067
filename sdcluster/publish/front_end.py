"""The built front end: scripts and style sheets made of `frontend/` by `make frontend`, and pages that hold them.

Crosses the border: `bundle(name)` and `page(…)` for pages, `widget_script(name)` for notebooks. A page needs nothing
outside and forbids itself to ask for anything.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources

from sdcluster.errors import ModelError

FOLDER = "static"


@cache
def bundle(name: str = "laboratory") -> tuple[str, str]:
    """Return script and style sheet of an entry; neither can end the element of a page in which it stands.

    Raises
    ------
    ModelError
        If the front end was not built: a clone of the repository does not hold it, wheels and source archives do.
    """
    script, style = (_built(f"{name}.{ending}") for ending in ("js", "css"))
    if "</script" in script.lower() or "<!--" in script or "</style" in style.lower():
        raise ModelError("the front end holds a tag that would end it; run `make frontend` again")
    return script, style


@cache
def widget_script(name: str = "widget") -> str:
    """Return the ES module of a widget for notebooks, which holds its style sheet, too.

    Parameters
    ----------
    name : {"widget", "lesson", "course"}
        The laboratory, a lesson with its laboratory, or the front page of the course.

    Raises
    ------
    ModelError
        If the front end was not built.
    """
    return _built(f"{name}.mjs")


def _built(name: str) -> str:
    path = resources.files("sdcluster.publish").joinpath(FOLDER, name)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelError(
            "the laboratory's front end is not built yet; run `make frontend` in the repository once"
        ) from None


def page(
    name: str,
    title: str,
    language: str,
    parts: Mapping[str, str],
    *,
    asks: str = "",
    script_of: str = "",
) -> str:
    """Return a page that shows an entry of the front end.

    Parameters
    ----------
    name : str
        The entry, which is also the ``id`` of the element that it fills.
    title, language : str
        Of the page.
    parts : mapping of str to str
        What the script reads, by ``id``: JSON in which no tag opens, or base64.
    asks : str
        Addresses that the page may ask, for its Content-Security-Policy; by default none.
    script_of : str
        Another entry that fills the element; by default that of its name.
    """
    script, style = bundle(script_of or name)
    policy = (
        f"default-src 'none'; script-src '{digest(script)}' 'wasm-unsafe-eval'; worker-src blob:; "
        f"style-src '{digest(style)}'; img-src data: blob:; "
        f"{f'connect-src {asks}; ' if asks else ''}base-uri 'none'; form-action 'none'"
    )
    data = "".join(
        f'<script type="application/octet-stream" id="{key}">{text}</script>'
        for key, text in parts.items()
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f'<body><div id="{name}"></div>{data}<script>{script}</script></body></html>\n'
    )


def digest(text: str) -> str:
    """Return how a Content-Security-Policy names a script or style sheet that may be used."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
