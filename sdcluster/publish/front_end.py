"""The scripts and style sheets that `make frontend` builds from `frontend/`, and pages that contain them.

`bundle(name)` and `page(…)` are for pages, `widget_script(name)` is for notebooks. A page is self-contained, and its
Content-Security-Policy forbids requests. In pages and notebooks, scripts and style sheets are compressed to half their
size.
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
    """Return the uncompressed script and style sheet of an entry, a program of the front end such as ``laboratory``.

    Raises
    ------
    ModelError
        If the front end was not built, or is older than its sources in a clone. Wheels and source archives contain the
        built front end; a clone of the repository does not.
    """
    return _built(f"{name}.js"), _built(f"{name}.css")


@cache
def packed_bundle(name: str = "laboratory") -> tuple[str, str]:
    """Return the script and style sheet of an entry, compressed as in pages."""
    script, style = bundle(name)
    return packed(script), packed(style)


@cache
def widget_script(name: str = "widget") -> str:
    """Return the ES module of a widget for notebooks, which unpacks its own script and style sheet.

    Parameters
    ----------
    name : {"widget", "lesson", "course"}
        The laboratory, a lesson with its laboratory, or the front page of the course.

    Raises
    ------
    ModelError
        If the front end was not built, or is older than its sources in a clone.
    """
    module = packed(_built(f"{name}.mjs"))
    return _source("unpack") + _source("unpack_widget").replace("@PACKED@", module)


def packed(text: str) -> str:
    """Return a text compressed with raw DEFLATE, in base64; ``unpack.js`` decompresses it."""
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return base64.b64encode(deflate.compress(text.encode()) + deflate.flush()).decode()


@cache
def _source(name: str) -> str:
    return resources.files("sdcluster.publish").joinpath(f"{name}.js").read_text(encoding="utf-8")


@cache
def _check_current() -> None:
    """Raise `ModelError` if the front end in a clone is older than its sources, for example after a ``git pull``."""
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
        Name of the entry, which is also the ``id`` of the element that it fills.
    title, language : str
        Title and language of the page.
    parts : mapping of str to str
        The data for the script, by the ``id`` of the element that contains them: base64, or JSON without ``<``.
    asks : str
        Addresses to which the page may connect, for its Content-Security-Policy; by default, none.
    script_of : str
        The entry whose script fills the element; by default, `name`.
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
    """Return the hash by which a Content-Security-Policy identifies an allowed script or style sheet."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
