"""The report of a check: a row for each scenario's baseline, each assertion and each reality check.

A `Report` consists of rows and gives the overall verdict. `report_table` returns a report as a table for the terminal,
and `sdcluster.checks.report_page` writes a report as a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sdcluster.checks.baseline import Moved
from sdcluster.messages import Message, clauses, in_language, labelled, message, spoken
from sdcluster.view.chart import Chart
from sdcluster.words import known, phrase

if TYPE_CHECKING:
    from rich.table import Table

Verdict = Literal["passed", "failed", "no baseline", "error"]
_MARKS: dict[str, tuple[str, str]] = {
    "passed": ("✔", "green"),
    "failed": ("✘", "bold red"),
    "no baseline": ("?", "yellow"),
    "error": ("!", "bold red"),
}

HEADINGS = ("model", "scenario or assertion", "kind", "verdict", "what was found")
MOST_SHOWN = 25  # rows of a table in a notebook


@dataclass(frozen=True, eq=False)
class Row:
    """The result of one check.

    Parameters
    ----------
    model : str
        Name of the model's folder or file.
    name : str
        Name of the scenario or reality check, or title of the assertion.
    kind : str
        ``"baseline"``, ``"reality check"``, ``"constants"`` (those of a stored run), ``"model"`` (if the model could
        not be read), or the kind of assertion.
    verdict : {"passed", "failed", "no baseline", "error"}
        The outcome.
    sentence : str
        The result in a sentence, such as the measured and the expected value.
    source : str
        The source of an assertion: author and section.
    severity : float
        Largest deviation of a variable, as a share of the range of its baseline; 0 if no variable left
        its baseline.
    charts : tuple of Chart
        Charts of the compared variables, the largest deviation first.
    moved : tuple of Moved
        Variables that left their baseline, the largest deviation first.
    because : str
        When and why the baseline was accepted; for a stored run, its description in the file.
    changes : tuple of str
        Constants, settings and equations that differ from those when the baseline was accepted.
    titles : mapping of str to str
        Titles of the assertion, by language.
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
    titles: Mapping[str, str] = field(default_factory=dict)

    def title(self, language: str) -> str:
        """Return the title or name in a language."""
        return self.titles.get(language) or str(in_language(self.name, language))

    def kind_in(self, language: str) -> str:
        """Return the name of the kind of check in a language."""
        return known(f"kinds_of_check.{self.kind}", language) or self.kind

    def verdict_in(self, language: str) -> str:
        """Return the verdict as a word in a language."""
        return known(f"check_verdicts.{self.verdict}", language) or self.verdict

    @property
    def ok(self) -> bool:
        """Whether this check passed."""
        return self.verdict == "passed"


@dataclass(frozen=True)
class Report:
    """The results of all checks.

    Parameters
    ----------
    path : Path
        The model, or the folder of models, that was checked.
    rows : tuple of Row
        The results of the checks, model by model, with the baselines first.
    seconds : float
        Duration of all checks, in seconds.
    """

    path: Path
    rows: tuple[Row, ...]
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every check passed; a missing baseline counts as not passed."""
        return bool(self.rows) and all(row.ok for row in self.rows)

    @property
    def failed(self) -> tuple[Row, ...]:
        """The rows that did not pass: errors, then the largest deviations, then the others."""
        order = {"error": 0, "failed": 1, "no baseline": 2}
        red = [row for row in self.rows if not row.ok]
        return tuple(sorted(red, key=lambda row: (order[row.verdict], -row.severity)))

    def causes(self) -> dict[str, tuple[str, ...]]:
        """Return each change since the baselines were accepted, with the names of the scenarios affected."""
        found: dict[str, list[str]] = {}
        for row in [*self.failed, *(row for row in self.rows if row.ok)]:
            for change in row.changes:
                found.setdefault(labelled(row.model, change), []).append(row.name)
        return {change: tuple(names) for change, names in found.items()}

    def summary(self) -> Message:
        """Return the overall verdict as a sentence."""
        count = len(self.rows)
        if not self.rows:
            return message("checks.nothing_to_check")
        if self.ok and count == 1:
            return message("checks.check_passed")
        if self.ok:
            return message("checks.checks_passed", count=count)
        if count == 1:
            return message("checks.check_did_not_pass")
        return message("checks.checks_did_not_pass", failed=len(self.failed), count=count)

    def _repr_html_(self) -> str:
        """Return the report for a notebook: the verdict, and a table that begins with the checks that did not pass."""
        language = spoken()
        passed = [row for row in self.rows if row.ok]
        cells = [_cells(row, language) for row in [*self.failed, *passed][:MOST_SHOWN]]
        heads = "".join(f"<th>{escape(phrase(head, language))}</th>" for head in HEADINGS)
        rows = [
            "".join(f'<td style="text-align: left">{escape(cell)}</td>' for cell in row)
            for row in cells
        ]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        left = len(self.rows) - len(cells)
        more = message("checks.more_passed", count=left).text(language)
        end = f"<p>{escape(more)}</p>" if left > 0 else ""
        summary = escape(self.summary().text(language))
        return f"<p><b>{summary}</b></p><table><tr>{heads}</tr>{body}</table>{end}"


def _cells(row: Row, language: str) -> tuple[str, str, str, str, str]:
    """Return the cells of one row of the table, in a language."""
    mark = f"{_MARKS[row.verdict][0]} {row.verdict_in(language)}"
    sentence = str(in_language(row.sentence, language))
    return row.model, row.title(language), row.kind_in(language), mark, sentence


def report_table(
    report: Report, *, only_failed: bool = False, language: str | None = None
) -> Table:
    """Return the report as a rich table; checks that did not pass come last, next to the prompt.

    Parameters
    ----------
    report : Report
        The report to show.
    only_failed : bool
        Whether to leave out checks that passed.
    language : str, optional
        ``"en"`` or ``"zh"``; the language of messages if left out.
    """
    from rich.table import Table
    from rich.text import Text

    said = language or spoken()
    title = Text(report.summary().text(said))
    table = Table(title=title, title_justify="left", show_lines=False, expand=False)
    for heading in HEADINGS[:-1]:
        table.add_column(
            phrase(heading, said), no_wrap=heading in ("model", "kind", "verdict"), overflow="fold"
        )
    table.add_column(phrase(HEADINGS[-1], said), ratio=1, overflow="fold")
    passed = [] if only_failed else [row for row in report.rows if row.ok]
    for row in [*passed, *reversed(report.failed)]:
        model, name, kind, mark, sentence = map(Text, _cells(row, said))
        mark.stylize(_MARKS[row.verdict][1])
        table.add_row(model, name, kind, mark, sentence)
    causes = report.causes()
    if causes:
        table.caption_justify = "left"
        changed = message("checks.changed_since", changes=clauses(causes))
        table.caption = Text(changed.text(said))
    return table
