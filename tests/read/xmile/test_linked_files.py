"""Modules in files of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.lint import lint
from sdcluster.model.graph import causal_graph
from sdcluster.publish import write_page

NAMESPACE = ' xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" xmlns:isee="http://iseesystems.com/XMILE"'
SPECS = "<sim_specs><start>0</start><stop>2</stop><dt>1</dt></sim_specs>"


def write(folder: Path, name: str, inside: str, namespace: str = NAMESPACE, **more: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    head = more.get("head", "<header/>") + more.get("specs", SPECS) + more.get("before", "")
    file.write_text(f'<xmile version="1.0"{namespace}>\n{head}\n{inside}</xmile>', encoding="utf-8")
    return file


def model(variables: str, name: str = "", attributes: str = "") -> str:
    named = f' name="{name}"' if name else ""
    return f"<model{named}{attributes}>\n<variables>\n{variables}\n</variables></model>\n"


def aux(name: str, equation: str, inside: str = "") -> str:
    return f'<aux name="{name}"><eqn>{equation}</eqn>{inside}</aux>\n'


DOUBLE = aux("Input", "0").replace("<aux", '<aux access="input"') + aux("Output", "Input * 2")
CONNECT = '<connect to="part.Input" from=".a"/>'


def main(link: str, *, connect: str = CONNECT, after: str = "") -> str:
    module = f'<module name="part" {link}>{connect}</module>\n'
    return model(module + aux("a", "3") + aux("b", "part.Output")) + after


def last(file: Path, name: str = "b") -> float:
    return float(sdcluster.simulate(file, method="euler")[name].values[-1])


@pytest.mark.parametrize(
    ("link", "after"),
    [
        ('resource="part.xmile"', ""),
        ('resource="./part.xmile"', ""),
        ('url="part.xmile"', ""),
        ('isee:url="part.xmile"', ""),
        ('resource="file:part.xmile"', ""),
        ('resource="PART.xmile"', ""),
        ('resource="part.xmile" model="doubling"', ""),
        ('model="linked"', '<model name="linked" url="part.xmile"/>'),
        ("", '<model name="part" isee:resource="part.xmile"><views/></model>'),
    ],
)
@pytest.mark.parametrize(
    "inside", [model(DOUBLE), model(DOUBLE, "doubling"), model(DOUBLE, "part")]
)
def test_a_module_is_read_from_its_file(tmp_path: Path, link: str, after: str, inside: str) -> None:
    if "doubling" in link and "doubling" not in inside:
        inside = model(aux("Output", "0")) + model(DOUBLE, "doubling")
    write(tmp_path, "part.xmile", inside)
    assert last(write(tmp_path, "m.xmile", main(link, after=after))) == 6


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.systemdynamics.org/XMILE"'])
def test_a_linked_file_may_have_another_namespace(tmp_path: Path, namespace: str) -> None:
    write(tmp_path, "part.xmile", model(DOUBLE), namespace)
    assert last(write(tmp_path, "m.stmx", main('resource="part.xmile"'))) == 6


def test_files_link_files_from_their_own_folders(tmp_path: Path) -> None:
    inner = '<module name="deep" resource="my%20inner/deep.xmile"><connect to="Input" from=".Input"/></module>'
    write(
        tmp_path, "parts/part.xmile", model(DOUBLE.replace("Input * 2", "deep.Output + 1") + inner)
    )
    write(tmp_path, "parts/my inner/deep.xmile", model(DOUBLE))
    file = write(tmp_path, "m.xmile", main('resource="parts/part.xmile"'))
    loaded = sdcluster.load(file)
    assert "part.deep.Output" in loaded
    assert last(file) == 7


def test_two_modules_may_share_a_file(tmp_path: Path) -> None:
    write(tmp_path, "part.xmile", model(DOUBLE))
    two = "".join(
        f'<module name="{n}" resource="part.xmile"><connect to="Input" from="{n} in"/></module>{aux(n + " in", v)}'
        for n, v in (("p", "5"), ("q", "7"))
    )
    file = write(tmp_path, "m.xmile", model(two + aux("b", "p.Output * 100 + q.Output")))
    assert last(file) == 1014


def test_modules_of_a_linked_file_keep_to_their_own_models(tmp_path: Path) -> None:
    """Both files have a model "inner"; a dot in front means the main model of the file that it is written in."""
    inner = '<module name="inner"/>'
    write(
        tmp_path,
        "part.xmile",
        model(aux("Input", "1") + aux("Output", "inner.x + Input") + inner)
        + model(aux("x", "10 * .Input"), "inner"),
    )
    text = main('resource="part.xmile"').replace("<variables>", f"<variables>{inner}", 1)
    file = write(tmp_path, "m.xmile", text + model(aux("x", "1000 * .a"), "inner"))
    assert last(file) == 33
    assert last(file, "inner.x") == 3000


def test_dimensions_macros_and_non_negative_stocks_come_along(tmp_path: Path) -> None:
    before = (
        "<behavior><non_negative/></behavior>"
        '<dimensions><dim name="d"><elem name="x"/><elem name="y"/></dim></dimensions>'
        '<macro name="thrice"><parm>v</parm><eqn>3 * v</eqn></macro>'
    )
    part = (
        '<stock name="level"><eqn>1</eqn><outflow>out</outflow></stock><flow name="out"><eqn>1</eqn></flow>'
        + aux("Input", "0")
        + aux("k", "thrice(2)", '<dimensions><dim name="d"/></dimensions>')
        + aux("Output", "SUM(k) + level")
    )
    write(tmp_path, "part.xmile", model(part), before=before)
    dimensions = before[before.index("<dim") : before.index("<macro")]
    file = write(tmp_path, "m.xmile", main('resource="part.xmile"'), before=dimensions)
    assert last(file) == 12


def test_what_two_files_define_differently_is_an_error(tmp_path: Path) -> None:
    dims = '<dimensions><dim name="d"><elem name="{}"/></dim></dimensions>'
    write(tmp_path, "part.xmile", model(DOUBLE), before=dims.format("x"))
    file = write(tmp_path, "m.xmile", main('resource="part.xmile"'), before=dims.format("y"))
    with pytest.raises(
        sdcluster.ModelError, match=r'dimension "d" has a different definition in "m\.xmile"'
    ):
        sdcluster.load(file)


def test_other_settings_of_a_linked_file_warn(tmp_path: Path) -> None:
    write(tmp_path, "part.xmile", model(DOUBLE), specs=SPECS.replace("<dt>1<", "<dt>0.5<"))
    with pytest.warns(sdcluster.ModelWarning, match=r'settings of "part\.xmile" are ignored'):
        sdcluster.load(write(tmp_path, "m.xmile", main('resource="part.xmile"')))


def test_a_changed_linked_file_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, "part.xmile", model(DOUBLE))
    file = write(tmp_path, "m.xmile", main('resource="part.xmile"'))
    first = sdcluster.load(file)
    write(tmp_path, "part.xmile", model(DOUBLE.replace("* 2", "* 5")))
    assert last(file) == 15
    assert sdcluster.load(file).hash != first.hash


def test_errors_name_the_linked_file_and_its_line(tmp_path: Path) -> None:
    part = write(tmp_path, "part.xmile", model(DOUBLE.replace("Input * 2", "Input * gone")))
    with pytest.raises(sdcluster.ModelError) as caught:
        sdcluster.load(write(tmp_path, "m.xmile", main('resource="part.xmile"')))
    assert caught.value.file == str(part)
    assert caught.value.line == 6


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("../secret.xmile", "outside the model's folder"),
        ("link.xmile", "outside the model's folder"),
        ("https://example.org/part.xmile", "is on the network and was not read"),
        ("other.xml", "not an XMILE file"),
        ("m.xmile", "contain themselves"),
        ("circle.xmile", "contain themselves"),
        ("many.xmile", 'has no model "part"'),
        ("none.xmile", 'has no model "part"; it has none'),
    ],
)
def test_links_that_cannot_be_followed_have_their_sentence(
    tmp_path: Path, link: str, sentence: str
) -> None:
    folder = tmp_path / "model"
    write(tmp_path, "secret.xmile", model(DOUBLE))
    file = write(folder, "m.xmile", main(f'resource="{link}"'))
    (folder / "link.xmile").symlink_to(tmp_path / "secret.xmile")
    (folder / "other.xml").write_text("<svg/>")
    write(folder, "circle.xmile", model(DOUBLE + '<module name="x" resource="circle.xmile"/>'))
    (folder / "none.xmile").write_text(
        '<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" version="1.0"/>'
    )
    write(folder, "many.xmile", model(DOUBLE, "one") + model(DOUBLE, "two"))
    with pytest.raises(sdcluster.ModelError, match=sentence) as caught:
        sdcluster.load(file)
    assert caught.value.line


@pytest.mark.filterwarnings("ignore::sdcluster.ModelWarning")
@pytest.mark.parametrize(
    ("link", "after"),
    [('resource="gone.xmile"', ""), ("", '<model name="part" resource="gone.xmile"/>')],
)
def test_a_model_whose_linked_file_is_missing_can_be_looked_at_but_not_run(
    tmp_path: Path, link: str, after: str
) -> None:
    file = write(tmp_path, "m.xmile", main(link, after=after))
    loaded = sdcluster.load(file)
    assert [v.name for v in loaded.variables.values() if v.missing] == ["part.input", "part.output"]
    assert set(causal_graph(loaded).predecessors("b")) == {"part.output"}
    assert "does-not-run" in {f.rule for f in lint(loaded)}
    write_page(loaded, tmp_path / "page.html")
    sentence = r'"gone\.xmile" does not exist; put it in the model.s folder'
    with pytest.raises(sdcluster.ModelError, match=sentence) as caught:
        sdcluster.simulate(loaded)
    assert caught.value.line
    run = sdcluster.simulate(file, method="euler", settings={"part.input": 1, "part.output": 4})
    assert run["b"].values[0] == 4


@pytest.mark.filterwarnings("ignore::sdcluster.ModelWarning")
def test_a_missing_file_may_hold_arrays_modules_and_nothing_that_is_used(tmp_path: Path) -> None:
    sizes = '<dimensions><dim name="Size"><elem name="small"/><elem name="big"/></dim></dimensions>'
    inside = (
        '<module name="My part" resource="gone.xmile"/><module name="idle" resource="none.xmile"/>'
    )
    equation = '"My part".rows[big] + SUM(My_part.rows[*]) + My_part.inner."net flow"'
    file = write(tmp_path, "m.xmile", model(inside + aux("b", equation)), before=sizes)
    loaded = sdcluster.load(file)
    assert loaded["My part.rows"].dimensions == ("size",)
    assert loaded.without_data > {"my part.rows", "my part.inner.net flow"}
    values = {"My part.rows[small]": 1, "My part.rows[big]": 2, "My part.inner.net flow": 3}
    with pytest.raises(sdcluster.ModelError, match=r"none\.xmile"):
        sdcluster.simulate(loaded, settings=values)


def test_a_link_of_another_computer_is_found_beside_the_model(tmp_path: Path) -> None:
    write(tmp_path, "part.xmile", model(DOUBLE))
    file = write(tmp_path, "m.xmile", main(r'resource="C:\Users\anna\part.xmile"'))
    with pytest.warns(
        sdcluster.ModelWarning, match=r'"part\.xmile" in that folder was read instead'
    ):
        assert last(file) == 6


def test_includes_bring_macros(tmp_path: Path) -> None:
    macro = '<macro name="thrice"><parm>v</parm><eqn>3 * v</eqn></macro>'
    write(tmp_path, "macros.xml", macro, specs="")
    head = '<header><includes><include resource="{}"/></includes></header>'
    text = model(aux("b", "thrice(4)"))
    assert last(write(tmp_path, "m.xmile", text, head=head.format("macros.xml"))) == 12
    file = write(tmp_path, "n.xmile", model(aux("b", "4")), head=head.format("http://x.org/m.xml"))
    with pytest.warns(sdcluster.ModelWarning, match=r"include .* was not read"):
        sdcluster.load(file)
