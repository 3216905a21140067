"""The laboratory of a model as one HTML file: sliders, charts, equations, scenarios, and the kernel that runs it.

`publish(model, path)` writes the file, which needs neither a server nor the internet.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError, short_traceback
from sdcluster.files import write_atomically
from sdcluster.kernel.parse import Unsupported
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.publish.front_end import bundle
from sdcluster.publish.laboratory_data import Laboratory, laboratory_data
from sdcluster.publish.laboratory_page import html_page
from sdcluster.publish.program import STACK
from sdcluster.words import LANGUAGES

ENDINGS = (".html", ".htm")
# The runs that the second kernel of a page computes at a time. A vector of WebAssembly holds two numbers, and more runs
# were slower: 0.35, 0.44 and 0.47 ms per run with 2, 4 and 8.
LANES = 2
LARGEST = 150_000  # bytes; a page whose kernel is larger gets no second kernel


@short_traceback
def publish(model: Model | str | Path, path: str | Path, *, language: str = "en") -> Path:
    """Write the laboratory of a model as one HTML file that works without Python and without the internet.

    The curves on the page are bit-identical to those of `sdcluster.simulate`.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    path : path
        File to write; its name must end in ``.html`` or ``.htm``.
    language : str
        The language that the page shows first; a button on the page changes the language.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ModelError
        If `path` has another ending or the language is unknown. Also if the model's default run fails, if the model
        cannot be compiled to WebAssembly, or if the front end was not built.
    """
    path = html_file(path, language)
    bundle()  # raises an error at once if the front end is missing
    described = browser_data(laboratory_data(model), language)
    write_atomically(path, html_page(described[0]["name"], language, described))
    return path


def html_file(path: str | Path, language: str) -> Path:
    """Return the path of a page to write; raise `ModelError` for another ending than HTML's or an unknown language."""
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ModelError(message("publish.cannot_publish_files_end", suffix=path.suffix), file=path)
    if language not in LANGUAGES:
        raise ModelError(
            message(
                "publish.unknown_language_expected_one",
                language=language,
                languages=comma_separated(LANGUAGES),
            )
        )
    return path


def browser_data(laboratory: Laboratory, language: str = "en") -> tuple[dict[str, Any], str]:
    """Return the data of a laboratory's page: the description of the model for JSON, and its WebAssembly in Base64.

    Raises
    ------
    ModelError
        If the model cannot be compiled to WebAssembly.
    """
    setup, data = laboratory.setup, dict(laboratory.data)
    try:
        module = setup.kernel.wasm(laboratory.method)
    except Unsupported as reason:
        raise ModelError(
            message("publish.model_cannot_become_webassembly", reason=reason),
            file=setup.kernel.model.path,
        ) from None
    data["program"] = {**data["program"], "base": module.tables + STACK}
    data["lanes"] = _lanes(laboratory) if len(module.code) <= LARGEST else None
    data["language"] = language
    return data, base64.b64encode(module.code).decode()


def _lanes(laboratory: Laboratory) -> dict[str, Any]:
    """Return WebAssembly in Base64 that makes several runs at once with vector instructions, and how many runs."""
    module = laboratory.setup.kernel.wasm(laboratory.method, LANES)
    code = base64.b64encode(module.code).decode()
    return {"count": LANES, "code": code, "base": module.tables + STACK}
