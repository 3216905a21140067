"""Forms of calls: PySD, which has structures of its own for these functions, takes the arguments in the same order."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from pysd.translators.vensim.vensim_structures import structures as vensim_structures
from pysd.translators.xmile.xmile_structures import structures as xmile_structures

from sdcluster.functions.forms import VENSIM, XMILE, Form
from sdcluster.functions.table import FUNCTIONS, find

# Our functions by PySD's structures; the fields of a structure are the arguments.
OURS = {
    "InitialStructure": "initial",
    "DelayStructure": "delay",
    "DelayNStructure": "delay n",
    "DelayFixedStructure": "delay fixed",
    "SmoothStructure": "smooth",
    "SmoothNStructure": "smooth n",
    "TrendStructure": "trend",
    "ForecastStructure": "forecast",
    "SampleIfTrueStructure": "sample if true",
    "AllocateAvailableStructure": "allocate available",
    "AllocateByPriorityStructure": "allocate by priority",
}
# XMILE's delays and smooths of an order that is an expression keep it.
XMILE_NAMES = {"delay n": "delay", "smooth n": "smooth"}


def places(form: Form) -> int:
    return 1 + max(p for p in form if isinstance(p, int))


def read(made: Any) -> tuple[str, list[Any]]:
    """Return our function and the arguments of a structure or call of PySD."""
    if type(made).__name__ == "CallStructure":
        return find(made.function.reference, len(made.arguments)).name, list(made.arguments)
    return OURS[type(made).__name__], [getattr(made, f.name) for f in fields(made)]


def expected(form: Form) -> list[Any]:
    parts = [f"argument {p}" if isinstance(p, int) else p for p in form[1:]]
    return [
        p for p in parts if p != float("inf")
    ]  # RAMP to the end of the run has 2 arguments in PySD


@pytest.mark.parametrize("name", VENSIM)
def test_vensim_forms_are_those_of_pysd(name: str) -> None:
    form = VENSIM[name]
    made = vensim_structures[name](*[f"argument {i}" for i in range(places(form))])
    assert read(made) == (form[0], expected(form))


@pytest.mark.parametrize(("name", "count"), [(n, c) for n, forms in XMILE.items() for c in forms])
def test_xmile_forms_are_those_of_pysd(name: str, count: int) -> None:
    theirs, form = xmile_structures[name], XMILE[name][count]
    make = theirs[count] if isinstance(theirs, dict) else theirs
    function, arguments = read(make(*[f"argument {i}" for i in range(count)]))
    assert (XMILE_NAMES.get(function, function), arguments) == (form[0], expected(form))


@pytest.mark.parametrize(
    "form", [*VENSIM.values(), *(f for fs in XMILE.values() for f in fs.values())]
)
def test_a_form_gives_a_function_the_arguments_that_it_takes(form: Form) -> None:
    least, most = FUNCTIONS[str(form[0])].arity
    assert least <= len(form) - 1 <= most
