"""The one table of functions: a row for each system-dynamics function, with its names, arity, units and meaning.

Crosses the border: `FUNCTIONS` (by our name) and `find(pysd_name)`. A row's meaning is either a
`template`, an expression in the printed kernel's language, or a `rewrite`, the name of a rule in
`sdcluster.compile.program` that turns a call into stocks or memories. Adding a function is adding
a row and a test.

Templates may use ``{0}``, ``{1}``, … (arguments), ``{t}`` (time), ``{dt}``,
``{start}``, ``{stop}``, ``{eps}`` (rounding slack for comparing times) and ``{tol}`` (the same, but half a step with
Euler, as Vensim and PySD do for STEP).
"""

from __future__ import annotations

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model.expression import Expression, Number
from sdcluster.model.function import Function
from sdcluster.model.function_rows import ROWS
from sdcluster.model.function_rows.devices import REFUSED

FUNCTIONS: dict[str, Function] = {row.name: row for row in ROWS}
UNWRITTEN = "a function of"  # an equation that names its causes alone
_BY_PYSD = {spelling: row for row in ROWS for spelling in row.pysd}
ZERO_ARGUMENT = {s: row.name for row in ROWS if row.arity == (0, 0) for s in row.pysd}


def find(pysd_name: str, arguments: int) -> Function:
    """Return the row for a function by the name that PySD's parsers give it.

    Raises
    ------
    ModelError
        If there is no such function, or it takes another number of arguments.
    """
    row = _BY_PYSD.get(pysd_name) or _own(pysd_name, arguments)
    shown = pysd_name.replace("_", " ").upper()
    if row is None:
        names = sorted(
            {s.strip() for r in ROWS for s in (r.xmile + "," + r.vensim).split(",") if s.strip()}
        )
        if pysd_name.lower() in REFUSED:
            raise ModelError(f"{shown} {REFUSED[pysd_name.lower()]}")
        raise ModelError(
            f"{shown} is not a function that sdcluster knows{did_you_mean(shown, names)}"
        )
    least, most = row.arity
    if not least <= arguments <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise ModelError(f"{shown} takes {expected} arguments, but was given {arguments}")
    return row


def complete(row: Function, arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """Return the arguments of a call with the row's defaults for those that it leaves out."""
    missing = row.arity[1] - len(arguments)
    if not row.defaults or missing == 0:
        return arguments
    return arguments + tuple(Number(v) for v in row.defaults[len(row.defaults) - missing :])


def is_function(pysd_name: str) -> bool:
    """Whether there is a function of this name, whatever number of arguments it takes."""
    own = pysd_name.lower().removeprefix("vensim_").replace("_", " ")
    return pysd_name in _BY_PYSD or own in FUNCTIONS


def _own(name: str, arguments: int) -> Function | None:
    """Return the row by our own name, as `sdcluster.write` spells what XMILE lacks (``vensim_pulse``)."""
    row = FUNCTIONS.get(name.lower().removeprefix("vensim_").replace("_", " "))
    return row if row and row.arity[0] <= arguments <= row.arity[1] else None
