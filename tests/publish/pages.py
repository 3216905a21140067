"""What the browser tests of laboratories share: the session in the page, its curves, and what axe finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SESSION = "document.querySelector('#laboratory').session"
CURVES = f"""async (names) => {{
    const {{ now }} = {SESSION}.results.value;
    return [Array.from(now.time), names.map((name) => Array.from(now.values[name]))];
}}"""
LISTEN = """() => {
    window.drawn = new Promise((resolve, reject) => {
        document.querySelector("#laboratory").addEventListener("sdcluster:drawn", resolve, { once: true });
        setTimeout(() => reject(new Error("the act started no run: nothing was drawn for 30 s")), 30_000);
    });
    window.drawn.catch(() => {});
}"""


def drawn(page: Any, act: Callable[[], Any]) -> None:
    """Do something, and wait until the run that it starts is drawn with all variables; fails where it starts none."""
    page.evaluate(LISTEN)
    act()
    page.evaluate("async () => { await window.drawn; }")
    page.wait_for_function(f"() => !{SESSION}.partial")


def last(page: Any, name: str) -> float:
    """Return the last value of a curve."""
    return page.evaluate(f"(name) => {SESSION}.results.value.now.values[name].at(-1)", name)


def violations(page: Any, part: str = "document") -> list[Any]:
    """Return what axe finds, after `page.add_script_tag(path=AXE)`: rule and first elements of each violation.

    Parameters
    ----------
    part : str
        JavaScript of what axe looks at: `document`, or a selector in quotation marks.
    """
    found = page.evaluate(f"async () => (await axe.run({part})).violations")
    return [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found]
