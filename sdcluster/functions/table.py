"""The table of system-dynamics functions, with the names, arity, units and meaning of each function.

`FUNCTIONS` contains the rows, keyed by our name of the function, and `find(spelling)` returns the row for a spelling in
a model file. A row's meaning is usually a `template` or a `rewrite`. A template is an expression in the language of the
kernels that sdcluster generates. A rewrite is the name of a rule in `sdcluster.kernel.lower.expand` that turns a call
into stocks or memories. To add a function, add a row to the table and write a test.

A template may contain ``{0}``, ``{1}``, … (the arguments), ``{t}`` (time), ``{middle}`` and ``{step_start}`` (times in
the current step), ``{dt}``, ``{start}``, ``{stop}``, ``{eps}`` (tolerance for comparing times) and ``{tol}``. With
Euler's method, ``{tol}`` is half a step, as it is for STEP in Vensim and PySD. With other methods, ``{tol}`` equals
``{eps}``.
"""

from __future__ import annotations

import difflib
from typing import Literal

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.functions.function import Function
from sdcluster.functions.rows import ROWS
from sdcluster.functions.rows.refused import REFUSED
from sdcluster.messages import message

Language = Literal["XMILE", "Vensim"]
# Functions that have no row because the readers translate them. They are listed for typo suggestions.
STRUCTURES: dict[Language, frozenset[str]] = {
    "Vensim": frozenset(
        {
            "INTEG", "WITH LOOKUP", "ELMCOUNT", "SAMPLE UNTIL", "GAME", "DELAYP", "TIME BASE", "TIME SHIFT",
            "LOOKUP EXTRAPOLATE", "LOOKUP FORWARD", "LOOKUP BACKWARD", "LOOKUP INVERT", "SIMULTANEOUS",
            "X IF MISSING", "TABBED ARRAY",
        }
    ),
    "XMILE": frozenset({"LOOKUP"}),
}  # fmt: skip

FUNCTIONS: dict[str, Function] = {row.name: row for row in ROWS}
UNWRITTEN = "a function of"  # A FUNCTION OF lists the causes of a variable whose equation is not written yet
_BY_SPELLING = {spelling: row for row in ROWS for spelling in row.read_as}
ZERO_ARGUMENT = {s: row.name for row in ROWS if row.arity == (0, 0) for s in row.read_as}


def find(spelling: str, arguments: int, language: Language = "XMILE") -> Function:
    """Return the row of the function that a model file spells `spelling`.

    Parameters
    ----------
    spelling : str
    arguments : int
        Number of arguments in the call.
    language : {"XMILE", "Vensim"}
        Language of the model file, for messages.

    Raises
    ------
    ModelError
        If the function does not exist or the number of arguments is wrong.
    """
    row = _BY_SPELLING.get(spelling) or _own(spelling, arguments)
    shown = spelling.replace("_", " ").upper()
    if row is None:
        raise ModelError(_unknown(shown, arguments, language))
    least, most = row.arity
    if not least <= arguments <= most:
        raise ModelError(miscounted(shown, least, most, arguments))
    return row


def miscounted(shown: str, least: int, most: int, given: int) -> str:
    """Return the message for a wrong number of arguments."""
    expected = str(least) if least == most else message("functions.to", least=least, most=most)
    if most == 1:
        return message("functions.takes_argument", name=shown, expected=expected, given=given)
    return message("functions.takes_arguments", name=shown, expected=expected, given=given)


def spellings(language: Language) -> dict[str, Function]:
    """Return the rows of all functions that a language has, keyed by their names in that language, in upper case."""
    return {name: row for row in ROWS for name in names(row, language)}


def _equivalent(shown: str, arguments: int, other: Language, language: Language) -> str:
    """Return advice on what to write in `language` for a function that only the language `other` has."""
    rows = [r for r in ROWS if shown in names(r, other) and names(r, language)]
    fitting = [r for r in rows if r.arity[0] <= arguments <= r.arity[1]] or rows
    if not fitting:
        return message("functions.no_such_function", language=language)
    near = difflib.get_close_matches(shown, names(fitting[0], language), n=1, cutoff=0.0)[0]
    if language == "XMILE":
        return message("functions.write_in_xmile", near=near)
    return message("functions.write_in_vensim", near=near)


def names(row: Function, language: Language) -> list[str]:
    """Return the names of a function in a language, in upper case."""
    listed = row.vensim if language == "Vensim" else row.xmile
    return [name.strip() for name in listed.split(",") if name.strip()]


def _unknown(shown: str, arguments: int, language: Language) -> str:
    """Return the error message for a name that is not a function in this language."""
    refused = REFUSED.get(shown.lower().replace(" ", "_"))
    if refused:
        return message("functions.refused", name=shown, reason=refused())
    other: Language = "XMILE" if language == "Vensim" else "Vensim"
    own, foreign = spellings(language), spellings(other)
    if shown in own:
        least, most = own[shown].arity
        if not least <= arguments <= most:
            return miscounted(shown, least, most, arguments)
    if shown in foreign and shown not in own:
        instead = _equivalent(shown, arguments, other, language)
        if other == "Vensim":
            return message("functions.function_of_vensim", name=shown, instead=instead)
        return message("functions.function_of_xmile", name=shown, instead=instead)
    known = sorted((own.keys() | STRUCTURES[language]) - {shown})
    return message("functions.not_known", name=shown, hint=did_you_mean(shown, known))


def is_function(spelling: str) -> bool:
    """Whether a function of this name exists, whatever its number of arguments."""
    own = spelling.lower().removeprefix("vensim_").replace("_", " ")
    return spelling in _BY_SPELLING or own in FUNCTIONS


def _own(name: str, arguments: int) -> Function | None:
    """Return the row of a function that a model file calls by our own name.

    `sdcluster.write` uses such names in XMILE files for functions that XMILE lacks (``vensim_pulse``).
    """
    row = FUNCTIONS.get(name.lower().removeprefix("vensim_").replace("_", " "))
    return row if row and row.arity[0] <= arguments <= row.arity[1] else None
