"""The commands about a model itself: `info`, and `check` and `accept` for its trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from sdcluster.cli import options
from sdcluster.cli.terminal import Patience, console, say
from sdcluster.messages import comma_separated, message, shown
from sdcluster.view.chart_words import clock as unit_of_time
from sdcluster.words import phrase as words
from sdcluster.words import say as said

if TYPE_CHECKING:
    from sdcluster.model import Model

MOST_LOOPS = 12
MOST_DIFFERING, MOST_AGREEING = 100, 10  # the most curves that are listed, of each kind
KINDS_OF_LOOP = {"+": "reinforcing", "-": "balancing"}


def info(model: options.ModelPath, language: options.Language = "en") -> None:
    """List the contents of a model: variables, units, ranges, feedback loops, scenarios.

    \b
    Examples:
      sdcluster info my_model
      sdcluster info my_model --language zh
    """
    import sdcluster
    from sdcluster.view.tables import model_table

    loaded = sdcluster.load(model)
    screen = console()
    screen.print(model_table(loaded, language=language))
    for sentence in _lookups_sentence(loaded, language):
        say(sentence)
    say(_clock_sentence(loaded, language))
    say(_units_sentence(loaded, language))
    say(_loops_sentence(loaded, language))
    _reality_checks(loaded, language)
    scenarios = Table(title=words("scenarios", language), title_justify="left")
    scenarios.add_column(words("name", language), overflow="fold")
    scenarios.add_column(words("what happens", language), overflow="fold")
    for one in sdcluster.scenarios(loaded).values():
        text = one.description.get(language) or one.title.get(language, "")
        scenarios.add_row(Text(one.name), Text(text))
    screen.print(scenarios)


def _reality_checks(model: Model, language: str) -> None:
    """Print the reality checks, rules about behaviour that a Vensim file contains."""
    if not model.reality_checks:
        return
    title = words("reality checks (sdcluster check judges them)", language)
    table = Table(title=title, title_justify="left")
    table.add_column(words("name", language), overflow="fold")
    table.add_column(words("rule", language), overflow="fold")
    for check in model.reality_checks:
        table.add_row(Text(check.name), Text(check.text))
    console().print(table)


def _lookups_sentence(model: Model, language: str) -> list[str]:
    """Return a sentence on how to change the model's first lookup; an empty list for a model without lookups."""
    name = next(iter(model.lookups), "")
    if not name:
        return []
    return [said("info.lookups", language, name=name)]


def _clock_sentence(model: Model, language: str) -> str:
    clock = model.time
    key = "info.clock" if clock.units else "info.clock_without_unit"
    return said(
        key,
        language,
        units=unit_of_time(clock.units, language),
        start=clock.start,
        stop=clock.stop,
        dt=clock.dt,
        saveper=clock.saveper,
        method=clock.method,
    )


def _units_sentence(model: Model, language: str) -> str:
    from sdcluster.model.units import check_units

    found = check_units(model)
    if not found:
        return said("info.units_fit", language)
    head = said("info.units", language, count=len(found))
    sentences = (shown(one.sentence) for one in found)
    return "\n".join([head, *(f"  {sentence}" for sentence in sentences)])


def _loops_sentence(model: Model, language: str) -> str:
    from sdcluster.model.graph import loops

    found = loops(model, MOST_LOOPS + 1)
    if not found:
        return said("info.no_loops", language)
    many = len(found) > MOST_LOOPS
    head = "info.loops_many" if many else "info.loops"
    lines = [said(head, language, count=MOST_LOOPS if many else len(found))]
    colon = said("signs.colon", language)
    for loop in found[:MOST_LOOPS]:
        names = [model.label(name, language) for name in loop.names]
        kind = KINDS_OF_LOOP.get(loop.polarity, "undecided")
        lines.append(f"  {words(kind, language)}{colon}" + " → ".join([*names, names[0]]))
    return "\n".join(lines)


def check(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="A folder with models, or a single model."),
    ] = Path("models"),
    page: Annotated[
        Path | None,
        typer.Option(
            "--page",
            "-p",
            help="Write an HTML page with the curves that differ from their baselines.",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            "-b",
            metavar="FILE",
            help="Instead, compare one model with a stored run: a .vdf, .dat, .tab or .csv file of Vensim, or a file "
            "written by `sdcluster run --out`.",
            show_default=False,
        ),
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario",
            "-s",
            help="Check only the baseline of this scenario. With --baseline: the scenario of the stored run, or its "
            "changes file from Vensim (.cin). May be repeated.",
            show_default=False,
        ),
    ] = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    method: options.Method = None,
    second_opinion: Annotated[
        bool,
        typer.Option(
            "--second-opinion",
            help="Also run one model in PySD, and show the largest difference of each variable. PySD generates a "
            "program from the file and executes it, so this needs --trust.",
        ),
    ] = False,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust", help="For --second-opinion: you trust the author of the model file."
        ),
    ] = False,
    language: options.Language = "en",
) -> None:
    """Compare a model's trajectories with stored baselines and with the behaviour that the model must show.

    The exit code is 1 if there is a difference. With --baseline, the report begins with the constants that differ; use
    --set, --set-lookup and --method to repeat the settings of the stored run. With --second-opinion, sdcluster and PySD
    both run the model with the settings in its file and Euler's method, the only method that PySD has.

    \b
    Examples:
      sdcluster check models/
      sdcluster check my_model --page check.html
      sdcluster check model.mdl --baseline base.vdf --page check.html
      sdcluster check model.mdl --baseline high.vdf -s high.cin
      sdcluster check model.mdl --second-opinion --trust
    """
    from sdcluster import checks as regress
    from sdcluster.run.save import PAGES, check_ending

    if page is not None:
        check_ending(page, PAGES)
    if second_opinion:
        names = ("--page", "--baseline", "--scenario", "--set", "--set-lookup", "--method")
        values = (page, baseline, scenario, settings, lookups, method)
        given = [name for name, value in zip(names, values, strict=True) if value]
        if given:
            raise typer.BadParameter(
                shown(message("cli.second_opinion_runs_model", given=comma_separated(given)))
            )
        _ask_pysd(folder, trust, language)
        return
    if trust:
        raise typer.BadParameter(shown(message("cli.trust_second_opinion_add")))
    with Patience() as patience:
        report = regress.check(
            folder,
            scenario,
            baseline=baseline,
            settings=options.read_settings(settings, lookups),
            method=method,
            progress=patience.report,
        )
    console().print(regress.report_table(report, language=language))
    if page is not None:
        regress.write_html(report, page, language=language)
        say(message("cli.wrote", path=page))
    if not report.ok:
        raise typer.Exit(1)


def _ask_pysd(model: Path, trust: bool, language: str) -> None:
    """Print the differences between a model's curves and PySD's; exit with code 1 if there are any."""
    from sdcluster.checks.second_opinion import second_opinion

    with Patience():
        opinion = second_opinion(model, trust=trust)
    table = Table(title=Text(opinion.summary().text(language)), title_justify="left")
    for heading in ("variable", "largest difference", "time", "sdcluster", "PySD"):
        table.add_column(
            words(heading, language),
            justify="left" if heading == "variable" else "right",
            overflow="fold",
        )
    shown = opinion.apart or opinion.differences[:MOST_AGREEING]
    for one in shown[:MOST_DIFFERING]:
        numbers = (one.largest, one.time, one.ours, one.theirs)
        table.add_row(Text(one.name), f"{one.largest:.2g}", *(f"{n:.10g}" for n in numbers[1:]))
    console().print(table)
    if len(shown) > MOST_DIFFERING:
        say(message("cli.more_differ", count=len(shown) - MOST_DIFFERING))
    if opinion.alone:
        more = ["…"] if len(opinion.alone) > MOST_AGREEING else []
        names = comma_separated([*opinion.alone[:MOST_AGREEING], *more])
        say(message("cli.pysd_does_not_give", names=names))
    if not opinion.ok:
        raise typer.Exit(1)


def accept(
    model: options.ModelPath,
    because: Annotated[
        str,
        typer.Option(help="The reason for the change; it is stored with the baseline."),
    ],
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario",
            "-s",
            help="Store only the baseline of this scenario. May be repeated.",
            show_default=False,
        ),
    ] = None,
    language: options.Language = "en",
) -> None:
    """Store the model's current trajectories as the baseline, and record the reason for the change.

    \b
    Examples:
      sdcluster accept my_model --because "births after the census of 2020"
    """
    from sdcluster import checks as regress

    with Patience() as patience:
        written = regress.accept(model, scenario, because, progress=patience.report)
    for path in written:
        say(message("cli.wrote", path=path))
