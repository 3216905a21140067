"""The commands that show something: `lab`, `demo`."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import console, say, track
from sdcluster.errors import ModelError


def lab(
    notebook: Annotated[
        Path | None,
        typer.Argument(
            help="A notebook, or a model to turn the levers of; without it the first lesson, "
            "notebooks/01_cluster.ipynb.",
            show_default=False,
        ),
    ] = None,
    page: Annotated[
        bool, typer.Option("--page", help="Show it as a page without code (voila).")
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="Port; a free one is found.", show_default=False)
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
) -> None:
    """Open the lesson with sliders, in JupyterLab or as a page.

    \b
    Examples:
      sdcluster lab
      sdcluster lab --page
      sdcluster lab models/wenzhou_firms --page
    """
    needed = "voila" if page else "jupyterlab"
    if find_spec(needed) is None or find_spec("anywidget") is None:
        raise ModelError(
            'the laboratory is not installed; run: pip install "sdcluster[lab,fast]" '
            "(or make lab in a copy of the repository)"
        )
    from sdcluster.lab.page import command, environment

    try:
        line = command(notebook, editor=not page, port=port, browser=browser)
    except FileNotFoundError as error:
        raise ModelError(
            f"{error}; the lessons come with the repository, not with the package"
        ) from None
    if not page and runs_as_root():
        line.append("--allow-root")
    with suppress(KeyboardInterrupt):
        raise typer.Exit(subprocess.call(line, env=environment()))


def runs_as_root() -> bool:
    """Whether this is root, as in a container; JupyterLab wants to be told that it is meant."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the picture.")] = Path("out"),
    language: options.Language = "en",
) -> None:
    """Run all scenarios of the cluster model: a table in words, and a picture.

    \b
    Examples:
      sdcluster demo
      sdcluster demo --language zh
    """
    from sdcluster import demo as demonstration

    model = demonstration.cluster_model()
    results = demonstration.run_all(model, track=track)
    console().print(demonstration.table(model, results, language=language))
    picture = demonstration.draw(model, results, out / "cluster.png", language=language)
    if language == "zh":
        say(f"曲线图在 {picture}")
        say("接下来：sdcluster lab（滑块），sdcluster info models/cluster（模型的内容）")
    else:
        say(f"The curves are in {picture}")
        say("Next: sdcluster lab (sliders), sdcluster info models/cluster (what is in the model)")
