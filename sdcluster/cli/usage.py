"""Translate errors in a command line, because typer reports them in English only.

`sentence` takes an exception of typer and returns a `Message`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sdcluster.messages import Message, joined, message

Groups = dict[str, str]


def sentence(error: Any) -> Message:
    """Return a message about an error in a command line, with a pointer to the help.

    Parameters
    ----------
    error : click.UsageError
        The exception, or typer's own class of the same name; it has ``format_message()`` and may have ``ctx``.
    """
    said = " ".join(str(error.format_message()).split())
    context = getattr(error, "ctx", None)
    what = _translated(said, _LINES)
    if context is None:
        return joined("", (what,))
    return message("cli.usage.see_help", what=what, command=context.command_path)


def _translated(said: str, forms: tuple[tuple[str, Callable[[Groups], Message]], ...]) -> str:
    """Return typer's error as a translated message; errors of unknown form stay in English."""
    for pattern, made in forms:
        if found := re.fullmatch(pattern, said):
            return made(found.groupdict())
    return said


# Typer's wording for an invalid value.
_VALUES: tuple[tuple[str, Callable[[Groups], Message]], ...] = (
    (r"Input should be a valid integer.*|.* is not a valid int(?:eger)?(?: range)?\.?",
     lambda _: message("cli.usage.not_integer")),
    (r"Input should be a valid (?:number|float).*|.* is not a valid float(?: range)?\.?",
     lambda _: message("cli.usage.not_number")),
    (r"Input should be greater than or equal to (?P<least>\S+)",
     lambda g: message("cli.usage.too_small", least=g["least"])),
    (r"Input should be less than or equal to (?P<most>\S+)",
     lambda g: message("cli.usage.too_large", most=g["most"])),
    (r"(?P<value>\S+) is not in the range (?P<range>.+?)\.?",
     lambda g: message("cli.usage.not_in_range", value=g["value"], range=g["range"])),
)  # fmt: skip

# Typer's wording for an invalid command line.
_LINES: tuple[tuple[str, Callable[[Groups], Message]], ...] = (
    (r"No such command '(?P<name>.*?)'\..*", lambda g: message("cli.usage.no_such_command", name=g["name"])),
    (r"No such option:? '?(?P<name>[^\s'.]+)'?\.? ?\(Possible options: (?P<near>.+)\)",
     lambda g: message("cli.usage.no_such_option_near", name=g["name"], near=g["near"])),
    (r"No such option:? '?(?P<name>[^\s'.]+)'?\.? ?Did you mean '?(?P<near>[^'?]+)'?\?",
     lambda g: message("cli.usage.no_such_option_near", name=g["name"], near=g["near"])),
    (r"No such option:? '?(?P<name>[^\s'.]+)'?\.?", lambda g: message("cli.usage.no_such_option", name=g["name"])),
    (r"Missing argument '(?P<name>.*?)'\..*", lambda g: message("cli.usage.missing_argument", name=g["name"])),
    (r"Missing option '(?P<name>.*?)'(?: / .*)?\..*", lambda g: message("cli.usage.missing_option", name=g["name"])),
    (r"Missing command\.", lambda _: message("cli.usage.missing_command")),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<extra>.*)\)",
     lambda g: message("cli.usage.extra_arguments", extra=g["extra"])),
    (r"Option '(?P<name>.*?)' requires (?:an argument|\d+ arguments)\.",
     lambda g: message("cli.usage.option_needs_value", name=g["name"])),
    (r"Option '(?P<name>.*?)' does not take a value\.",
     lambda g: message("cli.usage.option_takes_no_value", name=g["name"])),
    (r"Invalid value for '(?P<name>.*?)'(?: / '[^']*')*: (?P<why>.*)",
     lambda g: message("cli.usage.invalid_value", name=g["name"], why=_translated(g["why"], _VALUES))),
    (r"Invalid value: (?P<why>.*)",
     lambda g: message("cli.usage.invalid", why=_translated(g["why"], _VALUES))),
)  # fmt: skip
