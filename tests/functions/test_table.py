"""The table of functions is the one place that knows them: what others need to know follows from its rows."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.functions.function import Function
from sdcluster.functions.table import FUNCTIONS

PACKAGE = Path(sdcluster.__file__).parent

# Tables that say what a function does in another form than the kernel's; each needs the functions that it has.
MEANINGS = {
    ("kernel/kernel.py", "Python's mathematics"),
    (
        "kernel/lower/expressions.py",
        "sums over elements as loops; the head of the vector of parameters",
    ),
    ("kernel/lower/orders.py", "the clock"),
    ("kernel/lower/templates.py", "the clock"),
    ("kernel/lower/reads.py", "numpy, for subscripts"),
    ("kernel/lower/rules_random.py", "how each distribution takes its arguments"),
    ("kernel/ir.py", "Python's own functions"),
    ("model/clock.py", "numbers of the clock, before there is a kernel; the clock"),
    ("read/xmile/arrays.py", "lists of numbers, and elements outside a range"),
    ("read/xmile/linked.py", "the clock"),
    ("read/vensim/queues.py", "arguments that are profiles"),
    ("read/vensim/series.py", "statistics of a series by number"),
    ("project/lab_file.py", "bounds and step of a slider"),
    ("run/state.py", "the clock"),
    ("study/design.py", "distributions of a design, which are those of scipy"),
    ("view/tables.py", "heads of columns"),
    ("write/pysd_functions.py", "what PySD lacks, by what it has"),
    ("write/pysd_notation.py", "the clock"),
    ("write/xmile.py", "the clock"),
}


def listed(file: Path) -> list[list[str]]:
    """Return the lists, sets and keys in a file that are mostly names of functions, three or more."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        entries = (
            node.elts
            if isinstance(node, ast.Set | ast.List | ast.Tuple)
            else node.keys
            if isinstance(node, ast.Dict)
            else []
        )
        texts = [
            e.value for e in entries if isinstance(e, ast.Constant) and isinstance(e.value, str)
        ]
        names = [t for t in texts if t.replace("_", " ").lower() in FUNCTIONS]
        if len(names) >= 3 and len(names) >= 0.6 * len(texts):
            found.append(names)
    return found


def test_no_other_file_lists_functions():
    known = {place for place, _ in MEANINGS}
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        place = file.relative_to(PACKAGE).as_posix()
        if not place.startswith("functions/") and place not in known and (lists := listed(file)):
            found[place] = lists
    assert found == {}


def test_every_field_of_a_row_is_explained():
    explained = Function.__doc__ or ""
    names = [field.name for field in fields(Function)]
    assert [n for n in names if not re.search(rf"\b{n}\b.* : ", explained)] == []


@pytest.mark.parametrize(
    "row", [r for r in FUNCTIONS.values() if r.order_at >= 0], ids=lambda r: r.name
)
def test_the_order_is_one_of_the_arguments(row):
    assert row.order_at < row.arity[1]


@pytest.mark.parametrize(
    "row", [r for r in FUNCTIONS.values() if r.over_array], ids=lambda r: r.name
)
def test_the_function_over_arrays_makes_one_number_of_them(row):
    assert FUNCTIONS[row.over_array].aggregate


def test_a_new_function_of_points_needs_a_row_and_a_library_function_only(tmp_path, monkeypatch):
    from sdcluster.read.vensim import series

    row = Function(
        "lookup height",
        "",
        "LOOKUP HEIGHT",
        ("lookup_height",),
        (1, 1),
        "free",
        points="lookup_inverse",
    )
    monkeypatch.setitem(FUNCTIONS, "lookup height", row)
    monkeypatch.setitem(series._OF_POINTS, "lookup height", row)
    file = tmp_path / "new.mdl"
    clock = "INITIAL TIME=0~~|\nFINAL TIME=1~~|\nTIME STEP=1~~|\nSAVEPER=1~~|\n"
    file.write_text(
        "{UTF-8}\ncurve((0,0),(10,5))~~|\nx=LOOKUP HEIGHT(curve, 2)~~|\n" + clock, encoding="utf-8"
    )
    assert sdcluster.simulate(file, backend="python")["x"].values.tolist() == [4, 4]
    file.write_text(
        "{UTF-8}\ncurve((0,0),(10,5))~~|\nx=LOOKUP HEIGHT(curve)~~|\n" + clock, encoding="utf-8"
    )
    with pytest.raises(
        ModelError, match="LOOKUP HEIGHT takes a lookup or data variable, and 1 number"
    ):
        sdcluster.load(file)
