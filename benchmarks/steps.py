"""Move a slider in a browser and measure how soon the charts follow; used by `page.py` and `frontend.py`.

There are two measures of the delay. *Painted* is the time from the pointer's event to a task after the frame in which a
script drew the charts. It includes the work of the page's own thread (script, style, layout and paint), and is measured
in the same way for all packages. *Presented* is measured by the browser itself (`EventLatency` in its trace): the time
from the creation of the event in the browser process until the frame that answers the event is on the screen. It
includes rastering and compositing. It is meaningful only for pages that draw in the same frame as the event.

Neither measure includes delays of this script, because both begin at the event in the browser, and nothing of this
script runs in the page between a move and its frame.
"""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np

STEPS = 60
WARM = 10
DRAG_SECONDS = 3.0
# Only the category of EventLatency, because tracing more would slow down the page.
TRACED = "input.scrolling"
# Changes made inside an animation frame are painted one task after this frame, other changes one task after the next
# frame.
PROBE = """
() => {
  const b = (window.bench = { moves: [], drawn: [], released: 0, wake: null });
  const inFrame = () => setTimeout(() => { b.drawn.push(performance.now()); b.wake?.(); });
  const note = () => requestAnimationFrame(inFrame);
  addEventListener("pointermove", (e) => { if (e.buttons) b.moves.push(e.timeStamp); }, true);
  addEventListener("mousemove", (e) => { if (e.buttons && !b.moves.length) b.moves.push(e.timeStamp); }, true);
  addEventListener("pointerup", () => (b.released = performance.now()), true);
  document.querySelector("#laboratory, .sdcluster-laboratory")?.addEventListener("sdcluster:drawn", inFrame);
  document.querySelector(".js-plotly-plot")?.on("plotly_afterplot", note);
  document.querySelector("img.widget-image")?.addEventListener("load", note);
  let pending = false;
  const curves = document.querySelector(".bqplot");
  if (curves) new MutationObserver(() => {
    if (!pending) { pending = true; requestAnimationFrame(() => { pending = false; inFrame(); }); }
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["d"] });
}
"""
WAIT = """() => {
  Object.assign(bench, { moves: [], drawn: [] });
  bench.next = new Promise((resolve) => (bench.wake = resolve));
  return 0;
}"""
DRAGGED = """() => ({
  moves: bench.moves.length, seconds: (bench.released - bench.moves[0]) / 1000,
  drawn: bench.drawn.filter((t) => t <= bench.released).length,
  after: Math.max(0, (bench.drawn.at(-1) ?? 0) - bench.released),
})"""


def measured(browser: Any, page: Any, x: float, y: float, ours: bool) -> dict[str, float]:
    """Move a slider's handle in single steps, then drag it.

    Returns
    -------
    dict of str to float
        Milliseconds until the charts were painted and presented, and frames per second.
    """
    page.evaluate(PROBE)
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(WARM):
        page.mouse.move(x + (4 if i % 2 else -4), y)
        page.wait_for_timeout(60)
    if ours:
        browser.start_tracing(page=page, categories=[TRACED])
    x, painted = single_steps(page, x, y)
    presented = latencies(browser.stop_tracing()) if ours else []
    drag = dragged(page, x, y)
    found = {
        "painted p50": float(np.percentile(painted, 50)),
        "painted p95": float(np.percentile(painted, 95)),
        "frames a second": drag["drawn"] / drag["seconds"],
        "drawing after release": drag["after"],
    }
    if presented:
        found["presented p50"] = float(np.percentile(presented, 50))
        found["presented p95"] = float(np.percentile(presented, 95))
    return found


def single_steps(page: Any, x: float, y: float) -> tuple[float, list[float]]:
    """Move the handle step by step; return its last position, and the milliseconds until each step was painted."""
    painted = []
    for i in range(STEPS):
        page.evaluate(WAIT)
        x += 4 if (i // 10) % 2 else -4
        page.mouse.move(x, y)
        page.evaluate("() => bench.next")
        painted.append(page.evaluate("() => bench.drawn[0] - bench.moves[0]"))
        # Vary the pause, so that the steps fall at different times within a frame.
        time.sleep(0.02 + 0.0137 * (i % 5))
    return x, painted


def latencies(trace: bytes) -> list[float]:
    """Return the milliseconds of each drag event in a trace, from its creation until its frame was on the screen."""
    begun: dict[str, float] = {}
    found = []
    events = json.loads(trace)["traceEvents"]
    for event in sorted(events, key=lambda one: one.get("ts", 0)):
        if event["name"] != "EventLatency":
            continue
        key = f"{event['pid']} {event['id2']}"
        if event["ph"] == "b":
            if event["args"]["event_latency"].get("event_type") == "MOUSE_DRAGGED":
                begun[key] = event["ts"]
        elif key in begun:
            found.append((event["ts"] - begun.pop(key)) / 1000)
    return found


def dragged(page: Any, x: float, y: float) -> dict[str, float]:
    """Drag the handle back and forth, then release it.

    Returns
    -------
    dict of str to float
        The numbers of moves and frames, the seconds of the drag, and how long drawing went on after the release.
    """
    page.evaluate(WAIT)
    begun, turn = time.perf_counter(), 0
    while time.perf_counter() - begun < DRAG_SECONDS:
        turn += 1
        page.mouse.move(x + 60 * np.sin(turn / 12), y)
        time.sleep(0.004)
    page.mouse.up()
    page.wait_for_timeout(1500)
    return page.evaluate(DRAGGED)
