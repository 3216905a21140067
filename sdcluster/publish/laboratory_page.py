"""The HTML page around a laboratory, as a file or as a server's answer.

Crosses the border: `html_page(…)`. A file forbids itself to ask for anything, a served page all but its server
(Content-Security-Policy). The model's files enter it as data only: JSON in which no tag opens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sdcluster.publish.front_end import page


@dataclass(frozen=True)
class Live:
    """The facts that a served page needs about its server: `data` for its script, `policy` for its connections."""

    data: dict[str, Any]
    policy: str


def html_page(
    title: str,
    language: str,
    described: tuple[dict[str, Any], str] | None,
    live: Live | None = None,
) -> str:
    """Return the page of a laboratory; it runs and shows nothing but its own content.

    Parameters
    ----------
    title : str
        Of the browser's tab.
    language : str
    described : (dict, str), optional
        As `browser_data` returns it; a served page can do without until the server sends it.
    live : Live, optional
        Where the page finds its server; a published page has none.
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
    """Return data as text that is the same in JSON, JavaScript and inside a page: names are ASCII, no tag opens."""
    return json.dumps(described, allow_nan=False).replace("<", "\\u003c")
