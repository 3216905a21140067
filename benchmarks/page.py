"""How soon a moved slider is painted on a published page, in one headless Chromium.

`python benchmarks/page.py` publishes (1) `cluster` with every step saved, four charts of three curves with more than
1,000 points each, and (2) a chain of 1,000 variables. It takes a slider with the mouse and measures single steps, from
the pointer's event to a task after the frame that shows them, and a drag of `DRAG_SECONDS`: frames a second, and how
long frames still come after release (a queue). Times are of one machine.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
STEPS = 80
DRAG_SECONDS = 3.0
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
CHARTS = (
    ("leader knowledge", "follower knowledge", "technology ceiling"),
    ("social ties", "economic ties", "knowledge ties"),
    ("knowledge stock", "gap", "lock in"),
    ("lock in risk", "cognitive pressure", "functional pressure"),
)
PROBE = """() => {
    const b = (window.bench = { moves: [], drawn: [], released: 0 });
    addEventListener("pointermove", (e) => { if (e.buttons) b.moves.push(e.timeStamp); }, true);
    addEventListener("pointerup", () => { b.released = performance.now(); }, true);
    document.querySelector("#laboratory").addEventListener("sdcluster:drawn",
        () => setTimeout(() => b.drawn.push(performance.now())));
}"""


def chain(variables: int) -> str:
    """Return a Vensim model: stocks one behind the other, a flow and an auxiliary for each."""
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
    """Return address, slider and state of each page."""
    import sdcluster

    model = sdcluster.load(ROOT / "models" / "cluster")
    every = replace(model, time=replace(model.time, saveper=model.time.dt))
    cluster = sdcluster.publish(every, folder / "cluster.html")
    (folder / "chain.mdl").write_text(chain(1000))
    long = sdcluster.publish(folder / "chain.mdl", folder / "chain.html")
    charts = [[lines, 0, 0, None] for lines in CHARTS]
    stocks = [[[f"stock {12 * i + j}" for j in (0, 4, 8)], 0, 0, None] for i in range(4)]
    return {
        "cluster, 4 charts x 3 curves": (cluster.as_uri(), "openness", state(charts)),
        "1,000 variables, 4 charts x 3 curves": (long.as_uri(), "rate", state(stocks)),
    }


def state(charts: list[Any]) -> str:
    """Return the part of the link that shows these charts."""
    text = base64.urlsafe_b64encode(json.dumps({"c": charts}).encode()).decode()
    return text.rstrip("=")


def measure(browser: Any, address: str, slider: str, shown: str) -> dict[str, float]:
    """Return points, milliseconds of single steps, and behaviour of a drag."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{address}#{shown}")
    page.wait_for_selector("#laboratory[data-ready]")
    page.wait_for_timeout(500)
    box = page.locator(f'input[data-name="{slider}"]').bounding_box()
    share = page.evaluate(
        f"(() => {{ const s = document.querySelector('input[data-name=\"{slider}\"]');"
        " return (s.value - s.min) / (s.max - s.min); })()"
    )
    x, y = box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2
    page.evaluate(PROBE)
    page.mouse.move(x, y)
    page.mouse.down()
    latencies = []
    for i in range(STEPS):
        page.evaluate("() => { bench.moves = []; bench.drawn = []; }")
        x += 4 if (i // 10) % 2 else -4
        page.mouse.move(x, y)
        page.wait_for_function("() => bench.drawn.length && bench.moves.length")
        latencies.append(page.evaluate("() => bench.drawn[0] - bench.moves[0]"))
    page.evaluate("() => { bench.moves = []; bench.drawn = []; }")
    begun, turn = time.perf_counter(), 0
    while time.perf_counter() - begun < DRAG_SECONDS:
        turn += 1
        page.mouse.move(x + 60 * np.sin(turn / 12), y)
        time.sleep(0.008)
    page.mouse.up()
    page.wait_for_timeout(1000)
    drag = page.evaluate(
        "() => ({ seconds: (bench.released - bench.moves[0]) / 1000,"
        " drawn: bench.drawn.filter((t) => t <= bench.released).length,"
        " after: Math.max(0, (bench.drawn.at(-1) ?? 0) - bench.released) })"
    )
    points = page.evaluate(
        "document.querySelector('#laboratory').session.results.value.now.time.length"
    )
    page.close()
    return {
        "points": points,
        "p50 ms": float(np.percentile(latencies, 50)),
        "p95 ms": float(np.percentile(latencies, 95)),
        "frames a second": drag["drawn"] / drag["seconds"],
        "drawing after release ms": drag["after"],
    }


def main() -> None:
    """Measure and print."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("This benchmark needs Chromium: `apt-get install chromium`.")
    from playwright.sync_api import sync_playwright

    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, headless Chromium, 1366 x 768")
    keys = ("points", "p50 ms", "p95 ms", "frames a second", "drawing after release ms")
    print(f"{'page':<40}" + "".join(f"{key:>26}" for key in keys))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for name, page in pages(Path(folder)).items():
            row = measure(browser, *page)
            print(f"{name:<40}" + "".join(f"{row[key]:>26.1f}" for key in keys))
        browser.close()


if __name__ == "__main__":
    main()
