"""Read the settings after the sketch of a Vensim file: integration method, unit synonyms, tags of files, calendar.

`read_settings(text)` returns the `Settings` that affect a run. Each line of the settings is a number, a colon and
values. Unknown lines are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sdcluster.messages import message
from sdcluster.model import Remark
from sdcluster.read.vensim.calendar import Calendar

MAX_LINES = 20_000

_MARK = re.compile(r":L\x7f?<%\^E!@[^\n]*\n")
# Vensim's name and our name of each integration method, indexed by Vensim's number.
_METHODS = (
    ("Euler", "euler"),
    ("RK4 Auto", "rk4"),
    ("Difference", "euler"),
    ("RK2 Auto", "rk2"),
    ("RK2 Fixed", "rk2"),
    ("RK4 Fixed", "rk4"),
)


@dataclass(frozen=True)
class Settings:
    """The settings of a Vensim file that affect a run.

    Parameters
    ----------
    method : {"euler", "rk2", "rk4"}
        Integration method, from the fourth value of line ``15:``. "Auto" methods use the fixed step TIME STEP.
    name : str
        Vensim's name of the method.
    files : mapping of str to str
        File names, keyed by tag, from lines such as ``30:?data=data.xlsx``.
    unit_aliases : tuple of (str, str)
        Pairs of a synonym and the unit that replaces it, from lines such as ``22:$,Dollar,Dollars``.
    calendar : Calendar
        The date at Time 0, from lines ``37:`` to ``40:``.
    """

    method: str = "euler"
    name: str = "Euler"
    files: Mapping[str, str] = field(default_factory=dict)
    unit_aliases: tuple[tuple[str, str], ...] = ()
    calendar: Calendar = field(default_factory=Calendar)


def read_settings(text: str) -> Settings:
    """Return the settings in the text of a file, or Vensim's defaults if the file has no settings."""
    mark = _MARK.search(text)
    if mark is None:
        return Settings()
    chosen, files = 0, {}
    aliases: list[tuple[str, str]] = []
    dates: dict[str, str] = {}
    for line in text[mark.end() :].split("\n", MAX_LINES)[:MAX_LINES]:
        code, _, rest = line.partition(":")
        if code.strip() == "15":
            numbers = rest.split(",")
            code = numbers[3].strip() if len(numbers) > 3 else ""
            if len(code) == 1 and code in "012345":
                chosen = int(code)
        elif code.strip() == "22":
            words = [word.strip() for word in rest.split(",") if word.strip()]
            aliases += [(word, words[0]) for word in words[1:]]
        elif code.strip() in ("37", "38", "39", "40"):
            dates[code.strip()] = rest
        elif code.strip() == "30":
            tag, equals, name = rest.partition("=")
            if equals and tag.strip() and name.strip():
                files[tag.strip().lower()] = name.strip()
    name, method = _METHODS[chosen]
    return Settings(method, name, files, tuple(aliases), Calendar().read(dates))


def remarks(settings: Settings) -> list[Remark]:
    """Return remarks on settings that sdcluster treats differently from Vensim."""
    done = {
        "RK4 Auto": message("read.vensim.vensim_runs_rk4"),
        "RK2 Auto": message("read.vensim.vensim_runs_rk2"),
        "Difference": message("read.vensim.vensim_runs_euler"),
    }.get(settings.name)
    if done is None:
        return []
    sentence = message(
        "read.vensim.settings_ask_integration_method", settings=settings.name, done=done
    )
    remedy = message("read.vensim.fine_if_halving_time")
    return [Remark(sentence, remedy=remedy)]
