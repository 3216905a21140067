"""`Laboratory`, `Lesson` and `Course` of 0.1.0, based on `sdcluster.explore` and `sdcluster.lesson`.

A `Laboratory` takes a model, its arrangement and its charts; a `Course` takes the name of a lesson. Both give access to
an `Explorer`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sdcluster.lab.explorer import Explorer
from sdcluster.lab.lesson import FRONT_PAGE, course, lesson
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.lab_file import Chart, LabFile, SliderChoice, lab_beside, read_lab
from sdcluster.project.library import first_model

GONE = {
    "rescue": "choose a scenario that changes settings on the way instead",
    "tell": "`tell` in lab.toml names the variables of the story",
    "simulator": "the page runs the model itself",
}


class Laboratory(Explorer):
    """A laboratory of any model, as in version 0.1.0; new code should call `sdcluster.explore`.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    sliders : sequence of str, optional
        Constants whose sliders come first; by default, the sliders in ``lab.toml``, or the model's levers.
    charts : sequence of Chart, optional
        The charts; by default, those in ``lab.toml``, or the model's stocks.
    language : str
    lab : LabFile or path, optional
        Replaces the ``lab.toml`` next to the model.
    **gone
        The arguments ``rescue``, ``tell`` and ``simulator`` of 0.1.0, which are ignored with a warning.

    Raises
    ------
    ModelError
        If a slider or chart has an unknown name, and for the reasons given in `sdcluster.explore`.
    """

    def __init__(
        self,
        model: Model | str | Path,
        *,
        sliders: Sequence[str] | None = None,
        charts: Sequence[Chart] | None = None,
        language: str = "en",
        lab: LabFile | str | Path | None = None,
        **gone: Any,
    ) -> None:
        for name in gone:
            if name not in GONE:
                raise TypeError(f'Laboratory() has no argument "{name}"')
            warnings.warn(
                f"Laboratory ignores {name}: {GONE[name]}", DeprecationWarning, stacklevel=2
            )
        if not isinstance(model, Model):
            from sdcluster.read import load

            model = load(model)
        if isinstance(lab, (str, Path)):
            lab = read_lab(Path(lab), model)
        arranged = lab_beside(model) if lab is None else lab
        if sliders:
            chosen = tuple(SliderChoice(one(model, name).name) for name in sliders)
            arranged = replace(arranged, sliders=chosen)
        if charts:
            arranged = replace(arranged, charts=tuple(charts))
        super().__init__(model, language=language, lab=arranged)


class Lesson(Laboratory):
    """A laboratory, by default of the first lesson's model; the arguments are those of `Laboratory`."""

    def __init__(self, model: Model | str | Path | None = None, **options: Any) -> None:
        super().__init__(model or first_model(), **options)


class Course:
    """A lesson for notebooks of version 0.1.0, which showed each part in a separate cell.

    Now `predict` returns the whole lesson, and the methods for the other parts show nothing.

    Parameters
    ----------
    name : str
        Name of a lesson, or ``"start_here"``.
    language : {"en", "zh"}
    """

    def __init__(self, name: str, *, language: str = "en") -> None:
        front = name == FRONT_PAGE
        now = "sdcluster.course()" if front else f'sdcluster.lesson("{name}")'
        warnings.warn(
            f"sdcluster.lab.course is now {now}, which shows all parts at once",
            DeprecationWarning,
            stacklevel=3,  # the warning names the caller of `sdcluster.lab.course`
        )
        self.lesson = course(language=language) if front else lesson(name, language=language)

    def welcome(self) -> Any:
        """Return the front page of the course."""
        return self.lesson

    def predict(self) -> Any:
        """Return the lesson with all parts, not only the prediction."""
        return self.lesson

    def observe(self) -> None:
        """Show nothing, because the result of `predict` already contains this part."""

    explain = practise = teach = observe

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "lesson":
            raise AttributeError(name)
        raise AttributeError(
            f'a lesson has no "{name}" any more; '
            "lesson = sdcluster.lesson(name) has prediction, predict(value), answers() and the laboratory's settings"
        )
