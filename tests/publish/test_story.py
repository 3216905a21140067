"""The page tells the same story of a run as Python: models of ours in all scenarios, and curves of every mode."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.project.lab_file import lab_beside
from sdcluster.publish.story_data import story_data
from sdcluster.view.story import find, phrase, standard_story

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "frontend"
MODELS = sorted(path.parent for path in (ROOT / "models").glob("*/lab.toml"))
TIME = np.linspace(0, 100, 401)
DRIVER = """
import {{ tell, storyAbout }} from {story!r};
import {{ readFileSync }} from "node:fs";
const asked = JSON.parse(readFileSync(0, "utf8"));
const run = (data) => data && {{ time: Float64Array.from(data.time), values: Object.fromEntries(
  Object.entries(data.values).map(([name, values]) => [name, Float64Array.from(values)])) }};
const answers = asked.map(({{ story, about, label, now, baseline, change, language }}) =>
  tell(about ? storyAbout(story, about, () => label) : story, run(now), language,
    {{ baseline: run(baseline), change }}).map(({{ text, label, mode }}) => [text, label, mode]));
process.stdout.write(JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def told_by_the_page(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that lets the front end's own code tell stories, in node."""
    sys.path.insert(0, str(FRONTEND))
    try:
        import build
    finally:
        sys.path.remove(str(FRONTEND))
    node = build.installed()
    folder = tmp_path_factory.mktemp("story")
    entry, bundle = folder / "entry.ts", folder / "story.mjs"
    entry.write_text(DRIVER.format(story=str(FRONTEND / "src" / "story" / "story.ts")))
    options = ["--bundle", "--platform=node", "--format=esm", f"--outfile={bundle}"]
    esbuild = FRONTEND / "node_modules" / "esbuild" / "bin" / "esbuild"
    subprocess.run([str(esbuild), str(entry), "--log-level=error", *options], check=True)

    def told(asked: list[dict[str, Any]]) -> list[list[list[str]]]:
        answer = subprocess.run(
            [*node, str(bundle)], input=json.dumps(asked), capture_output=True, text=True
        )
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return told


def case(
    story: Any,
    now: Any,
    about: str = "",
    label: str = "",
    baseline: Any = None,
    change: float | None = None,
    language: str = "en",
) -> dict[str, Any]:
    """Return what the page is asked to tell."""
    return {
        "story": story,
        "now": now,
        "about": about,
        "label": label,
        "baseline": baseline,
        "change": change,
        "language": language,
    }


def as_run(time: np.ndarray, series: dict[str, np.ndarray]) -> dict[str, Any]:
    return {"time": list(time), "values": {name: list(values) for name, values in series.items()}}


@pytest.mark.parametrize("folder", MODELS, ids=lambda p: p.name)
def test_both_tell_the_same_of_all_scenarios(folder, told_by_the_page):
    model = sdcluster.load(folder)
    lab = lab_beside(model)
    data = story_data(model, lab)
    simulator = sdcluster.Simulator(model)
    own = dict(zip(simulator.names, simulator.run(), strict=True))
    asked, expected = [], []
    for scenario in sdcluster.scenarios(model).values():
        values = simulator.run({**scenario.inputs, **scenario.settings}, scenario.changes)
        series = dict(zip(simulator.names, values, strict=True))
        change = scenario.changes[0].time if scenario.changes else None
        stories = {name: standard_story(model, name) for name in data["tell"]}
        for about, story in {"": lab.story, **stories}.items():
            if story is None:
                continue
            found = find(simulator.time, series, story, switch=change, baseline=own)
            for language in ("en", "zh"):
                told = data["standard" if about else "own"]
                label = model.label(about, language) if about else ""
                now, before = (
                    as_run(simulator.time, {name: run[name] for name in story.variables})
                    for run in (series, own)
                )
                asked.append(case(told, now, about, label, before, change, language))
                expected.append(phrase(found, language))
    answers = told_by_the_page(asked)
    for answer, sentences in zip(answers, expected, strict=True):
        assert [tuple(a) for a in answer] == [(s.text, s.label, s.kind) for s in sentences]
    assert any(answers)


def curves() -> dict[str, np.ndarray]:
    """Return a curve of each mode, and some by chance."""
    x = TIME / 100
    chance = np.random.default_rng(3)
    walks = {f"walk {i}": np.cumsum(chance.normal(size=TIME.size)) for i in range(12)}
    return {
        "growth": np.exp(3 * x),
        "slower": np.sqrt(x),
        "saturation": 5 * (1 - np.exp(-8 * x)),
        "decline": 1e7 * np.exp(-6 * x),
        "large": -3e12 * x,
        "overshoot": x * np.exp(-5 * x),
        "oscillation": np.sin(20 * x),
        "damped": np.exp(-3 * x) * np.cos(30 * x),
        "growing": np.exp(2 * x) * np.cos(30 * x),
        "setback": (x - 0.3) ** 2,
        "steady": np.full(TIME.size, 1234.6),
        "nothing": np.zeros(TIME.size),
        "small": 1e-7 * np.exp(x),
        "steps": np.floor(10 * x),
        **walks,
    }


def test_both_tell_the_same_of_any_curve(told_by_the_page):
    model = sdcluster.load(MODELS[0])
    name = model.stocks[0].name
    lab = lab_beside(model)
    standard = story_data(model, lab)["standard"]
    label = model.label(name, "en")
    story, baseline = standard_story(model, name), {name: np.linspace(0.5, 2, TIME.size)}
    asked = [
        case(standard, as_run(TIME, {name: values}), name, label, as_run(TIME, baseline))
        for values in curves().values()
    ]
    answers = told_by_the_page(asked)
    modes = set()
    for answer, values in zip(answers, curves().values(), strict=True):
        sentences = phrase(find(TIME, {name: values}, story, baseline=baseline), "en")
        assert [tuple(a) for a in answer] == [(s.text, s.label, s.kind) for s in sentences]
        modes |= {s.kind for s in sentences}
    assert {"growth", "saturation", "decline", "overshoot", "oscillation", "setback"} <= modes
