"""Draw the two paths of Ji & Hu (2011, figure 2), marked with the letters of that figure; ``make picture`` runs it.

It runs the model ``upgrading_cycle`` and writes ``models/upgrading_cycle/paths.svg``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import sdcluster
from sdcluster.view.figure import drawing, line_style, panel_grid, time_axis, write_figure

FOLDER = Path(__file__).resolve().parents[2] / "models" / "upgrading_cycle"
# For each scenario: its label, the year of each letter (explained by the table in the model's README), and whether the
# letters are drawn below (-1) or above (1) the curve.
CURVES = {
    "path_one": ("path one", {"A": 0, "B": 15, "C": 26, "D": 40, "E": 99}, 1),
    "default": ("path two", {"F": 24, "G": 46, "H": 50, "I": 58, "J": 62}, -1),
    "d_k_opportunism": ("decline D–K (opportunism)", {"K": 99}, 1),
    "i_l_opportunism": ("decline I–L (opportunism)", {"L": 110}, 1),
}


def main() -> None:
    """Run both scenarios and write the chart."""
    with drawing():
        figure, (axes,) = panel_grid(1, 1, (7.2, 4.2))
        for index, (scenario, (label, letters, side)) in enumerate(CURVES.items()):
            run = sdcluster.simulate(FOLDER, scenario)
            stock = run["knowledge stock"]
            style = line_style(index)
            axes.plot(run["time"], stock, label=label, **style)
            for letter, year in letters.items():
                height = float(np.interp(year, run["time"], stock))
                axes.plot(year, height, "o", color=style["color"], markersize=4)
                shift = (-6 if side > 0 else 7, 8 * side - 3)
                axes.annotate(letter, (year, height), shift, textcoords="offset points",
                              ha="center", fontsize=11, fontweight="bold", color=style["color"])  # fmt: skip
        axes.set_title("knowledge stock (leaders at start = 1)")
        axes.set_ylim(0, 5.5)
        axes.set_xlim(0, 112)
        time_axis(axes, run)
        axes.legend(loc="upper left")
        write_figure(figure, FOLDER / "paths.svg")


if __name__ == "__main__":
    main()
