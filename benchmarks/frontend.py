"""How soon a moved slider is a changed picture: our widget beside other ways to draw, in one headless browser.

`python benchmarks/frontend.py` opens the same notebook with each of them in JupyterLab (1366 × 768), ours as voila's
page too (there the controls of ipywidgets do not load with the versions of constraints.txt). It takes the slider with
the mouse and measures (1) single steps: from the pointer's move to the picture that shows it, and (2) a drag of
`DRAG_SECONDS`: pictures a second, and how long pictures still come after release (a queue). The others run the
`Simulator` with machine code ready, ours runs in the browser; all draw the ten curves of the first lesson in five
charts. It prints a table and writes ``benchmarks/results/frontend.json``. Times are of one machine; what holds
elsewhere are the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "frontend.json"
sys.path.insert(0, str(ROOT))
STEPS = 60
DRAG_SECONDS = 3.0
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")

COMMON = """
import sys; sys.path.insert(0, {root!r})
import sdcluster, ipywidgets as w
model = sdcluster.load({model!r})
sim = sdcluster.Simulator(model, stop=120, saveper=0.25)
sim.run(); sim.warm(wait=True); sim.run()
groups = [["leader knowledge", "follower knowledge", "technology ceiling"], ["knowledge stock"], ["gap"],
          ["social ties", "economic ties", "knowledge ties"], ["lock in", "lock in risk"]]
rows = {{n: i for i, n in enumerate(sim.names)}}
slider = w.FloatSlider(value=0.5, min=0, max=1, step=0.01, description="openness")
"""
LABORATORY = ".sdcluster-laboratory[data-ready]"
EXPLORE = """
sdcluster.explore(model)
"""
PAGE = "sdcluster, voila page"
CODE = {
    PAGE: EXPLORE,
    "sdcluster, JupyterLab": EXPLORE,
    "plotly FigureWidget": """
import plotly.graph_objects as go
from plotly.subplots import make_subplots
figure = go.FigureWidget(make_subplots(rows=2, cols=3))
out = sim.run()
names = []
for k, group in enumerate(groups):
    for n in group:
        figure.add_scatter(x=sim.time, y=out[rows[n]], name=n, row=k // 3 + 1, col=k % 3 + 1); names.append(n)
figure.update_layout(height=560)
def draw(change):
    out = sim.run({"openness": change["new"]})
    with figure.batch_update():
        for trace, n in zip(figure.data, names): trace.y = out[rows[n]]
slider.observe(draw, "value")
w.VBox([slider, figure])
""",
    "bqplot": """
import bqplot as b
lines, figures = {}, []
out = sim.run()
for group in groups:
    x, y = b.LinearScale(), b.LinearScale()
    marks = [b.Lines(x=sim.time, y=out[rows[n]], scales={"x": x, "y": y}) for n in group]
    lines |= dict(zip(group, marks))
    axes = [b.Axis(scale=x), b.Axis(scale=y, orientation="vertical")]
    figures.append(b.Figure(marks=marks, axes=axes, layout={"width": "420px", "height": "270px"}))
def draw(change):
    out = sim.run({"openness": change["new"]})
    for n, mark in lines.items(): mark.y = out[rows[n]]
slider.observe(draw, "value")
w.VBox([slider, w.HBox(figures[:3]), w.HBox(figures[3:])])
""",
    "matplotlib (PNG)": """
import io, matplotlib; matplotlib.use("agg")
import matplotlib.pyplot as plt
fig, axes = plt.subplots(2, 3, figsize=(12, 5.5), layout="constrained")
out = sim.run()
lines = {n: ax.plot(sim.time, out[rows[n]], label=n)[0] for ax, g in zip(axes.flat, groups) for n in g}
picture = w.Image(format="png")
def show():
    buffer = io.BytesIO(); fig.savefig(buffer, dpi=90); picture.value = buffer.getvalue()
def draw(change):
    out = sim.run({"openness": change["new"]})
    for n, line in lines.items(): line.set_ydata(out[rows[n]])
    for ax in axes.flat: ax.relim(); ax.autoscale_view()
    show()
show(); slider.observe(draw, "value")
w.VBox([slider, picture])
""",
}
READY = {
    PAGE: LABORATORY,
    "sdcluster, JupyterLab": LABORATORY,
    "plotly FigureWidget": ".js-plotly-plot .scatterlayer",
    "bqplot": ".bqplot .curve path",
    "matplotlib (PNG)": "img.widget-image",
}
NEEDS = {"plotly FigureWidget": "plotly", "bqplot": "bqplot", "matplotlib (PNG)": "matplotlib"}
# A picture counts once the frame that holds it has been painted: a task after the frame for what draws inside an
# animation frame (ours), a task after the next frame for what changes the page outside of one.
PROBE = """
() => {
  const b = (window.bench = { moves: [], drawn: [], released: 0 });
  const note = () => requestAnimationFrame(() => setTimeout(() => b.drawn.push(performance.now())));
  addEventListener("pointermove", (e) => { if (e.buttons) b.moves.push(performance.now()); }, true);
  addEventListener("mousemove", (e) => { if (e.buttons && !b.moves.length) b.moves.push(performance.now()); }, true);
  addEventListener("pointerup", () => (b.released = performance.now()), true);
  const inFrame = () => setTimeout(() => b.drawn.push(performance.now()));
  document.querySelector(".sdcluster-laboratory")?.addEventListener("sdcluster:drawn", inFrame);
  document.querySelector(".js-plotly-plot")?.on("plotly_afterplot", note);
  document.querySelector("img.widget-image")?.addEventListener("load", note);
  let pending = false;
  const curves = document.querySelector(".bqplot");
  if (curves) new MutationObserver(() => {
    if (!pending) { pending = true; requestAnimationFrame(() => { pending = false; inFrame(); }); }
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["d"] });
}
"""


def serve(folder: Path, name: str, env: dict[str, str]) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server on a notebook that draws with `name`; return its process and address."""
    from sdcluster.lab.page import command, free_port

    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    code = COMMON.format(root=str(ROOT), model=str(ROOT / "models" / "cluster")) + CODE[name]
    notebook.cells = [nbformat.v4.new_code_cell(code, id="bench")]
    path = folder / "notebooks" / f"{list(CODE).index(name)}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    port = free_port()
    line = command(path, editor=name != PAGE, port=port, browser=False)
    if name != PAGE:
        line += ["--ServerApp.token=", "--ServerApp.password=", "--allow-root"]
        line += ["--LabApp.expose_app_in_browser=True"]
    log = (folder / "server.log").open("a")
    server = subprocess.Popen(line, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/"
    for _ in range(600):
        try:
            urllib.request.urlopen(url + "api", timeout=1)
            break
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
    return server, url if name == PAGE else f"{url}lab/tree/notebooks/{path.name}?reset"


def measure(browser: Any, url: str, name: str) -> dict[str, float]:
    """Return latency of single steps and behaviour of a drag, in milliseconds and pictures a second."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(url)
    if name != PAGE:
        run_notebook(page)
    page.wait_for_selector(READY[name], timeout=60_000)
    page.wait_for_timeout(1500)
    x, y = handle(page, ours=name.startswith("sdcluster"))
    page.evaluate(PROBE)
    page.mouse.move(x, y)
    page.mouse.down()
    x, latencies = single_steps(page, x, y)
    drag = dragged(page, x, y)
    page.close()
    return {
        "p50 ms": float(np.percentile(latencies, 50)),
        "p95 ms": float(np.percentile(latencies, 95)),
        "pictures a second": drag["drawn"] / drag["seconds"],
        "moves a second": drag["moves"] / drag["seconds"],
        "drawing after release ms": drag["after"],
    }


def run_notebook(page: Any) -> None:
    """Run all cells, and give the outputs the room."""
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.content?.activeCell")
    page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext?.session?.kernel")
    page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
    for command in ("notebook:hide-all-cell-code", "application:toggle-left-area"):
        page.evaluate(f"() => void jupyterapp.commands.execute('{command}')")


def handle(page: Any, ours: bool) -> tuple[float, float]:
    """Return where the handle of the slider lies."""
    found = page.locator('input[data-name="openness"]' if ours else ".noUi-handle").first
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    # Our slider is an input from end to end, with its handle half a handle's width inside it.
    within = 8 + 0.5 * (box["width"] - 16) if ours else box["width"] / 2
    return box["x"] + within, box["y"] + box["height"] / 2


def single_steps(page: Any, x: float, y: float) -> tuple[float, list[float]]:
    """Move the handle step by step; return where it is then, and the milliseconds from each step to its picture."""
    latencies = []
    for i in range(STEPS):
        page.evaluate("() => { bench.moves = []; bench.drawn = []; }")
        x += 4 if (i // 10) % 2 else -4
        page.mouse.move(x, y)
        page.wait_for_function("() => bench.drawn.length && bench.moves.length", timeout=20_000)
        latencies.append(page.evaluate("() => bench.drawn.at(0) - bench.moves.at(0)"))
        page.wait_for_timeout(60)
    return x, latencies


def dragged(page: Any, x: float, y: float) -> dict[str, float]:
    """Drag the handle to and fro and let it go; return numbers of moves and pictures, seconds, and what came after."""
    page.evaluate("() => { bench.moves = []; bench.drawn = []; }")
    begun = time.perf_counter()
    turn = 0
    while time.perf_counter() - begun < DRAG_SECONDS:
        turn += 1
        page.mouse.move(x + 60 * np.sin(turn / 12), y)
        time.sleep(0.008)
    page.mouse.up()
    page.wait_for_timeout(3000)
    return page.evaluate(
        """() => ({ moves: bench.moves.length, seconds: (bench.released - bench.moves[0]) / 1000,
                    drawn: bench.drawn.filter((t) => t <= bench.released).length,
                    after: Math.max(0, (bench.drawn.at(-1) ?? 0) - bench.released) })"""
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="part of a name, for instance sdcluster")
    only = parser.parse_args().only
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("This benchmark needs Chromium: `apt-get install chromium`.")
    from playwright.sync_api import sync_playwright

    from sdcluster.lab.page import environment

    results: dict[str, dict[str, float]] = {}
    names = [n for n in CODE if n not in NEEDS or find_spec(NEEDS[n])]
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for name in names:
            if only and only not in name:
                continue
            home = {"JUPYTER_CONFIG_DIR": f"{temporary}/config", "PYTHONPATH": str(ROOT)}
            server, url = serve(Path(temporary), name, {**environment(), **home})
            try:
                results[name] = measure(browser, url, name)
            except Exception as error:
                print(f"{name}: not measured ({str(error).splitlines()[0]})")
            finally:
                server.terminate()
                server.wait()
        browser.close()
    report(results)
    if not only:
        packages = {
            n: version(n) for n in ("anywidget", "voila", *filter(find_spec, NEEDS.values()))
        }
        machine = {
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "load": os.getloadavg()[0],
            "versions": packages,
        }
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"machine": machine, "results": results}, indent=1) + "\n")


def report(results: dict[str, dict[str, float]]) -> None:
    """Print the table."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, headless Chromium, 1366 x 768")
    keys = ("p50 ms", "p95 ms", "pictures a second", "drawing after release ms")
    print(f"{'drawing with':<22}" + "".join(f"{key:>26}" for key in keys))
    for name, row in results.items():
        print(f"{name:<22}" + "".join(f"{row[key]:>26.0f}" for key in keys))


if __name__ == "__main__":
    main()
