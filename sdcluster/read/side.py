"""The parts of a model file that can be replaced: right-hand sides, the two parts of a stock, points of a lookup.

Crosses the border: `Side`, `EditableText`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sdcluster.errors import ModelError
from sdcluster.messages import message

Kind = Literal["equation", "net", "initial", "points"]
Edit = tuple[int, int, str]  # start, end, and the replacement text


@dataclass(frozen=True)
class Side:
    """A replaceable text in the file, such as the right-hand side of an equation.

    Parameters
    ----------
    variables : tuple of str
        Canonical names; more than one if several modules use the same model.
    left : str
        The left-hand side as written; unique within the file.
    right : str
        The current text, without comments.
    kind : {"equation", "net", "initial", "points"}
    replaced : callable
        Returns the edits that insert a new text.
    element : callable, optional
        For an equation of a whole array: returns the edits that give some elements separate texts, from a mapping of
        subscripts to texts.
    """

    variables: tuple[str, ...]
    left: str
    right: str
    kind: Kind
    replaced: Callable[[str], list[Edit]]
    element: Callable[[Mapping[str, str]], list[Edit]] | None = None


@dataclass(frozen=True)
class EditableText:
    """The text of a file and its replaceable parts.

    Parameters
    ----------
    text : str
    encoding : str
        Used to encode the edited text.
    sides : tuple of Side
    mark : bytes
        The byte-order mark before the text.
    escaped : bool
        Whether special characters in new texts are escaped, so that they cannot affect the rest of the file.
    """

    text: str
    encoding: str
    sides: tuple[Side, ...]
    mark: bytes = b""
    escaped: bool = False

    def with_edits(self, edits: Iterable[Edit]) -> bytes:
        """Return the content of the file with edits applied; all other bytes stay the same.

        Raises
        ------
        ModelError
            If the file's encoding cannot represent a character.
        """
        kept, done = [], 0
        for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
            kept += [self.text[done:start], text]
            done = end
        changed = "".join([*kept, self.text[done:]])
        try:
            return self.mark + changed.encode(self.encoding)
        except UnicodeEncodeError as error:
            lacking = changed[error.start : error.end][:20]
            raise ModelError(
                message(
                    "read.file_written_lacks_write", encoding=self.encoding.upper(), lacking=lacking
                )
            ) from None
