"""What a model does, in one language: scenarios with curves, behaviour with verdicts, experiments with answers.

Crosses the border: an `Edition` and what was `Measured` in, HTML out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape

import numpy as np

from sdcluster.analyse.experiments import Outcome
from sdcluster.analyse.measures import main_variables
from sdcluster.document.edition import Edition, digits, table
from sdcluster.document.measured import Measured
from sdcluster.document.sentences import translated
from sdcluster.regress.chart import Chart, Curve
from sdcluster.regress.report import Row
from sdcluster.regress.svg import draw
from sdcluster.scenario.reading import DEFAULT
from sdcluster.scenario.scenario import Scenario
from sdcluster.solve.elements import elements_of

MOST_CURVES = 6
MOST_CHARTS = 8
MARKS = {"passed": "✔", "failed": "✘", "error": "!", "no baseline": "?"}
DIMENSIONLESS = ("", "1", "dmnl", "dimensionless")


def scenarios(edition: Edition, measured: Measured) -> str:
    """Return the sets of scenarios with their curves, and a table of all scenarios."""
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
    """Return the curves of a model that has one scenario: a chart for each unit."""
    run = measured.run(scenario)
    if run is None:
        return ""
    names = elements_of(main_variables(edition.model), run)
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(str(run[name].attrs.get("units", "")), []).append(name)
    charts = []
    for unit, members in groups.items():
        for at in range(0, len(members), MOST_CURVES):
            part = members[at : at + MOST_CURVES]
            curves = [Curve(_plain(edition, n), run["time"].values, run[n].values) for n in part]
            charts.append(_chart(edition, part[0] if len(part) == 1 else unit, curves, unit))
    return f'<div class="charts">{"".join(charts[:MOST_CHARTS])}</div>'


def _chart(edition: Edition, name: str, curves: Iterable[Curve], unit: str | None = None) -> str:
    model = edition.model
    base = name.partition("[")[0]
    if unit is None:
        unit = model[base].units if base in model else ""
    label = _plain(edition, name) if base in model else name
    shown = "" if unit.lower() in DIMENSIONLESS else f" ({unit})"
    clock = f" ({model.time.units})" if model.time.units else ""
    title = label if base in model else unit or "1"
    return draw(Chart(title, edition.say("time") + clock, label + shown, tuple(curves)))


def _plain(edition: Edition, name: str) -> str:
    base, bracket, rest = name.partition("[")
    if base not in edition.model:
        return name
    return edition.model.label(base, edition.language) + bracket + rest


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
    """Return each assertion in words with its verdict, the numbers and a picture."""
    verdicts = measured.verdicts
    if not verdicts:
        return ""
    good = sum(row.ok for _, row in verdicts)
    head = (
        f"<p>{edition.say('verdicts', good=good, all=len(verdicts))} {edition.say('checked')}</p>"
    )
    if measured.baselines:
        same = sum(row.ok for row in measured.baselines)
        head += f"<p>{edition.say('baselines', good=same, all=len(measured.baselines))}</p>"
    items = "".join(
        f'<li class="assertion {row.verdict}"><p><span class="verdict {row.verdict}">'
        f"{MARKS[row.verdict]} {edition.say(row.verdict)}</span> "
        f"<b>{edition.pick(assertion.title)}</b></p>"
        f"<p>{_sentence(edition, measured, row)}</p>"
        f'<p class="soft">{edition.say("source")}: {escape(row.source)}</p>{_pictures(edition, row)}</li>'
        for assertion, row in verdicts
    )
    return f'{head}<ol class="assertions">{items}</ol>'


def _sentence(edition: Edition, measured: Measured, row: Row) -> str:
    if edition.language == "en":
        return escape(row.sentence)
    assert measured.checker is not None
    text = translated(row.sentence, edition.model, measured.checker.scenarios)
    if text is None:
        return f'<span lang="en">{escape(row.sentence)}</span>'
    return escape(text)


def _pictures(edition: Edition, row: Row) -> str:
    if not row.charts:
        return ""
    charts = "".join(draw(_in_language(edition, chart)) for chart in row.charts)
    return f"<details><summary>{edition.say('picture')}</summary><div class='charts'>{charts}</div></details>"


def _in_language(edition: Edition, chart: Chart) -> Chart:
    """Return a chart with the names of variables as the edition calls them."""
    if edition.language == "en":
        return chart
    curves = tuple(replace(c, label=_plain(edition, c.label)) for c in chart.curves)
    name, bracket, unit = chart.y_label.partition(" (")
    return replace(
        chart,
        title=_plain(edition, chart.title),
        y_label=_plain(edition, name) + bracket + unit,
        x_label=chart.x_label.replace("time", edition.say("time"), 1),
        curves=curves,
    )


def experiments(edition: Edition, measured: Measured) -> str:
    """Return each question with what was measured, the answer, and how often it stays when judgements vary."""
    outcomes = measured.outcomes
    if not outcomes:
        return ""
    known = measured.robustness
    keys = ["question", "measured", "number", "answer"]
    keys += ["within_30", "whole"] if known else []
    rows = [
        _asked(edition, outcome, known.get(outcome.experiment.name, {}), bool(known))
        for outcome in outcomes
    ]
    runs = max((int(one.get("runs", 0)) for one in known.values()), default=0)
    note = f'<p class="soft">{edition.say("robustness", runs=runs)}</p>' if known else ""
    return table([edition.say(key) for key in keys], rows, "experiments") + note


def _asked(edition: Edition, outcome: Outcome, shares: object, robust: bool) -> list[str]:
    asked = outcome.experiment
    measured = "<br>".join(f"{escape(case)}: {digits(v, 4)}" for case, v in outcome.values.items())
    verdict = "passed" if outcome.holds else "failed"
    answer = edition.say("yes" if outcome.holds else "no")
    cells = [
        f"<b>{edition.pick(asked.title, asked.name)}</b><br>{edition.pick(asked.question)}"
        f'<br><span class="soft">{edition.say("source")}: {escape(asked.source)}</span>',
        f"{edition.link(asked.quantity.variable)} ({escape(asked.quantity.what)})<br>{measured}",
        f'{_compared(edition, outcome)} = <b>{digits(outcome.number, 4)}</b><br><span class="soft">'
        f"{edition.say('wanted')} {_wanted(edition, outcome)}</span>",
        f'<span class="verdict {verdict}">{MARKS[verdict]} {answer}</span>',
    ]
    if robust:
        cells += [_share(shares, "within_30"), _share(shares, "whole")]
    return cells


def _compared(edition: Edition, outcome: Outcome) -> str:
    verdict = outcome.experiment.verdict
    names = edition.say("comma").join(escape(n) for n in verdict.names)
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
    return edition.say("comma").join(parts)


def _share(shares: object, key: str) -> str:
    value = shares.get(key) if isinstance(shares, dict) else None
    if not isinstance(value, int | float) or not np.isfinite(value):
        return ""
    return f'<span class="share" title="{value:.1%}">{100 * value:.0f} %</span>'
