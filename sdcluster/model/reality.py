"""Reality checks: consequences that a model must show under given conditions.

`sdcluster.read` creates `RealityCheck` and `TestInput` objects, and `sdcluster.checks` evaluates them. The concept and
the syntax are Vensim's (Peterson & Eberlein 1994, "Reality Check: a bridge between systems thinking and system
dynamics", System Dynamics Review 10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sdcluster.model.expression import Expression


@dataclass(frozen=True, slots=True)
class TestInput:
    """A named experiment that replaces the equation of a variable.

    Parameters
    ----------
    name : str
        As written in the file.
    text : str
        ``variable = expression``, in Vensim's language.
    subscripts : tuple of str
        Canonical names of the ranges or elements after the name.
    doc : str
        As written in the file.
    line : int or None
        Line of the statement in the file.
    """

    __test__: ClassVar[bool] = False  # keeps pytest from collecting the class

    name: str
    text: str
    subscripts: tuple[str, ...] = ()
    doc: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RealityCheck:
    """A rule about behaviour: if the condition is imposed, the consequence must hold.

    Parameters
    ----------
    name : str
        As written in the file.
    text : str
        ``condition :IMPLIES: consequence``, in Vensim's language.
    subscripts : tuple of str
        Canonical names of the ranges or elements after the check's name. The check is made for each element separately.
    condition, consequence : Expression or None
        Comparisons joined by ``and``, ``or``, ``not``; test inputs have the form ``variable = expression``. Functions
        of reality checks are calls such as ``rc step`` and ``rc step check``, which kernels do not implement. None if
        the text cannot be parsed.
    problem : str
        Why the check cannot be evaluated, or an empty text.
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
