"""The command `convert`: a model file in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import say
from sdcluster.errors import ModelError
from sdcluster.files import LANGUAGES
from sdcluster.messages import message


def convert(
    model: options.ModelPath,
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The XMILE file to write (.xmile).", show_default=False),
    ],
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace OUT if it is there.")
    ] = False,
    reader: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="READER",
            help="standard: any program that reads XMILE; pysd: only what PySD's reader knows, in the forms it reads.",
            autocompletion=lambda: ["standard", "pysd"],
        ),
    ] = "standard",
) -> None:
    """Write a model, for instance a Vensim .mdl, as an XMILE file.

    Names, capitals, units, documentation, ranges and all views are kept. A variable whose name XMILE
    reserves, such as DT, gets a word behind it, and its own name again when sdcluster reads the file.
    For PySD, functions that its reader does not know are written with others, and some become stocks;
    where that is impossible, nothing is written and a sentence names the variable and the reason.

    \b
    Examples:
      sdcluster convert teacup.mdl teacup.xmile
      sdcluster convert regions.mdl regions.xmile --for pysd
    """
    import sdcluster

    if LANGUAGES.get(out.suffix.lower()) != "xmile":
        raise ModelError(message("cli.cannot_write_files_end", suffix=out.suffix), file=out)
    loaded = sdcluster.load(model)
    if out.exists() and not force:
        raise ModelError(message("cli.file_already_force_replaces"), file=out)
    path = loaded.to_xmile(out, reader)
    say(message("cli.wrote_variables", path=path, count=len(loaded.variables)))
