"""Access control: only pages of this server, opened on this machine, may send requests.

A malicious web page in the same browser could send requests to 127.0.0.1, or map its domain name to this address (DNS
rebinding). Because such a page cannot choose the headers Host and Origin, the server checks these headers. The
WebSocket also requires a token that only pages of this server contain.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

NAMES = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Guard:
    """Decides which requests to one port are allowed.

    Parameters
    ----------
    port : int
    token : str
        A secret of this server's pages, new for each server.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The Host headers that a request to this server may have."""
        return tuple(f"{name}:{self.port}" for name in NAMES)

    def refusal(self, headers: Mapping[str, str]) -> str:
        """Return the reason for refusing a request with these headers; an empty text if the request is allowed."""
        if headers.get("Host", "") not in self.hosts:
            return "this server answers only to 127.0.0.1 and localhost"
        origin = headers.get("Origin")
        if origin is not None and origin not in [f"http://{host}" for host in self.hosts]:
            return "this server answers only to its own pages"
        return ""

    def knows(self, token: str) -> bool:
        """Return whether a token is the token of this server's pages."""
        return hmac.compare_digest(token.encode(), self.token.encode())
