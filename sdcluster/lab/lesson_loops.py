"""The loops of an explanation: found in the model, told in words, drawn as pictures.

Takes a `Model` and entries ``loop`` of a lesson's table; gives blocks of a card. No sign of a link is written down in
a lesson: all come from the model's equations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.lab.diagram import diagram_svg
from sdcluster.lab.exercise_wording import fill
from sdcluster.lab.lesson_table import Text, words
from sdcluster.lab.loop_picture import loop_svg
from sdcluster.lab.wording import LANGUAGES
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.model.graph import Loop, causal_graph, element_graph
from sdcluster.solve.plan import find_element


def links(model: Model, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The variables of a loop as the model writes them, and the sign of each link to the next.

    Raises
    ------
    ModelError
        Where the model has no such link.
    """
    if any(name in model and model[name].dimensions for name in names):  # of arrays as a whole
        graph = causal_graph(model)
        found = [whole(model, name) for name in names]
    else:
        graph = element_graph(model)
        found = [one(model, name).name for name in names]
    for cause, effect in pairwise([*found, found[0]]):
        if not graph.has_edge(cause, effect):
            raise ModelError(f'in this model "{cause}" does not act on "{effect}"')
    return found, [graph.edges[link]["polarity"] for link in pairwise([*found, found[0]])]


def loop_of(model: Model, names: Sequence[str]) -> Loop:
    """The feedback loop through `names`, with its polarity."""
    found, signs = links(model, names)
    polarity = "?" if "?" in signs else "-" if signs.count("-") % 2 else "+"
    return Loop(tuple(found), polarity)


def whole(model: Model, name: str) -> str:
    """The variable of a name, which for an element of an array is the array."""
    return model.variables[find_element(model, name)[0]].name


def told_loop(model: Model, entry: Mapping[str, Any]) -> Text:
    """A loop in words: what it is called, its kind, its path."""
    found, _ = links(model, entry["names"])
    paths = {
        language: " → ".join(model.label(n, language) for n in [*found, found[0]])
        for language in LANGUAGES
    }
    return fill("loop", name=entry["name"], kind=words(entry["kind"]), path=paths)


def loop_blocks(model: Model, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All loops of a lesson beside one another, each with its picture."""
    items = []
    for entry in entries:
        found, signs = links(model, entry["names"])
        text = told_loop(model, entry)
        pictures = {
            language: loop_svg(
                [model.label(name, language).replace("[", " [") for name in found],
                signs,
                words(entry["kind"])[language],
                language,
                text[language],
            )
            for language in LANGUAGES
        }
        items.append({"text": text, "svg": pictures})
    return [{"kind": "loops", "items": items}]


def area_blocks(
    model: Model, entries: Sequence[Mapping[str, Any]], areas: Sequence[str]
) -> list[dict[str, Any]]:
    """The areas of the diagram where the loops run: the whole of it would be too small to read."""
    names = [whole(model, name) for entry in entries for name in links(model, entry["names"])[0]]
    return [
        {
            "kind": "picture",
            "alt": told_loop(model, entries[0]),
            "svg": {
                language: diagram_svg(
                    model, language, names, area=area, constants=False, tight=True
                )
                for language in LANGUAGES
            },
        }
        for area in areas
    ]
