"""The programs for which files can be written, because a program may not support the whole standard.

`READERS` contains the programs, keyed by the name that the argument `reader` accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sdcluster.model import Model, Variable
from sdcluster.model.expression import Call
from sdcluster.model.names import canonical
from sdcluster.write.equations import WORDS, EquationNotation, identifier
from sdcluster.write.parts import Writable, writables
from sdcluster.write.pysd_functions import with_known_calls
from sdcluster.write.pysd_notation import PysdNotation, quoted, taken_words
from sdcluster.write.pysd_parts import readable

# Names that are built-in in equations, and keywords (XMILE 1.0, sections 3.2.2.3 and 3.5.5).
_RESERVED = frozenset(("time", "dt", "starttime", "stoptime", "pi", "inf", "self", "nan")) | WORDS
# PySD replaces variables with these names by the values in <sim_specs>.
_CLOCK = {"initial time": "start", "final time": "stop", "time step": "dt", "saveper": "dt"}


class Reader:
    """A program that follows the XMILE standard."""

    notation: type[EquationNotation] = EquationNotation
    takes_half_ranges = True

    def prepared(self, model: Model) -> Model:
        """Return the model with the changes that the program requires before variables are written."""
        return model

    def variables(self, model: Model) -> list[Writable]:
        """Return all variables of a prepared model in forms that the program supports."""
        return writables(model)

    def reserved(self, model: Model) -> frozenset[str]:
        """Return the canonical names that variables in the file must not have."""
        return _RESERVED

    def name(self, variable: Variable) -> str:
        """Return the name of a variable for the file, without characters that the program cannot parse."""
        return variable.name

    def identifier(self, name: str) -> str:
        """Return a name of the file in the form used in equations."""
        return identifier(name)


class Pysd(Reader):
    """PySD's XMILE reader, which supports a part of the standard."""

    notation = PysdNotation
    takes_half_ranges = False

    def prepared(self, model: Model) -> Model:
        """Return the model with functions that PySD supports, and with blanks instead of underscores in subscripts.

        PySD replaces underscores by blanks in equations, but not in the definition of an element.
        """
        written = {key: shown.replace("_", " ") for key, shown in model.spellings.items()}
        return with_known_calls(replace(model, spellings=written))

    def variables(self, model: Model) -> list[Writable]:
        """Return all variables in forms that PySD supports."""
        return readable(writables(model, whole_arrays=False), model)

    def reserved(self, model: Model) -> frozenset[str]:
        """Return the names that variables must not have: those of the standard and those of PySD's functions.

        Names such as ``time step`` are included if the model uses them for something other than its time settings.
        """
        words = {word.replace("_", " ") for word in taken_words()}
        return _RESERVED | words | {name for name in _CLOCK if not _is_clock(model, name)}

    def name(self, variable: Variable) -> str:
        """Return the name without backslashes and with single quotes, because PySD treats ``"`` as part of a name."""
        return variable.name.replace("\\", "").replace('"', "'")

    def identifier(self, name: str) -> str:
        """Return a name of the file in the form used in PySD's equations."""
        return quoted(name)


def _is_clock(model: Model, name: str) -> bool:
    variable = model.variables.get(canonical(name))
    if variable is None:
        return True
    if name == "saveper" and model.time.saveper != model.time.dt:
        return False
    expressions = [e.expression for e in variable.equations]
    asked = Call(_CLOCK[name], ())
    return expressions == [asked]


READERS: Mapping[str, Reader] = {"standard": Reader(), "pysd": Pysd()}
