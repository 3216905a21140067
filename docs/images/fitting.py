"""Draw the charts of the straight line in docs/how-to/fitting.md, in English and Chinese; ``make picture`` runs it.

It takes the model, the data and the calibration file from the page, and writes the charts `posterior` and `corner`,
each as NAME.png and NAME.zh.png.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "how-to" / "fitting.md"
BLOCKS = {
    "straight.mdl": r"```text\n(\{UTF-8\}.*?)```",
    "data.csv": r"```text\n(time,variable,.*?)```",
    "calibration.toml": r"```toml\n(targets = \"data.csv\".*?)```",
}
MOST = 300_000  # bytes


def written(folder: Path) -> Path:
    """Write the files whose content the page shows, and return the path of the model."""
    text = PAGE.read_text(encoding="utf-8")
    for name, block in BLOCKS.items():
        (found,) = re.findall(block, text, re.DOTALL)
        (folder / name).write_text(found, encoding="utf-8")
    return folder / "straight.mdl"


def command() -> list[str]:
    """Return the page's first ``sdcluster fit`` command without the options for output files."""
    (line,) = re.findall(
        r"sdcluster (fit straight\.mdl --sample \d+)", PAGE.read_text(encoding="utf-8")
    )[:1]
    return line.split()


def main() -> None:
    """Sample once for each language with the same random numbers, and draw the charts."""
    with tempfile.TemporaryDirectory() as folder:
        model = written(Path(folder))
        for language, ending in (("en", ".png"), ("zh", ".zh.png")):
            charts = {name: HERE / f"{name}{ending}" for name in ("posterior", "corner")}
            line = [sys.executable, "-m", "sdcluster", *command(), "--out", charts["posterior"],
                    "--corner", charts["corner"]]  # fmt: skip
            surroundings = {**os.environ, "SDCLUSTER_LANGUAGE": language}
            subprocess.run(line, check=True, cwd=model.parent, env=surroundings)
            for chart in charts.values():
                _shrink(chart)


def _shrink(path: Path) -> None:
    """Reduce a chart to 64 colours, so that its file is a third as large but looks the same."""
    with Image.open(path) as chart:
        chart.convert("RGB").quantize(64).save(path, optimize=True)
    if path.stat().st_size > MOST:
        raise ValueError(f"{path.name} has {path.stat().st_size:,} bytes, more than {MOST:,}")


if __name__ == "__main__":
    main()
