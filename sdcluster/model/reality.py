"""Reality checks: what must follow in a model when something is made to happen in it.

Crosses the border: `RealityCheck` and `TestInput`, made by `sdcluster.read`, judged by `sdcluster.checks`. The idea
and the words are Vensim's (Peterson & Eberlein 1994, "Reality Check: a bridge between systems thinking and system
dynamics", System Dynamics Review 10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sdcluster.model.expression import Expression


@dataclass(frozen=True, slots=True)
class TestInput:
    """A named experiment: another equation for a variable of the model.

    Parameters
    ----------
    name : str
        As written in the file.
    text : str
        ``variable = expression``, in Vensim's language.
    subscripts : tuple of str
        Canonical names of the ranges or elements behind its name.
    doc : str
        As written in the file.
    line : int or None
        Line of the statement in the file.
    """

    __test__: ClassVar[bool] = False  # for pytest: no class of tests

    name: str
    text: str
    subscripts: tuple[str, ...] = ()
    doc: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RealityCheck:
    """A rule about behaviour: when the condition is made true, the consequence must be.

    Parameters
    ----------
    name : str
        As written in the file.
    text : str
        ``condition :IMPLIES: consequence``, in Vensim's language.
    subscripts : tuple of str
        Canonical names of the ranges or elements behind its name; the check holds for each element alone.
    condition, consequence : Expression or None
        Comparisons joined by ``and``, ``or``, ``not``; test inputs have the form ``variable = expression``. The
        functions of reality checks are calls named like ``rc step`` and ``rc step check``, which no kernel knows. None
        where the text cannot be understood.
    problem : str
        Why it cannot be judged, or an empty text.
    doc : str
        As written in the file.
    line : int or None
        Line of the statement in the file.
    """

    name: str
    text: str
    subscripts: tuple[str, ...] = ()
    condition: Expression | None = None
    consequence: Expression | None = None
    problem: str = ""
    doc: str = ""
    line: int | None = None
