"""English in a Chinese text: what the program forgot to say in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Names of the model and words of its files are in quotation marks; commands, options, paths and code keep their words.
_QUOTED = re.compile(r"“[^”]*”|`[^`]*`|\"[^\"]*\"|‹[^›]*›|《[^》]*》")
_COMMAND = re.compile(
    r"(?:\$ )?\bsdcluster [a-z]+[^\n；。]*|--[a-z-]+(?:[ =][\w./-]+)?|[\w.~-]*/[\w./~-]+|https?:\S+"
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z'’-]*(?:[ ,]+[A-Za-z][A-Za-z'’-]*){2,}")


def english_left(text: str, names: Iterable[str] = ()) -> list[str]:
    """Return the runs of three English words or more in a Chinese text, without those in quotation marks.

    Parameters
    ----------
    text : str
        What the program said.
    names : iterable of str
        Names and texts of the model, which keep their words.
    """
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "·")
    text = _COMMAND.sub("·", _QUOTED.sub("·", text))
    return [run for run in _WORDS.findall(text) if len(run.split()) > 2]
