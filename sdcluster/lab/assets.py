"""What all our widgets stand on: the browser's files (``static/``), joined into one ES module, and a base class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import anywidget
import traitlets


class PlainWidget(anywidget.AnyWidget):
    """An anywidget without the layout model of ipywidgets: a voila page cannot load it, and none of ours needs it."""

    layout = traitlets.Any(None)


@cache
def static(name: str) -> str:
    """Text of one file of ``static/``."""
    return (files("sdcluster.lab") / "static" / name).read_text(encoding="utf-8")


def joined(names: Sequence[str]) -> str:
    """One ES module put together from files of ``static/``.

    Each file is a module of its own, with named exports and imports of its neighbours, which editors and tests can
    read as it is; a widget is given one text, so the import lines and the words ``export`` go (docs/decisions/0003).
    """
    parts = []
    for name in names:
        text = re.sub(r'^import .* from "\./.*";\n', "", static(name), flags=re.MULTILINE)
        parts.append(re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE))
    return "\n".join(parts)
