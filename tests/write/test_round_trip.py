"""What is written reads as the same model: equal trajectories for every file that can be read."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sdcluster
from benchmarks.suite import ENDINGS, ROOT, SUITE, refusal
from sdcluster import ModelError
from sdcluster.model import Dimension, Equation, Model, TimeSettings, Variable
from sdcluster.model.expression import (
    Array,
    Binary,
    Call,
    ElementIndex,
    Lookup,
    Number,
    Reference,
    Table,
)
from sdcluster.model.names import canonical
from sdcluster.write.xmile import xmile_text

FILES = sorted(p for p in SUITE.rglob("*") if p.suffix.lower() in ENDINGS)
HASHES = itertools.count()  # compiled models are kept by hash
OURS = sorted(ROOT.glob("models/*/*.xmile"))


def run(model: Model) -> xr.Dataset:
    return sdcluster.simulate(model, method="euler", backend="python")


def assert_same_trajectories(model: Model, again: Model, rtol: float = 1e-9) -> None:
    before, after = run(model), run(again)
    names = {canonical(str(n)): n for n in after.data_vars}
    for name in before.data_vars:
        assert canonical(str(name)) in names, name
        ours, theirs = before[name].to_numpy(), after[names[canonical(str(name))]].to_numpy()
        np.testing.assert_allclose(theirs, ours, rtol=rtol, atol=1e-12, err_msg=str(name))


@pytest.mark.parametrize("file", FILES + OURS, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_suite(file: Path, tmp_path: Path) -> None:
    if refusal(file):
        with pytest.raises(ModelError, match=refusal(file)):
            run(sdcluster.load(file))
        return
    model = sdcluster.load(file)
    again = sdcluster.load(model.to_xmile(tmp_path / "copy.xmile"))
    assert_same_trajectories(model, again)


@pytest.mark.parametrize("file", OURS, ids=lambda p: p.parent.name)
def test_our_own_files_come_back_whole(file: Path, tmp_path: Path) -> None:
    model = sdcluster.load(file)
    again = sdcluster.load(model.to_xmile(tmp_path / "copy.xmile"))
    for key, variable in model.variables.items():
        assert dataclasses.replace(again.variables[key], line=None) == dataclasses.replace(
            variable, line=None
        )
    assert (again.time, again.view, again.name, again.doc) == (
        model.time,
        model.view,
        model.name,
        model.doc,
    )
    twice = again.to_xmile(tmp_path / "twice.xmile")
    assert twice.read_bytes() == (tmp_path / "copy.xmile").read_bytes()


def small(*variables: Variable, dimensions: tuple[Dimension, ...] = ()) -> Model:
    return Model(
        "m",
        Path("m.mdl"),
        str(next(HASHES)),
        {v.key: v for v in variables},
        TimeSettings(0, 5, 0.5, 1.0),
        dimensions=dimensions,
    )


def back(model: Model, folder: Path) -> Model:
    again = sdcluster.load(model.to_xmile(folder / "copy.xmile"))
    assert_same_trajectories(model, again)
    return again


def constant(name: str, value: float) -> Variable:
    return Variable(name, "constant", (Equation(Number(value)),))


def test_net_flow_that_is_no_sum_of_flows_becomes_a_flow(tmp_path: Path) -> None:
    net = Binary("-", Number(3.0), Binary("*", Reference("rate"), Reference("level")))
    model = small(Variable("level", "stock", (Equation(net, Number(1.0)),)), constant("rate", 0.5))
    again = back(model, tmp_path)
    assert again["level"].inflows == ("net flow of level",)


def test_auxiliaries_in_a_net_flow_become_flows(tmp_path: Path) -> None:
    net = Binary("-", Reference("births"), Reference("deaths"))
    model = small(
        Variable("level", "stock", (Equation(net, Number(1.0)),)),
        Variable("births", "auxiliary", (Equation(Binary("*", Number(2.0), Reference("level"))),)),
        Variable("deaths", "auxiliary", (Equation(Binary("*", Number(0.5), Reference("level"))),)),
    )
    again = back(model, tmp_path)
    assert (again["level"].inflows, again["level"].outflows) == (("births",), ("deaths",))
    assert again["births"].kind == "flow"


def test_table_in_the_midst_of_an_equation_gets_a_name(tmp_path: Path) -> None:
    table = Table((0.0, 1.0, 4.0), (0.0, 3.0, 5.0), "extrapolate")
    model = small(
        Variable(
            "a", "auxiliary", (Equation(Binary("+", Number(1.0), Lookup(table, Call("time", ())))),)
        ),
        Variable("b", "auxiliary", (Equation(Lookup(table, Call("time", ()))),)),
    )
    again = back(model, tmp_path)
    assert "a table" in again
    assert "b table" not in again


REGION = Dimension("region", ("north", "south", "west"))
COAST = Dimension("coast", ("south", "west"))
AGE = Dimension("age", ("young", "old"))


def array(
    name: str, dimensions: tuple[str, ...], *equations: Equation, kind: str = "auxiliary"
) -> Variable:
    return Variable(name, kind, equations, dimensions=dimensions)  # type: ignore[arg-type]


def test_arrays_by_parts_with_exceptions_lists_and_positions(tmp_path: Path) -> None:
    a, b, c = (
        Reference("a", ("region",)),
        Reference("b", ("coast", "old")),
        Reference("c", ("region",)),
    )
    young = Call("sum", (Reference("b", ("region!", "young")),))
    model = small(
        array("a", ("region",), Equation(Array((1.0, 2.0, 3.0), (3,)), None, ("region",))),
        array(
            "b",
            ("region", "age"),
            Equation(
                Binary("*", a, Call("time", ())), None, ("region", "age"), (("north", "old"),)
            ),
            Equation(Number(7.0), None, ("north", "old")),
        ),
        array(
            "c",
            ("region",),
            Equation(Binary("+", ElementIndex("coast"), b), None, ("coast",)),
            Equation(young, None, ("north",)),
        ),
        array("d", ("region",), Equation(a, c, ("region",)), kind="stock"),
        dimensions=(REGION, COAST, AGE),
    )
    again = back(model, tmp_path)
    assert again["d"].dimensions == ("region",)
    assert len(again["b"].equations) == 6


def test_mapped_dimensions_are_resolved(tmp_path: Path) -> None:
    shop = Dimension("shop", ("one", "two"), (("age", ("old", "young")),))
    model = small(
        Variable(
            "wealth",
            "auxiliary",
            (Equation(Array((1.0, 5.0), (2,)), None, ("age",)),),
            dimensions=("age",),
        ),
        Variable(
            "sales",
            "auxiliary",
            (Equation(Reference("wealth", ("age",)), None, ("shop",)),),
            dimensions=("shop",),
        ),
        dimensions=(AGE, shop),
    )
    again = back(model, tmp_path)
    assert run(again)["sales"].to_numpy()[0].tolist() == [5.0, 1.0]


def test_text_with_markup_and_control_characters_is_text(tmp_path: Path) -> None:
    doc = 'a < b & "c" ]]> <script/> \x00\x0b end'
    model = small(dataclasses.replace(constant("a", 1.0), doc=doc, units="<b>&"))
    again = back(model, tmp_path)
    assert again["a"].doc == doc.replace("\x00", " ").replace("\x0b", " ")
    assert again["a"].units == "<b>&"


def test_nothing_is_written_where_something_cannot_be_said(tmp_path: Path) -> None:
    target = tmp_path / "copy.xmile"
    target.write_text("old")
    listed = Variable("a", "auxiliary", (Equation(Binary("+", Array((1.0,), (1,)), Number(1.0))),))
    with pytest.raises(
        ModelError,
        match=r'"a" cannot be written as XMILE: an XMILE equation cannot contain a list of numbers',
    ):
        small(listed).to_xmile(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_written_files_are_plain_xmile() -> None:
    text = xmile_text(sdcluster.load(ROOT / "models" / "cluster")).decode()
    assert text.startswith("<?xml")
    assert 'xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"' in text
