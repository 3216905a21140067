"""A model with other equations, in the notation of its file; the file itself stays as it is.

Crosses the border: `right_sides(file, data)` gives what can be changed, `edited(file, data, changes)` the changed
model. A changed equation is read by the reader of the file's language, like any other; nothing is executed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Model

MOST_CHARACTERS = 20_000


def right_sides(file: Path, data: bytes) -> dict[str, dict[str, str]]:
    """Return the equations that `edited` can change.

    Parameters
    ----------
    file : path
        Its ending says which language it is.
    data : bytes
        Content of the file.

    Returns
    -------
    dict of str to dict of str to str
        By canonical name of the variable, its right sides by their left sides, both as written. Arrays may have
        several; variables of macros and modules, lookups and data have none.
    """
    from sdcluster.read import module_of

    if (module := module_of(file, "edit")) is None:
        return {}
    found: dict[str, dict[str, str]] = module.sides(file, data)
    return found


def edited(file: Path, data: bytes, changes: Mapping[str, str]) -> Model:
    """Return the model with other right sides.

    Parameters
    ----------
    file : path
        For messages, and for files beside it.
    data : bytes
        Content of the file.
    changes : mapping of str to str
        Right sides by their left sides, as `right_sides` gives them.

    Raises
    ------
    ModelError
        For an unknown left side, and whatever is wrong with a new equation.
    """
    from sdcluster.read import module_of, parsed

    known = {left for found in right_sides(file, data).values() for left in found}
    for left, right in changes.items():
        if left not in known:
            hint = did_you_mean(left, known)
            raise ModelError(f'no equation of the file has the left side "{left}"{hint}')
        if not right.strip():
            raise ModelError("the right side is empty; write an equation", variable=left)
        if len(right) > MOST_CHARACTERS:
            raise ModelError(
                f"the right side has more than {MOST_CHARACTERS:,} characters", variable=left
            )
    module = module_of(file, "edit")
    return parsed(file, module.with_sides(file, data, changes) if module and changes else data)
