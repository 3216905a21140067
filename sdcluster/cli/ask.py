"""The command that asks a model the questions of its theory: `experiment`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from sdcluster.cli import options
from sdcluster.cli.terminal import Patience, console, say
from sdcluster.errors import ModelError, did_you_mean

if TYPE_CHECKING:
    from sdcluster.analyse.experiments import Outcome

_MARK = {True: "yes", False: "no"}
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
            help="Robustness runs: all judgements vary over their ranges.",
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
    seed: Annotated[int, typer.Option(help="Of the robustness runs.")] = 0,
    language: options.Language = "en",
) -> None:
    """Ask a model the questions in its experiments.toml, and how often each answer holds.

    \b
    Examples:
      sdcluster experiment models/value_chain
      sdcluster experiment models/value_chain --runs 1000
      sdcluster experiment models/upgrading_cycle path_two_starts_lower --language zh
    """
    import sdcluster
    from sdcluster.analyse.experiments import load_experiments, run_experiment

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
    console().print(_table(loaded.name, outcomes, language))
    varied = max((len(o.varied) for o in outcomes), default=0)
    if runs and varied:
        say(
            f"robustness: {runs} Latin-hypercube runs, {varied} judgements over {spread:.0%} of their ranges"
        )


def _table(title: str, outcomes: list[Outcome], language: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("question")
    table.add_column("measured")
    table.add_column("number", justify="right")
    table.add_column("holds")
    robust = any(o.runs for o in outcomes)
    if robust:
        table.add_column("in runs", justify="right")
    for outcome in outcomes:
        asked = outcome.experiment
        text = asked.question.get(language) or asked.title.get(language) or asked.name
        measured = ", ".join(f"{case} {value:.4g}" for case, value in outcome.values.items())
        cells = [
            Text(text),
            Text(f"{asked.quantity}: {measured}"),
            Text(f"{asked.verdict.kind} {outcome.number:.4g}"),
            Text(_MARK[outcome.holds], style="green" if outcome.holds else "red"),
        ]
        if robust:
            words = f"{outcome.share:.0%}, {outcome.firmness}" if outcome.runs else ""
            cells.append(Text(words, style=_STYLE.get(outcome.firmness, "")))
        table.add_row(*cells)
    return table
