"""A headless Firefox, spoken to by WebDriver BiDi, which it serves itself: no driver beside it is needed.

Interface: `Firefox(folder)`, a context manager with the few commands that a test needs.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

READY = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
PATIENCE = 60  # seconds for one answer


def path() -> str:
    """Return where the browser lies; skips the test without it, with what to do."""
    for name in ("firefox-esr", "firefox"):
        if found := shutil.which(name):
            return found
    pytest.skip("Firefox is not installed; Debian and Ubuntu have it as firefox-esr (apt-get)")


class Firefox:
    """A browser with one page.

    Parameters
    ----------
    folder : path
        Empty; the browser keeps its profile there.
    width, height : int
        Of the page, in pixels.
    """

    def __init__(self, folder: Path, width: int = 1280, height: int = 800) -> None:
        self._process = subprocess.Popen(
            [path(), "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port=0"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        self._number = 0
        self.requests: list[str] = []
        self._size = {"width": width, "height": height}

    def __enter__(self) -> Firefox:
        from websocket import create_connection

        assert self._process.stderr is not None
        line = next((found for line in self._process.stderr if (found := READY.search(line))), None)
        assert line, "Firefox ended before it listened"
        self._socket = create_connection(
            f"{line[1]}/session", timeout=PATIENCE, suppress_origin=True
        )
        self._ask("session.new", capabilities={})
        tree = self._ask("browsingContext.getTree")
        self._page = tree["contexts"][0]["context"]
        self._ask("session.subscribe", events=["network.beforeRequestSent"])
        self._ask("browsingContext.setViewport", context=self._page, viewport=self._size)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()

    def open(self, address: str) -> None:
        """Load a page and wait until it is complete."""
        self._ask("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def evaluate(self, script: str) -> Any:
        """Return what an expression, or the promise that it gives, comes to, through JSON."""
        answer = self._ask(
            "script.evaluate",
            expression=f"Promise.resolve({script}).then((found) => JSON.stringify(found) ?? 'null')",
            target={"context": self._page},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer.get("exceptionDetails", {}).get("text")
        return json.loads(answer["result"]["value"])

    def press(self, key: str) -> None:
        """Press a key of WebDriver's table, or a character, where the focus is."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._act({"type": "key", "id": "keyboard", "actions": keys})

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Move a finger from one point to another."""
        moves = [
            {"type": "pointerMove", "x": round(start[0]), "y": round(start[1])},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "x": round(end[0]), "y": round(end[1]), "duration": 50},
            {"type": "pointerUp", "button": 0},
        ]
        self._act(
            {
                "type": "pointer",
                "id": "finger",
                "parameters": {"pointerType": "touch"},
                "actions": moves,
            }
        )

    def _act(self, source: dict[str, Any]) -> None:
        self._ask("input.performActions", context=self._page, actions=[source])

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "network.beforeRequestSent":
                self.requests.append(message["params"]["request"]["url"])
            if message.get("id") == self._number:
                assert message["type"] == "success", message
                return message["result"]
