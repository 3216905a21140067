"""Lessons and thumbnails, which take seconds to build: a separate process builds them, and they are cached.

Interface: `Made`. A page is rebuilt when a file of its model or the program has changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from pathlib import Path

from sdcluster import __version__
from sdcluster.errors import ModelError
from sdcluster.files import PACKAGE, cache_folder
from sdcluster.messages import message

PICTURE = (
    "import sys\nfrom sdcluster.publish.thumbnail import write\nwrite(sys.argv[1], sys.argv[2])"
)


class Made:
    """Background jobs on models, one after another."""

    def __init__(self) -> None:
        self._running: dict[Path, asyncio.Task[Path]] = {}
        self._turn = asyncio.Semaphore(1)

    async def lesson(self, name: str, folder: Path, language: str) -> Path:
        """Return the page of a lesson.

        Raises
        ------
        ModelError
            For errors in the lesson or its model.
        """
        path = _place(folder, f"lesson {name} {language}", ".html")
        words = ["-m", "sdcluster", "publish", name, "--lesson", "--language", language]
        return await self._file(path, [*words, "--force", "--out", str(path)])

    async def picture(self, file: Path) -> Path:
        """Return the thumbnail of a model; raises `ModelError` for one that does not run."""
        path = _place(file.parent, f"thumbnail {file.name}", ".svg")
        return await self._file(path, ["-c", PICTURE, str(file), str(path)])

    async def end(self) -> None:
        """Cancel the running job."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _file(self, path: Path, words: list[str]) -> Path:
        if path.is_file():
            return path
        if path not in self._running:
            task = asyncio.create_task(self._make(path, words))
            task.add_done_callback(lambda _: self._running.pop(path, None))
            self._running[path] = task
        task = self._running[path]
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise ModelError(message("serve.server_ending")) from None
            raise

    async def _make(self, path: Path, words: list[str]) -> Path:
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                _, said = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode or not path.is_file():
            lines = said.decode(errors="replace").strip().splitlines()
            raise ModelError(lines[-1] if lines else message("serve.page_could_not_made"))
        return path


def _place(folder: Path, kind: str, ending: str) -> Path:
    """Return the cache path of a result built from the files of a folder."""
    whole = hashlib.sha256(f"{__version__} {kind} {folder}".encode())
    programs = [*(PACKAGE / "publish").glob("*.py"), *(PACKAGE / "publish" / "static").glob("*.*")]
    for path in sorted([*programs, *(p for p in folder.iterdir() if p.is_file())]):
        found = path.stat()
        whole.update(f"{path.name} {found.st_mtime_ns} {found.st_size}\n".encode())
    return cache_folder("pages") / f"{whole.hexdigest()[:40]}{ending}"
