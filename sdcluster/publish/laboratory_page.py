"""The HTML page of a laboratory, for a file or for a server.

`html_page(…)` returns the page. A Content-Security-Policy forbids all requests of a page in a file, and allows a served
page only requests to its server. The page contains the model's files only as data: JSON without ``<``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sdcluster.publish.front_end import page


@dataclass(frozen=True)
class Live:
    """The server of a page: `data` about the server for the page's script, `policy` for the allowed connections."""

    data: dict[str, Any]
    policy: str


def html_page(
    title: str,
    language: str,
    described: tuple[dict[str, Any], str] | None,
    live: Live | None = None,
) -> str:
    """Return the HTML page of a laboratory, which may run and load nothing but its own scripts and content.

    Parameters
    ----------
    title : str
        Title of the browser tab.
    language : str
    described : (dict, str), optional
        Description and kernel from `browser_data`; None for a served page that receives them later from its server.
    live : Live, optional
        The server of the page; None for a published page.
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
    """Return data as JSON in ASCII without ``<``, which is safe in JavaScript and inside HTML."""
    return json.dumps(described, allow_nan=False).replace("<", "\\u003c")
