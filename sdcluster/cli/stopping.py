"""Ctrl-C: one sentence that says what was stopped and what was written before.

Files are written completely or not at all (`sdcluster.files`), so the listed files are usable.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sdcluster.messages import comma_separated, message

INTERRUPTED = 130  # the exit status of shells for SIGINT
_MOST = 5  # the most files that the message names


def sentence(command: str, written: Sequence[Path], unfinished: Sequence[Path] = ()) -> str:
    """Return the message that is printed after Ctrl-C.

    Parameters
    ----------
    command : str
        Name of the command that was stopped, such as ``run``.
    written : sequence of path
        Files that were complete before Ctrl-C.
    unfinished : sequence of path
        Files with unfinished results, which the same command continues with ``--resume``.
    """
    if unfinished and command == "fit":
        return message(
            "cli.sdcluster_stopped_draws_far", command=command, unfinished=unfinished[-1]
        )
    if unfinished:
        return message("cli.sdcluster_stopped_runs_far", command=command, unfinished=unfinished[-1])
    if not written:
        return message("cli.sdcluster_stopped_nothing_written", command=command)
    names = [str(path) for path in dict.fromkeys(written)]
    more = message("cli.and_more", count=len(names) - _MOST) if len(names) > _MOST else ""
    return message(
        "cli.sdcluster_stopped_already_written",
        command=command,
        names=comma_separated(names[:_MOST]),
        more=more,
    )
