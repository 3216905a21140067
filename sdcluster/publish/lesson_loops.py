"""The feedback loops in a lesson's explanation: checked in the model, described in words, drawn as diagrams.

The functions take a `Model` and the entries ``loop`` of a lesson's file, and return texts and SVG diagrams. A lesson's
file names only the variables of a loop; the signs of the links are derived from the model's equations.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.model.graph import Loop, causal_graph, element_graph
from sdcluster.project.library import lesson, models_folder
from sdcluster.run.plan import find_element
from sdcluster.view.diagram import diagram_svg
from sdcluster.view.diagram_shapes import FONT, INK, PAPER, escape
from sdcluster.view.loop_picture import loop_svg
from sdcluster.words import LANGUAGES, in_all, say, texts

# For the diagram with all loops: the number of loops in a row, and the pixels above each loop for its name.
COLUMNS, TITLE = 2, 56.0


def links(model: Model, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names of the variables in a loop, as in the model, and the sign of the link from each to the next.

    Raises
    ------
    ModelError
        If a variable does not act on the next variable in the model.
    """
    if any(name in model and model[name].dimensions for name in names):  # whole arrays
        graph = causal_graph(model)
        found = [whole(model, name) for name in names]
    else:
        graph = element_graph(model)
        found = [one(model, name).name for name in names]
    for cause, effect in pairwise([*found, found[0]]):
        if not graph.has_edge(cause, effect):
            raise ModelError(message("publish.model_does_not_act", cause=cause, effect=effect))
    return found, [graph.edges[link]["polarity"] for link in pairwise([*found, found[0]])]


def loop_of(model: Model, names: Sequence[str]) -> Loop:
    """Return the feedback loop through the variables `names`, with the loop's polarity."""
    found, signs = links(model, names)
    polarity = "?" if "?" in signs else "-" if signs.count("-") % 2 else "+"
    return Loop(tuple(found), polarity)


def whole(model: Model, name: str) -> str:
    """Return the name of a variable as in the model; for an element of an array, the name of the array."""
    return model.variables[find_element(model, name)[0]].name


def called(model: Model, name: str, language: str) -> str:
    """Return a readable name of a variable; an element ``deaths[old]`` without a label becomes "old deaths"."""
    base, bracket, subscripts = model.label(name, language).partition("[")
    if not bracket:
        return base
    return say("signs.blank", language).join([*subscripts.rstrip("]").split(", "), base])


def told_loop(model: Model, entry: Mapping[str, Any]) -> dict[str, str]:
    """Return a sentence by language with the name, kind and path of a loop."""
    found, _ = links(model, entry["names"])
    paths = {
        language: " → ".join(called(model, n, language) for n in [*found, found[0]])
        for language in LANGUAGES
    }
    kinds = texts(f"loops.{entry['kind']}")
    return texts("loops.sentence", name=in_all(entry["name"]), kind=kinds, path=paths)


def loop_blocks(model: Model, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a block with all loops of a lesson: for each loop a sentence and a diagram, both by language."""
    items = []
    for entry in entries:
        found, signs = links(model, entry["names"])
        text = told_loop(model, entry)
        pictures = {
            language: loop_svg(
                [called(model, name, language) for name in found],
                signs,
                say(f"loops.{entry['kind']}", language),
                language,
                text[language],
            )
            for language in LANGUAGES
        }
        items.append({"text": text, "svg": pictures})
    return [{"kind": "loops", "items": items}]


def loops_svg(model: Model, entries: Sequence[Mapping[str, Any]], language: str) -> str:
    """Return one SVG diagram with all loops of a lesson and their names, for the model's README."""
    items = loop_blocks(model, entries)[0]["items"]
    shown = [item["svg"][language] for item in items]
    sizes = [[float(x) for x in re.findall(r'viewBox="0 0 (\S+) (\S+)"', svg)[0]] for svg in shown]
    rows = [
        max(size[1] for size in sizes[i : i + COLUMNS]) + TITLE
        for i in range(0, len(sizes), COLUMNS)
    ]
    parts = []
    for place, (entry, svg) in enumerate(zip(entries, shown, strict=True)):
        row, column = divmod(place, COLUMNS)
        x, y = column * sizes[0][0], sum(rows[:row])
        name = escape(in_all(entry["name"])[language])
        middle = x + sizes[0][0] / 2
        parts.append(
            f'<text x="{middle:.0f}" y="{y + TITLE - 16:.0f}" text-anchor="middle" font-size="24" '
            f'font-weight="600" fill="{INK}" font-family="{FONT}">{name}</text>'
        )
        parts.append(svg.replace("<svg ", f'<svg x="{x:.0f}" y="{y + TITLE:.0f}" ', 1))
    width, height = min(COLUMNS, len(shown)) * sizes[0][0], sum(rows)
    told = quoteattr(" ".join(item["text"][language] for item in items))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={told} viewBox="0 0 {width:.0f} '
        f'{height:.0f}" width="{width:.0f}" height="{height:.0f}">'
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="{PAPER}"/>'
        + "".join(parts)
        + "</svg>"
    )


def write_loops(name: str, folder: Path) -> list[Path]:
    """Write the diagram of a lesson's loops to ``loops.svg`` and ``loops.zh.svg`` in a folder, and return the paths."""
    model = sdcluster.load(models_folder() / lesson(name)["model"])
    written = []
    for language in LANGUAGES:
        path = folder / ("loops.svg" if language == "en" else f"loops.{language}.svg")
        text = loops_svg(model, lesson(name)["loop"], language)
        path.write_text(text + "\n", encoding="utf-8")
        written.append(path)
    return written


def area_blocks(
    model: Model,
    entries: Sequence[Mapping[str, Any]],
    areas: Sequence[str],
    also: Sequence[Sequence[str]] = (),
) -> list[dict[str, Any]]:
    """Return blocks with parts of the stock-and-flow diagram in which the loops are highlighted, one for each area.

    Only these areas are drawn, because the whole diagram would be too small to read. `also` gives further paths to
    highlight.
    """
    paths = [[whole(model, n) for n in links(model, entry["names"])[0]] for entry in entries]
    influences = [link for path in paths for link in pairwise([*path, path[0]])]
    influences += [link for path in also for link in pairwise(path)]
    names = [name for path in (*paths, *also) for name in path]
    return [
        {
            "kind": "area",
            "alt": told_loop(model, entries[0]),
            "svg": {
                language: diagram_svg(
                    model,
                    language,
                    names,
                    influences=influences,
                    area=area,
                    constants=False,
                    tight=True,
                )
                for language in LANGUAGES
            },
        }
        for area in areas
    ]


if __name__ == "__main__":  # python -m sdcluster.publish.lesson_loops my_model
    for argument in sys.argv[1:]:
        for picture in write_loops(Path(argument).name, Path(argument)):
            print(picture)
