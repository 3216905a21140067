"""Build lessons and thumbnails, which takes seconds, in a separate process, and cache them.

`Made` returns the paths of the built files. A page is built again if a file in the model's folder or a file of the
program has changed.
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
    """Builds lessons and thumbnails in the background, one after another."""

    def __init__(self) -> None:
        self._running: dict[Path, asyncio.Task[Path]] = {}
        self._turn = asyncio.Semaphore(1)

    async def lesson(self, name: str, folder: Path, language: str) -> Path:
        """Return the path of a lesson's page, after building the page if necessary.

        Raises
        ------
        ModelError
            If the lesson or its model has an error.
        """
        path = _place(folder, f"lesson {name} {language}", ".html")
        words = ["-m", "sdcluster", "publish", name, "--lesson", "--language", language]
        return await self._file(path, [*words, "--force", "--out", str(path)])

    async def picture(self, file: Path) -> Path:
        """Return the path of a model's thumbnail; raise `ModelError` if the model does not run."""
        path = _place(file.parent, f"thumbnail {file.name}", ".svg")
        return await self._file(path, ["-c", PICTURE, str(file), str(path)])

    async def end(self) -> None:
        """Cancel all jobs, running and waiting."""
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
    """Return the path in the cache of a page built from the files in a folder; the path changes with these files."""
    whole = hashlib.sha256(f"{__version__} {kind} {folder}".encode())
    programs = [*(PACKAGE / "publish").glob("*.py"), *(PACKAGE / "publish" / "static").glob("*.*")]
    for path in sorted([*programs, *(p for p in folder.iterdir() if p.is_file())]):
        found = path.stat()
        whole.update(f"{path.name} {found.st_mtime_ns} {found.st_size}\n".encode())
    return cache_folder("pages") / f"{whole.hexdigest()[:40]}{ending}"
