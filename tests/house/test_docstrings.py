"""Docstrings of what `sdcluster` gives to users are complete numpydoc: parameters, results, errors."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest
from numpydoc.validate import validate

import sdcluster

# Their meaning is in numpydoc's documentation. "scenario, settings, method" may share a line without a type (PR04) and
# come together whatever their order (PR03).
HELD = {
    "GL03", "GL06", "GL08", "SS01", "SS02", "SS03",
    "PR01", "PR02", "PR07", "PR08", "PR09", "PR10", "RT01", "RT03", "RT04", "RT05", "YD01",
}  # fmt: skip


def doors() -> dict[str, Any]:
    """Return the public functions and classes by name, and their methods that need more than a line."""
    found: dict[str, Any] = {}
    for name in sdcluster.__all__:
        door = getattr(sdcluster, name)
        if name == "publish":  # a package that can be called
            door = import_module("sdcluster.publish.laboratory").publish
        if not callable(door):
            continue
        found[name] = door
        if inspect.isclass(door):
            for method, value in vars(door).items():
                if (
                    not method.startswith("_")
                    and inspect.isfunction(value)
                    and "\n" in str(value.__doc__)
                ):
                    found[f"{name}.{method}"] = value
    return found


@pytest.mark.parametrize("name", doors())
def test_a_public_docstring_is_complete(name):
    door = doors()[name]
    problems = validate(f"{door.__module__}.{door.__qualname__}")["errors"]
    assert not [(code, words) for code, words in problems if code in HELD]
