"""A published laboratory in Firefox, as on a phone: the same bits, no request, a slider moved by finger and by key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from tests.firefox import Firefox, path

pytestmark = pytest.mark.browser
CLUSTER = Path(__file__).resolve().parents[2] / "models" / "cluster"
ROOT = "document.querySelector('#laboratory')"
READY = (
    f"new Promise((found) => {ROOT}.dataset.ready === undefined "
    f"? new MutationObserver(() => found(1)).observe({ROOT}, {{ attributes: true }}) : found(1))"
)
CURVES = f"""(() => {{
    const {{ now }} = {ROOT}.session.results.value;
    return [Array.from(now.time), Object.entries(now.values).map(([name, values]) => [name, Array.from(values)])];
}})()"""
LISTEN = f"{ROOT}.addEventListener('sdcluster:drawn', found, {{ once: true }})"
DRAWN = f"void (window.drawn = new Promise((found) => {LISTEN}))"
SLIDER = "document.querySelector('input[type=range][data-name=\"openness\"]')"
RIGHT = "\ue014"


def test_the_published_cluster_works_in_firefox(front_end, tmp_path):
    path()
    address = sdcluster.publish(CLUSTER, tmp_path / "cluster.html").as_uri()
    (tmp_path / "profile").mkdir()
    simulator = sdcluster.Simulator(CLUSTER, backend="native")
    with Firefox(tmp_path / "profile", width=390, height=844) as browser:
        browser.open(address)
        browser.evaluate(READY)
        time, rows = browser.evaluate(CURVES)
        assert np.array_equal(time, simulator.time)
        own = dict(zip(simulator.names, simulator.run(), strict=True))
        assert len(rows) == len(own)
        assert all(np.array_equal(values, own[name]) for name, values in rows)

        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.evaluate(f"{SLIDER}.focus()")
        browser.evaluate(DRAWN)
        browser.press(RIGHT)
        browser.evaluate("window.drawn.then(() => 1)")
        moved = dict(zip(simulator.names, simulator.run({"openness": 0.51}), strict=True))
        _, rows = browser.evaluate(CURVES)
        assert all(np.array_equal(values, moved[name]) for name, values in rows)

        browser.evaluate(f"{SLIDER}.scrollIntoView({{ block: 'center' }})")
        left, top, width, height = browser.evaluate(
            f"(({{ x, y, width, height }}) => [x, y, width, height])({SLIDER}.getBoundingClientRect())"
        )
        browser.evaluate(DRAWN)
        middle = top + height / 2
        browser.drag((left + 0.51 * width, middle), (left + 0.9 * width, middle))
        browser.evaluate("window.drawn.then(() => 1)")
        assert browser.evaluate(f"Number({SLIDER}.value)") > 0.7
        # What stands in an address of data is asked of nobody.
        assert all(asked.startswith(("data:", address)) for asked in browser.requests)
