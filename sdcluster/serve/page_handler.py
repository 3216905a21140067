"""The base of the handlers of both servers: they answer a GET, forbid caches and foreign frames, and err in text."""

from __future__ import annotations

from typing import Any

from tornado.web import RequestHandler

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Page(RequestHandler):
    """Answers a GET, and nothing else."""

    SUPPORTED_METHODS = ("GET",)
    frames = "DENY"
    """Who may show the page in a frame."""

    def set_default_headers(self) -> None:
        """Forbid caches, other pages and other sites."""
        for name, value in (HEADERS | {"X-Frame-Options": self.frames}).items():
            self.set_header(name, value)
        self.clear_header("Server")

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer with the reason as text."""
        self.refuse(status_code, self._reason)

    def refuse(self, status: int, sentence: str) -> None:
        """Answer with a sentence as text, in any language; the reason of HTTP itself holds Latin letters alone."""
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status}: {sentence}\n")
