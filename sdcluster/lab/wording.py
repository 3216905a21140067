"""Units and errors as the cards of a lesson show them, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from sdcluster.project.lab_file import UnitWords
from sdcluster.words import ENGLISH, known, texts


def unit(text: str, own: Mapping[str, UnitWords] | None = None) -> dict[str, str]:
    """A unit beside a number by language: as `own` calls it, nothing for dimensionless, else the file's own text."""
    key = text.strip().casefold()
    found = (own or {}).get(key)
    if found and found.label:
        return dict(found.label)
    return texts(f"units.{key}") if known(f"units.{key}") is not None else {ENGLISH: text}


def axis_unit(text: str, own: Mapping[str, UnitWords] | None = None) -> dict[str, str]:
    """A unit above a chart: what `own` measures by it, else as `unit`."""
    found = (own or {}).get(text.strip().casefold())
    return dict(found.axis) if found and found.axis else unit(text, own)


def sentence(error: BaseException) -> Mapping[str, str]:
    """An error as a sentence by language: our own errors speak for themselves, others are introduced."""
    from sdcluster.errors import ModelError, SimulationError

    text = str(error) or type(error).__name__
    if isinstance(error, (ModelError, SimulationError)):
        return texts("errors.model", text=text)
    return texts("errors.python", text=f"{type(error).__name__}: {text}")
