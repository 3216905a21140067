"""Valid NetCDF names for variables and subscript ranges.

`portable(ds)` renames the variables of a dataset and stores each original name in ``attrs["original_name"]``;
`restored(ds)` restores the original names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

ORIGINAL = "original_name"
MOST_BYTES = 200  # NetCDF allows 256; a number may be appended


def portable(ds: xr.Dataset) -> xr.Dataset:
    """Return the dataset with valid NetCDF names; the data are not copied.

    A NetCDF name contains no ``/`` and no control characters, begins with a letter, a digit or an underscore, and does
    not end with a blank (NetCDF classic format specification, section "Names").
    """
    names = [*ds.variables, *(d for d in ds.dims if d not in ds.variables)]
    taken: set[Hashable] = {name for name in names if allowed(str(name)) == name}
    renamed: dict[Hashable, str] = {}
    for name in names:
        if name not in taken:
            renamed[name] = _unused(allowed(str(name)), taken)
            taken.add(renamed[name])
    if not renamed:
        return ds
    found = ds.rename(renamed)
    for original, name in renamed.items():
        if name in found.variables:
            found[name].attrs[ORIGINAL] = str(original)
    return found


def restored(ds: xr.Dataset) -> xr.Dataset:
    """Return a dataset from a NetCDF file with its original names; the inverse of `portable`."""
    return ds.rename(
        {
            name: one.attrs.pop(ORIGINAL)
            for name, one in ds.variables.items()
            if ORIGINAL in one.attrs
        }
    )


def allowed(name: str) -> str:
    """Return a name that NetCDF allows, as similar to the given name as possible."""
    plain = "".join("_" if c == "/" or unicodedata.category(c) == "Cc" else c for c in name)
    plain = plain.rstrip()
    while len(plain.encode()) > MOST_BYTES:
        plain = plain[:-1]
    first = plain[:1]
    return plain if first == "_" or first.isalnum() or first > "\x7f" else f"_{plain}"


def _unused(name: str, taken: Collection[Hashable]) -> str:
    number = 2
    found = name
    while found in taken:
        found = f"{name} {number}"
        number += 1
    return found
