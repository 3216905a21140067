"""A laboratory that follows its model's file: it shows the last valid version, and the errors of the current version.

`Living` holds the versions, which `sdcluster.serve.server` sends to browsers. A separate thread reads and compiles
models, one after another. A version has the same data as a page written by `sdcluster.publish`.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sdcluster
from sdcluster.errors import ModelError, ModelWarning, SimulationError
from sdcluster.messages import in_all_languages, joined, message
from sdcluster.model.names import canonical
from sdcluster.serve.watch import Watched

if TYPE_CHECKING:
    from sdcluster.model import Model

PATIENT = 0.25  # an error is shown after the file has not changed for these seconds

# A single thread reads and compiles models, one after another.
_worker = ThreadPoolExecutor(1, thread_name_prefix="sdcluster-laboratory")


@dataclass(frozen=True)
class Version:
    """A version of a model's file, as data for a page.

    If the current file has an error, the page shows this error, and the model of the last valid version.

    Parameters
    ----------
    number : int
        Number of the version, which increases with each change of the file.
    described : (dict, str) or None
        Description and kernel of the last valid version, from `sdcluster.publish.laboratory.browser_data`.
    error : dict or None
        The error in the current version: ``sentence`` by language, ``file``, ``line`` and ``variable``.
    """

    number: int
    described: tuple[dict[str, Any], str] | None = None
    error: Mapping[str, Any] | None = None

    @property
    def message(self) -> dict[str, Any]:
        """The message that sends this version to a page."""
        if self.error is not None or self.described is None:
            return {"kind": "error", "version": self.number, **(self.error or {})}
        description, kernel = self.described
        return {
            "kind": "laboratory",
            "version": self.number,
            "description": description,
            "kernel": kernel,
        }


class Living:
    """The laboratory of one model, updated when the model's file changes.

    Parameters
    ----------
    file : path
        The model's file.
    language : str
        The language that its pages show first.
    """

    def __init__(self, file: Path, language: str = "en") -> None:
        self.file, self.language = file, language
        self.version = Version(0)
        self.listeners: set[Callable[[Version], None]] = set()
        self._strengths: dict[str, float] | None = None
        self._watched = Watched(file)
        self._following: asyncio.Task[None] | None = None
        self._first = asyncio.Lock()

    async def opened(self) -> Version:
        """Return the current version; the first call reads the model and begins to watch its files."""
        async with self._first:
            if self._following is None:
                await self._read()
                self._following = asyncio.create_task(self._follow())
        return self.version

    async def _follow(self) -> None:
        while True:
            await self._watched.changed()
            self._watched.renew()
            await self._read()

    async def _read(self) -> None:
        """Read the model and send the new version to all listeners.

        If reading fails and the file changes again, send nothing, because the editor was still writing.
        """
        before = self._watched.signature
        loop = asyncio.get_running_loop()
        try:
            described = await loop.run_in_executor(_worker, self._described)
        except Exception as error:
            # A file that an editor is still writing may look like a file with an error.
            if self.version.number:
                await self._watched.at_rest(PATIENT)
                if self._watched.look() != before:
                    return
            self._show(Version(self.version.number + 1, self.version.described, told(error)))
        else:
            self._show(Version(self.version.number + 1, described))

    def _show(self, version: Version) -> None:
        self.version = version
        for listener in list(self.listeners):
            listener(version)

    async def with_equations(self, changes: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """Return description and kernel of the model with edited equations; the file is not changed.

        `changes` contains the new right-hand sides by left-hand side.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_worker, self._edited, changes)

    async def check(self, changes: Mapping[str, str]) -> None:
        """Raise an error if the model with these new right-hand sides is invalid."""
        await asyncio.get_running_loop().run_in_executor(_worker, self._checked, changes)

    async def written(self, changes: Mapping[str, str]) -> bytes:
        """Return the content of the model's file, in the same format, with new right-hand sides."""
        return await asyncio.get_running_loop().run_in_executor(_worker, self._written, changes)

    def _model(self, changes: Mapping[str, str]) -> Model:
        from sdcluster.read.edit import edited

        return edited(self.file, self.file.read_bytes(), changes)

    def _checked(self, changes: Mapping[str, str]) -> None:
        from sdcluster.run import Simulator

        Simulator(self._model(changes)).prepared()

    def _written(self, changes: Mapping[str, str]) -> bytes:
        from sdcluster.read.edit import changed_file

        return changed_file(self.file, self.file.read_bytes(), changes)

    def _edited(self, changes: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        return self._data(self._model(changes), changes)

    def _described(self) -> tuple[dict[str, Any], str]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ModelWarning)  # the page does not show warnings
            described = self._data(sdcluster.load(self.file), {})
        # The strengths are kept, so that sliders do not change their order when the file is saved.
        if self._strengths is None:
            self._strengths = {v["name"]: v["strength"] for v in described[0]["variables"]}
        return described

    def _data(self, model: Model, changes: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """Return description and kernel for a page, with the equations that the user can edit there."""
        # Imported here, while the browser starts, because importing takes long.
        from sdcluster.publish.laboratory import browser_data
        from sdcluster.publish.laboratory_data import laboratory_data
        from sdcluster.read.edit import right_sides

        described = browser_data(laboratory_data(model, self._strengths), self.language)
        sides = right_sides(self.file, self.file.read_bytes())
        for variable in described[0]["variables"]:
            own = sides.get(canonical(variable["name"]), [])
            rows = [[s.left, changes.get(s.left, s.right), s.kind] for s in own]
            whole = [s.left for s in own if s.element]
            if len(whole) == 1 and variable["elements"] > 1:
                variable["whole"] = whole[0]
                start = f"{whole[0].partition('[')[0].strip()}["
                known = {left for left, *_ in rows}
                rows += [
                    [left, right, "element"]
                    for left, right in changes.items()
                    if left.startswith(start) and left not in known
                ]
            variable["sides"] = rows
        return described


def told(error: Exception, own: str = "") -> dict[str, Any]:
    """Return an error as data: a sentence by language and, if known, the file's name, line and variable.

    Parameters
    ----------
    error : Exception
    own : str
        Name of the file whose equations the page edits. For an error in another file, the sentence begins with the
        location; for this file it does not, because the edits change the line numbers.
    """
    sentence, place = _sentence_and_place(error)
    file, line = place.get("file"), place.get("line")
    if own and file not in (None, own):
        sentence = joined("", (f"{file}:{line}: " if line else f"{file}: ", sentence))
    return {"sentence": in_all_languages(sentence), **place}


def _sentence_and_place(error: Exception) -> tuple[str, dict[str, Any]]:
    if isinstance(error, ModelError):
        file = Path(error.file).name if error.file else None
        return error.sentence, {"file": file, "line": error.line, "variable": error.variable}
    if isinstance(error, SimulationError):
        return error.whole, {"file": None, "line": None, "variable": error.variable}
    if isinstance(error, OSError):
        return error.strerror or str(error), {"file": Path(str(error.filename)).name}
    return message("serve.cannot_go_on", kind=type(error).__name__, error=str(error)), {}
