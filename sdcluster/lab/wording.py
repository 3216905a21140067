"""Units and errors as the cards of a lesson show them, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from sdcluster.project.lab_file import UnitWords

LANGUAGES = ("en", "zh")

UNITS: dict[str, dict[str, str]] = {
    "year": {"en": "years", "zh": "年"},
    "years": {"en": "years", "zh": "年"},
    "1/year": {"en": "a year", "zh": "/年"},
    "dmnl": {"en": "", "zh": ""},
    "dimensionless": {"en": "", "zh": ""},
    "1": {"en": "", "zh": ""},
    "firm": {"en": "firms", "zh": "家"},
    "firm/year": {"en": "firms a year", "zh": "家/年"},
}


def unit(text: str, known: Mapping[str, UnitWords] | None = None) -> dict[str, str]:
    """A unit beside a number by language: as `known` calls it, nothing for dimensionless, else the file's own text."""
    key = text.strip().casefold()
    found = (known or {}).get(key)
    return dict(found.label) if found and found.label else UNITS.get(key, {"en": text})


def axis_unit(text: str, known: Mapping[str, UnitWords] | None = None) -> dict[str, str]:
    """A unit above a chart: what `known` measures by it, else as `unit`."""
    found = (known or {}).get(text.strip().casefold())
    return dict(found.axis) if found and found.axis else unit(text, known)


def sentence(error: BaseException) -> Mapping[str, str]:
    """An error as a sentence by language: our own errors speak for themselves, others are introduced."""
    from sdcluster.errors import ModelError, SimulationError

    text = str(error) or type(error).__name__
    if isinstance(error, (ModelError, SimulationError)):
        return {"en": text, "zh": f"模型无法运行：{text}"}
    return {
        "en": f"Python could not run this: {type(error).__name__}: {text}",
        "zh": f"Python 无法运行：{type(error).__name__}: {text}",
    }
