"""The command `class`: a lesson that a class follows on phones."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import say
from sdcluster.errors import ModelError
from sdcluster.messages import message


def hold(
    lesson: Annotated[
        Path,
        typer.Argument(
            help="A lesson: its name in the course, its lesson.toml, or the folder of its model.",
            show_default=False,
        ),
    ],
    host: Annotated[
        str | None,
        typer.Option(
            help="The address of this machine that students open; by default, the command finds it.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the server; 0 for any free port.")
    ] = 8765,
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file that stores the predictions; by default, class-LESSON.json.",
            show_default=False,
        ),
    ] = None,
    new: Annotated[
        bool,
        typer.Option(
            "--new", help="Begin a new class; the predictions of the last class stay in a file."
        ),
    ] = False,
    students: Annotated[
        int, typer.Option(min=1, max=500, help="The largest number of predictions.")
    ] = 120,
    browser: Annotated[bool, typer.Option(help="Open the teacher's page.")] = True,
    language: options.Language = "en",
) -> None:
    """Hold a lesson with a class whose students use their phones, without internet; Ctrl-C ends the lesson.

    The teacher's page, for the projector, shows an address and a QR code. Students in the same network
    open the address on their phones and draw or choose a prediction. Each prediction appears on the
    teacher's page at once, without a name. When the teacher reveals the model's result, the phones show
    it too, and continue with the laboratory, the explanation and the exercises.

    Predictions are stored in a file. After a break or a restart, the same command continues the class: the phones
    reconnect automatically, and no student is counted twice. --new begins another class.

    The server answers all devices in the local network, not only this machine. Only the page at the teacher's
    address, which the terminal shows, can reveal the result or begin a new class.

    \b
    Examples:
      sdcluster class cluster
      sdcluster class my_model/lesson.toml --port 8000 --new
    """
    if find_spec("tornado") is None or find_spec("segno") is None:
        raise ModelError(message("cli.server_class_not_installed"))
    from sdcluster.publish.front_end import bundle
    from sdcluster.publish.lesson_data import find_lesson, lesson_data
    from sdcluster.serve.classroom import hold_class
    from sdcluster.serve.pool import Pool

    bundle("lesson")  # raises the error about a missing front end before anything else is done
    page = lesson_data(find_lesson(lesson))
    name = str(page.data["name"])
    path = answers or Path(f"class-{name}.json")
    pool = Pool.opened(path, name, page.data["prediction"], students, fresh=new)
    hold_class(page, pool, host=host, port=port, language=language, browser=browser, say=say)
