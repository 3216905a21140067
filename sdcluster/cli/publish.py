"""The command `publish`: the laboratory of a model as one file for any browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import say
from sdcluster.errors import ModelError


def publish(
    model: options.ModelPath,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The HTML file to write.", show_default=False
        ),
    ],
    language: options.Language = "en",
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace a file that is there.")
    ] = False,
) -> None:
    """Write a laboratory that anybody can open: one HTML file that needs neither Python nor internet.

    The file holds the model as WebAssembly, so that a moved slider is a new run at once, with the
    same numbers as sdcluster run. Send it by mail, put it on a memory stick or on any web server;
    it opens in every browser, on a phone too. Sliders take the ranges of the model file, charts and
    groups those of lab.toml, scenarios those of scenarios.toml; the rest is chosen by the page.

    \b
    Examples:
      sdcluster publish my_model.mdl --out my_model.html
      sdcluster publish my_model.stmx --out my_model.html --language zh
    """
    from sdcluster.publish.laboratory import publish as write

    if out.exists() and not force:
        raise ModelError("the file is there already; --force replaces it", file=out)
    written = write(model, out, language=language)
    say(f"Wrote {written}: {written.stat().st_size / 1000:.0f} kB, opens in any browser")
