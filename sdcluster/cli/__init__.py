"""The command line: parse arguments, call the library, print.

The commands print tables and write files. An error is one sentence on the error stream. The exit code is 2 for an
error, 1 if `check` finds differences in trajectories or behaviour, 70 for a bug in sdcluster, and 130 after Ctrl-C.
"""

from __future__ import annotations

import inspect
import io
import sys
import warnings
from collections.abc import Callable
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from sdcluster import files, messages
from sdcluster.cli import (
    classroom,
    convert,
    discover,
    document,
    experiment,
    explore,
    export,
    fit,
    lint,
    models,
    play,
    publish,
    simulate,
    stopping,
    tipping,
    uncertain,
)
from sdcluster.cli.terminal import complain, listen, showing_progress, warn
from sdcluster.errors import ModelError, ModelWarning, SimulationError


class SentenceGroup(TyperGroup):
    """The group of all commands; it prints an exception as one sentence and writes a bug's traceback to a file."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the user named, with errors in the user's language."""
        with messages.in_language_of_system():
            return self._invoke(ctx)

    def _invoke(self, ctx: Any) -> Any:
        before = len(files.written)
        files.unfinished.clear()
        try:
            with showing_progress():
                return super().invoke(ctx)
        except (ModelError, SimulationError) as error:
            complain(str(error))
        except KeyboardInterrupt:
            complain(
                stopping.sentence(
                    ctx.invoked_subcommand or "", files.written[before:], files.unfinished
                )
            )
            raise typer.Exit(stopping.INTERRUPTED) from None
        except OSError as error:
            complain(
                messages.joined(": ", (str(error.filename), files.reason(error)))
                if error.filename
                else files.reason(error)
            )
        except Exception as error:
            # Exceptions with which typer ends a command or explains its usage have an exit code.
            if isinstance(error, typer.Abort) or hasattr(error, "exit_code"):
                if messages.spoken() == messages.ENGLISH or not hasattr(error, "format_message"):
                    raise
                from sdcluster.cli import usage

                complain(usage.sentence(error))
                raise typer.Exit(error.exit_code) from None
            from sdcluster.cli import failure

            complain(failure.sentence(error))
            raise typer.Exit(failure.BUG) from error
        raise typer.Exit(2)


app = typer.Typer(
    name="sdcluster",
    cls=SentenceGroup,
    help="A system dynamics laboratory for industrial clusters.",
    epilog="Start with: sdcluster demo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from sdcluster import __version__

        typer.echo(f"sdcluster {__version__}")
        raise typer.Exit


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning about a model as one sentence; show other warnings only with ``python -W``."""
    if issubclass(category, ModelWarning):
        warn(str(message))
    elif sys.warnoptions:
        (file or sys.stderr).write(
            warnings.formatwarning(message, category, filename, lineno, line)
        )


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Process the options before the command, such as ``--version``, and set up the output of warnings and notes."""
    # The encoding of a Windows console or a redirected file may lack characters; print "?" instead of failing.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    warnings.showwarning = _show
    listen()


def _flowing(command: Callable[..., None]) -> str:
    """Return the help of a command without line breaks inside paragraphs, which typer would keep on narrow terminals.

    Paragraphs that begin with the control character backspace, such as the examples, keep their lines.
    """
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(p if p.startswith("\b") else " ".join(p.split()) for p in paragraphs)


for command in (
    simulate.run,
    simulate.compare,
    simulate.sweep,
    uncertain.ensemble,
    uncertain.sensitivity,
    tipping.tipping,
    discover.discover,
    play.play,
    models.check,
    models.accept,
    models.info,
    experiment.experiment,
    fit.fit,
    lint.lint,
    convert.convert,
    export.export,
    publish.publish,
    document.document,
    explore.lab,
    explore.demo,
):
    app.command(help=_flowing(command))(command)
app.command("class", help=_flowing(classroom.hold))(classroom.hold)
