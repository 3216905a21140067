"""The command line, called in this process. Typer makes all commands at each call (0.08 s); here they are made once."""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest.mock import patch

import typer
from typer import testing
from typer.main import get_command

_command = cache(get_command)


class CliRunner(testing.CliRunner):
    """Calls a command line; the result has `exit_code`, `stdout`, `stderr` and `exception`."""

    def invoke(self, app: typer.Typer, *arguments: Any, **options: Any) -> Any:
        """Call it, as `typer.testing.CliRunner.invoke` does."""
        with patch.object(testing, "_get_command", _command):
            return super().invoke(app, *arguments, **options)
