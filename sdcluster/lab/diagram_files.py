"""Writes the diagrams of a model as files next to it: ``python -m sdcluster.lab.diagram_files my_model``.

The model must have a view. The files are in SVG format.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sdcluster.files import write_atomically
from sdcluster.model.model import Model
from sdcluster.model.names import canonical
from sdcluster.view.diagram import diagram_svg


def write_diagrams(model: Model, folder: Path) -> list[Path]:
    """Write SVG files of a model's diagram: the whole diagram in every language of the file, and each area separately.

    Parameters
    ----------
    model : Model
        A model with a view.
    folder : path
        Created if it does not exist; receives ``diagram.svg``, ``diagram.zh.svg`` and so on, and
        ``diagram/<area>.svg``.

    Returns
    -------
    list of path
        The files that were written.
    """
    languages = sorted({code for v in model.variables.values() for code in v.labels})
    pictures = {"diagram.svg": diagram_svg(model)}
    pictures |= {f"diagram.{code}.svg": diagram_svg(model, code) for code in languages}
    for group in model.view.labels if model.view else ():
        if group.size:
            name = re.sub(r"[^a-z0-9]+", "_", canonical(group.text)).strip("_")
            pictures[f"diagram/{name}.svg"] = diagram_svg(model, area=group.text)
    written = []
    for name, text in pictures.items():
        write_atomically(folder / name, text + "\n")
        written.append(folder / name)
    return written


if __name__ == "__main__":  # python -m sdcluster.lab.diagram_files my_model
    from sdcluster.read import load

    for argument in sys.argv[1:]:
        opened = load(argument)
        for picture in write_diagrams(opened, opened.folder):
            print(picture)
