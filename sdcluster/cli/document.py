"""The command `document`: a page with everything about a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import say
from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, message
from sdcluster.words import LANGUAGES

ALL = "all"
EVERY = (ALL, "both")  # "both" is the word of earlier versions, which had two languages


def _known(text: str) -> str:
    if text not in (*EVERY, *LANGUAGES):
        raise ModelError(
            message("cli.no_language_write", text=text, part=comma_separated((ALL, *LANGUAGES)))
        )
    return text


def document(
    model: options.ModelPath,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The HTML file to write.", show_default=False),
    ],
    language: Annotated[
        str,
        typer.Option(
            help=f"Language of the page: {', '.join(LANGUAGES)}, or {ALL} for a page that switches between them.",
            callback=_known,
            autocompletion=lambda: [ALL, *LANGUAGES],
        ),
    ] = ALL,
    run: Annotated[
        bool,
        typer.Option("--run/--no-run", help="Simulate the model for curves, verdicts and checks."),
    ] = True,
) -> None:
    """Write a page about a model: linked equations, diagram, units, feedback loops, scenarios and behaviour.

    The page is a single HTML file to read, print or send. It needs neither the internet nor a server.

    \b
    Examples:
      sdcluster document my_model --out my_model.html
      sdcluster document teacup.mdl --out teacup.html --language en
    """
    import sdcluster
    from sdcluster.publish import write_page

    if out.suffix.lower() not in (".html", ".htm"):
        raise ModelError(
            message("cli.cannot_write_files_end_expected", suffix=out.suffix), file=out
        )
    loaded = sdcluster.load(model)
    languages = LANGUAGES if language in EVERY else (language,)
    say(message("cli.wrote", path=write_page(loaded, out, languages=languages, run=run)))
