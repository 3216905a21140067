"""The demonstration: every scenario of the cluster model as a table in words and a picture.

Crosses the border: the scenarios beside ``models/cluster`` in; a rich table and a PNG file out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.analyse.measures import Measure
from sdcluster.errors import ModelError
from sdcluster.output.tables import number, sparkline

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from sdcluster.model import Model
    from sdcluster.scenario.scenario import Scenario

KNOWLEDGE = "knowledge stock"
DRAWN = (KNOWLEDGE, "lock in", "knowledge ties", "chain position")
HEADS = {
    "en": ("scenario", "until", KNOWLEDGE, "peak", "year", "fall", "lock in", "curve", "in words"),
    "zh": ("情景", "至", "知识存量", "峰值", "年份", "降幅", "锁定", "曲线", "发生了什么"),
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

    heads = HEADS.get(language, HEADS["en"])
    found = Table(title=f"{model.name}: {len(results)} scenarios", title_justify="left")
    for head in heads:
        right = head in heads[1:7]
        found.add_column(head, justify="right" if right else "left", no_wrap=head == heads[7])
    for result in results:
        fall = result.measure("drop from peak")
        found.add_row(
            result.title(language),
            number(float(result.ds["time"].values[-1])),
            number(result.measure("final")),
            number(result.measure("peak")),
            f"{result.measure('time of peak'):.0f}",
            f"{fall:.0%}" if fall >= 0.005 else "",
            number(result.measure("final", "lock in")),
            sparkline(result.ds[KNOWLEDGE].values, width=16),
            verdict(result, language),
        )
    return found


def verdict(result: Result, language: str) -> str:
    """Return in one sentence what happens in a run."""
    from sdcluster.lab.story import tell

    series = {str(name): values.values for name, values in result.ds.data_vars.items()}
    changes = result.scenario.changes
    sentences = tell(
        result.ds["time"].values,
        series,
        language=language,
        rescue=changes[0].time if changes else None,
    )
    return sentences[0].text


def draw(model: Model, results: list[Result], path: Path, *, language: str = "en") -> Path:
    """Draw the scenarios over each other; return the picture's path."""
    from sdcluster.output.pictures import draw_comparison

    draw_comparison(
        {result.title(language): result.ds for result in results},
        DRAWN,
        path,
        title=model.name,
        label=lambda name: model.label(name, language),
    )
    return path
