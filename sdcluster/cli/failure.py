"""The report of a bug in sdcluster itself: one sentence on the command line, and a file to attach to an issue.

`sentence` takes an unexpected exception, writes the file, and returns the sentence.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sdcluster.files import reason as os_reason
from sdcluster.messages import Message, message

BUG = 70  # exit code: EX_SOFTWARE of sysexits.h
PACKAGES = ("sdcluster", "numpy", "scipy", "xarray", "pysd", "lxml", "llvmlite")


def sentence(error: BaseException) -> Message:
    """Return the message about an unexpected exception; the traceback is written to a file.

    Parameters
    ----------
    error : BaseException
        The exception, with its traceback.
    """
    what = f"{type(error).__name__}: {error}".splitlines()[0].strip(": ")
    if isinstance(error, MemoryError):
        return message("cli.out_of_memory")
    try:
        where = message("cli.bug_details", file=_write(error))
    except OSError as unwritable:
        where = message("cli.bug_not_written", reason=os_reason(unwritable))
    return message("cli.bug", what=what, where=where)


def _write(error: BaseException) -> Path:
    lines = [
        "sdcluster ended with an exception that it does not handle. This is a bug in sdcluster.",
        "Please send this file, and the model if you may share it, to the project's issue tracker.",
        "",
        f"command: {' '.join(sys.argv)}",
        f"system: {platform.platform()}, Python {platform.python_version()}",
        *(f"{name}: {_version(name)}" for name in PACKAGES),
        "",
        *traceback.format_exception(error),
    ]
    with tempfile.NamedTemporaryFile(
        "w", prefix="sdcluster-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as out:
        out.write("\n".join(lines))
    return Path(out.name)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
