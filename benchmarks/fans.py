"""Fans and maps of a published page, in one headless Chromium.

`python benchmarks/fans.py` publishes `cluster`, switches *How sure?* on (100 runs, all judgements vary) and drags a
slider for `DRAG_SECONDS`: how many fans and how many runs of the model are drawn in a second, and how many fans still
come after release (a queue). Then it opens the map (64 x 64 cells) several times and takes the time from the click to
the finest cells. Times are of one machine.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
DRAG_SECONDS = 5.0
MAPS = 5
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
COUNT = """() => {
    const root = document.querySelector("#laboratory");
    window.bench = { runs: 0, begin: root.futures.made, at: performance.now() };
    root.addEventListener("sdcluster:drawn", () => { bench.runs += 1; });
}"""
TOLD = """() => ({ fans: document.querySelector("#laboratory").futures.made - bench.begin, runs: bench.runs,
    seconds: (performance.now() - bench.at) / 1000 })"""
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


def fans(page: Any) -> dict[str, float]:
    """Return fans and runs drawn in a second while a slider is dragged, and milliseconds of fans after release."""
    page.get_by_label("How sure?").check()
    page.wait_for_function("() => document.querySelector('#laboratory').futures.made > 0")
    box = page.locator('input[data-name="openness"]').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(COUNT)
    begun, turn = time.perf_counter(), 0
    while time.perf_counter() - begun < DRAG_SECONDS:
        turn += 1
        page.mouse.move(x + 60 * np.sin(turn / 12), y)
        time.sleep(0.008)
    told = page.evaluate(TOLD)
    page.mouse.up()
    page.wait_for_timeout(1000)
    after = page.evaluate(TOLD)["fans"] - told["fans"]
    page.get_by_label("How sure?").uncheck()
    return {
        "fans a second": told["fans"] / told["seconds"],
        "runs drawn a second": told["runs"] / told["seconds"],
        "fans after release": after,
    }


def main() -> None:
    """Measure and print."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("This benchmark needs Chromium: `apt-get install chromium`.")
    from playwright.sync_api import sync_playwright

    import sdcluster

    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, headless Chromium, 1366 x 768")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address = sdcluster.publish(
            ROOT / "models" / "cluster", Path(folder) / "cluster.html"
        ).as_uri()
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(address)
        page.wait_for_selector("#laboratory[data-ready]")
        for name, value in fans(page).items():
            print(f"{name:<40}{value:>10.1f}")
        times = [page.evaluate(MAP) for _ in range(MAPS)]
        print(f"{'map of 64 x 64, runs':<40}{times[-1][1]:>10}")
        print(
            f"{'map of 64 x 64, median ms (least)':<40}"
            f"{np.median([t for t, _ in times]):>10.0f} ({min(t for t, _ in times):.0f})"
        )
        browser.close()


if __name__ == "__main__":
    main()
