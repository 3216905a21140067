"""The settings behind the sketch of a Vensim file: the integration method, and files that equations name by a tag.

Crosses the border: `read_settings(text)`. Lines are a number, a colon and values; what is not known is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_LINES = 20_000

_MARK = re.compile(r":L\x7f?<%\^E!@[^\n]*\n")
# Vensim's numbers of its methods: Euler, RK4 Auto, Difference, RK2 Auto, RK2 Fixed, RK4 Fixed.
_METHODS = ("euler", "rk4", "euler", "rk2", "rk2", "rk4")


@dataclass(frozen=True)
class Settings:
    """What of the settings section bears on a run.

    Parameters
    ----------
    method : {"euler", "rk2", "rk4"}
        From the fourth value of the line ``15:``; "Auto" methods are run at TIME STEP.
    files : mapping of str to str
        File names by tag, from lines like ``30:?data=data.xlsx``.
    """

    method: str = "euler"
    files: Mapping[str, str] = field(default_factory=dict)


def read_settings(text: str) -> Settings:
    """Return the settings of a file's text; where it has no such section, those that Vensim starts with."""
    mark = _MARK.search(text)
    if mark is None:
        return Settings()
    method, files = "euler", {}
    for line in text[mark.end() :].split("\n", MAX_LINES)[:MAX_LINES]:
        code, _, rest = line.partition(":")
        if code.strip() == "15":
            numbers = rest.split(",")
            chosen = numbers[3].strip() if len(numbers) > 3 else ""
            if chosen.isascii() and chosen.isdigit() and int(chosen[:4]) < len(_METHODS):
                method = _METHODS[int(chosen)]
        elif code.strip() == "30":
            tag, equals, name = rest.partition("=")
            if equals and tag.strip() and name.strip():
                files[tag.strip().lower()] = name.strip()
    return Settings(method, files)
