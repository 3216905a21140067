"""The sections of a model's page about behaviour: scenarios with curves, assertions, and experiments.

The functions take an `Edition` and a `Measured`, and return HTML.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np

from sdcluster.checks.report import Row
from sdcluster.checks.vocabulary import Assertion
from sdcluster.errors import ModelError
from sdcluster.measure.measures import Measure, main_variables
from sdcluster.project.scenario import Scenario
from sdcluster.project.scenarios_file import DEFAULT
from sdcluster.publish.edition import Edition, digits, message_html, table
from sdcluster.publish.measured import Measured
from sdcluster.publish.sentences import settings_translated, translated
from sdcluster.run.elements import elements_of
from sdcluster.study.experiments import CutOutcome, Outcome
from sdcluster.view.chart import Chart, Curve
from sdcluster.view.chart_words import clock
from sdcluster.view.svg import draw

MOST_CURVES = 6
MOST_CHARTS = 8
SHARES = ("within_30", "levers_kept", "whole")
MARKS = {"passed": "✔", "failed": "✘", "error": "!", "no baseline": "?"}
_Y_LABEL = re.compile(r"(.+?)( \(.+\))?(?: at (\S+))?")
DIMENSIONLESS = ("", "1", "dmnl", "dimensionless")


def scenarios(edition: Edition, measured: Measured) -> str:
    """Return HTML with the curves of each set of scenarios, and a table of all scenarios."""
    checker = measured.checker
    if checker is None:
        why = measured.why_not
        return f"<p>{edition.say('not_run', why=escape(why))}</p>" if why else ""
    known = checker.scenarios
    if len(known) <= 1:
        return _single(edition, measured, next((s.name for s in known), DEFAULT))
    parts, drawn = [], set()
    for name, members in known.sets.items():
        title = edition.pick(known.set_titles.get(name, {}), name)
        parts.append(_set(edition, measured, title, members))
        drawn |= set(members)
    rest = [s.name for s in known if s.name not in drawn]
    for at in range(0, len(rest), MOST_CURVES):
        title = edition.say("other_scenarios" if known.sets else "all_scenarios")
        parts.append(_set(edition, measured, title, rest[at : at + MOST_CURVES]))
    return "".join(parts) + f"<h4>{edition.say('all_scenarios')}</h4>" + _listed(edition, known)


def _set(edition: Edition, measured: Measured, title: str, members: Sequence[str]) -> str:
    charts = []
    runs = {name: measured.run(name) for name in members[:MOST_CURVES]}
    for variable in measured.told_by(members):
        curves = []
        for scenario, run in runs.items():
            names = elements_of([variable], run) if run is not None else []
            for element in names[: MOST_CURVES if len(runs) == 1 else 1]:
                time, values = run["time"].values, run[element].values  # type: ignore[index]
                curves.append(Curve(_titled(edition, measured, scenario), time, values))
        if curves:
            shown = names[0] if names else variable
            charts.append(_chart(edition, shown, curves))
    return f'<div class="set"><h4>{title}</h4><div class="charts">{"".join(charts)}</div></div>'


def _single(edition: Edition, measured: Measured, scenario: str) -> str:
    """Return HTML with the curves of a model that has a single scenario: a chart for each unit."""
    run = measured.run(scenario)
    if run is None:
        return ""
    names = elements_of(main_variables(edition.model), run)
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(str(run.variables[name].attrs.get("units", "")), []).append(name)
    parts = [
        (unit, members[at : at + MOST_CURVES])
        for unit, members in groups.items()
        for at in range(0, len(members), MOST_CURVES)
    ]
    charts = []
    for unit, part in parts[:MOST_CHARTS]:
        curves = [Curve(_plain(edition, n), run["time"].values, run[n].values) for n in part]
        charts.append(_chart(edition, part[0] if len(part) == 1 else unit, curves, unit))
    return f'<div class="charts">{"".join(charts)}</div>'


def _chart(edition: Edition, name: str, curves: Iterable[Curve], unit: str | None = None) -> str:
    model = edition.model
    base = name.partition("[")[0]
    if unit is None:
        unit = model[base].units if base in model else ""
    label = _plain(edition, name) if base in model else name
    shown = "" if unit.lower() in DIMENSIONLESS else f" ({unit})"
    title = label if base in model else unit or "1"
    return draw(Chart(title, _clock(edition), label + shown, tuple(curves)))


def _plain(edition: Edition, name: str) -> str:
    """Return the name of a variable or element in the edition's language, without escaping it for HTML."""
    try:
        return edition.model.label(name, edition.language)
    except ModelError:
        return name


def _titled(edition: Edition, measured: Measured, scenario: str) -> str:
    assert measured.checker is not None
    title = measured.checker.scenarios.find(scenario).title
    return title.get(edition.language) or title.get("en") or scenario


def _listed(edition: Edition, known: Iterable[Scenario]) -> str:
    rows = []
    for one in known:
        title = edition.pick(one.title, one.name)
        rows.append(
            (
                f"<b>{title}</b><br><code>{escape(one.name)}</code>",
                edition.pick(one.description),
                _settings(edition, one),
            )
        )
    heads = [edition.say(key) for key in ("scenario", "what_happens", "settings")]
    return table(heads, rows, "scenarios")


def _settings(edition: Edition, one: Scenario) -> str:
    parts = [edition.settings(one.settings.items())] if one.settings else []
    for change in one.changes:
        when = edition.say("from_time", time=digits(change.time))
        parts.append(f"{when}: {edition.settings(change.settings.items())}")
    if one.stop is not None:
        parts.append(edition.say("until", time=digits(one.stop)))
    return "<br>".join(parts) or f'<span class="soft">{edition.say("file_settings")}</span>'


def behaviour(edition: Edition, measured: Measured) -> str:
    """Return HTML with each assertion in words, its verdict, numbers and a chart, and with the reality checks."""
    told = [
        (edition.pick(assertion.title), _plain_title(edition, assertion), row)
        for assertion, row in measured.verdicts
    ]
    told += [(escape(row.name), row.name, row) for row in measured.reality]
    if not told:
        return ""
    good = sum(row.ok for _, _, row in told)
    head = f"<p>{edition.say('verdicts', good=good, all=len(told))} {edition.say('checked')}</p>"
    if measured.baselines:
        same = sum(row.ok for row in measured.baselines)
        head += f"<p>{edition.say('baselines', good=same, all=len(measured.baselines))}</p>"
    items = "".join(_judged(edition, measured, *one) for one in told)
    return f'{head}<ol class="assertions">{items}</ol>'


def _plain_title(edition: Edition, assertion: Assertion) -> str:
    return assertion.title.get(edition.language) or assertion.name


def _judged(edition: Edition, measured: Measured, title: str, plain: str, row: Row) -> str:
    source = f"{edition.say('source')}: {escape(row.source)}" if row.source else ""
    return (
        f'<li class="assertion {row.verdict}"><p><span class="verdict {row.verdict}">'
        f"{MARKS[row.verdict]} {edition.say(row.verdict)}</span> <b>{title}</b></p>"
        f"<p>{_sentence(edition, measured, row)}</p>"
        f'<p class="soft">{source}</p>{_pictures(edition, measured, plain, row)}</li>'
    )


def _sentence(edition: Edition, measured: Measured, row: Row) -> str:
    assert measured.checker is not None
    known = measured.checker.scenarios
    text = translated(row.sentence, edition.model, known, edition.language)
    if text is None:
        return message_html(row.sentence, edition.language)
    return escape(text)


def _pictures(edition: Edition, measured: Measured, title: str, row: Row) -> str:
    if not row.charts:
        return ""
    legend = {"expected": edition.say("expected"), "period": edition.say("period")}
    drawn = "".join(
        draw(_in_language(edition, measured, replace(chart, title=title)), legend)
        for chart in row.charts
    )
    summary = edition.say("picture")
    return f"<details><summary>{summary}</summary><div class='charts'>{drawn}</div></details>"


def _in_language(edition: Edition, measured: Measured, chart: Chart) -> Chart:
    """Return a copy of a chart with names of variables and scenarios in the edition's language."""

    def called(label: str) -> str:
        if label in edition.model:
            return _plain(edition, label)
        assert measured.checker is not None
        known = measured.checker.scenarios
        if label in known.scenarios:
            return _titled(edition, measured, label)
        return settings_translated(label, edition.model, known, edition.language) or label

    found = _Y_LABEL.fullmatch(chart.y_label)
    name, unit, moment = found.groups("") if found else (chart.y_label, "", "")
    return replace(
        chart,
        y_label=_plain(edition, name) + unit + (f" @ {moment}" if moment else ""),
        x_label=_axis(edition, chart.x_label),
        curves=tuple(replace(c, label=called(c.label)) for c in chart.curves),
    )


def _axis(edition: Edition, label: str) -> str:
    """Return the label of an x axis in the edition's language; the axis shows time, or the constant of a sweep."""
    if label.partition(" (")[0] == "time":
        return _clock(edition)
    return _plain(edition, label)


def _clock(edition: Edition) -> str:
    unit = clock(edition.model.time.units, edition.language)
    return edition.say("time") + (f" ({unit})" if unit else "")


def experiments(edition: Edition, measured: Measured) -> str:
    """Return HTML with the question, the measures and the answer of each experiment, and how robust the answer is."""
    outcomes = measured.outcomes
    if not outcomes:
        return ""
    known = measured.robustness
    shown = [key for key in SHARES if any(key in one for one in known.values())]
    keys = ["question", "measured", "number", "answer"]
    parts = []
    for identity in (False, True):
        rows = [
            _asked(edition, outcome, known.get(outcome.experiment.name, {}))
            for outcome in outcomes
            if outcome.experiment.identity == identity
        ]
        if rows:
            title = f"<p>{edition.say('identities')}</p>" if identity else ""
            parts.append(title + table([edition.say(key) for key in keys], rows, "experiments"))
    note = f'<p class="soft">{edition.say("robustness", runs=_runs(known))}</p>' if shown else ""
    return "".join(parts) + note


def _runs(known: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the largest number of robustness runs in the results.

    A result gives a single number of runs, or a number for each way of varying the constants.
    """
    found: list[int] = [0]
    for one in known.values():
        runs = one.get("runs", 0)
        found += [int(r) for r in (runs.values() if isinstance(runs, Mapping) else [runs])]
    return max(found)


def _asked(edition: Edition, outcome: Outcome, shares: Mapping[str, Any]) -> list[str]:
    asked = outcome.experiment
    measured = "<br>".join(f"{escape(case)}: {digits(v, 4)}" for case, v in outcome.values.items())
    verdict = "passed" if outcome.holds else "failed"
    answer = edition.say("yes" if outcome.holds else "no")
    what = _measure(edition, asked.quantity)
    return [
        f"<b>{edition.pick(asked.title, asked.name)}</b><br>{edition.pick(asked.question)}"
        f'<br><span class="soft">{edition.say("source")}: {escape(asked.source)}</span>',
        f"{edition.link(asked.quantity.variable)} ({what})<br>{measured}",
        f'{_compared(edition, outcome)} = <b>{digits(outcome.number, 4)}</b><br><span class="soft">'
        f"{edition.say('wanted')} {_wanted(edition, outcome)}</span>",
        f'<span class="verdict {verdict}">{MARKS[verdict]} {answer}</span>'
        + "".join(_cut(edition, cut) for cut in outcome.cuts)
        + "".join(_share(edition, outcome, shares, key) for key in SHARES),
    ]


def _cut(edition: Edition, outcome: CutOutcome) -> str:
    """Return HTML with the verdict after one explanation was removed from the model."""
    answer = edition.say("yes" if outcome.verdict else "no")
    title = edition.pick(outcome.cut.title) if outcome.cut.title else ""
    what = edition.say(f"{outcome.cut.role}_cut", title=title).strip()
    mark = MARKS["passed" if outcome.confirmed else "failed"]
    return f'<br><span class="soft">{mark} {what}: {answer} ({digits(outcome.number, 4)})</span>'


def _measure(edition: Edition, measure: Measure) -> str:
    """Return a measure in words, as HTML."""
    on = edition.link(measure.on) if measure.on else ""
    return measure.says(edition.language, level=digits(measure.level), on=on)


def _compared(edition: Edition, outcome: Outcome) -> str:
    verdict = outcome.experiment.verdict
    names = edition.comma.join(escape(n) for n in verdict.names)
    return edition.say(verdict.kind, of=escape(verdict.of), to=escape(verdict.to), names=names)


def _wanted(edition: Edition, outcome: Outcome) -> str:
    verdict = outcome.experiment.verdict
    if verdict.kind == "order":
        return edition.say("rising")
    parts = []
    if math.isfinite(verdict.minimum):
        parts.append(edition.say("at_least", low=digits(verdict.minimum)))
    if math.isfinite(verdict.maximum):
        parts.append(edition.say("at_most", high=digits(verdict.maximum)))
    return edition.comma.join(parts)


def _share(edition: Edition, outcome: Outcome, one: Mapping[str, Any], key: str) -> str:
    """Return HTML with the share of robustness runs in which an answer held.

    Return an empty text if the model's number now differs from the number at the time of these runs.
    """
    value, then = one.get(key), one.get("number", outcome.number)
    if not isinstance(value, int | float) or not np.isclose(then, outcome.number, rtol=1e-6):
        return ""
    percent = edition.say("percent", number=f"{100 * value:.0f}")
    number = f'<span class="share" title="{value:.1%}">{percent}</span>'
    return f'<br><span class="soft">{edition.say(key)}</span> {number}'
