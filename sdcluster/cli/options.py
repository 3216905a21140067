"""Arguments that several commands share: their types, how they are read and completed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdcluster.errors import ModelError

if TYPE_CHECKING:
    from sdcluster.scenario import Scenarios

LANGUAGES = ("en", "zh")
METHODS = ("rk4", "rk2", "euler", "RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA")


def _model_typed(ctx: typer.Context) -> Path:
    """Return the model on a line that is not finished: an option without its value leaves arguments unassigned."""
    return Path(ctx.params.get("model") or ctx.args[0])


def _scenario_names(ctx: typer.Context, incomplete: str) -> list[str]:
    from sdcluster.model.names import loose
    from sdcluster.scenario import scenarios_beside

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
    return [name for name in METHODS if name.lower().startswith(incomplete.lower())]


ModelPath = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL",
        help="A model file, or its folder, for instance models/cluster.",
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
        help="Scenarios, named sets of them, or Vensim's changes files (.cin); all scenarios if none is given.",
        autocompletion=_scenario_names,
        show_default=False,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A constant's value, or a stock's initial value; repeats.",
        autocompletion=_settings,
        show_default=False,
    ),
]
VariableNames = Annotated[
    list[str] | None,
    typer.Option(
        "--variable",
        "-v",
        help="A variable to show or write; repeats. Without it, the main ones are shown.",
        autocompletion=_variable_names,
        show_default=False,
    ),
]
Method = Annotated[
    str | None,
    typer.Option(
        "--method",
        "-m",
        help="euler, rk2 or rk4 at the file's step, or one of scipy's: RK23, RK45, DOP853, Radau, "
        "BDF, LSODA; the file's own method if left out.",
        show_default=False,
        autocompletion=_methods,
    ),
]
Out = Annotated[
    list[Path] | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write a file; its ending chooses a table (.csv, .tab, .xlsx), Vensim's data format (.dat, one run),"
        " NetCDF (.nc) or a chart (.png, .svg). Repeats.",
        show_default=False,
    ),
]


def _known_language(text: str) -> str:
    if text not in LANGUAGES:
        raise ModelError(f'there is no language "{text}"; write en or zh')
    return text


Language = Annotated[
    str,
    typer.Option(
        "--language",
        "-l",
        help="Language of tables, names and texts: en or zh.",
        callback=_known_language,
        autocompletion=lambda: list(LANGUAGES),
    ),
]


def read_settings(texts: Iterable[str] | None) -> dict[str, float]:
    """Read ``name=value`` texts.

    Raises
    ------
    ModelError
        If a text has another form or its value is not a finite number.
    """
    settings: dict[str, float] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (equals and name.strip() and math.isfinite(number)):
            raise ModelError(
                f'--set "{text}" is not of the form name=value with a number, '
                'for instance --set "openness=0.2"'
            )
        settings[name.strip()] = number
    return settings


def named_scenarios(known: Scenarios, wanted: Sequence[str] | None) -> list[str]:
    """Return the names of scenarios for names of scenarios and of sets; all if none is wanted.

    Raises
    ------
    ModelError
        Naming the nearest scenarios.
    """
    from sdcluster.model.names import loose
    from sdcluster.scenario import is_changes_file

    sets = {loose(name): members for name, members in known.sets.items()}
    names: list[str] = []
    for name in wanted or list(known.scenarios):
        if is_changes_file(name):
            names.append(name)
            continue
        names += sets.get(loose(name)) or (known.find(name).name,)
    return unique(names)


def unique(names: Sequence[str]) -> list[str]:
    """Return `names` in order, each once."""
    return list(dict.fromkeys(names))
