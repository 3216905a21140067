"""Random arrays: a model runs if and only if no element needs itself, and gives what element by element gives."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sdcluster

KINDS = ("k1", "k2", "k3", "k4")
RANGES = {
    "kind": KINDS,
    "low": ("k1", "k2"),
    "mid": ("k2", "k3"),
    "high": ("k3", "k4"),
    "up": ("k2", "k3", "k4"),
    "down": ("k1", "k2", "k3"),
} | {k: (k,) for k in KINDS}
SPLITS = [["kind"], ["low", "high"], ["k1", "up"], ["down", "k4"], ["k1", "mid", "k4"], list(KINDS)]
HEAD = "".join(
    f"{name}: {', '.join(elements)}{' -> down' if name == 'up' else ''} ~~|\n"
    for name, elements in RANGES.items()
    if name not in KINDS
)


class Term(NamedTuple):
    """One thing that an equation reads: a variable, how, and at which subscript."""

    variable: str
    how: str
    at: str

    @property
    def text(self) -> str:
        if self.how in ("SUM", "VMAX"):
            return f"{self.how}({self.variable}[{self.at}!])"
        return f"{self.variable}[{self.at}]"

    def cells(self, left: str, element: str) -> list[tuple[str, str]]:
        """Return what the equation of one element of the left side reads."""
        if self.how == "same":
            return [(self.variable, element)]
        if self.how == "before":
            return [(self.variable, KINDS[KINDS.index(element) - 1])]
        return [(self.variable, e) for e in RANGES[self.at]]

    def value(self, values: list[float]) -> float:
        return max(values) if self.how == "VMAX" else sum(values)


@st.composite
def models(draw: st.DrawFn) -> dict[tuple[str, str], list[Term]]:
    """Draw equations by left side: variable and subscript."""
    found = {}
    for variable in ("x", "y", "z"):
        for left in draw(st.sampled_from(SPLITS)):
            terms = []
            for _ in range(draw(st.integers(0, 2))):
                other = draw(st.sampled_from(("x", "y", "z")))
                hows = ["same", "SUM", "VMAX", "one"] + (["before"] * 2 if left == "up" else [])
                how = draw(st.sampled_from(hows))
                ranges = KINDS if how == "one" else [r for r in RANGES if r not in KINDS]
                at = {"same": left, "before": "down"}.get(how) or draw(st.sampled_from(ranges))
                terms.append(Term(other, how, at))
            found[variable, left] = terms
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(equations=models())
def test_a_model_runs_if_no_element_needs_itself(
    equations: dict[tuple[str, str], list[Term]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.mdl"
    lines = [
        f"{variable}[{left}] = {' + '.join(['1 + Time', *(t.text for t in terms)])} ~~|\n"
        for (variable, left), terms in equations.items()
    ]
    clock = "INITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"
    path.write_text("{UTF-8}\n" + HEAD + "".join(lines) + clock, encoding="utf-8")
    of = {(v, e): (left, terms) for (v, left), terms in equations.items() for e in RANGES[left]}

    @cache
    def value(cell: tuple[str, str], time: int) -> float:
        left, terms = of[cell]
        read = [t.value([value(c, time) for c in t.cells(left, cell[1])]) for t in terms]
        return 1 + time + sum(read)

    try:
        expected = [[[value((v, k), t) for k in KINDS] for t in (0, 1)] for v in ("x", "y", "z")]
    except RecursionError:
        with pytest.raises(sdcluster.ModelError, match="cycle"):
            sdcluster.simulate(path, backend="python")
        return
    run = sdcluster.simulate(path, backend="python")
    assert [run[v].values.tolist() for v in ("x", "y", "z")] == expected
