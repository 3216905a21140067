"""The answers to experiments as tables and sentences on a terminal.

The functions take outcomes, thresholds and deciding constants, and return tables of `rich` and sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from sdcluster.words import known, say
from sdcluster.words import phrase as words
from sdcluster.words.numbers import fixed, plain

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
    """Yield a table of the hypotheses and a table of the identities."""
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
    table.add_column(words("number", language), justify="right", overflow="fold")
    table.add_column(words("holds", language), overflow="fold")
    robust = any(o.runs for o in outcomes)
    if robust:
        table.add_column(words("in runs", language), justify="right", overflow="fold")
    colon = _colon(language)
    for outcome in outcomes:
        asked = outcome.experiment
        text = asked.question.get(language) or asked.title.get(language) or asked.name
        values = [f"{case} {plain(value, 4)}" for case, value in outcome.values.items()]
        measured = say("signs.comma", language).join(values)
        cells = [
            Text(text),
            Text(f"{_measure(asked.quantity, model, language)}{colon}{measured}"),
            Text(f"{words(asked.verdict.kind, language)} {plain(outcome.number, 4)}"),
            _answer(outcome, language),
        ]
        if robust:
            firm = words(outcome.firmness, language)
            share = f"{outcome.share:.0%}, {firm}" if outcome.runs else ""
            cells.append(Text(share, style=_STYLE.get(outcome.firmness, "")))
        table.add_row(*cells)
    return table


def _colon(language: str) -> str:
    return say("signs.colon", language)


def _answer(outcome: Outcome, language: str) -> Text:
    """Return "yes" or "no", and a line with the verdict for each explanation that the experiment removes."""
    found = Text(words(_MARK[outcome.holds], language), style="green" if outcome.holds else "red")
    for cut in outcome.cuts:
        found.append("\n" + _cut(cut, language), style="green" if cut.confirmed else "red")
    return found


def _cut(outcome: CutOutcome, language: str) -> str:
    """Return the verdict after one explanation was removed from the model, such as ``cause cut: no (1.02)``."""
    title = outcome.cut.title.get(language) or outcome.cut.title.get("en") or ""
    shown = words(f"{outcome.cut.role} cut", language)
    if title:
        shown += say("signs.brackets", language, text=title)
    number = plain(outcome.number, 4)
    verdict = words(_MARK[outcome.verdict], language)
    bracketed = say("signs.brackets", language, text=number)
    return f"{shown}{_colon(language)}{verdict}{bracketed}"


def thresholds(model: Model, found: Mapping[str, Sequence[Held]], language: str) -> Iterator[str]:
    """Yield a sentence for each threshold, the value of a constant at which the verdict changes."""
    from sdcluster.study.experiments_threshold import told

    for name, every in found.items():
        for held in every:
            shown = constant(model, held.threshold.constant, language)
            sentence = told(held, shown, language)
            if held.failed:
                sentence += say("experiments.not_run", language, count=held.failed)
            yield f"{name}{_colon(language)}{sentence}"


def constant(model: Model, name: str, language: str) -> str:
    """Return the name of a constant for use in a sentence: in English in backquotes, in other languages its label."""
    label = model.label(name, language) if name in model else name
    key = "experiments.constant" if name in model else "experiments.share"
    return say(key, language, name=name, label=label)


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
    return Text(f"{fixed(value, 2)} ({fixed(ends[0], 2)} … {fixed(ends[1], 2)})")


def summary(outcomes: Sequence[Outcome], language: str) -> str:
    """Return a sentence with the number of hypotheses that hold, and separately of identities."""
    hypotheses = [o for o in outcomes if not o.experiment.identity]
    identities = [o for o in outcomes if o.experiment.identity]
    holding, passing = (sum(o.holds for o in every) for every in (hypotheses, identities))
    text = say("experiments.hold", language, holding=holding, count=len(hypotheses))
    if identities:
        text += say("experiments.identities", language, holding=passing, count=len(identities))
    return text


def remarks(outcomes: Sequence[Outcome], language: str) -> Iterator[str]:
    """Yield remarks on hypotheses without a removable cause or a rival explanation."""
    for role in ("rival", "cause"):
        names = [o.experiment.name for o in outcomes if role in o.experiment.lacks]
        if names:
            listed = say("signs.comma", language).join(names)
            yield say(f"experiments.{role}", language, names=listed)


def _measure(measure: Measure, model: Model, language: str) -> str:
    """Return a measure in words with the variable's label.

    A measure that cannot be translated completely is returned as written on the command line.
    """
    sign = "signs.measure_with_level" if measure.word.needs == "level" else "signs.measure"
    if not known(sign, language) or measure.on or measure.variable not in model:
        return str(measure)
    label = model.label(measure.variable, language)
    text = say(sign, language, variable=label, word=measure.says(language))
    for key, time in (("from", measure.start), ("to", measure.stop)):
        text += "" if time is None else say(f"experiments.{key}", language, time=time)
    return text
