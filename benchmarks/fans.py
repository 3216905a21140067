"""Measure how fast fans and maps are drawn, on a published page and in a laboratory in JupyterLab.

A fan is the set of runs that *How sure?* draws behind a curve. `python benchmarks/fans.py` opens `cluster` in a
headless Chromium, switches *How sure?* on (all judgements vary) and drags a slider for `DRAG_SECONDS`, to another
position in each frame. It counts the fans and the runs of the model that are drawn per second, and the fans that still
appear after the slider was released, which means that they had to queue.

On the published page, a fan has 100 runs, which the browser computes. The map (64 x 64 cells) is opened several times
and timed from the click to the finest cells. In JupyterLab, Python computes the runs: first as many as it can in a
fifteenth of a second, which is the page's own choice, then 1,000 for each fan.

The script also measures the parts of a fan in milliseconds of processor time. On Linux it gives the time of a drag by
process and thread, and the same for a drag without fans. In addition it measures the runs and their quantiles alone
(100 runs in the browser's workers, 1,000 in Python), which no fan can undercut. Processor time is comparable even if
the machine does other work. But threads share cores and wait for each other, so a fan takes a little less on a quiet
machine.

`--write` writes the section about fans in docs/evidence/latency.md; `page.py` writes the other sections. `--only page`
or `--only lab` measures one of the two.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
PAGE = ROOT / "docs" / "evidence" / "latency.md"
DRAG_SECONDS = 5.0
MAPS = 5
ALONE_FANS = 30
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
SPENDERS = ("page", "workers", "rest of the browser", "Python", "server")
HOST = "document.querySelector('#laboratory, .sdcluster-laboratory[data-ready]')"
COUNT = f"""() => {{
    const root = {HOST};
    const {{ futures }} = root;
    window.bench = {{ runs: 0, sizes: [], at: performance.now() }};
    const drawn = () => {{ bench.runs += 1; }};
    root.addEventListener("sdcluster:drawn", drawn);
    const stop = futures.fans.subscribe((fans) => fans && bench.sizes.push(fans.runs));
    bench.stop = () => {{ stop(); root.removeEventListener("sdcluster:drawn", drawn); }};
    bench.sizes.length = 0; // do not count the fan that is already drawn
}}"""
TOLD = """() => ({ fans: bench.sizes.length,
    size: bench.sizes.reduce((a, b) => a + b, 0) / Math.max(1, bench.sizes.length), runs: bench.runs,
    seconds: (performance.now() - bench.at) / 1000 })"""
# Computes fans one after the other with the page's own workers, without drawing them.
ALONE = f"""async () => {{
    const {{ futures }} = {HOST};
    await futures.fansOf(0.3);
    const begun = performance.now();
    for (let i = 0; i < {ALONE_FANS}; i++) await futures.fansOf(0.3);
    return (performance.now() - begun) / {ALONE_FANS};
}}"""
MAP = """async () => {
    const button = [...document.querySelectorAll(".strip > button")].at(-1);
    const begun = performance.now();
    button.click();
    await new Promise((resolve) => {
        const look = () => document.querySelector(".mapped[data-finest]") ? resolve() : requestAnimationFrame(look);
        look();
    });
    const taken = performance.now() - begun;
    const { runs } = document.querySelector(".mapped").grid;
    button.click();
    return [taken, runs];
}"""


def processor_times() -> Counter[str]:
    """Return the processor time of all processes that this one started, in milliseconds by task (see `SPENDERS`)."""
    found: Counter[str] = Counter()
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    for process in parents:
        above = process
        while above not in (os.getpid(), 0):
            above = parents.get(above, 0)
        if above == 0 or process == os.getpid():
            continue
        with suppress(OSError):
            command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            for thread in Path(f"/proc/{process}/task").iterdir():
                name = (thread / "comm").read_text().strip()
                spent = int((thread / "schedstat").read_text().split()[0])
                found[kind_of(command, name, thread.name == str(process))] += spent / 1e6
    return found


def kind_of(command: str, thread: str, first: bool) -> str:
    """Return the task of a thread: an entry of `SPENDERS`, or ``"benchmark"``."""
    if "--type=renderer" in command and first:
        return "page"
    if "chrom" in command:
        return "workers" if thread.startswith("Dedicated") else "rest of the browser"
    return "Python" if "ipykernel" in command else "server" if "jupyter" in command else "benchmark"


def fans(page: Any) -> dict[str, float]:
    """Drag a slider and return fans and runs drawn per second, and the number of fans that came after the release."""
    slider = page.locator('input[data-name="openness"]').first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(COUNT)
    before = processor_times()
    begun, turn = time.perf_counter(), 0
    while time.perf_counter() - begun < DRAG_SECONDS:
        turn += 1
        # The browser handles the move in its next frame. With a pause here, some frames would have no move and no fan.
        page.mouse.move(x + 60 * np.sin(turn / 12), y)
    told = page.evaluate(TOLD)
    spent = processor_times()
    spent.subtract(before)
    page.mouse.up()
    page.wait_for_timeout(1000)
    after = page.evaluate(TOLD)["fans"] - told["fans"]
    page.evaluate("() => bench.stop()")
    drawn = max(1, told["fans"] or told["runs"])
    drag = {what: spent[what] / drawn for what in SPENDERS if spent[what] > 0}
    return {
        "runs of a fan": told["size"] or 0,
        "fans a second": told["fans"] / told["seconds"],
        "slider's own curves a second": told["runs"] / told["seconds"],
        "fans after release": after,
        **{f"ms: {what}": value for what, value in drag.items()},
    }


def published(browser: Any, folder: Path) -> dict[str, dict[str, float]]:
    """Measure the fans and the map of the published page."""
    import sdcluster

    address = sdcluster.publish(ROOT / "models" / "cluster", folder / "cluster.html").as_uri()
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(address)
    page.wait_for_selector("#laboratory[data-ready]")
    found = {"published page without fans": fans(page)}
    page.get_by_label("How sure?").check()
    page.wait_for_function(f"() => {HOST}.futures.made > 0")
    found["published page, runs made in the browser"] = fans(page)
    before = processor_times()
    taken = page.evaluate(ALONE)
    spent = processor_times()
    spent.subtract(before)
    found["the same fans, one after the other, not drawn"] = {
        "runs of a fan": 100,
        "fans a second": 1000 / taken,
        "ms: workers": spent["workers"] / (1 + ALONE_FANS),
    }
    page.get_by_label("How sure?").uncheck()
    times = [page.evaluate(MAP) for _ in range(MAPS)]
    print(f"{'map of 64 x 64, runs':<40}{times[-1][1]:>10}")
    print(
        f"{'map of 64 x 64, median ms (least)':<40}"
        f"{np.median([t for t, _ in times]):>10.0f} ({min(t for t, _ in times):.0f})"
    )
    page.close()
    return found


def in_jupyterlab(browser: Any, folder: Path) -> dict[str, dict[str, float]]:
    """Measure the fans of a laboratory in JupyterLab."""
    import frontend
    from sdcluster.lab.voila_page import environment

    home = {"JUPYTER_CONFIG_DIR": str(folder / "config"), "PYTHONPATH": str(ROOT)}
    server, url = frontend.serve(folder, frontend.OURS, {**environment(), **home})
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    found = {}
    try:
        page.goto(url)
        frontend.run_notebook(page)
        page.wait_for_selector(frontend.LABORATORY, timeout=60_000)
        page.wait_for_timeout(1500)
        found["JupyterLab without fans"] = fans(page)
        page.get_by_label("How sure?").check()
        page.wait_for_function(f"() => {HOST}.futures.fans.value?.runs === 1000", timeout=60_000)
        found["JupyterLab, as many runs as Python makes in time"] = fans(page)
        page.evaluate(
            f"() => Object.defineProperty({HOST}.futures.partner, 'pace', {{ get: () => 1000, set: () => {{}} }})"
        )
        found["JupyterLab, 1,000 runs in each fan"] = fans(page)
    finally:
        page.close()
        server.terminate()
        server.wait()
    return found


def apart() -> dict[str, float]:
    """Return the milliseconds of processor time of the parts of a fan of 1,000 runs of the charts of `frontend.py`."""
    import frontend
    import sdcluster
    from sdcluster.run.many import Many
    from sdcluster.study.design import design
    from sdcluster.study.spread import exact_quantiles

    model = sdcluster.load(ROOT / "models" / "cluster")
    points = design(model, 1000)
    wanted = [name for chart in frontend.CHARTS for name in chart]
    simulator = sdcluster.Simulator(model, saveper=0.5)
    shares = (0.05, 0.25, 0.5, 0.75, 0.95)

    def least(work: Any) -> float:
        taken = []
        for _ in range(8):
            begun = time.process_time()
            work()
            taken.append(time.process_time() - begun)
        return 1000 * min(taken)

    many = Many(simulator, points.names, wanted, workers=1)
    blocks = list(many.blocks(points.values))
    curves = np.concatenate([block.curves for block in blocks], axis=2)
    return {
        "the runs": least(lambda: list(many.blocks(points.values))),
        "their quantiles": least(lambda: [exact_quantiles(one, shares) for one in curves]),
        "preparing a new setting": least(lambda: sdcluster.Simulator(model, saveper=0.5)),
    }


def text(found: dict[str, dict[str, float]], parts: dict[str, float], load: float) -> str:
    """Return the section about fans in docs/evidence/latency.md."""
    heads = list(dict.fromkeys(head for row in found.values() for head in row))
    lines = ["| fan | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for name, row in found.items():
        cells = [f"{row[head]:,.0f}" if head in row else "–" for head in heads]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    table = "\n".join(lines)
    said = ", ".join(f"{name} {value:.0f} ms" for name, value in parts.items())
    return f"""{HEAD}

Written by `benchmarks/fans.py --write`; do not edit. A *fan* is the set of runs that *How sure?* draws
behind a curve. Here *How sure?* is on for `cluster`, 74
constants vary, and the slider of `openness` is dragged for {DRAG_SECONDS:.0f} seconds.
{date.today()}, {os.cpu_count()} cores; load of the machine before: {load:.1f}.

{table}

The columns with *ms* show milliseconds of processor time for each fan, including the slider's own curves
that are drawn in the meantime. In the rows without fans, they show the time for each drawing of the
curves. In one thread, the parts of a fan of 1,000 runs with twelve curves take this much processor time:
{said}.
"""


HEAD = "## Fans"


def main() -> None:
    """Measure the page and the laboratory, print the results and, with ``--write``, write the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("page", "lab"), help="measure only one of them")
    parser.add_argument("--write", action="store_true", help="write docs/evidence/latency.md")
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("This benchmark needs Chromium: `apt-get install chromium`.")
    from playwright.sync_api import sync_playwright

    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f}, headless Chromium, 1366 x 768")
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for word, measure in (("page", published), ("lab", in_jupyterlab)):
            if given.only in (None, word):
                found |= measure(browser, Path(folder))
        browser.close()
    for name, row in found.items():
        print(name)
        for what, value in row.items():
            print(f"    {what:<36}{value:>10.1f}")
    parts = apart()
    for name, value in parts.items():
        print(f"{'a fan of 1,000, ms: ' + name:<40}{value:>10.1f}")
    if given.write:
        rest = PAGE.read_text(encoding="utf-8").partition(HEAD)[0].rstrip()
        PAGE.write_text(f"{rest}\n\n{text(found, parts, load)}", encoding="utf-8")


if __name__ == "__main__":
    main()
