"""Elements that the reader does not know are named, never dropped in silence."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import sdcluster
from sdcluster.lint import lint
from sdcluster.read.xmile.unknown import SYNONYMS

NAMESPACES = (
    'xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" xmlns:isee="http://iseesystems.com/XMILE" '
    'xmlns:sdc="https://sdcluster.org/ns/1" xmlns:other="http://other.example/"'
)
FILE = """<xmile version="1.0" {names}>
<header><vendor>v</vendor>{header}</header>
<sim_specs><start>0</start><stop>2</stop><dt>1</dt>{specs}</sim_specs>
{top}
<model>{model}<variables>
<aux name="a"><eqn>3</eqn>{aux}</aux>
<stock name="s"><eqn>1</eqn><inflow>f</inflow>{stock}</stock><flow name="f"><eqn>a</eqn></flow>
{variables}
</variables></model>
</xmile>"""
PARTS = ("header", "specs", "top", "model", "aux", "stock", "variables")


@pytest.fixture
def file(tmp_path: Path):
    def write(**parts: str) -> Path:
        path = tmp_path / "m.xmile"
        texts = dict.fromkeys(PARTS, "") | parts
        path.write_text(FILE.format(names=NAMESPACES, **texts), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("part", "line", "where"),
    [
        ("header", 2, "<header>"),
        ("specs", 3, "<sim_specs>"),
        ("top", 4, "<xmile>"),
        ("model", 5, "<model>"),
        ("aux", 6, '<aux> "a"'),
        ("stock", 7, '<stock> "s"'),
        ("variables", 8, "<variables>"),
    ],
)
def test_an_unknown_element_is_named_with_its_line(file, part: str, line: int, where: str) -> None:
    path = file(**{part: "<odd>1</odd>"})
    with pytest.warns(
        sdcluster.ModelWarning, match=f"<odd> in {where} is unknown and was not read"
    ):
        model = sdcluster.load(path)
    (finding,) = lint(model, rules=["fixed"])
    assert finding.line == line
    assert "<odd>" in finding.sentence


def test_elements_inside_known_ones_are_named_too(file) -> None:
    path = file(
        aux="<gf><xpts>0,1</xpts><ypts>0,1</ypts><ztps/></gf>",
        stock="<conveyor><len>2</len><speed>1</speed></conveyor>",
        top='<dimensions><dim name="d"><elem name="x"/><member name="y"/></dim></dimensions>',
    )
    with pytest.warns(sdcluster.ModelWarning):
        model = sdcluster.load(path)
    named = " ".join(r.sentence for r in model.remarks)
    assert all(f"<{tag}> in <{parent}>" in named for tag, parent in
               (("ztps", "gf"), ("speed", "conveyor"), ("member", "dim")))  # fmt: skip


def test_many_of_a_kind_are_one_finding(file) -> None:
    path = file(aux="<odd/>" * 30)
    with pytest.warns(sdcluster.ModelWarning, match="and 29 others like it"):
        assert len(sdcluster.load(path).remarks) == 1


@pytest.mark.parametrize("tag", sorted(SYNONYMS))
def test_what_plainly_defines_a_variable_is_read(file, tag: str) -> None:
    path = file(
        variables=f'<{tag} name="my k"><eqn>7</eqn></{tag}><aux name="b"><eqn>2 * my_k</eqn></aux>'
    )
    with pytest.warns(sdcluster.ModelWarning, match=f'XMILE has no <{tag}>, so "my k" was read as'):
        model = sdcluster.load(path)
    kinds = {"aux": "constant", "stock": "stock", "flow": "flow"}
    assert model["my k"].kind == kinds[SYNONYMS[tag]]
    assert sdcluster.simulate(model, method="euler")["b"].values[0] == 14


@pytest.mark.parametrize("written", [">7</constant>", ' value="7"/>'])
def test_a_constant_may_hold_its_number_itself(file, written: str) -> None:
    with pytest.warns(sdcluster.ModelWarning):
        assert sdcluster.load(file(variables=f'<constant name="k"{written}'))["k"].value == 7


def test_an_unknown_element_that_defines_a_variable_is_an_error(file) -> None:
    path = file(variables='<gadget name="k"><eqn>7</eqn></gadget>')
    with pytest.raises(sdcluster.ModelError, match='"k" is defined by <gadget>') as caught:
        sdcluster.load(path)
    assert caught.value.line == 8


def test_elements_of_other_programs_are_named_by_lint_alone(file) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", sdcluster.ModelWarning)
        model = sdcluster.load(file(aux="<other:magic>2</other:magic>"))
    (finding,) = lint(model, rules=["fixed"])
    assert '<magic> of "http://other.example/" in <aux> "a"' in finding.sentence
    assert finding.line == 6


def test_known_marks_screens_and_views_are_passed_over(file) -> None:
    model = sdcluster.load(
        file(
            top="<isee:prefs><odd/></isee:prefs><style><odd/></style>",
            aux="<isee:delay_aux/><sdc:label>x</sdc:label>",
            model="<views><view><odd/></view></views><interface><odd/></interface>",
            variables="<isee:dependencies/>",
        )
    )
    assert not model.remarks
