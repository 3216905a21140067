"""The command line, called in this process. Typer makes all commands at each call (0.08 s); here they are made once."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
import typer
from typer import testing
from typer.main import get_command

_command = cache(get_command)


class CliRunner(testing.CliRunner):
    """Calls a command line; the result has `exit_code`, `stdout`, `stderr` and `exception`."""

    def invoke(self, app: typer.Typer, *arguments: Any, **options: Any) -> Any:
        """Call it, as `typer.testing.CliRunner.invoke` does; the language that it chooses ends with the call."""
        with patch.object(testing, "_get_command", _command), patch.dict(os.environ):
            return super().invoke(app, *arguments, **options)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that calls the command line with its arguments; a failure of the program fails the test.

    No progress is shown, which a command on a busy machine would show. Lines have 160 characters.
    """
    from sdcluster.cli import app, progress_bar

    monkeypatch.setattr(progress_bar, "SELDOM", math.inf)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*words: object) -> Any:
        result = CliRunner().invoke(app, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
