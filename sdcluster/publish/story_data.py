"""The stories of a model for the front end, which applies them to each run as `sdcluster.view.story` does.

`story_data(model, lab)` returns the data; `frontend/src/story/story.ts` declares the same fields as types.
"""

from __future__ import annotations

from typing import Any

from sdcluster.measure.words import WORDS
from sdcluster.model import Model
from sdcluster.project.lab_file import LabFile
from sdcluster.project.story_file import Story, StoryMeasure
from sdcluster.view.story import clock_label, standard_story
from sdcluster.words import texts


def story_data(model: Model, lab: LabFile) -> dict[str, Any]:
    """Return the story in a model's ``lab.toml``, the standard story for any variable, and its default variables.

    In the standard story, ``"*"`` is the placeholder for the variable.
    """
    return {
        "own": _story(lab.story) if lab.story else None,
        "standard": _story(standard_story(model, "*", clock_label(model, lab))),
        "tell": list(lab.tell),
    }


def _story(story: Story) -> dict[str, Any]:
    return {
        "measures": {name: _measure(measure) for name, measure in story.measures.items()},
        "passages": [
            {
                "about": list(passage.about),
                "rules": [
                    {
                        "conditions": [
                            {"measure": c.measure, "bounds": dict(c.bounds)}
                            for c in rule.conditions
                        ],
                        "text": dict(rule.text),
                        "mode": rule.mode,
                        "label": dict(rule.label)
                        or (texts(f"modes.{rule.mode}") if rule.mode else {}),
                    }
                    for rule in passage.rules
                ],
            }
            for passage in story.passages
        ],
        "timeWords": dict(story.time_words),
        "unit": dict(story.unit),
    }


def _measure(measure: StoryMeasure) -> dict[str, Any]:
    word = WORDS.get(measure.what)
    return {
        "subjects": [{"variable": s.variable, "name": dict(s.name)} for s in measure.subjects],
        "what": measure.what,
        "single": bool(word and word.single),
        "level": measure.level,
        "share": measure.share,
        "start": measure.start,
        "stop": measure.stop,
        "last": measure.last,
        "baseline": measure.baseline,
        "relativeTo": measure.relative_to,
        "before": measure.before,
        "each": measure.each,
        "choose": measure.choose,
        "item": dict(measure.item),
        "shown": measure.shown,
        "digits": measure.digits,
    }
