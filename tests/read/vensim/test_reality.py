"""Reality checks: what the test inputs do to a run, what breaks a rule, and where the verdict shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.checks import check
from sdcluster.checks.forcing import Probes, course, forced
from sdcluster.checks.reality import judge
from sdcluster.lint import lint
from sdcluster.messages import in_language
from sdcluster.model.expression import Call, Number, Reference
from tests.chinese import english_left

ROOT = Path(__file__).resolve().parents[3]
T = np.arange(5.0)

SHOP = (
    "stock = INTEG(orders - shipments, 20)",
    "orders = demand",
    "demand = 5",
    "RC START TIME = 1",
)
CAREFUL = "shipments = MIN(demand, stock/TIME STEP)"
CARELESS = "shipments = demand"
RULE = (
    "nothing in stock :TEST INPUT: stock = RC STEP(stock, 0)",
    "no stock no shipments :THE CONDITION: nothing in stock :IMPLIES: shipments <= RC STEP CHECK(0, shipments, 0)",
)


def only(model: sdcluster.Model):
    (rule,) = model.reality_checks
    found = judge(model, rule)
    labels = [curve.label for chart in found.charts for curve in chart.curves]
    said = "\n".join(in_language(text, "zh") for text in (found.sentence, *labels))
    assert english_left(said, [v.name for v in model.variables.values()]) == []
    return found


# ---- verdicts


def test_a_model_that_keeps_the_rule_and_one_that_breaks_it(make) -> None:
    kept = only(make(*SHOP, CAREFUL, *RULE))
    assert kept.passed
    assert kept.sentence == "with the condition true, the check holds at all 4 time points"
    broken = only(make(*SHOP, CARELESS, *RULE))
    assert not broken.passed
    assert (
        "shipments is 5 at time 1, but must be at most 0; the check fails at 4 of 4 time points"
        in broken.sentence
    )
    (chart,) = broken.charts
    assert chart.curves[0].y.tolist() == [5] * 5
    assert chart.curves[1].x.tolist() == [1, 2, 3, 4]
    assert chart.points[0].x == 1


@pytest.mark.parametrize(
    ("condition", "consequence", "passed"),
    [
        ("a = 0", "b = 0", True),
        ("a = 0", "b > 0", False),
        ("a < 0", "b <= 0", True),
        ("a > 100", "b >= 200", True),
        ("a >= 3 :AND: a <= 4", "b >= 6 :AND: b <= 8", True),
        ("a = 0 :OR: a = 1", "b <= 2", True),
        ("a = 0 :OR: a = 1", "b = 2", False),
        (":NOT: a > 2", "b <= 4", True),
        (":NOT: (a > 2 :OR: c = 0)", "b <= 4", True),
        ("a = 0", "b = 0 :OR: c = 1", True),
        ("a = 0", ":NOT: b = 0", False),
        ("0 = a", "b = 0", True),
        ("a = 2*c", "b = 4*c", True),
        ("a <> 10", "b = 7", True),
        ("a <> 11", "b = 7", False),
        ("a = RC STEP(a, 0.5, 2)", "b = RC STEP CHECK(0, b, 0.5, 2)", True),
        ("a = RC STEP(a, 0.5, 2)", "b = RC STEP CHECK(0, b, 0.5, 3)", False),
        ("a = RC STEP(a, 0.5, 2)", "b = RC STEP CHECK(3, b, 0.1, 2)", True),
        ("a = RC STEP(a, 0.5, 2, 1)", "b <= RC STEP CHECK(0, b, 0.5, 2, 1)", True),
        ("a = RC RAMP(a, 0, 2, 1)", "b = RC RAMP CHECK(0, b, 0, 2, 1)", True),
        ("a = RC DECAY(a, 3)", "b = RC DECAY CHECK(1, b, 3)", True),
        ("a = RC DECAY(a, 3)", "b < RC DECAY CHECK(0, b, 4)", False),
        ("a = RC GROW(a, 0.1)", "b >= RC GROW CHECK(0, b, 0.1)", True),
        ("a = RC COMPARE('base', a, 2)", "b = RC COMPARE CHECK('base', b, 0, 2)", True),
        ("a = RC COMPARE('base', a, 2)", "b = RC COMPARE CHECK('base', b, 0, 3)", False),
        ("c = 0", "wave >= :AT LEAST ONCE: 0.9", True),
        ("c = 0", "wave >= :AT LEAST ONCE: 2", False),
        ("c = 0", "wave > :CROSSING: 0.5", True),
        ("c = 0", "wave < :CROSSING: -2", False),
    ],
)
def test_conditions_and_consequences(make, condition: str, consequence: str, passed: bool) -> None:
    model = make(
        "a = 10",
        "c = 1",
        "b = 2*a",
        "wave = SIN(Time)",
        f"r :THE CONDITION: {condition} :IMPLIES: {consequence}",
    )
    assert model.reality_checks[0].problem == ""
    assert only(model).passed is passed


def test_a_condition_that_comes_true_by_itself_is_looked_at_in_the_run_as_it_is(make) -> None:
    model = make(
        "x = INTEG(1, 0)",
        "alarm = IF THEN ELSE(x > 3, 1, 0)",
        "r :THE CONDITION: x > 1 :IMPLIES: alarm = 1",
    )
    sentence = only(model).sentence
    assert sentence.startswith(
        "in the unchanged run, alarm is 0 at time 2, but must be 1; the check fails at 2 of 3"
    )


def test_a_condition_of_differences_that_never_comes_true_tests_nothing(make) -> None:
    found = only(make("a = 1", "b = a", "r :THE CONDITION: a <> 1 :IMPLIES: b = 9"))
    assert found.passed
    assert "never comes true" in found.sentence


def test_each_element_is_a_run_of_its_own(make) -> None:
    model = make(
        "sector: farms, mills",
        "workers[sector] = 3, 4",
        "output[farms] = 2*workers[farms]",
        "output[mills] = 2*workers[mills] + 1",
        "idle[sector] :TEST INPUT: workers[sector] = 0",
        "r[sector] :THE CONDITION: idle[sector] :IMPLIES: output[sector] = 0",
        "one :THE CONDITION: workers[farms] = 0 :IMPLIES: output[farms] = 0 :AND: output[mills] = 9",
    )
    every, one = model.reality_checks
    found = judge(model, every)
    assert found.sentence.startswith(
        "[mills]: with the condition true, output[mills] is 1 at time 0"
    )
    assert judge(model, one).passed


def test_a_model_that_cannot_bear_the_condition_breaks_the_rule(make) -> None:
    found = only(make("a = 1", "b = 1/a", "r :THE CONDITION: a = 0 :IMPLIES: b >= 0"))
    assert not found.passed
    assert "the model does not run" in found.sentence


# ---- what test inputs do


def test_courses_begin_at_the_value_of_their_start(make) -> None:
    model = make("x = 10 + Time", "m = 1 - Time/10", "RC START TIME = 2")
    x, m = Reference("x"), Reference("m")
    probes = Probes(model, {})
    calls = {
        "step": Call("rc step", (x, m)),
        "ramp": Call("rc ramp", (x, Number(0.0), Number(2.0))),
        "decay": Call("rc decay", (x, Number(2.0))),
        "grow": Call("rc grow", (x, Number(0.5))),
        "late": Call("rc step check", (Number(1.0), x, m, Number(2.0), Number(1.0))),
    }
    plans = {name: course(call, {}, model) for name, call in calls.items()}
    shown = {k: (probes.show(p.value), probes.show(p.active)) for k, p in plans.items()}
    run = sdcluster.simulate(probes.model, method="euler", backend="python")
    value = {k: run[v].to_numpy()[2:] for k, (v, _) in shown.items()}
    assert value["step"] == pytest.approx(12 * (1 - T[2:] / 10))
    assert value["ramp"] == pytest.approx([12, 6, 0])
    assert value["decay"] == pytest.approx(12 * np.exp(-np.arange(3) / 2))
    assert value["grow"] == pytest.approx(12 * np.exp(np.arange(3) / 2))
    assert run[shown["step"][1]].to_numpy().tolist() == [0, 0, 1, 1, 1]
    assert run[shown["late"][1]].to_numpy().tolist() == [0, 0, 0, 0, 0]


def test_a_forced_stock_goes_on_from_where_it_was_forced(make) -> None:
    model = make("s = INTEG(2, 0)", "level = s", "RC START TIME = 1")
    rule = make(
        "s = INTEG(2, 0)", "r :THE CONDITION: s = RC STEP(s, 10, 1, 2) :IMPLIES: s > 0"
    ).reality_checks[0]
    changed = forced(model, [rule.condition], {})
    run = sdcluster.simulate(changed, method="euler", backend="python")
    # Led to 2*10 at the times 1 and 2; from there it grows by 2 again.
    assert run["level"].to_numpy().tolist() == [0, 20, 20, 22, 24]


# ---- what cannot be judged


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("r :THE CONDITION: a = 0", "needs exactly one :IMPLIES:"),
        ("r :THE CONDITION: a = 0 :IMPLIES: nowhere = 0", '"nowhere", which no equation defines'),
        ("r :THE CONDITION: a = 0 :IMPLIES: a", "may hold only comparisons"),
        ("r :THE CONDITION: a = RC STEP CHECK(0, a, 0) :IMPLIES: a = 0", "write RC STEP"),
        ("r :THE CONDITION: a = 0 :IMPLIES: a = RC STEP(a, 0)", "write RC STEP CHECK"),
        ("r :THE CONDITION: a = RC JUMP(a, 0) :IMPLIES: a = 0", "not a function of reality checks"),
        (
            "r :THE CONDITION: a = RC STEP(a) :IMPLIES: a = 0",
            "takes 2 to 4 arguments, but was given 1",
        ),
        ("r :THE CONDITION: a = 2*RC STEP(a, 0) :IMPLIES: a = 0", "must be the whole right side"),
        ("r :THE CONDITION: a = 0 :IMPLIES: v = 0", 'with 0 subscripts, but "v" has 1'),
        ("r :THE CONDITION: a = tab :IMPLIES: a = 0", 'lookup "tab" without an argument'),
        (
            "r :THE CONDITION: a = RC COMPARE(a, 1) :IMPLIES: a = 0",
            "name of a run, in single quotes",
        ),
    ],
)
def test_a_rule_that_cannot_be_judged_says_why_and_does_not_stop_the_model(
    make, rule: str, sentence: str
) -> None:
    model = make("A: x, y", "a = 1", "v[A] = 1", rule, "tab((0,0),(1,1))")
    assert sentence in model.reality_checks[0].problem
    assert float(sdcluster.simulate(model)["a"][-1]) == 1
    with pytest.raises(sdcluster.ModelError, match="cannot be judged") as caught:
        only(model)
    assert caught.value.line == 11
    assert next(f.severity for f in lint(model, rules=["reality-check"])) == "error"


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (" :OR: ".join(["a = 1"] * 3000), "characters, over the limit"),
        (" :OR: ".join(["a = 1"] * 40), "more than 32 ways"),
        (" :AND: ".join(["(a = 1 :OR: a = 2)"] * 6), "more than 32 ways"),
        (":NOT: " * 900 + "a = 1", "the check fails at"),
        ("(" * 99 + "a = 1" + ")" * 99, ""),
    ],
)
def test_hostile_conditions_have_their_sentence(make, condition: str, sentence: str) -> None:
    model = make("a = 1", f"r :THE CONDITION: {condition} :IMPLIES: a < 0")
    try:
        found = only(model).sentence
    except sdcluster.ModelError as error:
        found = str(error)
    assert re.search(sentence, found)


def test_a_condition_without_a_variable_or_in_a_circle_cannot_be_made_true(make) -> None:
    with pytest.raises(
        sdcluster.ModelError, match="no side of a comparison in its condition is a variable"
    ):
        only(make("a = 1", "r :THE CONDITION: a + 1 = 0 :IMPLIES: a = 0"))
    with pytest.raises(sdcluster.ModelError, match="cycle"):
        only(make("a = 1", "b = a", "r :THE CONDITION: a = b :IMPLIES: a = 0"))


# ---- where it shows


def test_check_judges_them_with_a_picture(write_model, tmp_path: Path) -> None:
    report = check(write_model(*SHOP, CARELESS, *RULE))
    (row,) = report.rows
    assert (row.kind, row.name, row.verdict) == ("reality check", "no stock no shipments", "failed")
    from sdcluster.checks.report_page import write_html

    page = write_html(report, tmp_path / "check.html")
    assert "must be at most this" in Path(page).read_text(encoding="utf-8")
    assert check(write_model(*SHOP, CAREFUL, *RULE)).ok


def test_a_baseline_is_asked_for_once_there_are_some(write_model) -> None:
    file = write_model(*SHOP, CAREFUL, *RULE)
    (file.parent / "baselines").mkdir()
    assert [r.verdict for r in check(file).rows] == ["no baseline", "passed"]


def test_xmile_keeps_them(make, tmp_path: Path) -> None:
    model = make(
        *SHOP,
        CARELESS,
        *RULE,
        "kind: red, blue",
        "n[kind] = 1",
        "all[kind] :THE CONDITION: n[kind] = 0 :IMPLIES: demand < 6 ~ ~ A doubtful rule.|",
    )
    again = sdcluster.load(model.to_xmile(tmp_path / "shop.xmile"))
    for one, other in zip(model.reality_checks, again.reality_checks, strict=True):
        assert (one.name, one.text, one.subscripts, one.doc) == (
            other.name,
            other.text,
            other.subscripts,
            other.doc,
        )
        assert (one.condition, one.consequence) == (other.condition, other.consequence)
        assert judge(model, one).sentence == judge(again, other).sentence
    assert [i.name for i in again.test_inputs] == ["nothing in stock"]


def test_lint_counts_them_and_names_idle_test_inputs(make) -> None:
    found = lint(
        make(*SHOP, CAREFUL, *RULE, "idle :TEST INPUT: demand = 0"), rules=["reality-check"]
    )
    assert [f.sentence for f in found] == [
        'the test input "idle" is not used in any reality check',
        'the file has 1 reality check: "no stock no shipments"',
    ]


def test_two_test_inputs_of_one_name(make) -> None:
    with pytest.raises(sdcluster.ModelError, match="defined twice, first in line 5"):
        make("x = 1", "t :TEST INPUT: x = 0", "T :TEST INPUT: x = 2")


def test_pytest_collects_them_without_a_behaviour_file(write_model) -> None:
    file = write_model(
        *SHOP, CARELESS, *RULE, "fine :THE CONDITION: demand = 0 :IMPLIES: shipments = 0"
    )
    (file.parent / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rA", str(file.parent)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "model.mdl::reality check[fine]" in done.stdout.partition("PASSED")[2]
    assert "but must be at most 0" in done.stdout
    assert "Traceback" not in done.stdout
