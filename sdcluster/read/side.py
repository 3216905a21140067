"""The replaceable parts of a model's file: a side of an equation, the two parts of a stock, the points of a lookup.

Crosses the border: `Side`, `EditableText`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sdcluster.errors import ModelError
from sdcluster.messages import message

Kind = Literal["equation", "net", "initial", "points"]
Edit = tuple[int, int, str]  # from where to where in the text, and what comes in its place


@dataclass(frozen=True)
class Side:
    """A text of the file that can be replaced.

    Parameters
    ----------
    variables : tuple of str
        Canonical names; several where modules share a model.
    left : str
        The name that it defines, as written; each side has its own.
    right : str
        The text as it is, without comments.
    kind : {"equation", "net", "initial", "points"}
    replaced : callable
        Gives the edits for another text.
    element : callable, optional
        Of an equation for a whole array: gives the edits that let elements have texts of their own, by their
        subscripts.
    """

    variables: tuple[str, ...]
    left: str
    right: str
    kind: Kind
    replaced: Callable[[str], list[Edit]]
    element: Callable[[Mapping[str, str]], list[Edit]] | None = None


@dataclass(frozen=True)
class EditableText:
    """A file's text with its sides.

    Parameters
    ----------
    text : str
    encoding : str
        In which the text is written again.
    sides : tuple of Side
    mark : bytes
        The byte-order mark before the text.
    escaped : bool
        Whether new texts cannot leave their places, as their signs are escaped.
    """

    text: str
    encoding: str
    sides: tuple[Side, ...]
    mark: bytes = b""
    escaped: bool = False

    def with_edits(self, edits: Iterable[Edit]) -> bytes:
        """Return the file with other texts in places; everything else keeps its bytes.

        Raises
        ------
        ModelError
            For characters that the file's encoding lacks.
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
