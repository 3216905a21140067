"""The answers to experiments as tables and sentences on a terminal.

Crosses the border: outcomes, thresholds and deciding constants in; `rich` tables and sentences out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from sdcluster.view.wording import say as words

if TYPE_CHECKING:
    from sdcluster.measure.measures import Measure
    from sdcluster.model import Model
    from sdcluster.study.experiments import CutOutcome, Outcome
    from sdcluster.study.experiments_deciding import Deciding
    from sdcluster.study.experiments_threshold import Held

_MARK = {True: "yes", False: "no"}
_STYLE = {"firm": "green", "mostly": "yellow", "needs luck": "red"}
_IDENTITIES = "identities (tests of the equations, not counted)"


def answers(model: Model, outcomes: Sequence[Outcome], language: str) -> Iterator[Table]:
    """Yield a table of the hypotheses, and one of the identities."""
    hypotheses = [o for o in outcomes if not o.experiment.identity]
    identities = [o for o in outcomes if o.experiment.identity]
    if hypotheses:
        yield _table(model, model.name, hypotheses, language)
    if identities:
        yield _table(model, words(_IDENTITIES, language), identities, language)


def _table(model: Model, title: str, outcomes: Sequence[Outcome], language: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(words("question", language), overflow="fold")
    table.add_column(words("measured", language), overflow="fold")
    table.add_column(words("number", language), justify="right")
    table.add_column(words("holds", language), overflow="fold")
    robust = any(o.runs for o in outcomes)
    if robust:
        table.add_column(words("in runs", language), justify="right")
    colon = _colon(language)
    for outcome in outcomes:
        asked = outcome.experiment
        text = asked.question.get(language) or asked.title.get(language) or asked.name
        measured = ", ".join(f"{case} {value:.4g}" for case, value in outcome.values.items())
        cells = [
            Text(text),
            Text(f"{_measure(asked.quantity, model, language)}{colon}{measured}"),
            Text(f"{words(asked.verdict.kind, language)} {outcome.number:.4g}"),
            _answer(outcome, language),
        ]
        if robust:
            firm = words(outcome.firmness, language)
            share = f"{outcome.share:.0%}, {firm}" if outcome.runs else ""
            cells.append(Text(share, style=_STYLE.get(outcome.firmness, "")))
        table.add_row(*cells)
    return table


def _colon(language: str) -> str:
    return "：" if language == "zh" else ": "


def _answer(outcome: Outcome, language: str) -> Text:
    """Return yes or no, and where explanations were cut the verdict with each of them cut."""
    found = Text(words(_MARK[outcome.holds], language), style="green" if outcome.holds else "red")
    for cut in outcome.cuts:
        found.append("\n" + _cut(cut, language), style="green" if cut.confirmed else "red")
    return found


def _cut(outcome: CutOutcome, language: str) -> str:
    """Return the verdict with one explanation cut: ``cause cut: no (1.02)``."""
    title = outcome.cut.title.get(language) or outcome.cut.title.get("en") or ""
    shown = words(f"{outcome.cut.role} cut", language)
    if title:
        shown += f"（{title}）" if language == "zh" else f" ({title})"
    number = f"{outcome.number:.4g}"
    verdict = words(_MARK[outcome.verdict], language)
    bracketed = f"（{number}）" if language == "zh" else f" ({number})"
    return f"{shown}{_colon(language)}{verdict}{bracketed}"


def thresholds(model: Model, found: Mapping[str, Sequence[Held]], language: str) -> Iterator[str]:
    """Yield a sentence for each threshold that was looked for."""
    from sdcluster.study.experiments_threshold import told

    for name, every in found.items():
        for held in every:
            shown = constant(model, held.threshold.constant, language)
            sentence = told(held, shown, language)
            if held.failed:
                sentence += (
                    f"（其中 {held.failed} 处模型无法运行）"
                    if language == "zh"
                    else f" (the model cannot be run at {held.failed} points of the scan)"
                )
            yield f"{name}{_colon(language)}{sentence}"


def constant(model: Model, name: str, language: str) -> str:
    """Return a constant as sentences show it: its name in backquotes, in Chinese its label."""
    if language == "zh" and name in model:
        return f"“{model.label(name, language)}”"
    return f"`{name}`"


def deciding(model: Model, found: Mapping[str, Deciding], language: str) -> Table:
    """Return a table of the constants that decide each verdict, with 95 % intervals."""
    table = Table(title=words("what decides the verdicts", language), title_justify="left")
    for head in ("question", "constant or share", "total", "first order"):
        table.add_column(words(head, language), overflow="fold")
    for name, one in found.items():
        share = f"{words('holds', language)} {one.share:.0%}"
        if one.of == "margin":
            share += f" ({words('rank of the margin', language)})"
        table.add_row(Text(name), Text(share), "", "")
        for decider in one.constants:
            table.add_row(
                "",
                Text(constant(model, decider.name, language)),
                _interval(decider.total, decider.total_interval),
                _interval(decider.first, decider.first_interval),
            )
    return table


def _interval(value: float, ends: tuple[float, float]) -> Text:
    return Text(f"{value:.2f} ({ends[0]:.2f} … {ends[1]:.2f})")


def summary(outcomes: Sequence[Outcome], language: str) -> str:
    """Return how many hypotheses hold; identities apart."""
    hypotheses = [o for o in outcomes if not o.experiment.identity]
    identities = [o for o in outcomes if o.experiment.identity]
    holding, passing = (sum(o.holds for o in every) for every in (hypotheses, identities))
    if language == "zh":
        text = f"{len(hypotheses)} 个假说中 {holding} 个成立"
        return text + (f"；另有恒等式 {len(identities)} 个，{passing} 个满足" if identities else "")
    text = f"hypotheses that hold: {holding} of {len(hypotheses)}"
    return text + (f"; identities that hold: {passing} of {len(identities)}" if identities else "")


def remarks(outcomes: Sequence[Outcome], language: str) -> Iterator[str]:
    """Yield what hypotheses should name and do not: a cause that can be cut, a rival explanation."""
    sentences = {
        "rival": (
            "names no rival explanation; add rival = {{ title, settings }} that cuts one, or identity = true: {names}",
            "未指明竞争性解释；请用 rival = {{ title, settings }} 切断一个，或写 identity = true：{names}",
        ),
        "cause": (
            "names no cause; add cause = {{ settings }} that cuts it: {names}",
            "未指明原因；请用 cause = {{ settings }} 切断它：{names}",
        ),
    }
    for role, (english, chinese) in sentences.items():
        names = [o.experiment.name for o in outcomes if role in o.experiment.lacks]
        if names:
            sentence = chinese if language == "zh" else english
            listed = ("、" if language == "zh" else ", ").join(names)
            yield f"{'备注：' if language == 'zh' else 'remark: '}{sentence.format(names=listed)}"


def _measure(measure: Measure, model: Model, language: str) -> str:
    """Return what is measured: in Chinese with the variable's label, and where a part of it has none as it is."""
    if language != "zh" or measure.on or measure.variable not in model:
        return str(measure)
    of = "" if measure.word.needs == "level" else "的"
    text = f"{model.label(measure.variable, language)}{of}{measure.says(language)}"
    if measure.start is not None:
        text += f"，自 {measure.start:g}"
    if measure.stop is not None:
        text += f"，至 {measure.stop:g}"
    return text
