"""The story of each model is true: in its scenarios, and with levers at their ends."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.project.lab_file import lab_beside
from sdcluster.view.story import Finding, find, phrase

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "models").glob("*/lab.toml"))
Series = dict[str, np.ndarray]
Told = tuple[str, np.ndarray, Series, list[Finding]]


def told(folder: Path) -> Iterator[Told]:
    """Yield what each run is called, its times and curves, and what the story says of it."""
    model = sdcluster.load(folder)
    story = lab_beside(model).story
    assert story is not None
    own = sdcluster.Simulator(model, backend="native")
    baseline = dict(zip(own.names, own.run(), strict=True))
    for name, scenario in sdcluster.scenarios(model).items():
        simulator = sdcluster.Simulator(model, name, backend="native")
        series = dict(zip(simulator.names, simulator.run(), strict=True))
        switch = scenario.changes[0].time if scenario.changes else None
        same = np.array_equal(simulator.time, own.time)
        yield (
            name,
            simulator.time,
            series,
            find(simulator.time, series, story, switch=switch, baseline=baseline if same else None),
        )
    levers = [v for v in model.variables.values() if v.lever and v.range]
    ends = [(v.range.minimum, v.range.maximum) for v in levers if v.range]
    single = [{v.name: x} for v, pair in zip(levers, ends, strict=True) for x in pair]
    corners = (
        dict(zip([v.name for v in levers], c, strict=True)) for c in itertools.product(*ends)
    )
    for settings in (*single, *corners):
        series = dict(zip(own.names, own.run(settings), strict=True))
        yield str(settings), own.time, series, find(own.time, series, story, baseline=baseline)


def is_true_of(mode: str, values: np.ndarray) -> bool:
    """Whether the mode of a headline fits the curve of which it tells."""
    start, end, top, low = values[0], values[-1], values.max(), values.min()
    return {
        "growth": end > start,
        "decline": end < top,
        "overshoot": start < top and end < top,
        "recovery": end > low,
        "setback": end > low,
        "cycle": True,
    }.get(mode, True)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_the_story_is_whole_and_true_at_the_ends_of_the_levers(folder):
    modes = set()
    for name, time, series, findings in told(folder):
        modes.add(findings[0].label.get("en"))
        assert len(findings) >= 3, name
        assert is_true_of(findings[0].mode, series[findings[0].about[0]]), (name, findings[0])
        english, chinese = (phrase(findings, language) for language in ("en", "zh"))
        for en, zh in zip(english, chinese, strict=True):
            for text in (en.text, zh.text):
                assert not re.search(
                    r"[{}]|\bnan\b|\binf\b|  | ,| ;|: *[.;]|：[。；]|、。", text
                ), (name, text)
            assert re.search("[\u4e00-\u9fff]", zh.text), zh.text
            # What is said of a share or a difference in one language is said in the other.
            numbers = [sorted(re.findall(r"[\d.,]*\d", text)) for text in (en.text, zh.text)]
            assert not set(numbers[0]) ^ set(numbers[1]) or "Try" in en.text, (
                name,
                en.text,
                zh.text,
            )
            years = [int(y) for y in re.findall(r"(?:year|in|from|by) (\d{1,4})\b", en.text)]
            assert all(y <= time[-1] + 1 for y in years if y >= time[0]), (name, en.text)
        text = " ".join(sentence.text for sentence in english)
        # Small in one sentence and large in another would contradict itself.
        assert not ("never" in english[0].text and "passes one half in" in text), (name, text)
        for grows, shrinks in (("% more than", "% less than"), ("% better than", "% worse than")):
            assert not (grows in text and shrinks in text), (name, text)
    assert len(modes) >= 2  # it tells runs apart
