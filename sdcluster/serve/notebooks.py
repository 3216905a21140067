"""Run JupyterLab for the user's copies of the lesson notebooks.

`Jupyter` is the process of JupyterLab, which runs at most as long as the server.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.serve.copies import enliven_first, own_copies

POLITE = 5.0  # seconds until JupyterLab is killed if it does not end
PATIENT = 60.0  # seconds to wait for JupyterLab to answer


class Jupyter:
    """The JupyterLab process of this server, started on the first request and stopped with the server."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._address = ""
        self._starting = asyncio.Lock()

    async def address(self) -> str:
        """Return the address of the notebooks; the first call starts JupyterLab.

        Raises
        ------
        ModelError
            If JupyterLab does not start.
        """
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()
        return self._address

    async def _start(self) -> None:
        from sdcluster.lab.voila_page import environment, free_port

        first, port, token = own_copies(), free_port(), secrets.token_urlsafe(24)
        await asyncio.to_thread(enliven_first, first.parent)
        words = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
        words += [f"--ServerApp.port={port}", f"--ServerApp.root_dir={first.parent}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words.append("--allow-root")
        quiet = asyncio.subprocess.DEVNULL
        # The token is passed in the environment, because other users can read command lines.
        self._process = await asyncio.create_subprocess_exec(
            *words,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            env=environment() | {"JUPYTER_TOKEN": token},
        )
        self._address = f"http://127.0.0.1:{port}/lab/tree/{first.name}?token={token}"
        try:
            await asyncio.wait_for(self._answers(port), PATIENT)
        except TimeoutError:
            await self.end()
            raise ModelError(message("serve.jupyterlab_does_not_start")) from None

    async def _answers(self, port: int) -> None:
        while self._process is not None and self._process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return
        raise TimeoutError

    async def end(self) -> None:
        """End the JupyterLab process, if it is running."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), POLITE)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
