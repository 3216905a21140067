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
            help="A notebook, or a model to turn the levers of; without it the first lesson of the course.",
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
      sdcluster lab my_model --page
    """
    needed = "voila" if page else "jupyterlab"
    if find_spec(needed) is None or find_spec("anywidget") is None:
        raise ModelError(
            'the laboratory is not installed; run: pip install "sdcluster[lab]" '
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
    model: Annotated[
        Path | None,
        typer.Argument(
            help="A model, its file or folder; without it the model of the first lesson.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the picture.")] = Path("out"),
    language: options.Language = "en",
) -> None:
    """Run all scenarios of a model: a table in words, and a picture.

    What the table and the picture show is arranged in the lab.toml beside the model.

    \b
    Examples:
      sdcluster demo
      sdcluster demo my_model.mdl --language zh
    """
    import sdcluster
    from sdcluster.demo import Demonstration
    from sdcluster.project.library import first_model

    try:
        path = model or first_model()
    except ModelError as error:
        raise ModelError(
            f"{error.sentence}; the models come with the repository, not with the package"
        ) from None
    shown = Demonstration(sdcluster.load(path))
    results = shown.run_all(track=track)
    console().print(shown.table(results, language=language))
    name = shown.model.path.stem
    picture = shown.draw(results, out / f"{name}.png", language=language)
    if language == "zh":
        say(f"曲线图在 {picture}")
        say(f"接下来：sdcluster lab（滑块），sdcluster info {path}（模型的内容）")
    else:
        say(f"The curves are in {picture}")
        say(f"Next: sdcluster lab (sliders), sdcluster info {path} (what is in the model)")
