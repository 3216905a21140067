"""Settings that give each element of an array its own value.

`by_element(model, name, value)` splits the setting of one array into settings of its elements; `split(model, settings)`
does this for every array in `settings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import axes, element_names, find_element
from sdcluster.model.names import canonical


def by_element(model: Model, name: str, value: Any) -> dict[str, Any] | None:
    """Return the value for each element, by element name; None if `value` is a single setting for the whole array.

    Parameters
    ----------
    model : Model
    name : str
        Name of a variable.
    value : object
        One of three forms: numbers in the order of the elements, row-major (a list, or an array of the variable's
        shape); a mapping, pandas Series or DataFrame whose keys are elements, of which some may be left out; an
        `xarray.DataArray` with the variable's dimensions. For any other value the result is None.

    Raises
    ------
    ModelError
        For more or fewer numbers than the array has elements, and for keys that are not elements.
    """
    key, place = find_element(model, name)
    variable = model.variables[key]

    def fail(sentence: str) -> ModelError:
        return ModelError(
            message("run.setting", name=name, sentence=sentence),
            file=model.path,
            line=variable.line,
            variable=variable.name,
        )

    keys = _keys(value, variable.dimensions)
    listed = keys is None and _is_list_of_numbers(value)
    if not variable.dimensions or place is not None:
        if listed:
            raise fail(message("run.one_value_numbers_given", size=np.size(value)))
        return None
    parts = element_names(model, key)
    if keys is not None:
        if not (keys and all(map(_is_label, keys))):
            return None
        found, unknown = _named(keys, parts)
        if unknown:
            raise fail(message("run.names_no_element_first", unknown=unknown, parts=parts[0]))
        return found
    shape = tuple(len(axis) for axis in axes(model, variable))
    array = _of_shape(value, shape, variable.dimensions)
    if array is not None:
        return dict(zip(parts, array.ravel().tolist(), strict=True))
    if listed:
        raise fail(
            message(
                "run.elements_numbers_given",
                count=len(parts),
                parts=parts[0],
                parts_2=parts[-1],
                size=np.size(value),
            )
        )
    return None


def split(model: Model, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return `settings`, in which settings of single elements replace those that give an array values by element."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        single = isinstance(value, (float, int, str))
        own = None if single else by_element(model, name, value)
        found |= {name: value} if own is None else own
    return found


def _keys(value: Any, dimensions: tuple[str, ...]) -> dict[Any, Any] | None:
    """Return the values of a mapping, Series, DataFrame or array with coordinates, by key; None for other types."""
    names = {canonical(str(n)): n for n in getattr(value, "dims", ())}
    if names and set(names) == set(dimensions) and all(n in value.coords for n in names.values()):
        value = value.transpose(*(names[d] for d in dimensions)).to_series()
    if isinstance(value, Mapping) or (hasattr(value, "iloc") and value.ndim == 1):
        return dict(value.items())
    if hasattr(value, "columns"):
        labels = {canonical(str(c)) for c in value.columns}
        return None if labels == {"x", "y"} else {c: value[c] for c in value.columns}
    return None


def _is_label(key: Any) -> bool:
    """Whether a key of a mapping can be the name of an element. Numbers, and texts such as ``"2.5"``, are times."""
    if isinstance(key, tuple):
        return bool(key) and all(isinstance(part, str) for part in key)
    if not isinstance(key, str):
        return False
    try:
        float(key)
    except ValueError:
        return True
    return False


def _named(keys: Mapping[Any, Any], parts: Sequence[str]) -> tuple[dict[str, Any], str]:
    """Return the values by full element name, and ``""``.

    If a key matches no element, return an empty mapping and this key.
    """
    known = {}
    for part in parts:
        known[_spelled(part)] = part
        known[_spelled(part.partition("[")[2][:-1])] = part
    found = {}
    for key, value in keys.items():
        label = ",".join(map(str, key)) if isinstance(key, tuple) else str(key)
        if _spelled(label) not in known:
            return {}, label
        found[known[_spelled(label)]] = value
    return found, ""


def _spelled(name: str) -> str:
    return canonical(name).replace(" ", "")


def _is_list_of_numbers(value: Any) -> bool:
    if not isinstance(value, (list, tuple, np.ndarray)) or getattr(value, "ndim", 1) == 0:
        return False
    return len(value) > 0 and all(isinstance(v, (int, float, np.number)) for v in value)


def _of_shape(value: Any, shape: tuple[int, ...], dimensions: tuple[str, ...]) -> np.ndarray | None:
    """Return `value` as an array of floats if its shape is `shape` or `shape` flattened; otherwise None."""
    names = getattr(value, "dims", None)
    if names is not None and [canonical(str(n)) for n in names] != list(dimensions):
        return None  # a series over time
    if isinstance(value, (list, tuple)) and any(isinstance(pair, tuple) for pair in value):
        return None  # points
    try:
        array = np.asarray(getattr(value, "values", value), dtype=float)
    except (TypeError, ValueError):
        return None
    if array.shape == shape or array.shape == (int(np.prod(shape)),):
        return array
    return None
