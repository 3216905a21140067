"""A stock that may not fall below zero holds its outflows back, also after it was written and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster

HEAD = """<?xml version="1.0"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><vendor>test</vendor><product version="1">test</product></header>
<sim_specs><start>0</start><stop>4</stop><dt>1</dt></sim_specs>
<dimensions><dim name="d"><elem name="p"/><elem name="q"/></dim>
<dim name="e"><elem name="x"/><elem name="y"/></dim></dimensions>
<model><variables>"""
TAIL = "</variables></model></xmile>"


def axes(names: str) -> str:
    dims = "".join(f'<dim name="{n}"/>' for n in names)
    return f"<dimensions>{dims}</dimensions>" if dims else ""


def tank(names: str, *outflows: str, elements: dict[str, int] | None = None) -> str:
    parts = (elements or {}).items()
    start = "".join(f'<element subscript="{e}"><eqn>{v}</eqn></element>' for e, v in parts)
    ways = "<inflow>filling</inflow>" + "".join(f"<outflow>{f}</outflow>" for f in outflows)
    return (
        f'<stock name="tank">{axes(names)}{start or "<eqn>10</eqn>"}{ways}<non_negative/></stock>'
    )


def flow(name: str, names: str, equation: str, inside: str = "") -> str:
    return f'<flow name="{name}">{axes(names)}<eqn>{equation}</eqn>{inside}</flow>'


@pytest.mark.parametrize(
    "body",
    [
        tank("", "out") + flow("filling", "", "1") + flow("out", "", "7"),
        tank("d", "out") + flow("filling", "d", "1") + flow("out", "d", "7"),
        tank("d", "out", elements={"p": 10, "q": 4}) + flow("filling", "d", "1") + flow("out", "d", "7"),
        tank("", "out") + flow("filling", "", "1") + flow("out", "d", "7"),
        tank("d", "out") + flow("filling", "", "1") + flow("out", "d", "7"),
        tank("d", "out", "spill") + flow("filling", "d", "1") + flow("out", "d", "7") + flow("spill", "", "1"),
        tank("de", "out", "spill") + flow("filling", "d", "1") + flow("out", "de", "7") + flow("spill", "e", "1"),
        tank("d", "out", "spill", elements={"p": 10, "q": 4})
        + flow("filling", "d", "1") + flow("out", "d", "7") + flow("spill", "de", "1"),
    ],
)  # fmt: skip
def test_limits_of_arrays_survive(tmp_path: Path, body: str) -> None:
    file = tmp_path / "m.xmile"
    file.write_text(HEAD + body + TAIL)
    model = sdcluster.load(file)
    again = sdcluster.load(model.to_xmile(tmp_path / "again.xmile"))
    assert again["tank"].outflows == model["tank"].outflows
    assert again["tank"].non_negative
    before, after = sdcluster.simulate(model), sdcluster.simulate(again)
    for name in before.data_vars:
        np.testing.assert_array_equal(after[name], before[name])


def test_limits_that_xmile_cannot_say_are_an_error(tmp_path: Path) -> None:
    file = tmp_path / "m.xmile"
    inflow = flow("filling", "", "1", "<multiplier>2</multiplier>")
    file.write_text(HEAD + tank("", "out") + inflow + flow("out", "", "7") + TAIL)
    model = sdcluster.load(file)
    with pytest.raises(
        sdcluster.ModelError, match='"tank" cannot be written as XMILE, because it limits'
    ):
        model.to_xmile(tmp_path / "again.xmile")
    assert not (tmp_path / "again.xmile").exists()
