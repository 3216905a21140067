"""The base class of the request handlers of both servers.

The handler answers GET requests only, forbids caching, forbids other sites to embed the page, and sends errors as text.
"""

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
    """Base class of request handlers; it answers GET requests only."""

    SUPPORTED_METHODS = ("GET",)
    frames = "DENY"
    """The header ``X-Frame-Options``: whether other pages may show this page in a frame."""

    def set_default_headers(self) -> None:
        """Set headers that forbid caching the page and embedding or reading it from other sites."""
        for name, value in (HEADERS | {"X-Frame-Options": self.frames}).items():
            self.set_header(name, value)
        self.clear_header("Server")

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer a failed request with the reason as text."""
        self.refuse(status_code, self._reason)

    def refuse(self, status: int, sentence: str) -> None:
        """Answer with an error message in the body, because the reason phrase of HTTP allows only Latin characters."""
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status}: {sentence}\n")
