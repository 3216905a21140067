"""Add file, line and variable to errors and remarks that arise while a Vensim file is read.

`Where` contains the file, the line and the variable.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Remark

MAX_SECONDS = 300.0


@dataclass(frozen=True)
class Where:
    """Adds file, line and variable to errors and remarks.

    Parameters
    ----------
    file : path
        The model file.
    remarks : list of Remark
        Remarks on other files. Each remark gets the line and the variable of the equation that reads the file.
    deadline : float
        Time limit for reading the model, on the monotonic clock.
    """

    file: Path
    remarks: list[Remark]
    deadline: float = field(default_factory=lambda: time.monotonic() + MAX_SECONDS)

    @contextmanager
    def at(self, line: int | None, name: str | None = None) -> Iterator[None]:
        """Return a context manager that adds file, line and variable to errors raised in its block.

        The block is the body of the ``with`` statement. Line and variable are also added to the block's remarks on
        other files.
        """
        before = len(self.remarks)
        try:
            yield
        except ModelError as error:
            if error.file:
                raise
            sentence = error.sentence
            if name:
                sentence = message("read.the_variable", variable=name, sentence=sentence)
            raise ModelError(
                sentence, file=self.file, line=error.line or line, variable=name or error.variable
            ) from None
        for at in range(before, len(self.remarks)):
            remark = self.remarks[at]
            if remark.line is None:
                self.remarks[at] = replace(remark, line=line, variable=name or "")
        if time.monotonic() > self.deadline:
            raise ModelError(
                message("read.vensim.reading_takes_more_seconds", max_seconds=MAX_SECONDS),
                file=self.file,
            )
