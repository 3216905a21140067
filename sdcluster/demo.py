"""The demonstration: all scenarios of a model as a table and a chart.

`Demonstration(model)` runs all scenarios in the model's folder. It returns the results as a table of `rich`, and draws
them to a PNG file. The model's ``lab.toml`` configures the table and the chart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sdcluster.measure.measures import main_variables
from sdcluster.model.elements import elements, one
from sdcluster.model.names import canonical
from sdcluster.project.lab_file import Chart, LabFile, Line, lab_beside
from sdcluster.run.elements import spread
from sdcluster.view.story import Finding, Measuring, find, said, stories
from sdcluster.view.tables import number, sparkline
from sdcluster.words import say

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from sdcluster.model import Model
    from sdcluster.project.scenario import Scenario
    from sdcluster.project.scenarios_file import Scenarios
    from sdcluster.project.story_file import Story


@dataclass(frozen=True)
class Result:
    """A scenario and its run; each element of an array is a separate variable of the dataset."""

    scenario: Scenario
    ds: xr.Dataset

    def title(self, language: str) -> str:
        """Return the scenario's title in `language`, or its name."""
        return self.scenario.title.get(language, self.scenario.name)

    @cached_property
    def series(self) -> dict[str, Any]:
        """Trajectories by name of the variable or element."""
        return {str(name): values.values for name, values in self.ds.data_vars.items()}


class Demonstration:
    """The demonstration of a model, configured in its ``lab.toml``; every setting there has a default.

    Parameters
    ----------
    model : Model
    """

    def __init__(self, model: Model) -> None:
        from sdcluster.project import scenarios_beside

        self.model = model
        self.lab: LabFile = lab_beside(model)
        self.known: Scenarios = scenarios_beside(model)
        self.variable = self.lab.demo.variable or self._first()
        self.sets = self.lab.demo.sets or tuple(self.known.sets)
        chart = Chart({}, (Line(self.variable, "", ""),))
        self.stories: tuple[Story, ...] = stories(model, self.lab, (chart,))

    def _first(self) -> str:
        told = self.lab.tell or tuple(c.lines[0].name for c in self.lab.charts[:1])
        name = (
            told[0]
            if told
            else (*(s.name for s in self.model.stocks), *main_variables(self.model))[0]
        )
        found = self.model.variables.get(name.partition("[")[0].casefold())
        if found is not None and found.dimensions and "[" not in name:
            return elements(self.model, found)[0].name
        return one(self.model, name).name

    def run_all(
        self, track: Callable[[Iterable[Any], int], Iterable[Any]] | None = None
    ) -> list[Result]:
        """Run all scenarios in the model's folder."""
        import sdcluster

        scenarios = list(self.known.scenarios.values())
        points = track(scenarios, len(scenarios)) if track else scenarios
        return [Result(s, spread(sdcluster.simulate(self.model, s))) for s in points]

    def table(self, results: list[Result], *, language: str = "en") -> Table:
        """Return a table with a row for each scenario: measures of its run, its curve, and a verdict."""
        from rich.table import Table
        from rich.text import Text

        ends = {self.known.sets[name][-1] for name in self.sets}
        title = say("demo.title", language, name=self.model.name, count=len(results))
        found = Table(title=title, title_justify="left")
        heads = self.heads(language)
        for place, head in enumerate(heads):
            justify: Literal["left", "right"] = "right" if 0 < place < len(heads) - 2 else "left"
            found.add_column(Text(head), justify=justify, no_wrap=place > 0, overflow="fold")
        for result in results:
            found.add_row(
                Text(result.title(language)),
                number(float(result.ds["time"].values[-1])),
                *(Text(text) for text in self.measured(result, language)),
                sparkline(result.series[self.variable], width=19),
                Text(self.verdict(result, language)),
                end_section=result.scenario.name in ends,
            )
        return found

    def heads(self, language: str) -> list[str]:
        """Return the column headings of the table in a language."""
        columns = [said(c.title, language) for c in self.lab.demo.columns]
        label = self.model.label(self.variable, language)
        first = [say(f"demo.{head}", language) for head in ("scenario", "until")]
        last = [say(f"demo.{head}", language, variable=label) for head in ("curve", "end")]
        return [*first, *(columns or [say("demo.at_end", language)]), *last]

    def measured(self, result: Result, language: str) -> list[str]:
        """Return the text of each measure column for one run; a measure without a value gives an empty text."""
        story, columns = self.lab.story, self.lab.demo.columns
        if not columns or story is None:
            return [number(float(result.series[self.variable][-1]))]
        measuring = Measuring(
            story, result.ds["time"].values, result.series, {}, self.switch(result)
        )
        texts = []
        for column in columns:
            text = (
                measuring.shown(column.measure, language) if measuring.has(column.measure) else ""
            )
            percent = story.measures[column.measure].shown == "percent"
            texts.append(
                "" if percent and text == "0" else f"{text}%" if percent and text else text
            )
        return texts

    def switch(self, result: Result) -> float | None:
        """Return the time at which a scenario switches policies, or None.

        None for a scenario that does more than the policy switch in ``lab.toml`` can do.
        """
        if self.lab.switch is None or not is_switch(result.scenario):
            return None
        before = self.known.scenarios[self.lab.switch.scenario].settings
        same = {key.casefold() for key in before} <= {
            key.casefold() for key in result.scenario.settings
        }
        return result.scenario.changes[0].time if same else None

    def verdict(self, result: Result, language: str) -> str:
        """Return a verdict of one or two words on a run, using the rules of the model's story.

        Returns ``""`` if stocks are reset during the run, because a verdict on the whole run would be misleading.
        """
        switch = self.switch(result)
        if result.scenario.changes and switch is None:
            return ""
        findings = find(result.ds["time"].values, result.series, self.stories, switch=switch)
        first: Finding | None = next((f for f in findings if f.mode), None)
        return said(first.word, language) if first else ""

    def draw(self, results: list[Result], path: Path, *, language: str = "en") -> Path:
        """Plot the curves of all scenarios and return the path of the chart.

        The chart has a panel for each set of scenarios, or a single panel if there are no sets.
        """
        from sdcluster.view.pictures import draw_groups

        by_name = {result.scenario.name: result for result in results}
        groups = {
            self.known.set_titles[name].get(language, name): {
                by_name[s].title(language): by_name[s].ds for s in self.known.sets[name]
            }
            for name in self.sets
        } or {self.model.name: {r.title(language): r.ds for r in results}}
        first = results[0]
        draw_groups(
            groups,
            self.variable,
            path,
            title=f"{self.model.name}: {self.model.label(self.variable, language)}",
            beside=(first.title(language), first.ds),
            language=language,
        )
        return path


def is_switch(scenario: Scenario) -> bool:
    """Return whether a scenario only switches from one policy to another at one time, like the slider of a `Switch`.

    This is the case if the scenario has exactly one change, and the change sets the same constants as the scenario's
    initial settings, and no stocks.
    """
    if len(scenario.changes) != 1:
        return False
    before, after = (
        {canonical(n) for n in s} for s in (scenario.settings, scenario.changes[0].settings)
    )
    return before == after
