"""The command `convert`: a model file in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import say
from sdcluster.errors import ModelError


def convert(
    model: options.ModelPath,
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The XMILE file to write (.xmile).", show_default=False),
    ],
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace OUT if it is there.")
    ] = False,
) -> None:
    """Write a model, for instance a Vensim .mdl, as an XMILE file.

    \b
    Examples:
      sdcluster convert teacup.mdl teacup.xmile
    """
    import sdcluster

    if out.suffix.lower() not in (".xmile", ".stmx", ".xml"):
        raise ModelError(
            f'cannot write files that end in "{out.suffix}"; expected .xmile', file=out
        )
    loaded = sdcluster.load(model)
    if out.exists() and not force:
        raise ModelError("the file is there already; --force replaces it", file=out)
    say(f"Wrote {loaded.to_xmile(out)}: {len(loaded.variables)} variables")
