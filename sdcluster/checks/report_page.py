"""The report as one HTML page that needs nothing else: style and charts are in it, scripts are not.

Crosses the border: a `Report` in, a file out. All text from models and files is escaped.
"""

from __future__ import annotations

from html import escape
from importlib import resources
from pathlib import Path

from sdcluster.checks.baseline import Moved, apart
from sdcluster.checks.report import Report, Row
from sdcluster.files import write_atomically
from sdcluster.view.svg import dashes, draw

_MARKS = {"passed": "✔", "failed": "✘", "no baseline": "?", "error": "!"}
MOST_OPEN = 3


def write_html(report: Report, path: str | Path) -> Path:
    """Write the report as one self-contained page and return its path.

    Parameters
    ----------
    report : Report
        The findings.
    path : path
        The file; its folder is made where it is missing.
    """
    path = Path(path)
    write_atomically(path, page(report))
    return path


def page(report: Report) -> str:
    """Return the page as text: the verdict, causes, what moved (worst first), and all checks."""
    files = (("sdcluster.view", "charts.css"), ("sdcluster.checks", "page.css"))
    style = "".join(
        resources.files(room).joinpath(name).read_text(encoding="utf-8") for room, name in files
    )
    parts = [_head(report)]
    moved = [row for row in report.failed if row.kind == "baseline"]
    constants = [row for row in report.failed if row.kind == "constants"]
    asserted = [row for row in report.failed if row.kind not in ("baseline", "constants")]
    if constants:
        parts.append("<h2>Constants that differ from those of the stored run</h2>")
        parts += [_card(row, opened=True) for row in constants]
    if asserted:
        parts.append(f"<h2>Behaviour that the models must show and do not ({len(asserted)})</h2>")
        parts += [_card(row, opened=True) for row in asserted]
    if moved:
        parts.append(f"<h2>Trajectories that left their baselines ({len(moved)})</h2>")
        parts.append(_overview(moved))
        parts += [_card(row, opened=place < MOST_OPEN) for place, row in enumerate(moved)]
    shown = [row for row in report.rows if row.ok and row.charts]
    if shown:
        parts.append(f"<h2>Behaviour that the models show ({len(shown)})</h2>")
        parts.append(_gallery(shown, opened=report.ok))
    parts.append(_all(report))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(_title(report))}</title>"
        f"<style>{style}\n{' '.join(dashes())}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _title(report: Report) -> str:
    return f"{report.path.resolve().name}: {report.summary()}"


def _head(report: Report) -> str:
    verdict = "passed" if report.ok else "failed"
    mark = _MARKS[verdict]
    counts = ", ".join(
        f"{sum(row.verdict == word for row in report.rows)} {word}"
        for word in _MARKS
        if any(row.verdict == word for row in report.rows)
    )
    head = (
        f'<h1><span class="{verdict}">{mark}</span> {escape(_title(report))}</h1>'
        f'<p class="soft">{escape(counts)} · {report.seconds:.1f} s</p>'
    )
    return head + _causes(report)


def _causes(report: Report) -> str:
    """Return what was changed since the baselines were accepted: the first thing to look at."""
    causes = report.causes()
    if not causes:
        return ""
    items = "".join(
        f"<li><strong>{escape(change)}</strong> "
        f'<span class="soft">({len(names)} scenario{"s" if len(names) > 1 else ""})</span></li>'
        for change, names in causes.items()
    )
    return (
        '<div class="card cause"><h3>Changed since the baselines were accepted</h3>'
        f"<ul>{items}</ul></div>"
    )


def _overview(rows: list[Row]) -> str:
    """Return a table of the scenarios that moved, worst first, with links to their charts."""
    if len(rows) < 2:
        return ""
    lines = "".join(
        f'<tr><td><a href="#{_anchor(row)}">{escape(row.name)}</a></td>'
        f'<td class="number">{len(row.moved)}</td>'
        f"<td>{escape(row.moved[0].name if row.moved else row.sentence)}</td>"
        f'<td class="number">{100 * row.severity:.3g} %</td>'
        f'<td class="bar"><i style="width: {min(100 * row.severity, 100):.1f}%"></i></td></tr>'
        for row in rows
    )
    return (
        '<div class="scroll"><table><tr><th>scenario</th><th class="number">variables moved</th>'
        '<th>moved most</th><th class="number">of its range</th><th class="bar"></th></tr>'
        f"{lines}</table></div><br>"
    )


def _anchor(row: Row) -> str:
    return "row-" + "".join(c if c.isalnum() else "-" for c in f"{row.model}-{row.name}")


def _card(row: Row, *, opened: bool) -> str:
    what = "baseline of" if row.kind == "baseline" else row.kind
    heading = (
        f'<h3><span class="verdict {row.verdict}">{_MARKS[row.verdict]} {row.verdict}</span> · '
        f"{escape(row.model)} · {escape(what)} “{escape(row.name)}”</h3>"
    )
    text = [f"<p>{escape(row.sentence)}</p>"]
    if row.source:
        text.append(f'<p class="soft">Source: {escape(row.source)}</p>')
    if row.because:
        text.append(f'<p class="soft">Baseline {escape(row.because)}</p>')
    words = heading + "".join(text)
    colour = " green" if row.ok else ""
    if opened and len(row.charts) == 1 and not row.moved:
        inner = f'<div class="beside"><div>{words}</div>{draw(row.charts[0])}</div>'
    else:
        inner = words + _pictures(row, opened) + _moved(row.moved)
    return f'<div class="card{colour}" id="{_anchor(row)}">{inner}</div>'


def _pictures(row: Row, opened: bool) -> str:
    if not row.charts:
        return ""
    pictures = f'<div class="charts">{"".join(draw(chart) for chart in row.charts)}</div>'
    left_out = len(row.moved) - len(row.charts)
    if row.kind == "baseline" and left_out > 0:
        pictures += f'<p class="soft">{left_out} more moved; the table lists all.</p>'
    if opened:
        return pictures
    label = f"{len(row.charts)} chart{'s' if len(row.charts) > 1 else ''}"
    return f"<details><summary>{label}</summary>{pictures}</details>"


def _gallery(rows: list[Row], *, opened: bool) -> str:
    """Return the charts of what holds, each with its sentence and source."""
    shown = "".join(
        f'<div class="shown">{"".join(draw(chart) for chart in row.charts)}'
        f'<p><span class="passed">{_MARKS["passed"]}</span> {escape(row.sentence)}</p>'
        f'<p class="soft">{escape(row.model)} · {escape(row.kind)} · {escape(row.source)}</p></div>'
        for row in rows
    )
    state = " open" if opened else ""
    return f'<details{state}><summary>charts</summary><div class="charts">{shown}</div></details>'


def _moved(moved: tuple[Moved, ...]) -> str:
    if not moved:
        return ""
    rows = "".join(
        f"<tr><td>{escape(move.name)}</td>"
        f'<td class="number">{move.time:.4g}</td>'
        f'<td class="number">{apart(move.old, move.new)[0]}</td>'
        f'<td class="number">{apart(move.old, move.new)[1]}</td>'
        f"<td>{escape(move.units)}</td>"
        f'<td class="number">{100 * move.share:.3g} %</td>'
        f'<td class="number">{_multiple(move.times)}</td></tr>'
        for move in moved
    )
    return (
        f"<details><summary>table of the variables that moved ({len(moved)})</summary>"
        '<div class="scroll"><table><tr><th>variable</th><th class="number">'
        f"farthest at {escape(moved[0].time_units)}</th>"
        '<th class="number">baseline</th><th class="number">now</th><th>unit</th>'
        '<th class="number">of its range</th><th class="number">of its tolerance</th></tr>'
        f"{rows}</table></div></details>"
    )


def _multiple(times: float) -> str:
    return f"{times:,.0f} ×" if 100 <= times < 1e15 else f"{times:.2g} ×"


def _all(report: Report) -> str:
    rows = "".join(
        f"<tr><td>{escape(row.model)}</td><td>{escape(row.name)}</td><td>{escape(row.kind)}</td>"
        f'<td class="verdict {row.verdict}">{_MARKS[row.verdict]} {row.verdict}</td>'
        f"<td>{escape(row.sentence)}</td></tr>"
        for row in [*report.failed, *(row for row in report.rows if row.ok)]
    )
    return (
        f"<h2>All checks ({len(report.rows)})</h2><div class='scroll'><table><tr><th>model</th>"
        "<th>scenario or assertion</th><th>kind</th><th>verdict</th><th>what was found</th></tr>"
        f"{rows}</table></div>"
    )
