"""`sdcluster.explore(model)`: a laboratory for any model, displayed in a notebook and used as a Python object.

`explore` takes settings, scenarios, charts and saved states. The object that it returns gives the user's settings, and
the displayed runs as an `xarray.Dataset`. The page runs the model in WebAssembly, so moving a slider needs no call to
Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, did_you_mean, short_traceback
from sdcluster.lab.fans import Fans
from sdcluster.lab.notebook_widget import LaboratoryWidget
from sdcluster.lab.page_state import PageState, Setting, decoded
from sdcluster.lab.shown_runs import ShownRuns
from sdcluster.messages import comma_separated, message, spoken
from sdcluster.model import Model
from sdcluster.model.elements import element_names, find_element, one
from sdcluster.project.lab_file import LabFile
from sdcluster.project.scenario import Scenario, find_scenario
from sdcluster.project.scenarios_file import scenarios_beside
from sdcluster.publish.laboratory_data import Laboratory, laboratory_data
from sdcluster.words import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@short_traceback
def explore(
    model: Model | str | Path,
    *,
    language: str = "en",
    settings: Mapping[str, Any] | None = None,
    scenario: str | Path | Scenario | None = None,
    charts: Sequence[str | Sequence[str]] | None = None,
    state: str | None = None,
) -> Explorer:
    """Open the laboratory of a model in a notebook, with sliders, charts, equations, scenarios and stored runs.

    A ``lab.toml`` next to the model arranges sliders and charts. A saved notebook reopens with a working laboratory,
    even without a Python process.

    Parameters
    ----------
    model : Model or path
        A model, its file (``.mdl``, ``.xmile``, ``.stmx``, …) or its folder.
    language : {"en", "zh"}
        The language that the page shows first; a button on the page changes the language.
    settings : mapping of str to float, optional
        Constants and initial values to change, in the variable's unit; for an array, one number for all elements, or
        a number for each element.
    scenario : str, path or Scenario, optional
        A name from the ``scenarios.toml`` next to the model, the path of a Vensim changes file (``.cin``), or a
        `Scenario`.
    charts : sequence of str or of sequences of str, optional
        The names of the variables in each chart; the name of an array adds all its elements.
    state : str, optional
        A state from `Explorer.state` to restore; the other arguments override this state.

    Returns
    -------
    Explorer
        The laboratory as a widget, with its runs as datasets.

    Raises
    ------
    ModelError
        If a name is unknown or `state` is invalid. Also if the model fails with its default settings, uses an adaptive
        method, or cannot be compiled to WebAssembly.

    Examples
    --------
    >>> import sdcluster
    >>> lab = sdcluster.explore("my_model.mdl")  # doctest: +SKIP
    >>> lab.settings["price"] = 0.2  # doctest: +SKIP
    >>> lab.dataset()["population"].plot(hue="run")  # doctest: +SKIP
    """
    return Explorer(
        model,
        language=language,
        settings=settings,
        scenario=scenario,
        charts=charts,
        state=state,
    )


class Explorer:
    """An open laboratory, read and controlled from Python; created by `explore`.

    Parameters
    ----------
    model, language, settings, scenario, charts, state
        As for `explore`.
    lab : LabFile, optional
        Replaces the ``lab.toml`` next to the model.

    Attributes
    ----------
    model : Model
    widget : LaboratoryWidget
        The widget of the notebook, for layouts of ipywidgets.
    """

    def __init__(
        self,
        model: Model | str | Path,
        *,
        language: str = "en",
        settings: Mapping[str, Any] | None = None,
        scenario: str | Path | Scenario | None = None,
        charts: Sequence[str | Sequence[str]] | None = None,
        state: str | None = None,
        lab: LabFile | None = None,
    ) -> None:
        self._check_language(language)
        if not isinstance(model, Model):
            from sdcluster.read import load

            model = load(model)
        wanted = find_scenario(model, scenario)
        known = {found.name: found for found in scenarios_beside(model)}
        own = _says_something(wanted) and wanted != known.get(wanted.name)
        if own:
            wanted = _named(wanted, known)
            known[wanted.name] = wanted
        laboratory = laboratory_data(model, scenarios=(wanted,) if own else (), lab=lab)
        self._open(model, LaboratoryWidget(decoded(state or "").text), laboratory, known)
        self._speak(language)
        if _says_something(wanted):
            self.scenario = wanted
        if settings:
            self.settings.update(settings)
        if charts is not None:
            self.charts = charts

    def _open(
        self,
        model: Model,
        widget: LaboratoryWidget,
        laboratory: Laboratory,
        known: Mapping[str, Scenario],
    ) -> None:
        """Show a laboratory with the scenarios `known` on a widget."""
        self.model, self.widget, self._known = model, widget, known
        description = widget.show(laboratory)
        self._first_charts: list[list[str]] = description["first"]
        reasons = {s["name"]: s["reason"] for s in description["refused"]}
        self._refused = {name: said.get(spoken(), said["en"]) for name, said in reasons.items()}
        self._standards = _standards(description["program"]["settings"])
        self._runs = ShownRuns(model, known, description, self._standards)
        self._fans = Fans(widget, self._runs)
        self._setups = {s["name"]: self._runs.chosen(s) for s in description["scenarios"]}

    @staticmethod
    def _check_language(language: str) -> None:
        if language not in LANGUAGES:
            raise ModelError(
                message(
                    "lab.unknown_language_expected_one",
                    language=language,
                    languages=comma_separated(LANGUAGES),
                )
            )

    def _speak(self, language: str) -> None:
        if language != "en":
            self._change(self._page.in_language(language))

    # ---- settings and scenarios

    @property
    def settings(self) -> MutableMapping[str, float]:
        """The constants and initial values that differ from the model's own, as a mutable mapping from names.

        ``lab.settings["price"] = 0.2`` moves the slider, and ``del lab.settings["price"]`` resets the slider. The user
        can undo both on the page.
        """
        return Settings(self)

    @settings.setter
    def settings(self, values: Mapping[str, Any]) -> None:
        page = self._page
        self._change(page.with_run(replace(page.now, values=self._numbers(values))))

    @property
    def scenario(self) -> Scenario:
        """The current run as a scenario for `sdcluster.simulate`.

        To run another scenario on the page, assign a `Scenario`, a name in ``scenarios.toml``, or None for no scenario.
        """
        return self._runs.scenario(self._page.now)

    @scenario.setter
    def scenario(self, scenario: str | Scenario | None) -> None:
        name = self._scenario_name(scenario)
        self._change(self._page.with_run(self._setups[name] if name else Setting()))

    def _scenario_name(self, scenario: str | Scenario | None) -> str:
        if scenario is None:
            return ""
        known = None if isinstance(scenario, Scenario) else self._known.get(scenario)
        wanted = known or find_scenario(self.model, scenario)
        if not _says_something(wanted):
            return ""
        if wanted.name in self._refused:
            raise ModelError(
                message(
                    "lab.laboratory_cannot_show_scenario",
                    wanted=wanted.name,
                    refused=self._refused[wanted.name],
                )
            )
        if wanted.name not in self._setups or self._known[wanted.name] != wanted:
            raise ModelError(message("lab.laboratory_opened_without_scenario", wanted=wanted.name))
        return wanted.name

    # ---- what is on the screen

    @property
    def charts(self) -> list[tuple[str, ...]]:
        """The names of the variables in each chart; to change the charts, assign a name or a list of names for each."""
        shown = self._page.charts
        lines = self._first_charts if shown is None else [chart[0] for chart in shown]
        return [tuple(names) for names in lines]

    @charts.setter
    def charts(self, charts: Sequence[str | Sequence[str]]) -> None:
        if isinstance(charts, str):
            charts = [charts]
        names = [[chart] if isinstance(chart, str) else list(chart) for chart in charts]
        rows = [[row for name in chart for row in self._rows(name)] for chart in names]
        self._change(self._page.with_charts([[lines, 0, 0, None] for lines in rows]))

    def _rows(self, name: str) -> list[str]:
        key, place = find_element(self.model, name)
        if self.model.variables[key].kind == "lookup":
            raise ModelError(message("lab.lookup_no_curve_over", name=name))
        names = element_names(self.model, key)
        return names if place is None else [names[place]]

    def dataset(self) -> xr.Dataset:
        """Return the variables in the charts, for the current run and all other runs that the page shows.

        Returns
        -------
        xarray.Dataset
            The dimensions are ``run``, ``time`` and those of arrays. ``run`` contains ``"now"`` for the current run,
            the names of the kept runs, and ``"baseline"`` while the page shows the run with the model's own settings.
            Each run is bit-identical to that of `sdcluster.simulate`. A run that ends early has NaN after its end.

        Raises
        ------
        SimulationError
            If a run fails.
        """
        shown = [name for chart in self.charts for name in chart]
        return self._runs.dataset(self._page, shown)

    @property
    def samples(self) -> pd.DataFrame:
        """The sampled constants of the latest fan chart in the panel *How sure?*.

        The table has a row for each run and a column for each varied constant. To repeat these runs and save more of
        their results, call ``sdcluster.ensemble(lab.model, lab.samples, scenario=lab.scenario, …)``.

        Raises
        ------
        ModelError
            If the page has not yet shown a fan computed in Python.
        """
        if self._fans.last is None:
            raise ModelError(message("lab.no_fan_yet"))
        return self._fans.last.samples()

    # ---- keeping

    def save(self, name: str) -> None:
        """Keep the current run under a name, as "Keep this run" on the page does.

        Raises
        ------
        ModelError
            If the name is empty, or if six runs are already kept.
        """
        name = name.strip()
        if not name:
            raise ModelError(message("lab.name_kept_run_empty"))
        page = self._page
        self._change(page.with_kept(replace(page.now, name=name)))

    @property
    def state(self) -> str:
        """The state of the laboratory as text, from which ``explore(model, state=text)`` restores the laboratory."""
        return self.widget.state

    @state.setter
    def state(self, text: str) -> None:
        self._change(decoded(text))

    def observe(self, function: Callable[[dict[str, float]], object]) -> Observation:
        """Call a function with the new settings whenever the page or Python changes the current run.

        Parameters
        ----------
        function : callable
            The function; its argument is a dict of the constants that differ from the model's own, as in `settings`.

        Returns
        -------
        Observation
            An object whose method ``stop()`` ends the calls.
        """
        return Observation(self, function)

    # ---- how it is shown

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = self.widget._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data:
            data["text/plain"] = repr(self)
        return bundle

    def _display_(self) -> LaboratoryWidget:
        """Return the object that marimo displays."""
        return self.widget

    def __repr__(self) -> str:
        name = self.model.name or self.model.path.stem
        return f"<laboratory of {name}: {dict(self.settings) or 'its own settings'}>"

    # ---- state and names

    @property
    def _page(self) -> PageState:
        return decoded(self.widget.state)

    def _change(self, page: PageState) -> None:
        self.widget.state = page.text

    def _numbers(self, values: Mapping[str, Any]) -> dict[str, float]:
        """Return the settings by name of the scalar or element, without values that equal the model's own."""
        found: dict[str, float] = {}
        for name, value in values.items():
            names = self._names(name)
            numbers = np.asarray(value, dtype=float) if _is_numeric(value) else None
            if numbers is None or (numbers.size not in (1, len(names))):
                raise ModelError(
                    message(
                        "lab.takes_one_number_given",
                        name=name,
                        count=f" or {len(names)}" if len(names) > 1 else "",
                        value=repr(value),
                    )
                )
            if not np.isfinite(numbers).all():
                raise ModelError(
                    message("lab.takes_finite_numbers_given", name=name, value=repr(value))
                )
            found |= dict(
                zip(names, np.broadcast_to(numbers.ravel(), len(names)).tolist(), strict=True)
            )
        return {name: value for name, value in found.items() if value != self._standards[name]}

    def _names(self, name: str) -> list[str]:
        key, place = find_element(self.model, name)
        names = element_names(self.model, key)
        names = names if place is None else [names[place]]
        if not all(n in self._standards for n in names):
            raise ModelError(
                message(
                    "lab.cannot_set_neither_constant",
                    name=name,
                    hint=did_you_mean(name, list(self._standards)),
                ),
                file=self.model.path,
            )
        return names


class Settings(MutableMapping[str, float]):
    """The constants of a laboratory that differ from the model's own, by name; changing this mapping moves sliders."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer

    @property
    def _values(self) -> dict[str, float]:
        return dict(self._explorer._page.now.values)

    def __getitem__(self, name: str) -> float:
        values = self._values
        [found, *more] = self._explorer._names(name)
        if more:
            one(self._explorer.model, name)  # raises an error that asks for an element
        if found not in values:
            raise KeyError(
                f'"{found}" has the model\'s own value, {self._explorer._standards[found]:g}'
            )
        return values[found]

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __delitem__(self, name: str) -> None:
        names = self._explorer._names(name)
        values = self._values
        if not any(n in values for n in names):
            raise KeyError(f'"{name}" has the model\'s own value')
        self._explorer.settings = {k: v for k, v in values.items() if k not in names}

    def __contains__(self, name: object) -> bool:
        values = self._values
        return isinstance(name, str) and any(n in values for n in self._explorer._names(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)

    def update(self, *others: Any, **more: Any) -> None:
        """Set several constants in one step, so that a single undo reverts all of them."""
        wanted = dict(*others, **more)
        names = {n for name in wanted for n in self._explorer._names(name)}
        values = {k: v for k, v in self._values.items() if k not in names}
        self._explorer.settings = values | self._explorer._numbers(wanted)

    def clear(self) -> None:
        """Reset all constants to the model's own values."""
        self._explorer.settings = {}


class Observation:
    """Calls a function when settings change, until `stop()` is called or the ``with`` block of this object ends."""

    def __init__(self, explorer: Explorer, function: Callable[[dict[str, float]], object]) -> None:
        self._explorer = explorer
        self._function = function
        self._last = explorer._page.now
        explorer.widget.observe(self._changed, "_state")

    def _changed(self, _change: object) -> None:
        now = self._explorer._page.now
        if not now.same(self._last):
            self._last = now
            self._function(dict(now.values))

    def stop(self) -> None:
        """Stop calling the function."""
        with suppress(ValueError):  # `stop` was called before
            self._explorer.widget.unobserve(self._changed, "_state")

    def __enter__(self) -> Observation:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _is_numeric(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "iufb" and not isinstance(value, bool)
    except (TypeError, ValueError):
        return False


def _says_something(scenario: Scenario) -> bool:
    """Return whether a scenario has settings, changes, times or inputs, and so differs from the default run."""
    return replace(scenario, name="", title={}, description={}) != Scenario()


def _named(scenario: Scenario, known: Iterable[str]) -> Scenario:
    """Return the scenario under a name that is not among the `known` names; if necessary, append a number."""
    base = name = scenario.name or "scenario"
    number = 2
    while name in known:
        name, number = f"{base} ({number})", number + 1
    return replace(scenario, name=name)


def _standards(settings: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the model's own values of all constants and initial values that can be set, by name."""
    return {
        name: value
        for setting in settings
        if setting["default"] is not None
        for name, value in zip(
            setting["elements"] or [setting["name"]], setting["default"], strict=True
        )
    }
