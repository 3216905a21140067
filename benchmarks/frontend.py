"""Draw the same charts in JupyterLab with our widget and with other plotting packages, for `page.py`.

Each notebook shows four charts with three curves of `cluster` each, saves every time step, and has a slider for
`openness`. Our widget runs the model in the browser. In the other notebooks, the `Simulator` runs it in Python with
machine code that is already compiled.
"""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
from steps import measured  # noqa: E402

CHARTS = (
    ("leader knowledge", "follower knowledge", "technology ceiling"),
    ("social ties", "economic ties", "knowledge ties"),
    ("knowledge stock", "gap", "lock in"),
    ("lock in risk", "cognitive pressure", "functional pressure"),
)

COMMON = """
import sys; sys.path.insert(0, {root!r})
import sdcluster, ipywidgets as w
from dataclasses import replace
model = sdcluster.load({model!r})
model = replace(model, time=replace(model.time, saveper=model.time.dt))
groups = {charts!r}
"""
LABORATORY = ".sdcluster-laboratory[data-ready]"
OURS = "sdcluster, JupyterLab"
SIMULATOR = """
sim = sdcluster.Simulator(model)
sim.run(); sim.warm(wait=True); sim.run()
rows = {n: i for i, n in enumerate(sim.names)}
slider = w.FloatSlider(value=0.5, min=0, max=1, step=0.01, description="openness")
"""
CODE = {
    OURS: """
sdcluster.explore(model, charts=groups)
""",
    "plotly FigureWidget": """
import plotly.graph_objects as go
from plotly.subplots import make_subplots
figure = go.FigureWidget(make_subplots(rows=2, cols=2))
out = sim.run()
names = []
for k, group in enumerate(groups):
    for n in group:
        figure.add_scatter(x=sim.time, y=out[rows[n]], name=n, row=k // 2 + 1, col=k % 2 + 1); names.append(n)
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
w.VBox([slider, w.HBox(figures[:2]), w.HBox(figures[2:])])
""",
    "matplotlib (PNG)": """
import io, matplotlib; matplotlib.use("agg")
import matplotlib.pyplot as plt
fig, axes = plt.subplots(2, 2, figsize=(12, 5.5), layout="constrained")
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
    OURS: LABORATORY,
    "plotly FigureWidget": ".js-plotly-plot .scatterlayer",
    "bqplot": ".bqplot .curve path",
    "matplotlib (PNG)": "img.widget-image",
}
NEEDS = {"plotly FigureWidget": "plotly", "bqplot": "bqplot", "matplotlib (PNG)": "matplotlib"}


def names() -> list[str]:
    """Return the ways to draw whose packages are installed."""
    return [name for name in CODE if name not in NEEDS or find_spec(NEEDS[name])]


def serve(folder: Path, name: str, env: dict[str, str]) -> tuple[subprocess.Popen[bytes], str]:
    """Start a Jupyter server with a notebook that draws with `name`; return its process and the notebook's address."""
    from sdcluster.lab.voila_page import command, free_port

    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    charts = [list(lines) for lines in CHARTS]
    code = COMMON.format(root=str(ROOT), model=str(ROOT / "models" / "cluster"), charts=charts)
    code += ("" if name == OURS else SIMULATOR) + CODE[name]
    notebook.cells = [nbformat.v4.new_code_cell(code, id="bench")]
    path = folder / "notebooks" / f"{list(CODE).index(name)}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    port = free_port()
    line = command(path, editor=True, port=port, browser=False)
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
    return server, f"{url}lab/tree/notebooks/{path.name}?reset"


def measure(browser: Any, name: str, folder: Path) -> dict[str, float]:
    """Open the notebook that draws with `name`, run it, move its slider, and return the measured times."""
    from sdcluster.lab.voila_page import environment

    home = {"JUPYTER_CONFIG_DIR": str(folder / "config"), "PYTHONPATH": str(ROOT)}
    server, url = serve(folder, name, {**environment(), **home})
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    try:
        page.goto(url)
        run_notebook(page)
        page.wait_for_selector(READY[name], timeout=60_000)
        page.wait_for_timeout(1500)
        return measured(browser, page, *handle(page, ours=name == OURS), ours=name == OURS)
    finally:
        page.close()
        server.terminate()
        server.wait()


def run_notebook(page: Any) -> None:
    """Run all cells, and hide the code and the sidebar so that the outputs have more room."""
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.content?.activeCell")
    page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext?.session?.kernel")
    page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
    for command in ("notebook:hide-all-cell-code", "application:toggle-left-area"):
        page.evaluate(f"() => void jupyterapp.commands.execute('{command}')")


def handle(page: Any, ours: bool) -> tuple[float, float]:
    """Return the position of the slider's handle on the page."""
    found = page.locator('input[data-name="openness"]' if ours else ".noUi-handle").first
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    # Our slider is an <input> element. At its ends, the centre of the handle is 8 pixels inside the element.
    within = 8 + 0.5 * (box["width"] - 16) if ours else box["width"] / 2
    return box["x"] + within, box["y"] + box["height"] / 2
