"""The section of a model's page with the definitions of variables, grouped by area of the model.

`areas` returns the areas of a model, and `definitions` returns the definitions of some variables as HTML. A definition
contains the equation, unit, value, range and documentation of a variable, and the variables that use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape, unescape

import numpy as np

from sdcluster.lint.finding import Subject
from sdcluster.model import Model, Variable
from sdcluster.model.discrete import Conveyor
from sdcluster.model.expression import Expression, Lookup, Table, walk
from sdcluster.model.model import Dimension, Equation, Range
from sdcluster.model.view import Label, Node
from sdcluster.publish.edition import Edition, digits
from sdcluster.publish.formula import formula, indices, number
from sdcluster.publish.packed import packed
from sdcluster.words import say, texts

KINDS = ("stock", "flow", "auxiliary", "constant", "lookup", "data")
MOST_EQUATIONS = 40
MOST_USERS = 25
DIMENSIONLESS = ("dmnl", "dimensionless", "1")


@dataclass(frozen=True)
class Area:
    """An area of a model: the variables of a group in the diagram, of a view, or of one kind.

    Parameters
    ----------
    title : mapping of str to str
        Title by language code.
    variables : tuple of Variable
        The variables, in the file's order.
    group : str
        The title of the group in the diagram; empty if the area is not such a group.
    """

    title: dict[str, str]
    variables: tuple[Variable, ...]
    group: str = ""


def areas(model: Model) -> list[Area]:
    """Return a model's variables by area; every variable is in exactly one area.

    The areas are the groups in the first view of the diagram. Without groups, they are the views; with fewer than two
    views, they are the kinds of variables. The title of a group may be bilingual, such as ``Knowledge · 知识``.
    """
    shown = [v for v in model.variables.values() if not v.hidden]
    inner = [v for v in model.variables.values() if v.hidden]
    groups = [g for g in model.view.labels if g.size] if model.view else []
    places = _places(model, groups)
    found = [
        Area(g.titles, tuple(v for v in shown if places.get(v.key) is g), g.text) for g in groups
    ]
    left = [v for v in shown if v.key not in places]
    if not any(area.variables for area in found):
        found = _by_view(model)
        shown_in = {v.key for area in found for v in area.variables}
        left = [v for v in left if v.key not in shown_in]
    if any(area.variables for area in found):
        rest = [Area(_own("elsewhere"), tuple(left))]
    else:
        rest = [Area(_own(f"by_kind_{k}"), tuple(v for v in left if v.kind == k)) for k in KINDS]
    return [a for a in (*found, *rest, Area(_own("inner"), tuple(inner))) if a.variables]


def _by_view(model: Model) -> list[Area]:
    """Return an area for each view of a model with several views, otherwise an empty list.

    A variable belongs to the first view that shows it.
    """
    if len(model.views) < 2:
        return []
    first: dict[str, int] = {}
    for index, view in enumerate(model.views):
        for node in view.nodes:
            if node.kind != "alias" and node.name in model.variables:
                first.setdefault(node.name, index)
    return [
        Area(
            {
                code: view.title or text
                for code, text in texts("page.view_number", number=index + 1).items()
            },
            tuple(
                v for v in model.variables.values() if first.get(v.key) == index and not v.hidden
            ),
        )
        for index, view in enumerate(model.views)
    ]


def _places(model: Model, groups: list[Label]) -> dict[str, Label]:
    """Return for each variable the group that contains its symbol, by the variable's canonical name."""
    found: dict[str, Label] = {}
    for node in model.view.nodes if model.view else ():
        holding = [g for g in groups if _inside(node, g)]
        if node.kind != "alias" and node.name in model.variables and holding:
            found.setdefault(node.name, holding[0])
    return found


def _inside(node: Node, group: Label) -> bool:
    (x, y), (width, height) = group.position, group.size or (0.0, 0.0)
    return x <= node.position[0] <= x + width and y <= node.position[1] <= y + height


def _own(key: str) -> dict[str, str]:
    return texts(f"page.{key}")


def summary(edition: Edition) -> str:
    """Return HTML with two sentences about a model (its size and its time settings), its levers and its subscripts."""
    model, clock = edition.model, edition.model.time
    counts = {k: len(getattr(model, k)) for k in ("stocks", "flows", "auxiliaries", "constants")}
    parts = [
        edition.say("counts", levers=len(model.levers), **counts)
        + say("signs.sentence_end", edition.language),
        edition.say(
            "clock",
            start=digits(clock.start),
            stop=digits(clock.stop),
            units=escape(clock.units),
            dt=digits(clock.dt),
            method=escape(clock.method.upper()),
        ),
    ]
    found = f'<p class="summary">{"".join(parts)}</p>'
    if model.levers:
        named = edition.links(v.name for v in model.levers)
        found += f"<p><b>{edition.say('levers')}</b>: {named}</p>"
    if model.dimensions:
        items = "".join(
            f"<li><b>{escape(model.spelled(d.name))}</b>: {escape(_elements(edition, d))}"
            f"{' …' if len(d.elements) > 60 else ''}</li>"
            for d in model.dimensions
        )
        found += f"<p><b>{edition.say('dimensions')}</b></p><ul>{items}</ul>"
    return found


def _elements(edition: Edition, dimension: Dimension) -> str:
    spelled = edition.model.spelled
    names = [
        dimension.labels.get(e, {}).get(edition.language, spelled(e))
        for e in dimension.elements[:60]
    ]
    return edition.comma.join(names)


def definitions(edition: Edition, variables: tuple[Variable, ...], *, pack: bool = False) -> str:
    """Return HTML with the definitions of variables; with `pack`, as data from which the page's script builds them."""
    users = Subject(edition.model).users
    made = [_definition(edition, v, users.get(v.key, set())) for v in variables]
    if not pack:
        return f'<div class="definitions">{"".join(made)}</div>'
    anchors = [edition.anchors[v.key] for v in variables]
    headings = [_heading(edition, v) for v in variables]
    button = f'<button type="button" class="all">{edition.say("show_all")}</button>'
    return f'<p class="soft">{edition.say("packed")} {button}</p>{packed(made, anchors, headings)}'


def _heading(edition: Edition, variable: Variable) -> str:
    """Return the names of a variable in all languages as lines of text, the edition's language first."""
    names = (edition.name(variable.name), variable.name, *variable.labels.values())
    return "\n".join(dict.fromkeys(unescape(name) for name in names))


def _definition(edition: Edition, variable: Variable, users: set[str]) -> str:
    anchor = edition.anchors[variable.key]
    kind = edition.say("kind_data" if variable.kind == "data" else variable.kind)
    marks = [f'<span class="kind {variable.kind}">{kind}</span>']
    if variable.lever:
        marks.append(f'<span class="kind lever">{edition.say("lever")}</span>')
    doc = escape(edition.model.doc_of(variable.name, edition.language))
    return (
        f'<div class="variable" id="{anchor}"><p class="heading">'
        f'<a class="self" href="#{anchor}">{edition.name(variable.name)}</a> '
        f"{edition.also(variable)} {' '.join(marks)}</p>"
        f"{_equations(edition, variable)}"
        f'<p class="doc">{doc or edition.say("no_doc")}</p>'
        f'<p class="about">{" · ".join(_facts(edition, variable, users))}</p></div>'
    )


def _facts(edition: Edition, variable: Variable, users: set[str]) -> list[str]:
    facts = [_unit(edition, variable.units)]
    if variable.missing:
        facts.append(f"{edition.say('no_data')} ({escape(variable.missing)})")
    if variable.range is not None:
        facts += _range(edition, variable.range)
    if variable.non_negative:
        facts.append(edition.say("not_negative"))
    facts += _belt(edition, variable)
    order = [k for k in edition.model.variables if k in users and k != variable.key]
    named = edition.links(order[:MOST_USERS])
    if len(order) > MOST_USERS:
        named += " " + edition.say("and_more", count=len(order) - MOST_USERS)
    facts.append(f"{edition.say('used_by')} {named}" if order else edition.say("used_by_nothing"))
    if variable.line is not None:
        facts.append(edition.say("line", line=variable.line))
    return facts


def _belt(edition: Edition, variable: Variable) -> list[str]:
    """Return the properties of a conveyor, queue or leak as a list of HTML texts."""
    facts = []
    if isinstance(variable.discrete, Conveyor):
        parts = [
            f"{edition.say(tag)} {edition.link(n)}" for tag, n in variable.discrete.by_tag.items()
        ]
        facts.append(f"{edition.say('conveyor')}: {edition.comma.join(parts)}")
    elif variable.discrete is not None:
        facts.append(edition.say("queue"))
    if variable.leak is not None:
        facts.append(f"{edition.say('leak')} {edition.link(variable.leak.fraction)}")
    return facts


def _unit(edition: Edition, units: str) -> str:
    if not units:
        return edition.say("no_unit")
    shown = f'<span class="unit">{escape(units)}</span>'
    if units.strip().lower() in DIMENSIONLESS:
        shown += f" ({edition.say('dimensionless')})"
    return f"{edition.say('unit')} {shown}"


def _range(edition: Edition, limits: Range) -> list[str]:
    low, high = limits.minimum, limits.maximum
    if low is not None and high is not None:
        return [edition.say("range", low=digits(low), high=digits(high))]
    if low is not None:
        return [edition.say("range_above", low=digits(low))]
    if high is not None:
        return [edition.say("range_below", high=digits(high))]
    return []


def _equations(edition: Edition, variable: Variable) -> str:
    lines = []
    for equation in variable.equations[:MOST_EQUATIONS]:
        lines += _equation(edition, variable, equation)
        lines += _about_element(edition, variable, equation.subscripts)
    more = len(variable.equations) - MOST_EQUATIONS
    if more > 0:
        lines.append(f'<p class="soft">{edition.say("and_more", count=more)}</p>')
    return "".join(lines)


def _about_element(edition: Edition, variable: Variable, subscripts: tuple[str, ...]) -> list[str]:
    """Return a paragraph with the file's documentation of a single element, or an empty list."""
    texts = variable.element_docs.get(subscripts, {})
    text = texts.get(edition.language) or texts.get("en", "")
    return [f'<p class="doc soft">{escape(text)}</p>'] if text else []


def _equation(edition: Edition, variable: Variable, equation: Equation) -> list[str]:
    name = f"<b>{edition.name(variable.name)}</b>{indices(edition, equation.subscripts)}"
    if equation.exceptions:
        left_out = edition.comma.join(indices(edition, e) for e in equation.exceptions)
        name += f' <span class="soft">({edition.say("except", names=left_out)})</span>'
    right = formula(edition, equation.expression)
    if variable.missing and not variable.unwritten and variable.kind != "stock":
        right = f'<span class="soft">{edition.say("no_data")}</span>'
    if variable.kind == "stock":
        start = edition.say("at_start")
        first = f'<span class="soft">{start}</span>'
        lines = [
            f'<p class="equation"><span class="left">{name} = {name} <sub>{first}</sub> + ∫</span> '
            f'<span class="right">(<span class="net">{right}</span>)</span> d<i>t</i></p>'
        ]
        if equation.initial is not None:
            lines.append(
                f'<p class="equation"><span class="left">{name} <sub>{first}</sub> =</span> '
                f'<span class="initial">{formula(edition, equation.initial)}</span></p>'
            )
        return lines
    line = f'<p class="equation"><span class="left">{name} =</span> <span class="right">{right}</span></p>'
    return [line, *_graphs(edition, variable, equation.expression)]


def _graphs(edition: Edition, variable: Variable, expression: Expression) -> list[str]:
    """Return HTML with a small chart and the points of each table (at most three) in an expression."""
    from sdcluster.view.chart import Chart, Curve
    from sdcluster.view.svg import draw

    tables = [n for n in walk(expression) if isinstance(n, Table)]
    tables += [
        n.table for n in walk(expression) if isinstance(n, Lookup) and isinstance(n.table, Table)
    ]
    found = []
    for table in tables[:3]:
        x, y = np.asarray(table.x, float), np.asarray(table.y, float)
        units = f" ({variable.units})" if variable.units else ""
        chart = Chart(variable.name, "x", variable.name + units, (Curve(variable.name, x, y),))
        pairs = ", ".join(
            f"({number(a)}, {number(b)})" for a, b in zip(x[:50], y[:50], strict=True)
        )
        more = " …" if len(x) > 50 else ""
        found.append(
            f'<details class="graph"><summary>{edition.say("points", count=len(x))}</summary>'
            f"{draw(chart) if len(x) > 1 else ''}<p class='soft'>{pairs}{more}</p></details>"
        )
    return found
