"""How soon the charts follow a slider: on published pages, in our widget in JupyterLab, and with other packages.

`python benchmarks/page.py` writes docs/evidence/latency.md; it takes four minutes and needs a quiet machine. In one
headless Chromium it measures (1) the lower limit: a slider and four canvases without a model, (2) `cluster` as a
published page with every step saved and four charts of three curves, (3) a chain of 1,000 variables as a published
page, and (4) the notebooks of `frontend.py`. `--only TEXT` measures the rows whose name contains the text, and writes
nothing. `steps.py` explains the measured times.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
from steps import measured  # noqa: E402

import frontend  # noqa: E402

PAGE = ROOT / "docs" / "evidence" / "latency.md"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
FLOOR = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; display: grid; grid-template-columns: 480px 480px 330px }
canvas { width: 470px; height: 200px }</style>
<body id="laboratory" data-ready><canvas></canvas><canvas></canvas><input type="range" data-name="x" min="0" max="1"
step="any" value="0.5"><canvas></canvas><canvas></canvas><script>
const slider = document.querySelector("input");
const layers = [...document.querySelectorAll("canvas")].map((canvas) => {
  Object.assign(canvas, { width: 470, height: 200 });
  return canvas.getContext("2d", { alpha: false });
});
let pending = false;
function draw() {
  pending = false;
  for (const pen of layers) {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 470, 200);
    for (let curve = 0; curve < 3; curve++) {
      pen.beginPath();
      for (let x = 0; x <= 470; x += 8) pen.lineTo(x, 100 + 90 * Math.sin(x / 50 + 9 * slider.value + curve));
      pen.stroke();
    }
  }
  document.body.dispatchEvent(new CustomEvent("sdcluster:drawn"));
}
slider.oninput = () => {
  if (!pending) requestAnimationFrame(draw);
  pending = true;
};
draw();
</script>"""


def chain(variables: int) -> str:
    """Return a Vensim model of stocks in a chain, with an outflow and an auxiliary for each stock."""
    lines = ["{UTF-8}", "rate = 0.2 ~ 1/year [0, 1] ~|"]
    for i in range(variables // 3):
        before = f"outflow {i - 1}" if i else "10"
        lines += [
            f"stock {i} = INTEG({before} - outflow {i}, {i % 7}) ~ unit ~|",
            f"outflow {i} = stock {i} * pace {i} ~ unit/year ~|",
            f"pace {i} = rate * {1 + i % 5} / 3 ~ 1/year ~|",
        ]
    clock = (
        ("INITIAL TIME", "0"),
        ("FINAL TIME", "100"),
        ("TIME STEP", "0.125"),
        ("SAVEPER", "0.125"),
    )
    return "\n".join([*lines, *(f"{name} = {value} ~ year ~|" for name, value in clock)])


def pages(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Return, for each page, its address, the name of its slider and the state in its link."""
    import sdcluster

    model = sdcluster.load(ROOT / "models" / "cluster")
    every = replace(model, time=replace(model.time, saveper=model.time.dt))
    cluster = sdcluster.publish(every, folder / "cluster.html")
    (folder / "chain.mdl").write_text(chain(1000))
    long = sdcluster.publish(folder / "chain.mdl", folder / "chain.html")
    charts = [[lines, 0, 0, None] for lines in frontend.CHARTS]
    (folder / "floor.html").write_text(FLOOR)
    stocks = [[[f"stock {12 * i + j}" for j in (0, 4, 8)], 0, 0, None] for i in range(4)]
    return {
        "floor of the machine": ((folder / "floor.html").as_uri(), "x", ""),
        "sdcluster, published page": (cluster.as_uri(), "openness", state(charts)),
        "sdcluster, published page of 1,000 variables": (long.as_uri(), "rate", state(stocks)),
    }


def state(charts: list[Any]) -> str:
    """Return the part of a page's link that tells it which charts to show."""
    text = base64.urlsafe_b64encode(json.dumps({"c": charts}).encode()).decode()
    return text.rstrip("=")


def measure(browser: Any, address: str, slider: str, shown: str) -> dict[str, float]:
    """Open a page, move its slider, and return the measured times."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{address}#{shown}")
    page.wait_for_selector("#laboratory[data-ready]")
    page.wait_for_timeout(500)
    handle = page.locator(f'input[data-name="{slider}"]')
    box = handle.bounding_box()
    share = handle.evaluate("(one) => (one.value - one.min) / (one.max - one.min)")
    x, y = box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2
    found = measured(browser, page, x, y, ours=True)
    page.close()
    return found


def table(found: dict[str, dict[str, float]]) -> str:
    """Return the table of docs/evidence/latency.md."""
    heads = ("painted p50", "painted p95", "presented p50", "presented p95")
    ends = ("frames a second", "drawing after release")
    lines = ["| drawing with | " + " | ".join((*heads, *ends)) + " |", "|---|" + "---:|" * 6]
    for name, row in found.items():
        cells = [f"{row[key]:.0f} ms" if key in row else "–" for key in heads]
        cells += [f"{row[ends[0]]:.0f}", f"{row[ends[1]]:.0f} ms"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def text(found: dict[str, dict[str, float]], load: float) -> str:
    """Return the text of docs/evidence/latency.md without the section about fans."""
    return f"""# Latency

Written by `benchmarks/page.py`; do not edit. This page shows how soon the charts follow a slider, measured
in a headless Chromium without a graphics
card. The window has 1366 × 768 pixels and shows four charts of three curves with more than 1,000 points
each.
{date.today()}, {os.cpu_count()} cores; load of the machine before: {load:.1f}.

*Painted* is the time from the pointer's event until the script of the page has drawn the charts.
*Presented* is measured by the browser itself (`EventLatency` in its trace): the time from the event until
the frame is on the screen, including rastering and compositing, which the processor does here. Both are
measured for single steps of the slider, at different times within a frame. The last two columns come from
a drag of three seconds: how many frames a second showed new charts, and how long the charts still changed
after the slider was released. The screen shows 60 frames a second, so an event waits up to 16.7 ms for
its frame. The *floor of the machine* is a slider and four empty canvases, without a model. In the rows of
plotly and matplotlib, the compiled model runs in Python, and these packages draw in the notebook.

{table(found)}
"""


def main() -> None:
    """Measure all rows, print the table and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", default="", help="measure only rows whose name contains this text"
    )
    only = parser.parse_args().only
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("This benchmark needs Chromium: `apt-get install chromium`.")
    from playwright.sync_api import sync_playwright

    load = os.getloadavg()[0]
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for name, page in pages(Path(temporary)).items():
            if only in name:
                found[name] = measure(browser, *page)
                print(name, found[name], flush=True)
        for name in frontend.names():
            if only in name:
                try:
                    found[name] = frontend.measure(browser, name, Path(temporary))
                    print(name, found[name], flush=True)
                except Exception as error:
                    print(f"{name}: not measured ({str(error).splitlines()[0]})", flush=True)
        browser.close()
    print(f"{os.cpu_count()} cores, load {load:.1f}, headless Chromium, 1366 x 768")
    print(table(found))
    if not only:
        PAGE.write_text(text(found, load), encoding="utf-8")


if __name__ == "__main__":
    main()
