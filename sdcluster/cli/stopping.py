"""Ctrl-C: one sentence that says what was stopped and what was written before.

Files are written whole or not at all (`sdcluster.files`), so what is listed can be used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

INTERRUPTED = 130  # exit status, as shells give it for SIGINT
_MOST = 5  # files that are named


def sentence(command: str, written: Sequence[Path], unfinished: Sequence[Path] = ()) -> str:
    """Return what to say.

    Parameters
    ----------
    command : str
        The stopped work, as ``run``.
    written : sequence of path
        Files that were complete before.
    unfinished : sequence of path
        The work left for the same command with ``--resume``.
    """
    if unfinished:
        return (
            f"sdcluster {command} was stopped; the runs so far are kept, and the same command with --resume goes on "
            f"with {unfinished[-1]}"
        )
    if not written:
        return f"sdcluster {command} was stopped; nothing was written"
    names = [str(path) for path in dict.fromkeys(written)]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"sdcluster {command} was stopped; already written, and complete: {', '.join(names[:_MOST])}{more}"
