"""What `publish`, `lab` and `checks` refuse, by the key of its sentence, where no other test reaches it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sdcluster
from sdcluster.checks import check, forcing, reality
from sdcluster.checks.acceptance import read_acceptances
from sdcluster.checks.behaviour import load_behaviour
from sdcluster.errors import ModelError
from sdcluster.kernel import Kernel
from sdcluster.kernel.parse import Unsupported
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.publish.laboratory import publish
from sdcluster.publish.program import export
from tests.triggered import made
from tests.vensim import write
from tests.workshop import aux, flow, stock, xmile

GRAPH = '<gf name="graph"><xpts>0,1</xpts><ypts>0,1</ypts></gf>'
SMOOTHED = xmile(
    stock("size", "1", "growth")
    + flow("growth", "size * 0.1")
    + aux("stages", "3")
    + aux("smoothed", "SMTHN(size, 5, stages)")
    + GRAPH
    + aux("looked up", "graph(TIME)")
)


@pytest.fixture
def smoothed(tmp_path: Path) -> Model:
    (tmp_path / "model.xmile").write_text(SMOOTHED, encoding="utf-8")
    (tmp_path / "scenarios.toml").write_text("[scenario.two_stages]\nsettings = { stages = 2 }\n")
    return sdcluster.load(tmp_path / "model.xmile")


# ---- programs, pages and the laboratory


@pytest.mark.usefixtures("front_end")
def test_a_scenario_that_the_laboratory_cannot_show(smoothed: Model) -> None:
    with made() as found, pytest.raises(ModelError, match='"two_stages": it changes the structure'):
        sdcluster.explore(smoothed, scenario="two_stages")
    assert {
        "publish.changes_structure_model",
        "lab.laboratory_cannot_show_scenario",
    } <= found


@pytest.mark.usefixtures("front_end")
def test_a_lookup_has_no_curve(smoothed: Model) -> None:
    laboratory = sdcluster.explore(smoothed)
    with made() as found, pytest.raises(ModelError, match='"graph" is a lookup'):
        laboratory.charts = ["graph"]
    assert "lab.lookup_no_curve_over" in found


def untranslatable(*_: object) -> None:
    raise Unsupported(message("kernel.statement", name="With"))


@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize(
    ("key", "words", "asked"),
    [
        (
            "model_cannot_become",
            r"model.xmile: the model cannot be exported as \.ptx, because the statement With",
            lambda model, path: export(model, path / "page.ptx"),
        ),
        (
            "model_cannot_become_webassembly",
            "model.xmile: the model cannot be compiled to WebAssembly: the statement With",
            lambda model, path: publish(model, path / "page.html"),
        ),
    ],
)
def test_a_model_that_the_compiler_refuses(
    smoothed: Model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    words: str,
    asked: Callable[[Model, Path], Any],
) -> None:
    monkeypatch.setattr(Kernel, "code", untranslatable)
    monkeypatch.setattr(Kernel, "wasm", untranslatable)
    with made() as found, pytest.raises(ModelError, match=words):
        asked(smoothed, tmp_path)
    assert f"publish.{key}" in found


# ---- checks


ABOUT = "variable = 'a'\ntitle = 't'\nsource = 's'"
SLOPE = f"on = 'b'\nmin = 0\nfrom = 0\nto = 9\n{ABOUT}"
RULE = ("a = 1", "d: p, q", "b[d] = a", "r[d] :THE CONDITION: a = 2 :IMPLIES: b[d] = 2")


@pytest.mark.parametrize(
    ("key", "where", "name", "words"),
    [
        ("takes_runs_more_not", reality, "MAX_RUNS", "it takes 4 runs, over the limit of 1"),
        (
            "stands_elements_more_not",
            forcing,
            "MAX_PARTS",
            "a variable in it has 2 elements, over the limit of 1",
        ),
    ],
)
def test_a_reality_check_that_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, where: Any, name: str, words: str
) -> None:
    model = sdcluster.load(write(tmp_path, *RULE))
    monkeypatch.setattr(where, name, 1)
    with made() as found, pytest.raises(ModelError, match=words) as caught:
        reality.judge(model, model.reality_checks[0])
    assert f"checks.{key}" in found
    assert caught.value.line is not None


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("accepted_lacks", "[[accepted]]", 'toml:1: accepted 1 lacks "because"'),
        (
            "date_accepted_must_date",
            "[[accepted]]\nscenarios = []\nbecause = ''\nmodel_hash = ''\nmethod = ''\ndt = 1\ndate = 'May'",
            'toml:7: "date" of accepted 1 must be a date',
        ),
    ],
)
def test_a_record_of_accepted_runs(tmp_path: Path, key: str, text: str, words: str) -> None:
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "accepted.toml").write_text(text)
    with made() as found, pytest.raises(ModelError, match=words):
        read_acceptances(tmp_path)
    assert f"checks.{key}" in found


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        (
            "vocabulary.ends_nothing_expected",
            f"kind = 'two end states'\nstarts = [{{a = 1}}, {{a = 2}}]\n{ABOUT}",
            'toml:1: assert 1, "t": no value is expected; add "apart"',
        ),
        ("vocabulary.every_above_0", f"kind = 'elasticity'\nevery = 0\n{SLOPE}", "not 0"),
        ("vocabulary.sample_too_small", f"kind = 'elasticity'\nevery = 9\n{SLOPE}", "three points"),
        ("vocabulary.peaks_limit_missing", f"kind = 'several peaks'\n{ABOUT}", '"least" or "most"'),
        (
            "vocabulary.variables_empty",
            "kind = 'bounded'\nvariables = []\nmin = 0\ntitle = 't'\nsource = 's'",
            "empty",
        ),
        ("known", "kind = 'zzz'", 'toml:2: assert 1 has the unknown kind "zzz"; use one of '),
        (
            "assert_empty_title",
            "kind = 'final'\nvariable = 'a'\nmin = 0\nsource = 's'\ntitle = {}",
            "toml:6: ",
        ),
    ],
)
def test_a_behaviour_file(tmp_path: Path, key: str, text: str, words: str) -> None:
    (tmp_path / "behaviour.toml").write_text(f"[[assert]]\n{text}\n")
    with made() as found, pytest.raises(ModelError, match=words):
        load_behaviour(tmp_path / "behaviour.toml")
    assert f"checks.{key}" in found


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("stored_run_compared_one", {"scenarios": ["a", "b"], "baseline": "run.csv"}),
        ("settings_method_comparison_stored", {"settings": {"a": 1}}),
    ],
)
def test_a_stored_run(tmp_path: Path, key: str, options: dict[str, Any]) -> None:
    with made() as found, pytest.raises(ModelError, match="stored run"):
        check(write(tmp_path, "a = 1"), **options)
    assert found == {f"checks.{key}"}


def test_a_stored_run_of_another_model(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text("time,other\n0,1\n1,2\n2,3\n3,4\n4,5\n")
    with made() as found, pytest.raises(ModelError, match=r'"model" \(its first is "other"\)'):
        check(write(tmp_path, "a = Time"), baseline=tmp_path / "run.csv")
    assert "checks.stored_run_none_variables" in found
