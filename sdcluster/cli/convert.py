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
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace OUT if it exists.")] = False,
    reader: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="READER",
            help="The program that will read the file: standard for any program that reads XMILE, pysd for PySD, "
            "whose reader supports less.",
            autocompletion=lambda: ["standard", "pysd"],
        ),
    ] = "standard",
) -> None:
    """Convert a model, for instance a Vensim .mdl, to an XMILE file.

    The file keeps names, capitals, units, documentation, ranges and all views. A variable whose name is
    reserved in XMILE, such as DT, gets a suffix, which sdcluster removes when it reads the file. With
    --for pysd, functions that PySD's reader does not support are replaced by equivalent functions or
    stocks. If that is impossible, no file is written, and an error names the variable and the reason.

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
