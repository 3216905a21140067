"""The parts of a model file that a user can replace.

A `Side` is a right-hand side, the net flow or the initial value of a stock, or the points of a lookup. An
`EditableText` is the text of a file with its sides.
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
    """A replaceable text in a model file, such as the right-hand side of an equation.

    Parameters
    ----------
    variables : tuple of str
        Canonical names of the variables that the text defines. There are several if several modules use the same model.
    left : str
        The left-hand side as written in the file, where it is unique.
    right : str
        The current text, without comments.
    kind : {"equation", "net", "initial", "points"}
        ``"net"`` and ``"initial"`` are the net flow and the initial value of a stock.
    replaced : callable
        Takes a new text and returns the edits that insert it.
    element : callable, optional
        For an equation of a whole array: takes new texts of some elements, keyed by their subscripts, and returns the
        edits that give these elements equations of their own.
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
        Encoding of the file, before and after editing.
    sides : tuple of Side
    mark : bytes
        The byte-order mark before the text. Empty if the file has no such mark.
    escaped : bool
        Whether special characters in new texts are escaped, so that they cannot affect the rest of the file.
    """

    text: str
    encoding: str
    sides: tuple[Side, ...]
    mark: bytes = b""
    escaped: bool = False

    def with_edits(self, edits: Iterable[Edit]) -> bytes:
        """Return the content of the file after the edits. All other bytes stay the same.

        Raises
        ------
        ModelError
            If the encoding of the file cannot represent a character of a new text.
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
