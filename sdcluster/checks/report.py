"""The report of a check: a row for each scenario's baseline and each assertion.

Crosses the border: rows in; verdict, a rich table, and (by `sdcluster.checks.report_page`) a page out.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sdcluster.checks.baseline import Moved
from sdcluster.view.chart import Chart

if TYPE_CHECKING:
    from rich.table import Table

Verdict = Literal["passed", "failed", "no baseline", "error"]
_MARKS: dict[str, tuple[str, str]] = {
    "passed": ("✔ passed", "green"),
    "failed": ("✘ failed", "bold red"),
    "no baseline": ("? no baseline", "yellow"),
    "error": ("! error", "bold red"),
}

HEADINGS = ("model", "scenario or assertion", "kind", "verdict", "what was found")
MOST_SHOWN = 25  # rows of a table in a notebook


@dataclass(frozen=True, eq=False)
class Row:
    """One thing that was checked.

    Parameters
    ----------
    model : str
        Name of the model's folder or file.
    name : str
        Scenario, or title of the assertion.
    kind : str
        ``"baseline"``, ``"model"`` (it could not be read), or the kind of assertion.
    verdict : {"passed", "failed", "no baseline", "error"}
        The outcome.
    sentence : str
        The measured and the expected value.
    source : str
        Author and section, for assertions.
    severity : float
        How far the worst variable moved, as a share of its range; 0 where nothing moved.
    charts : tuple of Chart
        Worst first.
    moved : tuple of Moved
        Variables that left their baseline, worst first.
    because : str
        Reason and date of the baseline compared with.
    changes : tuple of str
        Constants and settings that differ from those when the baseline was accepted.
    """

    model: str
    name: str
    kind: str
    verdict: Verdict
    sentence: str
    source: str = ""
    severity: float = 0.0
    charts: tuple[Chart, ...] = ()
    moved: tuple[Moved, ...] = ()
    because: str = ""
    changes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether this row is green."""
        return self.verdict == "passed"


@dataclass(frozen=True)
class Report:
    """All that a check found.

    Parameters
    ----------
    path : Path
        The model that was checked.
    rows : tuple of Row
        In the order of checking: by model, baselines first.
    seconds : float
        How long it took.
    """

    path: Path
    rows: tuple[Row, ...]
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every row is green; a model without a baseline is not."""
        return bool(self.rows) and all(row.ok for row in self.rows)

    @property
    def failed(self) -> tuple[Row, ...]:
        """The rows that are not green: errors, then what moved most, then the others."""
        order = {"error": 0, "failed": 1, "no baseline": 2}
        red = [row for row in self.rows if not row.ok]
        return tuple(sorted(red, key=lambda row: (order[row.verdict], -row.severity)))

    def causes(self) -> dict[str, tuple[str, ...]]:
        """Return what differs from when the baselines were accepted, with the scenarios affected."""
        found: dict[str, list[str]] = {}
        for row in self.failed:
            for change in row.changes:
                found.setdefault(f"{row.model}: {change}", []).append(row.name)
        return {change: tuple(names) for change, names in found.items()}

    def summary(self) -> str:
        """Return the verdict in a sentence."""
        if not self.rows:
            return "nothing to check"
        count = len(self.rows)
        if self.ok:
            return "the check passed" if count == 1 else f"all {count} checks passed"
        return (
            "the check did not pass"
            if count == 1
            else f"{len(self.failed)} of {count} checks did not pass"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the verdict, and a table in which what is not green stands first."""
        passed = [row for row in self.rows if row.ok]
        cells = [
            (row.model, row.name, row.kind, _MARKS[row.verdict][0], row.sentence)
            for row in [*self.failed, *passed][:MOST_SHOWN]
        ]
        heads = "".join(f"<th>{head}</th>" for head in HEADINGS)
        rows = [
            "".join(f'<td style="text-align: left">{escape(cell)}</td>' for cell in row)
            for row in cells
        ]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        left = len(self.rows) - len(cells)
        more = f"<p>{left} more passed.</p>" if left > 0 else ""
        return f"<p><b>{escape(self.summary())}</b></p><table><tr>{heads}</tr>{body}</table>{more}"


def report_table(report: Report, *, only_failed: bool = False) -> Table:
    """Return the report as a rich table; what is not green stands last, next to the prompt.

    Parameters
    ----------
    report : Report
        The finding.
    only_failed : bool
        Leave out what passed.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(title=report.summary(), title_justify="left", show_lines=False, expand=False)
    for heading in HEADINGS[:-1]:
        table.add_column(heading, no_wrap=heading in ("model", "kind", "verdict"))
    table.add_column(HEADINGS[-1], ratio=1)
    passed = [] if only_failed else [row for row in report.rows if row.ok]
    for row in [*passed, *reversed(report.failed)]:
        mark, style = _MARKS[row.verdict]
        table.add_row(
            Text(row.model), Text(row.name), Text(row.kind), Text(mark, style), Text(row.sentence)
        )
    causes = report.causes()
    if causes:
        table.caption_justify = "left"
        table.caption = Text(f"changed since the baselines were accepted: {'; '.join(causes)}")
    return table
