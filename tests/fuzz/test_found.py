"""What the long runs have found: each input once broke something."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mutations import VENSIM, XMILE, Watch, attempt

FOUND = [
    ("endless order", ".mdl", VENSIM.format("DELAY N(b, 0.5 + Time, 1, 99999999999)"), ""),
    ("empty XML", ".xmile", "\x00", "not XML"),
    (
        "braces in a namespace",
        ".xmile",
        XMILE.format("b").replace("http://", "ht${HOME}//"),
        "namespace",
    ),
    ("ramp without end", ".mdl", VENSIM.format("RAMP(1, 0)"), "RAMP takes 3 arguments"),
    (
        "name for a file",
        ".mdl",
        VENSIM.format("GET XLS DATA('x.xlsx', 'A', b, 'C2')"),
        "texts in single quotes",
    ),
    (
        "name for a cell",
        ".mdl",
        VENSIM.format("GET DIRECT CONSTANTS('x.csv', ',', b)"),
        "texts in single quotes",
    ),
    ("infinite order", ".xmile", XMILE.format("SMTHN(TIME, 2, INF)"), "whole number from 1"),
    ("infinite way", ".mdl", VENSIM.format("DELAY FIXED(Time, 1e400, 0)"), ""),
    (
        "infinite action",
        ".mdl",
        VENSIM.format("VECTOR SELECT(c[d!], c[d!], 0, 1e400, 0)"),
        "numerical action",
    ),
    ("infinite place", ".mdl", VENSIM.format("VECTOR ELM MAP(c[x], 1e400)"), ""),
    ("a number as a curve", ".xmile", XMILE.format("LOOKUP(b, 1)"), ""),
]


@pytest.mark.parametrize(("name", "suffix", "content", "word"), FOUND, ids=[f[0] for f in FOUND])
def test_found(name: str, suffix: str, content: str, word: str, watch: Watch, folder: Path) -> None:
    outcome, what = attempt(folder / f"found{suffix}", content.encode(), watch)
    assert outcome in ("refused", "ran", "stopped"), what
    assert word in what


def test_places_outside_a_row_have_no_value(watch: Watch, folder: Path) -> None:
    text = VENSIM.format("1") + "k[d] = 7, 0 ~~|\ny[d] = VECTOR REORDER(c[d], k[d]) ~~|\n"
    outcome, _ = attempt(folder / "found.mdl", text.encode(), watch)
    assert outcome in ("ran", "stopped")
