"""The laboratory of a model as one HTML file: sliders, charts, equations, scenarios, and the kernel that runs it.

Crosses the border: `publish(model, path)`. The file needs neither a server nor the internet, and forbids itself to ask
for anything (Content-Security-Policy). What comes from the model's files is data in it: JSON in which no tag opens.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically
from sdcluster.kernel.parse import Unsupported
from sdcluster.model import Model
from sdcluster.publish.front_end import bundle
from sdcluster.publish.laboratory_data import Laboratory, laboratory_data
from sdcluster.publish.program import STACK, as_json

ENDINGS = (".html", ".htm")
LANGUAGES = ("en", "zh")


def publish(model: Model | str | Path, path: str | Path, *, language: str = "en") -> Path:
    """Write the laboratory of a model as one HTML file that works without Python and without the internet.

    Its curves have the same bits as those of `sdcluster.simulate`.

    Parameters
    ----------
    model : Model or path
    path : path
        Must end in ``.html`` or ``.htm``.
    language : {"en", "zh"}
        The language that the page shows first; a button on the page changes it.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ModelError
        For another ending, an unknown language, a model whose default run fails or that cannot become WebAssembly, and
        where the front end was not built.
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ModelError(
            f'cannot publish to files that end in "{path.suffix}"; expected .html', file=path
        )
    if language not in LANGUAGES:
        raise ModelError(f'unknown language "{language}"; expected "en" or "zh"')
    script, style = bundle()
    write_atomically(path, _page(laboratory_data(model), language, script, style))
    return path


def _page(laboratory: Laboratory, language: str, script: str, style: str) -> str:
    """Return the page; only what stands in it may run or be shown."""
    setup, data = laboratory.setup, dict(laboratory.data)
    try:
        module = setup.kernel.wasm(laboratory.method)
    except Unsupported as reason:
        raise ModelError(
            f"the model cannot become WebAssembly: {reason}", file=setup.kernel.model.path
        ) from None
    data["program"] = {**data["program"], "base": module.tables + STACK}
    data["language"] = language
    kernel = base64.b64encode(module.code).decode()
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}' 'wasm-unsafe-eval'; style-src '{_digest(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(data['name'])}</title><style>{style}</style></head>"
        '<body><div id="laboratory"></div>'
        f'<script type="application/json" id="description">{as_json(data)}</script>'
        f'<script type="application/octet-stream" id="kernel">{kernel}</script>'
        f"<script>{script}</script></body></html>\n"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
