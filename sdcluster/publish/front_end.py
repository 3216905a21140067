"""The built front end: scripts and style sheets made of `frontend/` by `make frontend`, and pages that hold them.

Crosses the border: `bundle(name)` and `page(…)` for pages, `widget_script(name)` for notebooks. A page needs nothing
outside and forbids itself to ask for anything. Pages and notebooks hold scripts and style sheets packed, which takes
half of the room.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.publish.front_end_sources import is_current
from sdcluster.words import say

FOLDER = "static"


@cache
def bundle(name: str = "laboratory") -> tuple[str, str]:
    """Return script and style sheet of an entry, as the browser runs them.

    Raises
    ------
    ModelError
        If the front end was not built: a clone of the repository does not hold it, wheels and source archives do; or if
        a clone has newer sources.
    """
    return _built(f"{name}.js"), _built(f"{name}.css")


@cache
def packed_bundle(name: str = "laboratory") -> tuple[str, str]:
    """Return script and style sheet of an entry as pages hold them."""
    script, style = bundle(name)
    return packed(script), packed(style)


@cache
def widget_script(name: str = "widget") -> str:
    """Return the ES module of a widget for notebooks, which holds its style sheet, too, and unpacks itself.

    Parameters
    ----------
    name : {"widget", "lesson", "course"}
        The laboratory, a lesson with its laboratory, or the front page of the course.

    Raises
    ------
    ModelError
        If the front end was not built, or from other sources than the clone has.
    """
    module = packed(_built(f"{name}.mjs"))
    return _source("unpack") + _source("unpack_widget").replace("@PACKED@", module)


def packed(text: str) -> str:
    """Return a text as raw DEFLATE in base64, which ``unpack.js`` reads."""
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return base64.b64encode(deflate.compress(text.encode()) + deflate.flush()).decode()


@cache
def _source(name: str) -> str:
    return resources.files("sdcluster.publish").joinpath(f"{name}.js").read_text(encoding="utf-8")


@cache
def _check_current() -> None:
    """Raise `ModelError` if a clone holds other sources than the bundle was made of, as after a ``git pull``."""
    if not is_current():
        raise ModelError(message("publish.front_end_is_old"))


def _built(name: str) -> str:
    path = resources.files("sdcluster.publish").joinpath(FOLDER, name)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelError(message("publish.laboratory_front_end_not")) from None
    _check_current()
    return text


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
        The script's data, by ``id``: JSON in which no tag opens, or base64.
    asks : str
        Addresses that the page may ask, for its Content-Security-Policy; by default none.
    script_of : str
        Another entry that fills the element; by default that of its name.
    """
    entry = script_of or name
    script, style = bundle(entry)
    unpack = _source("unpack") + _source("unpack_page")
    policy = (
        f"default-src 'none'; script-src '{digest(unpack)}' '{digest(script)}' 'wasm-unsafe-eval'; worker-src blob:; "
        f"style-src '{digest(style)}'; img-src data: blob:; "
        f"{f'connect-src {asks}; ' if asks else ''}base-uri 'none'; form-action 'none'"
    )
    held = {
        **parts,
        **dict(zip(("packed-script", "packed-style"), packed_bundle(entry), strict=True)),
    }
    data = "".join(
        f'<script type="application/octet-stream" id="{key}">{text}</script>'
        for key, text in held.items()
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title></head>"
        f'<body><div id="{name}"></div><p id="old-browser" hidden>{escape(say("front.old_browser", language))}</p>'
        f"{data}<script>{unpack}</script></body></html>\n"
    )


def digest(text: str) -> str:
    """Return how a Content-Security-Policy names a script or style sheet that may be used."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
