"""The command `document`: everything about a model on one page."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import say
from sdcluster.errors import ModelError


class Languages(StrEnum):
    """Languages of the page."""

    both = "both"
    en = "en"
    zh = "zh"


def document(
    model: options.ModelPath,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The HTML file to write.", show_default=False),
    ],
    language: Annotated[
        Languages, typer.Option(help="English, Chinese, or both with a switch on the page.")
    ] = Languages.both,
    run: Annotated[
        bool,
        typer.Option("--run/--no-run", help="Simulate the model for curves, verdicts and checks."),
    ] = True,
) -> None:
    """Write a page about a model: equations that link, diagram, units, loops, scenarios, behaviour.

    One file that needs neither internet nor server: to read, to print, to send.

    \b
    Examples:
      sdcluster document my_model --out my_model.html
      sdcluster document teacup.mdl --out teacup.html --language en
    """
    import sdcluster
    from sdcluster.publish import write_page

    if out.suffix.lower() not in (".html", ".htm"):
        raise ModelError(f'cannot write files that end in "{out.suffix}"; expected .html', file=out)
    loaded = sdcluster.load(model)
    languages = ("en", "zh") if language is Languages.both else (language.value,)
    say(f"Wrote {write_page(loaded, out, languages=languages, run=run)}")
