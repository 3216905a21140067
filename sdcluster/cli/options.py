"""Arguments that several commands share: types, parsing and completion."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdcluster.errors import ModelError
from sdcluster.files import reason as os_reason
from sdcluster.measure.words import WORDS
from sdcluster.messages import labelled, message, speak, spoken
from sdcluster.run.methods import in_words
from sdcluster.words import LANGUAGES

if TYPE_CHECKING:
    from sdcluster.model import Model
    from sdcluster.model.points import Points
    from sdcluster.project import Scenarios
    from sdcluster.read.tables.points import PointsFile, Scale

TABLES_OF_TIMES = (".csv", ".tab", ".tsv", ".txt")


def _model_typed(ctx: typer.Context) -> Path:
    """Return the model's path on an unfinished command line, for completion.

    While an option still lacks its value, typer has not assigned the arguments, so the path is the first of them.
    """
    return Path(ctx.params.get("model") or ctx.args[0])


def _scenario_names(ctx: typer.Context, incomplete: str) -> list[str]:
    from sdcluster.model.names import loose
    from sdcluster.project import scenarios_beside

    try:
        known = scenarios_beside(_model_typed(ctx))
    except Exception:  # completion must never disturb the shell
        return []
    names = [*known.scenarios, *known.sets]
    return [name for name in names if loose(name).startswith(loose(incomplete))]


def _variable_names(ctx: typer.Context, incomplete: str) -> list[str]:
    import sdcluster
    from sdcluster.model.names import canonical

    try:
        model = sdcluster.load(_model_typed(ctx))
    except Exception:  # completion must never disturb the shell
        return []
    names = [variable.name for variable in model.variables.values()]
    return [name for name in names if canonical(name).startswith(canonical(incomplete))]


def _settings(ctx: typer.Context, incomplete: str) -> list[str]:
    return [f"{name}=" for name in _variable_names(ctx, incomplete.partition("=")[0])]


def _methods(incomplete: str) -> list[str]:
    from sdcluster.run.methods import METHODS
    from sdcluster.run.plan import FIXED

    return [name for name in (*FIXED, *METHODS) if name.lower().startswith(incomplete.lower())]


ModelPath = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL",
        help="The model's file, or the folder that contains it, for instance my_model.",
        show_default=False,
    ),
]
ScenarioName = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        "-s",
        help="A scenario from the model's scenarios.toml, or Vensim's changes file (.cin).",
        autocompletion=_scenario_names,
        show_default=False,
    ),
]
ScenarioNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SCENARIO]...",
        help="Names of scenarios or of sets of scenarios, or Vensim's changes files (.cin). By default, all scenarios.",
        autocompletion=_scenario_names,
        show_default=False,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Set a constant, or the initial value of a stock; price=3,4 sets each element of an array. Any variable "
        "except a stock can also follow a series of times and values: points as in "
        '"demand=(0,5),(10,8)", or a table as in "demand=data.csv", from the column with the name of the variable '
        "(data.csv:north names another column). Between points the series is linear; with the word hold after it, it "
        "has the value of the point before, with next that of the point after. May be repeated.",
        autocompletion=_settings,
        show_default=False,
    ),
]
Lookups = Annotated[
    list[str] | None,
    typer.Option(
        "--set-lookup",
        metavar="NAME=POINTS",
        help="Replace the points of a lookup, or of a variable with a lookup in its equation (WITH LOOKUP): "
        '"effect=(0,0),(60,1),(120,4)"; a table with columns x and y, as in "effect=points.csv"; or the lookup\'s own '
        'values times a number, as in "effect*1.2". May be repeated.',
        autocompletion=_settings,
        show_default=False,
    ),
]
FromState = Annotated[
    Path | None,
    typer.Option(
        "--from-state",
        metavar="FILE",
        help="Continue from a saved state until the time --stop, instead of beginning at the start. Settings made "
        "before the state was saved still apply.",
        show_default=False,
    ),
]
SaveState = Annotated[
    Path | None,
    typer.Option(
        "--save-state",
        metavar="FILE",
        help="Save the state at the end of the run for --from-state, including delays, conveyors, queues and random "
        "numbers.",
        show_default=False,
    ),
]
VariableNames = Annotated[
    list[str] | None,
    typer.Option(
        "--variable",
        "-v",
        help="A variable to show or write; by default, the main variables. May be repeated.",
        autocompletion=_variable_names,
        show_default=False,
    ),
]
Method = Annotated[
    str | None,
    typer.Option(
        "--method",
        "-m",
        help="Integration method: euler, rk2 or rk4, with the model's time step; dopri5, which chooses its own steps "
        f"and is compiled, too; or a method of scipy: {in_words()}. By default, the method that the model file names.",
        show_default=False,
        autocompletion=_methods,
    ),
]
Rtol = Annotated[
    float, typer.Option(help="Relative tolerance of methods that choose their own steps.")
]
Atol = Annotated[
    float,
    typer.Option(
        help="Absolute tolerance of methods that choose their own steps, in the stocks' units."
    ),
]
_MEASURE = typer.Option(
    "--measure",
    metavar='"WORD VARIABLE"',
    help=f"A number to compute from each run: {', '.join(WORDS)}, followed by the name of a variable, of an "
    "element as in capability\\[technical], or of an array for all its elements. Some measures need more after the "
    'name: a level ("time above births 3"), "on" and another variable, or "at" and a time. "from" and "to" restrict '
    "the measure to a part of the run. May be repeated.",
    show_default=False,
)
Measures = Annotated[list[str], _MEASURE]
MeasuresIfAny = Annotated[list[str] | None, _MEASURE]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        min=0,
        help="Seed of the random numbers. Runs with the same seed are equal. The constant NOISE SEED of a Vensim "
        "model also changes random numbers.",
    ),
]
Times = Annotated[
    str | None,
    typer.Option(
        "--times",
        metavar="T,T,…|FILE",
        help="Times of the results, instead of one result per saveper: a list such as 0,1.5,7, or a file (.csv, .tab, "
        ".txt). The times are in the file's column time, or in its first column if there is no such column. Commas, "
        "semicolons or tabs separate columns.",
        show_default=False,
    ),
]
Out = Annotated[
    list[Path] | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write a file. The ending of its name chooses the format: a table (.csv, .tab, .xlsx), Vensim's data "
        "format (.dat, for one run), NetCDF (.nc) or a chart (.png, .svg). May be repeated.",
        show_default=False,
    ),
]


def _known_language(ctx: typer.Context, option: typer.CallbackParam, text: str) -> str:
    """Raise an error for an unknown language; otherwise show errors and warnings in the language from now on."""
    if text not in LANGUAGES:
        raise ModelError(
            message("cli.no_language_write_2", text=text, languages=" or ".join(LANGUAGES))
        )
    source = ctx.get_parameter_source(option.name or "")
    if source is not None and source.name == "DEFAULT":
        return spoken() if spoken() in LANGUAGES else text
    speak(text)
    return text


Language = Annotated[
    str,
    typer.Option(
        "--language",
        "-l",
        help="Language of tables, names, texts and messages: "
        f"{' or '.join(LANGUAGES)}. The environment variable SDCLUSTER_LANGUAGE sets it for all commands.",
        callback=_known_language,
        autocompletion=lambda: list(LANGUAGES),
    ),
]


def read_settings(
    texts: Iterable[str] | None, lookups: Iterable[str] | None = None
) -> dict[str, float | list[float] | Points | PointsFile | Scale]:
    """Return the settings of a run by name, from ``--set "name=value"`` and ``--set-lookup "name=points"``.

    Raises
    ------
    ModelError
        If a text has another form, or its value is neither a finite number nor points.
    """
    from sdcluster.read.tables.points import Scale

    settings: dict[str, float | list[float] | Points | PointsFile | Scale] = {}
    for text in texts or ():
        name, value = _split(text, "--set", 'name=value, for instance --set "price=0.2"')
        settings[name] = _read(f'--set "{text}"', value, lookup=False)
    for text in lookups or ():
        scaled = re.fullmatch(r"([^=]+)\*\s*([^=*\s]+)\s*", text)
        if scaled:
            factor = _read(f'--set-lookup "{text}"', scaled[2], lookup=True)
            if not isinstance(factor, float):
                raise ModelError(message("cli.set_lookup_needs_number", text=text))
            settings[scaled[1].strip()] = Scale(factor)
            continue
        name, value = _split(
            text, "--set-lookup", 'name=points, for instance "effect=(0,0),(60,1)"'
        )
        found = _read(f'--set-lookup "{text}"', value, lookup=True)
        if isinstance(found, float):
            raise ModelError(message("cli.set_lookup_needs_points", text=text))
        settings[name] = found
    return settings


def _split(text: str, option: str, form: str) -> tuple[str, str]:
    """Return name and value of ``name=value``, split at the first equals sign."""
    name, equals, value = text.partition("=")
    if not (equals and name.strip() and value.strip()):
        raise ModelError(message("cli.not_form", option=option, text=text, form=form))
    return name.strip(), value.strip()


def _read(given: str, value: str, *, lookup: bool) -> float | list[float] | Points | PointsFile:
    """Return the parsed value: a number, a list of numbers, points, or a file of points. Errors name the option."""
    from sdcluster.read.tables.points import read_input

    try:
        found = read_input(value, lookup=lookup)
    except ModelError as error:
        raise ModelError(labelled(given, error.sentence)) from None
    if isinstance(found, float) and not math.isfinite(found):
        raise ModelError(message("cli.needs_finite_number", given=given))
    return found


def read_times(text: str | None) -> list[float] | None:
    """Return the times in a comma-separated list, or in a column of a table if `text` is the path of a file.

    Raises
    ------
    ModelError
        If the file cannot be read or a value is not a number.
    """
    if text is None:
        return None
    path = Path(text)
    if path.suffix.lower() in TABLES_OF_TIMES or path.is_file():
        return _times_in(path)
    parts = text.split(",")
    if "" in map(str.strip, parts) and len(parts) > 1:
        raise ModelError(message("cli.times_gap_where_number", text=text))
    try:
        return [float(part) for part in parts]
    except ValueError:
        raise ModelError(message("cli.times_neither_numbers_commas", text=text)) from None


def _times_in(path: Path) -> list[float]:
    """Return the times in the column ``time`` of a table, or in the first column if there is no such column.

    A first line without numbers is the header.
    """
    from sdcluster.read.tables.points import delimiter_of

    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ModelError(
            message("cli.times_cannot_read", reason=os_reason(error)), file=path
        ) from None
    except UnicodeDecodeError:
        raise ModelError(message("cli.times_cannot_read_file"), file=path) from None
    between = delimiter_of("\n".join(lines).lstrip().encode())
    rows = [
        (
            number,
            [_cell(part, between) for part in next(csv.reader([line], delimiter=between or "\t"))],
        )
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    heads = [cell.lower() for cell in rows[0][1]] if rows else []
    column = heads.index("time") if "time" in heads else 0
    if rows and not _is_number(rows[0][1][column]):
        rows = rows[1:]
    times = []
    for number, cells in rows:
        if column >= len(cells) or not _is_number(cells[column]):
            raise ModelError(message("cli.line_no_number_time"), file=path, line=number)
        times.append(float(cells[column]))
    return times


def _cell(text: str, delimiter: str) -> str:
    """Return the text of a cell with a decimal point; a comma is a decimal comma unless commas separate the cells."""
    text = text.strip()
    return text if delimiter == "," else text.replace(",", ".")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def note_replaced(model: Model, names: Iterable[str]) -> None:
    """Warn of each name to vary that the model computes, because a number replaces its equation in each run."""
    from sdcluster.cli.terminal import warn
    from sdcluster.model.elements import find_element
    from sdcluster.model.kinds import a_kind

    for name in names:
        try:
            key, _ = find_element(model, name)
        except ModelError:
            continue  # an unknown name, or the value from some time on: the study reads it
        variable = model.variables[key]
        if variable.kind in ("auxiliary", "flow"):
            kind = a_kind(variable.kind)
            warn(message("cli.varies_replaces_equation", name=name, kind=kind))


def named_scenarios(known: Scenarios, wanted: Sequence[str] | None) -> list[str]:
    """Return the names of the scenarios to run; all scenarios if `wanted` is empty.

    Raises
    ------
    ModelError
        If there is no scenario or set of a name; the message gives the nearest names.
    """
    from sdcluster.model.names import loose
    from sdcluster.project import is_changes_file

    sets = {loose(name): members for name, members in known.sets.items()}
    names: list[str] = []
    for name in wanted or list(known.scenarios):
        if is_changes_file(name):
            names.append(name)
            continue
        names += sets.get(loose(name)) or (known.find(name).name,)
    return unique(names)


def unique(names: Sequence[str]) -> list[str]:
    """Return `names` without duplicates, in their order."""
    return list(dict.fromkeys(names))


def labels(model: Model, language: str) -> Callable[[str], str]:
    """Return a function from the name of a variable or element to its label; unknown names are returned unchanged."""
    from sdcluster.run.elements import base_name

    def label(name: str) -> str:
        return model.label(name, language) if base_name(name) in model else name

    return label
