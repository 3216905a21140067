"""The sections of a model's page about structure: its diagrams, its feedback loops, and the findings of lint.

The functions take an `Edition` and return HTML. This module does not run the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from sdcluster.errors import ModelError
from sdcluster.lint.finding import Finding
from sdcluster.model.graph import Loop, causal_graph, loops
from sdcluster.publish.edition import Edition, message_html, table

MOST_LOOPS = 200
SHOWN_LOOPS = 14
LARGEST_GRAPH = 3_000  # in models with more variables, feedback loops are not searched
SIGNS = {"+": "+", "-": "−", "?": "?"}
POLARITIES = {"+": "reinforcing", "-": "balancing", "?": "undecided"}
MOST_FINDINGS = 200


def diagram(edition: Edition, group: str | None = None) -> str:
    """Return HTML with a stock-and-flow diagram for each view; each symbol links to the definition of its variable.

    Parameters
    ----------
    edition : Edition
    group : str, optional
        The title of a group in the first view, to draw only this group; by default, all views are drawn.
    """
    views = edition.model.views
    if group is not None:
        return _drawn(edition, 0, group)
    if not views:
        return f'<p class="soft">{edition.say("no_diagram")}</p>'
    parts = [f'<p class="soft">{edition.say("click_diagram")}</p>']
    for index, view in enumerate(views):
        if len(views) > 1:
            title = view.title or edition.say("view_number", number=index + 1)
            parts.append(f"<h3>{escape(title)}</h3>")
        parts.append(_drawn(edition, index))
    return "".join(parts)


def _drawn(edition: Edition, view: int, group: str | None = None) -> str:
    """Return HTML with the diagram of one view, or of one group in the view, and a button that enlarges the diagram."""
    from sdcluster.view.diagram import diagram_svg

    links = {key: f"#{anchor}" for key, anchor in edition.anchors.items()}
    try:
        drawn = diagram_svg(edition.model, edition.language, area=group, links=links, view=view)
    except ModelError:  # no such group
        return ""
    button = f'<button type="button" class="enlarge">{edition.say("enlarge")}</button>'
    return f'<div class="diagram {"part" if group else "whole"}">{button}<div class="paper">{drawn}</div></div>'


def feedback(edition: Edition) -> str:
    """Return HTML with the shortest feedback loops, the sign of each link, and the number of loops of each kind."""
    model = edition.model
    if len(model.variables) > LARGEST_GRAPH:
        return ""
    found = loops(model, MOST_LOOPS)
    if not found:
        return f"<p>{edition.say('no_loops')}</p>"
    graph = causal_graph(model)
    many = len(found) >= MOST_LOOPS
    own = [loop for loop in found if len(loop.names) < 3]
    shown = [loop for loop in found if len(loop.names) > 2][:SHOWN_LOOPS]
    if not shown:
        own, shown = [], found[:SHOWN_LOOPS]
    head = edition.say("loops_many" if many else "loops_few", count=len(found), shown=len(shown))
    counted = Counter(POLARITIES[loop.polarity] for loop in found)
    kinds = {kind: counted.get(kind, 0) for kind in POLARITIES.values()}
    parts = [f"<p>{head}</p>", _listed(edition, graph, shown)]
    if own:
        summary = edition.say("loops_own", count=len(own))
        listed = _listed(edition, graph, own)
        parts.append(f"<details><summary>{summary}</summary>{listed}</details>")
    parts.append(f'<p class="soft">{edition.say("loops_count", count=len(found), **kinds)}</p>')
    return "".join(parts)


def _listed(edition: Edition, graph: object, found: list[Loop]) -> str:
    items = "".join(
        f'<li><span class="polarity {POLARITIES[loop.polarity]}">'
        f"{edition.say(POLARITIES[loop.polarity])}</span> {_course(edition, graph, loop)}</li>"
        for loop in found
    )
    return f'<ol class="loops">{items}</ol>'


def _course(edition: Edition, graph: object, loop: Loop) -> str:
    names = [*loop.names, loop.names[0]]
    parts = [edition.link(names[0])]
    for cause, effect in pairwise(names):
        sign = graph.edges[cause, effect]["polarity"]  # type: ignore[attr-defined]
        parts.append(f'<span class="sign">→<sup>{SIGNS[sign]}</sup></span> {edition.link(effect)}')
    return " ".join(parts)


def findings(edition: Edition, found: Sequence[Finding], run: bool = True) -> str:
    """Return HTML with the findings of `sdcluster.lint`.

    Parameters
    ----------
    edition : Edition
    found : sequence of Finding
    run : bool
        Whether the model was simulated for the checks of its time step.
    """
    if not found:
        return f"<p>{edition.say('no_findings' if run else 'no_findings_unrun')}</p>"
    rows = [
        (
            f'<span class="severity {f.severity}">{edition.say(f"severity_{f.severity}")}</span>',
            edition.link(f.variable) if f.variable else "",
            message_html(f.sentence, edition.language),
            message_html(f.remedy, edition.language),
        )
        for f in found[:MOST_FINDINGS]
    ]
    heads = ("", *(edition.say(key) for key in ("variable", "finding", "remedy")))
    more = len(found) - MOST_FINDINGS
    note = f'<p class="soft">{edition.say("and_more", count=more)}</p>' if more > 0 else ""
    return table(heads, rows, "findings") + note
