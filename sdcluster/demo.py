"""The demonstration: every scenario of the cluster model as a table in words and a picture.

Crosses the border: the scenarios beside ``models/cluster`` in; a rich table and a PNG file out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sdcluster.analyse.measures import Measure
from sdcluster.errors import ModelError
from sdcluster.output.tables import number, sparkline

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from sdcluster.model import Model
    from sdcluster.scenario.scenario import Scenario

KNOWLEDGE = "knowledge stock"
DRAWN = ("paths", "declines", "rescues", "hysteresis")  # sets of scenarios, a panel each
HEADS = {
    "en": ("scenario", "until", "knowledge", "fall", "lock in", "knowledge over time", "so it"),
    "zh": ("情景", "至", "知识存量", "降幅", "锁定", "知识存量的变化", "结局"),
}
TITLES = {"en": "{name}: {count} scenarios", "zh": "{name}：{count} 个情景"}
VERDICTS = {
    "en": {
        "cycle": "grows in cycles",
        "decline": "declines",
        "growth": "grows",
        "late": "recovers too late",
        "plateau": "stands still",
        "rescue": "recovers",
    },
    "zh": {
        "cycle": "周期增长",
        "decline": "衰退",
        "growth": "增长",
        "late": "救援太晚",
        "plateau": "停滞",
        "rescue": "恢复",
    },
}


@dataclass(frozen=True)
class Result:
    """A scenario and its run."""

    scenario: Scenario
    ds: xr.Dataset

    def measure(self, kind: str, variable: str = KNOWLEDGE) -> float:
        """Return a measure of the run; see `sdcluster.analyse`."""
        return Measure(kind, variable).of(self.ds["time"].values, self.ds[variable].values)

    def title(self, language: str) -> str:
        """Return the scenario's title in `language`, or its name."""
        return self.scenario.title.get(language, self.scenario.name)


def cluster_model() -> Model:
    """Load ``models/cluster`` from this folder, one above it, or beside the package.

    Raises
    ------
    ModelError
        If it is in none of them: models come with the repository.
    """
    import sdcluster

    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "models" / "cluster").is_dir():
            return sdcluster.load(folder / "models" / "cluster")
    raise ModelError(
        f"there is no folder models/cluster in {here} or above it; "
        "the models come with the repository, not with the package"
    )


def run_all(
    model: Model, track: Callable[[Iterable[Any], int], Iterable[Any]] | None = None
) -> list[Result]:
    """Run all scenarios beside the model."""
    import sdcluster

    scenarios = list(sdcluster.scenarios(model).values())
    points = track(scenarios, len(scenarios)) if track else scenarios
    return [Result(one, sdcluster.simulate(model, one)) for one in points]


def table(model: Model, results: list[Result], *, language: str = "en") -> Table:
    """Return a row for each scenario: what becomes of the cluster's knowledge, and why."""
    from rich.table import Table
    from rich.text import Text

    from sdcluster.scenario import scenarios_beside

    sets = scenarios_beside(model).sets
    ends = {sets[name][-1] for name in DRAWN if name in sets}
    title = TITLES.get(language, TITLES["en"]).format(name=model.name, count=len(results))
    found = Table(title=title, title_justify="left")
    for column, head in enumerate(HEADS.get(language, HEADS["en"])):
        justify: Literal["left", "right"] = "right" if 0 < column < 5 else "left"
        found.add_column(head, justify=justify, no_wrap=column > 0)
    for result in results:
        fall = result.measure("drop from peak")
        found.add_row(
            Text(result.title(language)),
            number(float(result.ds["time"].values[-1])),
            f"{result.measure('final'):.2f}",
            f"{fall:.0%}" if fall >= 0.005 else "",
            f"{result.measure('final', 'lock in'):.2f}",
            sparkline(result.ds[KNOWLEDGE].values, width=19),
            verdict(result, language),
            end_section=result.scenario.name in ends,
        )
    return found


def verdict(result: Result, language: str) -> str:
    """Return in a word or two what becomes of the cluster; the rules are `sdcluster.lab.story`'s.

    Where stocks are reset in the middle of a run, a word for the whole run would mislead: ``""``.
    """
    from sdcluster.lab.charts import is_rescue
    from sdcluster.lab.story import tell

    rescued = is_rescue(result.scenario) and "openness" in result.scenario.settings
    if result.scenario.changes and not rescued:
        return ""
    series = {str(name): values.values for name, values in result.ds.data_vars.items()}
    rescue = result.scenario.changes[0].time if rescued else None
    kind = tell(result.ds["time"].values, series, rescue=rescue)[0].kind
    return VERDICTS.get(language, VERDICTS["en"]).get(kind, kind)


def draw(model: Model, results: list[Result], path: Path, *, language: str = "en") -> Path:
    """Draw the knowledge of the scenarios in groups; return the picture's path."""
    from sdcluster.output.pictures import draw_groups
    from sdcluster.scenario import scenarios_beside

    known = scenarios_beside(model)
    by_name = {result.scenario.name: result for result in results}
    groups = {
        known.set_titles[name].get(language, name): {
            by_name[one].title(language): by_name[one].ds for one in known.sets[name]
        }
        for name in DRAWN
        if name in known.sets
    }
    first = results[0]
    draw_groups(
        groups,
        KNOWLEDGE,
        path,
        title=f"{model.name}: {model.label(KNOWLEDGE, language)}",
        beside=(first.title(language), first.ds),
        language=language,
    )
    return path
