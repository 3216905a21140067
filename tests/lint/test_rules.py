"""Each check fires where it should, and not where it should not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sdcluster
from sdcluster import ModelError
from sdcluster.lint import RULES, lint
from sdcluster.lint.finding import Subject
from sdcluster.lint.numerics import integration_error, step_too_large
from sdcluster.lint.probes import Probe
from sdcluster.lint.rules import OLD_NAMES
from sdcluster.model import Remark
from sdcluster.model.expression import Binary, Number

ROOT = Path(__file__).parents[2]

HEAD = (
    '<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><name>m</name></header>'
    '<sim_specs time_units="year" method="{method}"><start>0</start><stop>20</stop><dt>{dt}</dt></sim_specs>'
    "<model><variables>\n{body}\n</variables></model></xmile>"
)


def aux(name: str, equation: str, units: str = "", doc: str = "") -> str:
    return f'<aux name="{name}"><eqn>{equation}</eqn><units>{units}</units><doc>{doc}</doc></aux>\n'


def flow(name: str, equation: str) -> str:
    return f'<flow name="{name}"><eqn>{equation}</eqn></flow>\n'


def stock(name: str, initial: str, flows: str = "") -> str:
    return f'<stock name="{name}"><eqn>{initial}</eqn>{flows}</stock>\n'


DRAIN = "<outflow>drain</outflow>"


@pytest.fixture
def found(tmp_path: Path) -> Any:

    def examine(rule: str, *body: str, dt: float = 0.125, method: str = "euler") -> list[Any]:
        path = tmp_path / "m.xmile"
        path.write_text(HEAD.format(body="".join(body), dt=dt, method=method), encoding="utf-8")
        return lint(sdcluster.load(path), rules=[rule])

    return examine


def test_units(found: Any) -> None:
    parts = aux("a", "3", "firm"), aux("b", "4", "year")
    (clash,) = found("units", *parts, aux("c", "a + b", "firm"))
    assert (clash.severity, clash.variable, clash.line) == ("error", "c", 4)
    assert "has units that do not match" in clash.sentence
    assert not found("units", *parts, aux("c", "a * b", "firm*year"))


def test_units_and_their_aliases(tmp_path: Path) -> None:
    body = aux("a", "3", "ha/yr") + aux("b", "4", "Hectares/Year") + aux("c", "a + b", "m*km/year")
    units = (
        '<model_units><unit name="Hectares"><eqn>m*km</eqn><alias>ha</alias></unit>'
        '<unit name="Year"><alias>yr</alias></unit><unit name="p"><alias>q</alias></unit>'
        '<unit name="q"><alias>p</alias></unit></model_units><model>'
    )
    path = tmp_path / "m.xmile"
    text = HEAD.format(body=body, dt=1, method="euler")
    path.write_text(text, encoding="utf-8")
    assert len(lint(sdcluster.load(path), rules=["units"])) == 1
    path.write_text(text.replace("<model>", units), encoding="utf-8")
    assert not lint(sdcluster.load(path), rules=["units"])


def test_unreadable_units_are_warnings(found: Any) -> None:
    (one,) = found("units", aux("a", "3", "firm**"))
    assert one.severity == "warning"


def test_missing_units_and_docs(found: Any) -> None:
    body = aux("a", "3", "firm", "how many"), aux("b", "4")
    assert [f.variable for f in found("no-units", *body)] == ["b"]
    assert [f.variable for f in found("no-docs", *body)] == ["b"]


def test_unused(found: Any) -> None:
    body = (
        aux("rate", "3"),
        aux("forgotten", "4"),
        aux("result", "rate * 2"),
        flow("nowhere", "rate"),
    )
    severities = {f.variable: f.severity for f in found("unused", *body)}
    assert severities == {"forgotten": "warning", "result": "note", "nowhere": "warning"}
    assert not found(
        "unused", stock("s", "1", DRAIN), flow("drain", "s * rate"), aux("rate", "0.1")
    )


@pytest.mark.parametrize(
    ("equation", "numbers"),
    [
        ("rate * 0.37", ["0.37"]),
        ("rate * 17 + 0.37", ["17", "0.37"]),
        ("rate / 100 + 1", []),
        ("rate ^ 1.7", []),
        ("SMTHN(rate, 1, 9)", []),
        ("MAX(rate, 1e-9)", []),
        ("0.37", []),
    ],
)
def test_numbers_in_equations(found: Any, equation: str, numbers: list[str]) -> None:
    findings = found("number-in-equation", aux("rate", "3"), aux("a", equation))
    assert len(findings) == bool(numbers)
    for number in numbers:
        assert number in findings[0].sentence


def test_stocks(found: Any) -> None:
    (still,) = found("stocks", stock("s", "1"))
    assert still.severity == "warning"
    assert "never changes" in still.sentence
    (filling,) = found("stocks", stock("s", "1", "<inflow>fill</inflow>"), flow("fill", "1"))
    assert filling.severity == "note"
    assert "nothing leaves" in filling.sentence
    assert not found("stocks", stock("s", "1", DRAIN), flow("drain", "s"))


def test_cycle_is_shown_as_the_cycle(found: Any) -> None:
    (cycle,) = found("cycle", aux("a", "b + 1"), aux("b", "c"), aux("c", "2 * a"), aux("d", "a"))
    assert cycle.severity == "error"
    assert '"a" → "b" → "c" → "a"' in cycle.sentence or '"a" → "c" → "b" → "a"' in cycle.sentence
    assert not found("cycle", aux("a", "PREVIOUS(b, 0)"), aux("b", "a"))
    assert not found("cycle", aux("a", "SMTH1(b, 2, 0)"), aux("b", "a"))


def test_two_cycles_are_two_findings(found: Any) -> None:
    assert len(found("cycle", aux("a", "b"), aux("b", "a"), aux("c", "c + 1"))) == 2


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("leader knowledge", "leader-knowledge stock", False),
        ("birth rate", "birth-rates", True),
        ("capability gap", "capabilty gap", True),
        ("capability gap", "capabilitx gap", True),
        ("price 1", "price 2", False),
        ("stock a", "stock b", False),
        ("inflow", "outflow", False),
        ("births", "deaths", False),
    ],
)
def test_names_alike(found: Any, first: str, second: str, alike: bool) -> None:
    assert len(found("names-alike", aux(first, "1"), aux(second, "2"))) == alike


def test_model_that_does_not_run(found: Any) -> None:
    (one,) = found("does-not-run", aux("zero", "0"), aux("a", "1 / zero + TIME"))
    assert one.severity == "error"
    assert "zero = 0" in one.sentence
    assert not found("does-not-run", aux("a", "1 + TIME"))


@pytest.mark.parametrize(("dt", "severity"), [(0.125, None), (0.5, "warning"), (4.0, "error")])
def test_step_against_delays(found: Any, dt: float, severity: str | None) -> None:
    findings = found("step-too-large", aux("a", "SMTH3(TIME, tau)"), aux("tau", "3"), dt=dt)
    assert [f.severity for f in findings] == ([severity] if severity else [])
    if severity:
        assert "falls to 1 year" in findings[0].sentence
        assert "0.25 or less" in findings[0].remedy


def test_step_against_draining_stocks(found: Any) -> None:
    tank = stock("s", "100", DRAIN), flow("drain", "s / emptying"), aux("emptying", "2")
    assert not found("step-too-large", *tank, dt=0.5)
    (one,) = found("step-too-large", *tank, dt=1)
    assert '"drain" empties' in one.sentence


def test_a_probe_that_cannot_be_computed_leaves_the_run_of_the_model(tmp_path: Path) -> None:
    path = tmp_path / "m.xmile"
    tank = stock("s", "100", DRAIN) + flow("drain", "s / 1.9")
    path.write_text(HEAD.format(body=tank, dt=0.5, method="euler"), encoding="utf-8")
    subject = Subject(sdcluster.load(path))
    assert list(subject.probes) == ["lint probe 1"]
    owner = subject.model["s"]
    subject.probes["lint probe 1"] = Probe(owner, "the delay", Binary("/", Number(1), Number(0)))
    assert set(subject.as_it_is.data_vars) == {"s", "drain"}
    assert not list(step_too_large(subject))
    assert [f.variable for f in integration_error(subject)] == ["s"]


def test_integration_error(found: Any) -> None:
    tank = stock("s", "100", DRAIN), flow("drain", "s / 2")
    (one,) = found("integration-error", *tank, dt=0.5)
    assert one.variable == "s"
    assert "rk4" in one.remedy
    assert not found("integration-error", *tank, dt=0.5, method="rk4")


def test_findings_come_in_the_order_of_the_file_and_each_has_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "m.xmile"
    body = aux("a", "b * 0.37"), aux("b", "b2"), aux("b2", "b"), stock("s", "1")
    path.write_text(HEAD.format(body="".join(body), dt=1, method="euler"), encoding="utf-8")
    findings = lint(sdcluster.load(path))
    lines = [f.line for f in findings if f.line]
    assert lines == sorted(lines)
    assert all(f.remedy and f.sentence for f in findings)
    assert {f.rule for f in findings} >= {"cycle", "no-units", "number-in-equation"}
    assert not [f for f in findings if f.rule == "does-not-run"]  # the cycle says it already


def test_unknown_rule_gets_the_nearest(found: Any) -> None:
    with pytest.raises(ModelError, match='did you mean "unused"'):
        found("unusd", aux("a", "1"))


@pytest.mark.parametrize(("old", "new"), OLD_NAMES.items())
def test_an_old_name_of_a_rule_works_and_names_the_new_one(found: Any, old: str, new: str) -> None:
    variables = aux("a", "b + 1"), aux("b", "a"), aux("birth rate", "1"), aux("c", "2 * birth rate")
    with pytest.warns(DeprecationWarning, match=f'"{old}" is now "{new}"'):
        (finding,) = found(old, *variables)
    assert finding.rule == new
    assert found(new, *variables) == [finding]


def test_the_old_name_of_a_remark_s_attribute_works_and_names_the_new_one() -> None:
    with pytest.warns(DeprecationWarning, match="now `Remark.fixed`"):
        assert Remark("a sentence", fixed=True).mended


def test_every_rule_has_a_meaning() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.meaning and rule.check.__doc__ for rule in RULES)


def test_command_line(tmp_path: Path, call: Any) -> None:
    path = tmp_path / "m.xmile"
    body = aux("a", "TIME * 0.37"), aux("lost", "5")
    path.write_text(HEAD.format(body="".join(body), dt=1, method="euler"), encoding="utf-8")
    assert call("lint", path).exit_code == 0
    strict = call("lint", path, "--strict")
    assert strict.exit_code == 1
    assert "0.37" in strict.stdout
    assert "2 warnings" in strict.stdout
    report = json.loads(call("lint", path, "--format", "json").stdout)
    assert report["counts"]["warning"] == 2
    assert {"rule", "severity", "sentence", "remedy", "variable", "line"} == set(
        report["findings"][0]
    )
    assert call("lint", path, "--format", "xml").exit_code == 2
    assert call("lint", path, "--strict", "--rule", "units").exit_code == 0


def test_the_cluster_model_is_clean() -> None:
    findings = lint(sdcluster.load(ROOT / "models" / "cluster"))
    assert [f for f in findings if f.severity != "note"] == []


def test_convert(tmp_path: Path, call: Any) -> None:
    out = tmp_path / "copy.xmile"
    cluster = ROOT / "models" / "cluster"
    assert "Wrote" in call("convert", cluster, out).stdout
    again = call("convert", cluster, out)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert call("convert", cluster, out, "--force").exit_code == 0
    assert len(sdcluster.load(out).variables) == len(sdcluster.load(cluster).variables)
    assert call("convert", cluster, tmp_path / "copy.mdl").exit_code == 2


VENSIM = """{UTF-8}
level = INTEG(one, 5) ~~|
late = SMOOTH(level, 0.1) ~~|
one = 1 ~~|
two = 2 ~~|
three = 3 ~~|
four = 4 ~~|
FINAL TIME = 4 ~~|
INITIAL TIME = 0 ~~|
TIME STEP = 1 ~~|
SAVEPER = TIME STEP ~~|
"""


def test_remedies_speak_the_language_of_the_file_and_its_clock_needs_no_words(
    tmp_path: Path,
) -> None:
    file = tmp_path / "m.mdl"
    file.write_text(VENSIM)
    notes = lint(sdcluster.load(file), run=False)
    assert not [f for f in notes if "TIME" in f.sentence or "SAVEPER" in f.sentence]
    assert {f.variable for f in notes if f.rule == "no-docs"} == {
        "level",
        "late",
        "one",
        "two",
        "three",
        "four",
    }
    assert all("second ~" in f.remedy for f in notes if f.rule == "no-docs")
    step = lint(sdcluster.load(file), rules=("step-too-large",))
    assert step
    assert "TIME STEP" in step[0].remedy


def test_notes_that_repeat_share_a_line_and_none_is_lost_in_json(tmp_path: Path, call: Any) -> None:
    file = tmp_path / "m.mdl"
    file.write_text(VENSIM)
    table = call("lint", file, "--no-run").output
    assert table.count("has no documentation") == 1
    assert "6 variables" in table
    listed = json.loads(call("lint", file, "--no-run", "--format", "json").output)["findings"]
    assert sum(f["rule"] == "no-docs" for f in listed) == 6


def test_conveyors(found: Any) -> None:
    def belt(length: str, leak: str, kind: str = "false") -> str:
        element = f'<conveyor exponential_leak="{kind}"><len>{length}</len></conveyor>'
        flows = "<inflow>enter</inflow><outflow>leave</outflow><outflow>loss</outflow><outflow>more</outflow>"
        others = flow("enter", "1") + flow("leave", "0")
        for name, fraction in (("loss", leak), ("more", "0.3")):
            others += f'<flow name="{name}"><eqn>{fraction}</eqn><non_negative/><leak/></flow>\n'
        return (
            stock("belt", "0", flows + element) + others + aux("way", "1.3") + aux("share", "0.8")
        )

    (rounded,) = found("conveyor", belt("way", "0.2"))
    assert (rounded.variable, rounded.severity) == ("belt", "warning")
    assert (
        "is 1.3, but material stays on it for 1.25, which is 10 whole steps of 0.125"
        in rounded.sentence
    )
    (much,) = found("conveyor", belt("1.25", "share"))
    assert "add up to 1.1, so more would leak than enters" in much.sentence
    (fast,) = found("conveyor", belt("1.25", "9", "true"))
    assert "in a time step" in fast.sentence
    assert not found("conveyor", belt("1.25", "0.7"))
    assert not found("conveyor", belt("1 + share", "share * 2", "true"))


def test_what_belongs_to_a_screen(found: Any) -> None:
    (pause, before) = found(
        "screen", aux("x", "IF TIME = 3 THEN PAUSE ELSE 1"), aux("y", "ENDVAL(x, 2)"), aux("z", "x")
    )
    assert pause.severity == "note"
    assert "does not pause" in pause.sentence
    assert before.variable == "y"
    assert not found("screen", aux("x", "TIME"))


CLOCK_OF_VENSIM = (
    "FINAL TIME = 10 ~ Minute ~|\nINITIAL TIME = 0 ~ Minute ~|\n"
    "TIME STEP = 0.25 ~ Minute ~|\nSAVEPER = 1 ~ Minute ~|\n"
)


def vensim_findings(tmp_path: Path, rule: str, text: str, settings: str = "") -> list[Any]:
    path = tmp_path / "m.mdl"
    sketch = f"\\\\\\---/// Sketch\n///---\\\\\\\n:L<%^E!@\n{settings}" if settings else ""
    path.write_text("{UTF-8}\n" + text + CLOCK_OF_VENSIM + sketch, encoding="utf-8")
    return lint(sdcluster.load(path), rules=[rule])


def test_a_list_of_numbers_takes_the_unit_of_its_array(tmp_path: Path) -> None:
    text = "age: young, old ~~|\nrate[age] = 1, 2 ~ 1/Minute ~|\n"
    assert not vensim_findings(tmp_path, "units", text)


def test_units_of_a_macro_are_words_of_its_inputs(tmp_path: Path) -> None:
    macro = ":MACRO: HALF(x, y)\nHALF = x / y ~ x / y ~|\n:END OF MACRO:\n"
    use = "a = 3 ~ box ~|\nb = 2 ~ Minute ~|\nc = HALF(a, b) ~ box/Minute ~|\n"
    assert not vensim_findings(tmp_path, "units", macro + use)


def test_words_for_units_in_the_settings_of_a_vensim_file(tmp_path: Path) -> None:
    text = "a = 3 ~ litre/Minute ~|\nb = a ~ l/min ~|\n"
    assert len(vensim_findings(tmp_path, "units", text)) == 1
    settings = "15:0,0,0,0,0,0\n22:litre,litres,l\n22:Minute,Minutes,min\n"
    assert not vensim_findings(tmp_path, "units", text, settings)


def test_a_lookup_that_is_extrapolated_is_used(tmp_path: Path) -> None:
    text = (
        "curve((0,0),(1,1)) ~~|\nidle((0,0),(1,1)) ~~|\ny = LOOKUP EXTRAPOLATE(curve, Time) ~~|\n"
    )
    found = vensim_findings(tmp_path, "unused", text)
    assert [f.variable for f in found if f.severity == "warning"] == ["idle"]


def test_points_that_run_back_are_told(tmp_path: Path) -> None:
    text = "fine((0,0),(1,1),(1,2)) ~~|\nback((0,0),(2,1),(1,3)) ~~|\ny = fine(Time) + back(Time) ~~|\n"
    (one,) = vensim_findings(tmp_path, "fixed", text)
    assert (one.variable, one.line) == ("back", 3)
    assert "x = 1" in one.sentence
