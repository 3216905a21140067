"""Charts of the page: they show what they are given, whatever it is."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sdcluster.view.chart import Chart, Curve, Point
from sdcluster.view.svg import COLOURS, WIDTH, draw, ticks

finite = st.floats(-1e9, 1e9)


def parsed(chart: Chart) -> ET.Element:
    return ET.fromstring(draw(chart))


@given(st.lists(finite, min_size=2, max_size=30), st.lists(finite, max_size=3))
@example([0.0, 5e-324], [])
def test_any_curve_is_drawn_inside_its_frame(values: list[float], points: list[float]) -> None:
    x = np.arange(len(values), dtype=float)
    marks = tuple(Point(0.0, min(max(p, min(values)), max(values)), f"{p:.3g}") for p in points)
    figure = parsed(Chart("t", "x", "y", (Curve("c", x, np.array(values)),), marks))
    (line,) = [p for p in figure.iter("path") if p.get("class") == "line s0"][:1]
    numbers = [float(n) for n in line.attrib["d"].replace("M", " ").replace("L", " ").split()]
    assert all(math.isfinite(n) for n in numbers)
    assert all(0 <= n <= WIDTH for n in numbers)


@given(finite, st.floats(1e-6, 1e9))
def test_ticks_are_round_few_and_inside(low: float, span: float) -> None:
    high = low + span
    if high - low < 1e-9 * max(abs(low), abs(high), 1.0):
        return
    found = ticks(low, high)
    assert 1 <= len(found) <= 8
    slack = 1e-6 * (high - low)
    assert all(low - slack <= value <= high + slack for value in found)


def test_a_curve_with_holes_is_drawn_in_parts() -> None:
    y = np.array([0, 1, np.nan, 1, 2])
    figure = parsed(Chart("t", "x", "y", (Curve("c", np.arange(5.0), y),)))
    (line,) = [p for p in figure.iter("path") if p.get("class") == "line s0"]
    assert line.attrib["d"].count("M") == 2


def test_baseline_and_now_are_told_apart_by_more_than_colour() -> None:
    x = np.arange(3.0)
    chart = Chart(
        "gap", "time (year)", "gap (knowledge)",
        (Curve("baseline", x, x, "old"), Curve("now", x, 2 * x, "new")),
        difference=Curve("now minus baseline", x, x, "new"),
    )  # fmt: skip
    figure = parsed(chart)
    said = " ".join(figure.itertext())
    for words in ("gap (knowledge)", "time (year)", "baseline", "now", "now minus baseline", "+2"):
        assert words in said
    classes = [p.get("class") for p in figure.iter("path")]
    assert "line old" in classes
    assert "line new" in classes
    assert figure.find("svg").get("role") == "img"


def test_more_curves_than_colours_are_drawn() -> None:
    x = np.arange(3.0)
    lines = tuple(Curve(f"c{i}", x, i * x) for i in range(COLOURS + 2))
    assert len(list(parsed(Chart("t", "x", "y", lines)).iter("path"))) > COLOURS


@pytest.mark.parametrize("evil", ["<b>", '"onload="x', "&lt;", "]]>", "</svg>"])
def test_labels_are_escaped(evil: str) -> None:
    x = np.arange(3.0)
    figure = parsed(Chart(evil, evil, evil, (Curve(evil, x, x),), (Point(1, 1, evil),)))
    assert evil in "".join(figure.itertext())
    assert not list(figure.iter("b"))
