"""Steps and drags of a slider in a browser, and how soon the charts follow; `page.py` and `frontend.py` measure by it.

Two clocks. *Painted* runs from the time stamp of the pointer's event to a task after the frame whose script drew the
charts: it holds the script, style, layout and paint of the page's own thread, and is the same for whatever draws.
*Presented* is the browser's own: `EventLatency` of its trace, from the event's creation in the browser process until
the frame that answers it was put on the screen; rastering and compositing are in it. It is meaningful for pages that
draw in the frame of the event. Neither holds the delay of the harness: both begin at the event in the browser, and
nothing of the harness runs in the page between a move and its frame.
"""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np

STEPS = 60
WARM = 10
DRAG_SECONDS = 3.0
TRACED = (
    "input.scrolling"  # the category of EventLatency alone: tracing more would slow the page down
)
# What draws inside an animation frame is painted a task after it; what changes the page outside of one, a task after
# the next frame.
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
    """Take the handle at a place, move it in single steps, then drag it; return milliseconds and frames a second."""
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
    """Move the handle step by step; return where it is then, and the milliseconds until each step was painted."""
    painted = []
    for i in range(STEPS):
        page.evaluate(WAIT)
        x += 4 if (i // 10) % 2 else -4
        page.mouse.move(x, y)
        page.evaluate("() => bench.next")
        painted.append(page.evaluate("() => bench.drawn[0] - bench.moves[0]"))
        # At all places within a frame, and of the pauses after which the story is told.
        time.sleep(0.02 + 0.0137 * (i % 5))
    return x, painted


def latencies(trace: bytes) -> list[float]:
    """Return the milliseconds of each dragging event of a trace, from its creation to the frame on the screen."""
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
    """Drag the handle back and forth and let it go; return numbers of moves and frames, seconds, and the rest."""
    page.evaluate(WAIT)
    begun, turn = time.perf_counter(), 0
    while time.perf_counter() - begun < DRAG_SECONDS:
        turn += 1
        page.mouse.move(x + 60 * np.sin(turn / 12), y)
        time.sleep(0.004)
    page.mouse.up()
    page.wait_for_timeout(1500)
    return page.evaluate(DRAGGED)
