"""Read scenario files: convert ``scenarios.toml`` to immutable `Scenario` objects.

`load_scenarios` takes a path, and a model if names should be checked against it, and returns `Scenarios`.

A file contains a table for each scenario and, optionally, named sets of scenarios::

    [scenario.rescue_in_year_20]
    title = { en = "Rescue in year 20", zh = "第20年救援" }
    description = { en = "Closed for twenty years, then open.", zh = "…" }
    settings = { price = 0.05, tax = 0.05 }      # constants; for a stock, the initial value
    series = { demand = [[0, 5], [10, 8]], price = "prices.csv" }     # replace equations; see `toml_inputs`
    lookups = { effect = { scale = 1.2 } }
    changes = [ { time = 20, settings = { price = 0.5, tax = 0.3 } } ]
    stop = 120

    [set.classroom]
    scenarios = ["default", "closed", "rescue_in_year_20"]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError, did_you_mean, short_traceback
from sdcluster.files import model_path
from sdcluster.messages import comma_separated, labelled, message
from sdcluster.model.elements import find_element
from sdcluster.model.kinds import a_kind
from sdcluster.model.model import nearest
from sdcluster.model.names import canonical, loose
from sdcluster.project.scenario import Change, Scenario
from sdcluster.project.schema import NUMBER, SETTINGS, TEXT, WORDING, Kind, ListOf, Named, Table
from sdcluster.project.schema import Key as entry
from sdcluster.project.toml_file import Key, TomlFile, listed, place, read_toml
from sdcluster.project.toml_inputs import KEYS as INPUTS
from sdcluster.project.toml_inputs import join_inputs
from sdcluster.read.tables.points import Scale

if TYPE_CHECKING:
    from sdcluster.model import Model, TimeSettings

FILE_NAME = "scenarios.toml"
DEFAULT = "default"


@dataclass(frozen=True)
class Changes(Kind):
    """The kind of value of ``changes``: a list of times and settings, converted to `Change` objects, sorted by time."""

    name = "list of changes"
    tables = ListOf(
        Table(
            "change",
            {
                "time": entry(NUMBER, "time of the change", required=True),
                "settings": entry(
                    SETTINGS,
                    "values of constants from this time on; the value of a stock resets the stock",
                    True,
                ),
            },
        )
    )

    def __call__(self, file: TomlFile, value: Any, *at: Key) -> tuple[Change, ...]:
        """Return the changes in order of time, after checking each of them."""
        found = [Change(**table) for table in self.tables(file, value, *at)]
        return tuple(sorted(found, key=lambda change: change.time))

    def takes(self, value: Any) -> bool:
        """Return whether a value is a list."""
        return isinstance(value, list)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        return self.tables.json()


CHANGES = Changes()
RUN = {
    "settings": entry(SETTINGS, "values of constants, and initial values of stocks, by name"),
    "changes": entry(CHANGES, "settings that change during the run"),
    "start": entry(NUMBER, "first time of the run, if it differs from the model's"),
    "stop": entry(NUMBER, "last time of the run, if it differs from the model's"),
}
"""The keys of a run: settings, changes, start and stop."""
SCENARIO = Table(
    "scenario",
    {
        "title": entry(WORDING, "name of the scenario in tables and charts"),
        "description": entry(WORDING, "description of the scenario in one sentence"),
        **RUN,
        **INPUTS,
    },
)
SET = Table(
    "set",
    {
        "title": entry(WORDING, "name of the set in charts"),
        "scenarios": entry(
            ListOf(TEXT, least=1), "names of the scenarios in the set", required=True
        ),
    },
)
FILE = Table(
    FILE_NAME,
    {
        "scenario": entry(Named(SCENARIO), "scenarios, by name"),
        "set": entry(Named(SET), "sets of scenarios, by name"),
    },
)


@dataclass(frozen=True)
class Scenarios:
    """The scenarios of a model.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        The scenarios by name, in the file's order.
    sets : mapping of str to tuple of str
        The names of the scenarios in each named set.
    set_titles : mapping of str to mapping of str to str
        Titles of the sets by language code, if given in the file.
    path : Path or None
        The file; None if the model has no scenario file.
    """

    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    set_titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    path: Path | None = None

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self.scenarios.values())

    def __len__(self) -> int:
        return len(self.scenarios)

    def find(self, name: str) -> Scenario:
        """Return a scenario by name, ignoring case, blanks, hyphens and underscores.

        ``default`` always exists; without an entry in the file, it means the model file's own settings.

        Raises
        ------
        ModelError
            If there is no scenario with this name; the message gives the nearest names.
        """
        wanted = loose(name)
        for known, scenario in self.scenarios.items():
            if loose(known) == wanted:
                return scenario
        if wanted == DEFAULT:
            return Scenario(DEFAULT)
        known_names = list(self.scenarios) or [DEFAULT]
        hint = did_you_mean(wanted, known_names) or message(
            "project.known", names=comma_separated(known_names)
        )
        raise ModelError(message("project.no_scenario", name=name, hint=hint), file=self.path)


def load_scenarios(path: str | Path, model: Model | None = None) -> Scenarios:
    """Read a scenario file.

    Parameters
    ----------
    path : path
        The file, or the model's folder with ``scenarios.toml``.
    model : Model, optional
        The model with which to check the names in settings and the times of changes.

    Raises
    ------
    ModelError
        If the text is not TOML, a key or name is unknown, or a value has the wrong type; the message names file, line
        and key.
    """
    path = Path(path)
    file = read_toml(path / FILE_NAME if path.is_dir() else path)
    read = FILE(file, file.data)
    tables = read.get("scenario", {})
    scenarios: dict[str, Scenario] = {}
    spellings: dict[str, str] = {}
    for name, table in tables.items():
        other = spellings.setdefault(loose(name), name)
        if other != name:
            raise file.error(
                message("project.scenarios_same_name_since", other=other, name=name),
                "scenario",
                name,
            )
        scenarios[name] = _scenario(file, name, table)
        if model is not None:
            _check_against(file, scenarios[name], model)
    result = Scenarios(scenarios, path=file.path)
    sets, titles = _sets(file, read.get("set", {}), result)
    return Scenarios(scenarios, sets, titles, file.path)


@short_traceback
def scenarios(model: Model | str | Path) -> dict[str, Scenario]:
    """Return the scenarios in the model's folder by name, in file order.

    Parameters
    ----------
    model : Model or path
        A loaded model, or the path of a model file or folder. Only a loaded model is used to check names.

    Returns
    -------
    dict of str to Scenario
        The scenarios; only ``default`` if the folder has no ``scenarios.toml``.
    """
    return dict(scenarios_beside(model).scenarios)


def scenarios_beside(model: Model | str | Path) -> Scenarios:
    """Return the scenarios in the model's folder; only ``default`` if the folder has no ``scenarios.toml``.

    Raises
    ------
    ModelError
        If the model does not exist, or if the file has an error; the message names file, line and key.
    """
    if isinstance(model, (str, Path)):
        path = model_path(model)
        folder, checked = (path if path.is_dir() else path.parent), None
        if not path.exists():
            raise ModelError(message("project.no_such_model_file"), file=path)
    else:
        folder, checked = model.folder, model
    if (folder / FILE_NAME).is_file():
        return load_scenarios(folder / FILE_NAME, checked)
    return Scenarios({DEFAULT: Scenario(DEFAULT)})


def _scenario(file: TomlFile, name: str, table: Mapping[str, Any]) -> Scenario:
    here: tuple[Key, ...] = ("scenario", name)
    check_bounds(file, table, *here)
    inputs = join_inputs(file, table, *here)
    own = {key: value for key, value in table.items() if key not in INPUTS}
    return Scenario(name=name, inputs=inputs, **own)


def check_bounds(file: TomlFile, table: Mapping[str, Any], *keys: Key) -> None:
    """Raise an error if ``stop`` is not after ``start``."""
    start, stop = table.get("start"), table.get("stop")
    if start is not None and stop is not None and start >= stop:
        raise file.error(
            message("project.stops_not_after_start", keys=place(*keys), stop=stop, start=start),
            *keys,
            "stop",
        )


def _sets(
    file: TomlFile, tables: Mapping[str, Mapping[str, Any]], known: Scenarios
) -> tuple[dict[str, tuple[str, ...]], dict[str, dict[str, str]]]:
    sets: dict[str, tuple[str, ...]] = {}
    titles: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        here: tuple[Key, ...] = ("set", name)
        names = []
        for member in table["scenarios"]:
            try:
                names.append(known.find(member).name)
            except ModelError as error:
                raise file.error(
                    message("project.in_place", place=place(*here), reason=error.sentence),
                    *here,
                    "scenarios",
                ) from None
        sets[name] = tuple(names)
        titles[name] = table.get("title", {})
    return sets, titles


def _check_against(file: TomlFile, scenario: Scenario, model: Model) -> None:
    here: tuple[Key, ...] = ("scenario", scenario.name)
    check_settings(file, scenario.settings, model, *here, "settings")
    check_inputs(file, scenario.inputs, model, *here)
    try:
        stop = _clock(scenario, model).stop
    except ModelError as error:
        raise file.error(labelled(place(*here), error.sentence), *here, "settings") from None
    for change in scenario.changes:
        check_settings(file, change.settings, model, *here, "changes", kinds=("constant", "stock"))
        if change.time >= stop:
            raise file.error(
                message(
                    "project.changes_settings_run_stops",
                    here=place(*here),
                    time=change.time,
                    stop=stop,
                ),
                *here,
                "changes",
            )


def _clock(scenario: Scenario, model: Model) -> TimeSettings:
    """Return the time settings of a scenario's run; the scenario may override those of the model."""
    from sdcluster.model.clock import Clockwork

    values = {}
    for name, value in scenario.settings.items():
        key, element = find_element(model, name)
        if element is None:
            values[key] = value
    bounds = {"start": scenario.start, "stop": scenario.stop}
    return Clockwork(model).settings(values, {k: v for k, v in bounds.items() if v is not None})


def check_inputs(file: TomlFile, inputs: Mapping[str, Any], model: Model, *keys: Key) -> None:
    """Check that the variables of a scenario's series and lookups exist and can be replaced.

    Raises
    ------
    ModelError
        For the reasons given in `check_settings`.
    """
    driven = ("constant", "auxiliary", "flow", "data")
    for name, value in inputs.items():
        inside = isinstance(value, Scale) or value.lookup
        where = (*keys, "lookups" if inside else "series")
        kinds = ("lookup", *driven) if inside else driven
        check_settings(file, {name: 0.0}, model, *where, kinds=kinds)


def check_settings(
    file: TomlFile,
    settings: Mapping[str, float],
    model: Model,
    *keys: Key,
    kinds: tuple[str, ...] = ("constant", "stock", "auxiliary", "flow"),
) -> None:
    """Check that the variables in `settings` exist and can be set.

    Raises
    ------
    ModelError
        If a variable does not exist or cannot be set; the message names file, line, key and variable, and the nearest
        names.
    """
    for written in settings:
        # "sales[north, cars]" sets a single array element.
        name = written.partition("[")[0] if written.rstrip().endswith("]") else written
        if name not in model:
            names = [variable.name for variable in model.variables.values()]
            hint = nearest(canonical(name), names)
            raise file.error(
                message(
                    "project.sets_model_does_not",
                    keys=place(*keys),
                    name=name,
                    model=model.name,
                    hint=hint,
                ),
                *keys,
                name,
                variable=name,
            )
        try:
            find_element(model, written)
        except ModelError as error:
            raise file.error(labelled(place(*keys), error.sentence), *keys, written) from None
        variable = model[name]
        if variable.kind not in kinds:
            raise file.error(
                message(
                    "project.sets_can_set_only",
                    keys=place(*keys),
                    variable=variable.name,
                    kind=a_kind(variable.kind),
                    kinds=listed(map(a_kind, kinds), "or"),
                ),
                *keys,
                name,
                variable=variable.name,
            )


def set_elements(model: Model, names: Iterable[str]) -> set[tuple[str, int | None]]:
    """Return the variables and elements that the settings with these names change.

    Each item is a pair: the key of a variable, and the position of an element in the variable or None for all elements.
    """
    return {find_element(model, name) for name in names}
