"""The command that asks a model the questions of its theory: `experiment`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from sdcluster.cli import options
from sdcluster.cli.terminal import Patience, console, say, warn
from sdcluster.errors import ModelError, did_you_mean
from sdcluster.output.wording import say as words

if TYPE_CHECKING:
    from sdcluster.analyse.experiments import Outcome
    from sdcluster.analyse.quantity import Quantity
    from sdcluster.model import Model

_MARK = {True: "yes", False: "no"}
_LEVELS = {"time above": "高于 {level:g} 的时间", "time to": "达到 {level:g} 所需的时间"}
_STYLE = {"firm": "green", "mostly": "yellow", "needs luck": "red"}


def experiment(
    model: options.ModelPath,
    name: Annotated[
        list[str] | None, typer.Argument(help="Experiments to run; all without a name.")
    ] = None,
    runs: Annotated[
        int,
        typer.Option(
            "--runs",
            "-n",
            min=0,
            max=1_000_000,
            help="Robustness runs: the constants that the experiment varies take values over their ranges.",
        ),
    ] = 0,
    spread: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Share of each range that is used, around the constant's own value.",
        ),
    ] = 1.0,
    levers: Annotated[
        bool,
        typer.Option(
            "--levers/--no-levers", help="Vary levers too, or leave them as the question has them."
        ),
    ] = True,
    seed: Annotated[
        int,
        typer.Option(min=0, help="Of the robustness runs, and of the random numbers in the model."),
    ] = 0,
    language: options.Language = "en",
) -> None:
    """Ask a model the questions in its experiments.toml, and how often each answer holds.

    Exit code 1 says that some of the robustness runs failed; they do not count.

    \b
    Examples:
      sdcluster experiment models/value_chain
      sdcluster experiment models/value_chain --runs 1000
      sdcluster experiment models/upgrading_cycle path_two_starts_lower --language zh
    """
    import sdcluster
    from sdcluster.analyse.experiments import load_experiments, run_experiment
    from sdcluster.analyse.sweep import failed_runs

    loaded = sdcluster.load(model)
    known = {e.name: e for e in load_experiments(loaded)}
    for wanted in name or ():
        if wanted not in known:
            hint = did_you_mean(wanted, known) or f"; there are: {', '.join(known)}"
            raise ModelError(
                f'there is no experiment "{wanted}"{hint}', file=loaded.folder / "experiments.toml"
            )
    outcomes = []
    with Patience() as patience:
        for wanted in name or known:
            outcomes.append(
                run_experiment(
                    loaded,
                    known[wanted],
                    runs,
                    seed=seed,
                    spread=spread,
                    levers=levers,
                    progress=patience.report,
                )
            )
    console().print(_table(loaded, outcomes, language))
    still = [o.experiment.name for o in outcomes if not o.varied] if runs else []
    for outcome in outcomes:
        if outcome.failed:
            total = outcome.runs + outcome.failed
            warn(
                f"{outcome.experiment.name}: {failed_runs(outcome.failed, total, outcome.failure)}"
            )
    if still:
        warn(
            f"nothing varies in {', '.join(still)}: give the experiment vary = [names of constants that have a range], "
            'or vary = "judgements" and ranges to the constants whose documentation says judgement'
        )
    varied = max((len(o.varied) for o in outcomes), default=0)
    if runs and varied and language == "zh":
        say(f"稳健性：{runs} 次拉丁超立方抽样运行，{varied} 个常数在各自范围的 {spread:.0%} 内变动")
    elif runs and varied:
        say(
            f"robustness: {runs} Latin-hypercube runs, {varied} constants over {spread:.0%} of their ranges"
        )
    if any(outcome.failed for outcome in outcomes):
        raise typer.Exit(1)


def _table(model: Model, outcomes: list[Outcome], language: str) -> Table:
    table = Table(title=model.name, title_justify="left")
    table.add_column(words("question", language), overflow="fold")
    table.add_column(words("measured", language), overflow="fold")
    table.add_column(words("number", language), justify="right")
    table.add_column(words("holds", language))
    robust = any(o.runs for o in outcomes)
    if robust:
        table.add_column(words("in runs", language), justify="right")
    colon = "：" if language == "zh" else ": "
    for outcome in outcomes:
        asked = outcome.experiment
        text = asked.question.get(language) or asked.title.get(language) or asked.name
        measured = ", ".join(f"{case} {value:.4g}" for case, value in outcome.values.items())
        cells = [
            Text(text),
            Text(f"{_measure(asked.quantity, model, language)}{colon}{measured}"),
            Text(f"{words(asked.verdict.kind, language)} {outcome.number:.4g}"),
            Text(words(_MARK[outcome.holds], language), style="green" if outcome.holds else "red"),
        ]
        if robust:
            firm = words(outcome.firmness, language)
            share = f"{outcome.share:.0%}, {firm}" if outcome.runs else ""
            cells.append(Text(share, style=_STYLE.get(outcome.firmness, "")))
        table.add_row(*cells)
    return table


def _measure(quantity: Quantity, model: Model, language: str) -> str:
    """Return what is measured: in Chinese with the variable's label, and where a part of it has none as it is."""
    if language != "zh" or quantity.on or quantity.variable not in model:
        return str(quantity)
    text = model.label(quantity.variable, language)
    if quantity.what in _LEVELS:
        text += _LEVELS[quantity.what].format(level=quantity.level)
    else:
        text += f"的{words(quantity.what, language)}"
    if quantity.start is not None:
        text += f"，自 {quantity.start:g}"
    if quantity.stop is not None:
        text += f"，至 {quantity.stop:g}"
    return text
