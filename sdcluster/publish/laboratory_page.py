"""The HTML page of a laboratory, as a file or as a server's answer.

Interface: `html_page(…)`. A Content-Security-Policy forbids all requests of a file, and all but those to its
server of a served page. The model's files are embedded as data only: JSON without ``<``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sdcluster.publish.front_end import page


@dataclass(frozen=True)
class Live:
    """Facts about the server of a page: `data` for its script, `policy` for its connections."""

    data: dict[str, Any]
    policy: str


def html_page(
    title: str,
    language: str,
    described: tuple[dict[str, Any], str] | None,
    live: Live | None = None,
) -> str:
    """Return the page of a laboratory, restricted to its own scripts and content.

    Parameters
    ----------
    title : str
        Title of the browser tab.
    language : str
    described : (dict, str), optional
        Result of `browser_data`; a served page may omit it until the server sends it.
    live : Live, optional
        The page's server; None for a published page.
    """
    parts = {
        "description": "" if described is None else as_json(described[0]),
        "kernel": "" if described is None else described[1],
    }
    if live:
        parts["server"] = as_json(live.data)
    if live is None:
        return page("laboratory", title, language, parts)
    return page("laboratory", title, language, parts, asks=live.policy, script_of="served")


def as_json(described: Mapping[str, Any]) -> str:
    """Return data as ASCII JSON without ``<``, which is safe in JavaScript and inside a page."""
    return json.dumps(described, allow_nan=False).replace("<", "\\u003c")
