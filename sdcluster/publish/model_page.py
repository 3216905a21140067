"""The page of a model as one self-contained HTML file, in one language or in two with a switch.

`write_page` takes a `Model` and writes the file. A Content-Security-Policy forbids all requests of the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from sdcluster.files import write_atomically
from sdcluster.model import Model
from sdcluster.progress import report
from sdcluster.publish import dynamics, folder, structure
from sdcluster.publish.edition import Edition
from sdcluster.publish.measured import Measured, measure
from sdcluster.publish.packed import LARGE
from sdcluster.publish.variables import areas, definitions, summary
from sdcluster.view.svg import dashes
from sdcluster.words import LANGUAGES, say


@dataclass(frozen=True)
class Section:
    """A part of a model's page.

    Parameters
    ----------
    key : str
        Identifier, the same in every language.
    title, body : str
        Title and content as HTML.
    parts : tuple of (str, str)
        Subsections below the content, each with its title and its content as HTML.
    """

    key: str
    title: str
    body: str
    parts: tuple[tuple[str, str], ...] = ()


def sections(
    edition: Edition, measured: Measured, *, story: bool = True, pack: bool = False
) -> list[Section]:
    """Return the non-empty sections of a model's page, in reading order.

    With `pack`, the section of definitions contains data, from which the page's script builds the definitions when they
    are needed; see `sdcluster.publish.packed`.
    """
    run = measured.checker is not None
    bodies = {
        "story": folder.story(edition) if story else "",
        "diagram": summary(edition) + structure.diagram(edition),
        "loops": structure.feedback(edition),
        "scenarios": dynamics.scenarios(edition, measured),
        "behaviour": dynamics.behaviour(edition, measured),
        "experiments": dynamics.experiments(edition, measured),
        "cases": folder.cases(edition),
        "data": folder.data(edition),
        "variables": f'<p class="soft">{edition.say("how_to_read")}</p>{_finder(edition)}',
        "findings": structure.findings(edition, measured.findings, run=run),
    }
    titles = {key: key for key in bodies}
    if run and measured.checker is not None and len(measured.checker.scenarios) <= 1:
        titles["scenarios"] = "run"
    parts = tuple(
        (
            edition.pick(area.title),
            (structure.diagram(edition, area.group) if area.group else "")
            + definitions(edition, area.variables, pack=pack),
        )
        for area in areas(edition.model)
    )
    return [
        Section(key, edition.say(titles[key]), body, parts if key == "variables" else ())
        for key, body in bodies.items()
        if body
    ]


def _finder(edition: Edition) -> str:
    """Return a search field for variables; the page's script collects their names from the page."""
    return (
        f'<p class="finder"><label>{edition.say("filter")} '
        f'<input type="search" autocomplete="off" spellcheck="false"></label></p><p class="found"></p>'
    )


def style() -> str:
    """Return the style sheet for all sections and charts of the page."""
    charts = resources.files("sdcluster.view").joinpath("charts.css").read_text(encoding="utf-8")
    own = resources.files("sdcluster.publish").joinpath("document.css").read_text(encoding="utf-8")
    return f"{charts}\n{' '.join(dashes())}\n{own}"


def script() -> str:
    """Return the script of the page, which finds variables, enlarges diagrams and switches the language."""
    return resources.files("sdcluster.publish").joinpath("document.js").read_text(encoding="utf-8")


def write_page(
    model: Model,
    path: str | Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    run: bool = True,
    robustness: Mapping[str, Mapping[str, Any]] | None = None,
) -> Path:
    """Write a page with everything about a model to one HTML file.

    Parameters
    ----------
    model : Model
    path : path
    languages : sequence of str
        ``"en"``, ``"zh"`` or both; the page shows the first language first.
    run : bool
        Whether to simulate the model for curves, verdicts and checks of the time step.
    robustness : mapping, optional
        Results of robustness runs; see `sdcluster.publish.measured.measure`.

    Returns
    -------
    Path
        The file that was written.
    """
    measured = measure(model, run=run, robustness=robustness)
    path = Path(path)
    write_atomically(path, page(model, measured, languages))
    return path


def page(model: Model, measured: Measured, languages: Sequence[str] = LANGUAGES) -> str:
    """Return the page about a model as HTML; the parameters are those of `write_page`."""
    from sdcluster import __version__

    program = script()
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    bodies = []
    for place, language in enumerate(languages):
        report("writing the page", place, len(languages))
        edition = Edition(model, language, f"{language}-" if len(languages) > 1 else "")
        made = edition.say("made_from", file=escape(model.path.name), version=__version__)
        other = languages[(place + 1) % len(languages)] if len(languages) > 1 else ""
        bodies.append(_body(edition, measured, made, hidden=place > 0, other=other))
    return (
        f'<!doctype html>\n<html lang="{languages[0]}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(model.name)}</title><style>{style()}</style></head>"
        f'<body class="alone">{"".join(bodies)}<script>{program}</script></body></html>\n'
    )


def _body(edition: Edition, measured: Measured, made: str, *, hidden: bool, other: str) -> str:
    found = sections(edition, measured, pack=len(edition.model.variables) > LARGE)
    contents = "".join(
        f'<li><a href="#{edition.prefix}{one.key}">{one.title}</a></li>' for one in found
    )
    doc = escape(edition.model.doc[:2000])
    button = ""
    if other:
        button = f'<button type="button" class="switch">{say("name", other)}</button>'
    parts = [
        f"<header>{button}<h1>{escape(edition.model.name)}</h1><p>{doc}</p></header>",
        f"<nav><ul>{contents}</ul></nav>",
    ]
    for one in found:
        parts.append(f'<h2 id="{edition.prefix}{one.key}">{one.title}</h2>{one.body}')
        parts += [f"<h3>{title}</h3>{body}" for title, body in one.parts]
    gone = " hidden" if hidden else ""
    return (
        f'<main class="sdc" lang="{edition.language}"{gone}>{"".join(parts)}'
        f'<footer class="soft">{made}</footer></main>'
    )
