"""The command that tests hypotheses on a model: `experiment`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import Patience, console, say, warn
from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import comma_separated, labelled, message
from sdcluster.words import say as words

if TYPE_CHECKING:
    from sdcluster.study.experiments import Outcome


def experiment(
    model: options.ModelPath,
    name: Annotated[
        list[str] | None,
        typer.Argument(help="Names of the experiments to run; by default, all experiments."),
    ] = None,
    runs: Annotated[
        int,
        typer.Option(
            "--runs",
            "-n",
            min=0,
            max=1_000_000,
            help="Number of robustness runs, in which the constants named in the experiment vary over their ranges.",
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
            "--levers/--no-levers", help="Whether levers vary, too, in the robustness runs."
        ),
    ] = True,
    seed: Annotated[
        int,
        typer.Option(
            min=0, help="Seed of the robustness runs and of the random numbers in the model."
        ),
    ] = 0,
    thresholds: Annotated[
        bool,
        typer.Option(
            "--thresholds/--no-thresholds",
            help="For experiments that name a threshold: search for the values at which the verdict changes.",
        ),
    ] = True,
    deciding: Annotated[
        bool,
        typer.Option(
            "--deciding",
            help="Find the three constants that decide each verdict, by Sobol' indices over the ranges.",
        ),
    ] = False,
    base: Annotated[
        int,
        typer.Option(
            min=32,
            max=65536,
            help="Rows of the design for --deciding, a power of two; more make the intervals narrower.",
        ),
    ] = 256,
    language: options.Language = "en",
) -> None:
    """Test the hypotheses in a model's experiments.toml, and report how often each verdict holds.

    A hypothesis is supported if three conditions are met. Its verdict holds in the model. The verdict fails when the
    claimed cause is removed from the model. And the verdict still holds when each rival explanation is removed.
    An identity, which follows from a single equation, is tested too, but not counted as a hypothesis.
    The exit code is 1 if some robustness runs failed; these runs are not counted.

    \b
    Examples:
      sdcluster experiment my_model
      sdcluster experiment my_model --runs 1000
      sdcluster experiment my_model starts_lower --language zh
      sdcluster experiment my_model ends_higher --deciding
    """
    import sdcluster
    from sdcluster.cli import experiment_output
    from sdcluster.study.experiments import load_experiments, run_experiment
    from sdcluster.study.experiments_deciding import deciding_constants
    from sdcluster.study.experiments_threshold import find_threshold

    loaded = sdcluster.load(model)
    known = {e.name: e for e in load_experiments(loaded)}
    for wanted in name or ():
        if wanted not in known:
            hint = did_you_mean(wanted, known) or message(
                "cli.there_are", known=comma_separated(known)
            )
            raise ModelError(
                message("cli.no_experiment", wanted=wanted, hint=hint),
                file=loaded.folder / "experiments.toml",
            )
    chosen = [known[wanted] for wanted in name or known]
    varies: dict[str, Any] = {"seed": seed, "spread": spread, "levers": levers}
    outcomes, held, deciders = [], {}, {}
    with Patience() as patience:
        for one in chosen:
            outcomes.append(run_experiment(loaded, one, runs, progress=patience.report, **varies))
            if thresholds:
                held[one.name] = [
                    find_threshold(loaded, one, t, seed=seed, progress=patience.report)
                    for t in one.thresholds
                ]
            if deciding and one.vary and not one.identity:
                deciders[one.name] = deciding_constants(
                    loaded, one, base, progress=patience.report, **varies
                )
    for table in experiment_output.answers(loaded, outcomes, language):
        console().print(table)
    for sentence in experiment_output.thresholds(loaded, held, language):
        say(sentence)
    if deciders:
        console().print(experiment_output.deciding(loaded, deciders, language))
    say(experiment_output.summary(outcomes, language))
    for sentence in experiment_output.remarks(outcomes, language):
        say(sentence)
    _robustness(outcomes, runs, spread, language)
    if any(outcome.failed for outcome in outcomes):
        raise typer.Exit(1)


def _robustness(outcomes: list[Outcome], runs: int, spread: float, language: str) -> None:
    """Print how the robustness runs were made, how many failed, and which experiments have no constants to vary."""
    from sdcluster.study.sweep import failed_runs

    still = [o.experiment.name for o in outcomes if not o.varied] if runs else []
    for outcome in outcomes:
        if outcome.failed:
            total = outcome.runs + outcome.failed
            warn(
                labelled(
                    outcome.experiment.name, failed_runs(outcome.failed, total, outcome.failure)
                )
            )
    if still:
        warn(message("cli.nothing_varies", names=comma_separated(still)))
    varied = max((len(o.varied) for o in outcomes), default=0)
    if runs and varied:
        say(words("experiments.robustness", language, runs=runs, varied=varied, spread=spread))
