"""Errors that a teacher can act on: one sentence with file, line, variable and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from sdcluster.messages import Message, joined, message, quoted, shown


class ModelError(ValueError):
    """Something is wrong with a model, a scenario or a request about them.

    Parameters
    ----------
    sentence : str
        The finding, the expectation, and the remedy.
    file : path or str, optional
        The file that is at fault.
    line : int, optional
        Line in `file`, from 1.
    variable : str, optional
        Name of the variable concerned, as written in the file.
    """

    def __init__(
        self,
        sentence: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        variable: str | None = None,
    ) -> None:
        self.sentence = sentence
        self.file = None if file is None else str(file)
        self.line = line
        self.variable = variable
        super().__init__(sentence)

    @property
    def whole(self) -> Message:
        """The sentence behind the place, ``file:line: sentence``."""
        where = self.file or ""
        if where and self.line:
            where += f":{self.line}"
        return joined(": ", (where, self.sentence) if where else (self.sentence,))

    def text(self, language: str) -> str:
        """Return the place and the sentence in a language, such as ``"zh"``."""
        return self.whole.text(language)

    def __str__(self) -> str:
        return shown(self.whole)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.sentence, self.file, self.line, self.variable))


class ModelWarning(UserWarning):
    """The reader corrected an error in a model file; the model may differ from what its author meant."""

    def __str__(self) -> str:
        return shown(self.args[0]) if len(self.args) == 1 else super().__str__()


class SimulationError(RuntimeError):
    """A run that cannot go on, for instance because a variable turned into NaN or infinity.

    Parameters
    ----------
    sentence : str
        The event and the remedy.
    time : float, optional
        Simulated time of the failure.
    variable : str, optional
        The first variable that failed.
    inputs : dict of str to float, optional
        The values which that variable's equation used.
    """

    def __init__(
        self,
        sentence: str,
        *,
        time: float | None = None,
        variable: str | None = None,
        inputs: dict[str, float] | None = None,
    ) -> None:
        self.time = time
        self.variable = variable
        self.inputs = inputs or {}
        super().__init__(sentence)

    @property
    def whole(self) -> Message:
        """The sentence."""
        return joined("", (self.args[0],))

    def text(self, language: str) -> str:
        """Return the sentence in a language, such as ``"zh"``."""
        return self.whole.text(language)

    def __str__(self) -> str:
        return shown(self.whole)


def _rebuild(kind: type[ModelError], sentence: str, file: str, line: int, variable: str) -> object:
    return kind(sentence, file=file, line=line, variable=variable)


def did_you_mean(wanted: str, known: Iterable[str], limit: int = 3) -> str:
    """Return ``'; did you mean "a" or "b"?'`` with the names nearest to `wanted`, or ``''``.

    Near are names that differ by little in any letter's case, or that begin with what was wanted or hold it as a word.
    """
    names = list(known)
    plain = [name.casefold() for name in names]
    text = str(wanted).casefold().strip()
    close = difflib.get_close_matches(text, plain, n=limit, cutoff=0.6)
    if not close and len(text) > 2:
        close = [name for name in plain if name.startswith(text) or f" {text}" in name][:limit]
    near = list(dict.fromkeys(names[plain.index(name)] for name in close))
    if not near:
        return ""
    names_quoted = [quoted(name) for name in near]
    return message(
        "general.did_you_mean", names=joined(message("general.or_between"), names_quoted)
    )
