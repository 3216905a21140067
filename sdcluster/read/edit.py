"""Change equations of a model in the notation of its file. The file itself is not modified.

`right_sides(file, data)` returns the right-hand sides that can be changed, `changed_file(file, data, changes)` the text
of the file after changes, and `edited(file, data, changes)` the changed model. The reader of the file's language parses
changed equations like any other equations. Nothing in them is executed as code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.read.side import EditableText, Side

MOST_CHARACTERS = 20_000

_ELEMENT = re.compile(r"(.+)\[([^\[\]]+)\]", re.DOTALL)


def right_sides(file: Path, data: bytes) -> dict[str, list[Side]]:
    """Return the right-hand sides that `edited` can change.

    Parameters
    ----------
    file : path
        Its extension determines the language.
    data : bytes
        Content of the file.

    Returns
    -------
    dict of str to list of Side
        The key is the canonical name of a variable. An array can have several right-hand sides. A stock has its net
        flow and its initial value, and a lookup has its points. Data variables, module inputs, and variables of macros
        and of linked files cannot be changed, so they are left out.
    """
    found: dict[str, list[Side]] = {}
    for side in _editable(file, data).sides:
        for variable in side.variables:
            found.setdefault(variable, []).append(side)
    return found


def changed_file(file: Path, data: bytes, changes: Mapping[str, str]) -> bytes:
    """Return the content of the file with some right-hand sides replaced. All other bytes stay the same.

    Parameters
    ----------
    file : path
        Its extension determines the language. The path also appears in messages.
    data : bytes
        Content of the file.
    changes : mapping of str to str
        New right-hand sides, keyed by left-hand side as in `Side.left`. If one equation defines a whole array, a key
        can also be the array's name with an element in brackets.

    Raises
    ------
    ModelError
        If a left-hand side is unknown, or if a new text would alter other parts of the file.
    """
    if not changes:
        return data
    editable = _editable(file, data)
    known = {side.left: side for side in editable.sides}
    edits, elements = [], dict[str, dict[str, str]]()
    for left, right in changes.items():
        _check(left, right)
        if left in known:
            edits += known[left].replaced(right)
            continue
        array, subscripts = _array_of(left, known)
        elements.setdefault(array.left, {})[subscripts] = right
    for whole, texts in elements.items():
        made = known[whole].element
        assert made is not None
        edits += made(texts)
    changed = editable.with_edits(edits)
    if not editable.escaped:
        _check_places(file, changed, editable, changes)
    return changed


def edited(file: Path, data: bytes, changes: Mapping[str, str]) -> Model:
    """Return the model with some right-hand sides replaced.

    Parameters
    ----------
    file : path
        Path that appears in messages and to which relative paths in the file refer.
    data, changes
        As for `changed_file`.

    Raises
    ------
    ModelError
        In the same cases as `changed_file`, and if a new equation is invalid.
    """
    from sdcluster.read import parsed

    return parsed(file, changed_file(file, data, changes))


def _check(left: str, right: str) -> None:
    if not right.strip():
        raise ModelError(message("read.right_side_empty_write"), variable=left)
    if len(right) > MOST_CHARACTERS:
        raise ModelError(
            message("read.right_side_more_characters", most_characters=MOST_CHARACTERS),
            variable=left,
        )


def _array_of(left: str, known: Mapping[str, Side]) -> tuple[Side, str]:
    """Return the equation of a whole array and the subscripts of one element.

    `left` is the left-hand side of that element, such as ``population[young]``.
    """
    found = _ELEMENT.fullmatch(left)
    if found:
        name, subscripts = found.groups()
        for side in known.values():
            if side.element and side.left.partition("[")[0].strip() == name.strip():
                return side, subscripts
    hint = did_you_mean(left, known)
    raise ModelError(message("read.no_equation_file_left", left=left, hint=hint))


def _check_places(
    file: Path, changed: bytes, before: EditableText, changes: Mapping[str, str]
) -> None:
    """Raise a `ModelError` if the changed file lacks a new text, or has more or fewer equations than intended."""
    try:
        after = {_bare(side.left): side.right for side in _editable(file, changed).sides}
    except ModelError:
        after = {}
    for left, right in changes.items():
        if _plain(after.get(_bare(left), "")) != _plain(right):
            raise ModelError(
                message("read.text_ends_before_signs"),
                variable=left,
            )
    known = {_bare(left) for left in (*(side.left for side in before.sides), *changes)}
    if len(after) != len(known):
        raise ModelError(
            message("read.text_hides_adds_equation"),
            variable=next(iter(changes)),
        )


def _bare(left: str) -> str:
    """Return a left-hand side without its ``:EXCEPT:`` list.

    The list is left out because it grows when an element of an array gets an equation of its own.
    """
    return left.partition(":EXCEPT:")[0].strip()


def _plain(text: str) -> str:
    from sdcluster.read.vensim.text import clean

    return re.sub(r"\s+", "", clean(text))


def _editable(file: Path, data: bytes) -> EditableText:
    from sdcluster.read import module_of

    if (module := module_of(file, "edit")) is None:
        return EditableText("", "utf-8", ())
    found: EditableText = module.editable(file, data)
    return found
