"""The commands that show a model: `lab` in the browser, `demo` as a table and a chart."""

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
from sdcluster.messages import message
from sdcluster.words import say as words


def lab(
    shown: Annotated[
        Path | None,
        typer.Argument(
            metavar="[MODEL|NOTEBOOK]",
            help="The file or folder of a model, or a notebook; by default, the start page opens.",
            show_default=False,
        ),
    ] = None,
    notebook: Annotated[
        bool,
        typer.Option(
            "--notebook",
            help="Open NOTEBOOK in JupyterLab; by default, your copies of the lessons in ~/sdcluster-lessons.",
        ),
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Show a notebook as a page without code (voila).")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(help="Port of the server; by default, any free port.", show_default=False),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    language: options.Language = "en",
) -> None:
    """Open a laboratory in the browser; Ctrl-C ends it.

    With a model, the page has the model's sliders and charts, like a page from sdcluster publish. When you save the
    model's file, its lab.toml or its scenarios.toml in an editor, the open laboratory updates within half a second and
    keeps your settings, charts and runs. Click the name of a variable to try another equation; this never changes
    the file.

    Without a model, the page lists the models and lessons that come with the program, and the models in this folder
    and its subfolders. The laboratory needs no internet and sends nothing to other machines.

    \b
    Examples:
      sdcluster lab
      sdcluster lab my_model.mdl
      sdcluster lab my_lesson.ipynb
      sdcluster lab my_lesson.ipynb --page
    """
    if notebook or page or (shown is not None and shown.suffix == ".ipynb"):
        _notebook(shown, editor=not page, port=port, browser=browser)
    else:
        _served(shown, port=port, browser=browser, language=language)


def _served(model: Path | None, *, port: int | None, browser: bool, language: str) -> None:
    if find_spec("tornado") is None:
        raise ModelError(message("cli.laboratory_not_installed"))
    from sdcluster.publish.front_end import bundle
    from sdcluster.read import model_file
    from sdcluster.serve.server import serve
    from sdcluster.serve.shelf import Shelf

    bundle()  # raises the error about a missing front end before anything else is done
    file = None if model is None else model_file(model)
    shelf = Shelf(Path.cwd(), file)
    name = shelf.name_of(file) if file else None
    serve(shelf, name, port=port, language=language, browser=browser, say=say)


def _notebook(notebook: Path | None, *, editor: bool, port: int | None, browser: bool) -> None:
    needed = "jupyterlab" if editor else "voila"
    if find_spec(needed) is None or find_spec("anywidget") is None:
        raise ModelError(message("cli.laboratory_not_installed"))
    from sdcluster.lab.voila_page import command, environment
    from sdcluster.serve.copies import enliven_first, own_copies

    if notebook is None:
        first = own_copies()
        if editor:
            enliven_first(first.parent)
        lessons = sorted(first.parent.glob("01_*.ipynb"))
        notebook = first if editor or not lessons else lessons[0]
    try:
        line = command(notebook, editor=editor, port=port, browser=browser)
    except FileNotFoundError as error:
        raise ModelError(message("cli.sdcluster_lab_notebook_opens", error=error)) from None
    if editor and runs_as_root():
        line.append("--allow-root")
    with suppress(KeyboardInterrupt):
        raise typer.Exit(subprocess.call(line, env=environment()))


def runs_as_root() -> bool:
    """Return whether the user is root, as in a container; JupyterLab refuses to run as root unless a flag allows it."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def demo(
    model: Annotated[
        Path | None,
        typer.Argument(
            help="The file or folder of a model; by default, the model of the first lesson.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the chart.")] = Path("out"),
    language: options.Language = "en",
) -> None:
    """Run all scenarios of a model, print a table of the results, and write a chart.

    The lab.toml next to the model selects what the table and the chart show.

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
        raise ModelError(message("cli.models_come_repository_not", reason=error.sentence)) from None
    shown = Demonstration(sdcluster.load(path))
    results = shown.run_all(track=track)
    console().print(shown.table(results, language=language))
    name = shown.model.path.stem
    picture = shown.draw(results, out / f"{name}.png", language=language)
    say(words("demo.drawn", language, picture=picture))
    say(words("demo.next", language, path=path))
