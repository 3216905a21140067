"""The command `publish`: a laboratory or a lesson as one file for any browser, or the course as a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import say
from sdcluster.errors import ModelError
from sdcluster.messages import message


def publish(
    model: Annotated[
        Path | None,
        typer.Argument(
            help="A model, its file or folder; or a lesson.toml or course.toml.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="The HTML file to write; for a course, the folder to write.",
            show_default=False,
        ),
    ] = None,
    site: Annotated[
        Path | None,
        typer.Option(
            "--site",
            metavar="FOLDER",
            help="Write a front page, and all models and lessons that come with the program, to this folder.",
            show_default=False,
        ),
    ] = None,
    lesson: Annotated[
        bool,
        typer.Option(
            "--lesson",
            help="Publish the lesson of the model instead of its laboratory; MODEL is a folder or a name.",
        ),
    ] = False,
    language: options.Language = "en",
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace an existing file.")] = False,
) -> None:
    """Write a laboratory or a lesson as one HTML file that opens without Python and without the internet.

    The file contains the model as WebAssembly. Moving a slider runs the model at once, with the same
    numbers as sdcluster run. You can send the file by mail or put it on a memory stick or a web server;
    it opens in every browser, also on a phone. The ranges of sliders come from the model file, charts
    and groups from lab.toml, scenarios from scenarios.toml; the page chooses all other settings.

    --site FOLDER publishes all models and lessons with a front page, as a folder for any web host.

    A lesson.toml gives a lesson: a prediction, the laboratory, feedback loops and exercises. The command
    computes the right answers from the model; students' predictions and answers stay in their browsers.
    A course.toml gives a folder with index.html and a file for each lesson.

    \b
    Examples:
      sdcluster publish my_model.mdl --out my_model.html
      sdcluster publish my_model.stmx --out my_model.html --language zh
      sdcluster publish my_model/lesson.toml --out lesson.html
      sdcluster publish cluster --lesson --out lesson.html
      sdcluster publish models/course.toml --out course
      sdcluster publish --site out/site
    """
    from sdcluster.project.lesson_file import COURSE_NAME, LESSON_NAME

    if site is not None:
        _site(site, model or out, language, force)
        return
    if model is None or out is None:
        raise ModelError(message("cli.name_model_out_file"))
    course = model.name == COURSE_NAME
    target = out / "index.html" if course else out
    if target.exists() and not force:
        raise ModelError(message("cli.file_already_force_replaces"), file=target)
    if course:
        from sdcluster.publish.lesson_course import publish_course

        pages = publish_course(model, out, language=language)
        say(message("cli.wrote_pages", count=len(pages), first=pages[0]))
        return
    if lesson or model.name == LESSON_NAME:
        from sdcluster.publish.lesson import publish_lesson

        written = publish_lesson(model, out, language=language)
    else:
        from sdcluster.publish.laboratory import publish as write

        written = write(model, out, language=language)
    say(message("cli.wrote_page", path=written, size=written.stat().st_size / 1000))


def _site(folder: Path, other: Path | None, language: str, force: bool) -> None:
    from sdcluster.publish.site import publish_site

    if other is not None:
        raise ModelError(message("cli.site_takes_all_models"))
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise ModelError(message("cli.folder_not_empty_force"), file=folder)
    written = publish_site(folder, language=language)
    size = sum(path.stat().st_size for path in written)
    say(message("cli.wrote_site", path=written[0], count=len(written) - 1, size=size / 1e6))
