"""The base handler of both servers: answers GET only, forbids caches and foreign frames, and sends errors as text."""

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
    """Answers GET requests only."""

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
        """Send an error message as the body, because HTTP's reason phrase allows Latin characters only."""
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status}: {sentence}\n")
