"""The command `export`: a model as a program that runs without sdcluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import say
from sdcluster.errors import ModelError
from sdcluster.kernel.targets import TARGETS
from sdcluster.messages import comma_separated, message


def export(
    model: options.ModelPath,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="; ".join(f"NAME{t.ending} {t.about}" for t in TARGETS.values()) + ".",
        ),
    ],
    scenario: options.ScenarioName = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace existing files.")] = False,
) -> None:
    """Write a model as a program: WebAssembly for any web page, or a Python script that needs no packages.

    The WebAssembly module computes the same numbers in every browser and on every machine. The
    JavaScript module next to it contains names, units and default values, and runs the model with
    your settings: (await load()).run({"constant": 0.3}). With --scenario, the defaults are the
    scenario's settings.

    \b
    Examples:
      sdcluster export my_model.mdl --out my_model.wasm
      sdcluster export my_model.mdl --out my_model.py
    """
    from sdcluster.publish.program import export as write
    from sdcluster.publish.program import files_of

    for path in files_of(out):
        if path.exists() and not force:
            raise ModelError(message("cli.file_already_force_replaces"), file=path)
    written = write(model, out, scenario)
    size = written[0].stat().st_size / 1000
    say(message("cli.wrote_program", paths=comma_separated(map(str, written)), size=size))
