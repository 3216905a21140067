"""The report as one HTML page that contains its style and charts, and no scripts.

`write_html` writes a `Report` to a file. All text from models and files is escaped.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from importlib import resources
from pathlib import Path

from sdcluster.checks.baseline import Moved, apart
from sdcluster.checks.report import HEADINGS, Report, Row
from sdcluster.files import write_atomically
from sdcluster.messages import Message, in_language, labelled, message, spoken
from sdcluster.view.chart import Chart, Curve
from sdcluster.view.svg import dashes, draw
from sdcluster.words import phrase, tag
from sdcluster.words.numbers import plain

_MARKS = {"passed": "✔", "failed": "✘", "no baseline": "?", "error": "!"}
MOST_OPEN = 3


def write_html(report: Report, path: str | Path, *, language: str | None = None) -> Path:
    """Write the report as a single HTML page without further files, and return the path of the page.

    Parameters
    ----------
    report : Report
        The report to write.
    path : path
        The file; its folder is created if it does not exist.
    language : str, optional
        ``"en"`` or ``"zh"``; the language of messages if left out.
    """
    path = Path(path)
    write_atomically(path, page(report, language))
    return path


def page(report: Report, language: str | None = None) -> str:
    """Return the page as HTML: verdict, likely causes, failed checks with their charts, and a table of all checks."""
    return _Page(report, language or spoken()).text()


class _Page:
    """Writes the page of a report in one language."""

    def __init__(self, report: Report, language: str) -> None:
        self.report, self.language = report, language

    def text(self) -> str:
        report = self.report
        files = (("sdcluster.view", "charts.css"), ("sdcluster.checks", "page.css"))
        style = "".join(
            resources.files(room).joinpath(name).read_text(encoding="utf-8") for room, name in files
        )
        parts = [self._head()]
        moved = [row for row in report.failed if row.kind == "baseline"]
        constants = [row for row in report.failed if row.kind == "constants"]
        asserted = [row for row in report.failed if row.kind not in ("baseline", "constants")]
        if constants:
            parts.append(self._heading(message("checks.page_constants")))
            parts += [self._card(row, opened=True) for row in constants]
        if asserted:
            parts.append(self._heading(message("checks.page_not_shown", count=len(asserted))))
            parts += [self._card(row, opened=True) for row in asserted]
        if moved:
            parts.append(self._heading(message("checks.page_moved", count=len(moved))))
            parts.append(self._overview(moved))
            parts += [self._card(row, opened=place < MOST_OPEN) for place, row in enumerate(moved)]
        shown = [row for row in report.rows if row.ok and row.charts]
        if shown:
            parts.append(self._heading(message("checks.page_shown", count=len(shown))))
            parts.append(self._gallery(shown, opened=report.ok))
        parts.append(self._all())
        return (
            f'<!doctype html>\n<html lang="{tag(self.language)}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{self._said(self._title())}</title>"
            f"<style>{style}\n{' '.join(dashes())}</style></head><body>{''.join(parts)}</body></html>\n"
        )

    def _said(self, text: str) -> str:
        """Return a text, escaped for HTML, in the language of the page."""
        return escape(str(in_language(text, self.language)))

    def _phrase(self, text: str) -> str:
        return escape(phrase(text, self.language))

    def _heading(self, text: str) -> str:
        return f"<h2>{self._said(text)}</h2>"

    def _title(self) -> Message:
        return labelled(self.report.path.resolve().name, self.report.summary())

    def _head(self) -> str:
        rows = self.report.rows
        verdict = "passed" if self.report.ok else "failed"
        found = {word: [row for row in rows if row.verdict == word] for word in _MARKS}
        comma = str(in_language(message("checks.comma"), self.language))
        counts = comma.join(
            f"{len(those)} {those[0].verdict_in(self.language)}"
            for those in found.values()
            if those
        )
        head = (
            f'<h1><span class="{verdict}">{_MARKS[verdict]}</span> {self._said(self._title())}</h1>'
            f'<p class="soft">{escape(counts)} · {self.report.seconds:.1f} s</p>'
        )
        return head + self._causes()

    def _causes(self) -> str:
        """Return the changes since the baselines were accepted, which are likely causes."""
        causes = self.report.causes()
        if not causes:
            return ""
        items = "".join(
            f"<li><strong>{self._said(change)}</strong> "
            f'<span class="soft">({self._said(_scenarios(len(names)))})</span></li>'
            for change, names in causes.items()
        )
        title = self._said(message("checks.page_causes"))
        return f'<div class="card cause"><h3>{title}</h3><ul>{items}</ul></div>'

    def _overview(self, rows: list[Row]) -> str:
        """Return a table of scenarios that left their baselines, the largest deviation first, with links to charts."""
        if len(rows) < 2:
            return ""
        lines = "".join(
            f'<tr><td><a href="#{_anchor(row)}">{escape(row.name)}</a></td>'
            f'<td class="number">{len(row.moved)}</td>'
            f"<td>{self._said(row.moved[0].name if row.moved else row.sentence)}</td>"
            f'<td class="number">{plain(100 * row.severity, 3)} %</td>'
            f'<td class="bar"><i style="width: {min(100 * row.severity, 100):.1f}%"></i></td></tr>'
            for row in rows
        )
        return (
            f'<div class="scroll"><table><tr><th>{self._phrase("scenario")}</th>'
            f'<th class="number">{self._phrase("variables moved")}</th>'
            f"<th>{self._phrase('moved most')}</th>"
            f'<th class="number">{self._phrase("of its range")}</th><th class="bar"></th></tr>'
            f"{lines}</table></div><br>"
        )

    def _card(self, row: Row, *, opened: bool) -> str:
        kind = row.kind_in(self.language)
        what = message("checks.page_baseline_of") if row.kind == "baseline" else kind
        verdict = f"{_MARKS[row.verdict]} {row.verdict_in(self.language)}"
        heading = (
            f'<h3><span class="verdict {row.verdict}">{escape(verdict)}</span> · {escape(row.model)} · '
            f"{self._said(what)} “{escape(row.title(self.language))}”</h3>"
        )
        text = [f"<p>{self._said(row.sentence)}</p>"]
        if row.source:
            text.append(self._soft(message("checks.page_source", source=row.source)))
        if row.because:
            text.append(self._soft(message("checks.page_baseline", because=row.because)))
        words = heading + "".join(text)
        colour = " green" if row.ok else ""
        if opened and len(row.charts) == 1 and not row.moved:
            drawn = self._drawn(row, row.charts[0])
            inner = f'<div class="beside"><div>{words}</div>{drawn}</div>'
        else:
            inner = words + self._pictures(row, opened) + self._moved(row.moved)
        return f'<div class="card{colour}" id="{_anchor(row)}">{inner}</div>'

    def _soft(self, text: str) -> str:
        return f'<p class="soft">{self._said(text)}</p>'

    def _drawn(self, row: Row, chart: Chart) -> str:
        """Return a chart as SVG, with its texts in the language of the page."""

        def said(text: str) -> str:
            return str(in_language(text, self.language))

        def named(curve: Curve) -> Curve:
            return replace(curve, label=said(curve.label))

        difference = chart.difference
        words = {
            "expected": message("checks.chart_expected").text(self.language),
            "period": message("checks.chart_period").text(self.language),
            "over": message("checks.chart_over").text(self.language),
        }
        title = row.title(self.language) if chart.title == row.name else said(chart.title)
        return draw(
            replace(
                chart,
                title=title,
                x_label=said(chart.x_label),
                y_label=said(chart.y_label),
                curves=tuple(map(named, chart.curves)),
                difference=None if difference is None else named(difference),
            ),
            words,
        )

    def _pictures(self, row: Row, opened: bool) -> str:
        if not row.charts:
            return ""
        drawn = "".join(self._drawn(row, chart) for chart in row.charts)
        pictures = f'<div class="charts">{drawn}</div>'
        left_out = len(row.moved) - len(row.charts)
        if row.kind == "baseline" and left_out > 0:
            pictures += self._soft(message("checks.page_more_moved", count=left_out))
        if opened:
            return pictures
        label = (
            message("checks.page_chart")
            if len(row.charts) == 1
            else message("checks.page_charts", count=len(row.charts))
        )
        return f"<details><summary>{self._said(label)}</summary>{pictures}</details>"

    def _gallery(self, rows: list[Row], *, opened: bool) -> str:
        """Return the charts of assertions that hold, each with its sentence and source."""
        shown = "".join(
            f'<div class="shown">{"".join(self._drawn(row, chart) for chart in row.charts)}'
            f'<p><span class="passed">{_MARKS["passed"]}</span> {self._said(row.sentence)}</p>'
            f'<p class="soft">{escape(row.model)} · {escape(row.kind_in(self.language))} · '
            f"{escape(row.source)}</p></div>"
            for row in rows
        )
        state = " open" if opened else ""
        label = self._phrase("charts")
        return (
            f'<details{state}><summary>{label}</summary><div class="charts">{shown}</div></details>'
        )

    def _moved(self, moved: tuple[Moved, ...]) -> str:
        if not moved:
            return ""
        rows = "".join(
            f"<tr><td>{escape(move.name)}</td>"
            f'<td class="number">{plain(move.time, 4)}</td>'
            f'<td class="number">{apart(move.old, move.new)[0]}</td>'
            f'<td class="number">{apart(move.old, move.new)[1]}</td>'
            f"<td>{escape(move.units)}</td>"
            f'<td class="number">{plain(100 * move.share, 3)} %</td>'
            f'<td class="number">{_multiple(move.times)}</td></tr>'
            for move in moved
        )
        summary = self._said(message("checks.page_table_moved", count=len(moved)))
        farthest = self._said(message("checks.page_farthest", units=moved[0].time_units))
        return (
            f"<details><summary>{summary}</summary>"
            f'<div class="scroll"><table><tr><th>{self._phrase("variable")}</th>'
            f'<th class="number">{farthest}</th>'
            f'<th class="number">{self._said(message("checks.curve_baseline"))}</th>'
            f'<th class="number">{self._said(message("checks.curve_now"))}</th>'
            f"<th>{self._phrase('unit')}</th>"
            f'<th class="number">{self._phrase("of its range")}</th>'
            f'<th class="number">{self._phrase("of its tolerance")}</th></tr>'
            f"{rows}</table></div></details>"
        )

    def _all(self) -> str:
        report, language = self.report, self.language
        rows = "".join(
            f"<tr><td>{escape(row.model)}</td><td>{escape(row.title(language))}</td>"
            f"<td>{escape(row.kind_in(language))}</td>"
            f'<td class="verdict {row.verdict}">{_MARKS[row.verdict]} {escape(row.verdict_in(language))}</td>'
            f"<td>{self._said(row.sentence)}</td></tr>"
            for row in [*report.failed, *(row for row in report.rows if row.ok)]
        )
        heading = self._heading(message("checks.page_all", count=len(report.rows)))
        heads = "".join(f"<th>{self._phrase(head)}</th>" for head in HEADINGS)
        return f"{heading}<div class='scroll'><table><tr>{heads}</tr>{rows}</table></div>"


def _scenarios(count: int) -> Message:
    if count == 1:
        return message("checks.page_scenario")
    return message("checks.page_scenarios", count=count)


def _anchor(row: Row) -> str:
    return "row-" + "".join(c if c.isalnum() else "-" for c in f"{row.model}-{row.name}")


def _multiple(times: float) -> str:
    return f"{times:,.0f} ×" if 100 <= times < 1e15 else f"{times:.2g} ×"
