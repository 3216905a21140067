"""Each bad file gets one sentence with file, line, variable and remedy, and runs nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sdcluster
from sdcluster import ModelError, SimulationError
from sdcluster.errors import did_you_mean
from sdcluster.model.units import check_units


def failure(path: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        sdcluster.simulate(sdcluster.load(path))
    error = caught.value
    assert str(error).startswith(str(path)), error
    assert "\n" not in str(error)
    return error


def test_broken_xml(workshop) -> None:
    error = failure(
        workshop.raw("<xmile>\n<model>\n</xmile>")
    )  # only variables get an end tag put in
    assert error.line == 3
    assert "not well-formed" in str(error)


def test_not_xmile(workshop) -> None:
    assert "<html>" in str(failure(workshop.raw("<html/>")))


@pytest.mark.parametrize(
    ("content", "word"),
    [("", "empty"), (b"\xff\xfe\x00\xd8\x00", "UTF-8"), ("no xml at all", "XML")],
)
def test_no_xml(workshop, content: str | bytes, word: str) -> None:
    assert word in str(failure(workshop.raw(content)))


def test_unknown_name_with_the_nearest_one(workshop) -> None:
    path = workshop.write(
        workshop.aux("capability gap", "3"), workshop.flow("diffusion", "capabilty_gap * 2")
    )
    error = failure(path)
    assert error.variable == "diffusion"
    assert error.line == 7
    assert (
        'flow "diffusion" uses "capabilty gap", which no equation defines; did you mean "capability gap"?'
        in str(error)
    )


def test_unknown_function(workshop) -> None:
    error = failure(workshop.variables(a="SQUIRT(4)"))
    assert "SQUIRT is not a function" in str(error)
    assert 'did you mean "SQRT"' in str(error)


def test_wrong_number_of_arguments(workshop) -> None:
    assert "SMTH1 takes 2 or 3 arguments, but was given 1" in str(
        failure(workshop.variables(a="SMTH1(4)"))
    )
    assert "STEP takes 2 arguments" in str(failure(workshop.variables(a="STEP(4)")))


def test_cycle_is_shown_as_the_cycle(workshop) -> None:
    error = failure(workshop.variables(a="b + 1", b="c", c="2 * a", d="1"))
    names = re.findall(r'"([abcd])"', str(error))
    assert sorted(set(names)) == ["a", "b", "c"]
    assert names[0] == names[-1]
    assert "PREVIOUS" in str(error)


def test_circular_initial_values(workshop) -> None:
    path = workshop.write(workshop.stock("s", "r"), workshop.stock("r", "s"))
    assert "cycle" in str(failure(path))


def test_unit_clash(workshop) -> None:
    path = workshop.write(
        workshop.aux("a", "3", "<units>firm</units>"),
        workshop.aux("b", "4", "<units>year</units>"),
        workshop.aux("c", "a + b", "<units>firm</units>"),
    )
    (finding,) = check_units(sdcluster.load(path))
    assert finding.severity == "error"
    assert finding.line == 8
    assert (
        '"c" has units that do not match: the left side of + has the unit firm, but the right side has year'
        in finding.sentence
    )


def test_division_by_zero_at_the_start(workshop) -> None:
    path = workshop.write(
        workshop.stock("firms", "0", "growth"),
        workshop.flow("growth", "wealth / firms"),
        workshop.aux("wealth", "7"),
    )
    for backend in ("python", "native"):
        with pytest.raises(SimulationError) as caught:
            sdcluster.simulate(path, backend=backend)
        error = caught.value
        assert error.variable == "growth"
        assert error.time == 0
        assert error.inputs == {"wealth": 7.0, "firms": 0.0}
        assert "firms = 0" in str(error)


def test_overflow_later_is_found(workshop) -> None:
    path = workshop.write(
        workshop.stock("s", "1", "growth"), workshop.flow("growth", "s ^ 3"), stop=5
    )
    for method in ("euler", "rk4"):
        for backend in ("python", "native"):
            with pytest.raises(SimulationError, match="became") as caught:
                sdcluster.simulate(path, method=method, backend=backend)
            assert 0 < caught.value.time <= 5
    with pytest.raises(SimulationError, match=r"could not continue after time 0\.5"):
        sdcluster.simulate(path, method="RK45")


def test_division_by_zero_among_constants(workshop) -> None:
    path = workshop.variables(a="0", b="1 / a", c="b + TIME")
    with pytest.raises(SimulationError, match='"b" became infinite; it uses a = 0'):
        sdcluster.simulate(path)


def test_code_in_documentation_is_text(workshop, tmp_path: Path) -> None:
    victim = tmp_path / "executed"
    code = f'"""\nimport pathlib; pathlib.Path({str(victim)!r}).write_text("x")\n"""'
    path = workshop.write(
        f'<aux name="a"><eqn>1 + TIME</eqn><doc>{code}</doc><units>{code}</units></aux>',
        f'<aux name="b); import os; (&quot;"><eqn>2</eqn><doc>{code}</doc></aux>',
    )
    model = sdcluster.load(path)
    run = sdcluster.simulate(model)
    assert float(run["a"][0]) == 1
    assert model["a"].doc == code
    assert not victim.exists()


@pytest.mark.parametrize(
    "equation",
    [
        "__import__('os').system('true')",
        "().__class__",
        "lambda: 1",
        "1 if 1 else 2",
        "open('x')",
        "eval(1)",
        "exec(1)",
        "a.b",
        "1; 2",
        "0x10",
        "007 007",
    ],
)
def test_python_in_an_equation_is_refused(workshop, equation: str) -> None:
    failure(workshop.variables(a=equation))


def test_entity_bomb(workshop) -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<xmile>&b;</xmile>'
    )
    assert "document type" in str(failure(workshop.raw(bomb)))


def test_external_entity_is_not_read(workshop, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("5")
    text = workshop.xmile(workshop.aux("a", "1")).replace(
        "<xmile", f'<!DOCTYPE xmile [<!ENTITY s SYSTEM "{secret.as_uri()}">]><xmile', 1
    )
    assert "document type" in str(failure(workshop.raw(text)))


def test_3000_parentheses(workshop) -> None:
    error = failure(workshop.variables(a="(" * 3000 + "1" + ")" * 3000))
    assert "parentheses 3000 deep" in str(error)


def test_deep_elements(workshop) -> None:
    error = failure(workshop.raw("<xmile>" + "<a>" * 200 + "</a>" * 200 + "</xmile>"))
    assert "nest" in str(error) or "depth" in str(error).lower()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('<aux name="a"><eqn></eqn></aux>', "not written yet"),
        ('<aux name="a"/>', "not written yet"),
        ("<aux><eqn>1</eqn></aux>", "no name"),
        ('<aux name="a"><eqn>1</eqn></aux><aux name="A"><eqn>2</eqn></aux>', "twice"),
        ('<stock name="s"><eqn>1</eqn><inflow>nowhere</inflow></stock>', '"nowhere" is not defined'),
        ('<stock name="s"/>', "not written yet"),
        ('<gf name="g"><xpts>1,2</xpts><ypts>1</ypts></gf>', "2 x values but 1 y value"),
        ('<gf name="g"><xpts>1,x</xpts><ypts>1,2</ypts></gf>', "something other than numbers"),
        ('<gf name="g"><xpts>1,2</xpts><ypts>1,2</ypts></gf><aux name="a"><eqn>g</eqn></aux>', "without an argument"),
        ('<aux name="a"><eqn>1 +</eqn></aux>', "cannot be understood"),
        ('<aux name="a"><eqn>(1 + 2</eqn></aux>', "cannot be understood"),
        ('<aux name="a"><eqn>SMTHN(1, 2, 3.5)</eqn></aux>', "whole number"),
        ('<aux name="a"><eqn>1</eqn><range min="5" max="1"/></aux>', "down to"),
        ("", "no variables"),
    ],
)  # fmt: skip
def test_sentences(workshop, body: str, word: str) -> None:
    assert word in str(failure(workshop.write(body)))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"dt": 0}, "above 0"),
        ({"stop": -1}, "must be after"),
        ({"dt": 1e-12}, "steps"),
        ({"stop": "soon"}, "write a number"),
    ],
)
def test_bad_time(workshop, options: dict[str, object], word: str) -> None:
    assert word in str(failure(workshop.write(workshop.aux("a", "1"), **options)))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    (tmp_path / "cluster.xmile").write_text("x")
    with pytest.raises(ModelError, match="did you mean"):
        sdcluster.load(tmp_path / "clutser.xmile")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="no model file"):
        sdcluster.load(tmp_path / "empty")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ModelError, match="cannot read a file"):
        sdcluster.load(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"opennes": 1}, 'did you mean "openness"'),
        ({"openness": float("nan")}, "finite"),
        ({"curve": 1}, "is a lookup and cannot be set to a number"),
    ],
)
def test_bad_settings(workshop, settings: dict[str, float], word: str) -> None:
    path = workshop.write(
        workshop.aux("openness", "1"), '<gf name="curve"><xpts>0,1</xpts><ypts>0,1</ypts></gf>'
    )
    with pytest.raises(ModelError, match=word):
        sdcluster.simulate(path, settings=settings)


def test_damaged_cache_entries_are_made_anew(workshop, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SDCLUSTER_CACHE", str(tmp_path / "cache"))
    path = workshop.variables(a="TIME")
    sdcluster.load(path)
    (entry,) = (tmp_path / "cache" / "models").glob("*.pickle")
    entry.write_bytes(entry.read_bytes()[:50])
    assert sdcluster.load(path)["a"].name == "a"
    assert len(entry.read_bytes()) > 50


@pytest.mark.parametrize(
    ("wanted", "known", "told"),
    [
        ("oppenness", ["openness", "policy"], '; did you mean "openness"?'),
        ("OPENNESS", ["Openness", "policy"], '; did you mean "Openness"?'),
        ("teacup", ["Teacup Temperature", "room"], '; did you mean "Teacup Temperature"?'),
        ("temperature", ["Heat of the Temperature scale"], '; did you mean "Heat of the Temperature scale"?'),
        ("xyz", ["Teacup Temperature"], ""),
        ("a", ["an unrelated long name"], ""),
    ],
)  # fmt: skip
def test_nearest_names(wanted: str, known: list[str], told: str) -> None:
    assert did_you_mean(wanted, known) == told


def test_a_copy_under_another_name_is_called_by_its_own(tmp_path):
    text = "x = 1 ~ ~ |\nINITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"
    for name in ("first", "second"):
        (tmp_path / f"{name}.mdl").write_text(text, encoding="utf-8")
    assert [sdcluster.load(tmp_path / f"{name}.mdl").name for name in ("first", "second")] == [
        "first",
        "second",
    ]
