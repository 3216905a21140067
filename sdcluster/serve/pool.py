"""Collect the predictions of a class, without names, in a file from which the class can continue after a restart.

`Pool` holds the predictions. Each browser generates a random id, so that nobody is counted twice; neither names nor
addresses are stored. A finished class stays in a separate file next to the file of the current class.
"""

from __future__ import annotations

import json
import math
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically
from sdcluster.messages import message

FORMAT = 1
ID = 32  # hexadecimal digits in the id of a browser

Prediction = int | list[float]


def fits(asked: Mapping[str, Any], value: object) -> bool:
    """Return whether a value can be a prediction: an index of an option, or a number for each point of the curve."""
    if asked["form"] == "choice":
        return type(value) is int and 0 <= value < len(asked["options"])
    return (
        isinstance(value, list)
        and len(value) == len(asked["points"])
        and all(type(v) in (int, float) and math.isfinite(v) for v in value)
    )


def is_id(text: object) -> bool:
    """Return whether a value has the form of a browser's id."""
    return isinstance(text, str) and len(text) == ID and set(text) <= set("0123456789abcdef")


@dataclass
class Pool:
    """The predictions of a class.

    Parameters
    ----------
    path : path
        The file in which the class is stored.
    lesson : str
        The lesson's name.
    asked : mapping
        The question that the predictions answer, from `lesson_data`.
    most : int
        Maximum number of predictions.
    """

    path: Path
    lesson: str
    asked: Mapping[str, Any]
    most: int
    round: str = field(default_factory=lambda: secrets.token_hex(8))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    revealed: bool = False
    predictions: dict[str, Prediction] = field(default_factory=dict)

    @classmethod
    def opened(
        cls, path: Path, lesson: str, asked: Mapping[str, Any], most: int, *, fresh: bool = False
    ) -> Pool:
        """Return the class stored in a file; if the file does not exist, create a new class and write it.

        Raises
        ------
        ModelError
            If the file is not a stored class, or if it belongs to another lesson.
        """
        pool = cls(path, lesson, asked, most)
        if path.exists():
            pool._take(path)
            if fresh:
                pool.renew()
        pool.write()
        return pool

    def _take(self, path: Path) -> None:
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            named = kept["lesson"]
            if kept["format"] != FORMAT:
                raise ValueError
            self.round, self.token = str(kept["round"]), str(kept["token"])
            self.revealed = bool(kept["revealed"])
            self.predictions = {
                key: value
                for key, value in kept["predictions"].items()
                if is_id(key) and fits(self.asked, value)
            }
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ModelError(message("serve.not_file_class_choose"), file=path) from None
        if named != self.lesson:
            raise ModelError(
                message("serve.file_holds_class_lesson", named=named),
                file=path,
            )

    def add(self, key: str, value: Prediction) -> bool:
        """Add a browser's prediction, unless the browser already has one; return whether its prediction counts."""
        if key in self.predictions:
            return True
        if len(self.predictions) >= self.most:
            return False
        self.predictions[key] = value
        self.write()
        return True

    def reveal(self) -> None:
        """Record that the students may see the model's run."""
        self.revealed = True
        self.write()

    def renew(self) -> Path | None:
        """Begin a new class. If the last class made predictions, return the path of the file that keeps them."""
        kept = None
        if self.predictions:
            day = f"{datetime.now():%Y-%m-%d-%H%M%S}"
            kept = self.path.with_name(f"{self.path.stem}-{day}{self.path.suffix}")
            write_atomically(kept, self._text(token=""))
        self.round, self.revealed, self.predictions = secrets.token_hex(8), False, {}
        self.write()
        return kept

    def write(self) -> None:
        """Write the class to its file, which only this user can read because it contains the teacher's token."""
        write_atomically(self.path, self._text(self.token))
        os.chmod(self.path, 0o600)

    def _text(self, token: str) -> str:
        kept = {
            "format": FORMAT,
            "lesson": self.lesson,
            "round": self.round,
            "token": token,
            "revealed": self.revealed,
            "predictions": self.predictions,
        }
        return json.dumps(kept, allow_nan=False) + "\n"
