"""A thumbnail of a model's behaviour: the curves of its first chart, without axes.

`thumbnail(model)` returns a self-contained SVG, whose colours follow the reader's dark mode.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sdcluster.files import write_atomically
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.lab_file import lab_beside
from sdcluster.run.simulator import Simulator

WIDTH, HEIGHT, EDGE = 320, 128, 10
MOST_POINTS = 120
MOST_LINES = 4
# Blue, vermillion, green and purple that colour-blind people can tell apart (Okabe and Ito 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
DARK = ("#56b4e9", "#f0804a", "#35c99b", "#e3a3c6")


def thumbnail(model: Model | str | Path) -> str:
    """Return a thumbnail of the model's default run as SVG.

    Raises
    ------
    ModelError, SimulationError
        If the model does not run.
    """
    simulator = Simulator(model)
    names, together = _lines(simulator.model)
    rows = [simulator.names.index(name) for name in names if name in simulator.names]
    values = simulator.run()[rows]
    step = max(1, values.shape[1] // MOST_POINTS)
    curves = values[:, ::step]
    low = curves.min() if together else curves.min(axis=1, keepdims=True)
    high = curves.max() if together else curves.max(axis=1, keepdims=True)
    spread = np.where(high > low, high - low, 1.0)
    heights = HEIGHT - EDGE - (curves - low) / spread * (HEIGHT - 2 * EDGE)
    across = np.linspace(0, WIDTH, curves.shape[1])
    lines = [_path(across, line, i) for i, line in reversed(list(enumerate(heights)))]
    light, dark = (
        "".join(f".c{i}{{stroke:{colour}}}" for i, colour in enumerate(colours))
        for colours in (COLOURS, DARK)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">'
        f"<style>path{{fill:none;stroke-width:2.5;vector-effect:non-scaling-stroke}}{light}"
        f"@media (prefers-color-scheme:dark){{{dark}}}</style>{''.join(lines)}</svg>\n"
    )


def _lines(model: Model) -> tuple[list[str], bool]:
    """Return the names of the variables to draw, and whether they share a scale.

    The variables are those in the first chart of ``lab.toml``. Without charts, they are the first stocks, each on its
    own scale.
    """
    for chart in lab_beside(model).charts:
        return [one(model, line.name).name for line in chart.lines[:MOST_LINES]], True
    shown = [v for v in model.variables.values() if not v.hidden and not v.dimensions]
    stocks = [v.name for v in shown if v.kind == "stock"]
    moving = [v.name for v in shown if v.kind in ("flow", "auxiliary")]
    return (stocks or moving)[: MOST_LINES - 1], False


def _path(across: np.ndarray, heights: np.ndarray, index: int) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, heights, strict=True))
    return f'<path class="c{index}" d="M{points}"/>'


def write(model: str, path: str) -> None:
    """Write the thumbnail of a model to a file."""
    write_atomically(Path(path), thumbnail(model))
