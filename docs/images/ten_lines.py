"""Draw the charts of "ten lines" in docs/how-to/analysing.md.

The code comes from the cells of notebooks/analysts/05_ten_lines.ipynb.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE.parents[1] / "notebooks" / "analysts" / "05_ten_lines.ipynb"
NAMES = {"runs": "ten_lines_fan", "found": "ten_lines_tornado", "failing": "ten_lines_box"}


def main() -> None:
    """Run the cells in an empty folder, and save the charts in both languages."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    made: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for cell in cells:
            if cell.cell_type == "code":
                exec(cell.source, made)
        os.chdir(HERE)
    for name, file in NAMES.items():
        for language, ending in (("en", ".png"), ("zh", ".zh.png")):
            chart = made[name].sdcluster.plot(language=language)
            chart.save(HERE / (file + ending))


if __name__ == "__main__":
    main()
