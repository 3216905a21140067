"""Errors with one actionable sentence, and file, line, variable and suggested fix."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from sdcluster.messages import Message, joined, message, quoted, shown

# With the value "full", errors keep the frames within the package.
TRACEBACK = "SDCLUSTER_TRACEBACK"

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class ModelError(ValueError):
    """An error in a model or a scenario, or an invalid argument for them.

    Parameters
    ----------
    sentence : str
        The error message: the problem, the expected input, and how to fix it.
    file : path or str, optional
        The file with the error.
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
        """The error message with its location: ``file:line: sentence``."""
        where = self.file or ""
        if where and self.line:
            where += f":{self.line}"
        return joined(": ", (where, self.sentence) if where else (self.sentence,))

    def text(self, language: str) -> str:
        """Return the error message with its location, in a language such as ``"zh"``."""
        return self.whole.text(language)

    def __str__(self) -> str:
        return shown(self.whole)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.sentence, self.file, self.line, self.variable))


class ModelWarning(UserWarning):
    """Warns that the reader corrected an error in a model file, so the model may differ from the author's intent."""

    def __str__(self) -> str:
        return shown(self.args[0]) if len(self.args) == 1 else super().__str__()


class SimulationError(RuntimeError):
    """A run was stopped, for example because a variable became NaN or infinite.

    Parameters
    ----------
    sentence : str
        The error message: the event that stopped the run, and how to fix its cause.
    time : float, optional
        Simulated time of the failure.
    variable : str, optional
        The first variable that failed.
    inputs : dict of str to float, optional
        The values used in the equation of that variable.
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
        """The error message."""
        return joined("", (self.args[0],))

    def text(self, language: str) -> str:
        """Return the error message in a language such as ``"zh"``."""
        return self.whole.text(language)

    def __str__(self) -> str:
        return shown(self.whole)


def _rebuild(kind: type[ModelError], sentence: str, file: str, line: int, variable: str) -> object:
    return kind(sentence, file=file, line=line, variable=variable)


def short_traceback(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Return the function with short tracebacks of `ModelError` and `SimulationError`: one frame of the package.

    The frames within the package would hide the sentence from a user. All other exceptions are bugs and keep theirs.
    A warning that the function itself issues needs a `stacklevel` greater by 1.
    """

    @wraps(function)
    def call(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        __tracebackhide__ = True  # IPython and pytest leave out this frame
        try:
            return function(*args, **kwargs)
        except (ModelError, SimulationError) as error:
            if os.environ.get(TRACEBACK) == "full":
                raise
            raise error.with_traceback(None) from None

    return call


def did_you_mean(wanted: str, known: Iterable[str], limit: int = 3) -> str:
    """Return ``'; did you mean "a" or "b"?'`` with the names nearest to `wanted`, or ``''``.

    A name is near if it differs in few characters (ignoring case), starts with `wanted`, or contains it as a word.
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
